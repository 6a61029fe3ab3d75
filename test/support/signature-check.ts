import type { Judgement } from '../../src/analyzers/analyzer.ts'
import { signature as analyzer } from '../../src/analyzers/signature.ts'
import type { SignatureSource } from '../../src/collectors/collector.ts'
import { signature as collector } from '../../src/collectors/signature.ts'
import { type Digest, digestOf, sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import type { SignatureFact } from '../../src/facts/signature.ts'
import type { SignaturePolicy, TrustedKey } from '../../src/policy/policy.ts'
import type { NotationTrust } from '../../src/trust/notation.ts'
import { imageAccess } from '../../src/world/image-access.ts'
import type { LocalImages } from '../../src/world/local-images.ts'
import type { DockerConfigStore, RegistryClient, SecretStore } from '../../src/world/world.ts'
import type { Signer } from './cosign.ts'

export interface Collected {
  readonly facts: readonly SignatureFact[]
  readonly blobs: Map<Digest, Uint8Array>
}

export const pluginName = 'velero-postgresql'

export interface CollectOptions {
  readonly sources?: readonly SignatureSource[]
  readonly secrets?: SecretStore
  readonly dockerConfig?: DockerConfigStore
  readonly podSecrets?: readonly string[]
  /** Folders and archives, which `registry` reads too. */
  readonly local?: LocalImages
}

/** Runs the collector on images of a registry, as plugins `velero-postgresql`, `velero-postgresql-2` and so on. */
export const collectSignatures = async (
  registry: RegistryClient,
  images: readonly string[],
  platforms: readonly string[] = ['linux/amd64'],
  { sources = [], secrets, dockerConfig, podSecrets = [], local }: CollectOptions = {},
): Promise<Collected> => {
  const blobs = new Map<Digest, Uint8Array>()
  const open = imageAccess({ registry, secrets, dockerConfig, namespace: 'velero', podSecrets, ...(local && { local }) })
  const facts = await collector.collect({
    plugins: images.map((image, i) => ({ plugin: i === 0 ? pluginName : `${pluginName}-${i + 1}`, image })),
    platforms,
    configs: [],
    signatureSources: sources,
    world: { registry, secrets, dockerConfig, namespace: 'velero', now: new Date(0), open },
    keep(bytes) {
      const digest = sha256(bytes)
      blobs.set(digest, bytes)
      return digest
    },
    signal: new AbortController().signal,
    progress: () => {},
  })
  return { facts, blobs }
}

export interface JudgeOptions {
  readonly keys?: readonly (Signer | TrustedKey)[]
  readonly requireSignatures?: boolean
  readonly platforms?: readonly string[]
  readonly policy?: Partial<SignaturePolicy<NotationTrust>>
  readonly at?: Date
}

/** Runs the analyzer on what was collected, with nothing else at hand. */
export const judgeSignatures = ({ facts, blobs }: Collected, options: JudgeOptions = {}): readonly Judgement[] => {
  const keys = (options.keys ?? []).map((key, i) =>
    'pem' in key ? key : { name: i === 0 ? 'cosign.pub' : `cosign${i + 1}.pub`, pem: key.publicPem },
  )
  return analyzer.analyze({
    plugins: facts.map(({ plugin, image }) => ({ plugin, image })),
    platforms: options.platforms ?? ['linux/amd64'],
    schema: 'auto',
    policy: { keys, requireSignatures: options.requireSignatures ?? false, ...options.policy },
    at: options.at ?? new Date(0),
    // A collection goes through a file, so it is read as one here too.
    read: () => JSON.parse(JSON.stringify(facts)),
    blob(digest) {
      const bytes = blobs.get(digest)
      if (bytes === undefined) throw new PreflightError('FACT_MISSING', `The blob ${digest} is not in the bundle.`)
      if (digestOf(bytes, digest) !== digest) throw new PreflightError('FACT_ALTERED', `The blob ${digest} in the bundle was altered.`)
      return bytes
    },
  })
}

/** Status, code, message and evidence of the one finding, or of the first. */
export const findingOf = (judgements: readonly Judgement[]) => {
  const [finding] = judgements[0]?.findings ?? []
  if (finding === undefined) throw new Error('there is no finding')
  return { ...finding, evidence: finding.evidence ?? [] }
}
