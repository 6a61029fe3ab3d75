import { expect } from 'chai'
import { isWithin, parseDistinguishedName } from '../../../src/policy/notation/distinguished-name.ts'

const read = (text: string) => {
  const name = parseDistinguishedName(text)
  return typeof name === 'string' ? name : Object.fromEntries(name)
}

describe('a distinguished name of a trust policy', () => {
  const base = { C: 'US', ST: 'WA', O: 'acme' }
  const good: readonly [text: string, name: object][] = [
    ['C=US,ST=WA,O=acme', base],
    [' C = US ; S=WA,  O=acme  ', base],
    ['C=US,ST=WA,O=acme,CustomRDN=x', { ...base, CustomRDN: 'x' }],
    ['C=US,ST=WA,O=My  Org', { ...base, O: 'My  Org' }],
    ['C=US,ST=WA,O=My "special" Org \\, \\; \\\\ others', { ...base, O: 'My "special" Org , ; \\ others' }],
    ['C=US,ST=WA,O=M\\C3\\BCller', { ...base, O: 'Müller' }],
    ['C=US,ST=WA,O=Müller', { ...base, O: 'Müller' }],
    ['C=US,ST=WA,O=a\\+b\\=c\\#', { ...base, O: 'a+b=c#' }],
    ['C=US,ST=WA,O=a=b', { ...base, O: 'a=b' }],
    ['C=US,ST=WA,O=acme\\ ', { ...base, O: 'acme ' }],
    ['C=US,ST=WA,O=acme\\\\ ', { ...base, O: 'acme\\' }],
    ['C=US,ST=WA,O=\\ acme', { ...base, O: ' acme' }],
    ['C=US,ST=WA,O=acme,c=DE', { ...base, c: 'DE' }],
  ]
  for (const [text, name] of good) {
    it(`reads ${text}`, () => {
      expect(read(text)).to.deep.equal(name)
    })
  }

  const bad: readonly [text: string, why: RegExp][] = [
    ['', /is not made of TYPE=VALUE parts/],
    ['invalid', /is not made of TYPE=VALUE parts/],
    [',,,', /is not made of TYPE=VALUE parts/],
    ['C=US,ST=WA,O=acme,', /is not made of TYPE=VALUE parts/],
    ['C=US,ST=WA', /^lacks O: /],
    ['C=US,O=acme', /^lacks ST: /],
    ['c=US,ST=WA,O=acme', /^lacks C: /],
    ['C=US,C=IN', /^has C twice$/],
    ['C=US,ST=WA,S=WA,O=acme', /^has ST twice$/],
    ['C=US+ST=WA,O=acme', /several attributes in one part/],
    ['C=US,ST=WA,O=#0c0161', /"=#"/],
    ['C=US,ST=WA,O=acme=#', /"=#"/],
    ['C=US,ST=WA,O=acme,CN=', /^has no value for CN$/],
    ['C=US,ST=WA,O=acme,=x', /^has a value without a type$/],
    ['C=US,ST=WA,O=a\\zcme', /a backslash before something/],
    ['C=US,ST=WA,O=acme\\', /ends with a backslash/],
    ['C=US,ST=WA,O=acme\\C', /a backslash before something/],
    ['C=US,ST=WA,O=\\FF', /a backslash before something/],
    [`C=US,ST=WA,O=${'a'.repeat(5000)}`, /is longer than/],
  ]
  for (const [text, why] of bad) {
    it(`refuses ${text.slice(0, 40)}`, () => {
      expect(read(text)).to.match(why)
    })
  }

  it('is within another that has all of it, with the very same values', () => {
    const within = (a: string, b: string) => {
      const [left, right] = [parseDistinguishedName(a), parseDistinguishedName(b)]
      if (typeof left === 'string' || typeof right === 'string') throw new Error('no names')
      return isWithin(left, right)
    }
    const small = 'C=US,ST=WA,O=acme'
    expect([within(small, `${small},L=x`), within(`${small},L=x`, small), within(small, small)]).to.deep.equal([true, false, true])
    expect(within(small, 'C=US,ST=WA,O=Acme')).to.equal(false)
  })
})
