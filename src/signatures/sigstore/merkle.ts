import { createHash } from 'node:crypto'

/** RFC 6962 2.1: leaves and nodes are hashed apart. */
export const leafHash = (leaf: Uint8Array): Buffer =>
  createHash('sha256')
    .update(Buffer.from([0]))
    .update(leaf)
    .digest()
const nodeHash = (left: Uint8Array, right: Uint8Array): Buffer =>
  createHash('sha256')
    .update(Buffer.from([1]))
    .update(left)
    .update(right)
    .digest()

/**
 * The root of the tree of `size` leaves in which `leaf` is the one at `index`, by the path that is given; undefined when a path of
 * such a leaf has another length.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9162#section-2.1.3.2
 */
export const rootOf = (leaf: Buffer, index: bigint, size: bigint, path: readonly Buffer[]): Buffer | undefined => {
  if (index < 0n || index >= size || path.some(({ length }) => length !== 32)) return undefined
  let [node, last, hash] = [index, size - 1n, leaf]
  for (const sibling of path) {
    if (last === 0n) return undefined
    if ((node & 1n) === 1n || node === last) {
      hash = nodeHash(sibling, hash)
      // The last node of a level without a sibling goes up as it is.
      while ((node & 1n) === 0n && node !== 0n) [node, last] = [node >> 1n, last >> 1n]
    } else hash = nodeHash(hash, sibling)
    ;[node, last] = [node >> 1n, last >> 1n]
  }
  return last === 0n ? hash : undefined
}
