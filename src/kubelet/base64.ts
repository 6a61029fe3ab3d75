/**
 * The bytes of Go's base64 StdEncoding (padded, in groups of four) or RawStdEncoding (unpadded); line breaks are passed over.
 * The URL-safe alphabet is an error, as in Go; what bits are left over is not.
 */
export const decodeGoBase64 = (text: string, padding: 'padded' | 'unpadded'): Buffer | undefined => {
  const plain = text.replace(/[\r\n]/g, '')
  const body = padding === 'padded' ? plain.replace(/={1,2}$/, '') : plain
  if (!/^[A-Za-z0-9+/]*$/.test(body) || body.length % 4 === 1) return undefined
  if (padding === 'padded' && (plain.length % 4 !== 0 || plain.length - body.length > 2)) return undefined
  return Buffer.from(body, 'base64')
}
