import { expect } from 'chai'
import { holds, parseWhen, type When } from '../src/when.ts'

const values = { missing: 2, resolved: true, kind: 'index', none: 0, version: '1.10' }
const known = [...Object.keys(values), 'absent']
const read = (text: string): When => {
  const when = parseWhen(text, known)
  if ('fault' in when) throw new Error(when.fault)
  return when
}

describe('when', () => {
  for (const [text, expected] of [
    ['missing > 1', true],
    ['missing > 2', false],
    ['missing >= 2', true],
    ['missing < 3', true],
    ['missing <= 1', false],
    ['missing = 2', true],
    ['missing == 2.0', true],
    ['missing === 2', true],
    ['missing != 2', false],
    ['kind == index', true],
    ['kind == "index"', true],
    ["kind != 'manifest'", true],
    ['version == 1.1', false],
    ['resolved', true],
    ['resolved == true', true],
    ['none', false],
    ['kind', false],
    ['absent == x', false],
    ['absent != x', true],
    ['absent', false],
  ] as const) {
    it(`${text}: ${expected}`, () => expect(holds(read(text), values)).to.equal(expected))
  }

  for (const [text, words] of [
    ['misssing > 1', 'there is no value misssing'],
    ['missing >', 'it is written'],
    ['missing>1', 'it is written'],
    ['missing => 1', '=> is no operator'],
    ['missing > many', 'many is none'],
    ['missing > 1 2', 'it is written'],
    ['', 'it is written'],
  ] as const) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      const when = parseWhen(text, known)
      expect('fault' in when && when.fault).to.contain(words)
    })
  }
})
