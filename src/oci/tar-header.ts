import { corrupt, lowBits, numericField, octalField, textField } from './tar-numbers.ts'

export const blockBytes = 512

/** What one header block says, before pax and GNU extensions. Names are latin1: one character a byte. */
export interface TarHeader {
  name: string
  linkName: string
  /** The type flag as one character: `0` file, `5` directory … */
  type: string
  sizeBytes: number
  /** Permission bits with setuid, setgid and sticky. */
  mode: number
  uid: number
  gid: number
  /** False when major or minor does not fit the kernel's 32 bits. */
  deviceFits: boolean
}

type Format = 'v7' | 'ustar' | 'star' | 'gnu'

/**
 * One header block as Go 1.26 archive/tar reads it, which is what containerd unpacks with.
 *
 * @throws PreflightError LAYER_CORRUPT: checksum, or a number in no known form
 */
export const parseHeader = (block: Buffer): TarHeader => {
  const format = formatOf(block)
  const mode = numericField(block, 100, 8)
  const uid = numericField(block, 108, 8)
  const gid = numericField(block, 116, 8)
  const size = numericField(block, 124, 12)
  numericField(block, 136, 12)
  const major = format === 'v7' ? 0 : numericField(block, 329, 8)
  const minor = format === 'v7' ? 0 : numericField(block, 337, 8)
  const prefix = prefixOf(block, format)
  const name = textField(block, 0, 100)
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: textField(block, 157, 100),
    type: block.toString('latin1', 156, 157),
    sizeBytes: Number(size),
    mode: lowBits(mode, 12),
    uid: lowBits(uid, 32),
    gid: lowBits(gid, 32),
    deviceFits: [major, minor].every(number => number >= 0 && number <= 0xffffffff),
  }
}

const formatOf = (block: Buffer): Format => {
  if (!checksumFits(block)) throw corrupt('a tar header has a wrong checksum')
  const magic = block.toString('latin1', 257, 265)
  if (magic.startsWith('ustar\0')) return block.toString('latin1', 508, 512) === 'tar\0' ? 'star' : 'ustar'
  return magic === 'ustar  \0' ? 'gnu' : 'v7'
}

/** POSIX sums unsigned bytes, old Sun tar signed ones; either is taken. */
const checksumFits = (block: Buffer): boolean => {
  const expected = octalField(block, 148, 8)
  let unsigned = 8 * 0x20
  let high = 0
  for (let at = 0; at < blockBytes; at++) {
    if (at >= 148 && at < 156) continue
    const byte = block[at]!
    unsigned += byte
    if (byte > 0x7f) high++
  }
  return expected === unsigned || expected === unsigned - 256 * high
}

const prefixOf = (block: Buffer, format: Format): string => {
  if (format === 'ustar') return textField(block, 345, 155)
  if (format === 'star') {
    numericField(block, 476, 12)
    numericField(block, 488, 12)
    return textField(block, 345, 131)
  }
  return format === 'gnu' && !gnuTimesParse(block) ? oldGoPrefix(block) : ''
}

/** Go before 1.8 wrote a prefix into GNU headers; where the two times in that place do not parse, it is taken as one. */
const oldGoPrefix = (block: Buffer): string => {
  const prefix = textField(block, 345, 155)
  return [...prefix].every(character => character < '\x80') ? prefix : ''
}

const gnuTimesParse = (block: Buffer): boolean => {
  try {
    for (const start of [345, 357]) if (block[start] !== 0) numericField(block, start, 12)
    return true
  } catch {
    return false
  }
}
