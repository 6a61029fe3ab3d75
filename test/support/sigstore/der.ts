/** DER (X.690), written here apart from what reads it in the product. */
export const der = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content)
  const digits = body.length.toString(16)
  const size = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.from([tag, ...(body.length < 128 ? [] : [0x80 + size.length]), ...size]), body])
}
export const sequence = (...content: readonly Uint8Array[]): Buffer => der(0x30, ...content)
export const set = (...content: readonly Uint8Array[]): Buffer => der(0x31, ...content)
export const octets = (...content: readonly Uint8Array[]): Buffer => der(0x04, ...content)
export const bits = (content: Uint8Array, unused = 0): Buffer => der(0x03, Buffer.from([unused]), content)
export const utf8 = (text: string): Buffer => der(0x0c, Buffer.from(text))
export const integer = (value: number): Buffer => der(0x02, Buffer.from([value]))
export const yes = Buffer.from([0x01, 0x01, 0xff])
export const nothing = Buffer.from([0x05, 0x00])
/** `[n]` around others. */
export const explicit = (n: number, ...content: readonly Uint8Array[]): Buffer => der(0xa0 | n, ...content)
/** `[n]` instead of a primitive's own tag. */
export const implicit = (n: number, text: string | Uint8Array): Buffer => der(0x80 | n, Buffer.from(text))

export const oid = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const arc = (value: number): readonly number[] => {
    const low = [value & 0x7f]
    for (let left = Math.floor(value / 128); left > 0; left = Math.floor(left / 128)) low.unshift((left & 0x7f) | 0x80)
    return low
  }
  return der(0x06, Buffer.from([first * 40 + second, ...rest].flatMap(arc)))
}

/** As RFC 5280 4.1.2.5 writes times of certificates: UTCTime through 2049. */
export const certificateTime = (date: Date): Buffer => {
  const text = date.toISOString().replace(/[-:T]|\..*/g, '')
  return date.getUTCFullYear() < 2050 ? der(0x17, Buffer.from(`${text.slice(2)}Z`)) : generalizedTime(date)
}

/** GeneralizedTime, with the fraction as it is written: `.5`. */
export const generalizedTime = (date: Date, fraction = ''): Buffer =>
  der(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\..*/g, '')}${fraction}Z`))

export const pem = (bytes: Uint8Array): string =>
  [
    '-----BEGIN CERTIFICATE-----',
    ...(Buffer.from(bytes)
      .toString('base64')
      .match(/.{1,64}/g) ?? []),
    '-----END CERTIFICATE-----',
    '',
  ].join('\n')
