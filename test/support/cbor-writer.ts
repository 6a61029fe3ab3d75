/** Writes CBOR (RFC 8949) from plain values; `raw` stands for bytes that are put in as they are. */
export type CborInput =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | readonly CborInput[]
  | ReadonlyMap<CborInput, CborInput>
  | { readonly raw: Uint8Array }

export const raw = (...parts: readonly (Uint8Array | string)[]): { readonly raw: Buffer } => ({
  raw: Buffer.concat(parts.map(part => (typeof part === 'string' ? Buffer.from(part, 'hex') : part))),
})

export const tagged = (tag: number, value: CborInput): { readonly raw: Buffer } => raw(head(6, tag), cbor(value))

export const head = (kind: number, number: number | bigint): Buffer => {
  const top = kind << 5
  if (number < 24) return Buffer.from([top | Number(number)])
  if (number < 0x100) return Buffer.from([top | 24, Number(number)])
  const bytes = Buffer.alloc(number < 0x10000 ? 3 : number < 0x100000000 ? 5 : 9)
  bytes[0] = top | (bytes.length === 3 ? 25 : bytes.length === 5 ? 26 : 27)
  if (bytes.length === 9) bytes.writeBigUInt64BE(BigInt(number), 1)
  else bytes.writeUIntBE(Number(number), 1, bytes.length - 1)
  return bytes
}

export const cbor = (value: CborInput): Buffer => {
  if (typeof value === 'number' || typeof value === 'bigint') return value < 0 ? head(1, -1n - BigInt(value)) : head(0, value)
  if (typeof value === 'string') return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'boolean') return Buffer.from([value ? 0xf5 : 0xf4])
  if (value === null) return Buffer.from([0xf6])
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  if (Array.isArray(value)) return Buffer.concat([head(4, value.length), ...value.map(cbor)])
  if (value instanceof Map) return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item)])])
  return Buffer.from((value as { readonly raw: Uint8Array }).raw)
}
