import { expect } from 'chai'
import fc from 'fast-check'
import { globMatches, parseScript } from '../../src/velero/shell-script.ts'

/** Commands as `word word`, and what follows each. */
const parsed = (script: string) => {
  const result = parseScript(script)
  return 'unknown' in result
    ? result
    : result.commands.map(({ words, next }) => [words.map(({ text, glob }) => (glob === undefined ? text : `*${text}`)).join('|'), next])
}

describe('shell scripts of entrypoints', () => {
  const understood: readonly (readonly [string, readonly (readonly string[])[]])[] = [
    ['cp a b', [['cp|a|b', 'end']]],
    ['  cp\ta  b  ', [['cp|a|b', 'end']]],
    [
      'cp a b && cp c d; cp e f\ncp g h',
      [
        ['cp|a|b', 'and'],
        ['cp|c|d', 'then'],
        ['cp|e|f', 'then'],
        ['cp|g|h', 'end'],
      ],
    ],
    [
      'cp a b &&\n  cp c d',
      [
        ['cp|a|b', 'and'],
        ['cp|c|d', 'end'],
      ],
    ],
    ['cp a \\\n b', [['cp|a|b', 'end']]],
    ['cp /plugins/* /target/.', [['cp|*/plugins/*|/target/.', 'end']]],
    ['cp \'/plugins/*\' "/target dir"', [['cp|/plugins/*|/target dir', 'end']]],
    ['cp "a\\"b" c\\ d', [['cp|a"b|c d', 'end']]],
    ["cp '' x", [['cp||x', 'end']]],
    ['cp a"b"\'c\' d', [['cp|abc|d', 'end']]],
    [
      'cp a b # a comment; with more\ncp c d',
      [
        ['cp|a|b', 'then'],
        ['cp|c|d', 'end'],
      ],
    ],
    ['cp a#b c', [['cp|a#b|c', 'end']]],
    ['cp [ab]? [x', [['cp|*[ab]?|[x', 'end']]],
    [';;\n', []],
    ['', []],
  ]
  for (const [script, expected] of understood) {
    it(`understands ${JSON.stringify(script)}`, () => {
      expect(parsed(script)).to.deep.equal(expected)
    })
  }

  const unknown = [
    'cp $A b',
    'cp "$A" b',
    'cp `x` b',
    'cp "`x`" b',
    'a | b',
    'a || b',
    'a & b',
    'a > b',
    'a < b',
    '(a)',
    'a {b,c}',
    'cp ~/a b',
    '! a',
    "cp 'a",
    'cp "a',
    '&& a',
    'a 2>&1',
  ]
  for (const script of unknown) {
    it(`does not guess at ${JSON.stringify(script)}`, () => {
      expect(parsed(script)).to.have.property('unknown')
    })
  }

  it('reads any text without an error', () => {
    fc.assert(fc.property(fc.string(), fc.string(), (a, b) => void parseScript(`${a}'${b}\\"[${a}`)))
  })
})

describe('globs', () => {
  const matches = (pattern: string, name: string) => {
    const result = parseScript(pattern)
    const glob = 'commands' in result ? result.commands[0]?.words[0]?.glob : undefined
    return glob !== undefined && globMatches(glob, name)
  }
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['*', ['a', 'velero-plugin'], ['.hidden']],
    ['.*', ['.hidden'], ['a']],
    ['velero-*', ['velero-', 'velero-x'], ['velero', 'a-velero-x']],
    ['*-*-?', ['a-b-c', 'a-b-b-c'], ['a-b', 'a-b-']],
    ['[a-c]x', ['ax', 'cx'], ['dx', 'x']],
    ['[!a-c]x', ['dx'], ['ax', 'x']],
    ['[^a]*', ['b', 'bc'], ['a', '']],
    ['[]a]?', [']x', 'ax'], ['bx']],
    ['[a-]?', ['-x', 'ax'], ['bx']],
    ['?', ['a'], ['', 'ab', '.']],
    ["'*'?", ['*a'], ['aa']],
  ]
  for (const [pattern, yes, no] of cases) {
    it(`${pattern} fits ${yes.join(', ')}, not ${no.map(name => JSON.stringify(name)).join(', ')}`, () => {
      expect(yes.filter(name => !matches(pattern, name))).to.deep.equal([])
      expect(no.filter(name => matches(pattern, name))).to.deep.equal([])
    })
  }

  it('take no time that grows with the power of their stars', () => {
    expect(matches(`${'*a'.repeat(60)}b`, 'a'.repeat(255))).to.equal(false)
  })
})
