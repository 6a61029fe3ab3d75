import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { attestationTag, notationReferrer, sbomTag } from '../support/attached.ts'
import { type Artifact, cosignBundle, cosignTag, newSigner, type Subject } from '../support/cosign.ts'
import type { PushedImage, TestRegistry } from '../support/registry.ts'
import { closeAll, newClient, startAnother } from '../support/registry-client.ts'
import { inRounds } from '../support/rounds.ts'
import { collectSignatures } from '../support/signature-check.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'

const signers = [newSigner(), newSigner(), newSigner()]
const places = 5

const put = (registry: TestRegistry, repository: string, artifacts: readonly Artifact[]): void => {
  for (const { tag, ...artifact } of artifacts) registry.push(repository, tag, artifact)
}

/** Three of each kind on every subject. */
const everything = (subject: Subject): readonly Artifact[] => [
  cosignTag(subject, 'r', ...signers),
  attestationTag(subject, signers[0]!, 'a', 'b', 'c'),
  sbomTag(subject),
  ...signers.map(signer => cosignBundle(subject, signer)),
  notationReferrer(subject),
]

/** The collector against a registry over HTTP, in rounds. */
const collect = async (
  images: readonly { readonly pushed: PushedImage; readonly artifacts: readonly Artifact[] }[],
  options: { readonly referrers?: boolean; readonly platforms?: readonly string[]; readonly sources?: number } = {},
) => {
  const registry = await startAnother({ referrers: options.referrers ?? true })
  const references = images.map(({ pushed, artifacts }, number) => {
    registry.push(`acme/plugin-${number}`, 'v1', pushed)
    put(registry, `acme/plugin-${number}`, artifacts)
    return `${registry.host}/acme/plugin-${number}:v1`
  })
  const sources = Array.from({ length: options.sources ?? 0 }, (_, i) => ({ repository: `${registry.host}/acme/signatures-${i}` }))
  const { client, rounds } = inRounds(newClient())
  const { facts } = await collectSignatures(client, references, options.platforms, { sources })
  const found = facts.flatMap(fact => (fact.ok ? fact.signatures : []))
  return { rounds: rounds.length, asked: rounds, requests: registry.requests.map(({ path }) => path), found }
}
const unsigned = { pushed: tinyImage('plugin').pushed, artifacts: [] }

describe('round trips of the signature collector', () => {
  afterEach(closeAll)

  it('are two where nothing hangs on the image: what it is, and all places at once', async () => {
    const { rounds, asked, requests } = await collect([unsigned])
    expect(rounds).to.equal(2)
    expect(asked[1]).to.have.length(places)
    expect(requests).to.have.length(1 + places)
  })

  for (const referrers of [true, false])
    it(`are four for all that can hang on an image, ${referrers ? 'with' : 'without'} the API: list, manifests, contents`, async () => {
      const image = tinyImage('plugin')
      const { rounds, requests, found } = await collect([{ pushed: image.pushed, artifacts: everything(image) }], { referrers })
      expect(rounds).to.equal(4)
      expect(found).to.have.length(3 + 3 + 1 + 3 + 1)
      // The payload that three signers share is one; SBOMs are not read.
      expect(requests).to.have.length(1 + places + 4 + (1 + 3 + 3 + 1))
    })

  it('of an index are not more, since its platforms are asked for in the same round', async () => {
    const index = tinyIndex('plugin')
    const children = ['linux/amd64', 'linux/arm64'].map(platform => index.child(platform))
    const artifacts = [index, ...children].flatMap(everything)
    const { rounds, asked, requests } = await collect([{ pushed: index.pushed, artifacts }], { platforms: ['linux/amd64', 'linux/arm64'] })
    expect(rounds).to.equal(4)
    expect(asked[1]).to.have.length(3 * places)
    // The envelopes of notation are the same bytes here, and read once.
    expect(requests).to.have.length(1 + 3 * (places + 4 + 8) - 2)
  })

  it('of ten images with three signatures each are as many as of one', async () => {
    const images = Array.from({ length: 10 }, (_, number) => {
      const image = tinyImage(`plugin ${number}`)
      return { pushed: image.pushed, artifacts: signers.map(signer => cosignBundle(image, signer)) }
    })
    const { rounds, asked, requests, found } = await collect(images)
    expect(rounds).to.equal(4)
    expect(asked.map(round => round.length)).to.deep.equal([10, 10 * places, 30, 30])
    expect(found).to.have.length(30)
    expect(requests).to.have.length(10 * (1 + places + 3 + 3))
  })

  it('of very many images never stand all at once before what other checks ask', async () => {
    const images = Array.from({ length: 60 }, (_, number) => ({ pushed: tinyImage(`plugin ${number}`).pushed, artifacts: [] }))
    const { asked, requests } = await collect(images)
    expect(asked.map(round => round.length)).to.deep.equal([60, 24 * places, 24 * places, 12 * places])
    expect(requests).to.have.length(60 * (1 + places))
  })

  it("of ten images with three signatures each in cosign's tag are three", async () => {
    const images = Array.from({ length: 10 }, (_, number) => {
      const image = tinyImage(`plugin ${number}`)
      return { pushed: image.pushed, artifacts: [cosignTag(image, 'r', ...signers)] }
    })
    const { rounds, requests } = await collect(images)
    expect(rounds).to.equal(3)
    expect(requests).to.have.length(10 * (1 + places + 1))
  })

  it('are not more with other repositories to ask', async () => {
    const { rounds, asked } = await collect([unsigned], { sources: 3 })
    expect(rounds).to.equal(2)
    expect(asked[1]).to.have.length(4 * places)
  })

  it('never ask the same twice, also where root and platform, or two lists, name the same', async () => {
    const index = tinyIndex('plugin')
    const artifacts = [index, index.child('linux/amd64')].flatMap(everything)
    for (const referrers of [true, false]) {
      const { requests } = await collect([{ pushed: index.pushed, artifacts }], {
        referrers,
        platforms: ['linux/amd64', 'linux/amd64/v2', 'linux/amd64/v3'],
      })
      expect(new Set(requests).size).to.equal(requests.length)
    }
  })

  it('ask once whether it is a registry that says 404 in its own words', async () => {
    const registry = await startAnother({ referrers: false })
    registry.push('acme/plugin', 'v1', tinyImage('plugin').pushed)
    registry.fault('/manifests/sha256-', { kind: 'answer', status: 404, body: 'no' })
    const client = newClient()
    const { facts } = await collectSignatures(client, [`${registry.host}/acme/plugin:v1`])
    expect(facts[0]?.ok && facts[0].places.map(({ state }) => state)).to.deep.equal(Array(places).fill('absent'))
    expect(registry.requests.filter(({ path }) => path === '/v2/')).to.have.length(1)
  })

  it('are spent once for an image that two plugins share', async () => {
    const registry = await startAnother()
    const image = tinyImage('plugin')
    registry.push('acme/plugin', 'v1', image.pushed)
    put(registry, 'acme/plugin', everything(image))
    const reference = `${registry.host}/acme/plugin:v1`
    const { facts } = await collectSignatures(newClient(), [reference, reference])
    expect(facts.map(fact => fact.ok && fact.signatures.length)).to.deep.equal([11, 11])
    expect(facts.map(({ plugin }) => plugin)).to.deep.equal(['velero-postgresql', 'velero-postgresql-2'])
    expect(registry.requests).to.have.length(1 + places + 4 + 8)
  })

  it('are one more for an entry of an index whose platform only its config tells', async () => {
    const image = tinyImage('plugin')
    const entry = { mediaType: image.mediaType, digest: image.digest, size: image.bytes.length }
    const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [entry] }))
    const mediaType = 'application/vnd.oci.image.index.v1+json'
    const pushed = { blobs: new Map([...image.pushed.blobs, [image.digest, image.bytes]]), manifest: { mediaType, bytes } }
    const { asked } = await collect([{ pushed, artifacts: [] }])
    // The index's own places do not wait for it.
    expect(asked[1]).to.include(`referrers ${sha256(bytes)}`)
    expect(asked.at(-1)).to.have.length(places)
  })
})
