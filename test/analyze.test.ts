import { expect } from 'chai'
import { type AnalyzeOptions, analyze } from '../src/analyze.ts'
import { pluginsOf } from '../src/embedded-cluster/plugins.ts'
import { type ErrorCode, PreflightError } from '../src/errors.ts'
import type { ImageFact } from '../src/facts/image.ts'
import type { CheckKind, Collection, FactKind } from '../src/facts.ts'
import type { Report } from '../src/outcome.ts'
import { parsePolicyFile } from '../src/policy/policy-file.ts'
import { exitCodeOf } from '../src/report.ts'
import type { SpecAnalyzer } from '../src/spec.ts'
import { collectedOf } from './support/collected-signatures.ts'
import { configFacts, configOf } from './support/config-facts.ts'
import { newSigner } from './support/cosign.ts'
import { document } from './support/policies.ts'
import { tinyImage } from './support/signed-image.ts'

const digest = `sha256:${'a'.repeat(64)}`
const credential = { kind: 'anonymous' } as const
const found = (plugin: string): ImageFact => ({
  plugin,
  image: `r.example.com/${plugin}:v1`,
  attempts: [{ credential, ok: true, digest }],
  otherAttempts: [],
  ok: true,
  reference: `r.example.com/${plugin}:v1`,
  host: 'r.example.com',
  digest,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  kind: 'manifest',
  credential,
  platforms: ['linux/amd64'],
  required: [{ platform: 'linux/amd64', ok: true, digest, mediaType: 'm', configPlatform: 'linux/amd64', layersBytes: 1, layers: 1 }],
  warnings: [],
})
const lost = (plugin: string, code: ErrorCode): ImageFact => {
  const failure = { ok: false, code, message: 'Something happened.', hint: 'Do something.' } as const
  return { plugin, image: `r.example.com/${plugin}:v1`, attempts: [{ credential, ...failure }], otherAttempts: [], ...failure }
}
const broken = { plugin: 'b', image: 'r.example.com/b:v1', ok: true } as ImageFact

const configs = configFacts(configOf(['{name: a, image: "r.example.com/a:v1"}', '{name: b, image: "r.example.com/b:v1"}']))

const judged = (image: readonly ImageFact[], more: Partial<SpecAnalyzer> = {}, options: Partial<AnalyzeOptions> = {}): Report => {
  const collection: Collection = {
    collectedAt: '2026-11-23T12:00:00.000Z',
    version: '1.0.0',
    platforms: ['linux/amd64'],
    schema: 'auto',
    checks: ['image'],
    facts: { config: configs, image },
    blobs: new Map(),
  }
  return analyze({
    collection,
    plugins: pluginsOf(configs, 'auto'),
    analyzers: [{ kind: 'image', exclude: false, strict: false, ...more }],
    policy: { keys: [], requireSignatures: false },
    at: new Date(collection.collectedAt),
    schema: 'auto',
    platforms: ['linux/amd64'],
    ...options,
  })
}
const short = ({ results }: Report) => results.map(({ plugin, status, code }) => `${plugin}: ${status} ${code}`)

const alwaysPass: Partial<SpecAnalyzer> = { outcomes: [{ status: 'pass', message: 'fine' }] }

describe('analyze', () => {
  it('judges every plugin of the Config', () => {
    expect(short(judged([found('a'), found('b')]))).to.deep.equal(['a: pass IMAGE_RESOLVED', 'b: pass IMAGE_RESOLVED'])
  })

  for (const [what, facts, code] of [
    ['no facts', [found('a')], 'FACT_MISSING'],
    ['facts of another image', [found('a'), { ...found('b'), image: 'r.example.com/b:v2' }], 'FACT_MISSING'],
    ['facts that no analyzer understands', [found('a'), broken], 'INTERNAL'],
  ] as const) {
    it(`fails a plugin of which there are ${what}, and judges the others as if it were not there`, () => {
      const report = judged(facts)
      expect(short(report)).to.deep.equal(['a: pass IMAGE_RESOLVED', `b: fail ${code}`])
      expect(report.results[1]?.message).to.match(/^b: /)
    })

    it(`lets no spec make a pass of ${what}`, () => {
      expect(short(judged(facts, alwaysPass))).to.deep.equal(['a: pass IMAGE_RESOLVED', `b: fail ${code}`])
    })
  }

  it('fails all plugins when there are no facts at all, each by its name', () => {
    const report = judged([])
    expect(short(report)).to.deep.equal(['a: fail FACT_MISSING', 'b: fail FACT_MISSING'])
    expect(report.results.map(({ message }) => message.slice(0, 3))).to.deep.equal(['a: ', 'b: '])
    expect(report.results[1]?.message).to.not.contain('r.example.com/a')
  })

  it('fails a check whose facts do not hold for what is asked now, and says why', () => {
    const unfit = new Map<FactKind, PreflightError>([['image', new PreflightError('FACT_MISSING', 'Of another schema.')]])
    const report = judged([found('a'), found('b')], alwaysPass, { unfit })
    expect(short(report)).to.deep.equal(['a: fail FACT_MISSING', 'b: fail FACT_MISSING'])
    expect(report.results[0]?.message).to.equal('a: Of another schema.')
  })

  it('escapes what a name holds in its own messages and in those of a spec', () => {
    const plugins = [{ plugin: 'a\u001b[2J', image: 'r.example.com/a:v1' }]
    const message = (more: Partial<SpecAnalyzer>) => judged([], more, { plugins }).results[0]?.message
    expect(message({})).to.match(/^a\\u001b\[2J: /)
    const facts = [{ ...found('a'), plugin: 'a\u001b[2J' }]
    const outcomes = [{ status: 'warn', message: '{{ .plugin }} is there' }] as const
    expect(judged(facts, { outcomes }, { plugins }).results[0]?.message).to.equal('a\\u001b[2J is there')
  })

  it('never gives a result without a finding', () => {
    const report = judged([found('a'), found('b')], { kind: 'binaries' }, { platforms: [] })
    for (const { findings, message } of report.results) expect(findings.map(finding => finding.message)).to.include(message)
  })

  describe('of a policy that asks for attestations instead of a signature', () => {
    const image = tinyImage('plugin')
    const authority = { key: { data: newSigner().publicPem }, attestations: [{ name: 'sbom', predicateType: 'spdxjson' }] }
    const policyOf = (name: string, ...authorities: readonly object[]) =>
      parsePolicyFile(document({ images: [{ glob: '**' }], authorities }, { name }), `${name}.yaml`).policies
    const checked = (kinds: readonly CheckKind[], policies = policyOf('p', authority)): readonly string[] => {
      const { facts, blobs } = collectedOf(image, [])
      const { results, notChecked } = judged(
        [],
        {},
        {
          collection: { collectedAt: '', version: '', platforms: [], schema: 'auto', checks: [], facts: { signature: facts }, blobs },
          plugins: facts.map(({ plugin, image }) => ({ plugin, image })),
          analyzers: kinds.map(kind => ({ kind, exclude: false, strict: false })),
          policy: { keys: [], requireSignatures: false, policies },
        },
      )
      return [
        ...results.map(({ check, status, code }) => `${check}: ${status} ${code}`),
        ...notChecked.map(({ check }) => `${check}: not checked`),
      ]
    }
    it('fails the check of signatures alone, where nobody else does', () => {
      expect(checked(['signature'])).to.deep.equal(['signature: fail SIGNATURE_ATTESTATION'])
    })
    it('fails that of attestations, and not twice', () => {
      for (const kinds of [['signature', 'attestation'] as const, ['attestation', 'signature'] as const])
        expect(checked(kinds)).to.deep.equal(['attestation: fail ATTESTATION_POLICY_UNMET', 'signature: not checked'])
    })
    it('fails both where something else is wrong with the signatures, too', () => {
      const both = [...policyOf('p', authority), ...policyOf('q', { key: authority.key })]
      expect(checked(['signature', 'attestation'], both).map(line => line.split(' ')[1])).to.deep.equal(['fail', 'fail'])
    })
  })

  for (const code of ['TIMED_OUT', 'INTERRUPTED'] as const) {
    for (const [what, outcomes] of [
      ['', {}],
      [', whatever a spec makes of it', alwaysPass],
    ] as const) {
      it(`lists what was not done before ${code} as not checked, and ends with 1${what}`, () => {
        const report = judged([found('a'), lost('b', code)], outcomes)
        expect(short(report)).to.deep.equal(['a: pass IMAGE_RESOLVED'])
        expect(report.notChecked).to.deep.equal([{ check: 'image', plugin: 'b', why: 'Something happened.' }])
        expect(report.error).to.deep.equal({ code, message: 'Something happened.', hint: 'Do something.' })
        expect(exitCodeOf(report)).to.equal(1)
      })
    }
  }
})
