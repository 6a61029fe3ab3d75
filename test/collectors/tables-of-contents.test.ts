import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import type { BinariesFact } from '../../src/facts/binaries.ts'
import { checkBinaries } from '../support/check-binaries.ts'
import { elf } from '../support/elf-writer.ts'
import { pluginBinary } from '../support/image-builder.ts'
import { memoryCache } from '../support/memory-cache.ts'
import { eStargzLayer, type TableLayer, type TableOptions, tableImage, zstdChunkedLayer } from '../support/tables-of-contents.ts'
import type { TarFile } from '../support/tar-writer.ts'

const noise = randomBytes(4_300_000)
const base: readonly TarFile[] = [
  { name: 'usr/' },
  { name: 'usr/noise', data: noise },
  { name: 'etc/' },
  { name: 'etc/passwd', data: 'a:x:7:8::/:/x\n' },
]
const program = pluginBinary({ name: 'velero-x', elf: { sizeBytes: 200_000 } }, 'amd64')
const plugin = (data: Uint8Array): readonly TarFile[] => [
  { name: 'bin/' },
  { name: 'bin/cp-plugin', mode: 0o755, data: elf() },
  { name: 'plugins/' },
  { name: 'plugins/velero-x', mode: 0o755, data: Buffer.concat([data, noise]) },
]
const options = { entrypoint: ['cp-plugin', '/plugins/velero-x', '/target/velero-x'], user: '7' }
const writers: Readonly<Record<string, (files: readonly TarFile[], options?: TableOptions) => TableLayer>> = {
  eStargz: eStargzLayer,
  'zstd:chunked': zstdChunkedLayer,
}

type Seen = Extract<BinariesFact, { ok: true }>
const seen = (facts: readonly BinariesFact[]): Seen => {
  const fact = facts[0]!
  if (!fact.ok) throw new Error(`${fact.code}: ${fact.message}`)
  return fact
}
/** What does not depend on how it was found out. */
const answer = ({ layers: _, proven: __, ...rest }: Seen) => rest

for (const [kind, write] of Object.entries(writers)) {
  describe(`layers with a table of contents (${kind})`, () => {
    const image = tableImage([write(base), write(plugin(program))], options)

    it('are not read, and what is said of them is the same as if they were', async () => {
      const [declared, whole] = [
        await checkBinaries({ plugins: { x: image } }),
        await checkBinaries({ plugins: { x: image }, prove: true }),
      ]
      expect(declared.layersRead).to.deep.equal([])
      expect(whole.layersRead).to.have.length(2)
      expect(answer(seen(declared.facts))).to.deep.equal(answer(seen(whole.facts)))
      expect([seen(declared.facts).proven, seen(whole.facts).proven]).to.deep.equal(['declared', 'allLayers'])
      expect(declared.partBytes).to.be.below(kind === 'eStargz' ? 4.3e6 : 0.4e6)
    })

    it('are read where the table itself is asked for, which may be a file of the layer or stand behind its end', async () => {
      const files = [...plugin(program), { name: 'bin/cp', mode: 0o755, data: elf() }, { name: 'root', link: '/' }]
      const root = tableImage([write(files)], { entrypoint: ['/bin/cp', '-r', '/root/.', '/target/'] })
      const [declared, whole] = [await checkBinaries({ plugins: { x: root } }), await checkBinaries({ plugins: { x: root }, prove: true })]
      expect(answer(seen(declared.facts))).to.deep.equal(answer(seen(whole.facts)))
      expect(seen(declared.facts).proven).to.equal(kind === 'eStargz' ? 'allLayers' : 'declared')
      const paths = seen(declared.facts).files.map(({ path }) => path)
      expect(paths.includes('stargz.index.json')).to.equal(kind === 'eStargz')
    })

    it('have nothing fetched of what stands beside the program that copies', async () => {
      const beside = Array.from({ length: 9 }, (_, index) => ({
        name: `bin/x${index}`,
        mode: 0o755,
        data: noise.subarray(index * 100_000, index * 100_000 + 400_000),
      }))
      const fetched = async (files: readonly TarFile[]) =>
        (await checkBinaries({ plugins: { x: tableImage([write([...plugin(program), ...files])], options) } })).partBytes
      expect((await fetched(beside)) - (await fetched([]))).to.be.below(5_000)
    })

    it('are a warn, for a node does not look at tables: it says by whom they are declared, and how to prove it', async () => {
      const { codes, message } = await checkBinaries({ plugins: { x: image } })
      expect(codes).to.deep.equal(['x: warn BINARIES_DECLARED', 'x: pass BINARIES_OK'])
      expect(message('x')).to.contain(kind).and.to.contain('--prove')
      const proven = await checkBinaries({ plugins: { x: image }, prove: true })
      expect(proven.codes).to.deep.equal(['x: pass BINARIES_OK'])
    })

    it('are read where the registry gives no parts', async () => {
      for (const part of [() => undefined, (bytes: Uint8Array) => bytes.subarray(1)]) {
        const { facts, layersRead } = await checkBinaries({ plugins: { x: image }, part })
        expect(layersRead).to.have.length(2)
        expect(seen(facts).proven).to.equal('allLayers')
      }
    })

    it('are read where the table has another digest than the manifest says', async () => {
      const part = (bytes: Uint8Array) => Buffer.from(bytes).fill(0x20, bytes.length - 120, bytes.length - 80)
      const { facts, layersRead } = await checkBinaries({ plugins: { x: image }, part })
      expect(layersRead).to.have.length(2)
      expect(seen(facts).proven).to.equal('allLayers')
    })

    const lies: Readonly<Record<string, (lines: Record<string, unknown>[]) => unknown>> = {
      'is no list': () => 'all of it',
      'has a line of another type': lines => [...lines, { name: 'x', type: 'socket' }],
      'has a line that is no object': lines => [...lines, null],
      'has a size that is no number': lines => lines.map(line => ({ ...line, ...(line.size === undefined ? {} : { size: '1' }) })),
      'has a negative offset': lines => lines.map(line => ({ ...line, ...(line.offset === undefined ? {} : { offset: -1 }) })),
      'has a file without a digest': lines => lines.map(({ digest: _, ...line }) => line),
      'has chunks without a digest': lines =>
        lines.map(({ chunkDigest: _, digest, ...line }) => ({ ...line, digest: line.type === 'chunk' ? undefined : digest, chunkSize: 1 })),
      'has a chunk beyond the layer': lines => lines.map(line => ({ ...line, ...(line.offset === undefined ? {} : { offset: 1e9 }) })),
      'begins with a chunk': lines => [{ name: 'x', type: 'chunk', chunkOffset: 1, chunkSize: 5, offset: 1 }, ...lines],
      'leaves out a part of a file': lines =>
        lines.map(line => ({ ...line, ...(line.size === undefined ? {} : { size: Number(line.size) + 1 }) })),
      'has other digests of chunks': lines =>
        lines.map(line => ({ ...line, ...(line.chunkDigest === undefined ? {} : { chunkDigest: sha256('other') }) })),
      'has a name that is no text': lines => [...lines, { name: 'a\ufffd', type: 'dir' }],
    }
    for (const [what, change] of Object.entries(lies)) {
      it(`are read where the table ${what}`, async () => {
        const lying = tableImage([write(base), write(plugin(program), { lines: change })], options)
        const { facts, layersRead } = await checkBinaries({ plugins: { x: lying } })
        expect(layersRead.length).to.be.above(0)
        expect(answer(seen(facts)).files).to.deep.equal(
          answer(seen((await checkBinaries({ plugins: { x: lying }, prove: true })).facts)).files,
        )
      })
    }

    it('never pass where the table says other things than the layer holds', async () => {
      const hidden = write([...plugin(program), { name: 'plugins/.wh.velero-x' }], {
        lines: lines => lines.filter(({ name }) => name !== 'plugins/.wh.velero-x'),
      })
      const { codes } = await checkBinaries({ plugins: { x: tableImage([write(base), hidden], options) } })
      expect(codes).to.include('x: warn BINARIES_DECLARED')
      const proven = await checkBinaries({ plugins: { x: tableImage([write(base), hidden], options) }, prove: true })
      expect(proven.codes).to.include('x: fail COPY_FAILS')
    })

    it('have no program taken for something that is no plugin, because its words were not looked for', async () => {
      const plain = tableImage(
        [write(base), write(plugin(elf({ strings: ['These are not meant to be executed directly'], sizeBytes: 150_000 })))],
        options,
      )
      const { codes, facts } = await checkBinaries({ plugins: { x: plain } })
      expect(seen(facts).proven).to.equal('declared')
      expect(codes).to.include('x: warn BINARY_UNKNOWN')
    })

    it('have all of a dynamic program read, for the glibc that it needs', async () => {
      const data = pluginBinary({ name: 'x', elf: { interpreter: '/lib64/ld-linux-x86-64.so.2', strings: ['GLIBC_2.38'] } }, 'amd64')
      const { facts } = await checkBinaries({ plugins: { x: tableImage([write(base), write(plugin(data))], options) } })
      expect(seen(facts).proven).to.equal('declared')
      expect(seen(facts).files[0]!.file!.elf!.glibc).to.equal('2.38')
    })

    it('are remembered with what was read of them, so that a second run fetches nothing', async () => {
      const layerCache = memoryCache()
      const first = await checkBinaries({ plugins: { x: image }, layerCache })
      const second = await checkBinaries({ plugins: { x: image }, layerCache })
      expect(second.partBytes).to.equal(0)
      expect(second.layersRead).to.deep.equal([])
      expect(answer(seen(second.facts))).to.deep.equal(answer(seen(first.facts)))
      expect(seen(second.facts).layers.map(({ cached, declared }) => [cached, declared?.fetchedBytes])).to.deep.equal([
        [true, 0],
        [true, 0],
      ])
    })
  })
}
