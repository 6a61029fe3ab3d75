import { expect } from 'chai'
import type { ImageReference } from '../../src/oci/reference.ts'
import type { Credential, RegistryClient } from '../../src/world/world.ts'
import { mirrorThenUpstream, setupMirror } from '../support/mirrors.ts'
import type { Fault } from '../support/registry.ts'
import { closeAll, failureOf, login, type Setup, setup, startAnother } from '../support/registry-client.ts'

const range = { start: 100, end: 300 }
const header = 'bytes=100-299'

type Where = Pick<Setup, 'pushed'> & { readonly client: RegistryClient; readonly image: ImageReference }
const partOf = ({ client, image, pushed }: Where, as?: Credential, wanted = range) =>
  client.blobRange!(image, pushed.layerDescriptor, wanted, as)
const isRight = (part: Uint8Array | undefined, { pushed }: Where) =>
  part !== undefined && pushed.layer.subarray(range.start, range.end).equals(part)

describe('registry client: parts of blobs', () => {
  afterEach(closeAll)

  it('come as they were asked for, with one request', async () => {
    const set = await setup()
    expect(isRight(await partOf(set), set)).to.equal(true)
    expect(set.registry.requests.map(({ method, headers }) => [method, headers.range, headers['accept-encoding']])).to.deep.equal([
      ['GET', header, 'identity'],
    ])
  })

  it('may be all of the blob, or its last byte', async () => {
    const set = await setup()
    expect(await partOf(set, undefined, { start: 0, end: 1000 })).to.deep.equal(set.pushed.layer)
    expect(await partOf(set, undefined, { start: 999, end: 1000 })).to.deep.equal(set.pushed.layer.subarray(999))
  })

  const body = (bytes: number) => Buffer.alloc(bytes, 'plugin ')
  const partial = (contentRange: string, bytes = 200): Fault => ({
    kind: 'answer',
    status: 206,
    headers: { 'content-range': contentRange },
    body: body(bytes),
  })
  const none: readonly (readonly [string, Fault])[] = [
    ['another part comes', partial('bytes 101-300/1000')],
    ['a part of a blob of another size comes', partial('bytes 100-299/1001')],
    ['a part of a blob of unknown size comes', partial('bytes 100-299/*')],
    ['a part of other units comes', partial('lines 100-299/1000')],
    ['nobody says which part comes', { kind: 'headers', headers: { 'content-range': '' } }],
    ['several parts come', { kind: 'headers', headers: { 'content-range': '', 'content-type': 'multipart/byteranges; boundary=x' } }],
    [
      'the part comes as if it were all',
      { kind: 'answer', status: 200, headers: { 'content-range': 'bytes 100-299/1000' }, body: body(200) },
    ],
    ['all comes', { kind: 'answer', status: 200, body: body(1000) }],
    ['far more than all comes', { kind: 'answer', status: 200, body: body(1 << 20) }],
    ['the registry says that there is no such part', { kind: 'answer', status: 416 }],
    ['the registry knows no ranges', { kind: 'answer', status: 501 }],
    ['the registry finds the request wrong', { kind: 'answer', status: 400 }],
    ['the blob is not there', { kind: 'answer', status: 404 }],
    ['the blob may not be read', { kind: 'answer', status: 403 }],
    ['more comes than was said', partial('bytes 100-299/1000', 201)],
    ['less comes than was said', partial('bytes 100-299/1000', 199)],
    ['more comes without end', { kind: 'endless' }],
    [
      'it was compressed on the way',
      {
        kind: 'answer',
        status: 206,
        headers: { 'content-range': 'bytes 100-299/1000', 'content-encoding': 'gzip' },
        body: body(200),
      },
    ],
  ]
  for (const [what, fault] of none)
    it(`are none where ${what}`, async () => {
      const set = await setup()
      set.registry.fault('/blobs/', fault)
      expect(await partOf(set)).to.equal(undefined)
      set.registry.clearFaults()
      expect(isRight(await partOf(set), set), 'the next request').to.equal(true)
    })

  it('are none where the registry sends everything, whatever is asked', async () => {
    const set = await setup({ range: false })
    expect(await partOf(set)).to.equal(undefined)
    expect(set.registry.requests).to.have.length(1)
  })

  for (const [what, fault, code] of [
    ['break off', { kind: 'cut', afterBytes: 50 }, 'BODY_TRUNCATED'],
    ['are redirected for ever', { kind: 'redirect' }, 'REGISTRY_REDIRECT'],
    ['are asked for a login that nobody knows', { kind: 'unauthorized' }, 'REGISTRY_PROTOCOL'],
  ] as const)
    it(`that ${what} end as ${code}`, async () => {
      const set = await setup()
      set.registry.fault('/blobs/', fault)
      expect((await failureOf(partOf(set))).code).to.equal(code)
    })

  it('are asked for again where the registry fails for a moment', async () => {
    const set = await setup()
    set.registry.fault('/blobs/', { kind: 'answer', status: 503 }, 1)
    expect(isRight(await partOf(set), set)).to.equal(true)
    expect(set.registry.requests.map(({ headers }) => headers.range)).to.deep.equal([header, header])
  })

  for (const scheme of ['basic', 'bearer'] as const)
    it(`come with a login where one is wanted (${scheme}), and the range goes along`, async () => {
      const set = await setup({ auth: { scheme, users: { bob: { password: 'secret' } } } })
      expect(isRight(await partOf(set, login('bob', 'secret')), set)).to.equal(true)
      const blobs = set.registry.requests.filter(({ path }) => path.includes('/blobs/'))
      expect(blobs.map(({ status, headers }) => [status, headers.range])).to.deep.equal([
        [401, header],
        [206, header],
      ])
      expect((await failureOf(partOf(set, login('eve', 'wrong')))).code).to.equal('REGISTRY_UNAUTHORIZED')
    })

  it('come from where the registry redirects to, which gets the range and no login', async () => {
    const set = await setup({ auth: { scheme: 'basic', users: { bob: { password: 'secret' } } } })
    const storage = await startAnother()
    storage.push('acme/plugin', 'v1', set.pushed)
    set.registry.fault('/blobs/', { kind: 'redirect', to: `${storage.origin}/v2/acme/plugin/blobs/${set.pushed.layerDescriptor.digest}` })
    expect(isRight(await partOf(set, login('bob', 'secret')), set)).to.equal(true)
    expect(set.registry.requests.at(-1)?.headers.authorization).to.match(/^Basic /)
    expect(storage.requests.map(({ headers }) => [headers.range, headers.authorization])).to.deep.equal([[header, undefined]])
  })

  it('come from the mirror that has them', async () => {
    const set = await setupMirror(mirrorThenUpstream)
    set.mirror.push('acme/plugin', 'v1', set.pushed)
    expect(isRight(await partOf(set), set)).to.equal(true)
    expect([set.mirror.requests.length, set.upstream.requests.length]).to.deep.equal([1, 0])
  })

  for (const [what, fault] of [
    ['does not have the blob', { kind: 'answer', status: 404 }],
    ['fails', { kind: 'answer', status: 500 }],
    ['has no such part', { kind: 'answer', status: 416 }],
    ['answers nothing', { kind: 'reset' }],
  ] as const)
    it(`come from upstream where the mirror ${what}, which is asked once`, async () => {
      const set = await setupMirror(mirrorThenUpstream)
      set.mirror.push('acme/plugin', 'v1', set.pushed)
      set.upstream.push('acme/plugin', 'v1', set.pushed)
      set.mirror.fault('/blobs/', fault)
      expect(isRight(await partOf(set), set)).to.equal(true)
      expect([set.mirror.requests, set.upstream.requests].map(all => all.map(({ headers }) => headers.range))).to.deep.equal([
        [header],
        [header],
      ])
    })
})
