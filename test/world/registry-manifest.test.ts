import { createHash } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { parseReference } from '../../src/oci/reference.ts'
import { closeAll, failureOf, indexType, manifestType, setup, smallImage } from '../support/registry-client.ts'

describe('registry client: manifests', () => {
  afterEach(closeAll)

  it('gives the bytes as served, with the digest computed from them, by tag', async () => {
    const { client, image, pushed, registry } = await setup()
    const served = await client.manifest(image, 'v1', undefined)
    expect(Buffer.from(served.bytes).equals(pushed.manifest.bytes)).to.equal(true)
    expect({ ...served, bytes: undefined }).to.deep.equal({
      bytes: undefined,
      digest: pushed.digest,
      mediaType: manifestType,
      host: registry.host,
      warnings: [],
    })
  })

  it('needs one request, which accepts every kind of manifest and no encoding', async () => {
    const { client, image, registry } = await setup()
    await client.manifest(image, 'v1', undefined)
    expect(registry.requests.map(({ method, path }) => `${method} ${path}`)).to.deep.equal(['GET /v2/acme/plugin/manifests/v1'])
    const { accept, 'accept-encoding': encoding, 'user-agent': agent, authorization } = registry.requests[0]!.headers
    expect(accept?.split(', ')).to.have.length(6).and.to.include(indexType)
    expect(encoding).to.equal('identity')
    expect(agent).to.match(/^velero-plugin-preflight\/\d/)
    expect(authorization).to.equal(undefined)
  })

  it('takes the Content-Type without parameters, and as it is', async () => {
    const { client, image, registry } = await setup()
    registry.fault('manifests', { kind: 'headers', headers: { 'content-type': `${indexType}; charset=utf-8` } })
    expect((await client.manifest(image, 'v1', undefined)).mediaType).to.equal(indexType)
  })

  it('asks by digest once, however many want it at the same time and later', async () => {
    const { client, image, pushed, registry } = await setup()
    await Promise.all([1, 2, 3].map(() => client.manifest(image, pushed.digest, undefined)))
    await client.manifest(image, pushed.digest, undefined)
    expect(registry.requests).to.have.length(1)
  })

  it('asks by tag anew each time, for a tag may move', async () => {
    const { client, image, registry } = await setup()
    await client.manifest(image, 'v1', undefined)
    const { manifest } = smallImage(7)
    registry.putManifest('acme/plugin', 'v1', manifest.mediaType, manifest.bytes)
    expect((await client.manifest(image, 'v1', undefined)).digest).to.equal(sha256(manifest.bytes))
  })

  it('asks again after a failure', async () => {
    const { client, image, pushed, registry } = await setup()
    registry.fault('manifests', { kind: 'answer', status: 404, body: '{"errors":[]}' }, 1)
    expect((await failureOf(client.manifest(image, pushed.digest, undefined))).code).to.equal('MANIFEST_NOT_FOUND')
    expect((await client.manifest(image, pushed.digest, undefined)).digest).to.equal(pushed.digest)
  })

  it('finds manifests by a SHA-512 digest', async () => {
    const { client, image, pushed, registry } = await setup()
    const digest = `sha512:${createHash('sha512').update(pushed.manifest.bytes).digest('hex')}`
    registry.putManifest('acme/plugin', digest, manifestType, pushed.manifest.bytes)
    expect((await client.manifest(image, digest, undefined)).digest).to.equal(digest)
  })

  it('refuses other bytes than those of the digest', async () => {
    const { client, image, pushed, registry } = await setup()
    const wrong = Buffer.from('{"schemaVersion":2}')
    registry.putManifest('acme/plugin', pushed.digest, manifestType, wrong)
    const error = await failureOf(client.manifest(image, pushed.digest, undefined))
    expect(error.code).to.equal('DIGEST_MISMATCH')
    expect(error.message).to.contain(`acme/plugin@${pushed.digest}`).and.to.contain(sha256(wrong))
  })

  it('believes its own digest, and warns of a header that says another', async () => {
    const { client, image, pushed, registry } = await setup()
    registry.fault('manifests', { kind: 'headers', headers: { 'docker-content-digest': sha256('other') } })
    const { digest, warnings } = await client.manifest(image, 'v1', undefined)
    expect(digest).to.equal(pushed.digest)
    expect(warnings).to.deep.equal([`its Docker-Content-Digest header says ${sha256('other')}, which is not the digest of what it sent`])
  })

  it('passes on what the registry warns of, without control characters', async () => {
    const { client, image, registry } = await setup()
    const warning = ['299 - "moves to \\"eu\\" soon"', '199 - "not for us"']
    registry.fault('manifests', { kind: 'headers', headers: { warning } })
    expect((await client.manifest(image, 'v1', undefined)).warnings).to.deep.equal(['moves to "eu" soon'])
  })

  it('tells an absent tag, with what was asked of whom and how', async () => {
    const { client, registry } = await setup()
    const image = parseReference(`${registry.host}/acme/plugin:v9`)
    const error = await failureOf(client.manifest(image, 'v9', undefined))
    expect(error.code).to.equal('MANIFEST_NOT_FOUND')
    expect(error.message).to.equal(
      `${registry.host} does not have the manifest of ${registry.host}/acme/plugin:v9, asked without a login (404). It says: "MANIFEST_UNKNOWN: manifest unknown".`,
    )
  })

  it('tells an absent repository from an absent tag', async () => {
    const { client, registry } = await setup()
    const image = parseReference(`${registry.host}/acme/plugni:v1`)
    const error = await failureOf(client.manifest(image, 'v1', undefined))
    expect([error.code, error.message.slice(0, error.message.indexOf(','))]).to.deep.equal([
      'MANIFEST_NOT_FOUND',
      `${registry.host} has no repository acme/plugni`,
    ])
  })

  it('decodes a body that was gzipped although nobody asked for it: the digest is that of the content', async () => {
    const { client, image, pushed, registry } = await setup()
    const headers = { 'content-type': manifestType, 'content-encoding': 'gzip' }
    registry.fault('manifests', { kind: 'answer', status: 200, headers, body: gzipSync(pushed.manifest.bytes) })
    expect((await client.manifest(image, pushed.digest, undefined)).digest).to.equal(pushed.digest)
  })

  for (const [encoding, body] of [
    ['br', 'x'],
    ['gzip', 'not gzip'],
    ['gzip, gzip', 'x'],
  ])
    it(`refuses a body in the encoding "${encoding}" that it cannot decode`, async () => {
      const { client, image, registry } = await setup()
      registry.fault('manifests', { kind: 'answer', status: 200, headers: { 'content-encoding': encoding! }, body: body! })
      expect((await failureOf(client.manifest(image, 'v1', undefined))).code).to.equal('REGISTRY_PROTOCOL')
    })

  it('stops decoding where a manifest can be no longer', async () => {
    const { client, image, registry } = await setup()
    const body = gzipSync(Buffer.alloc(50 << 20))
    registry.fault('manifests', { kind: 'answer', status: 200, headers: { 'content-encoding': 'gzip' }, body })
    expect((await failureOf(client.manifest(image, 'v1', undefined))).code).to.equal('BODY_TOO_LARGE')
  })
})
