import { createBlockFeed } from './tar-blocks.ts'
import { blockBytes, parseHeader, type TarHeader } from './tar-header.ts'
import { corrupt, textField } from './tar-numbers.ts'
import { mergePax, type PaxRecords, parsePax } from './tar-pax.ts'
import { afterMap, type DataSink, mappedBytes, spread } from './tar-sink.ts'
import { type Fragment, mapOfHeader, sparseFormat, sparseTarget } from './tar-sparse.ts'

/** One entry of an archive, all extensions applied. `g` is a pax global header, which containerd treats as an entry too. */
export interface TarEntry extends Readonly<TarHeader> {
  /** Why its data cannot be read, should it be needed: a sparse map that names more or less data than there is. */
  readonly dataFault?: string
  /** Its data do not stand in the archive as they are. */
  readonly sparse?: true
}

export interface TarReader {
  write(chunk: Uint8Array): void
  /** Where the archive is read: within `visit`, at the first byte of the entry's data. */
  position(): number
  /** How many of the next bytes are data that nobody asked for; where they can be passed over, {@link skip} says so. */
  unwanted(): number
  /** @param sizeBytes at most {@link unwanted} */
  skip(sizeBytes: number): void
  /** @throws PreflightError LAYER_CORRUPT when the archive ends in the middle of something */
  end(): void
}

/** What precedes an entry and says more of it. */
interface Extension {
  pax?: PaxRecords
  longName?: string
  longLink?: string
}

/** Go limits pax headers and long names to this. */
const specialBytes = 1 << 20
const headerOnly = '123456'
const zeroBlock = Buffer.alloc(blockBytes)
const nowhere: DataSink = { write: () => undefined, zeros: () => undefined, end: () => undefined }

/**
 * Reads a tar archive that is pushed in chunks, with the answers of Go 1.26 archive/tar to every oddity: what a node
 * unpacks is what is seen here. `visit` gives the sink for an entry's data, or nothing when it is of no use.
 * Everything runs synchronously inside `write`. What follows the archive's end is ignored.
 *
 * @throws PreflightError LAYER_CORRUPT from `write` and `end`
 */
export const createTarReader = (visit: (entry: TarEntry) => DataSink | undefined): TarReader => {
  let extension: Extension = {}
  let sink: DataSink = nowhere
  let zeroBlocks = 0

  const begin = (header: TarHeader, dataBytes: number, fragments: readonly Fragment[] | undefined): DataSink => {
    if (fragments === undefined) return visit(header) ?? nowhere
    const fits = mappedBytes(fragments) === BigInt(dataBytes)
    const into =
      visit(
        fits ? { ...header, sparse: true } : { ...header, sparse: true, dataFault: 'a sparse file has other data than its map says' },
      ) ?? nowhere
    return spread(fits ? into : nowhere, fragments, header.sizeBytes)
  }

  const onEntry = (header: TarHeader) => {
    const sparse = complete(header, extension)
    const pax = extension.pax
    extension = {}
    const dataBytes = headerOnly.includes(header.type) ? 0 : sparse.dataBytes
    if (dataBytes < 0) throw corrupt('a tar header has a negative size')
    if (sparse.format !== undefined && headerOnly.includes(header.type)) throw corrupt('a tar entry without data has a sparse map')
    feed.data(dataBytes)
    sink =
      sparse.format === 'data'
        ? afterMap((fragments, mapBytes) => begin(header, dataBytes - mapBytes, fragments))
        : begin(header, dataBytes, sparse.format === undefined ? undefined : mapOfHeader(pax!))
    if (dataBytes === 0) sink.end()
  }

  const onSpecial = (header: TarHeader) => {
    if (header.sizeBytes < 0) throw corrupt('a tar header has a negative size')
    if (header.sizeBytes > specialBytes) throw corrupt('a tar header extension is longer than 1 MiB')
    const parts: Buffer[] = []
    feed.data(header.sizeBytes)
    sink = { ...nowhere, write: bytes => void parts.push(Buffer.from(bytes)), end: () => extend(header, Buffer.concat(parts)) }
    if (header.sizeBytes === 0) sink.end()
  }

  const extend = ({ type, name }: TarHeader, data: Buffer) => {
    if (type === 'L') extension.longName = textField(data, 0, data.length)
    else if (type === 'K') extension.longLink = textField(data, 0, data.length)
    else extension.pax = parsePax(data)
    if (type !== 'g') return
    visit(globalEntry(extension.pax?.get('path') || name))
    extension = {}
  }

  const feed = createBlockFeed({
    block(block) {
      if (block.equals(zeroBlock)) {
        if (++zeroBlocks === 2) feed.stop()
        return
      }
      if (zeroBlocks > 0) throw corrupt('a block of zeros in the tar archive is followed by something else')
      const header = parseHeader(block)
      if ('xgLK'.includes(header.type)) onSpecial(header)
      else onEntry(header)
    },
    data: part => sink.write(part),
    dataEnd: () => sink.end(),
  })
  return {
    write: chunk => feed.write(chunk),
    position: () => feed.position(),
    unwanted: () => (sink === nowhere ? feed.left() : 0),
    skip: sizeBytes => feed.skip(sizeBytes),
    end: () => feed.end(),
  }
}

/** Applies what preceded the entry to its header. `dataBytes` stand in the archive; the file may be larger, being sparse. */
const complete = (header: TarHeader, { pax, longName, longLink }: Extension) => {
  if (pax !== undefined) mergePax(header, pax)
  if (longName) header.name = longName
  if (longLink) header.linkName = longLink
  // Old archives mark a directory by its name alone
  if (header.type === '\0') header.type = header.name.endsWith('/') ? '5' : '0'
  if (header.type === 'S') throw corrupt('the tar archive holds a file in the old GNU sparse format, which containerd does not unpack')
  const dataBytes = header.sizeBytes
  const format = pax === undefined ? undefined : sparseFormat(pax)
  if (pax === undefined || format === undefined) return { dataBytes }
  const target = sparseTarget(pax)
  if (target.name !== undefined) header.name = target.name
  if (target.sizeBytes !== undefined) header.sizeBytes = Number(target.sizeBytes)
  return { dataBytes, format }
}

/** It says nothing of what follows, in Go, but containerd goes through the same steps with it as with any entry. */
const globalEntry = (name: string): TarEntry => ({
  name,
  linkName: '',
  type: 'g',
  sizeBytes: 0,
  mode: 0,
  uid: 0,
  gid: 0,
  deviceFits: true,
})
