import { createBlockFeed } from '../oci/tar-blocks.ts'
import { blockBytes, parseHeader, type TarHeader } from '../oci/tar-header.ts'
import { corrupt, textField } from '../oci/tar-numbers.ts'
import { mergePax, parsePax } from '../oci/tar-pax.ts'

/** Go limits what precedes an entry to this. */
const extensionBytes = 1 << 20
const withoutData = '123456'
const zeroBlock = Buffer.alloc(blockBytes)

const padded = (bytes: number) => (blockBytes - (bytes % blockBytes)) % blockBytes

/**
 * The entries of an archive as they stand, without those that `drops` names, and without its end: others may follow. No more of it
 * is in memory than a piece.
 *
 * @throws PreflightError LAYER_CORRUPT when it is no whole archive
 */
export const copyTar = async function* (source: AsyncIterable<Buffer>, drops: (name: string) => boolean): AsyncGenerator<Buffer> {
  let out: Buffer[] = []
  // What precedes an entry and says more of it: as it stands, and its data.
  let before: Buffer[] = []
  let extension: { readonly header: TarHeader; readonly parts: Buffer[] } | undefined
  let said: { pax?: ReturnType<typeof parsePax>; longName?: string } = {}
  let copies = true
  let zeroBlocks = 0
  let dataBytes = 0

  const onExtension = (header: TarHeader, block: Buffer) => {
    if (header.sizeBytes < 0 || header.sizeBytes > extensionBytes) throw corrupt('a tar header extension has no size, or more than 1 MiB')
    before.push(Buffer.from(block))
    extension = { header, parts: [] }
    feed.data(header.sizeBytes)
    if (header.sizeBytes === 0) endOfExtension()
  }
  const endOfExtension = () => {
    if (extension === undefined) return
    const { header, parts } = extension
    const data = Buffer.concat(parts)
    before.push(data, Buffer.alloc(padded(data.length)))
    if (header.type === 'L') said.longName = textField(data, 0, data.length)
    // A global one says nothing of the next entry in particular.
    else if (header.type === 'x') said.pax = parsePax(data)
    extension = undefined
  }
  const onEntry = (header: TarHeader, block: Buffer) => {
    if (said.pax !== undefined) mergePax(header, said.pax)
    copies = !drops(said.longName ?? header.name)
    if (copies) out.push(...before, Buffer.from(block))
    before = []
    said = {}
    dataBytes = withoutData.includes(header.type) ? 0 : header.sizeBytes
    if (dataBytes < 0) throw corrupt('a tar header has a negative size')
    feed.data(dataBytes)
  }
  const feed = createBlockFeed({
    block(block) {
      if (block.equals(zeroBlock)) {
        if (++zeroBlocks === 2) feed.stop()
        return
      }
      if (zeroBlocks > 0) throw corrupt('a block of zeros in the tar archive is followed by something else')
      const header = parseHeader(block)
      if ('xgLK'.includes(header.type)) onExtension(header, block)
      else onEntry(header, block)
    },
    data(part) {
      // The memory of a piece is taken back when the next one is asked for.
      if (extension !== undefined) extension.parts.push(Buffer.from(part))
      else if (copies) out.push(Buffer.from(part))
    },
    dataEnd() {
      if (extension !== undefined) endOfExtension()
      else if (copies) out.push(Buffer.alloc(padded(dataBytes)))
    },
  })
  for await (const piece of source) {
    feed.write(piece)
    yield Buffer.concat(out)
    out = []
  }
  feed.end()
}
