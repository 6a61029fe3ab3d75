import { expect } from 'chai'
import fc from 'fast-check'
import { PreflightError } from '../src/errors.ts'
import { at, maxYamlBytes, parseYaml, textOf, toJs } from '../src/yaml-source.ts'

const read = (text: string) => parseYaml(text, 'f.yaml').map(({ root }) => (root === undefined ? undefined : toJs(root)))
const mistake = (input: string | Uint8Array): PreflightError => {
  try {
    parseYaml(input, 'f.yaml')
  } catch (error) {
    if (error instanceof PreflightError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

describe('parseYaml', () => {
  it('reads every document of a stream', () => {
    expect(read('a: 1\nb: [x, {c: d}]\n---\n# only a comment\n---\n- e\n')).to.deep.equal([
      { a: 1, b: ['x', { c: 'd' }] },
      undefined,
      ['e'],
    ])
  })
  for (const empty of ['', '# nothing\n', '---\n', '\n\n', '\ufeff', '~']) {
    it(`gives an empty document no root: ${JSON.stringify(empty)}`, () => {
      expect(read(empty)).to.deep.equal([undefined])
    })
  }
  it('reads JSON, with tabs', () => {
    expect(read('{"a":\t[1, "b\\u00e9"],\n\t"c": null}')).to.deep.equal([{ a: [1, 'bé'], c: null }])
  })
  it('reads CRLF and a byte order mark', () => {
    expect(read('\ufeffa: 1\r\nb: |\r\n  x\r\n  y\r\n')).to.deep.equal([{ a: 1, b: 'x\ny\n' }])
  })
  it('gives every node its place', () => {
    const root = parseYaml('a:\n  - b: "x"\n    c:\n', 'f.yaml')[0]?.root
    expect(at(root, 'a', 0)?.position).to.deep.equal({ file: 'f.yaml', line: 2, column: 5 })
    expect(at(root, 'a', 0, 'b')?.position).to.deep.equal({ file: 'f.yaml', line: 2, column: 8 })
    expect(at(root, 'a', 0, 'c')?.position).to.include({ line: 3 })
    expect(at(root, 'a', 1)).to.equal(undefined)
    expect(at(root, 'a', 'b')).to.equal(undefined)
  })
  it('resolves aliases and merge keys, and places an alias where it stands', () => {
    const root = parseYaml('x: &a {b: 1}\nu: *a\nz: {<<: *a, c: 2}\nw: {<<: [*a, {d: 3}]}\n', 'f.yaml')[0]?.root
    expect(root && toJs(root)).to.deep.equal({ x: { b: 1 }, u: { b: 1 }, z: { b: 1, c: 2 }, w: { b: 1, d: 3 } })
    expect(at(root, 'u')?.position).to.include({ line: 2, column: 4 })
  })
  it('gives maps no prototype', () => {
    expect(textOf(at(parseYaml('__proto__: {toString: x}', 'f')[0]?.root, '__proto__', 'toString'))).to.equal('x')
    expect(Object.keys(read('__proto__: 1')[0] as object)).to.deep.equal(['__proto__'])
  })
  it('reads bytes as UTF-8', () => {
    const [document] = parseYaml(new TextEncoder().encode('a: é'), 'f')
    expect(document?.root && toJs(document.root)).to.deep.equal({ a: 'é' })
  })
  for (const [between, count] of [
    ['...\n---\n', 2],
    ['... # end\n# of it\n---\n', 2],
    ['...\r\n\r\n--- # next\r\n', 2],
    ['...\n%YAML 1.1\n---\n', 2],
    ['...\n---\n---\n', 3],
  ] as const)
    it(`begins another document after ${JSON.stringify(between)}`, () => {
      const documents = read(`a: 1\n${between}b: 2\n`)
      expect([documents.length, documents[0], documents.at(-1)]).to.deep.equal([count, { a: 1 }, { b: 2 }])
    })
  it('takes the directives that go-yaml takes', () => {
    expect(read('%YAML 1.1\n%TAG !e! tag:x,2000:\n---\na: b\n')).to.deep.equal([{ a: 'b' }])
  })
  it('ends a last block of text where the file ends, as go-yaml does', () => {
    expect(read('a: |\n  x')).to.deep.equal([{ a: 'x' }])
    expect(read('a: |\n  x\n')).to.deep.equal([{ a: 'x\n' }])
  })
})

describe('parseYaml refuses, with place, line and caret:', () => {
  const cases: [what: string, text: string, message: string][] = [
    ['a tab as indentation', 'a:\n\tb: 2\n', 'f.yaml:2:1: tabs are not allowed as indentation\n  \\u0009b: 2\n  ^'],
    ['a key that is set twice', 'a: 1\nb: 2\na: 3\n', 'f.yaml:3:1: the key a is already set at f.yaml:1:1\n  a: 3\n  ^'],
    [
      'a key that a merge key sets too',
      'x: &a {b: 1}\ny: {<<: *a, b: 2}\n',
      'f.yaml:2:13: the key b is already set at f.yaml:1:8\n  y: {<<: *a, b: 2}\n              ^',
    ],
    [
      'a quote that is not closed',
      'a: "x\n',
      'f.yaml:1:6: a text that begins with " is not closed, or goes on in a line that is not indented\n  a: "x\n       ^',
    ],
    ['a single quote that is not closed at the end', "a: 'it''", "f.yaml:1:4: missing closing '\n  a: 'it''\n     ^"],
    [
      'a list that is not closed',
      'a: [1\n',
      'f.yaml:1:6: a sequence is not closed: ] is missing, or stands too far left\n  a: [1\n       ^',
    ],
    ['a second colon', 'a: b: c', 'f.yaml:1:4: a second ": " in one line; put the text in quotes\n  a: b: c\n     ^'],
    [
      'a key after a text',
      'a: 1\n b: 2\n',
      'f.yaml:2:3: the key of this : begins on an earlier line; is the indentation right?\n   b: 2\n    ^',
    ],
    [
      'items at different columns',
      'a:\n  b: 1\n c: 2',
      'f.yaml:3:1: this does not begin at the column where the items of its mapping begin\n   c: 2\n  ^',
    ],
    ['a reserved sign', 'a: `x`', 'f.yaml:1:4: a text that begins with ` needs quotes\n  a: `x`\n     ^'],
    ['an unknown escape', 'a: "\\q"', 'f.yaml:1:5: unknown escape \\q in double quotes\n  a: "\\q"\n      ^'],
    [
      'a list after a mapping',
      '- a\nb: c',
      'f.yaml:2:1: this does not belong to the value before it; is the indentation right?\n  b: c\n  ^',
    ],
    ['an unknown alias', 'x: *q', 'f.yaml:1:4: the alias *q names an anchor that is not set before it\n  x: *q\n     ^'],
    [
      'an alias inside its anchor',
      'x: &a [*a]',
      'f.yaml:1:8: the alias *a stands inside the value that it names\n  x: &a [*a]\n         ^',
    ],
    [
      'a merge of something else',
      'x: &a 1\ny: {<<: *a}',
      'f.yaml:2:5: << takes a mapping or a list of mappings, not a number\n  y: {<<: *a}\n      ^',
    ],
    ['a key that is a list', '[a]: b', 'f.yaml:1:1: a key must be text, not a list\n  [a]: b\n  ^'],
    [
      'a template without quotes',
      'a: {{repl B "c"}}',
      'f.yaml:1:5: a key must be text, not a mapping; if {{ }} is a template, put what it gives in its place: nobody renders it here\n  a: {{repl B "c"}}\n      ^',
    ],
    ['a key that is nothing', '~: b', 'f.yaml:1:1: a key must be text, not nothing (null)\n  ~: b\n  ^'],
    ['a tag that does not fit', 'a: !!int x', 'f.yaml:1:10: x is not of the type !!int\n  a: !!int x\n           ^'],
    ['bad base64', 'a: !!binary x', 'f.yaml:1:13: a !!binary value that is not base64\n  a: !!binary x\n              ^'],
    [
      'a number that JSON does not have',
      'a: .inf',
      'f.yaml:1:4: .inf is a number that JSON, and so Kubernetes, cannot hold\n  a: .inf\n     ^',
    ],
    [
      'a control character',
      'a: "b\u0007"',
      'f.yaml:1:6: the character U+0007 may not stand in YAML; in double quotes write it as an escape\n  a: "b\\u0007"\n       ^',
    ],
    [
      'what follows in the comment for us and on the next line for EC',
      'a: b # \u2028c: d',
      'f.yaml:1:8: the character U+2028 may not stand in YAML; in double quotes write it as an escape\n  a: b # \\u2028c: d\n         ^',
    ],
    [
      'a carriage return alone',
      'a: b # \rc: d',
      'f.yaml:1:8: a carriage return without a line feed may not stand in YAML; in double quotes write it as an escape\n  a: b # \\u000dc: d\n         ^',
    ],
    [
      'a flow key without a space, which is another key for EC',
      'a: {image:, b}',
      'f.yaml:1:11: a space is missing before this, after the :\n  a: {image:, b}\n            ^',
    ],
    ['a tab after a dash', '-\ta', 'f.yaml:1:2: a tab after -; use a space\n  -\\u0009a\n   ^'],
    [
      'a text that goes on after a tab',
      'a: b\n \tc',
      'f.yaml:1:4: this text goes on in a line that is indented with a tab\n  a: b\n     ^',
    ],
    [
      'a block of text that begins with a tab',
      'a: |\n  \tb\n',
      'f.yaml:2:1: the block of text after | begins with a tab\n    \\u0009b\n  ^',
    ],
    [
      'a question mark as key',
      '? a\n: b\n',
      'f.yaml:1:1: keys that begin with ? are not understood alike by all YAML parsers; write key: value\n  ? a\n  ^',
    ],
    [
      'a question mark in a flow text',
      'a: [b?c]',
      'f.yaml:1:5: inside [ ] and { } a text with ?, or with : at its start, needs quotes\n  a: [b?c]\n      ^',
    ],
    [
      'a key of two lines',
      'a: {b\n c: d}',
      'f.yaml:2:3: the key of this : begins on an earlier line; is the indentation right?\n   c: d}\n    ^',
    ],
    ['a colon without its key', 'a\n: b', 'f.yaml:2:1: the : does not stand on the line of its key\n  : b\n  ^'],
    ['a document after the end', 'a: 1\n...\nb: 2\n', 'f.yaml:3:1: after ... the next document starts with ---\n  b: 2\n  ^'],
    [
      'another version of YAML',
      '%YAML 1.2\n---\na: b\n',
      'f.yaml:1:1: Kubernetes reads YAML 1.1 alone; leave the %YAML out\n  %YAML 1.2\n  ^',
    ],
    [
      'an unknown directive',
      'a: 1\n...\n%FOO 1.1\n---\na: b\n',
      'f.yaml:3:1: a line that begins with % is no directive but of %YAML and %TAG\n  %FOO 1.1\n  ^',
    ],
    [
      'an escape that JSON has',
      'a: "b\\/c"',
      'f.yaml:1:4: unknown escape \\/ in double quotes, as JSON has it; write / itself\n  a: "b\\/c"\n     ^',
    ],
    ['an anchor with other signs', 'a: &b: c', 'f.yaml:1:8: the anchor &b: may have only letters, digits, - and _\n  a: &b: c\n         ^'],
    ['a block of text as document', '|\nx', 'f.yaml:1:1: a block of text is no document\n  |\n  ^'],
  ]
  for (const [what, text, message] of cases) {
    it(what, () => {
      const error = mistake(text)
      expect(error.message).to.equal(message)
      expect(error.code).to.equal('YAML_INVALID')
    })
  }
  it('bytes that are not UTF-8', () => {
    expect(mistake(Uint8Array.of(0x61, 0x3a, 0x0a, 0x20, 0xff)).message).to.equal('f.yaml:2:2: the bytes here are not UTF-8')
  })
  it('UTF-16', () => {
    expect(mistake(Uint8Array.of(0xff, 0xfe, 0x61, 0x00)).message).to.equal('f.yaml:1:1: the file is UTF-16, not UTF-8')
  })
  it('a mistake far to the right, with only its part of the line', () => {
    const [, line, caret] = mistake(`${'x'.repeat(300)}: [1, *y]${' '.repeat(200)}`).message.split('\n')
    expect(line).to.have.length.below(130)
    expect(line?.[caret?.indexOf('^') ?? 0]).to.equal('*')
  })
})

describe('parseYaml is bounded:', () => {
  const explosion = [
    'a: &a [x, x, x, x, x, x, x, x, x]',
    ...'bcdefghi'.split('').map((key, i) => `${key}: &${key} [${`*${'abcdefgh'[i]}, `.repeat(9)}]`),
  ].join('\n')
  const cases: [what: string, text: string, message: RegExp][] = [
    [
      'a billion laughs',
      explosion,
      /^f\.yaml:4:\d+: the aliases of this document add up to \d{4,5} nodes, as an attack would: write the values out\n/,
    ],
    [
      'a billion merges',
      `a: &a {${Array.from({ length: 99 }, (_, i) => `k${i}: 1`).join(', ')}}\n${Array.from({ length: 60 }, (_, i) => `m${i}: {<<: *a}`).join('\n')}`,
      /the aliases of this document add up to/,
    ],
    ['deep brackets', '['.repeat(200_000), /^f\.yaml:1:101: nested deeper than 100 levels\n/],
    ['deep dashes', '- '.repeat(200_000), /nested deeper than 100 levels\n/],
    ['many documents', '---\n'.repeat(20_000), /^f\.yaml:10001:1: more than 10000 documents\n/],
    ['many items', '-\n'.repeat(600_000), /^f\.yaml:\d+:\d+: more than 1000000 words, signs and lines\n/],
  ]
  for (const [what, text, message] of cases) {
    it(what, () => {
      expect(mistake(text).message).to.match(message)
    })
  }
  it('many keys, which take no quadratic time', () => {
    const text = Array.from({ length: 100_000 }, (_, i) => `k${i}: v\n`).join('')
    expect(Object.keys(read(text)[0] as object)).to.have.length(100_000)
  })
  it('more than 8 MiB', () => {
    expect(mistake(new Uint8Array(maxYamlBytes + 1)).code).to.equal('FILE_TOO_LARGE')
  })
  it('any text: a value or a YAML_INVALID with its place', () => {
    const piece = fc.constantFrom(
      'a',
      'b: ',
      '- ',
      '\n',
      '\n  ',
      '"',
      "'",
      '[',
      ']',
      '{',
      '}',
      ',',
      ': ',
      '&a ',
      '*a',
      '<<: *a',
      '|\n ',
      '---\n',
      '? ',
      '\t',
      '!!int ',
      '#',
      '\r',
      '%',
      '0x1',
      '~',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), pieces => {
        try {
          read(pieces.join(''))
        } catch (error) {
          expect(error).to.be.instanceOf(PreflightError).with.property('code', 'YAML_INVALID')
          expect((error as Error).message).to.match(/^f\.yaml:\d+:\d+: .+\n {2}.*\n {2} *\^$/)
        }
      }),
    )
  })
})
