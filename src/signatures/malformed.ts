/** What a signature's writer got wrong, in a few words; caught where the signature is judged, and a failed step there. */
export class Malformed extends Error {
  override readonly name = 'Malformed'
}
