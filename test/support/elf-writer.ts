export interface ElfOptions {
  readonly architecture?: 'amd64' | 'arm64'
  /** Text of `go version -m`, without the first line; absent: not built by Go. */
  readonly modules?: string
  readonly goVersion?: string
  /** The dynamic loader, `/lib64/ld-linux-x86-64.so.2`; absent: static. */
  readonly interpreter?: string
  /** Strings among its data: `GLIBC_2.34`. */
  readonly strings?: readonly string[]
  /** Padded to at least this. */
  readonly sizeBytes?: number
}

const machines = { amd64: 62, arm64: 183 } as const
/** exit(0): Linux's syscall 60 on amd64, 93 on arm64. */
const code = {
  amd64: Buffer.from('b83c00000031ff0f05', 'hex'),
  arm64: Buffer.from('a80b80d2000080d2010000d4', 'hex'),
} as const

const headerBytes = 64
const programHeaderBytes = 56
const base = 0x400000n
/** Large enough for every page size of Linux on these machines. */
const alignment = 0x10000n
const flags = { execute: 1, write: 2, read: 4 } as const
const segments = { load: 1, dynamic: 2, interpreter: 3 } as const

interface Segment {
  readonly type: number
  readonly flags: number
  readonly offset: number
  readonly sizeBytes: number
  readonly address: bigint
}

const programHeader = ({ type, flags, offset, sizeBytes, address }: Segment): Buffer => {
  const header = Buffer.alloc(programHeaderBytes)
  header.writeUInt32LE(type, 0)
  header.writeUInt32LE(flags, 4)
  header.writeBigUInt64LE(BigInt(offset), 8)
  header.writeBigUInt64LE(address, 16)
  header.writeBigUInt64LE(address, 24)
  header.writeBigUInt64LE(BigInt(sizeBytes), 32)
  header.writeBigUInt64LE(BigInt(sizeBytes), 40)
  header.writeBigUInt64LE(type === segments.load ? alignment : 1n, 48)
  return header
}

const fileHeader = (architecture: 'amd64' | 'arm64', entry: bigint, programHeaders: number): Buffer => {
  const header = Buffer.alloc(headerBytes)
  header.write('\x7fELF\x02\x01\x01', 0, 'latin1')
  header.writeUInt16LE(2, 16)
  header.writeUInt16LE(machines[architecture], 18)
  header.writeUInt32LE(1, 20)
  header.writeBigUInt64LE(entry, 24)
  header.writeBigUInt64LE(BigInt(headerBytes), 32)
  header.writeUInt16LE(headerBytes, 52)
  header.writeUInt16LE(programHeaderBytes, 54)
  header.writeUInt16LE(programHeaders, 56)
  return header
}

const varint = (value: number): Buffer => {
  const bytes: number[] = []
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 0x80) return Buffer.from([...bytes, rest])
    bytes.push((rest & 0x7f) | 0x80)
  }
}

const counted = (bytes: Buffer): Buffer => Buffer.concat([varint(bytes.length), bytes])

/** Go 1.18 and later (debug/buildinfo): magic, pointer size 8, inline strings; the lines between two marks of 16 bytes. */
const buildInfo = (goVersion: string, modules: string): Buffer => {
  const header = Buffer.alloc(32)
  header.write('\xff Go buildinf:\x08\x02', 0, 'latin1')
  const start = Buffer.from('3077af0c9274080241e1c107e6d618e6', 'hex')
  const end = Buffer.from('f932433186182072008242104116d8f2', 'hex')
  return Buffer.concat([header, counted(Buffer.from(goVersion)), counted(Buffer.concat([start, Buffer.from(modules), end]))])
}

const pad = (bytes: Buffer, to: number): Buffer => Buffer.concat([bytes, Buffer.alloc((to - (bytes.length % to)) % to)])

/** What glibc's loader asks of a program that needs no library: empty tables of strings and symbols, both at `address`. */
const dynamicSection = (address: bigint): Buffer => {
  const tags = { strings: 5n, symbols: 6n, stringBytes: 10n, symbolBytes: 11n, end: 0n }
  const words = [tags.strings, address, tags.symbols, address, tags.stringBytes, 1n, tags.symbolBytes, 24n, tags.end, 0n]
  return Buffer.from(new BigUint64Array(words).buffer)
}

/**
 * A small ELF file that really runs (and exits with 0) on its machine, with its loader where it has one, and that
 * `go version -m` reads when it has modules.
 */
export const elf = ({
  architecture = 'amd64',
  modules,
  goVersion = 'go1.25.8',
  interpreter,
  strings = [],
  sizeBytes = 0,
}: ElfOptions = {}): Buffer => {
  const count = interpreter === undefined ? 2 : 4
  const head = headerBytes + count * programHeaderBytes
  const loader = interpreter === undefined ? Buffer.alloc(0) : Buffer.from(`${interpreter}\0`)
  const beforeCode = Math.ceil((head + loader.length) / 16) * 16
  const textBytes = beforeCode + 16
  const dataAt = base + alignment + BigInt(textBytes)
  const info = modules === undefined ? Buffer.alloc(16) : buildInfo(goVersion, modules)
  const content = Buffer.concat([pad(info, 16), Buffer.from(strings.map(string => `${string}\0`).join(''))])
  const room = Buffer.concat([content, Buffer.alloc(Math.max(32, sizeBytes - textBytes - content.length - 96))])
  const filled = pad(room, 16)
  const section = interpreter === undefined ? Buffer.alloc(0) : dynamicSection(dataAt + BigInt(filled.length - 32))
  const data = Buffer.concat([filled, section])
  const load = { type: segments.load, flags: flags.read | flags.write, offset: textBytes, sizeBytes: data.length, address: dataAt }
  const headers = [
    ...(interpreter === undefined
      ? []
      : [{ type: segments.interpreter, flags: flags.read, offset: head, sizeBytes: loader.length, address: base + BigInt(head) }]),
    { type: segments.load, flags: flags.read | flags.execute, offset: 0, sizeBytes: textBytes, address: base },
    load,
    ...(interpreter === undefined
      ? []
      : [
          {
            ...load,
            type: segments.dynamic,
            offset: textBytes + filled.length,
            sizeBytes: section.length,
            address: dataAt + BigInt(filled.length),
          },
        ]),
  ]
  const start = Buffer.concat([fileHeader(architecture, base + BigInt(beforeCode), count), ...headers.map(programHeader), loader])
  const padded = Buffer.concat([start, Buffer.alloc(beforeCode - start.length), code[architecture]])
  return Buffer.concat([padded, Buffer.alloc(textBytes - padded.length), data])
}
