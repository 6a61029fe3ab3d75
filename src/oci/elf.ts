/** What the headers of an ELF file say (System V ABI 4.1, chapters 4 and 5; machine numbers from its registry). */
export interface Elf {
  readonly bits: 32 | 64
  readonly littleEndian: boolean
  /** `dyn` is a position independent executable or a library. */
  readonly type: 'exec' | 'dyn' | 'other'
  /** As Go names architectures: `amd64`, `arm64` …; `machine <number>` for others. */
  readonly machine: string
  /** Path of the dynamic loader that the kernel starts, from PT_INTERP; empty when it stands too far into the file to be seen. */
  readonly interpreter?: string
  /** It has a dynamic section: it is linked at run time, or can be. */
  readonly dynamic: boolean
  /** Bytes that its segments need of the file; a shorter file is cut off. */
  readonly neededBytes: number
  /** Where in the file its writable data begins: a Go program has its build information there. */
  readonly dataOffset?: number
  /** Why the kernel refuses to run it on any machine (`exec format error`). */
  readonly fault?: string
}

const machines: Readonly<Record<number, string>> = {
  3: '386',
  8: 'mips',
  20: 'ppc',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'amd64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
}

/** Linux reads no more program headers than fit one page of 64 KiB. */
export const elfHeadBytes = 65_536
const programHeaderBytes = { 32: 32, 64: 56 } as const
const segment = { load: 1, dynamic: 2, interpreter: 3 } as const
const [executable, writable] = [1, 2] as const

export const isElf = (head: Buffer): boolean => head.length >= 4 && head.readUInt32BE(0) === 0x7f454c46

/** @param head the first {@link elfHeadBytes} of the file, or all of it */
export const parseElf = (head: Buffer): Elf => {
  const bits = head[4] === 1 ? 32 : 64
  const littleEndian = head[5] !== 2
  if (head.length < (bits === 32 ? 52 : 64) || head[4] === 0 || head[4]! > 2)
    return broken('its ELF header is cut off or of no known class')
  const { u16, word } = fields(head, bits, littleEndian)
  const number = u16(18)
  const common = {
    bits,
    littleEndian,
    type: ({ 2: 'exec', 3: 'dyn' } as const)[u16(16)] ?? 'other',
    machine: nameOf(number, bits, littleEndian),
  } as const
  const start = word(bits === 32 ? 28 : 32)
  const count = u16(bits === 32 ? 44 : 56)
  const size = programHeaderBytes[bits]
  if (common.type === 'other') return { ...common, dynamic: false, neededBytes: 0, fault: 'it is an ELF file, but no executable' }
  if (count === 0 || u16(bits === 32 ? 42 : 54) !== size || count * size > elfHeadBytes) {
    return { ...common, dynamic: false, neededBytes: 0, fault: 'its ELF header names no program headers' }
  }
  // Legal, and rare: tools that rewrite a file put them at its end
  if (start + count * size > head.length) return { ...common, dynamic: true, interpreter: '', neededBytes: start + count * size }
  return { ...common, ...segments(head, bits, littleEndian, start, count) }
}

const broken = (fault: string): Elf => ({
  bits: 64,
  littleEndian: true,
  type: 'other',
  machine: 'unknown',
  dynamic: false,
  neededBytes: 0,
  fault,
})

/** Go has names of their own for some variants of one machine number. */
const nameOf = (machine: number, bits: 32 | 64, littleEndian: boolean): string => {
  const name = machines[machine] ?? `machine ${machine}`
  if (name === 'mips') return `mips${bits === 64 ? '64' : ''}${littleEndian ? 'le' : ''}`
  return name === 'ppc64' && littleEndian ? 'ppc64le' : name
}

const fields = (head: Buffer, bits: 32 | 64, littleEndian: boolean) => ({
  u16: (at: number): number => (littleEndian ? head.readUInt16LE(at) : head.readUInt16BE(at)),
  u32: (at: number): number => (littleEndian ? head.readUInt32LE(at) : head.readUInt32BE(at)),
  word: (at: number): number =>
    bits === 32
      ? littleEndian
        ? head.readUInt32LE(at)
        : head.readUInt32BE(at)
      : Number(littleEndian ? head.readBigUInt64LE(at) : head.readBigUInt64BE(at)),
})

const segments = (head: Buffer, bits: 32 | 64, littleEndian: boolean, start: number, count: number) => {
  const { u32, word } = fields(head, bits, littleEndian)
  const size = programHeaderBytes[bits]
  const headers = Array.from({ length: count }, (_, index) => {
    const at = start + index * size
    const flags = u32(at + (bits === 32 ? 24 : 4))
    return { type: u32(at), flags, offset: word(at + (bits === 32 ? 4 : 8)), fileBytes: word(at + (bits === 32 ? 16 : 32)) }
  })
  const data = headers.find(({ type, flags }) => type === segment.load && (flags & (executable | writable)) === writable)
  const needed = headers.filter(({ type }) => type === segment.load).map(({ offset, fileBytes }) => offset + fileBytes)
  const named = headers.find(({ type }) => type === segment.interpreter)
  const interpreter = named === undefined ? undefined : pathAt(head, named)
  return {
    dynamic: headers.some(({ type }) => type === segment.dynamic),
    neededBytes: Math.max(0, ...needed),
    ...(interpreter === undefined ? {} : { interpreter }),
    ...(data === undefined ? {} : { dataOffset: data.offset }),
    ...(needed.length === 0 ? { fault: 'it has no segment to load' } : {}),
  }
}

const pathAt = (head: Buffer, { offset, fileBytes }: { readonly offset: number; readonly fileBytes: number }): string =>
  offset + fileBytes > head.length ? '' : head.toString('latin1', offset, offset + Math.min(fileBytes, 4096)).replace(/\0.*$/s, '')
