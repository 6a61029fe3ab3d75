import { expect } from 'chai'
import fc from 'fast-check'
import { tableHeaders } from '../../src/containerd/toml-headers.ts'

describe('table headers of a TOML text', () => {
  for (const [what, toml, headers] of [
    ['one after the other, in the order of the file', '[b]\n[a]\n[b.c]\n', [['b'], ['a'], ['b', 'c']]],
    ['with quoted parts', '[host."https://a.example.com:5000/v2"]\n', [['host', 'https://a.example.com:5000/v2']]],
    ['with escapes in a quoted part', '[host."a\\u0062\\"c"]\n', [['host', 'ab"c']]],
    ['with literal parts, in which nothing is escaped', "[host.'a\\b']\n", [['host', 'a\\b']]],
    ['with blanks around the dots and brackets', '\t [ host . "a" ] # c\n', [['host', 'a']]],
    ['with Windows line ends', '[a]\r\nx = 1\r\n[b]\r\n', [['a'], ['b']]],
    ['without a line end', '[a]', [['a']]],
    ['without arrays of tables', '[[a]]\nx = 1\n[b]\n', [['b']]],
    ['not in comments', '# [a]\nx = 1 # [b]\n', []],
    ['not in strings of several lines', 'x = """\n[a]\n\\"""\n[b]"""\ny = \'\'\'\n[c]\n\'\'\'\n[d]\n', [['d']]],
    ['not in strings that end in more quotes', 'x = """a"""""\n[a]\n', [['a']]],
    ['not in arrays over several lines', 'x = [\n[1],\n"]",\n[2] # ]\n]\n[a]\n', [['a']]],
    ['not in inline tables', 'x = { y = [\n[1] ] }\n[a]\n', [['a']]],
    ['with a bracket in a key', '"[" = 1\n[a."]"]\n', [['a', ']']]],
  ] as const) {
    it(`are found ${what}`, () => {
      expect(tableHeaders(toml)).to.deep.equal(headers)
    })
  }

  it('are given back whatever the names are', () => {
    const names = fc.array(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1, maxLength: 3 }))
    fc.assert(
      fc.property(names, all => {
        const toml = all
          .map(parts => `[${parts.map(part => JSON.stringify(part).replaceAll('\u007f', '\\u007f')).join('.')}]\n`)
          .join('x = "[y]"\n')
        expect(tableHeaders(toml)).to.deep.equal(all)
      }),
    )
  })
})
