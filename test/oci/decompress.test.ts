import { constants, gzipSync, zstdCompressSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { compressionOf, decompress, handlingOf } from '../../src/oci/decompress.ts'
import { chunks } from '../support/unpack.ts'

const text = Buffer.from('what a layer holds, '.repeat(200))
const gzip = gzipSync(text)
const zstd = zstdCompressSync(text)
const summed = zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } })
const skippable = Buffer.from('502a4d1804000000abcdabcd', 'hex')
const join = (...parts: readonly Uint8Array[]) => Buffer.concat(parts)
const changed = (bytes: Buffer, at: number, to: number) => {
  const copy = Buffer.from(bytes)
  copy[at < 0 ? bytes.length + at : at] = to
  return copy
}

const out = async (bytes: Uint8Array, size?: number): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const part of decompress(chunks(bytes, size), 'sniff')) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}
const failure = async (bytes: Uint8Array): Promise<unknown> =>
  out(bytes).then(
    () => undefined,
    (error: unknown) => error,
  )

describe('decompressing layers', () => {
  // The answers are those of containerd 2.4.2 (klauspost/compress 1.20) to the same bytes
  const taken: Readonly<Record<string, readonly [Buffer, Buffer]>> = {
    'what is not compressed': [text, text],
    nothing: [Buffer.alloc(0), Buffer.alloc(0)],
    gzip: [gzip, text],
    'gzip of nothing': [gzipSync(''), Buffer.alloc(0)],
    'several gzip members': [join(gzip, gzip, gzipSync('')), join(text, text)],
    zstd: [zstd, text],
    'zstd with a checksum': [summed, text],
    'zstd of nothing': [zstdCompressSync(''), Buffer.alloc(0)],
    'several zstd frames, which Node before 26.10 takes for one': [join(zstd, zstd, zstd), join(text, text, text)],
    'zstd with skippable frames before, between and after': [
      join(skippable, zstd, skippable, zstd, Buffer.from('5f2a4d1800000000', 'hex')),
      join(text, text),
    ],
    'a skippable zstd frame alone': [skippable, Buffer.alloc(0)],
    'bzip2, as it is': [Buffer.from('BZh91AY&SY'), Buffer.from('BZh91AY&SY')],
  }
  for (const [what, [bytes, expected]] of Object.entries(taken)) {
    it(`takes ${what}`, async () => {
      expect((await out(bytes)).equals(expected)).to.equal(true)
    })
    it(`takes ${what}, byte by byte`, async () => {
      expect((await out(bytes, 1)).equals(expected)).to.equal(true)
    })
  }

  const refused: Readonly<Record<string, Buffer>> = {
    'gzip with zeros behind it, which Node takes for padding': join(gzip, Buffer.alloc(10)),
    'gzip with words behind it': join(gzip, Buffer.from('words words')),
    'gzip with one byte behind it': join(gzip, Buffer.from('j')),
    'gzip without its last bytes': gzip.subarray(0, -4),
    'gzip that is cut off': gzip.subarray(0, 40),
    'half a gzip header': gzip.subarray(0, 5),
    'gzip with a wrong checksum': changed(gzip, -6, gzip.at(-6)! ^ 1),
    'gzip with reserved flags': changed(gzip, 3, 0xe0),
    'a second gzip member that is cut off': join(gzip, gzip.subarray(0, 30)),
    'zstd with words behind it': join(zstd, Buffer.from('words words')),
    'zstd with one byte behind it': join(zstd, Buffer.from('j')),
    'zstd with zeros behind it': join(zstd, Buffer.alloc(8)),
    'zstd that is cut off': zstd.subarray(0, -3),
    'a second zstd frame that is cut off': join(zstd, zstd.subarray(0, 20)),
    'a skippable frame that is cut off': join(zstd, skippable.subarray(0, 9)),
    'a zstd block of the reserved type': Buffer.from('28b52ffd2000070000', 'hex'),
    'zstd with a wrong checksum': changed(summed, -1, summed.at(-1)! ^ 1),
  }
  for (const [what, bytes] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      expect(await failure(bytes))
        .to.be.instanceOf(PreflightError)
        .with.property('code', 'LAYER_CORRUPT')
    })
  }

  it('refuses a zstd window that Node cannot take, and says what to do', async () => {
    // Window descriptor 0x90: exponent 18, 256 MiB
    const error = await failure(Buffer.from('28b52ffd0090010000', 'hex'))
    expect(error).to.be.instanceOf(PreflightError).with.property('code', 'LAYER_UNSUPPORTED')
    expect(error)
      .to.have.property('hint')
      .that.matches(/without --long/)
  })

  it('gives large zstd frames in pieces, to the last byte', async () => {
    const large = Buffer.alloc(9_000_000, 'not quite the same everywhere')
    for (let at = 0; at < large.length; at += 997) large[at] = at % 251
    const frames = join(zstdCompressSync(large), zstdCompressSync(large.subarray(0, 5_000_000)))
    expect(sha256(await out(frames, 10_000))).to.equal(sha256(join(large, large.subarray(0, 5_000_000))))
  })

  it('says first what the source has to say', async () => {
    const source = async function* () {
      yield gzip.subarray(0, 50)
      throw new PreflightError('BODY_TRUNCATED', 'cut')
    }
    const read = async () => {
      for await (const _ of decompress(source(), 'sniff'));
    }
    expect(await read().catch((error: unknown) => error)).to.have.property('code', 'BODY_TRUNCATED')
  })

  it('decompresses to the same bytes however they are cut', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.uint8Array({ maxLength: 3000 }),
        fc.integer({ min: 1, max: 400 }),
        fc.constantFrom(gzipSync, zstdCompressSync),
        async (bytes, size, pack) => {
          const parts = [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)].map(part => pack(part))
          expect((await out(join(...parts), size)).equals(bytes)).to.equal(true)
        },
      ),
      { numRuns: 60 },
    )
  })
})

describe('what a layer is by its media type', () => {
  const types = {
    'application/vnd.oci.image.layer.v1.tar': 'plain',
    'application/vnd.oci.image.layer.v1.tar+gzip': 'sniff',
    'application/vnd.oci.image.layer.v1.tar+zstd': 'sniff',
    'application/vnd.oci.image.layer.nondistributable.v1.tar+gzip': 'sniff',
    'application/vnd.oci.image.layer.v1.tar+bzip2': 'plain',
    'application/vnd.docker.image.rootfs.diff.tar': 'sniff',
    'application/vnd.docker.image.rootfs.diff.tar.gzip': 'sniff',
    'application/vnd.docker.image.rootfs.diff.tar.zstd': 'sniff',
    'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip': 'sniff',
  } as const
  for (const [type, handling] of Object.entries(types)) {
    it(`${type}: ${handling}`, () => {
      expect(handlingOf(type)).to.equal(handling)
    })
  }

  const unsupported = {
    'application/vnd.oci.image.layer.v1.tar+gzip+encrypted': /encrypted/,
    'application/vnd.erofs.layer.v1': /media type/,
    'text/html': /media type/,
  }
  for (const [type, words] of Object.entries(unsupported)) {
    it(`${type}: cannot be unpacked`, () => {
      expect(() => handlingOf(type))
        .to.throw(PreflightError, words)
        .with.property('code', 'LAYER_UNSUPPORTED')
    })
  }

  it('does not decompress what promises to be plain', async () => {
    const parts: Buffer[] = []
    for await (const part of decompress(chunks(gzip), 'plain')) parts.push(part)
    expect(Buffer.concat(parts).equals(gzip)).to.equal(true)
  })

  it('knows gzip by three bytes, and a skippable frame by eight', () => {
    expect(compressionOf(Buffer.from('1f8b08', 'hex'))).to.equal('gzip')
    expect(compressionOf(Buffer.from('1f8b07', 'hex'))).to.equal('none')
    expect(compressionOf(skippable)).to.equal('zstd')
    expect(compressionOf(skippable.subarray(0, 7))).to.equal('none')
  })
})
