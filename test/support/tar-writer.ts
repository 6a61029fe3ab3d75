/** One entry of an archive. Whatever is not said is as an image builder writes it; times are always 0. */
export interface TarFile {
  /** Bytes of a name beyond ASCII are UTF-8. More than 100 bytes go into a pax header, as GNU and Go write it. */
  readonly name: string
  /** Type flag, default `0`, a file; `5` where the name ends in `/`, `2` with `link`. */
  readonly type?: string
  readonly data?: Uint8Array | string
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  /** Target of a symbolic link (or with type `1` of a hard link). */
  readonly link?: string
  readonly pax?: Readonly<Record<string, string>>
  /** `ustar` is the default; `v7` has no magic, `gnu` its own. */
  readonly format?: 'ustar' | 'gnu' | 'v7' | 'star'
  /** Instead of what `data` has. */
  readonly sizeBytes?: number
  /** Last change to the header block, before (`raw`) and after (`spoil`) the checksum is put in. */
  readonly raw?: (block: Buffer) => void
  readonly spoil?: (block: Buffer) => void
}

const block = 512
export const zeroBlocks = (count: number): Buffer => Buffer.alloc(block * count)

/** An archive, closed by two blocks of zeros. */
export const tar = (files: readonly TarFile[]): Buffer => Buffer.concat([...files.map(tarEntry), zeroBlocks(2)])

/** Header, data and padding of one entry, with a pax header before it where that is needed. */
export const tarEntry = (file: TarFile): Buffer => {
  const long = (key: string, text: string) => (Buffer.byteLength(text) > 100 ? { [key]: text } : {})
  const pax = { ...long('path', file.name), ...long('linkpath', file.link ?? ''), ...file.pax }
  const before = Object.keys(pax).length === 0 ? [] : [headed({ name: 'PaxHeaders.0/x', type: 'x', data: paxData(pax) })]
  return Buffer.concat([...before, headed(file)])
}

/** `<length> <key>=<value>\n`, where the length counts itself (POSIX.1-2001 pax). */
export const paxData = (records: Readonly<Record<string, string>>): Buffer =>
  Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const rest = Buffer.from(` ${key}=${value}\n`)
      let length = rest.length
      while (length !== rest.length + String(length).length) length = rest.length + String(length).length
      return Buffer.concat([Buffer.from(String(length)), rest])
    }),
  )

const headed = (file: TarFile): Buffer => {
  const data = Buffer.from(file.data ?? '')
  return Buffer.concat([tarHeader(file, data.length), data, Buffer.alloc((block - (data.length % block)) % block)])
}

const octal = (header: Buffer, at: number, bytes: number, value: number): void =>
  void header.write(`${value.toString(8).padStart(bytes - 1, '0')}\0`, at, 'latin1')

/** The 512 bytes before the data. */
export const tarHeader = (file: TarFile, dataBytes: number): Buffer => {
  const header = Buffer.alloc(block)
  const type = file.type ?? (file.link !== undefined ? '2' : file.name.endsWith('/') ? '5' : '0')
  Buffer.from(file.name).copy(header, 0, 0, 100)
  octal(header, 100, 8, file.mode ?? (type === '5' ? 0o755 : 0o644))
  octal(header, 108, 8, file.uid ?? 0)
  octal(header, 116, 8, file.gid ?? 0)
  octal(header, 124, 12, file.sizeBytes ?? dataBytes)
  octal(header, 136, 12, 0)
  header.write(type, 156, 'latin1')
  Buffer.from(file.link ?? '').copy(header, 157, 0, 100)
  header.write({ ustar: 'ustar\x0000', star: 'ustar\x0000', gnu: 'ustar  \0', v7: '' }[file.format ?? 'ustar'], 257, 'latin1')
  if (file.format === 'star') header.write('tar\0', 508, 'latin1')
  file.raw?.(header)
  header.write('        ', 148, 'latin1')
  octal(
    header,
    148,
    7,
    header.reduce((sum, byte) => sum + byte, 0),
  )
  file.spoil?.(header)
  return header
}

/** Big-endian two's complement with the first bit set, as GNU writes numbers that do not fit. */
export const base256 = (header: Buffer, at: number, bytes: number, value: bigint): void => {
  const unsigned = BigInt.asUintN(8 * bytes, value)
  for (let index = 0; index < bytes; index++) header[at + index] = Number((unsigned >> BigInt(8 * (bytes - 1 - index))) & 0xffn)
  header[at] = header[at]! | 0x80
}
