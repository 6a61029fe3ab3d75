import { expect } from 'chai'
import { matchProvenance } from '../../src/predicates/match-provenance.ts'
import { readProvenance } from '../../src/predicates/provenance.ts'
import { refusal } from '../support/policies.ts'

const [v02, v1] = ['https://slsa.dev/provenance/v0.2', 'https://slsa.dev/provenance/v1']
const commit = '0a'.repeat(20)
const source = { repository: 'https://github.com/acme/plugin', ref: 'refs/tags/v1.0.0', digest: commit }
const generator = 'https://github.com/slsa-framework/slsa-github-generator/.github/workflows/generator_container_slsa3.yml'

const old = (extra: object = {}) => ({
  builder: { id: `${generator}@refs/tags/v1.9.0` },
  buildType: 'https://github.com/slsa-framework/slsa-github-generator/container@v1',
  invocation: {
    configSource: { uri: 'git+https://github.com/acme/plugin@refs/tags/v1.0.0', digest: { sha1: commit }, entryPoint: 'release.yml' },
  },
  ...extra,
})
const current = (externalParameters: unknown, resolvedDependencies: unknown = []) => ({
  buildDefinition: { buildType: 'https://actions.github.io/buildtypes/workflow/v1', externalParameters, resolvedDependencies },
  runDetails: { builder: { id: 'https://github.com/actions/runner/github-hosted' } },
})
const workflow = {
  workflow: { ref: 'refs/tags/v1.0.0', repository: 'https://github.com/acme/plugin', path: '.github/workflows/release.yml' },
}
const dependency = (uri: string, digest: object = { gitCommit: commit }) => ({ uri, digest })

describe('provenance', () => {
  it('of v0.2 says builder and source', () => {
    expect(readProvenance(v02, old())).to.deep.equal({
      version: 'v0.2',
      builderId: `${generator}@refs/tags/v1.9.0`,
      buildType: 'https://github.com/slsa-framework/slsa-github-generator/container@v1',
      source,
    })
  })

  for (const [title, predicate, expected] of [
    ["of GitHub's workflows", current(workflow, [dependency('git+https://github.com/acme/plugin@refs/tags/v1.0.0')]), source],
    [
      'as an address',
      current({ source: `git+https://github.com/acme/plugin@refs/tags/v1.0.0` }, [
        dependency('git+https://github.com/acme/plugin@refs/tags/v1.0.0'),
      ]),
      source,
    ],
    [
      'as a resource with its digest',
      current({ source: { uri: 'git+https://github.com/acme/plugin.git@refs/tags/v1.0.0', digest: { gitCommit: commit } } }),
      source,
    ],
    [
      "as BuildKit's configSource",
      current({ configSource: { uri: 'https://github.com/acme/plugin.git#refs/tags/v1.0.0', digest: { sha1: commit } } }),
      { repository: source.repository, digest: commit },
    ],
    [
      'without a commit when no dependency is of it',
      current(workflow, [dependency('git+https://github.com/other/plugin@refs/tags/v1.0.0')]),
      { repository: source.repository, ref: source.ref },
    ],
    [
      'without a commit when a dependency is of another ref',
      current(workflow, [dependency('git+https://github.com/acme/plugin@refs/heads/main')]),
      { repository: source.repository, ref: source.ref },
    ],
    [
      'without a commit when two differ',
      current(workflow, [dependency(`${source.repository}`), dependency(`${source.repository}`, { gitCommit: 'ff' })]),
      { repository: source.repository, ref: source.ref },
    ],
    [
      'nowhere, when only a dependency looks like one',
      current({}, [dependency('git+https://github.com/acme/plugin@refs/tags/v1.0.0')]),
      undefined,
    ],
    ['nowhere, when it is no address', current({ source: 'plugin' }), undefined],
  ] as const) {
    it(`of v1 has the source ${title}`, () => {
      expect(readProvenance(v1, predicate).source).to.deep.equal(expected)
    })
  }

  for (const [title, type, predicate] of [
    ['another version', 'https://slsa.dev/provenance/v0.1', old()],
    ['v0.2 without builder', v02, old({ builder: undefined })],
    ['v0.2 with an empty builder', v02, old({ builder: { id: '' } })],
    ['v0.2 without buildType', v02, old({ buildType: undefined })],
    ['v0.2 with a source that is a number', v02, old({ invocation: { configSource: { uri: 5 } } })],
    ['v1 read as v0.2', v02, current(workflow)],
    ['v0.2 read as v1', v1, old()],
    ['v1 without parameters', v1, current(undefined)],
    ['v1 with dependencies that are no list', v1, current(workflow, {})],
    ['v1 with a dependency that is none', v1, current(workflow, ['x'])],
    ['a list', v1, []],
  ] as const) {
    it(`is refused: ${title}`, () => {
      expect(refusal(() => readProvenance(type, predicate)).code).to.equal('PREDICATE_INVALID')
    })
  }
})

describe('matchProvenance', () => {
  const provenance = readProvenance(v02, old())
  for (const [title, expected, differences] of [
    ['nothing is expected', {}, []],
    [
      'all is as expected',
      { builderId: provenance.builderId, sourceRepository: source.repository, sourceRef: source.ref, sourceDigest: commit },
      [],
    ],
    ['the builder is expected in any version', { builderId: generator }, []],
    ['the repository is written otherwise', { sourceRepository: 'git+https://github.com/acme/plugin.git/' }, []],
    ['the builder has another version', { builderId: `${generator}@refs/tags/v2.0.0` }, ['builder']],
    ['the builder is another', { builderId: 'https://github.com/actions/runner' }, ['builder']],
    ['the builder begins alike', { builderId: generator.slice(0, -4) }, ['builder']],
    ['the repository is another', { sourceRepository: 'https://github.com/acme/plugin2' }, ['source repository']],
    ['ref and commit are others', { sourceRef: 'refs/heads/main', sourceDigest: 'ff' }, ['source ref', 'source digest']],
  ] as const) {
    it(`finds ${differences.length === 0 ? 'no difference' : differences.join(' and ')} when ${title}`, () => {
      expect(matchProvenance(provenance, expected).map(({ what }) => what)).to.deep.equal(differences)
    })
  }

  it('takes what is not said for a difference', () => {
    const silent = readProvenance(v1, current({}))
    expect(matchProvenance(silent, { sourceRepository: source.repository })).to.deep.equal([
      { what: 'source repository', expected: source.repository, found: 'not said' },
    ])
  })
})
