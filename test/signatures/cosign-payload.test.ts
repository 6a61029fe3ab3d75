import { expect } from 'chai'
import { cosignSignatureType, parseCosignPayload } from '../../src/signatures/cosign-payload.ts'
import { Malformed } from '../../src/signatures/malformed.ts'
import { payloadOf } from '../support/cosign.ts'

const digest = `sha256:${'ab'.repeat(32)}`
const good = () => JSON.parse(payloadOf(digest, 'registry.example.com/app').toString())
const parse = (value: unknown) => parseCosignPayload(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))

describe('parseCosignPayload', () => {
  it('reads what cosign writes', () => {
    expect(parse(good())).to.deep.equal({ type: cosignSignatureType, imageDigest: digest, dockerReference: 'registry.example.com/app' })
  })
  it("takes the signer's annotations", () => {
    const payload = payloadOf(digest, 'r/a', { build: '1 < 2' })
    expect(payload.toString()).to.include('"optional":{"build":"1 \\u003c 2"}')
    expect(parseCosignPayload(payload).imageDigest).to.equal(digest)
  })
  it('takes a payload without optional', () => {
    const { critical } = good()
    expect(parse({ critical }).imageDigest).to.equal(digest)
  })

  const change = (edit: (payload: ReturnType<typeof good>) => void) => {
    const payload = good()
    edit(payload)
    return payload
  }
  const refused: readonly [title: string, payload: unknown, problem: RegExp][] = [
    ['no JSON', 'x', /not JSON/],
    ['a list', [], /not a JSON object/],
    ['no critical', { optional: null }, /critical is not/],
    [
      'an unknown field beside critical',
      change(p => {
        p.more = 1
      }),
      /unknown field "more"/,
    ],
    [
      'an unknown critical field, which may change the meaning',
      change(p => {
        p.critical.expires = '2020'
      }),
      /critical has the unknown field "expires"/,
    ],
    [
      'an unknown field of the image',
      change(p => {
        p.critical.image.tag = 'v1'
      }),
      /critical\.image has the unknown field "tag"/,
    ],
    [
      'an unknown field of the identity',
      change(p => {
        p.critical.identity.x = 1
      }),
      /critical\.identity has/,
    ],
    [
      'no image',
      change(p => {
        delete p.critical.image
      }),
      /critical\.image is not/,
    ],
    [
      'no digest',
      change(p => {
        p.critical.image = {}
      }),
      /docker-manifest-digest is not a string/,
    ],
    [
      'the digest under another case, which Go would take',
      change(p => {
        p.critical.image = { 'Docker-manifest-digest': digest }
      }),
      /unknown field "Docker/,
    ],
    [
      'a digest that is no string',
      change(p => {
        p.critical.image['docker-manifest-digest'] = [digest]
      }),
      /docker-manifest-digest is not a string/,
    ],
    [
      'a type that is no string',
      change(p => {
        p.critical.type = null
      }),
      /critical\.type is not a string/,
    ],
    [
      'no identity',
      change(p => {
        delete p.critical.identity
      }),
      /critical\.identity is not/,
    ],
    [
      'optional that is a list',
      change(p => {
        p.optional = []
      }),
      /optional is not/,
    ],
    [
      'two digests, of which each reader would take another',
      payloadOf(digest, 'r')
        .toString()
        .replace('"image":{', `"image":{"docker-manifest-digest":"sha256:${'00'.repeat(32)}",`),
      /names a field twice/,
    ],
  ]
  for (const [title, payload, problem] of refused) {
    it(`refuses ${title}`, () => {
      expect(() => parse(payload)).to.throw(Malformed, problem)
    })
  }
})
