import { expect } from 'chai'
import { printable, redact, redactUrl } from '../src/redact.ts'

describe('redact', () => {
  for (const [what, text, left] of [
    ['the login of an address', 'at https://bob:hunter2@r.example.com/v2/', 'at https://***@r.example.com/v2/'],
    ['the query of an address', 'at https://r.example.com/b?X-Amz-Signature=abc#x', 'at https://r.example.com/b?***#x'],
    ['a basic login', 'Authorization: Basic Ym9iOmh1bnRlcjI=', 'Authorization: Basic ***'],
    ['a token', 'bearer abc.def', 'bearer ***'],
    ['a token in JSON', '{"access_token": "abc"}', '{"access_token": "***"}'],
    ['a web token by itself', 'token eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJib2IifQ.c2lnbmF0dXJl is old', 'token *** is old'],
    ['nothing else', 'the tag v1 of r.example.com/a@sha256:00 is gone', 'the tag v1 of r.example.com/a@sha256:00 is gone'],
  ] as const) {
    it(`takes away ${what}`, () => {
      expect(redact(text)).to.equal(left)
    })
  }

  it('takes away what is known to be a secret, but no text too short to be one', () => {
    expect(redact('bob, hunter2 and abc', ['hunter2', 'abc'])).to.equal('bob, *** and abc')
  })

  it('takes login and query of a URL', () => {
    expect(redactUrl(new URL('https://bob:pw@r.example.com/v2/?sig=1'))).to.equal('https://r.example.com/v2/?***')
  })
})

describe('printable', () => {
  it('escapes what drives a terminal, breaks a line or hides', () => {
    expect(printable('a\u001b[2J\r\nb\u202e\u200b')).to.equal('a\\u001b[2J\\u000d\\u000ab\\u202e\\u200b')
  })

  it('cuts what is too long', () => {
    expect(printable('x'.repeat(300))).to.equal(`${'x'.repeat(199)}…`)
  })
})
