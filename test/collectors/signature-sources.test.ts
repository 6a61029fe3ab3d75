import { expect } from 'chai'
import type { SignatureSource } from '../../src/collectors/collector.ts'
import { attestationTag, notationReferrer } from '../support/attached.ts'
import { type Artifact, bundleReferrer, cosignBundle, cosignTag, newSigner } from '../support/cosign.ts'
import { pullSecretOf, storeOf } from '../support/pull-secrets.ts'
import type { TestRegistryOptions } from '../support/registry.ts'
import { closeAll, jumpingClock, newClient, startAnother } from '../support/registry-client.ts'
import { type CollectOptions, collectSignatures, pluginName } from '../support/signature-check.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'

const signer = newSigner()
const image = tinyImage('plugin')

/** The image on one registry, and another for its signatures. */
const start = async (options: TestRegistryOptions = {}) => {
  const registry = await startAnother()
  registry.push('acme/plugin', 'v1', image.pushed)
  const other = await startAnother(options)
  const put = (repository: string, { tag, ...artifact }: Artifact, prefix = '') =>
    void other.push(repository, tag === undefined ? undefined : `${prefix}${tag}`, artifact)
  const collect = async (sources: readonly SignatureSource[], more: CollectOptions = {}) => {
    const client = newClient({ clock: jumpingClock() })
    const { facts, blobs } = await collectSignatures(client, [`${registry.host}/acme/plugin:v1`], undefined, { ...more, sources })
    const [fact] = facts
    if (fact?.ok !== true) throw new Error(fact?.message)
    return { ...fact, blobs }
  }
  const places = async (sources: readonly SignatureSource[], more: CollectOptions = {}) =>
    (await collect(sources, more)).places.filter(({ source }) => source !== undefined)
  return { registry, other, put, collect, places, repository: `${other.host}/acme/signatures` }
}

describe('signature collector, with another repository', () => {
  afterEach(closeAll)

  for (const referrers of [true, false])
    it(`finds there all that hangs on the image (${referrers ? 'with' : 'without'} the API)`, async () => {
      const { put, collect, repository } = await start({ referrers })
      const all = [cosignTag(image, 'r', signer), attestationTag(image, signer, 'x'), cosignBundle(image, signer), notationReferrer(image)]
      for (const one of all) put('acme/signatures', one)
      const { signatures, places } = await collect([{ repository }])
      expect(signatures.map(({ kind, source, content }) => [kind, source, content?.ok])).to.deep.equal(
        ['cosign', 'cosignAttestation', 'sigstoreBundle', 'notation'].map(kind => [kind, repository, true]),
      )
      expect(places.filter(({ source }) => source === undefined).map(({ state }) => state)).to.deep.equal(Array(5).fill('absent'))
    })

  it('asks it beside its own, and says where each thing was', async () => {
    const { registry, put, collect, repository } = await start()
    const tag = cosignTag(image, 'r', signer)
    put('acme/signatures', tag)
    registry.push('acme/plugin', tag.tag, tag)
    const { signatures, places } = await collect([{ repository }])
    expect(signatures.map(({ source }) => source)).to.deep.equal([undefined, repository])
    expect(places.map(({ kind, source }) => [kind, source === undefined])).to.deep.equal(
      [true, false].flatMap(own => ['sigTag', 'attTag', 'sbomTag', 'referrersApi', 'referrersTag'].map(kind => [kind, own])),
    )
    const ofSource = places.filter(({ source }) => source === repository)
    expect(ofSource.map(({ at }) => at)).to.include.members([
      `${repository}:${image.digest.replace(':', '-')}.sig`,
      `${repository.replace('/', '/v2/')}/referrers/${image.digest}`,
    ])
  })

  it('looks under the tags with the prefix that a policy names, and says so', async () => {
    const { put, collect, repository } = await start()
    put('acme/signatures', cosignTag(image, 'r', signer), 'release-')
    put('acme/signatures', cosignTag(image, 'r', newSigner()))
    const { signatures, places } = await collect([{ repository, tagPrefix: 'release-' }])
    expect(signatures.map(({ source, tagPrefix }) => [source, tagPrefix])).to.deep.equal([[repository, 'release-']])
    const tags = places.flatMap(({ at, tagPrefix }) => (tagPrefix === undefined ? [] : [at]))
    expect(tags).to.deep.equal(['sig', 'att', 'sbom'].map(end => `${repository}:release-${image.digest.replace(':', '-')}.${end}`))
  })

  it('asks for what has no prefix once, whatever sources name the repository', async () => {
    const { other, collect, repository } = await start()
    const { places } = await collect([
      { repository, tagPrefix: 'a-' },
      { repository, tagPrefix: 'b-' },
      { repository, tagPrefix: 'a-' },
    ])
    expect(places.filter(({ source }) => source !== undefined)).to.have.length(8)
    expect(other.requests).to.have.length(8)
  })

  it('does not ask twice where a source is the repository of the image', async () => {
    const { registry, collect } = await start()
    const { places } = await collect([{ repository: `${registry.host}/acme/plugin` }])
    expect(places).to.have.length(5)
    expect(new Set(registry.requests.map(({ path }) => path)).size).to.equal(registry.requests.length)
    const prefixed = (await collect([{ repository: `${registry.host}/acme/plugin`, tagPrefix: 'x-' }])).places
    expect(prefixed.map(({ tagPrefix }) => tagPrefix)).to.deep.equal([
      undefined,
      undefined,
      undefined,
      'x-',
      'x-',
      'x-',
      undefined,
      undefined,
    ])
  })

  it('is asked for the plugins alone that a source names', async () => {
    const { places, repository } = await start()
    expect(await places([{ repository, plugins: [pluginName] }])).to.have.length(5)
    expect(await places([{ repository, plugins: ['another'] }])).to.deep.equal([])
  })

  for (const [title, match, kinds] of [
    ['the tag of signatures', '.sig', ['sigTag']],
    ['the tag of attestations', '.att', ['attTag']],
    ['the tag of SBOMs', '.sbom', ['sbomTag']],
    ['the referrers API', '/referrers/', ['referrersApi']],
    ['the tag of referrers', /sha256-[0-9a-f]{64}$/, ['referrersTag']],
    ['everything', '/v2/', ['sigTag', 'attTag', 'sbomTag', 'referrersApi', 'referrersTag']],
  ] as const)
    for (const [status, code] of [
      [429, 'REGISTRY_RATE_LIMITED'],
      [500, 'REGISTRY_FAILED'],
      [403, 'REGISTRY_DENIED'],
    ] as const)
      it(`says of ${title} there that it could not be asked (${status}), and only of that`, async () => {
        const { other, places, repository } = await start()
        other.fault(match, { kind: 'answer', status })
        const failed = (await places([{ repository }])).flatMap(place => (place.state === 'error' ? [[place.kind, place.code]] : []))
        expect(failed).to.deep.equal(kinds.map(kind => [kind, code]))
      })

  it('says that its registry cannot be reached, and judges what is beside the image', async () => {
    const { registry, other, collect, repository } = await start()
    const tag = cosignTag(image, 'r', signer)
    registry.push('acme/plugin', tag.tag, tag)
    await other.close()
    const { signatures, places } = await collect([{ repository }])
    expect(signatures.map(({ kind }) => kind)).to.deep.equal(['cosign'])
    expect(places.flatMap(place => (place.state === 'error' ? [place.code] : []))).to.deep.equal(Array(5).fill('REGISTRY_UNREACHABLE'))
  })

  it('keeps the manifest that a message signature there is over, from where the image is', async () => {
    const index = tinyIndex('plugin')
    const arm = index.child('linux/arm64')
    const { registry, other, repository } = await start()
    registry.push('acme/plugin', 'v2', index.pushed)
    other.push('acme/signatures', undefined, bundleReferrer(arm, Buffer.from('{"messageSignature":{}}')))
    const { facts, blobs } = await collectSignatures(newClient(), [`${registry.host}/acme/plugin:v2`], ['linux/arm64'], {
      sources: [{ repository }],
    })
    expect(facts[0]?.ok && facts[0].signatures[0]?.content?.ok).to.equal(true)
    expect([...blobs.keys()]).to.include(arm.digest)
    expect(other.requests.map(({ path }) => path)).to.not.include(`/v2/acme/signatures/manifests/${arm.digest}`)
  })

  describe('that wants a login', () => {
    const auth = { scheme: 'bearer', users: { bob: { password: 'pw' }, eve: { password: 'pw', repositories: [] } } } as const
    const found = async (more: CollectOptions, source: Partial<SignatureSource> = {}) => {
      const made = await start({ auth })
      made.put('acme/signatures', cosignTag(image, 'r', signer))
      const secrets = storeOf(
        pullSecretOf('mine', { [made.other.host]: 'bob:pw' }),
        pullSecretOf('others', { [made.other.host]: 'eve:pw' }),
        pullSecretOf('broken', {}, { data: { '.dockerconfigjson': '{' } }),
      )
      const { signatures, places } = await made.collect([{ repository: made.repository, ...source }], { secrets, ...more })
      return {
        codes: [...new Set(places.flatMap(place => (place.state === 'error' ? [place.code] : [])))],
        signatures: signatures.map(({ content }) => content?.ok),
        blobs: made.other.requests.filter(({ path }) => path.includes('/blobs/')).length,
      }
    }
    const dockerConfig = (login: { username: string; password: string } | undefined) => ({
      file: 'config.json',
      login: async () => login && { ...login, entry: 'x' },
    })

    it('is asked with a Secret of the pod', async () =>
      expect(await found({ podSecrets: ['mine'] })).to.deep.include({ codes: [], signatures: [true] }))
    it('is asked with a Secret that the policy names', async () =>
      expect(await found({}, { pullSecrets: ['mine'] })).to.deep.include({ codes: [], signatures: [true] }))
    it('is asked with the next login when one may not, and with that from then on', async () =>
      expect(await found({ podSecrets: ['broken', 'others', 'mine'] })).to.deep.equal({ codes: [], signatures: [true], blobs: 1 }))
    it("is asked with the user's docker config", async () =>
      expect(await found({ dockerConfig: dockerConfig({ username: 'bob', password: 'pw' }) })).to.deep.include({
        codes: [],
        signatures: [true],
      }))
    it('is never taken for empty without a login', async () => {
      expect(await found({})).to.deep.include({ codes: ['REGISTRY_UNAUTHORIZED'], signatures: [] })
      expect(await found({ dockerConfig: dockerConfig(undefined) })).to.deep.include({ codes: ['REGISTRY_UNAUTHORIZED'], signatures: [] })
      expect((await found({ podSecrets: ['others'] })).signatures).to.deep.equal([])
    })
  })

  it('gives the login of the image to another repository of the same registry, and to no other registry', async () => {
    const registry = await startAnother({ auth: { scheme: 'basic', users: { bob: { password: 'pw' } } } })
    registry.push('acme/plugin', 'v1', image.pushed)
    const tag = cosignTag(image, 'r', signer)
    registry.push('acme/signatures', tag.tag, tag)
    const other = await startAnother({ auth: { scheme: 'basic', users: { eve: { password: 'pw' } } } })
    const secrets = storeOf(pullSecretOf('mine', { [`${registry.host}/acme/plugin`]: 'bob:pw' }))
    const sources = [{ repository: `${registry.host}/acme/signatures` }, { repository: `${other.host}/acme/signatures` }]
    const { facts } = await collectSignatures(newClient(), [`${registry.host}/acme/plugin:v1`], undefined, {
      sources,
      secrets,
      podSecrets: ['mine'],
    })
    expect(facts[0]?.ok && facts[0].signatures.map(({ source }) => source)).to.deep.equal([sources[0]!.repository])
    expect(other.requests).to.not.have.length(0)
    expect(other.requests.flatMap(({ headers }) => headers.authorization ?? [])).to.deep.equal([])
    expect(JSON.stringify(facts)).to.not.include('pw"')
  })

  for (const text of ['registry.example.com/acme:v1', 'Not A Repository'])
    it(`is a failed fact of the plugin when it is none: ${text}`, async () => {
      const { registry } = await start()
      const { facts } = await collectSignatures(newClient(), [`${registry.host}/acme/plugin:v1`], undefined, {
        sources: [{ repository: text }],
      })
      expect(facts[0]).to.include({ ok: false, code: 'REFERENCE_INVALID' })
    })
})
