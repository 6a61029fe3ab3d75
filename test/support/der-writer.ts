/** Writes DER (X.690): what a test puts together need not be valid. */
export const der = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content)
  const digits = body.length.toString(16)
  const size = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return Buffer.concat([
    Buffer.from([tag, ...(body.length < 128 ? [] : [0x80 + size.length]), ...(body.length < 128 ? [body.length] : size)]),
    body,
  ])
}

export const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content)
export const set = (...content: readonly Uint8Array[]): Buffer => der(0x31, ...content)
export const octets = (bytes: Uint8Array): Buffer => der(0x04, bytes)
export const bits = (bytes: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.from([unused]), bytes)
export const bool = (value: boolean): Buffer => der(0x01, Buffer.from([value ? 0xff : 0]))
export const nil = der(0x05)
export const explicit = (number: number, ...content: readonly Uint8Array[]): Buffer => der(0xa0 | number, ...content)
export const implicit = (number: number, bytes: Uint8Array): Buffer => der(0x80 | number, bytes)
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text))

export const integer = (value: number | bigint): Buffer => {
  const digits = value.toString(16)
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return der(0x02, bytes[0]! >= 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes)
}

export const oid = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const arc = (value: number): number[] => {
    const groups = [value & 0x7f]
    for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) groups.unshift((left & 0x7f) | 0x80)
    return groups
  }
  return der(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(arc)))
}

/** GeneralizedTime, which also holds years past 2049; `fraction` as it is written, with its dot. */
export const generalizedTime = (iso: string, fraction = ''): Buffer =>
  der(0x18, Buffer.from(`${new Date(iso).toISOString().replace(/[-:T]|\..*/g, '')}${fraction}Z`))

/** BIT STRING with named bits, without trailing zeros. */
export const namedBits = (numbers: readonly number[]): Buffer => {
  const highest = Math.max(-1, ...numbers)
  const bytes = Buffer.alloc(Math.ceil((highest + 1) / 8))
  for (const number of numbers) bytes[number >> 3] = bytes[number >> 3]! | (0x80 >> (number & 7))
  return bits(bytes, bytes.length * 8 - highest - 1)
}
