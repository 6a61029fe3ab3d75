import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import type { FoundSignature, SignatureFact, SignaturePlaceKind } from '../../src/facts/signature.ts'
import {
  bundleReferrer,
  bundleType,
  cosignBundle,
  cosignReferrer,
  cosignTag,
  layerOf,
  newSigner,
  payloadOf,
  type Subject,
  signatureTagOf,
} from '../support/cosign.ts'
import type { PushedImage, TestRegistryOptions } from '../support/registry.ts'
import { closeAll, indexType, jumpingClock, manifestType, newClient, startAnother } from '../support/registry-client.ts'
import { collectSignatures, pluginName } from '../support/signature-check.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'

const signer = newSigner()
const image = tinyImage('plugin')
const hex = image.digest.slice('sha256:'.length)

const start = async (options: TestRegistryOptions = {}, pushed: PushedImage = image.pushed) => {
  const registry = await startAnother(options)
  registry.push('acme/plugin', 'v1', pushed)
  const reference = `${registry.host}/acme/plugin:v1`
  const put = ({ blobs, manifest, tag }: PushedImage & { readonly tag?: string }) => registry.push('acme/plugin', tag, { blobs, manifest })
  const collect = async (platforms?: readonly string[]) => {
    const { facts, blobs } = await collectSignatures(newClient({ clock: jumpingClock() }), [reference], platforms)
    expect(facts).to.have.length(1)
    return { fact: facts[0]!, blobs }
  }
  const found = async (platforms?: readonly string[]) => {
    const { fact, blobs } = await collect(platforms)
    if (!fact.ok) throw new Error(fact.message)
    return { ...fact, blobs }
  }
  return { registry, reference, put, collect, found, repository: `${registry.host}/acme/plugin` }
}
const states = ({ places }: Extract<SignatureFact, { ok: true }>) => Object.fromEntries(places.map(({ kind, state }) => [kind, state]))
const nowhere = { sigTag: 'absent', attTag: 'absent', sbomTag: 'absent', referrersApi: 'absent', referrersTag: 'absent' }
const placeOf = ({ places }: Extract<SignatureFact, { ok: true }>, kind: SignaturePlaceKind) => places.find(place => place.kind === kind)
const brief = ({ kind, places, layer, content }: FoundSignature) => ({ kind, places, layer, ok: content?.ok })

describe('signature collector', () => {
  afterEach(closeAll)

  it('names every place where it looked, when there is nothing', async () => {
    const { found, repository } = await start()
    const fact = await found()
    expect(fact).to.include({ ok: true, plugin: pluginName, digest: image.digest, root: 'manifest', repository })
    expect(fact.signatures).to.deep.equal([])
    const asked = { subject: image.digest, state: 'absent' }
    expect(fact.places).to.deep.equal([
      { ...asked, kind: 'sigTag', at: `${repository}:sha256-${hex}.sig` },
      { ...asked, kind: 'attTag', at: `${repository}:sha256-${hex}.att` },
      { ...asked, kind: 'sbomTag', at: `${repository}:sha256-${hex}.sbom` },
      { ...asked, kind: 'referrersApi', at: `${repository.replace('/', '/v2/')}/referrers/${image.digest}` },
      { ...asked, kind: 'referrersTag', at: `${repository}:sha256-${hex}` },
    ])
  })

  it("finds every layer of cosign's tag, and keeps manifest and payload", async () => {
    const { found, put, repository } = await start()
    const artifact = put(cosignTag(image, repository, signer, newSigner()))
    const fact = await found()
    expect(states(fact)).to.deep.equal({ ...nowhere, sigTag: 'found' })
    expect(fact.signatures.map(brief)).to.deep.equal([
      { kind: 'cosign', places: ['sigTag'], layer: 0, ok: true },
      { kind: 'cosign', places: ['sigTag'], layer: 1, ok: true },
    ])
    expect(fact.signatures[0]?.manifest).to.equal(artifact)
    const payload = payloadOf(image.digest, repository)
    expect(fact.signatures[0]?.content).to.deep.equal({ ok: true, blob: sha256(payload) })
    expect([...fact.blobs.keys()]).to.have.members([image.digest, artifact, sha256(payload)])
  })

  it('reads a payload once that several signers share', async () => {
    const { found, put, registry } = await start()
    put(cosignTag(image, 'r', signer, newSigner(), newSigner()))
    await found()
    expect(registry.requests.filter(({ path }) => path.includes('/blobs/'))).to.have.length(1)
  })

  for (const [title, referrers, place] of [
    ['referrers API', true, 'referrersApi'],
    ['fallback tag', false, 'referrersTag'],
  ] as const) {
    it(`finds a bundle in the ${title}`, async () => {
      const { found, put } = await start({ referrers })
      put(cosignBundle(image, signer))
      const fact = await found()
      expect(states(fact)).to.deep.equal({ ...nowhere, [place]: 'found' })
      expect(fact.signatures.map(brief)).to.deep.equal([{ kind: 'sigstoreBundle', places: [place], layer: 0, ok: true }])
    })

    it(`finds a tag's manifest that hangs on the image in the ${title}`, async () => {
      const { found, put } = await start({ referrers })
      put(cosignReferrer(image, 'r', signer, newSigner()))
      expect((await found()).signatures.map(brief)).to.deep.equal([
        { kind: 'cosignReferrer', places: [place], layer: 0, ok: true },
        { kind: 'cosignReferrer', places: [place], layer: 1, ok: true },
      ])
    })
  }

  const list = (...entries: readonly object[]) =>
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: entries }))
  const entry = ({ digest, bytes }: { digest: string; bytes: Uint8Array }, more: object = {}) => ({
    mediaType: manifestType,
    digest,
    size: bytes.length,
    ...more,
  })

  it('finds what is in the tag alone although there is an API, and says once what is in both', async () => {
    const { found, put, registry } = await start()
    const both = cosignBundle(image, signer)
    put(both)
    const old = cosignBundle(image, newSigner())
    const { subject: _, ...unbound } = JSON.parse(Buffer.from(old.manifest.bytes).toString())
    const bytes = Buffer.from(JSON.stringify(unbound))
    put({ blobs: old.blobs, manifest: { mediaType: manifestType, bytes } })
    registry.putManifest('acme/plugin', `sha256-${hex}`, indexType, list(entry(both.manifest), entry({ digest: sha256(bytes), bytes })))
    expect((await found()).signatures.map(brief)).to.have.deep.members([
      { kind: 'sigstoreBundle', places: ['referrersApi', 'referrersTag'], layer: 0, ok: true },
      { kind: 'sigstoreBundle', places: ['referrersTag'], layer: 0, ok: true },
    ])
  })

  for (const artifactType of ['application/vnd.oci.empty.v1+json', 'application/vnd.oci.image.config.v1+json', bundleType, undefined]) {
    it(`looks at an entry that is listed as ${artifactType ?? 'nothing'}`, async () => {
      const { found, put, registry } = await start({ referrers: false })
      const made = cosignBundle(image, signer)
      put(made)
      registry.putManifest(
        'acme/plugin',
        `sha256-${hex}`,
        indexType,
        list(entry(made.manifest, artifactType === undefined ? {} : { artifactType })),
      )
      expect((await found()).signatures.map(({ kind }) => kind)).to.deep.equal(['sigstoreBundle'])
    })
  }

  it('names what it does not know by what its manifest says, and does not fetch what is in it', async () => {
    const { found, put, registry } = await start()
    const layers = [{ mediaType: 'application/spdx+json', size: 2, digest: sha256('{}') }]
    put(bundleReferrer(image, Buffer.from('{}'), 'x', { artifactType: 'application/spdx+json', layers }))
    const { signatures } = await found()
    expect(signatures.map(({ kind, mediaType, content }) => [kind, mediaType, content])).to.deep.equal([
      ['unknown', 'application/spdx+json', undefined],
    ])
    expect(registry.requests.filter(({ path }) => path.includes('/blobs/'))).to.deep.equal([])
  })

  for (const artifactType of ['application/spdx+json', 'application/vnd.cncf.notary.signature', 'text/plain'])
    it(`does not believe a list that calls a bundle ${artifactType}`, async () => {
      const { found, put, registry } = await start({ referrers: false })
      const made = cosignBundle(image, signer)
      put(made)
      registry.putManifest('acme/plugin', `sha256-${hex}`, indexType, list(entry(made.manifest, { artifactType })))
      expect((await found()).signatures.map(({ kind }) => kind)).to.deep.equal(['sigstoreBundle'])
    })

  it('names an entry that is no manifest of today, and does not fetch it', async () => {
    const { found, registry } = await start()
    const old = { ...entry(image), mediaType: 'application/vnd.oci.artifact.manifest.v1+json', digest: sha256('old') }
    registry.putManifest('acme/plugin', `sha256-${hex}`, indexType, list(old))
    const { signatures } = await found()
    expect(signatures.map(({ kind, mediaType }) => [kind, mediaType])).to.deep.equal([['unknown', old.mediaType]])
    expect(registry.requests.filter(({ path }) => path.includes(old.digest))).to.deep.equal([])
  })

  it('names a layer of the tag that is no signature', async () => {
    const { found, put } = await start()
    put(signatureTagOf(image.digest, [{ ...layerOf(signer, Buffer.from('text')), mediaType: 'text/plain' }]))
    expect((await found()).signatures.map(({ kind, mediaType }) => [kind, mediaType])).to.deep.equal([['unknown', 'text/plain']])
  })

  it('does not follow a bundle whose manifest has two layers', async () => {
    const { found, put } = await start()
    const layer = { mediaType: bundleType, size: 2, digest: sha256('{}') }
    put(bundleReferrer(image, Buffer.from('{}'), 'x', { layers: [layer, layer] }))
    const [only] = (await found()).signatures
    expect(only?.content).to.include({ ok: false, code: 'MANIFEST_INVALID' })
  })

  describe('on an index', () => {
    const index = tinyIndex('plugin')
    const arm = index.child('linux/arm64')
    const formOf = ({ digest, mediaType, bytes }: Subject) => ({ digest, mediaType, sizeBytes: bytes.length })

    it('looks at the index and at the image of each required platform', async () => {
      const { found, put, repository } = await start({}, index.pushed)
      put(cosignTag(index, repository, signer))
      put(cosignBundle(arm, signer))
      const fact = await found(['linux/amd64', 'linux/arm64'])
      expect(fact).to.include({ root: 'index', ...formOf(index) })
      expect(fact.platforms).to.deep.equal([
        { platform: 'linux/amd64', ok: true, ...formOf(index.child('linux/amd64')) },
        { platform: 'linux/arm64', ok: true, ...formOf(arm) },
      ])
      expect(fact.places).to.have.length(15)
      expect(fact.signatures.map(({ kind, subject }) => [kind, subject])).to.deep.equal([
        ['cosign', index.digest],
        ['sigstoreBundle', arm.digest],
      ])
    })

    it('does not look at platforms that nobody needs', async () => {
      const { found } = await start({}, index.pushed)
      expect((await found(['linux/amd64'])).places.map(({ subject }) => subject)).to.not.include(arm.digest)
    })

    it('says that there is no image for a platform, and looks at the others', async () => {
      const { found } = await start({}, index.pushed)
      const fact = await found(['linux/s390x', 'linux/amd64'])
      expect(fact.platforms[0]).to.include({ ok: false, code: 'PLATFORM_NOT_FOUND' })
      expect(fact.places).to.have.length(10)
    })
  })

  describe('with a registry that fails', () => {
    const failing: readonly [title: string, match: string | RegExp, kinds: readonly string[]][] = [
      ["cosign's tag", `sha256-${hex}.sig`, ['sigTag']],
      ["cosign's tag of attestations", `sha256-${hex}.att`, ['attTag']],
      ["cosign's tag of SBOMs", `sha256-${hex}.sbom`, ['sbomTag']],
      ['the referrers API', '/referrers/', ['referrersApi']],
      ['the tag that lists referrers', new RegExp(`sha256-${hex}$`), ['referrersTag']],
      ['all places', `${hex}`, ['sigTag', 'attTag', 'sbomTag', 'referrersApi', 'referrersTag']],
    ]
    for (const [title, match, kinds] of failing) {
      for (const [status, code] of [
        [429, 'REGISTRY_RATE_LIMITED'],
        [500, 'REGISTRY_FAILED'],
        [403, 'REGISTRY_DENIED'],
      ] as const) {
        it(`says of ${title} that it could not be asked (${status}), never that nothing is there`, async () => {
          const { found, registry } = await start()
          registry.fault(match, { kind: 'answer', status })
          const fact = await found()
          const failed = fact.places.filter(({ state }) => state !== 'absent')
          expect(failed.map(({ kind, ...place }) => [kind, place.state === 'error' ? place.code : ''])).to.deep.equal(
            kinds.map(kind => [kind, code]),
          )
        })
      }
    }

    it('goes on with the other places', async () => {
      const { found, put, registry } = await start()
      put(cosignTag(image, 'r', signer))
      registry.fault('/referrers/', { kind: 'answer', status: 500 })
      const fact = await found()
      expect(states(fact)).to.deep.equal({ ...nowhere, sigTag: 'found', referrersApi: 'error' })
      expect(fact.signatures.map(brief)).to.deep.equal([{ kind: 'cosign', places: ['sigTag'], layer: 0, ok: true }])
    })

    it('says of one signature that it could not be read, and reads the others', async () => {
      const { found, put, registry } = await start()
      const payloads = [payloadOf(image.digest, 'a'), payloadOf(image.digest, 'b')]
      put(
        signatureTagOf(
          image.digest,
          payloads.map(payload => layerOf(signer, payload)),
        ),
      )
      registry.fault(sha256(payloads[0]!), { kind: 'corrupt' })
      const { signatures } = await found()
      expect(signatures.map(({ content }) => content?.ok)).to.deep.equal([false, true])
      expect(signatures[0]?.content).to.include({ code: 'DIGEST_MISMATCH' })
    })

    it('says of a referrer that its manifest could not be read', async () => {
      const { found, put, registry } = await start()
      const made = cosignBundle(image, signer)
      put(made)
      registry.fault(`/manifests/${made.manifest.digest}`, { kind: 'corrupt' })
      expect((await found()).signatures[0]?.content).to.include({ ok: false, code: 'DIGEST_MISMATCH' })
    })

    it("says that cosign's tag points at an index", async () => {
      const { found, registry } = await start()
      registry.putManifest('acme/plugin', `sha256-${hex}.sig`, indexType, list())
      expect(placeOf(await found(), 'sigTag')).to.include({ state: 'error', code: 'MANIFEST_INVALID' })
    })

    it('says that the tag that lists referrers points at no index', async () => {
      const { found, registry } = await start()
      registry.putManifest('acme/plugin', `sha256-${hex}`, manifestType, tinyImage('other').bytes)
      expect(placeOf(await found(), 'referrersTag')).to.include({ state: 'error', code: 'MANIFEST_INVALID' })
    })

    for (const referrers of [true, false]) {
      it(`is not misled by the image that cosign copy leaves at that tag (${referrers ? 'with' : 'without'} the API)`, async () => {
        const index = tinyIndex('plugin')
        for (const copied of [image, index]) {
          const { found, registry } = await start({ referrers }, copied.pushed)
          registry.putManifest('acme/plugin', copied.digest.replace(':', '-'), copied.mediaType, copied.bytes)
          const fact = await found()
          expect(fact.places.map(({ state }) => state)).to.not.include.members(['found', 'error'])
          expect(fact.signatures).to.deep.equal([])
        }
      })
    }

    it('gives the failure of the image when that could not be read', async () => {
      const { collect, registry } = await start()
      registry.fault('/manifests/v1', { kind: 'answer', status: 403 })
      const { fact } = await collect()
      expect(fact).to.include({ ok: false, plugin: pluginName, code: 'REGISTRY_DENIED' })
    })
  })

  describe('against a registry that serves too much', () => {
    it('reads the newest 1000 signatures of a tag, and says how many it left', async () => {
      const { found, put } = await start()
      const payload = payloadOf(image.digest, 'r')
      const layer = layerOf(signer, payload)
      put(
        signatureTagOf(
          image.digest,
          Array.from({ length: 1006 }, () => layer),
        ),
      )
      const fact = await found()
      expect(fact.signatures.map(({ layer }) => layer)).to.deep.equal(Array.from({ length: 1000 }, (_, i) => i + 6))
      expect(placeOf(fact, 'sigTag')).to.include({ state: 'found', unread: 6 })
    })

    it("counts what it left of a referrer's layers too", async () => {
      const { found, put } = await start()
      put(cosignReferrer(image, 'r', ...Array.from({ length: 1001 }, () => signer)))
      expect(placeOf(await found(), 'referrersApi')).to.include({ state: 'found', unread: 1 })
    })

    it('reads no more than 2000 different contents of one image', async () => {
      const { found, put } = await start()
      const layers = (from: number) => Array.from({ length: 1000 }, (_, i) => layerOf(signer, Buffer.from(`${from + i}`)))
      put(signatureTagOf(image.digest, layers(0)))
      for (const from of [1000, 2000]) {
        const { tag: _, ...referrer } = signatureTagOf(image.digest, layers(from), {
          artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json',
          subject: { mediaType: manifestType, digest: image.digest, size: image.bytes.length },
        })
        put(referrer)
      }
      const { signatures } = await found()
      expect(signatures.filter(({ content }) => content?.ok)).to.have.length(2000)
      const codes = signatures.flatMap(({ content }) => (content?.ok === false ? [content.code] : []))
      expect(codes).to.deep.equal(Array(1000).fill('BODY_TOO_LARGE'))
    })

    it('looks at 100 referrers of each list, those first that may be signed, and counts the others', async () => {
      const { found, registry } = await start({ referrers: false })
      const made = cosignBundle(image, signer)
      registry.push('acme/plugin', undefined, made)
      const other = (i: number) => entry({ digest: sha256(`${i}`), bytes: made.manifest.bytes }, { artifactType: 'application/spdx+json' })
      const missing = (i: number) => entry({ digest: sha256(`m${i}`), bytes: made.manifest.bytes })
      const numbers = Array.from({ length: 80 }, (_, i) => i)
      registry.putManifest(
        'acme/plugin',
        `sha256-${hex}`,
        indexType,
        list(...numbers.map(missing), entry(made.manifest), ...numbers.map(other)),
      )
      const fact = await found()
      expect(placeOf(fact, 'referrersTag')).to.include({ state: 'found', unread: 61 })
      expect(fact.signatures.filter(({ kind }) => kind === 'sigstoreBundle')).to.have.length(1)
      expect(fact.signatures).to.have.length(100)
    })

    it('looks at what is on all pages of the API', async () => {
      const { found, put } = await start({ pageSize: 2 })
      for (let number = 0; number < 5; number++) put(cosignBundle(image, newSigner()))
      expect((await found()).signatures).to.have.length(5)
    })

    it('says that a later page could not be asked, and looks at what is on those before', async () => {
      const { found, put, registry } = await start({ pageSize: 2 })
      for (let number = 0; number < 5; number++) put(cosignBundle(image, newSigner()))
      for (const status of [500, 404]) {
        registry.fault('from=2', { kind: 'answer', status })
        const fact = await found()
        expect(placeOf(fact, 'referrersApi')).to.include({ state: 'error' })
        expect(fact.signatures.map(({ content }) => content?.ok)).to.deep.equal([true, true])
      }
    })

    it('does not read a payload of more than 8 MiB', async () => {
      const { found, put } = await start()
      put(signatureTagOf(image.digest, [layerOf(signer, Buffer.alloc((8 << 20) + 1, ' '))]))
      expect((await found()).signatures[0]?.content).to.include({ ok: false, code: 'BODY_TOO_LARGE' })
    })

    it('is not kept from a signature by others that say that they are too large', async () => {
      const { found, put } = await start()
      const large = Array.from({ length: 8 }, (_, i) => layerOf(signer, Buffer.alloc(9 << 20, `${i}`)))
      put(signatureTagOf(image.digest, [...large, layerOf(signer, Buffer.alloc(2 << 20, 'x'))]))
      expect((await found()).signatures.map(({ content }) => content?.ok)).to.deep.equal([...Array(8).fill(false), true])
    })

    it('does not read more than 64 MiB for one image', async () => {
      const { found, put } = await start()
      put(
        signatureTagOf(
          image.digest,
          Array.from({ length: 9 }, (_, i) => layerOf(signer, Buffer.alloc(8 << 20, `${i}`))),
        ),
      )
      // The manifest counts too.
      expect((await found()).signatures.map(({ content }) => content?.ok)).to.deep.equal([...Array(7).fill(true), false, false])
    })
  })

  it('keeps the manifest of a platform on which a message signature is', async () => {
    const index = tinyIndex('plugin')
    const arm = index.child('linux/arm64')
    const { found, put } = await start({}, index.pushed)
    put(bundleReferrer(arm, Buffer.from('{"messageSignature":{}}')))
    expect([...(await found(['linux/arm64'])).blobs.keys()]).to.include(arm.digest)
  })

  it('collects each plugin by itself', async () => {
    const { reference } = await start()
    const { facts } = await collectSignatures(newClient(), [reference, 'not a reference', reference])
    expect(facts.map(({ ok }) => ok)).to.deep.equal([true, false, true])
  })
})
