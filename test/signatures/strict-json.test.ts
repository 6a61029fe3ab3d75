import { expect } from 'chai'
import fc from 'fast-check'
import { Malformed } from '../../src/signatures/malformed.ts'
import { asBase64, asObject, asText, strictJson, strictJsonObject } from '../../src/signatures/strict-json.ts'

const read = (text: string) => strictJson(Buffer.from(text), 'it')

describe('strictJson', () => {
  it('reads whatever JSON.stringify writes', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        const text = JSON.stringify(value)
        expect(JSON.stringify(read(text))).to.equal(text)
      }),
    )
  })

  for (const [title, text] of [
    ['a name twice', '{"a":1,"a":2}'],
    ['a name twice, once with an escape', '{"a":1,"\\u0061":2}'],
    ['a name twice, deep inside', '[{"x":{"a":[],"b":{},"a":[]}}]'],
    ['a name twice, with quotes in it', '{"a\\"":1,"a\\"":2}'],
    ['__proto__ twice', '{"__proto__":1,"__proto__":2}'],
  ] as const) {
    it(`refuses ${title}`, () => {
      expect(() => read(text)).to.throw(Malformed, 'it names a field twice')
    })
  }

  for (const [title, text] of [
    ['colons in strings', '{"a:b":":","c":["d:e"]}'],
    ['a backslash before the end of a string', '{"a\\\\":1,"b":":"}'],
    ['__proto__ once', '{"__proto__":{"a":1}}'],
  ] as const) {
    it(`takes ${title}`, () => {
      expect(() => read(text)).to.not.throw()
    })
  }

  for (const [title, bytes] of [
    ['text that is not JSON', Buffer.from('{')],
    ['bytes that are not UTF-8', Buffer.from([0x22, 0xff, 0x22])],
    ['a byte order mark', Buffer.from('\ufeff{}')],
    ['two values', Buffer.from('{}{}')],
    ['nothing', Buffer.alloc(0)],
  ] as const) {
    it(`refuses ${title}`, () => {
      expect(() => strictJson(bytes, 'it')).to.throw(Malformed, 'it is not JSON')
    })
  }

  it('reads nesting that is deeper than the stack', () => {
    const depth = 200_000
    const text = `${'[{"a":'.repeat(depth)}1${'}]'.repeat(depth)}`
    expect(() => {
      try {
        read(text)
      } catch (error) {
        if (!(error instanceof Malformed)) throw error
      }
    }).to.not.throw()
  })
})

describe('strictJsonObject', () => {
  for (const text of ['[]', '1', 'null', '"a"']) {
    it(`refuses ${text}`, () => {
      expect(() => strictJsonObject(Buffer.from(text), 'it')).to.throw(Malformed, 'it is not a JSON object')
    })
  }
})

describe('the fields of strict JSON', () => {
  it('are of the type that is asked for', () => {
    expect(() => asText(1, 'a')).to.throw(Malformed, 'a is not a string')
    expect(() => asObject([], 'b')).to.throw(Malformed, 'b is not a JSON object')
    expect(asText('x', 'a')).to.equal('x')
  })

  for (const text of ['', 'a', 'ab', 'abc', 'ab=c', 'ab==c', 'a===', 'ab c', 'ab-_', 'ab\tcd', '\n']) {
    it(`are not base64 as ${JSON.stringify(text)}`, () => {
      expect(() => asBase64(text, 'c')).to.throw(Malformed, 'c is not base64')
    })
  }

  it('are base64 in lines, as openssl writes it', () => {
    expect(asBase64('YWJj\r\nZGVm\n', 'c').toString()).to.equal('abcdef')
  })

  it('are base64 as every encoder with padding writes it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1 }), bytes => {
        expect(asBase64(Buffer.from(bytes).toString('base64'), 'c').equals(bytes)).to.equal(true)
      }),
    )
  })
})
