import { expect } from 'chai'
import type { Judgement } from '../../src/analyzers/analyzer.ts'
import { upgrade } from '../../src/analyzers/upgrade.ts'
import type { Finding } from '../../src/outcome.ts'
import {
  built,
  bytesOf,
  clusterOf,
  digest,
  failed,
  installedOf,
  judgeUpgrade,
  node,
  refusing,
  served,
  type UpgradeCase,
} from '../support/upgrade-facts.ts'

const a1 = 'a r.io/acme/a:v1.0.0'
const a2 = 'a r.io/acme/a:v1.1.0'
const b1 = 'b r.io/acme/b:v1.0.0'
/** As pods name what they were made of: the digest of the index. */
const running = (text: string, word = text.split(' ')[1]!) => `${text} ${text.split(' ')[1]!.split(':')[0]}@${digest(word)}`

const seen = new Set<string>()
const judge = (given: UpgradeCase): readonly Judgement[] => {
  const judgements = judgeUpgrade(given)
  for (const { findings, values } of judgements) {
    expect(findings).to.not.deep.equal([])
    expect(Object.keys(values).toSorted()).to.deep.equal(Object.keys(upgrade.values).toSorted())
    for (const { status, code } of findings) {
      seen.add(code)
      expect(upgrade.codes[code]?.status, code).to.equal(status)
    }
  }
  return judgements
}
const of = (judgements: readonly Judgement[], name?: string): Judgement => {
  const found = judgements.filter(({ plugin }) => plugin === name)
  expect(found).to.have.length(1)
  return found[0]!
}
const codesOf = ({ findings }: Judgement) => findings.map(({ status, code }) => `${status} ${code}`)
const codes = (given: UpgradeCase, name?: string) => codesOf(of(judge(given), name))
const findingOf = (given: UpgradeCase, code: string, name?: string): Finding => {
  const found = of(judge(given), name).findings.filter(one => one.code === code)
  expect(found, code).to.have.length(1)
  return found[0]!
}
/** What an upgrade by the admin console does is said of every other case too. */
const quiet = { more: 'version: 3.0.0' } as const

describe('upgrade analyzer: of one plugin', () => {
  it('passes what stays as it is, and says that the bytes do', () => {
    const given = { plugins: [a1], cluster: clusterOf([running(a1)]) }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED'])
    expect(of(judge(given), 'a').findings[0]?.message).to.equal(
      `a: r.io/acme/a:v1.0.0 as before. Its pod runs what the registry has: ${digest('r.io/acme/a:v1.0.0')}.`,
    )
  })

  it('takes one reference for the same however it is spelt', () => {
    const given = { plugins: ['a docker.io/library/a:v1'], cluster: clusterOf(['a a:v1 docker.io/library/a@' + digest('x')]) }
    const facts = [served('a', 'docker.io/library/a:v1', 'x')]
    expect(codes({ ...given, installed: installedOf(['a a:v1']), served: facts }, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED'])
  })

  it('passes what is new', () => {
    const given = { plugins: [a1, b1], installed: installedOf([a1]), cluster: clusterOf([running(a1)]) }
    expect(codes(given, 'b')).to.deep.equal(['pass UPGRADE_ADDED'])
    expect(of(judge(given), 'b').values.change).to.equal('added')
  })

  for (const [to, status, code, change] of [
    ['r.io/acme/a:v1.1.0', 'pass', 'UPGRADE_UPDATED', 'updated'],
    ['r.io/acme/a:v0.9.9', 'warn', 'UPGRADE_DOWNGRADED', 'downgraded'],
    ['r.io/acme/a:v1.0.0-rc.1', 'warn', 'UPGRADE_DOWNGRADED', 'downgraded'],
    [`r.io/acme/a:v1.0.0@${digest('d')}`, 'pass', 'UPGRADE_UPDATED', 'updated'],
    ['other.io/mirror/a:v1.1.0', 'pass', 'UPGRADE_UPDATED', 'updated'],
    ['other.io/mirror/a:v0.1.0', 'warn', 'UPGRADE_DOWNGRADED', 'downgraded'],
    ['r.io/acme/a:latest', 'warn', 'UPGRADE_VERSIONS_UNKNOWN', 'unknown'],
    ['r.io/acme/a', 'warn', 'UPGRADE_VERSIONS_UNKNOWN', 'unknown'],
    [`r.io/acme/a@${digest('d')}`, 'warn', 'UPGRADE_VERSIONS_UNKNOWN', 'unknown'],
    ['no reference', 'warn', 'UPGRADE_VERSIONS_UNKNOWN', 'unknown'],
    ['r.io/acme/other:v9.0.0', 'warn', 'UPGRADE_REPLACED', 'replaced'],
  ] as const)
    it(`says of r.io/acme/a:v1.0.0 and then ${to.slice(0, 40)}: ${status} ${code}`, () => {
      const image = to === 'no reference' ? 'UPPER//' : to
      const given = { plugins: [`a ${image}`], installed: installedOf([a1]), cluster: clusterOf([running(a1)]) }
      const judged = of(judge(given), 'a')
      expect(codesOf(judged)).to.include(`${status} ${code}`)
      expect(judged.values.change).to.equal(change)
      const finding = judged.findings.find(one => one.code === code)
      expect(finding?.message).to.match(/^a: from r\.io\/acme\/a:v1\.0\.0 to /)
    })

  it('takes two references with one digest for the same, whatever their tags', () => {
    const pinned = digest('d')
    const given = {
      plugins: [`a r.io/acme/a:v2@${pinned}`],
      installed: installedOf([`a r.io/acme/a:v3@${pinned}`]),
      cluster: clusterOf([`a r.io/acme/a:v3@${pinned} r.io/acme/a@${pinned}`]),
    }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED'])
  })

  it('finds what a plugin was called before by its repository', () => {
    const given = { plugins: ['new r.io/acme/a:v1.1.0'], installed: installedOf([a1]), cluster: clusterOf([running(a1)]) }
    expect(codes(given, 'new')).to.deep.equal(['pass UPGRADE_UPDATED', 'pass UPGRADE_RENAMED'])
    expect(judge(given).map(({ plugin }) => plugin)).to.deep.equal([undefined, 'new'])
  })

  it('does not take a plugin that stays for what another one was called before', () => {
    const given = { plugins: [a1, 'c r.io/acme/a:v1.0.0'], installed: installedOf([a1]), cluster: clusterOf([running(a1)]) }
    expect(codes(given, 'c')).to.include('pass UPGRADE_ADDED')
  })

  it('warns of a plugin that is installed but does not run', () => {
    const given = { plugins: [a1], cluster: clusterOf([]) }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED', 'warn UPGRADE_NOT_RUNNING'])
  })

  it('warns of a plugin that runs with another image than is installed', () => {
    const given = { plugins: [a2], installed: installedOf([a1]), cluster: clusterOf([running('a r.io/acme/a:v1.0.5')]) }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UPDATED', 'warn UPGRADE_RUNS_OTHER'])
    expect(findingOf(given, 'UPGRADE_UPDATED', 'a').message).to.contain('from r.io/acme/a:v1.0.5')
  })

  it('compares with what runs, which may be later than what is installed', () => {
    const given = { plugins: [a2], installed: installedOf([a1]), cluster: clusterOf([running('a r.io/acme/a:v1.2.0')]) }
    expect(codes(given, 'a')).to.include('warn UPGRADE_DOWNGRADED')
  })
})

describe('upgrade analyzer: the bytes of a tag', () => {
  const image = 'r.io/acme/a:v1.0.0'
  const runs = (imageId: string, facts = served('a', image, 'now')): UpgradeCase => ({
    plugins: [a1],
    cluster: clusterOf([`a ${image} ${imageId}`]),
    served: [facts],
  })
  const other = { digest: digest('then'), ok: true, platforms: [bytesOf('then')] } as const

  for (const [what, imageId, facts] of [
    ['the index', `r.io/acme/a@${digest('now')}`, served('a', image, 'now')],
    ['the index, with the scheme of an older runtime', `docker-pullable://r.io/acme/a@${digest('now')}`, served('a', image, 'now')],
    ["the platform's manifest", `r.io/acme/a@${digest('now linux/amd64')}`, served('a', image, 'now')],
    ['the config, of an image that came as a file', digest('config now linux/amd64'), served('a', image, 'now')],
    [
      'another index with the same image',
      `r.io/acme/a@${digest('then')}`,
      served('a', image, 'now', { others: [{ ...other, platforms: [bytesOf('now')] }] }),
    ],
  ] as const)
    it(`are those of the registry when the pod runs ${what}`, () => {
      expect(codes(runs(imageId, facts), 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED'])
      expect(of(judge(runs(imageId, facts)), 'a').values.retagged).to.equal(false)
    })

  for (const [what, imageId, facts, evidence] of [
    ['another index', `r.io/acme/a@${digest('then')}`, served('a', image, 'now', { others: [other] }), /^the pod velero-1 runs sha256:\w+$/],
    [
      'an index of the same image for one platform and of another for the second',
      `r.io/acme/a@${digest('then')}`,
      served('a', image, 'now', {
        platforms: [bytesOf('now'), bytesOf('now', 'linux/arm64')],
        others: [{ ...other, platforms: [bytesOf('now'), bytesOf('then', 'linux/arm64')] }],
      }),
      /^the pod velero-1 runs/,
    ],
    [
      'a digest that the registry does not have any more',
      `r.io/acme/a@${digest('then')}`,
      served('a', image, 'now', { others: [{ digest: digest('then'), ...failed('MANIFEST_NOT_FOUND') }] }),
      /which the registry does not have any more$/,
    ],
    [
      'a digest that could not be read',
      `r.io/acme/a@${digest('then')}`,
      served('a', image, 'now', { others: [{ digest: digest('then'), ...failed('REGISTRY_TIMEOUT') }] }),
      /which could not be read: REGISTRY_TIMEOUT$/,
    ],
    ['another config', digest('another'), served('a', image, 'now'), /^the pod/],
  ] as const)
    it(`are others when the pod runs ${what}`, () => {
      const given = runs(imageId, facts)
      expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED', 'warn UPGRADE_RETAGGED'])
      expect(findingOf(given, 'UPGRADE_RETAGGED', 'a').evidence?.[0]).to.match(evidence)
      expect(of(judge(given), 'a').values.retagged).to.equal(true)
    })

  it('are others when a node has other ones under the tag, whether a pod runs them or not', () => {
    const nodes = [
      node('a', [image, `r.io/acme/a@${digest('r.io/acme/a:v1.0.0')}`]),
      node('b', ['r.io/acme/a:v0.1.0', `r.io/acme/a@${digest('old')}`], [image, `r.io/acme/a@${digest('then')}`]),
    ]
    const given = { plugins: [a1], cluster: clusterOf([running(a1)], { nodes }) }
    expect(findingOf(given, 'UPGRADE_RETAGGED', 'a').evidence).to.deep.equal([`the node b has ${digest('then')}`])
  })

  it('are those that a digest names', () => {
    const pinned = `a r.io/acme/a:v1.0.0@${digest('now')}`
    const given = { plugins: [pinned], cluster: clusterOf([`${pinned} r.io/acme/a@${digest('now')}`]) }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED'])
    expect(of(judge(given), 'a').findings[0]?.message).to.match(/Its digest says which bytes\.$/)
  })

  it('are not known of an init container that was never made: a warn', () => {
    const given = { plugins: [a1], cluster: clusterOf([`a ${image}`]) }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED', 'warn UPGRADE_RUNNING_UNKNOWN'])
  })

  it('are not known of an image that could not be opened: a fail', () => {
    const given = { plugins: [a1], cluster: clusterOf([running(a1)]), served: [{ plugin: 'a', image, ...failed('REGISTRY_DENIED') }] }
    expect(codes(given, 'a')).to.deep.equal(['pass UPGRADE_UNCHANGED', 'fail UPGRADE_IMAGE_UNREAD'])
    expect(codes(given)).to.include('warn UPGRADE_PULL_UNKNOWN')
  })

  it('are not known of an image of which nothing was collected: a fail', () => {
    expect(codes({ plugins: [a1], served: [] }, 'a')).to.include('fail UPGRADE_IMAGE_UNREAD')
  })
})

describe('upgrade analyzer: what is removed', () => {
  it('has a result of its own for each plugin that is installed and not in the new Config', () => {
    const given = { plugins: [a1], installed: installedOf([a1, b1]), cluster: clusterOf([running(a1), running(b1)]) }
    expect(codes(given, 'b')).to.deep.equal(['warn UPGRADE_REMOVED'])
    expect(of(judge(given), 'b').values).to.include({ change: 'removed', removed: 1 })
    expect(findingOf(given, 'UPGRADE_REMOVED', 'b').message).to.contain('b: r.io/acme/b:v1.0.0 is installed, and not in the new Config')
  })

  it('has one for what was added by hand', () => {
    const given = { plugins: [a1], cluster: clusterOf([running(a1), running(b1)]) }
    expect(findingOf(given, 'UPGRADE_REMOVED', 'b').message).to.contain('somebody added it by hand')
  })

  it('has one for what is installed and does not run', () => {
    const given = { plugins: [a1], installed: installedOf([a1, b1]), cluster: clusterOf([running(a1)]) }
    expect(findingOf(given, 'UPGRADE_REMOVED', 'b').message).to.contain('does not run')
  })

  it("has none for Embedded Cluster's own plugin", () => {
    expect(judge({ plugins: [a1], cluster: clusterOf([running(a1)]) }).map(({ plugin }) => plugin)).to.deep.equal([undefined, 'a'])
  })
})
