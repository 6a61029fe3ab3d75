import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { createTarReader } from '../../src/oci/tar-reader.ts'
import { tar } from '../support/tar-writer.ts'

describe('a tar reader that passes over data', () => {
  const long = 'x'.repeat(150)
  const archive = tar([
    { name: 'a', data: 'a'.repeat(1000) },
    { name: 'dir/' },
    { name: long, data: 'b'.repeat(513) },
    { name: 'empty' },
    { name: 'c', data: 'wanted' },
  ])
  const read = (chunkBytes: number) => {
    const seen: [string, string][] = []
    const got: Buffer[] = []
    const reader = createTarReader(({ name, sizeBytes }) => {
      const at = reader.position()
      seen.push([name, archive.toString('latin1', at, at + sizeBytes)])
      return name === 'c' ? { write: part => void got.push(Buffer.from(part)), zeros: () => undefined, end: () => undefined } : undefined
    })
    let skipped = 0
    for (let at = 0; at < archive.length; ) {
      const over = reader.unwanted()
      reader.skip(over)
      skipped += over
      at += over
      reader.write(archive.subarray(at, at + chunkBytes))
      at += chunkBytes
    }
    reader.end()
    return { seen, skipped, wanted: Buffer.concat(got).toString() }
  }

  for (const chunkBytes of [1, 7, 511, 512, 513, 4096])
    it(`sees the same with pieces of ${chunkBytes} bytes, each file's data at its position`, () => {
      const { seen, wanted, skipped } = read(chunkBytes)
      expect(seen).to.deep.equal([
        ['a', 'a'.repeat(1000)],
        ['dir/', ''],
        [long, 'b'.repeat(513)],
        ['empty', ''],
        ['c', 'wanted'],
      ])
      expect(wanted).to.equal('wanted')
      if (chunkBytes === 1) expect(skipped).to.equal(1024 + 1024)
      if (chunkBytes <= 512) expect(skipped).to.be.above(1000)
    })

  it('is cut off where less is there than was passed over', () => {
    const reader = createTarReader(() => undefined)
    reader.write(archive.subarray(0, 512))
    reader.skip(500)
    expect(() => reader.end())
      .to.throw(PreflightError)
      .with.property('code', 'LAYER_CORRUPT')
    reader.skip(reader.unwanted())
    expect(() => reader.end()).not.to.throw()
  })
})
