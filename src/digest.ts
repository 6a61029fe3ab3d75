import { createHash, type Hash } from 'node:crypto'

/** `sha256:<64 hex>` or `sha512:<128 hex>`, lower case (OCI image-spec 1.1 descriptor.md, "Digests"). */
export type Digest = string

const lengths = { sha256: 64, sha512: 128 } as const
export type DigestAlgorithm = keyof typeof lengths

export const sha256 = (bytes: Uint8Array | string): Digest => `sha256:${createHash('sha256').update(bytes).digest('hex')}`

/** True for a digest of a registered algorithm with lower-case hex of the right length, as go-digest validates. */
export const isDigest = (text: string): boolean => {
  const [algorithm, hex, ...rest] = text.split(':')
  const length = lengths[algorithm as DigestAlgorithm]
  return rest.length === 0 && length !== undefined && hex?.length === length && /^[0-9a-f]+$/.test(hex)
}

/** A running hash for `digest`'s algorithm, and whether what went through it has that digest. */
export const digester = (digest: Digest): { readonly hash: Hash; matches(): boolean; value(): Digest } => {
  const algorithm = digest.slice(0, digest.indexOf(':'))
  const hash = createHash(algorithm)
  let value: Digest | undefined
  const end = () => {
    value ??= `${algorithm}:${hash.digest('hex')}`
    return value
  }
  return { hash, value: end, matches: () => end() === digest }
}

export const digestOf = (bytes: Uint8Array, like: Digest): Digest => {
  const { hash, value } = digester(like)
  hash.update(bytes)
  return value()
}
