import { expect } from 'chai'
import fc from 'fast-check'
import { decodeGoBase64 } from '../../src/kubelet/base64.ts'

describe("Go's base64", () => {
  it('gives back what was encoded', () => {
    fc.assert(
      fc.property(fc.uint8Array(), bytes => {
        const text = Buffer.from(bytes).toString('base64')
        expect(decodeGoBase64(text, 'padded')?.equals(bytes)).to.equal(true)
        expect(decodeGoBase64(text.replace(/=+$/, ''), 'unpadded')?.equals(bytes)).to.equal(true)
      }),
    )
  })

  for (const text of ['YQ', 'YQ=', 'YQ===', '=', 'Y===', 'Y-==', 'YQ==YQ==', ' YQ==', 'YQ==x']) {
    it(`refuses ${JSON.stringify(text)} where padding is due`, () => expect(decodeGoBase64(text, 'padded')).to.equal(undefined))
  }
  for (const text of ['YQ==', 'Y', 'Y_', 'YQ ']) {
    it(`refuses ${JSON.stringify(text)} where none is`, () => expect(decodeGoBase64(text, 'unpadded')).to.equal(undefined))
  }
  it('passes over line breaks', () => expect(decodeGoBase64('Y\r\nQ=\n=', 'padded')?.toString()).to.equal('a'))
})
