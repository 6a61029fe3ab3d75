import { PreflightError } from '../errors.ts'

/** Why a layer is no tar archive that containerd unpacks; whoever reads the layer adds which one it is. */
export const corrupt = (what: string): PreflightError => new PreflightError('LAYER_CORRUPT', what)

/** `length` bytes at `start` as text up to the first NUL; latin1, so that no byte of a name is lost. */
export const textField = (block: Buffer, start: number, length: number): string => {
  const nul = block.indexOf(0, start)
  return block.toString('latin1', start, nul < 0 || nul > start + length ? start + length : nul)
}

const isPadding = (byte: number | undefined): boolean => byte === 0x20 || byte === 0

/** An octal field: NULs and spaces around it are padding, and an empty one is 0 (Go 1.26 archive/tar does the same). */
export const octalField = (block: Buffer, start: number, length: number): number => {
  let from = start
  let to = start + length
  while (from < to && isPadding(block[from])) from++
  while (to > from && isPadding(block[to - 1])) to--
  let value = 0
  for (let at = from; at < to && block[at] !== 0; at++) {
    const digit = block[at]! - 0x30
    if (digit < 0 || digit > 7) throw corrupt('a tar header has a number that is not octal')
    value = value * 8 + digit
  }
  return value
}

/** A numeric field: octal, or base-256 in two's complement when its first bit is set (GNU). */
export const numericField = (block: Buffer, start: number, length: number): number | bigint => {
  const first = block[start]!
  if ((first & 0x80) === 0) return octalField(block, start, length)
  const flip = (first & 0x40) === 0 ? 0 : 0xff
  let value = BigInt((first ^ flip) & 0x7f)
  for (let at = start + 1; at < start + length; at++) value = (value << 8n) | BigInt(block[at]! ^ flip)
  if (value >> 63n !== 0n) throw corrupt('a tar header has a number of more than 64 bits')
  return flip === 0 ? value : -value - 1n
}

/** The low `bits` of a number, as the kernel sees an owner or a mode that is wider or negative. */
export const lowBits = (value: number | bigint, bits: number): number =>
  typeof value === 'number' && value >= 0 && value < 2 ** bits ? value : Number(BigInt.asUintN(bits, BigInt(value)))

/** A decimal number in a pax record as Go's strconv.ParseInt takes it: with a sign, of 64 bits. */
export const decimal = (text: string): bigint => {
  const [, sign, digits] = /^([+-]?)0*([0-9]+)$/.exec(text) ?? []
  if (digits === undefined) throw corrupt('a pax record has a number that is not decimal')
  const value = digits.length > 19 ? 1n << 63n : BigInt(digits) * (sign === '-' ? -1n : 1n)
  if (value !== BigInt.asIntN(64, value)) throw corrupt('a pax record has a number of more than 64 bits')
  return value
}
