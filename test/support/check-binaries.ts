import type { Judgement } from '../../src/analyzers/analyzer.ts'
import { binaries as analyzer } from '../../src/analyzers/binaries.ts'
import { binaries as collector } from '../../src/collectors/binaries.ts'
import type { CollectContext } from '../../src/collectors/collector.ts'
import { type Digest, sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import type { BinariesFact } from '../../src/facts/binaries.ts'
import type { Plugin } from '../../src/facts/fact.ts'
import { parseReference } from '../../src/oci/reference.ts'
import type { ImageAccess, LayerCache, RegistryClient, World } from '../../src/world/world.ts'
import type { BuiltImage } from './image-builder.ts'

export interface BinariesCheckOptions {
  /** Plugins by name, in the order of the Config; an error is what opening the image ends with. */
  readonly plugins: Readonly<Record<string, BuiltImage | PreflightError>>
  readonly platforms?: readonly string[]
  readonly veleroVersion?: string
  /** Blobs that are refused, each with its error. */
  readonly refused?: ReadonlyMap<Digest, PreflightError>
  readonly signal?: AbortSignal
  readonly layerCache?: LayerCache
  readonly prove?: boolean
  /** What the registry makes of a part that was asked for; default: it gives it. */
  readonly part?: (part: Uint8Array, start: number) => Uint8Array | undefined
}

export interface BinariesCheck {
  readonly facts: readonly BinariesFact[]
  /** Digests of the layers that were read, in order. */
  readonly layersRead: readonly Digest[]
  /** Bytes of layers that were fetched in parts. */
  readonly partBytes: number
  readonly judgements: readonly Judgement[]
  /** `plugin: status CODE` of every finding. */
  readonly codes: readonly string[]
  /** All messages of a plugin in one text. */
  message(plugin: string): string
}

/** Collects from a registry without network, and judges what was found. */
export const checkBinaries = async (options: BinariesCheckOptions): Promise<BinariesCheck> => {
  const { platforms = ['linux/amd64'] } = options
  const plugins: readonly Plugin[] = Object.keys(options.plugins).map(name => ({ plugin: name, image: `registry.example.com/${name}:v1` }))
  const layersRead: Digest[] = []
  const traffic = { layersRead, partBytes: 0 }
  const world = fakeWorld(options, traffic)
  const context = {
    configs: [],
    plugins,
    platforms,
    world,
    prove: options.prove === true,
    keep: sha256,
    signal: options.signal ?? new AbortController().signal,
    progress: () => undefined,
  } satisfies CollectContext
  const facts = await collector.collect(context)
  return { facts, ...traffic, ...judgeBinaries(facts, plugins, platforms, options.veleroVersion) }
}

/** The analyzer over facts that are plain objects. */
export const judgeBinaries = (
  facts: readonly BinariesFact[],
  plugins: readonly Plugin[],
  platforms: readonly string[],
  veleroVersion?: string,
): Pick<BinariesCheck, 'judgements' | 'codes' | 'message'> => {
  const judgements = analyzer.analyze({
    plugins,
    platforms,
    schema: 'auto',
    policy: { keys: [], requireSignatures: false },
    at: new Date(0),
    ...(veleroVersion === undefined ? {} : { veleroVersion }),
    read: () => facts as never,
    blob: () => {
      throw new Error('no blob is needed')
    },
  })
  return {
    judgements,
    codes: judgements.flatMap(({ plugin, findings }) => findings.map(({ status, code }) => `${plugin}: ${status} ${code}`)),
    message: plugin => judgements.flatMap(one => (one.plugin === plugin ? one.findings.map(({ message }) => message) : [])).join('\n'),
  }
}

const fakeWorld = (
  { plugins, refused, layerCache, part = bytes => bytes }: BinariesCheckOptions,
  traffic: { readonly layersRead: Digest[]; partBytes: number },
): World => {
  const images = Object.values(plugins).filter((image): image is BuiltImage => !(image instanceof PreflightError))
  const blobs = new Map<Digest, Uint8Array>(
    images.flatMap(image => [...image.blobs, [image.manifest.digest, image.manifest.bytes] as const]),
  )
  const find = (digest: Digest): Uint8Array => {
    const error = refused?.get(digest)
    if (error !== undefined) throw error
    const bytes = blobs.get(digest)
    if (bytes === undefined) throw new PreflightError('BLOB_NOT_FOUND', `There is no ${digest}.`)
    return bytes
  }
  const registry: RegistryClient = {
    manifest: async (_image, reference) => ({
      bytes: find(reference),
      mediaType: '',
      digest: reference,
      host: 'registry.example.com',
      warnings: [],
    }),
    blobBytes: async (_image, { digest }) => find(digest),
    hasBlob: async (_image, { digest }) => blobs.has(digest) && refused?.has(digest) !== true,
    blob: async function* (_image, { digest }) {
      traffic.layersRead.push(digest)
      const bytes = find(digest)
      for (let at = 0; at < bytes.length; at += 10_000) yield bytes.subarray(at, at + 10_000)
    },
    blobRange: async (_image, { digest }, { start, end }) => {
      const bytes = part(find(digest).subarray(start, end), start)
      traffic.partBytes += bytes?.length ?? 0
      return bytes
    },
    referrers: async () => undefined,
    close: async () => undefined,
  }
  const anonymous = { kind: 'anonymous' } as const
  return {
    registry,
    secrets: undefined,
    dockerConfig: undefined,
    ...(layerCache && { layerCache }),
    namespace: 'velero',
    now: new Date(0),
    open: async ({ plugin, image }): Promise<ImageAccess> => {
      const built = plugins[plugin]!
      const access = { image: parseReference(image), otherAttempts: [], keyring: [], podSecrets: [] }
      if (built instanceof PreflightError) {
        return {
          ...access,
          attempts: [
            {
              credential: anonymous,
              ok: false,
              code: built.code,
              message: built.message,
              ...(built.hint === undefined ? {} : { hint: built.hint }),
            },
          ],
        }
      }
      const served = { ...built.manifest, host: 'registry.example.com', warnings: [] }
      return {
        ...access,
        attempts: [{ credential: anonymous, ok: true, digest: served.digest }],
        opened: { as: undefined, source: anonymous, served },
      }
    },
  }
}
