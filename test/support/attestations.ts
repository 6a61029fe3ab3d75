import type { AnalyzeInput, Analyzer, Judgement } from '../../src/analyzers/analyzer.ts'
import { PreflightError } from '../../src/errors.ts'
import type { CheckKind } from '../../src/facts.ts'
import type { TrustedKey } from '../../src/policy/policy.ts'
import { predicateShortNames } from '../../src/predicates/predicate-types.ts'
import { dsseType } from './attached.ts'
import { readerOf } from './collected-signatures.ts'
import { type Artifact, bundleBytes, bundleOf, bundleReferrer, type Signer, type Subject, signatureTagOf, statementOf } from './cosign.ts'
import type { Collected } from './signature-check.ts'

export const types = predicateShortNames as Readonly<
  Record<'vuln' | 'openvex' | 'spdxjson' | 'cyclonedx' | 'slsaprovenance' | 'slsaprovenance1' | 'custom', string>
>

export interface Attested {
  /** In full. */
  readonly type: string
  readonly predicate?: unknown
  /** Another image that it is about. */
  readonly about?: string
}

/** A statement as `cosign attest` makes it. */
export const statement = (subject: Pick<Subject, 'digest'>, { type, predicate = {}, about = subject.digest }: Attested): object => ({
  ...statementOf(about, type),
  predicate,
})

/** `cosign attest --new-bundle-format=false`, once for each. */
export const inTag = (subject: Pick<Subject, 'digest'>, signer: Signer, ...all: readonly Attested[]): Artifact => {
  const layers = all.map(one => ({
    payload: Buffer.from(JSON.stringify(bundleOf(signer, statement(subject, one)).dsseEnvelope)),
    annotations: { 'dev.cosignproject.cosign/signature': '', predicateType: one.type },
    mediaType: dsseType,
  }))
  return { ...signatureTagOf(subject.digest, layers), tag: `${subject.digest.replace(':', '-')}.att` }
}

/** `cosign attest` of cosign 3. */
export const inBundle = (subject: Subject, signer: Signer, one: Attested): Artifact =>
  bundleReferrer(subject, bundleBytes(bundleOf(signer, statement(subject, one))), one.type)

export const spdxDocument = { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', packages: [{ name: 'a' }, { name: 'b' }] }
export const cyclonedxDocument = { bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ name: 'a' }] }

export const builder = 'https://github.com/acme/builder/.github/workflows/image.yml'
export const provenance = (repository = 'https://github.com/acme/plugin', builderId = `${builder}@refs/tags/v1`) => ({
  buildDefinition: {
    buildType: 'https://actions.github.io/buildtypes/workflow/v1',
    externalParameters: { workflow: { ref: 'refs/tags/v1.0.0', repository, path: '.github/workflows/release.yml' } },
    resolvedDependencies: [],
  },
  runDetails: { builder: { id: builderId } },
})

/** An OpenVEX document with one statement; about all that it is attested for unless it names products. */
export const vexDocument = (extra: object = {}) => ({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://acme.example/vex/1',
  author: 'security@acme.example',
  timestamp: '2026-11-22T10:00:00Z',
  version: 1,
  statements: [
    {
      vulnerability: { name: 'CVE-2026-1000' },
      status: 'not_affected',
      justification: 'vulnerable_code_not_in_execute_path',
      ...extra,
    },
  ],
})

export interface JudgeOptions extends Partial<Omit<AnalyzeInput['policy'], 'keys'>> {
  readonly keys?: readonly (Signer | TrustedKey)[]
  readonly platforms?: readonly string[]
  readonly at?: Date
  /** Facts of scanners. */
  readonly scans?: readonly object[]
}

/** Runs an analyzer on what was collected, with nothing else at hand. */
export const judgeBy = (
  analyzer: Analyzer<Exclude<CheckKind, 'config' | 'cluster'>>,
  collected: Collected,
  { keys = [], platforms = ['linux/amd64'], at = new Date('2026-11-23T10:00:00Z'), scans, ...policy }: JudgeOptions,
): Judgement => {
  const facts: Readonly<Record<string, readonly object[] | undefined>> = { signature: collected.facts, vulnerability: scans }
  const [judgement] = analyzer.analyze({
    plugins: collected.facts.map(({ plugin, image }) => ({ plugin, image })),
    platforms,
    schema: 'auto',
    policy: {
      requireSignatures: false,
      ...policy,
      keys: keys.map((key, index) =>
        'pem' in key ? key : { name: index === 0 ? 'cosign.pub' : `cosign${index + 1}.pub`, pem: key.publicPem },
      ),
    },
    at,
    // A collection goes through a file, so it is read as one here too.
    read: kind => {
      const items = facts[kind]
      if (items === undefined) throw new PreflightError('FACT_MISSING', `Nothing was collected for ${kind}.`)
      return JSON.parse(JSON.stringify(items))
    },
    blob: readerOf(collected),
  })
  if (judgement === undefined) throw new Error('nothing was judged')
  return judgement
}

/** `status CODE` of each finding. */
export const codes = ({ findings }: Judgement): readonly string[] => findings.map(({ status, code }) => `${status} ${code}`)
export const messages = ({ findings }: Judgement): string => findings.map(({ message }) => message).join('\n')
export const evidence = ({ findings }: Judgement): string => findings.flatMap(({ evidence = [] }) => evidence).join('\n')
