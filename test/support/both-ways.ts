import { answerFromImage } from '../../src/collectors/binaries/answer-early.ts'
import { describeImage } from '../../src/collectors/binaries/describe-image.ts'
import type { LayerSource } from '../../src/collectors/binaries/read-layers.ts'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { parseImageConfig } from '../../src/oci/image-config.ts'
import { parseManifest } from '../../src/oci/manifest.ts'
import type { ResolvedImage } from '../../src/oci/platform-image.ts'
import { type LayerContent, readLayer } from '../../src/oci/read-layer.ts'
import { chunks } from './unpack.ts'

export interface LayeredImage {
  /** Bottom first, as they are served. */
  readonly layers: readonly Uint8Array[]
  readonly entrypoint?: readonly string[]
  readonly user?: string
  readonly env?: readonly string[]
  /** Of the lowest layer; default gzip. */
  readonly lowestType?: string
  /** Of the highest layer; default the right one. */
  readonly highestDiffId?: string
  /** What made each layer. */
  readonly history?: readonly string[]
}

export type Said = ReturnType<typeof describeImage>

export interface Answer {
  /** What the check says of the image, or the error's code and message. */
  readonly said: Said | { readonly code: string; readonly message: string }
  /** Indexes of the layers that were read, in order. */
  readonly read: readonly number[]
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const json = (value: unknown) => Buffer.from(JSON.stringify(value))

/** Each layer's content, or why it has none: the answers differ in what they ask for, not in what they get. */
type Contents = readonly (LayerContent | PreflightError)[]

const contentsOf = async (layers: readonly Uint8Array[]): Promise<Contents> =>
  Promise.all(
    layers.map(layer =>
      readLayer(chunks(layer), 'sniff').catch((error: unknown) => {
        if (error instanceof PreflightError) return error
        throw error
      }),
    ),
  )

const resolved = (
  contents: Contents,
  { layers, entrypoint, user, env, history, lowestType, highestDiffId }: LayeredImage,
): ResolvedImage => {
  const diffIds = contents.map(content => (content instanceof PreflightError ? sha256('damaged') : content.diffId))
  if (highestDiffId !== undefined) diffIds[diffIds.length - 1] = highestDiffId
  const config = json({
    os: 'linux',
    architecture: 'amd64',
    config: { Entrypoint: entrypoint, User: user, Env: env },
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: history?.map(step => ({ created_by: step })),
  })
  const bytes = json({
    schemaVersion: 2,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: sha256(config), size: config.length },
    layers: layers.map((layer, index) => ({
      mediaType: (index === 0 ? lowestType : undefined) ?? 'application/vnd.oci.image.layer.v1.tar+gzip',
      digest: sha256(layer),
      size: layer.length,
    })),
  })
  const manifest = parseManifest(bytes, manifestType)
  if (manifest.kind !== 'manifest') throw new Error('an image')
  return { digest: sha256(bytes), manifest, config: parseImageConfig(config) }
}

/** The answer from all layers, and the one where even the smallest layer is worth not being read. */
export const bothWays = async (image: LayeredImage): Promise<{ readonly full: Answer; readonly early: Answer }> => {
  const { layers } = image
  const contents = await contentsOf(layers)
  const whole = resolved(contents, image)
  const ask = async (prove: boolean): Promise<Answer> => {
    const read: number[] = []
    const readOne: LayerSource['read'] = async ({ digest }) => {
      const index = layers.findIndex(layer => sha256(layer) === digest)
      read.push(index)
      const content = contents[index]!
      if (content instanceof PreflightError) throw content
      return { content, cached: false }
    }
    const source: LayerSource = {
      read: readOne,
      readWhole: readOne,
      isHere: async () => false,
      isThere: async () => true,
    }
    try {
      return { said: await answerFromImage(whole, source, unpacked => describeImage(whole, unpacked), { prove, largeBytes: 0 }), read }
    } catch (error) {
      if (!(error instanceof PreflightError)) throw error
      return { said: { code: error.code, message: error.message }, read }
    }
  }
  return { full: await ask(true), early: await ask(false) }
}

/** How many of the lowest layers were not read. */
export const unreadOf = ({ said }: Answer): number => ('code' in said ? 0 : said.layers.filter(({ unread }) => unread).length)

/**
 * Why the two answers disagree; undefined when they do not. What an early one may lack: everything of the unread layers
 * themselves, which is whether they can be unpacked, and the group of a user who is a number.
 */
export const disagreement = ({ full, early }: { readonly full: Answer; readonly early: Answer }): string | undefined => {
  const unread = unreadOf(early)
  if (unread === 0) return JSON.stringify(full.said) === JSON.stringify(early.said) ? undefined : both(full.said, early.said)
  if ('code' in full.said) {
    const broken = Number(/^Layer (\d+) of/.exec(full.said.message)?.[1])
    return broken <= unread ? undefined : both(full.said, early.said)
  }
  const [whole, part] = [comparable(full.said, early.said), comparable(early.said, early.said)]
  return whole === part ? undefined : both(whole, part)
}

const both = (full: unknown, early: unknown): string => `full:  ${JSON.stringify(full)}\nearly: ${JSON.stringify(early)}`

const comparable = (said: Answer['said'], early: Answer['said']): string => {
  if ('code' in said || 'code' in early) return JSON.stringify(said)
  const { layers, proven: _, doubts, user, ...rest } = said
  const unread = early.layers.filter(layer => layer.unread).length
  const { gid, ...named } = user
  return JSON.stringify({
    ...rest,
    user: early.user.gid === undefined ? named : { ...named, gid },
    layers: layers.slice(unread),
    doubts: doubts.slice(doubts.length - early.doubts.length),
  })
}
