import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { type LayerLimits, layerLimits, readLayer } from '../../src/oci/read-layer.ts'
import { elf } from '../support/elf-writer.ts'
import { type TarFile, tar, zeroBlocks } from '../support/tar-writer.ts'
import { chunks } from '../support/unpack.ts'

const files: readonly TarFile[] = [
  { name: 'plugins/' },
  { name: 'plugins/a', mode: 0o755, uid: 1, gid: 2, data: elf({ strings: ['GLIBC_2.34'] }) },
  { name: 'etc/passwd', data: 'root:x:0:0::/:\n' },
  { name: 'link', link: 'plugins/a' },
]
const archive = tar(files)
const read = (bytes: Uint8Array, limits: Partial<LayerLimits> = {}) =>
  readLayer(chunks(bytes, 5000), 'sniff', { limits: { ...layerLimits, ...limits } })
const code = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => (error instanceof PreflightError ? error.code : error),
  )

describe('reading a layer', () => {
  it('gives entries with what was found in their data', async () => {
    const { entries } = await read(gzipSync(archive))
    expect(entries.map(({ name, type, mode, uid, gid }) => ({ name, type, mode, uid, gid }))).to.deep.equal([
      { name: 'plugins/', type: '5', mode: 0o755, uid: 0, gid: 0 },
      { name: 'plugins/a', type: '0', mode: 0o755, uid: 1, gid: 2 },
      { name: 'etc/passwd', type: '0', mode: 0o644, uid: 0, gid: 0 },
      { name: 'link', type: '2', mode: 0o644, uid: 0, gid: 0 },
    ])
    const data = elf({ strings: ['GLIBC_2.34'] })
    expect(entries[1]?.content).to.deep.include({ sizeBytes: data.length, sha256: sha256(data), kind: 'elf' })
    expect(entries[2]?.content).to.include({ kind: 'other', text: 'root:x:0:0::/:\n' })
  })

  it('gives the diff_id of all bytes, of those behind the end of the archive too', async () => {
    const long = Buffer.concat([archive, zeroBlocks(30), Buffer.from('and something')])
    expect(await read(gzipSync(long))).to.include({ diffId: sha256(long), rawBytes: long.length })
  })

  it('gives the same whatever the chunks', async () => {
    const whole = await read(archive)
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 3000 }), async size => {
        expect(await readLayer(chunks(archive, size), 'sniff')).to.deep.equal(whole)
      }),
      { numRuns: 40 },
    )
  })

  it('stops at a ratio that only a bomb has, long before its end', async () => {
    const member = gzipSync(Buffer.alloc(50_000_000))
    let taken = 0
    const bomb = async function* () {
      for (; taken < 1000; taken++) yield member
    }
    expect(await code(readLayer(bomb(), 'sniff'))).to.equal('LAYER_TOO_LARGE')
    expect(taken).to.be.below(20)
  })

  const limited: Readonly<Record<string, readonly [Buffer, Partial<LayerLimits>]>> = {
    'uncompressed bytes': [archive, { rawBytes: archive.length - 1 }],
    entries: [archive, { entries: 3 }],
    'kept bytes of names': [archive, { keptBytes: 20 }],
    'holes of sparse files': [
      tar([
        {
          name: 's',
          pax: {
            'GNU.sparse.major': '0',
            'GNU.sparse.minor': '1',
            'GNU.sparse.numblocks': '0',
            'GNU.sparse.map': '',
            'GNU.sparse.size': '9000000000000',
          },
        },
      ]),
      {},
    ],
    'many holes of sparse files': [
      tar(
        Array.from({ length: 20 }, (_, index) => ({
          name: `s${index}`,
          pax: { 'GNU.sparse.numblocks': '1', 'GNU.sparse.map': '0,0', 'GNU.sparse.size': '100000000' },
        })),
      ),
      {},
    ],
  }
  for (const [what, [bytes, limits]] of Object.entries(limited)) {
    it(`has a limit of ${what}`, async () => {
      expect(await code(read(bytes, limits))).to.equal('LAYER_TOO_LARGE')
    })
  }

  it('takes what is just within the limits', async () => {
    expect(await code(read(archive, { rawBytes: archive.length, entries: 4 }))).to.equal(undefined)
  })

  it('says what the source says at its end before what is wrong with the archive', async () => {
    const source = async function* () {
      yield* chunks(Buffer.alloc(5000, 'junk'), 600)
      throw new PreflightError('DIGEST_MISMATCH', 'other bytes')
    }
    expect(await code(readLayer(source(), 'sniff'))).to.equal('DIGEST_MISMATCH')
  })

  it('reads the source to its end though the archive is over', async () => {
    let ended = false
    const source = async function* () {
      yield* chunks(gzipSync(Buffer.concat([archive, zeroBlocks(2000)])), 100)
      ended = true
    }
    await readLayer(source(), 'sniff')
    expect(ended).to.equal(true)
  })

  it('lets go of the source when it gives up', async () => {
    let released = false
    const source = async function* () {
      try {
        for (;;) yield Buffer.alloc(1_000_000)
      } finally {
        released = true
      }
    }
    expect(await code(readLayer(source(), 'sniff', { limits: { ...layerLimits, rawBytes: 3_000_000 } }))).to.equal('LAYER_TOO_LARGE')
    await new Promise(setImmediate)
    expect(released).to.equal(true)
  })

  it('stops when the run is ended', async () => {
    const reason = new Error('enough')
    expect(await code(readLayer(chunks(archive), 'sniff', { signal: AbortSignal.abort(reason) }))).to.equal(reason)
  })
})
