import { analyze, inputOf } from './analyze.ts'
import { type ImageTable, signatureTables } from './analyzers/signature/table.ts'
import { collect } from './collect.ts'
import { podSecretsOf } from './embedded-cluster/pod-secrets.ts'
import { PreflightError } from './errors.ts'
import type { Plugin } from './facts/fact.ts'
import type { Collection } from './facts.ts'
import { isLocalReference, parseLocalReference } from './oci/transport.ts'
import type { Report } from './outcome.ts'
import { wantsAttestations } from './policy/attestation-rule.ts'
import { hasSignatures, type Live, platformsOf, withSecretsOf } from './preflight.ts'
import { readPolicies, readTrust, withTrustedRoot } from './read-trust.ts'
import type { Settings } from './settings.ts'
import { rootWords } from './trust/root-words.ts'
import { sourcesOf } from './trust/sources.ts'
import { liveWorld } from './world/live.ts'
import { loadCluster } from './world/load-cluster.ts'
import { requireLocalImages } from './world/local-images.ts'

/** What is said of images alone, and all that hangs on them. */
export interface Verification {
  readonly report: Report
  readonly tables: readonly ImageTable[]
  /** The images of which everything holds that was asked. */
  readonly verified: ReadonlySet<string>
  /** The trusted root by which certificates and logs were judged, with its date, as a sentence; absent: none was needed. */
  readonly trustedRoot?: string
}

/** Each image stands for itself: nothing else names it. */
const pluginsOf = (images: readonly string[]): readonly Plugin[] => [...new Set(images)].map(image => ({ plugin: image, image }))

/** What hangs on these images, collected as for a Config's. @throws PreflightError for what the user gave */
export const collectImages = async (images: readonly string[], settings: Settings, live: Live): Promise<Collection> => {
  const empty = images.find(image => image.trim() === '')
  if (empty !== undefined) throw new PreflightError('USAGE', 'An image is empty.', { hint: 'It is registry/repository:tag or @digest.' })
  const plugins = pluginsOf(images)
  await requireLocalImages(images.filter(isLocalReference).map(parseLocalReference), 'the image')
  const { secrets, dockerConfig, license, namespace, network, now, signatureRepository } = settings
  const { signal, trace, meter, progress } = live
  const ofPolicies = sourcesOf((await readPolicies(settings.trust)).policies, plugins)
  const cluster = await loadCluster(settings, live)
  try {
    const world = await liveWorld({
      cluster,
      pod: withSecretsOf(ofPolicies, podSecretsOf([], plugins, cluster?.fact())),
      everySecret: true,
      images: new Map(),
      cache: undefined,
      license: license === undefined ? undefined : { file: license, domains: [], onNodes: true },
      ...{ secrets, dockerConfig, namespace, now, signal, trace, meter },
      ...network,
    })
    try {
      const needed = platformsOf(settings, world.cluster)
      const signatureSources = [...(signatureRepository === undefined ? [] : [{ repository: signatureRepository }]), ...ofPolicies]
      const context = { configs: [], plugins, platforms: needed.platforms, world, signal, signatureSources }
      // There is no Config of which to tell.
      const ofSignatures: typeof progress = event => (event.check === 'config' ? undefined : progress(event))
      return { ...(await collect({ checks: ['signature'], schema: 'auto', context, progress: ofSignatures })), ...needed }
    } finally {
      await world.registry.close()
    }
  } finally {
    await cluster?.close()
  }
}

/** What is asked of each image: signatures, and the attestations that a flag or policy wants. */
export const judgeImages = async (images: readonly string[], collection: Collection, settings: Settings): Promise<Verification> => {
  const { attestations } = settings.required
  const required = { ...(await readTrust(settings.trust)), ...(attestations && { attestations }) }
  const policy = await withTrustedRoot(required, settings.trust, hasSignatures(collection))
  const { platforms } = collection
  const plugins = pluginsOf(images)
  const given = { collection, plugins, policy, at: settings.at ?? settings.now, schema: 'auto' as const, platforms }
  const attested = attestations !== undefined || wantsAttestations(policy, images)
  const kinds = attested ? (['signature', 'attestation'] as const) : (['signature'] as const)
  const report = analyze({ ...given, analyzers: kinds.map(kind => ({ kind, exclude: false, strict: false })) })
  const { trustedRoot } = policy
  return {
    report,
    tables: signatureTables(inputOf(given)),
    verified: new Set(plugins.map(({ plugin }) => plugin).filter(image => isVerified(report, image))),
    ...(trustedRoot === undefined ? {} : { trustedRoot: rootWords(trustedRoot, given.at) }),
  }
}

/** Somebody who is trusted signed it, and nothing that was asked fails; a warning beside that is none of these. */
const isVerified = ({ results }: Report, image: string): boolean => {
  const ofImage = results.filter(({ plugin }) => plugin === image)
  const signed = ofImage.some(({ findings }) => findings.some(({ code }) => code === 'SIGNATURE_VERIFIED'))
  return signed && ofImage.every(({ status }) => status !== 'fail')
}
