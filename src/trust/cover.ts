import type { Digest } from '../digest.ts'
import type { Collected } from './where.ts'

/** The image that a node of this platform runs; undefined when that is not known. */
export interface Required {
  readonly platform: string
  readonly digest: Digest | undefined
  /** Why it is not known, where that leaves open what hangs on it: not when there is no such image. */
  readonly gap?: string
}

/** The images of an index that are needed; none for a single manifest, which every node runs. */
export const requiredImages = (fact: Collected, platforms: readonly string[]): readonly Required[] =>
  fact.root === 'manifest' ? [] : platforms.map(platform => requiredImage(fact, platform))

const requiredImage = ({ platforms }: Collected, platform: string): Required => {
  const known = platforms.find(other => other.platform === platform)
  if (known === undefined) return { platform, digest: undefined, gap: 'it was not looked for when the facts were collected' }
  if (known.ok) return { platform, digest: known.digest }
  return { platform, digest: undefined, ...(known.code === 'PLATFORM_NOT_FOUND' ? {} : { gap: known.message }) }
}

/** How far attestations reach: one of what the reference points at covers all, else every needed image has its own. */
export type Cover<T> =
  | { readonly kind: 'root'; readonly by: T }
  | { readonly kind: 'images'; readonly by: readonly (Required & { readonly with: T })[] }
  | { readonly kind: 'some'; readonly by: readonly (Required & { readonly with: T })[]; readonly without: readonly Required[] }
  | { readonly kind: 'none' }

/** @param all the best first */
export const coverOf = <T extends { readonly subject: Digest }>(
  root: Digest,
  required: readonly Required[],
  all: readonly T[],
): Cover<T> => {
  const ofRoot = all.find(({ subject }) => subject === root)
  if (ofRoot !== undefined) return { kind: 'root', by: ofRoot }
  const each = required.map(image => ({ ...image, with: all.find(({ subject }) => subject === image.digest) }))
  const by = each.flatMap(one => (one.with === undefined ? [] : [{ ...one, with: one.with }]))
  if (by.length === 0) return { kind: 'none' }
  const without = each.filter(one => one.with === undefined)
  return without.length === 0 ? { kind: 'images', by } : { kind: 'some', by, without }
}
