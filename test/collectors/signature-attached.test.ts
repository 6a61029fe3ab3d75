import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import type { FoundSignature } from '../../src/facts/signature.ts'
import { attestationTag, dsseType, inTotoReferrer, notaryType, notationReferrer, sbomTag } from '../support/attached.ts'
import {
  type Artifact,
  bundleBytes,
  bundleOf,
  bundleReferrer,
  cosignBundle,
  cosignTag,
  newSigner,
  signatureTagOf,
  statementOf,
} from '../support/cosign.ts'
import { closeAll, indexType, jumpingClock, newClient, startAnother } from '../support/registry-client.ts'
import { collectSignatures } from '../support/signature-check.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'

const signer = newSigner()
const image = tinyImage('plugin')
const spdx = 'https://spdx.dev/Document'
const provenance = 'https://slsa.dev/provenance/v1'

const start = async (referrers: boolean, ...artifacts: readonly Artifact[]) => {
  const registry = await startAnother({ referrers })
  registry.push('acme/plugin', 'v1', image.pushed)
  for (const { tag, ...artifact } of artifacts) registry.push('acme/plugin', tag, artifact)
  const collect = async () => {
    const { facts, blobs } = await collectSignatures(newClient({ clock: jumpingClock() }), [`${registry.host}/acme/plugin:v1`])
    const [fact] = facts
    if (fact?.ok !== true) throw new Error(fact?.message)
    return { ...fact, blobs }
  }
  return { registry, collect }
}
const brief = ({ kind, places, layer, mediaType, content }: FoundSignature) => [kind, places, layer, mediaType, content?.ok]
const contentOf = ({ signatures }: { signatures: readonly FoundSignature[] }, index = 0) => signatures[index]?.content

for (const referrers of [true, false]) {
  const place = referrers ? 'referrersApi' : 'referrersTag'
  describe(`signature collector, on a registry ${referrers ? 'with' : 'without'} the referrers API`, () => {
    afterEach(closeAll)

    it("keeps every attestation of cosign's tag, and the manifest with their annotations", async () => {
      const tag = attestationTag(image, signer, spdx, provenance)
      const fact = await (await start(referrers, tag)).collect()
      expect(fact.signatures.map(brief)).to.deep.equal([
        ['cosignAttestation', ['attTag'], 0, dsseType, true],
        ['cosignAttestation', ['attTag'], 1, dsseType, true],
      ])
      expect(fact.blobs.get(tag.manifest.digest)).to.deep.equal(tag.manifest.bytes)
      const envelopes = [...tag.blobs.keys()].slice(1)
      expect(fact.signatures.map((_, i) => contentOf(fact, i))).to.deep.equal(envelopes.map(blob => ({ ok: true, blob })))
      for (const blob of envelopes) expect(fact.blobs.get(blob)).to.deep.equal(tag.blobs.get(blob))
    })

    it('keeps attestations that hang on the image as in the tag', async () => {
      const fact = await (await start(referrers, inTotoReferrer(image, signer, spdx, provenance))).collect()
      expect(fact.signatures.map(brief)).to.deep.equal([
        ['inTotoReferrer', [place], 0, dsseType, true],
        ['inTotoReferrer', [place], 1, dsseType, true],
      ])
    })

    it('keeps an attestation in a bundle as it keeps a signature: its content tells them apart', async () => {
      const bundle = bundleReferrer(image, bundleBytes(bundleOf(signer, statementOf(image.digest, spdx))), spdx)
      const fact = await (await start(referrers, bundle)).collect()
      expect(fact.signatures.map(({ kind, content }) => [kind, content?.ok])).to.deep.equal([['sigstoreBundle', true]])
    })

    for (const shape of ['config', 'artifactType'] as const)
      for (const mediaType of ['application/jose+json', 'application/cose', 'application/vnd.oci.image.layer.v1.tar'])
        it(`keeps a signature of notation that says so in its ${shape}, of ${mediaType}`, async () => {
          const made = notationReferrer(image, { shape, mediaType })
          const fact = await (await start(referrers, made)).collect()
          expect(fact.signatures.map(brief)).to.deep.equal([['notation', [place], 0, mediaType, true]])
          expect(fact.signatures[0]?.manifest).to.equal(made.manifest.digest)
          expect(fact.blobs.get(made.manifest.digest)).to.deep.equal(made.manifest.bytes)
          expect(contentOf(fact)).to.deep.equal({ ok: true, blob: sha256('{"payload":""}') })
        })

    it('says how the image is described, which a signature of notation repeats', async () => {
      const { mediaType, digest, sizeBytes } = await (await start(referrers, notationReferrer(image))).collect()
      expect({ mediaType, digest, sizeBytes }).to.deep.equal({
        mediaType: image.mediaType,
        digest: image.digest,
        sizeBytes: image.bytes.length,
      })
    })

    for (const [title, layers] of [
      ['no layer', []],
      ['two layers', [1, 2].map(size => ({ mediaType: 'application/cose', digest: sha256(`${size}`), size }))],
    ] as const)
      it(`says of a signature of notation with ${title} that it cannot be read`, async () => {
        const fact = await (await start(referrers, notationReferrer(image, { extra: { layers } }))).collect()
        expect(contentOf(fact)).to.include({ ok: false, code: 'MANIFEST_INVALID' })
      })

    it('names what notation passes over, and keeps nothing of it', async () => {
      const config = { mediaType: 'application/json', digest: sha256('{}'), size: 2 }
      const fact = await (await start(referrers, notationReferrer(image, { shape: 'artifactType', extra: { config } }))).collect()
      expect(fact.signatures.map(({ kind, mediaType, content }) => [kind, mediaType, content])).to.deep.equal([
        ['unknown', notaryType, undefined],
      ])
    })

    it('names an SBOM that hangs on the image unsigned, and does not fetch it', async () => {
      const { registry, collect } = await start(referrers, sbomTag(image))
      expect((await collect()).signatures.map(brief)).to.deep.equal([['sbomAttachment', ['sbomTag'], 0, 'text/spdx+json', undefined]])
      expect(registry.requests.filter(({ path }) => path.includes('/blobs/'))).to.deep.equal([])
    })

    it('finds all of it at once', async () => {
      const all = [
        cosignTag(image, 'r', signer),
        attestationTag(image, signer, spdx),
        sbomTag(image),
        cosignBundle(image, signer),
        inTotoReferrer(image, signer, provenance),
        notationReferrer(image),
      ]
      const { signatures } = await (await start(referrers, ...all)).collect()
      expect(signatures.map(({ kind }) => kind)).to.deep.equal([
        'cosign',
        'cosignAttestation',
        'sbomAttachment',
        'sigstoreBundle',
        'inTotoReferrer',
        'notation',
      ])
    })

    for (const [title, broken] of [
      ['an attestation', attestationTag(image, signer, spdx)],
      ['a signature of notation', notationReferrer(image)],
      ['a bundle', cosignBundle(image, newSigner())],
    ] as const)
      it(`says of ${title} that it could not be read, and reads the others`, async () => {
        const good = [cosignTag(image, 'r', signer), inTotoReferrer(image, signer, provenance)]
        const { registry, collect } = await start(referrers, broken, ...good)
        registry.fault([...broken.blobs.keys()][1]!, { kind: 'corrupt' })
        const { signatures } = await collect()
        expect(signatures.filter(({ content }) => content?.ok)).to.have.length(2)
        expect(signatures.find(({ content }) => !content?.ok)?.content).to.include({ ok: false, code: 'DIGEST_MISMATCH' })
      })

    it('says of a manifest that may be anything that it could not be read', async () => {
      const made = notationReferrer(image)
      const { registry, collect } = await start(referrers, made)
      registry.fault(`/manifests/${made.manifest.digest}`, { kind: 'answer', status: 500 })
      const { signatures } = await collect()
      expect(signatures[0]).to.deep.include({ kind: 'unknown', manifest: made.manifest.digest })
      expect(signatures[0]?.content).to.include({ ok: false, code: 'REGISTRY_FAILED' })
    })
  })
}

describe('signature collector', () => {
  afterEach(closeAll)

  for (const suffix of ['att', 'sbom'])
    it(`says that cosign's tag .${suffix} points at an index`, async () => {
      const { registry, collect } = await start(true)
      const index = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [] }))
      registry.putManifest('acme/plugin', `${image.digest.replace(':', '-')}.${suffix}`, indexType, index)
      const place = (await collect()).places.find(({ kind }) => kind === `${suffix}Tag`)
      expect(place).to.include({ state: 'error', code: 'MANIFEST_INVALID' })
    })

  it('takes an envelope of up to 32 MiB, and none that is larger', async () => {
    for (const [bytes, expected] of [
      [9 << 20, { ok: true }],
      [(32 << 20) + 1, { ok: false, code: 'BODY_TOO_LARGE' }],
    ] as const) {
      const { collect } = await start(true, notationReferrer(image, { envelope: Buffer.alloc(bytes, ' ') }))
      expect(contentOf(await collect())).to.include(expected)
    }
  })

  it("takes as much of an attestation in cosign's tag", async () => {
    const large = { payload: Buffer.alloc(9 << 20, ' '), annotations: {}, mediaType: dsseType }
    const tag = { ...signatureTagOf(image.digest, [large]), tag: `${image.digest.replace(':', '-')}.att` }
    expect(contentOf(await (await start(true, tag)).collect())).to.include({ ok: true })
  })

  it('finds what hangs on the image of a platform alone', async () => {
    const index = tinyIndex('plugin')
    const arm = index.child('linux/arm64')
    const { registry } = await start(true)
    registry.push('acme/plugin', 'v2', index.pushed)
    for (const { tag, ...made } of [attestationTag(arm, signer, spdx), notationReferrer(arm)]) registry.push('acme/plugin', tag, made)
    const { facts } = await collectSignatures(newClient(), [`${registry.host}/acme/plugin:v2`], ['linux/amd64', 'linux/arm64'])
    const [fact] = facts
    expect(fact?.ok && fact.signatures.map(({ kind, subject }) => [kind, subject])).to.deep.equal([
      ['cosignAttestation', arm.digest],
      ['notation', arm.digest],
    ])
  })

  it('reads no more than 256 MiB for all images of a run, so that a bundle can hold it', async () => {
    const { registry } = await start(true)
    const references = Array.from({ length: 9 }, (_, number) => {
      const one = tinyImage(`${number}`)
      registry.push('acme/plugin', `n${number}`, one.pushed)
      const { tag: _tag, ...made } = notationReferrer(one, { envelope: Buffer.alloc(30 << 20, `${number}`) })
      registry.push('acme/plugin', undefined, made)
      return `${registry.host}/acme/plugin:n${number}`
    })
    const { facts } = await collectSignatures(newClient(), references)
    const contents = facts.flatMap(fact => (fact.ok ? fact.signatures.map(({ content }) => content) : []))
    expect(contents.filter(content => content?.ok)).to.have.length(8)
    expect(contents.find(content => !content?.ok)).to.include({ ok: false, code: 'BODY_TOO_LARGE' })
  })
})
