import { randomBytes } from 'node:crypto'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import type { BinariesFact } from '../../src/facts/binaries.ts'
import { type BinariesCheckOptions, checkBinaries } from '../support/check-binaries.ts'
import { elf } from '../support/elf-writer.ts'
import { pluginBinary } from '../support/image-builder.ts'
import { memoryCache } from '../support/memory-cache.ts'
import { eStargzLayer, type TableLayer, type TableOptions, tableImage, zstdChunkedLayer } from '../support/tables-of-contents.ts'
import type { TarFile } from '../support/tar-writer.ts'

const noise = randomBytes(4_300_000)
const program = pluginBinary({ name: 'velero-x' }, 'amd64')
const copier: readonly TarFile[] = [{ name: 'bin/' }, { name: 'bin/cp-plugin', mode: 0o755, data: elf() }]
const plugin: readonly TarFile[] = [
  { name: 'plugins/' },
  { name: 'plugins/velero-x', mode: 0o755, data: program },
  { name: 'noise', data: noise },
]
const options = { entrypoint: ['/bin/cp-plugin', '/plugins/velero-x', '/target/velero-x'], user: '7:8' }
const writers: Readonly<Record<string, (files: readonly TarFile[], options?: TableOptions) => TableLayer>> = {
  eStargz: eStargzLayer,
  'zstd:chunked': zstdChunkedLayer,
}
type Lines = Record<string, unknown>[]

type Seen = Extract<BinariesFact, { ok: true }>
const seen = (fact: BinariesFact | undefined): Seen => {
  if (fact?.ok !== true) throw new Error(JSON.stringify(fact))
  return fact
}

/** Counts the requests for parts. */
const counted = (given: BinariesCheckOptions) => {
  const count = { requests: 0 }
  const part = (bytes: Uint8Array, start: number) => {
    count.requests++
    return given.part === undefined ? bytes : given.part(bytes, start)
  }
  return checkBinaries({ ...given, part }).then(check => ({ ...check, ...count }))
}

for (const [kind, write] of Object.entries(writers)) {
  describe(`a table of contents (${kind}) that means harm`, () => {
    /** The same bytes under two descriptors. The one on the left tells of another file; in zstd:chunked by a table of its own. */
    const twoTables = (): readonly [TableLayer, TableLayer] => {
      const honest = write([...copier, ...plugin])
      const lying = write([...copier, ...plugin], {
        lines: lines => lines.filter(({ name }) => name !== 'plugins/velero-x'),
      })
      if (kind === 'eStargz') return [lying, { ...lying, annotations: {} }]
      const bytes = Buffer.concat([lying.bytes, honest.bytes.subarray(tableStart(honest))])
      const moved = lying.bytes.length + 8
      const position = honest.annotations[positionKey]!.replace(/^\d+/, String(moved))
      return [
        { ...lying, bytes },
        { ...honest, bytes, annotations: { ...honest.annotations, [positionKey]: position } },
      ]
    }
    const positionKey = 'io.github.containers.zstd-chunked.manifest-position'
    /** Of the skippable frame that holds it. */
    const tableStart = ({ annotations }: TableLayer): number => Number.parseInt(annotations[positionKey]!, 10) - 8

    it('is not taken for that of another image with the same layer, neither in one run nor from the cache', async () => {
      const [lying, other] = twoTables().map(layer => tableImage([layer], options))
      const alone = seen((await checkBinaries({ plugins: { x: other! } })).facts[0])
      const together = (await checkBinaries({ plugins: { a: lying!, x: other! } })).facts
      const { layers: _, ...rest } = seen(together[1])
      const { layers: __, ...expected } = alone
      expect(rest).to.deep.equal({ ...expected })
      expect(seen(together[0]).files).to.not.deep.equal(rest.files)
      const layerCache = memoryCache()
      await checkBinaries({ plugins: { a: lying! }, layerCache })
      const { layers: ___, ...later } = seen((await checkBinaries({ plugins: { x: other! }, layerCache })).facts[0])
      expect(later).to.deep.equal({ ...expected })
    })

    it('is done with where a user is looked for in files without a byte', async () => {
      const etc = [{ name: 'etc/' }, { name: 'etc/passwd', data: 'app:x:7:8::/:\n' }, { name: 'etc/group', data: '' }]
      const image = tableImage([write([...copier, ...etc, ...plugin])], { ...options, user: 'app' })
      const { facts, layersRead } = await checkBinaries({ plugins: { x: image } })
      expect([layersRead, seen(facts[0]).user]).to.deep.equal([[], { configured: 'app', uid: 7, gid: 8 }])
      const none = tableImage([write([...copier, { name: 'etc/' }, { name: 'etc/passwd', data: '' }, ...plugin])], {
        ...options,
        user: 'app',
      })
      expect(seen((await checkBinaries({ plugins: { x: none } })).facts[0]).user).to.have.property('problem')
    })

    it('that turns out to be wrong leads to the layer, and that to its diff_id, also where layers below are not read', async () => {
      const below = write([{ name: 'below', data: noise }])
      const above = write([...copier, ...plugin], {
        lines: lines => lines.map(line => ({ ...line, ...(line.chunkDigest === undefined ? {} : { chunkDigest: sha256('other') }) })),
      })
      const image = tableImage([below, { ...above, diffId: sha256('other') }], options)
      const { facts, codes } = await checkBinaries({ plugins: { x: image } })
      expect(facts[0]).to.include({ ok: false, code: 'LAYER_DIFF_ID' })
      expect(codes).to.deep.equal(['x: fail LAYER_DIFF_ID'])
    })

    it('that says what no node could unpack leads to the layer, which alone counts', async () => {
      const lines = (given: Lines) => [...given, { name: 'plugins/.wh.', type: 'reg', mode: 0 }]
      const image = tableImage([write([...copier, ...plugin], { lines })], options)
      const { facts, layersRead } = await checkBinaries({ plugins: { x: image } })
      expect(seen(facts[0])).to.include({ proven: 'allLayers' })
      expect(layersRead).to.have.length(1)
    })

    it('that leads to a layer which cannot be unpacked has that said of the layer, by its name', async () => {
      const damaged: TarFile = { name: 'damaged', data: '', spoil: block => void block.write('7', 148, 'latin1') }
      const lines = (given: Lines) =>
        given.map(line => ({ ...line, ...(line.chunkDigest !== undefined && { chunkDigest: sha256('other') }) }))
      const below = write([{ name: 'below', data: noise }])
      for (const layers of [[below], []]) {
        const image = tableImage([...layers, write([...copier, ...plugin, damaged], { lines })], options)
        const check = await checkBinaries({ plugins: { x: image } })
        expect(check.codes).to.deep.equal(['x: fail LAYER_CORRUPT'])
        const place = `${layers.length + 1} of ${layers.length + 1}`
        expect(check.message('x')).to.match(new RegExp(`Layer ${place} \\(sha256:\\w{64}\\) cannot be unpacked: `))
      }
    })

    it('that is wrong of a layer in three images has it read once', async () => {
      const layer = write([...copier, ...plugin], {
        lines: lines => lines.map(line => ({ ...line, ...(line.chunkDigest === undefined ? {} : { chunkDigest: sha256('other') }) })),
      })
      const images = ['/a', '/b', '/c'].map(workingDir => tableImage([layer], { ...options, workingDir }))
      const { layersRead } = await checkBinaries({ plugins: Object.fromEntries(images.map((image, index) => [`p${index}`, image])) })
      expect(layersRead).to.deep.equal([sha256(layer.bytes)])
    })

    // In zstd:chunked a chunk ends where the next one begins
    if (kind === 'eStargz') {
      const padded = pluginBinary({ name: 'velero-x', elf: { sizeBytes: 100_000 } }, 'amd64')
      const files = [
        ...copier,
        { name: 'plugins/' },
        { name: 'plugins/velero-x', mode: 0o755, data: padded },
        { name: 'noise', data: noise },
      ]
      const bytes = Array.from({ length: 256 }, (_, value) => sha256(Buffer.of(value)))
      /** Each byte of the file a chunk of its own. */
      const perByte = (change: (index: number, line: Lines[number]) => object) => (lines: Lines) =>
        lines.flatMap(line =>
          line.name !== 'plugins/velero-x'
            ? [line]
            : Array.from(padded, (value, index) => ({
                ...line,
                ...(index > 0 && { type: 'chunk' }),
                chunkOffset: index,
                chunkSize: 1,
                chunkDigest: bytes[value],
                ...change(index, line),
              })),
        )

      it('has what was compressed together unpacked once, however many chunks are taken from it', async () => {
        const lines = perByte(index => ({ innerOffset: index }))
        const { layersRead, requests, facts } = await counted({ plugins: { x: tableImage([write(files, { lines })], options) } })
        expect([layersRead, seen(facts[0]).files[0]?.file?.go?.framework?.version]).to.deep.equal([[], 'v1.18.2'])
        expect(requests).to.be.below(10)
      })

      it('that would take thousands of requests leads to the layer', async () => {
        // There and back, too far from each other to be fetched together
        const lines = perByte((index, { offset }) => ({ offset: Number(offset) + 100_000 + (index % 2) * 2_000_000 + (index >> 1) }))
        const { layersRead, requests, codes } = await counted({ plugins: { x: tableImage([write(files, { lines })], options) } })
        expect([layersRead.length, codes]).to.deep.equal([1, ['x: pass BINARIES_OK']])
        expect(requests).to.be.within(200, 300)
      })
    } else {
      it('out of whose chunks more comes than of any layer leads to the layer', async () => {
        const bomb = Buffer.concat([program, Buffer.alloc(30 << 20)])
        const many = Array.from({ length: 5 }, (_, index) => ({ name: `plugins/velero-${index}`, mode: 0o755, data: bomb }))
        const files = [...copier, { ...copier[1]!, name: 'bin/cp' }, { name: 'plugins/' }, ...many, { name: 'noise', data: noise }]
        const image = tableImage([write(files, { chunkBytes: 31 << 20 })], {
          ...options,
          entrypoint: ['/bin/cp', '-r', '/plugins/.', '/target/'],
        })
        const { layersRead, requests } = await counted({ plugins: { x: image } })
        expect(layersRead).to.have.length(1)
        expect(requests).to.be.above(4)
      })
    }

    const texts: Readonly<Record<string, string>> = {
      'is nothing but lists': '['.repeat(30e6),
      'is one line with millions of fields': `{"version":1,"entries":[{${Array.from({ length: 3e6 }, (_, at) => `"${at}":1`).join(',')},"a":[${'1,'.repeat(3e6)}1]}]}`,
    }
    for (const [what, text] of Object.entries(texts)) {
      it(`that ${what} takes no memory`, async () => {
        const image = tableImage([write([...copier, ...plugin], { text })], options)
        const { layersRead, codes } = await checkBinaries({ plugins: { x: image } })
        expect(layersRead).to.have.length(1)
        expect(codes).to.deep.equal(['x: pass BINARIES_OK'])
      })
    }
  })
}
