/**
 * Where the release stands in an installer of Embedded Cluster 2.19 (utils/pkg/embed/embed.go): base64 between the last of each of two
 * lines. They are put together here so that a program which holds this one is none.
 */
const delimiter = (word: string): Buffer => Buffer.from(`-----${word} APP RELEASE-----`)
const [begin, end] = [delimiter('BEGIN'), delimiter('END')]

/** What must be read before a piece of the file, so that no delimiter is cut in two. */
export const overlapBytes = begin.length

/** Whether a piece of the file has the line with which a release begins; then all behind it has the release. */
export const hasBegin = (piece: Buffer): boolean => piece.lastIndexOf(begin) >= 0

/** The release, a gzip archive, in the last part of an installer; undefined: there is none, or not as it should be. */
export const releaseIn = (tail: Buffer): Buffer | undefined => {
  const first = tail.lastIndexOf(begin)
  const last = tail.lastIndexOf(end)
  if (first < 0 || last < first + begin.length) return undefined
  const encoded = tail.toString('latin1', first + begin.length, last).replace(/[\r\n]/g, '')
  // Go's decoder takes nothing but base64 with its padding; Node's would take anything.
  if (encoded.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(encoded)) return undefined
  return Buffer.from(encoded, 'base64')
}
