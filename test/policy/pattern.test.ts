import { expect } from 'chai'
import { compilePattern } from '../../src/policy/pattern.ts'

const patternOf = (text: string) => {
  const pattern = compilePattern(text)
  if ('fault' in pattern) throw new Error(pattern.fault)
  return pattern
}

describe('patterns of identities, in the syntax of Go', () => {
  for (const [pattern, text, matches] of [
    ['acme', 'https://acme.example', true],
    ['^acme$', 'acme', true],
    ['^acme$', 'acme\n', false],
    ['^acme$', 'evil\nacme', false],
    ['(?i)^ACME$', 'acme', true],
    ['^(?P<who>a|b)@acme\\.example$', 'b@acme.example', true],
    ['^\\Qa.b\\E$', 'a.b', true],
    ['^\\Qa.b\\E$', 'axb', false],
    ['\\Aacme\\z', 'acme', true],
    ['^[[:alpha:]]+$', 'acme', true],
  ] as const) {
    it(`/${pattern}/ ${matches ? 'matches' : 'does not match'} ${JSON.stringify(text)}`, () => {
      expect(patternOf(pattern).matches(text)).to.equal(matches)
    })
  }

  for (const pattern of [
    '[',
    '(',
    'a**',
    'a(?=b)',
    '(a)\\1',
    'a{1001}',
    '((a{100}){100}){100}',
    '(?<!a)b',
    '\\C',
    '('.repeat(900),
    'a'.repeat(1001),
  ]) {
    it(`refuses ${pattern.slice(0, 24)}, as Go does or because it is too large`, () => {
      expect(compilePattern(pattern)).to.have.property('fault').that.is.not.empty
    })
  }

  it('refuses a pattern that repetition makes huge', () => {
    expect(compilePattern(`(${'a'.repeat(200)}){1000}`))
      .to.have.property('fault')
      .that.includes('repeats too much')
    expect(compilePattern(`(${'a'.repeat(200)}){1,1000}`))
      .to.have.property('fault')
      .that.includes('repeats too much')
    expect(compilePattern(`(${'a'.repeat(200)}){1000,}`))
      .to.have.property('fault')
      .that.includes('repeats too much')
    expect(compilePattern('(.*){1,1000}')).to.not.have.property('fault')
  })

  it('takes as long a pattern as is read', () => {
    expect(compilePattern('a'.repeat(1000))).to.not.have.property('fault')
  })

  it('answers at once where a backtracking engine would not', () => {
    expect(patternOf('^(a+)+$').matches(`${'a'.repeat(2000)}b`)).to.equal(false)
    expect(patternOf('(a|aa)+$').matches(`${'a'.repeat(2000)}b`)).to.equal(false)
  })

  const loose = 'matches any character'
  const open = 'matches anywhere'
  for (const [pattern, ...warnings] of [
    ['^https://github\\.com/acme/.*$'],
    ['^https://github.com/acme/.*$', loose],
    ['https://github\\.com/acme/.*', open],
    ['.*@acme.example', open, loose],
    ['^.+@acme\\.example$'],
    ['^a$|^b$'],
    ['^a|b$', open],
    ['^(a|b)$'],
    ['(^a$|^b$)'],
    ['(^a|b$)', open],
    ['(^a$)|b', open],
    ['^a$|', open],
    ['\\Aa\\z'],
    ['\\Aa\\$', open],
    ['\\^a$', open],
    ['^a\\\\$'],
    ['(?i)^a$'],
    ['(?m)^a$', open],
    ['^(?m)a$', open],
    ['(?i:^a$)'],
    ['(?:^a$)'],
    ['(?P<x>^a$)'],
    ['^[|]$'],
    ['^[.]$'],
    ['^[]|.]$'],
    ['^[^]|.]$'],
    ['^\\Q.|\\E$'],
    ['^a.?b$'],
    ['^a.{2}b$'],
    ['^a\\.b$'],
    ['^a.b$', loose],
  ] as const) {
    it(`${warnings.length === 0 ? 'has nothing to say of' : 'warns of'} ${pattern}`, () => {
      const given = patternOf(pattern).warnings
      expect(given).to.have.length(warnings.length)
      for (const [index, words] of warnings.entries()) expect(given[index]).to.include(words)
    })
  }
})
