import { mutateJson } from './mutate-json.ts'

/** A number below what is asked for, of a seeded generator. */
export type Below = (below: number) => number

/** Changes a sample: a byte here or there, a piece of itself or of another, or, where it is JSON, its structure and what is in it. */
export const mutate = (sample: Buffer, below: Below, others: readonly Buffer[]): Buffer => {
  const json = below(8) === 0 ? undefined : jsonIn(sample)
  if (json !== undefined) return Buffer.from(mutateJson(json, below, inner => mutate(inner, below, others)))
  let changed: Buffer = Buffer.from(sample)
  const isText = changed.length > 0 && changed.every(byte => byte >= 0x09 && byte < 0x7f)
  for (let left = below(below(3) + 1); left >= 0; left--)
    changed = isText && below(2) === 0 ? mutateText(changed, below) : mutateBytes(changed, below, others)
  return changed
}

const jsonIn = (bytes: Buffer): object | undefined => {
  if (bytes[0] !== 0x7b && bytes[0] !== 0x5b) return undefined
  try {
    return JSON.parse(bytes.toString()) as object
  } catch {
    return undefined
  }
}

/** Bytes that readers of lengths stumble over, in DER, CBOR and text. */
const strangeBytes = [0x00, 0x01, 0x7f, 0x80, 0x84, 0xff, 0x30, 0x31, 0xa0, 0x5f, 0x9f, 0xbf, 0xfb, 0x22, 0x5c, 0x0a] as const
/** Pieces to put in, most of them lengths and levels. */
const strangePieces: readonly Buffer[] = [
  Buffer.from('3080', 'hex'),
  Buffer.from('3084ffffffff', 'hex'),
  Buffer.from('0281', 'hex'),
  Buffer.from('0500', 'hex'),
  Buffer.from('5b7fffffffffffffff', 'hex'),
  Buffer.from('9bffffffffffffffff', 'hex'),
  Buffer.from('f97e00', 'hex'),
  Buffer.alloc(3000, 0x81),
  Buffer.from('3003'.repeat(800), 'hex'),
  Buffer.from('['.repeat(5000)),
  Buffer.from('{"a":'.repeat(3000)),
  Buffer.alloc(100_000, 0x41),
]

const mutateBytes = (bytes: Buffer, below: Below, others: readonly Buffer[]): Buffer => {
  const at = below(bytes.length + 1)
  const length = 1 + below(below(4) === 0 ? 200 : 8)
  const insert = (piece: Buffer): Buffer => Buffer.concat([bytes.subarray(0, at), piece, bytes.subarray(at)])
  switch (below(9)) {
    case 0:
    case 1:
      return set(bytes, at, byte => byte ^ (1 << below(8)))
    case 2:
      return set(bytes, at, () => strangeBytes[below(strangeBytes.length)]!)
    case 3:
      return set(bytes, at, byte => byte + (below(2) === 0 ? 1 : -1))
    case 4:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + length)])
    case 5:
      return insert(bytes.subarray(below(bytes.length + 1)).subarray(0, length))
    case 6:
      return insert(strangePieces[below(strangePieces.length)]!)
    case 7: {
      const other = others[below(others.length)] ?? bytes
      return insert(other.subarray(below(other.length + 1)).subarray(0, 8 * length))
    }
    default:
      return bytes.subarray(0, at)
  }
}

const set = (bytes: Buffer, at: number, change: (byte: number) => number): Buffer => {
  const changed = Buffer.from(bytes)
  if (at < changed.length) changed[at] = change(changed[at]!) & 0xff
  return changed
}

/** What YAML and its readers make something of. */
const strangeWords = [
  '&a',
  '*a',
  '<<: *a',
  '!!binary',
  '? ',
  '- ',
  '---\n',
  '...\n',
  '\t',
  '#',
  '|',
  '>-',
  '~',
  '.inf',
  '0x7f',
  "'",
  '"',
  '{',
  '[',
  ']',
  ': ',
  '\r',
] as const

const mutateText = (bytes: Buffer, below: Below): Buffer => {
  const lines = bytes.toString('latin1').split('\n')
  const at = below(lines.length)
  const line = lines[at]!
  const place = below(line.length + 1)
  switch (below(6)) {
    case 0:
      return join(lines.toSpliced(at, 1))
    case 1:
      return join(lines.toSpliced(at, 0, lines[below(lines.length)]!))
    case 2:
      return join(lines.with(at, `${' '.repeat(below(6))}${below(2) === 0 ? line : line.trimStart()}`))
    case 3:
      return join(lines.toSpliced(at, 0, ...Array<string>(1 + below(300)).fill(line)))
    case 4:
      return join(lines.with(at, line.slice(0, place)))
    default:
      return join(lines.with(at, `${line.slice(0, place)}${strangeWords[below(strangeWords.length)]}${line.slice(place)}`))
  }
}

const join = (lines: readonly string[]): Buffer => Buffer.from(lines.join('\n'), 'latin1')
