import { type Digest, digestOf, sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import type { FoundSignature, SignatureFact, SignaturePlace } from '../../src/facts/signature.ts'
import type { Artifact } from './cosign.ts'
import { type Collected, pluginName } from './signature-check.ts'
import type { tinyImage, tinyIndex } from './signed-image.ts'

export const repository = 'registry.example.com/acme/plugin'

/** Something that hangs on a digest. */
export interface Hung {
  readonly on: Digest
  readonly artifact: Artifact
  readonly kind?: FoundSignature['kind']
  readonly found?: Partial<FoundSignature>
}

export type FoundFact = Extract<SignatureFact, { ok: true }>

/** What the collector makes of an image, or of an index of two platforms, on which these things hang. */
export const collectedOf = (
  root: ReturnType<typeof tinyImage> | ReturnType<typeof tinyIndex>,
  hung: readonly Hung[],
  change: Partial<FoundFact> = {},
): Collected & { readonly facts: readonly [FoundFact] } => {
  const blobs = new Map<Digest, Uint8Array>([[root.digest, root.bytes]])
  const children = 'child' in root ? ['linux/amd64', 'linux/arm64'].map(platform => ({ platform, image: root.child(platform) })) : []
  const platforms = children.map(({ platform, image: { digest, mediaType, bytes } }) => {
    blobs.set(digest, bytes)
    return { platform, ok: true as const, digest, mediaType, sizeBytes: bytes.length }
  })
  const signatures = hung.flatMap(({ on, artifact, kind, found }): FoundSignature[] => {
    blobs.set(artifact.manifest.digest, artifact.manifest.bytes)
    for (const blob of artifact.blobs.values()) blobs.set(sha256(blob), blob)
    const { layers } = JSON.parse(Buffer.from(artifact.manifest.bytes).toString()) as { layers: { digest: string; mediaType: string }[] }
    return layers.map(({ digest, mediaType }, layer) => ({
      kind: kind ?? kindOf(artifact, mediaType),
      subject: on,
      places: [artifact.tag === undefined ? 'referrersApi' : artifact.tag.endsWith('.att') ? 'attTag' : 'sigTag'],
      manifest: artifact.manifest.digest,
      layer,
      mediaType,
      content: { ok: true, blob: digest },
      ...found,
    }))
  })
  const places = [root.digest, ...platforms.map(({ digest }) => digest)].flatMap((subject): SignaturePlace[] =>
    (['sigTag', 'attTag', 'referrersApi', 'referrersTag'] as const).map(kind => {
      const there = signatures.some(one => one.subject === subject && one.places.includes(kind))
      const at = `${repository}:${subject.replace(':', '-')}`
      return there ? { kind, subject, at, state: 'found', unread: 0 } : { kind, subject, at, state: 'absent' }
    }),
  )
  const fact: FoundFact = {
    plugin: pluginName,
    image: `${repository}:v1`,
    ok: true,
    repository,
    digest: root.digest,
    mediaType: root.mediaType,
    sizeBytes: root.bytes.length,
    root: children.length > 0 ? 'index' : 'manifest',
    platforms,
    places,
    signatures,
    ...change,
  }
  return { facts: [fact], blobs }
}

const kindOf = ({ tag }: Artifact, mediaType: string): FoundSignature['kind'] => {
  if (tag !== undefined) return tag.endsWith('.att') ? 'cosignAttestation' : 'cosign'
  return mediaType.startsWith('application/vnd.dev.sigstore.bundle') ? 'sigstoreBundle' : 'notation'
}

/** As analyzers read blobs of a bundle. */
export const readerOf =
  ({ blobs }: Collected) =>
  (digest: Digest): Uint8Array => {
    const bytes = blobs.get(digest)
    if (bytes === undefined) throw new PreflightError('FACT_MISSING', `The blob ${digest} is not in the bundle.`)
    if (digestOf(bytes, digest) !== digest) throw new PreflightError('FACT_ALTERED', `The blob ${digest} in the bundle was altered.`)
    return bytes
  }
