import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import { createImageBuilder } from '../../src/oci/apply-layer.ts'
import { readLayer } from '../../src/oci/read-layer.ts'
import { tar } from '../support/tar-writer.ts'
import { chunks, walk } from '../support/unpack.ts'
import { containerdUnpacker, type Unpacked, type Unpacker } from './containerd-unpacker.ts'
import { randomFile } from './random-layers.ts'

/** Some bytes of the archive changed, mostly in headers, and mostly with a checksum that fits. */
const damage = fc.array(
  fc.tuple(fc.nat(20), fc.nat(511), fc.constantFrom(0, 0x20, 0x2f, 0x30, 0x37, 0x39, 0x61, 0x80, 0xff), fc.boolean()),
  { maxLength: 2 },
)

const damaged = (archive: Buffer, changes: readonly (readonly [number, number, number, boolean])[]): Buffer => {
  for (const [block, at, to, summed] of changes) {
    const header = archive.subarray(block * 512, block * 512 + 512)
    if (header.length < 512) continue
    header[at] = to
    if (!summed) continue
    header.write('        ', 148, 'latin1')
    header.write(
      `${header
        .reduce((sum, byte) => sum + byte, 0)
        .toString(8)
        .padStart(6, '0')}\0 `,
      148,
      'latin1',
    )
  }
  return archive
}

const layer = fc
  .tuple(
    fc.array(randomFile, { maxLength: 6 }),
    fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, damage),
    fc.constantFrom(gzipSync, zstdCompressSync, Buffer.from),
    fc.option(fc.nat(3000), { freq: 12 }),
  )
  .map(([files, changes, compress, cut]) => {
    const compressed = compress(damaged(tar(files), changes))
    return Buffer.from(cut === null ? compressed : compressed.subarray(0, cut))
  })

const ours = async (layers: readonly Buffer[]): Promise<Unpacked> => {
  const builder = createImageBuilder()
  const diffIds: string[] = []
  try {
    for (const bytes of layers) {
      const { entries, diffId } = await readLayer(chunks(bytes, 1000), 'sniff')
      diffIds.push(diffId.slice('sha256:'.length))
      builder.apply(entries)
    }
  } catch (error) {
    return { error: String(error) }
  }
  const entries = walk(builder.root).map(({ path, node }) => ({
    path,
    kind: node.kind,
    mode: (node.mode & 0o777).toString(8).padStart(4, '0'),
    ...(node.kind === 'symlink' ? { target: node.target } : {}),
    ...(node.kind === 'file' ? { sha256: node.content.sha256.slice('sha256:'.length) } : {}),
  }))
  return { entries, diffIds }
}

/** Comparable: the words of an error are not. */
const normal = ({ entries, diffIds = [], error }: Unpacked): string =>
  error !== undefined ? 'refused' : JSON.stringify([diffIds, (entries ?? []).map(entry => JSON.stringify(entry)).sort()])

describe('layers, unpacked by containerd itself', () => {
  let unpack: Unpacker
  before(async function () {
    unpack = await containerdUnpacker(this)
  })

  for (const seed of [1, 2, 3]) {
    it(`give the same file system and diff_ids, or are refused by both (1000 images of seed ${seed})`, async () => {
      const cases = fc.sample(fc.array(layer, { minLength: 1, maxLength: 3 }), { seed, numRuns: 1000 })
      const answers = await unpack(cases)
      const refused = answers.filter(({ error }) => error !== undefined).length
      expect(refused, 'cases of both kinds').to.be.within(200, 800)
      for (const [index, layers] of cases.entries()) {
        const mine = await ours(layers)
        const theirs = answers[index]!
        expect(normal(mine), `image ${index}: containerd says ${theirs.error ?? 'nothing'}, we ${mine.error ?? 'nothing'}`).to.equal(
          normal(theirs),
        )
      }
    })
  }
})
