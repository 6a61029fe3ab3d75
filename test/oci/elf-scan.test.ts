import { expect } from 'chai'
import fc from 'fast-check'
import { scanElf } from '../../src/oci/elf-scan.ts'
import { buildInfoMagic } from '../../src/oci/go-build-info.ts'

const varint = (length: number): Buffer => Buffer.from(length < 128 ? [length] : [(length & 0x7f) | 0x80, length >> 7])
const text = (value: Buffer): Buffer => Buffer.concat([varint(value.length), value])
const buildInfo = (lines: string): Buffer => {
  const framed = Buffer.concat([Buffer.alloc(16, 1), Buffer.from(lines), Buffer.alloc(16, 2)])
  return Buffer.concat([buildInfoMagic, Buffer.from([8, 2]), Buffer.alloc(16), text(Buffer.from('go1.24.4')), text(framed)])
}

const bytes = Buffer.alloc(4000, 0x41)
buildInfo('path\tacme\n'.repeat(60)).copy(bytes, 1600)
// Not aligned, so that it is none, and one that is cut off by another
buildInfoMagic.copy(bytes, 777)
Buffer.concat([buildInfoMagic, Buffer.from([8, 2])]).copy(bytes, 1504)
Buffer.from('GLIBC_2.34\0').copy(bytes, 100)
Buffer.from('These are not meant to be executed directly').copy(bytes, 3000)

const scanned = (pieces: readonly Buffer[]) => {
  const scan = scanElf(true)
  for (const piece of pieces) scan.write(piece)
  return scan.end()
}

describe('scanning an ELF file', () => {
  it('finds what it looks for', () => {
    expect(scanned([bytes])).to.deep.equal({
      glibc: '2.34',
      go: { goVersion: 'go1.24.4', modules: 'path\tacme\n'.repeat(60) },
      goPlugin: true,
    })
  })

  it('finds the same in pieces of any size', () => {
    const whole = scanned([bytes])
    const cuts = fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 })
    const near = fc.integer({ min: 64, max: 200 }).map(size => Array.from({ length: 70 }, (_, index) => index * size))
    fc.assert(
      fc.property(fc.oneof(cuts, near), places => {
        const sorted = [0, ...places.filter(place => place < bytes.length), bytes.length].sort((a, b) => a - b)
        const pieces = sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end))
        expect(scanned(pieces)).to.deep.equal(whole)
      }),
      { numRuns: 400 },
    )
  })
})
