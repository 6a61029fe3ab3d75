import { expect } from 'chai'
import { type IdentityRule, identityWarnings, matchIdentity, type TextRule } from '../../src/policy/identity.ts'
import { compilePattern } from '../../src/policy/pattern.ts'

const exact = (text: string): TextRule => ({ kind: 'exact', text })
const pattern = (text: string): TextRule => {
  const compiled = compilePattern(text)
  if ('fault' in compiled) throw new Error(compiled.fault)
  return compiled
}
const issuer = 'https://token.actions.githubusercontent.com'
const workflow = 'https://github.com/acme/plugin/.github/workflows/release.yml@refs/tags/v1.0.0'
const signed = { subjects: [workflow], issuer }
const rule = (subject: TextRule, from: TextRule = exact(issuer)): IdentityRule => ({ subject, issuer: from })

describe('matchIdentity', () => {
  for (const [title, found, wanted, matched] of [
    ['takes the same subject and issuer', signed, rule(exact(workflow)), true],
    ['takes any of several names', { subjects: ['a@b.example', workflow], issuer }, rule(exact(workflow)), true],
    ['refuses another issuer', { ...signed, issuer: `${issuer}.evil.example` }, rule(exact(workflow)), false],
    ['refuses a subject that begins with the wanted one', { ...signed, subjects: [`${workflow}x`] }, rule(exact(workflow)), false],
    [
      'refuses a subject that ends with the wanted one',
      { ...signed, subjects: [`https://evil.example/${workflow}`] },
      rule(exact(workflow)),
      false,
    ],
    ['reads an exact text as no pattern', { ...signed, subjects: ['aXb'] }, rule(exact('a.b')), false],
    ['refuses other letter case', { ...signed, subjects: [workflow.toUpperCase()] }, rule(exact(workflow)), false],
    ['refuses a certificate without a name', { ...signed, subjects: [] }, rule(pattern('.*')), false],
    ['refuses an empty name', { ...signed, subjects: [''] }, rule(pattern('.*')), false],
    ['refuses a certificate without an issuer', { ...signed, issuer: undefined }, rule(exact(workflow)), false],
    ['refuses it also for a pattern that wants one', { ...signed, issuer: undefined }, rule(exact(workflow), pattern('^.+$')), false],
    ['takes it for a pattern that takes no issuer', { ...signed, issuer: undefined }, rule(exact(workflow), pattern('^.*$')), true],
    ['takes a pattern of subjects', signed, rule(pattern('^https://github\\.com/acme/')), true],
    ['takes a pattern of issuers', signed, rule(exact(workflow), pattern('^https://token\\.actions\\.githubusercontent\\.com$')), true],
    ['refuses what a pattern does not find', signed, rule(pattern('^https://github\\.com/other/')), false],
    ['takes the longest name that is looked at', { ...signed, subjects: ['a'.repeat(2048)] }, rule(pattern('a')), true],
    [
      'takes as many names as are looked at',
      { ...signed, subjects: Array.from({ length: 64 }, () => workflow) },
      rule(exact(workflow)),
      true,
    ],
    ['refuses a name that is too long to be looked at', { ...signed, subjects: ['a'.repeat(2049)] }, rule(pattern('a')), false],
    [
      'refuses a certificate with too many names',
      { ...signed, subjects: Array.from({ length: 65 }, () => workflow) },
      rule(exact(workflow)),
      false,
    ],
  ] as const) {
    it(title, () => {
      expect(matchIdentity(found, wanted).matched).to.equal(matched)
    })
  }

  it('says which name matched, what was expected and what was found', () => {
    expect(matchIdentity({ subjects: ['x@y.example', workflow], issuer }, rule(pattern('^https://')))).to.deep.include({
      subject: workflow,
      expected: `/^https:///, issued by ${issuer}`,
      found: `x@y.example and 1 more names, issued by ${issuer}`,
    })
  })

  it('keeps a name with line breaks in one line', () => {
    expect(matchIdentity({ subjects: ['a\nPASS'], issuer: undefined }, rule(exact('b'))).found).to.equal('a\\u000aPASS, issued by nobody')
  })

  it('tells of each loose pattern once', () => {
    const loose = rule(pattern('a'), pattern('a'))
    expect(identityWarnings([loose, loose])).to.have.length(1)
  })
})
