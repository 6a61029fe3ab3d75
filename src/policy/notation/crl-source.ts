/** A revocation list that the user hands in: nothing is fetched. */
export interface CrlSource {
  /** For messages. */
  readonly file: string
  /** Hex of the SHA-256 of the URL that it comes from, as in the file names of notation's cache; undefined when nobody knows. */
  readonly urlHash: string | undefined
  readonly base: Uint8Array
  readonly delta: Uint8Array | undefined
}
