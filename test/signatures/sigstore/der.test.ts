import { expect } from 'chai'
import fc from 'fast-check'
import { Malformed } from '../../../src/signatures/malformed.ts'
import { childrenOf, encodeDer, oidOf, readDer, timeOf } from '../../../src/signatures/sigstore/der.ts'
import { der, oid } from '../../support/sigstore/der.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

describe('readDer', () => {
  it('reads what was written, of any length', () => {
    for (const length of [0, 1, 127, 128, 255, 256, 65_535, 65_536]) {
      const bytes = der(0x04, Buffer.alloc(length, 7))
      expect(readDer(bytes, 'x').content.length).to.equal(length)
      expect(encodeDer(0x04, Buffer.alloc(length, 7)).equals(bytes)).to.equal(true)
    }
  })
  const refused: readonly [title: string, bytes: Buffer][] = [
    ['nothing', hex('')],
    ['a tag alone', hex('30')],
    ['a length beyond the end', hex('30 05 00')],
    ['bytes behind', hex('05 00 00')],
    ['an indefinite length', hex('30 80 00 00')],
    ['a length in more bytes than needed', hex('04 81 01 00')],
    ['a length with a leading zero', hex('04 82 00 80') as Buffer],
    ['a length of five bytes', hex('04 85 00 00 00 00 01 00')],
    ['a tag of several bytes', hex('1f 81 00 00')],
    ['the tag zero', hex('00 00')],
  ]
  for (const [title, bytes] of refused) {
    it(`refuses ${title}`, () => {
      expect(() => readDer(bytes, 'x')).to.throw(Malformed, /^x /)
    })
  }
  it('throws nothing else, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), bytes => {
        try {
          childrenOf(readDer(bytes, 'x'), 'x')
        } catch (error) {
          expect(error).to.be.instanceOf(Malformed)
        }
      }),
    )
  })
})

describe('oidOf', () => {
  for (const dotted of ['1.2.840.113549.1.1.11', '2.5.29.17', '1.3.6.1.4.1.57264.1.8', '0.9.2342', '2.16.840.1.101.3.4.2.1']) {
    it(`reads ${dotted}`, () => {
      expect(oidOf(readDer(oid(dotted), 'x'), 'x')).to.equal(dotted)
    })
  }
  it('does not fold large arcs onto small ones', () => {
    expect(oidOf(readDer(hex('06 06 2a 90 80 80 80 01'), 'x'), 'x')).to.equal('1.2.4294967297')
  })
  for (const [title, bytes] of [
    ['empty', '06 00'],
    ['cut off', '06 02 2a 86'],
    ['padded', '06 03 2a 80 01'],
    ['of another type', '04 01 2a'],
  ] as const) {
    it(`refuses one that is ${title}`, () => {
      expect(() => oidOf(readDer(hex(bytes), 'x'), 'x')).to.throw(Malformed)
    })
  }
})

describe('timeOf', () => {
  const read = (tag: number, text: string) => timeOf(readDer(der(tag, Buffer.from(text)), 'x'), 'x').toISOString()
  const times: readonly [tag: number, text: string, iso: string][] = [
    [0x17, '260102030405Z', '2026-01-02T03:04:05.000Z'],
    [0x17, '500102030405Z', '1950-01-02T03:04:05.000Z'],
    [0x18, '20260102030405Z', '2026-01-02T03:04:05.000Z'],
    [0x18, '20260102030405.5Z', '2026-01-02T03:04:05.500Z'],
    [0x18, '20260102030405.96Z', '2026-01-02T03:04:05.960Z'],
    [0x18, '20260102030405.123456Z', '2026-01-02T03:04:05.123Z'],
  ]
  for (const [tag, text, iso] of times) {
    it(`reads ${text}`, () => {
      expect(read(tag, text)).to.equal(iso)
    })
  }
  for (const [tag, text] of [
    [0x17, '2601020304Z'],
    [0x17, '260102030405+0100'],
    [0x18, '260102030405Z'],
    [0x18, '20260102030405'],
    [0x18, '20260102030405.50Z'],
    [0x18, '20260102030405.Z'],
    [0x18, '20260230000000Z'],
    [0x18, '20261301000000Z'],
    [0x18, '20260102240000Z'],
    [0x04, '20260102030405Z'],
  ] as const) {
    it(`refuses ${text} of the tag ${tag}`, () => {
      expect(() => read(tag, text)).to.throw(Malformed, /no time/)
    })
  }
})
