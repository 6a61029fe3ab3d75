// peers: cosign crane notation referrers-registry registry
import { expect } from 'chai'
import type { SignatureSource } from '../../src/collectors/collector.ts'
import type { FoundSignature } from '../../src/facts/signature.ts'
import { createLocalImages } from '../../src/world/local-images.ts'
import { closeAll, newClient } from '../support/registry-client.ts'
import { collectSignatures } from '../support/signature-check.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'
import { type CosignCli, cosignCli, type KeyPair } from './cosign-cli.ts'
import { type NotationCli, notationCli } from './notation-cli.ts'
import { type Ended, peer, succeed } from './peers.ts'
import { endAll, temporaryFolder } from './processes.ts'
import { type RealRegistry, startDistribution, startReferrersRegistry, writeLayout } from './registries.ts'

const both = ['linux/amd64', 'linux/arm64']
const offline = ['--tlog-upload=false', '--use-signing-config=false', '--allow-http-registry', '-y']

for (const { registryName, start, list } of [
  { registryName: 'distribution 3, which has no referrers API', start: startDistribution, list: 'referrersTag' },
  { registryName: 'a registry with the referrers API', start: startReferrersRegistry, list: 'referrersApi' },
] as const) {
  describe(`what real programs hang on images, on ${registryName}`, () => {
    let registry: RealRegistry
    let crane: string
    let cosign: CosignCli
    let notation: NotationCli
    let pair: KeyPair
    let number = 0
    before(async function () {
      crane = await peer(this, 'crane')
      cosign = cosignCli(await peer(this, 'cosign'))
      notation = await notationCli(await peer(this, 'notation'))
      registry = await start(this)
      pair = await cosign.generate()
    })
    after(endAll)
    afterEach(closeAll)

    const pushed = async (image: Pick<ReturnType<typeof tinyImage>, 'digest' | 'pushed'> = tinyImage('plugin')) => {
      const repository = `${registry.host}/acme/attached-${number++}`
      await succeed(crane, ['push', writeLayout(image.pushed, 'x'), `${repository}:v1`])
      return { repository, reference: `${repository}:v1`, exact: `${repository}@${image.digest}` }
    }
    const must = async (ended: Promise<Ended>) => {
      const { code, stderr } = await ended
      expect(code, stderr).to.equal(0)
    }
    const attest = (exact: string, type: string, flags: readonly string[], env?: Readonly<Record<string, string>>) => {
      const predicate = ['--key', pair.key, '--type', type, '--predicate', cosign.file('{"packages":[]}')]
      return must(cosign.run(['attest', ...predicate, ...offline, ...flags, exact], env))
    }
    const find = async (reference: string, sources: readonly SignatureSource[] = [], platforms?: readonly string[]) => {
      const { facts, blobs } = await collectSignatures(newClient(), [reference], platforms, { sources })
      const [fact] = facts
      if (fact?.ok !== true) throw new Error(fact?.message)
      expect(fact.places.flatMap(place => (place.state === 'error' ? [place] : []))).to.deep.equal([])
      for (const { content, manifest } of fact.signatures) {
        if (content === undefined) continue
        expect(content.ok && blobs.has(content.blob), JSON.stringify(content)).to.equal(true)
        expect(blobs.has(manifest)).to.equal(true)
      }
      return fact.signatures
    }
    const brief = ({ kind, places, mediaType, source }: FoundSignature) => [kind, places[0], mediaType, source]
    const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'
    const dsseType = 'application/vnd.dsse.envelope.v1+json'

    it('attestations of cosign in its tag, in the order in which they were made', async () => {
      const { reference, exact } = await pushed()
      for (const type of ['spdxjson', 'slsaprovenance1']) await attest(exact, type, ['--new-bundle-format=false'])
      const found = await find(reference)
      expect(found.map(brief)).to.deep.equal(Array(2).fill(['cosignAttestation', 'attTag', dsseType, undefined]))
      expect(found.map(({ layer }) => layer)).to.deep.equal([0, 1])
    })

    it('attestations and signatures of cosign in bundles', async () => {
      const { reference, exact } = await pushed()
      await attest(exact, 'spdxjson', ['--new-bundle-format=true'])
      await must(cosign.sign(pair, exact, ['--new-bundle-format=true']))
      expect((await find(reference)).map(brief)).to.deep.equal(Array(2).fill(['sigstoreBundle', list, bundleType, undefined]))
    })

    for (const [format, mediaType] of [
      ['jws', 'application/jose+json'],
      ['cose', 'application/cose'],
    ] as const) {
      it(`a signature of notation as ${format}`, async () => {
        const { reference, exact } = await pushed()
        await must(notation.sign(exact, format))
        expect((await find(reference)).map(brief)).to.deep.equal([['notation', list, mediaType, undefined]])
      })

      it(`a signature of notation as ${format} that its other way of storing made`, async () => {
        const { reference, exact } = await pushed()
        await must(notation.sign(exact, format, ['--force-referrers-tag=false']))
        expect((await find(reference)).map(({ kind }) => kind)).to.deep.equal(['notation'])
      })
    }

    it('all of them together, on an index and on the image of one platform', async () => {
      const index = tinyIndex('plugin')
      const { repository, reference, exact } = await pushed(index)
      const child = `${repository}@${index.child('linux/arm64').digest}`
      for (const subject of [exact, child]) {
        await must(cosign.sign(pair, subject, ['--new-bundle-format=false']))
        await must(cosign.sign(pair, subject, ['--new-bundle-format=true']))
        await attest(subject, 'spdxjson', ['--new-bundle-format=false'])
        await must(notation.sign(subject, 'cose'))
      }
      const found = await find(reference, [], both)
      const kinds = (subject: string) => found.filter(one => one.subject === subject).map(({ kind }) => kind)
      const all = ['cosign', 'cosignAttestation', 'notation', 'sigstoreBundle']
      expect(kinds(index.digest).toSorted()).to.deep.equal(all)
      expect(kinds(index.child('linux/arm64').digest).toSorted()).to.deep.equal(all)
      expect(kinds(index.child('linux/amd64').digest)).to.deep.equal([])
    })

    it('what cosign puts into COSIGN_REPOSITORY', async () => {
      const { reference, exact } = await pushed()
      const source = `${registry.host}/signatures/of-${number++}`
      const env = { COSIGN_REPOSITORY: source }
      const flags = ['--new-bundle-format=false']
      await must(cosign.run(['sign', '--key', pair.key, ...offline, ...flags, exact], env))
      await attest(exact, 'spdxjson', flags, env)
      expect(await find(reference)).to.deep.equal([])
      expect((await find(reference, [{ repository: source }])).map(brief)).to.deep.equal([
        ['cosign', 'sigTag', 'application/vnd.dev.cosign.simplesigning.v1+json', source],
        ['cosignAttestation', 'attTag', dsseType, source],
      ])
    })

    it('bundles that cosign makes with COSIGN_REPOSITORY, wherever it puts them', async () => {
      const { reference, exact } = await pushed()
      const source = `${registry.host}/signatures/of-${number++}`
      await must(cosign.run(['sign', '--key', pair.key, ...offline, exact], { COSIGN_REPOSITORY: source }))
      expect((await find(reference, [{ repository: source }])).map(({ kind }) => kind)).to.deep.equal(['sigstoreBundle'])
    })

    it('an SBOM that cosign attaches, which nobody signed', async () => {
      const { reference, exact } = await pushed()
      const sbom = cosign.file('{"spdxVersion":"SPDX-2.3"}')
      await must(cosign.run(['attach', 'sbom', '--sbom', sbom, '--type', 'spdx', '--input-format', 'json', '--allow-http-registry', exact]))
      expect((await find(reference)).map(({ kind, places, content }) => [kind, places[0], content])).to.deep.equal([
        ['sbomAttachment', 'sbomTag', undefined],
      ])
    })

    for (const [what, kind, mediaType, args] of [
      [
        'signatures of cosign as referrers, its first way of using them',
        'cosignReferrer',
        'application/vnd.dev.cosign.simplesigning.v1+json',
        () => ['sign', '--key', pair.key, ...offline, '--new-bundle-format=false'],
      ],
      [
        'an SBOM that cosign attaches as a referrer',
        'sbomAttachment',
        'text/spdx+json',
        () => ['attach', 'sbom', '--sbom', cosign.file('{}'), '--type', 'spdx', '--input-format', 'json', '--allow-http-registry'],
      ],
    ] as const)
      it(what, async () => {
        const { reference, exact } = await pushed()
        await must(cosign.run([...args(), '--registry-referrers-mode=oci-1-1', exact], { COSIGN_EXPERIMENTAL: '1' }))
        expect((await find(reference)).map(brief)).to.deep.equal([[kind, list, mediaType, undefined]])
      })

    it('attestations in what cosign save wrote', async () => {
      const { exact } = await pushed()
      await must(cosign.sign(pair, exact, ['--new-bundle-format=false']))
      await attest(exact, 'spdxjson', ['--new-bundle-format=false'])
      const saved = temporaryFolder('saved')
      await must(cosign.run(['save', '--allow-http-registry', '--dir', saved, exact]))
      const local = createLocalImages(new AbortController().signal)
      const client = local.before(newClient())
      const [fact] = (await collectSignatures(client, [`oci:${saved}`], undefined, { local })).facts
      expect(fact?.ok && fact.signatures.map(({ kind, content }) => [kind, content?.ok])).to.deep.equal([
        ['cosign', true],
        ['cosignAttestation', true],
      ])
      await client.close()
    })
  })
}
