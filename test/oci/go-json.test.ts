import { expect } from 'chai'
import fc from 'fast-check'
import { type Json, JsonError, parseGoJson } from '../../src/oci/go-json.ts'

/** Back to plain values; only for documents without equal keys. */
const plain = (value: Json): unknown => {
  if (value === null || typeof value !== 'object') return value
  if ('number' in value) return Number(value.number)
  if ('members' in value) return Object.fromEntries(value.members.map(([key, item]) => [key, plain(item)]))
  return value.map(plain)
}

describe("JSON as Go's encoding/json reads it", () => {
  it('reads all that JSON.parse reads, alike', () => {
    fc.assert(
      fc.property(fc.json(), text => {
        expect(plain(parseGoJson(text))).to.deep.equal(JSON.parse(text))
      }),
    )
  })

  it('refuses all that JSON.parse refuses', () => {
    const scrap = fc.array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        '"',
        ':',
        ',',
        '1',
        '-',
        '.',
        'e',
        'null',
        'true',
        ' ',
        '\\',
        '\n',
        '"a"',
        '0',
        '\u00a0',
        '\u0001',
      ),
      { maxLength: 12 },
    )
    const accepts = (read: () => unknown) => {
      try {
        read()
        return true
      } catch {
        return false
      }
    }
    fc.assert(
      fc.property(scrap, pieces => {
        const text = pieces.join('')
        expect(
          accepts(() => parseGoJson(text)),
          text,
        ).to.equal(accepts(() => JSON.parse(text)))
      }),
      { numRuns: 3000 },
    )
  })

  it('keeps keys that come twice, in their order', () => {
    expect(parseGoJson('{"a": 1, "b": 2, "a": 3}')).to.deep.equal({
      members: [
        ['a', { number: '1' }],
        ['b', { number: '2' }],
        ['a', { number: '3' }],
      ],
    })
  })

  it('keeps a number as it was written', () => {
    expect(parseGoJson('[1.0, 1e3, -0, 12345678901234567890]')).to.deep.equal([
      { number: '1.0' },
      { number: '1e3' },
      { number: '-0' },
      { number: '12345678901234567890' },
    ])
  })

  it('turns a lone surrogate into U+FFFD', () => {
    expect(parseGoJson('"a\\ud800b"')).to.equal('a\ufffdb')
  })

  it('reads a key __proto__ like any other', () => {
    expect(parseGoJson('{"__proto__": 1}')).to.deep.equal({ members: [['__proto__', { number: '1' }]] })
  })

  it('refuses a byte order mark, as Go does', () => {
    expect(() => parseGoJson(Buffer.from('\ufeff{}'))).to.throw(JsonError, 'at character 1: a value belongs here')
  })

  for (const [text, message] of [
    ['', 'it ends too early: a value belongs here'],
    ['{"a": 1', 'it ends too early: "," or "}" belongs here'],
    ['{"password": "hunter2', 'it ends too early: a text in quotes does not end'],
    ['{"a" 1}', 'at character 6: ":" belongs after a key'],
    ['{a: 1}', 'at character 2: a key in quotes belongs here'],
    ['[1 2]', 'at character 4: "," or "]" belongs here'],
    ['{} x', 'at character 4: something follows the end of the document'],
    ['["a\tb"]', 'at character 2: the text in quotes that starts here has a control character or an unknown escape'],
  ] as const) {
    it(`says of ${JSON.stringify(text)}: ${message}`, () => {
      expect(() => parseGoJson(text)).to.throw(JsonError, message)
    })
  }

  it('never shows the document, which may hold a password', () => {
    for (const text of ['{"password": "hunter2\t"}', '{"password": "hunter2"', '{"password": hunter2}', '"hunter2" "hunter2"']) {
      expect(() => parseGoJson(text))
        .to.throw(JsonError)
        .with.property('message')
        .that.does.not.include('hunter')
    }
  })

  it('refuses 1001 levels instead of running out of stack', () => {
    expect(() => parseGoJson('['.repeat(100_000))).to.throw(JsonError, 'deeper than 1000')
    expect(() => parseGoJson('{"a":'.repeat(100_000))).to.throw(JsonError, 'deeper than 1000')
    expect(() => parseGoJson(`${'['.repeat(1000)}${']'.repeat(1000)}`)).to.not.throw()
  })

  it('reads megabytes of one text, one number and many keys', function () {
    this.timeout(10_000)
    expect(parseGoJson(`"${'a'.repeat(4 << 20)}"`)).to.have.length(4 << 20)
    expect(parseGoJson('1'.repeat(4 << 20)))
      .to.have.property('number')
      .with.length(4 << 20)
    expect(parseGoJson(`{${Array.from({ length: 300_000 }, (_, i) => `"k${i}":0`).join()}}`))
      .to.have.property('members')
      .with.length(300_000)
  })
})
