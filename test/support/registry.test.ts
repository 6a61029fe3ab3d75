import { request as tlsRequest } from 'node:https'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { makeCertificate } from './certificate.ts'
import { startRegistry, type TestRegistry, type TestRegistryOptions } from './registry.ts'

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
const config = Buffer.from('{"os":"linux"}')
const bytes = Buffer.from(
  JSON.stringify({ schemaVersion: 2, mediaType: manifestType, config: { digest: sha256(config), size: config.length }, layers: [] }),
)
const image = { blobs: new Map([[sha256(config), config]]), manifest: { mediaType: manifestType, bytes } }
const get = (registry: TestRegistry, path: string, init: RequestInit = {}) => fetch(registry.origin + path, init)
const basic = (login: string) => ({ headers: { authorization: `Basic ${btoa(login)}` } })

describe('the test registry', () => {
  let registry: TestRegistry
  const start = async (options: TestRegistryOptions = {}) => {
    registry = await startRegistry(options)
    registry.push('acme/plugin', 'v1', image)
  }
  afterEach(() => registry.close())

  it('serves a manifest by tag and by digest, with its digest in a header', async () => {
    await start()
    for (const reference of ['v1', sha256(bytes)]) {
      const answer = await get(registry, `/v2/acme/plugin/manifests/${reference}`)
      expect(answer.headers.get('docker-content-digest')).to.equal(sha256(bytes))
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).to.equal(true)
    }
  })

  it('serves blobs whole, in part, and as HEAD without a body', async () => {
    await start()
    const path = `/v2/acme/plugin/blobs/${sha256(config)}`
    expect(await (await get(registry, path)).text()).to.equal(config.toString())
    const part = await get(registry, path, { headers: { range: 'bytes=5-' } })
    expect([part.status, await part.text()]).to.deep.equal([206, config.subarray(5).toString()])
    expect(part.headers.get('content-range')).to.equal(`bytes 5-${config.length - 1}/${config.length}`)
    expect((await get(registry, path, { headers: { range: 'bytes=99-' } })).status).to.equal(416)
    expect(await (await get(registry, path, { method: 'HEAD' })).text()).to.equal('')
  })

  it('tells an unknown repository from an unknown tag', async () => {
    await start()
    expect(await (await get(registry, '/v2/acme/other/manifests/v1')).text()).to.contain('NAME_UNKNOWN')
    expect(await (await get(registry, '/v2/acme/plugin/manifests/v2')).text()).to.contain('MANIFEST_UNKNOWN')
  })

  it('asks for basic authentication, and denies what the user may not pull', async () => {
    await start({ auth: { scheme: 'basic', users: { ann: { password: 'p:w' }, bob: { password: 'x', repositories: [] } } } })
    const path = '/v2/acme/plugin/manifests/v1'
    expect((await get(registry, path)).headers.get('www-authenticate')).to.match(/^Basic realm=/)
    for (const [login, status] of [
      ['ann:p:w', 200],
      ['ann:other', 401],
      ['bob:x', 403],
    ] as const)
      expect((await get(registry, path, basic(login))).status, login).to.equal(status)
  })

  it('gives tokens for the scope that was asked for, and takes only these', async () => {
    await start({ auth: { scheme: 'bearer', users: { ann: { password: 'pw' } }, anonymous: ['acme/open'] } })
    const challenge = (await get(registry, '/v2/acme/plugin/manifests/v1')).headers.get('www-authenticate') ?? ''
    expect(challenge).to.equal(`Bearer realm="${registry.origin}/token",service="test",scope="repository:acme/plugin:pull"`)
    const pull = async (scope: string, login?: string) => {
      const answer = await get(registry, `/token?service=test&scope=${scope}`, login === undefined ? {} : basic(login))
      if (answer.status !== 200) return answer.status
      const { token } = (await answer.json()) as { token: string }
      return (await get(registry, '/v2/acme/plugin/manifests/v1', { headers: { authorization: `Bearer ${token}` } })).status
    }
    expect(await pull('repository:acme/plugin:pull', 'ann:pw')).to.equal(200)
    expect(await pull('repository:acme/other:pull', 'ann:pw')).to.equal(403)
    expect(await pull('repository:acme/plugin:pull', 'ann:no')).to.equal(401)
    expect(await pull('repository:acme/plugin:pull')).to.equal(401)
    expect(await pull('repository:acme/open:pull')).to.equal(401)
  })

  const signature = Buffer.from(
    JSON.stringify({ schemaVersion: 2, artifactType: 'application/x', subject: { digest: sha256(bytes) }, layers: [] }),
  )

  it('lists referrers in pages', async () => {
    await start({ pageSize: 1 })
    registry.putManifest('acme/plugin', undefined, manifestType, signature)
    registry.putManifest('acme/plugin', undefined, manifestType, Buffer.concat([signature, Buffer.from(' ')]))
    const first = await get(registry, `/v2/acme/plugin/referrers/${sha256(bytes)}`)
    expect(((await first.json()) as { manifests: object[] }).manifests).to.deep.equal([
      { mediaType: manifestType, digest: sha256(signature), size: signature.length, artifactType: 'application/x' },
    ])
    expect(first.headers.get('link')).to.equal(`</v2/acme/plugin/referrers/${sha256(bytes)}?from=1>; rel="next"`)
  })

  it('keeps the fallback tag when it has no referrers API', async () => {
    await start({ referrers: false })
    registry.putManifest('acme/plugin', undefined, manifestType, signature)
    expect((await get(registry, `/v2/acme/plugin/referrers/${sha256(bytes)}`)).status).to.equal(404)
    expect(await (await get(registry, `/v2/acme/plugin/manifests/${sha256(bytes).replace(':', '-')}`)).text()).to.contain(sha256(signature))
  })

  it('puts the children of an index that is pushed', async () => {
    await start()
    const index = Buffer.from(JSON.stringify({ manifests: [{ digest: sha256(bytes), mediaType: manifestType }] }))
    registry.push('acme/multi', 'v1', {
      blobs: new Map([...image.blobs, [sha256(bytes), bytes]]),
      manifest: { mediaType: 'application/vnd.oci.image.index.v1+json', bytes: index },
    })
    expect((await get(registry, `/v2/acme/multi/manifests/${sha256(bytes)}`)).headers.get('content-type')).to.equal(manifestType)
  })

  it('misbehaves as often as it is told to, and logs what it was asked', async () => {
    await start()
    registry.fault('/manifests/v1', { kind: 'answer', status: 503 }, 2)
    const path = '/v2/acme/plugin/manifests/v1'
    for (const status of [503, 503, 200]) expect((await get(registry, path)).status).to.equal(status)
    expect(registry.requests.map(r => [r.method, r.path, r.status])).to.deep.equal([503, 503, 200].map(status => ['GET', path, status]))
    registry.fault(/plugin/, { kind: 'cut', afterBytes: 3 })
    expect(await (await get(registry, path)).text().catch((error: Error) => error.name)).to.equal('TypeError')
    registry.clearFaults()
    expect((await get(registry, path)).status).to.equal(200)
  })

  it('speaks TLS with a certificate made here, which a client can check', async () => {
    const ca = makeCertificate({ ca: true, commonName: 'Test CA', names: [] })
    await start({ tls: makeCertificate({ issuer: ca }) })
    const status = await new Promise((resolve, reject) =>
      tlsRequest(`${registry.origin}/v2/`, { ca: ca.cert }, answer => resolve(answer.resume().statusCode))
        .on('error', reject)
        .end(),
    )
    expect(status).to.equal(200)
  })
})
