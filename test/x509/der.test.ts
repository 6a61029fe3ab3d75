import { expect } from 'chai'
import { checkNested, childrenOf, readDer, tags } from '../../src/x509/der.ts'
import {
  bigIntegerOf,
  booleanOf,
  fineTimeOf,
  integerOf,
  namedBitsOf,
  oidOf,
  smallIntegerOf,
  timeOf,
  wholeBitsOf,
} from '../../src/x509/der-values.ts'
import { X509Error } from '../../src/x509/x509-error.ts'
import { der } from '../support/der-writer.ts'

const hex = (text: string) => Buffer.from(text, 'hex')
const fault = (read: () => unknown): string | undefined => {
  try {
    read()
    return undefined
  } catch (error) {
    if (error instanceof X509Error) return error.message
    throw error
  }
}

describe('DER', () => {
  const faults: readonly [what: string, bytes: string, why: RegExp][] = [
    ['nothing', '', /is missing or cut off$/],
    ['a tag alone', '30', /is missing or cut off$/],
    ['content that is cut off', '300501', /is cut off: 5 bytes are announced, 1 are there$/],
    ['bytes after the end', '300000', /has 1 bytes after its end$/],
    ['an indefinite length', '30800000', /has an indefinite length/],
    ['a length that is cut off', '3082', /is missing or cut off$/],
    ['a length in a byte that it does not take', '30810100', /not in its shortest form$/],
    ['a length in two bytes that it does not take', `308200ff${'00'.repeat(255)}`, /not in its shortest form$/],
    ['a length of the size of memory', '3084ffffffff', /is cut off: 4294967295 bytes are announced/],
    ['a length larger than the world', '3088ffffffffffffffff', /has a length of 8 bytes$/],
    ['the length that is reserved', '30ff', /has a length of 127 bytes$/],
    ['a tag of several bytes', '3f8100', /has a tag of more than one byte$/],
    ['another tag', '3100', /^it has the tag 0x31, not 0x30$/],
  ]
  for (const [what, bytes, why] of faults) {
    it(`refuses ${what}`, () => {
      expect(fault(() => readDer(hex(bytes), tags.sequence, 'it'))).to.match(why)
    })
  }

  it('reads lengths of one to three bytes', () => {
    for (const size of [0, 127, 128, 255, 256, 65_535, 65_536])
      expect(readDer(der(0x30, Buffer.alloc(size)), tags.sequence, 'it').content.length).to.equal(size)
  })
  it('does not go deeper than it is asked to', () => {
    let nested: Buffer = Buffer.alloc(0)
    for (let depth = 0; depth < 5000; depth++) nested = der(0x30, nested)
    expect(childrenOf(readDer(nested, tags.sequence, 'it'), 'it')).to.have.length(1)
  })

  it('is looked through to its bottom when that is asked for', () => {
    for (const [bytes, fits] of [
      ['3006 3004 30020500', true],
      ['3006 3004 30020501', false],
      ['3006 3004 04020501', true],
      ['3004 2402 0501', false],
    ] as const) {
      const element = readDer(hex(bytes.replaceAll(' ', '')), tags.sequence, 'it')
      expect(fault(() => checkNested(element, 'it')) === undefined, bytes).to.equal(fits)
    }
  })

  type Read = (element: { tag: number; content: Buffer; bytes: Buffer }, what: string) => unknown
  const values: readonly [what: string, read: Read, tag: number, content: string, value: unknown][] = [
    ['an object identifier', oidOf, 6, '551d13', '2.5.29.19'],
    ['one under 2 beyond 2.39', oidOf, 6, '883703', '2.999.3'],
    ['one in more bytes than it takes', oidOf, 6, '5580', undefined],
    ['one that is cut off', oidOf, 6, '5581', undefined],
    ['an empty one', oidOf, 6, '', undefined],
    ['one with an arc of 32 bits', oidOf, 6, '559080808000', undefined],
    ['a number', integerOf, 2, '0080', hex('0080')],
    ['a negative number', integerOf, 2, '80', hex('80')],
    ['a number with a zero to spare', integerOf, 2, '0001', undefined],
    ['a negative one with a byte to spare', integerOf, 2, 'ff80', undefined],
    ['no number', integerOf, 2, '', undefined],
    ['a small number', smallIntegerOf, 2, '00ff', 255],
    ['a negative one as a small', smallIntegerOf, 2, 'ff', undefined],
    ['one of seven bytes as a small', smallIntegerOf, 2, '01000000000000', undefined],
    ['a big number', bigIntegerOf, 2, '00ffffffffffffffffff', 2n ** 72n - 1n],
    ['a negative one as a big', bigIntegerOf, 2, 'ff', undefined],
    ['true', booleanOf, 1, 'ff', true],
    ['false', booleanOf, 1, '00', false],
    ['true in BER', booleanOf, 1, '01', undefined],
    ['whole bytes', wholeBitsOf, 3, '000102', hex('0102')],
    ['bytes that are not whole', wholeBitsOf, 3, '0108', undefined],
    ['no bits at all', wholeBitsOf, 3, '', undefined],
    ['named bits', namedBitsOf, 3, '0186', new Set([0, 5, 6])],
    ['named bits of two bytes', namedBitsOf, 3, '070080', new Set([8])],
    ['no named bits', namedBitsOf, 3, '00', new Set()],
    ['named bits with one after the end', namedBitsOf, 3, '0187', undefined],
    ['more unused bits than a byte has', namedBitsOf, 3, '0800', undefined],
  ]
  for (const [what, read, tag, content, value] of values) {
    it(`${value === undefined ? 'refuses' : 'reads'} ${what}`, () => {
      const element = readDer(der(tag, hex(content)), tag, 'it')
      if (value === undefined) expect(fault(() => read(element, 'it'))).to.be.a('string')
      else expect(read(element, 'it')).to.deep.equal(value)
    })
  }

  const times: readonly [read: Read, tag: number, text: string, iso: string | undefined][] = [
    [timeOf, tags.utcTime, '260301120000Z', '2026-03-01T12:00:00.000Z'],
    [timeOf, tags.utcTime, '490101000000Z', '2049-01-01T00:00:00.000Z'],
    [timeOf, tags.utcTime, '500101000000Z', '1950-01-01T00:00:00.000Z'],
    [timeOf, tags.generalizedTime, '21221109070000Z', '2122-11-09T07:00:00.000Z'],
    [timeOf, tags.generalizedTime, '00010101000000Z', '0001-01-01T00:00:00.000Z'],
    [timeOf, tags.utcTime, '2603011200Z', undefined],
    [timeOf, tags.utcTime, '260301120000+0000', undefined],
    [timeOf, tags.utcTime, '20260301120000Z', undefined],
    [timeOf, tags.generalizedTime, '20260301120000.5Z', undefined],
    [timeOf, tags.generalizedTime, '20260230120000Z', undefined],
    [timeOf, tags.generalizedTime, '20260301240000Z', undefined],
    [timeOf, tags.generalizedTime, '20260301120060Z', undefined],
    [timeOf, tags.octetString, '20260301120000Z', undefined],
    [fineTimeOf, tags.generalizedTime, '20260301120000Z', '2026-03-01T12:00:00.000Z'],
    [fineTimeOf, tags.generalizedTime, '20260301120000.641Z', '2026-03-01T12:00:00.641Z'],
    [fineTimeOf, tags.generalizedTime, '20260301120000.640Z', undefined],
    [fineTimeOf, tags.generalizedTime, '20260301120000.Z', undefined],
    [fineTimeOf, tags.generalizedTime, '20260301120000,5Z', undefined],
    [fineTimeOf, tags.generalizedTime, '20260301120000', undefined],
  ]
  for (const [read, tag, text, iso] of times) {
    it(`${iso === undefined ? 'refuses' : 'reads'} the time ${text} under the tag ${tag}`, () => {
      const element = readDer(der(tag, Buffer.from(text)), tag, 'it')
      if (iso === undefined) expect(fault(() => read(element, 'it'))).to.be.a('string')
      else expect(new Date(read(element, 'it') as number).toISOString()).to.equal(iso)
    })
  }
})
