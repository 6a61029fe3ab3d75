import { expect } from 'chai'
import { Malformed } from '../../../src/signatures/malformed.ts'
import { byteString, readCbor } from '../../../src/signatures/notation/cbor.ts'
import { cbor } from '../../support/cbor-writer.ts'

const read = (hex: string) => readCbor(Buffer.from(hex, 'hex'), 'it')

describe('CBOR', () => {
  const values: readonly [hex: string, value: unknown][] = [
    ['00', 0],
    ['17', 23],
    ['1818', 24],
    ['1a000f4240', 1_000_000],
    ['1b0020000000000000', 2n ** 53n],
    ['1bffffffffffffffff', 2n ** 64n - 1n],
    ['20', -1],
    ['3863', -100],
    ['3bffffffffffffffff', -(2n ** 64n)],
    ['40', Buffer.alloc(0)],
    ['4401020304', Buffer.from([1, 2, 3, 4])],
    ['60', ''],
    ['62c3bc', 'ü'],
    ['80', []],
    ['83010203', [1, 2, 3]],
    ['a0', new Map()],
    [
      'a2016161026162',
      new Map([
        [1, 'a'],
        [2, 'b'],
      ]),
    ],
    ['c11a514b67b0', { tag: 1, value: 1_363_896_240 }],
    ['f4', false],
    ['f5', true],
    ['f6', null],
    ['f7', undefined],
    ['f93c00', { float: 1 }],
    ['f90001', { float: 2 ** -24 }],
    ['f97c00', { float: Number.POSITIVE_INFINITY }],
    ['fa47c35000', { float: 100_000 }],
    ['fbc010666666666666', { float: -4.1 }],
    // Lengths in more bytes than they take are CBOR; go-cose takes them too.
    ['1817', 23],
    ['580101', Buffer.from([1])],
  ]
  for (const [hex, value] of values) {
    it(`${hex} is ${String(JSON.stringify(value, (_, one) => (typeof one === 'bigint' ? `${one}` : one)))}`, () => {
      expect(read(hex)).to.deep.equal(value)
    })
  }

  const faults: readonly [what: string, hex: string, fault: RegExp][] = [
    ['nothing', '', /cut off/],
    ['bytes after the end', '0000', /1 bytes after its end/],
    ['a number that is cut off', '19ff', /cut off/],
    ['a reserved length', '1c', /not CBOR/],
    ['bytes that are cut off', '4301', /cut off/],
    ['bytes longer than the world', '5bffffffffffffffff', /cut off/],
    ['bytes longer than memory', '5affffffff', /cut off/],
    ['text longer than the world', '7b7fffffffffffffff', /cut off/],
    ['text that is not UTF-8', '61ff', /not UTF-8/],
    ['half of a surrogate pair', '63eda080', /not UTF-8/],
    ['a list longer than the world', '9bffffffffffffffff', /cut off/],
    ['a list longer than what follows', '9affffffff00', /cut off/],
    ['a map longer than what follows', 'baffffffff00', /cut off/],
    ['bytes of indefinite length', '5f4101ff', /indefinite length/],
    ['text of indefinite length', '7f6161ff', /indefinite length/],
    ['a list of indefinite length', '9f01ff', /indefinite length/],
    ['a map of indefinite length', 'bf0102ff', /indefinite length/],
    ['a break without a beginning', 'ff', /simple value/],
    ['a key twice', 'a201000100', /the key "1" twice/],
    ['a key twice, once in more bytes', 'a20100180100', /the key "1" twice/],
    ['a text key twice', 'a2616100616100', /the key "a" twice/],
    ['a key that is a list', 'a18000', /neither a whole number nor text/],
    ['a key that is a float', 'a1f93c0000', /neither a whole number nor text/],
    ['a simple value that nobody knows', 'e0', /simple value/],
    ['a simple value in a byte', 'f818', /simple value/],
    ['a tag without a value', 'c1', /cut off/],
    ['lists nested deeper than 32', `${'81'.repeat(33)}00`, /nested deeper than 32/],
    ['tags nested deeper than 32', `${'c1'.repeat(100_000)}00`, /nested deeper than 32/],
  ]
  for (const [what, hex, fault] of faults) {
    it(`refuses ${what}`, () => {
      expect(() => read(hex))
        .to.throw(Malformed)
        .with.property('message')
        .that.matches(fault)
    })
  }

  it('writes byte strings with their length in the shortest form', () => {
    for (const size of [0, 23, 24, 255, 256, 65_535, 65_536]) expect(byteString(Buffer.alloc(size))).to.deep.equal(cbor(Buffer.alloc(size)))
  })
  it('reads lists as deep as 32', () => {
    expect(() => read(`${'81'.repeat(32)}00`)).to.not.throw()
  })
})
