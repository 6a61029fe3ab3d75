import { expect } from 'chai'
import fc from 'fast-check'
import { endsAt, itemsAt, pickMembers, valueAt } from '../../src/conversion/json-spans.ts'
import { JsonError } from '../../src/oci/go-json.ts'

const bytesOf = (text: string) => Buffer.from(text)
/** As a whole document. */
const reads = (text: string): boolean => {
  try {
    endsAt(bytesOf(text), valueAt(bytesOf(text), 0).end)
    return true
  } catch (error) {
    if (error instanceof JsonError) return false
    throw error
  }
}
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('valueAt', () => {
  const texts = [
    '',
    ' ',
    '{',
    '}',
    '[',
    ']',
    '[]',
    '{}',
    '[ ]',
    '{ }',
    '[1,]',
    '[,1]',
    '{"a":1,}',
    '{"a"}',
    '{"a":}',
    '{a:1}',
    '{"a":1 "b":2}',
    '[1 2]',
  ]
  const scalars = [
    '0',
    '-0',
    '01',
    '-',
    '1.',
    '.1',
    '1.5',
    '1e',
    '1e5',
    '1E+5',
    '1e-',
    '+1',
    'tru',
    'true',
    'truex',
    'nul',
    'null',
    'NaN',
    '1 1',
  ]
  const strings = [
    '"',
    '""',
    '"\\',
    '"\\"',
    '"\\x"',
    '"\\u12"',
    '"\\u12g4"',
    '"\\u00e9\\n"',
    '"\n"',
    '"\u007f\u2028"',
    '"ä"',
    '"a" ',
    '"a"b',
  ]
  const nested = [
    '[[],{}]',
    '[{"a":[1,{"b":null}]},"x"]',
    '[}',
    '{]',
    '[{]}',
    '{"a":[}',
    '\t\r\n[\n1 , 2\t]\r',
    '\u00a0[]',
    '\ufeff{}',
    '[1]]',
    '{"a":1}}',
  ]
  for (const text of [...texts, ...scalars, ...strings, ...nested])
    it(`takes ${JSON.stringify(text)} where JSON.parse does`, () => {
      expect(reads(text)).to.equal(isJson(text))
    })

  it('takes every document, and of a changed one what JSON.parse takes', () => {
    const letters = [...'{}[]",:\\u01eE+-. tfn\n']
    fc.assert(
      fc.property(fc.json(), fc.nat(), fc.constantFrom(...letters), fc.boolean(), (text, place, letter, replaced) => {
        const at = place % (text.length + 1)
        const changed = text.slice(0, at) + letter + text.slice(replaced ? at + 1 : at)
        expect(reads(text), text).to.equal(true)
        expect(reads(changed), changed).to.equal(isJson(changed))
      }),
      { numRuns: 2000 },
    )
  })
  it('gives the place of the value without the space around it', () => {
    expect(valueAt(bytesOf('  [1, 2]  ,'), 0)).to.deep.equal({ start: 2, end: 8 })
  })
  it('takes 10,000 levels as Go does, and no more', () => {
    const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    expect([reads(deep(10_000)), reads(deep(10_001)), reads('{"a":'.repeat(1_000_000))]).to.deep.equal([true, false, false])
  })
})

describe('pickMembers', () => {
  const pick = (text: string) => {
    const bytes = bytesOf(text)
    const { members, end } = pickMembers(bytes, 0, ['a', 'b'])
    return [Object.entries(members).map(([name, { start, end: to }]) => [name, text.slice(start, to)]), end]
  }
  it('finds the members that are asked for, also under an escaped name', () => {
    expect(pick('{"x":{"a":0},"\\u0061": [1] ,"b":"c"}  ')).to.deep.equal([
      [
        ['a', '[1]'],
        ['b', '"c"'],
      ],
      36,
    ])
  })
  it('refuses one of them that is there twice, and lets others be', () => {
    expect(() => pick('{"a":1,"\\u0061":2}')).to.throw(JsonError, '"a" is there twice')
    expect(pick('{"x":1,"x":2}')[0]).to.deep.equal([])
  })
  for (const text of ['[]', '1', '"a"', 'null', '{"a":1', '{"a":1,', '{"a" 1}', '{,}'])
    it(`refuses ${text}`, () => {
      expect(() => pick(text)).to.throw(JsonError)
    })
})

describe('itemsAt', () => {
  it('gives the place of each item', () => {
    const text = '[ {"a":[1]}, 2 ,"]" ]'
    expect(itemsAt(bytesOf(text), 0, 3).map(({ start, end }) => text.slice(start, end))).to.deep.equal(['{"a":[1]}', '2', '"]"'])
  })
  it('stops at the first that is too many', () => {
    expect(() => itemsAt(bytesOf('[1,2,3,4 and no more of it is read'), 0, 3)).to.throw(JsonError, 'there are more than 3 of them')
  })
  for (const text of ['{}', '[', '[1', '[1,', '[1,]'])
    it(`refuses ${text}`, () => {
      expect(() => itemsAt(bytesOf(text), 0, 9)).to.throw(JsonError)
    })
})
