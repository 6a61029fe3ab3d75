import { expect } from 'chai'
import { type Envelope, parseStatement, signedBytes } from '../../src/signatures/dsse.ts'
import { Malformed } from '../../src/signatures/malformed.ts'
import { inTotoType, paeOf, signPredicate, statementOf } from '../support/cosign.ts'

const hex = 'ab'.repeat(32)
const envelope = (statement: unknown, payloadType = inTotoType): Envelope => ({
  payloadType,
  payload: Buffer.from(typeof statement === 'string' ? statement : JSON.stringify(statement)),
  signature: Buffer.from('x'),
})

describe('signedBytes', () => {
  it('is the pre-authentication encoding, with lengths in bytes', () => {
    const { payload } = envelope('ö')
    expect(signedBytes({ payloadType: 'tÿpe', payload, signature: payload }).toString()).to.equal('DSSEv1 5 tÿpe 2 ö')
  })
  it('is what the tests sign', () => {
    const made = envelope(statementOf(`sha256:${hex}`))
    expect(signedBytes(made).equals(paeOf(made.payloadType, made.payload))).to.equal(true)
  })
})

describe('parseStatement', () => {
  it('gives the predicate type and every digest of every subject', () => {
    const statement = {
      ...statementOf(`sha256:${hex}`),
      subject: [{ digest: { sha256: hex, sha1: 'aa' } }, { name: 'b', digest: { sha512: 'cc' } }],
    }
    expect(parseStatement(envelope(statement))).to.deep.equal({
      predicateType: signPredicate,
      subjects: [`sha256:${hex}`, 'sha1:aa', 'sha512:cc'],
      predicate: {},
    })
  })
  it('takes a statement of version 0.1, and one without a predicate', () => {
    const { predicate: _, ...statement } = { ...statementOf(`sha256:${hex}`), _type: 'https://in-toto.io/Statement/v0.1', predicate: {} }
    expect(parseStatement(envelope(statement)).subjects).to.deep.equal([`sha256:${hex}`])
  })

  const good = statementOf(`sha256:${hex}`)
  const refused: readonly [title: string, given: Envelope, problem: RegExp][] = [
    ['another payload type', envelope(good, 'application/json'), /the envelope holds "application\/json"/],
    ['no JSON', envelope('x'), /not JSON/],
    ['another type of statement', envelope({ ...good, _type: 'https://example.com' }), /the statement is a/],
    ['no type', envelope({ ...good, _type: undefined }), /_type is not a string/],
    ['no predicate type', envelope({ ...good, predicateType: undefined }), /predicateType is not a string/],
    ['no subject', envelope({ ...good, subject: undefined }), /no subject/],
    ['an empty list of subjects', envelope({ ...good, subject: [] }), /no subject/],
    ['subjects that are null', envelope({ ...good, subject: [null] }), /a subject is not a JSON object/],
    ['a subject without digest', envelope({ ...good, subject: [{ name: 'a' }] }), /a subject has no digest/],
    ['a digest that is no string', envelope({ ...good, subject: [{ digest: { sha256: 1 } }] }), /sha256 is not a string/],
    ['more than 1024 subjects', envelope({ ...good, subject: Array(1025).fill({ digest: {} }) }), /more than 1024 subjects/],
    [
      'more than 32 digests of a subject',
      envelope({ ...good, subject: [{ digest: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [`a${i}`, 'x'])) }] }),
      /more than 32 digests/,
    ],
    ['a name twice', envelope(JSON.stringify(good).replace('{', '{"predicateType":"x",')), /twice/],
  ]
  for (const [title, given, problem] of refused) {
    it(`refuses ${title}`, () => {
      expect(() => parseStatement(given)).to.throw(Malformed, problem)
    })
  }
})
