import { expect } from 'chai'
import { answerReview } from '../../src/conversion/review.ts'

const group = 'embeddedcluster.replicated.com'

/** The text of a review of these objects, which are JSON. */
const review = (objects: string, { desired = `${group}/v1`, uid = '"u-1"' } = {}): Buffer =>
  Buffer.from(
    `{"kind":"ConversionReview","apiVersion":"apiextensions.k8s.io/v1","request":{"uid":${uid},"desiredAPIVersion":${JSON.stringify(desired)},"objects":${objects}},"response":{"uid":"","convertedObjects":null,"result":{"metadata":{}}}}`,
  )

const answered = (bytes: Uint8Array) => {
  const answer = answerReview(bytes)
  if (!answer.answered) throw new Error(answer.why)
  return { ...answer, text: Buffer.from(answer.body).toString(), json: JSON.parse(Buffer.from(answer.body).toString()) }
}

const object = (version: string, more = '"spec":{}') =>
  `{"apiVersion":"${group}/${version}","kind":"Config","metadata":{"name":"a","uid":"1"},${more}}`

describe('answerReview', () => {
  for (const [from, to] of [
    ['v1beta1', 'v1'],
    ['v1', 'v1beta1'],
    ['v1', 'v1'],
  ] as const)
    it(`makes ${to} of ${from}, under the uid of the request`, () => {
      const { json, failure, objects } = answered(review(`[${object(from)}]`, { desired: `${group}/${to}` }))
      expect(json).to.deep.equal({
        apiVersion: 'apiextensions.k8s.io/v1',
        kind: 'ConversionReview',
        response: { uid: 'u-1', convertedObjects: [JSON.parse(object(to))], result: { status: 'Success' } },
      })
      expect([failure, objects]).to.deep.equal([undefined, 1])
    })

  it('keeps every byte of an object but its apiVersion: order, space, numbers as they are spelt, names that come twice', () => {
    const rest =
      '"metadata": {"name":"ä\\u00e4", "managedFields":[{"apiVersion":"embeddedcluster.replicated.com/v1beta1"}], "generation":1}, "spec": {"n":[12345678901234567890, 1.0, 1e400, -0], "x":1, "x":2, "__proto__":{"apiVersion":"y"}}, "later": null'
    const { text } = answered(review(`[ { ${rest}, "apiVersion" : "${group}/v1beta1" , "kind":"Config" } ]`))
    expect(text).to.contain(`"convertedObjects":[{ ${rest}, "apiVersion" : "${group}/v1" , "kind":"Config" }]`)
  })
  it('converts objects of both versions in their order', () => {
    const { json } = answered(review(`[${object('v1beta1', '"n":1')},${object('v1', '"n":2')},${object('v1beta1', '"n":3')}]`))
    expect(json.response.convertedObjects).to.deep.equal([1, 2, 3].map(n => JSON.parse(object('v1', `"n":${n}`))))
  })
  it('reads an apiVersion whose letters are escaped', () => {
    const escaped = object('v1beta1').replace('embedded', '\\u0065mbedded')
    expect(answered(review(`[${escaped}]`)).json.response.convertedObjects).to.deep.equal([JSON.parse(object('v1'))])
  })
  for (const none of ['[]', 'null'])
    it(`gives no objects for ${none}`, () => {
      expect(answered(review(none)).json.response).to.deep.equal({ uid: 'u-1', convertedObjects: [], result: { status: 'Success' } })
    })
  it('says back any uid as it was sent', () => {
    expect(answered(review('[]', { uid: '"a\\"\\n\\u2028\\ud800"' })).json.response.uid).to.equal('a"\n\u2028\ud800')
  })

  for (const [what, objects, desired, message] of [
    ['another group', `[${object('v1')}]`, 'apps/v1', /desired apiVersion "apps\/v1" is neither/],
    ['an unknown version', `[${object('v1')}]`, `${group}/v2`, /is neither/],
    ['an object of an unknown version', `[${object('v1')},${object('v2')}]`, undefined, /object 2 of 2 is no Config of .*\/v2"/],
    ['another kind', `[${object('v1').replace('Config', 'Installation')}]`, undefined, /but "Installation" of/],
    ['a list in a list', `[{"apiVersion":"${group}/v1","kind":"ConfigList","items":[]}]`, undefined, /but "ConfigList" of/],
    ['an object without a kind', `[{"apiVersion":"${group}/v1"}]`, undefined, /but nothing that can be read of/],
    ['an apiVersion that is no text', `[{"apiVersion":{},"kind":"Config"}]`, undefined, /of nothing that can be read/],
    [
      'an apiVersion that is there twice',
      `[{"apiVersion":"${group}/v1","apiVersion":"${group}/v1","kind":"Config"}]`,
      undefined,
      /"apiVersion" is there twice/,
    ],
    ['what is no object', '["a"]', undefined, /object 1 of 1 is no object/],
    ['objects that are no list', '{}', undefined, /"\[" belongs here/],
    ['too many objects', `[${'{},'.repeat(10_000)}{}]`, undefined, /more than 10000/],
  ] as const)
    it(`converts nothing at all for ${what}`, () => {
      const { json, failure } = answered(review(objects, desired === undefined ? {} : { desired }))
      expect(json.response.result).to.have.property('status', 'Failed')
      expect(json.response.result.message).to.match(message)
      expect([json.response.uid, json.response.convertedObjects]).to.deep.equal(['u-1', []])
      expect(json.response.result.message).to.contain(failure)
    })
  it('says nothing of what is in an object', () => {
    const { failure, text } = answered(review(`[${object('v2', '"spec":{"password":"s3cret"}')}]`))
    expect(failure + text).to.not.contain('s3cret')
  })

  for (const [what, bytes] of [
    ['nothing', Buffer.alloc(0)],
    ['no JSON', Buffer.from('hello')],
    ['half a review', review(`[${object('v1')}]`).subarray(0, 200)],
    ['two reviews', Buffer.concat([review('[]'), review('[]')])],
    ['what is not UTF-8', Buffer.from(review('[]').toString().replace('u-1', '\u00ff'), 'latin1')],
    ['another kind', Buffer.from('{"apiVersion":"apiextensions.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u"}}')],
    ['the review of an older version', Buffer.from(review('[]').toString().replace('k8s.io/v1', 'k8s.io/v1beta1'))],
    ['a review without a request', Buffer.from('{"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview"}')],
    ['a request that is null', Buffer.from('{"apiVersion":"apiextensions.k8s.io/v1","kind":"ConversionReview","request":null}')],
    ['a request without a uid', review('[]', { uid: '""' })],
    ['a uid that is no text', review('[]', { uid: '7' })],
    ['a uid without an end', review('[]', { uid: `"${'u'.repeat(1000)}"` })],
    ['endless depth', review('['.repeat(100_000))],
    ['a list for a review', Buffer.from('[]')],
  ] as const)
    it(`answers ${what} with no review, as there is nobody to address it to`, () => {
      expect(answerReview(bytes)).to.have.property('answered', false)
    })
})
