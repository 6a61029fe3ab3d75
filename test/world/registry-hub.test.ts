import { expect } from 'chai'
import { asked, setupMirror } from '../support/mirrors.ts'
import { closeAll, failureOf } from '../support/registry-client.ts'

const manifests = '/v2/acme/plugin/manifests'
const ns = '?ns=docker.io'
const quota = { 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '76;w=21600' }

describe('registry client: Docker Hub', () => {
  afterEach(closeAll)
  const setupHub = () => setupMirror(({ mirror }) => `server = "${mirror}"\n`, { registry: 'docker.io' })

  it('is asked by HEAD what a tag points at, which counts as no pull, and then for that digest', async () => {
    const { mirror, client, image, pushed } = await setupHub()
    mirror.push('acme/plugin', 'v1', pushed)
    mirror.fault('/manifests/', { kind: 'headers', headers: { ...quota, warning: '299 - "soon gone"' } })
    const served = await client.manifest(image, 'v1', undefined)
    expect(asked({ mirror })).to.deep.equal([`mirror HEAD ${manifests}/v1${ns}`, `mirror GET ${manifests}/${pushed.digest}${ns}`])
    expect([served.digest, served.quota, served.warnings]).to.deep.equal([
      pushed.digest,
      { remaining: 76, limit: 100, windowSeconds: 21600 },
      ['soon gone'],
    ])
  })

  it('is not asked twice for the same digest', async () => {
    const { mirror, client, image, pushed } = await setupHub()
    mirror.push('acme/plugin', 'v1', pushed)
    await client.manifest(image, 'v1', undefined)
    await client.manifest(image, 'v1', undefined)
    expect(mirror.requests.map(({ method }) => method)).to.deep.equal(['HEAD', 'GET', 'HEAD'])
  })

  it('is not believed about the digest: what it then serves has to have it', async () => {
    const { mirror, client, image, pushed } = await setupHub()
    mirror.push('acme/plugin', 'v1', pushed)
    mirror.fault('/manifests/sha256', { kind: 'corrupt' })
    expect((await failureOf(client.manifest(image, 'v1', undefined))).code).to.equal('DIGEST_MISMATCH')
  })

  for (const digest of ['', 'sha256:short'])
    it(`is asked by GET when HEAD names "${digest}" for a digest`, async () => {
      const { mirror, client, image, pushed } = await setupHub()
      mirror.push('acme/plugin', 'v1', pushed)
      mirror.fault('/v1?', { kind: 'headers', headers: { 'docker-content-digest': digest } })
      expect((await client.manifest(image, 'v1', undefined)).digest).to.equal(pushed.digest)
      expect(mirror.requests.map(({ method }) => method)).to.deep.equal(['HEAD', 'GET'])
    })

  it('says in its own words that there is no such image', async () => {
    const { mirror, client, image, pushed } = await setupHub()
    mirror.push('acme/plugin', 'v2', pushed)
    const error = await failureOf(client.manifest(image, 'v1', undefined))
    expect([error.code, error.message.includes('MANIFEST_UNKNOWN')]).to.deep.equal(['MANIFEST_NOT_FOUND', true])
  })

  it('is not asked again by GET when no pulls are left', async () => {
    const { mirror, client, image } = await setupHub()
    const headers = { ...quota, 'ratelimit-remaining': '0;w=21600', 'retry-after': '9999' }
    mirror.fault('/manifests/', { kind: 'answer', status: 429, headers })
    const error = await failureOf(client.manifest(image, 'v1', undefined))
    expect([error.code, error.message.includes('0 of 100 pulls are left in 6 h')]).to.deep.equal(['REGISTRY_RATE_LIMITED', true])
    expect(mirror.requests.map(({ method }) => method)).to.deep.equal(['HEAD'])
  })

  it('is the only one that is asked so: others get one GET', async () => {
    const { mirror, client, image, pushed } = await setupMirror(({ mirror }) => `server = "${mirror}"\n`)
    mirror.push('acme/plugin', 'v1', pushed)
    expect((await client.manifest(image, 'v1', undefined)).quota).to.equal(undefined)
    expect(mirror.requests.map(({ method }) => method)).to.deep.equal(['GET'])
  })
})
