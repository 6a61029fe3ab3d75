import { rmSync } from 'node:fs'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { parseManifest } from '../../src/oci/manifest.ts'
import { cosignBundle, cosignTag, newSigner } from '../support/cosign.ts'
import { buildIndex, pluginImage } from '../support/image-builder.ts'
import {
  blobPath,
  type LocalFileMap,
  layerDescriptor,
  layoutFiles,
  localWorld,
  refName,
  tarFiles,
  writeFiles,
} from '../support/local-images.ts'
import { collect, failureOf } from '../support/registry-client.ts'

const one = pluginImage({ name: 'one' })
const two = pluginImage({ name: 'two', platform: 'linux/arm64' })
const both = buildIndex([one, two])

describe('an OCI layout', () => {
  let world: ReturnType<typeof localWorld>
  beforeEach(() => {
    world = localWorld()
  })
  afterEach(() => world.close())

  /** The same files as a folder, an archive and compressed archives. */
  const kinds: readonly [title: string, make: (files: LocalFileMap) => string][] = [
    ['a folder', files => `oci:${writeFiles(world.at('layout'), files)}`],
    ['an archive', files => `oci-archive:${world.folder.file('a.tar', tarFiles(files))}`],
    [
      'an archive with ./ before its names',
      files => `oci-archive:${world.folder.file('a.tar', tarFiles(new Map([...files].map(([name, bytes]) => [`./${name}`, bytes]))))}`,
    ],
    ['a gzip archive', files => `oci-archive:${world.folder.file('a.tar.gz', gzipSync(tarFiles(files)))}`],
    ['a zstd archive', files => `oci-archive:${world.folder.file('a.tar.zst', zstdCompressSync(tarFiles(files)))}`],
  ]

  for (const [title, make] of kinds)
    describe(`an OCI layout in ${title}`, () => {
      const layout = () => layoutFiles({ image: both, more: refName('v1') }, { image: one, more: refName('acme/one:v2') })

      it('gives what the name stands for, with its type and computed digest', async () => {
        const text = make(layout())
        for (const [name, image] of [
          [':v1', both],
          [':acme/one:v2', one],
          [':@1', one],
          [`@${one.manifest.digest}`, one],
          [`@${two.manifest.digest}`, two],
        ] as const) {
          const served = await world.open(text + name).root()
          expect([served.digest, served.mediaType, Buffer.compare(served.bytes, image.manifest.bytes)], name).to.deep.equal([
            image.manifest.digest,
            image.manifest.mediaType,
            0,
          ])
        }
      })

      it('needs no name for the only image', async () => {
        expect((await world.open(make(layoutFiles({ image: both }))).root()).digest).to.equal(both.manifest.digest)
      })

      it('reads children, configs and layers of an index, verified', async () => {
        const { client, image } = world.open(`${make(layout())}:v1`)
        const child = await client.manifest(image, two.manifest.digest, undefined)
        const manifest = parseManifest(child.bytes, child.mediaType)
        if (manifest.kind !== 'manifest') return expect.fail()
        for (const blob of [manifest.config, ...manifest.layers]) {
          const bytes = two.blobs.get(blob.digest)!
          expect((await collect(client.blob(image, blob, undefined))).equals(bytes)).to.equal(true)
          expect(Buffer.compare(await client.blobBytes(image, blob, 1 << 20, undefined), bytes)).to.equal(0)
        }
        return undefined
      })

      it('names what there is when the name is another, and when none is written', async () => {
        const text = make(layout())
        const missing = await failureOf(world.open(`${text}:v3`).root())
        expect([missing.code, missing.message.includes('It has v1, acme/one:v2.')]).to.deep.equal(['MANIFEST_NOT_FOUND', true])
        const unnamed = await failureOf(world.open(text).root())
        expect([unnamed.code, unnamed.message.includes('holds 2 images and none is named')]).to.deep.equal(['MANIFEST_NOT_FOUND', true])
      })

      it('finds signatures under the names of tags, and as manifests with a subject, listed or not', async () => {
        const signer = newSigner()
        const tag = cosignTag(both.manifest, 'acme/plugin', signer)
        const [listed, unlisted] = [cosignBundle(both.manifest, signer), cosignBundle(both.manifest, newSigner())]
        const files = layoutFiles(
          { image: both },
          { image: tag, more: refName(tag.tag!) },
          { image: listed },
          { image: unlisted, listed: false },
        )
        const { root, client, image } = world.open(make(files))
        expect((await root()).digest).to.equal(both.manifest.digest)
        expect((await client.manifest(image, tag.tag!, undefined)).digest).to.equal(tag.manifest.digest)
        const { descriptors = [] } = (await client.referrers(image, both.manifest.digest, undefined)) ?? {}
        expect(descriptors.map(({ digest }) => digest)).to.deep.equal([listed.manifest.digest, unlisted.manifest.digest])
        expect(descriptors[0]?.artifactType).to.equal('application/vnd.dev.sigstore.bundle.v0.3+json')
        expect(await client.referrers(image, one.manifest.digest, undefined)).to.deep.equal({ descriptors: [] })
        expect((await failureOf(client.manifest(image, 'sha256-00.sig', undefined))).code).to.equal('MANIFEST_NOT_FOUND')
      })

      it('takes what cosign save marks as signatures and attestations for those of the image that it saved', async () => {
        const tag = cosignTag(both.manifest, 'acme/plugin', newSigner())
        const attestations = cosignTag(both.manifest, 'acme/other', newSigner())
        const kind = (name: string) => ({ annotations: { kind: `dev.cosignproject.cosign/${name}` } })
        const { root, client, image } = world.open(
          make(
            layoutFiles(
              { image: both, more: kind('imageIndex') },
              { image: attestations, more: kind('atts') },
              { image: tag, more: kind('sigs') },
            ),
          ),
        )
        expect((await root()).digest).to.equal(both.manifest.digest)
        expect((await client.manifest(image, tag.tag!, undefined)).digest).to.equal(tag.manifest.digest)
        const name = (digest: string, suffix: string) => `${digest.replace(':', '-')}${suffix}`
        const ofAttestations = await client.manifest(image, name(both.manifest.digest, '.att'), undefined)
        expect(ofAttestations.digest).to.equal(attestations.manifest.digest)
        for (const other of [name(one.manifest.digest, '.sig'), name(both.manifest.digest, '.sbom'), name(both.manifest.digest, '')])
          expect((await failureOf(client.manifest(image, other, undefined))).code, other).to.equal('MANIFEST_NOT_FOUND')
      })

      const layerOf = (image: typeof one) => layerDescriptor(image, 1)
      const without = (files: LocalFileMap, name: string) => {
        files.delete(name)
        return files
      }
      const withFile = (files: LocalFileMap, name: string, text: string) => files.set(name, Buffer.from(text))
      const json = (value: unknown) => JSON.stringify(value)
      const index = (...manifests: unknown[]) => json({ schemaVersion: 2, manifests })
      const good = { mediaType: one.manifest.mediaType, digest: one.manifest.digest, size: one.manifest.bytes.length }

      for (const [defect, spoil, code] of [
        ['without index.json', files => without(files, 'index.json'), 'LOCAL_INVALID'],
        ['whose index.json is no JSON', files => withFile(files, 'index.json', '{'), 'LOCAL_INVALID'],
        ['whose index.json is an image', files => withFile(files, 'index.json', json({ config: {}, layers: [] })), 'LOCAL_INVALID'],
        ['whose index.json is larger than 4 MiB', files => withFile(files, 'index.json', index().padEnd((4 << 20) + 1)), 'BODY_TOO_LARGE'],
        ['whose index.json is empty', files => withFile(files, 'index.json', index()), 'MANIFEST_NOT_FOUND'],
        ['of another version', files => withFile(files, 'oci-layout', '{"imageLayoutVersion":"2.0.0"}'), 'LOCAL_INVALID'],
        ['whose oci-layout is no JSON', files => withFile(files, 'oci-layout', 'hello'), 'LOCAL_INVALID'],
        ['without the manifest', files => without(files, blobPath(one.manifest.digest)), 'MANIFEST_NOT_FOUND'],
        [
          'with another manifest',
          files => withFile(files, blobPath(one.manifest.digest), 'x'.repeat(one.manifest.bytes.length)),
          'DIGEST_MISMATCH',
        ],
        ['with a longer manifest', files => withFile(files, blobPath(one.manifest.digest), 'longer than that'), 'SIZE_MISMATCH'],
        [
          'with two images of one name',
          files =>
            withFile(files, 'index.json', index({ ...good, ...refName('v1') }, { ...good, digest: sha256('other'), ...refName('v1') })),
          'MANIFEST_NOT_FOUND',
        ],
        [
          'whose digest is a path',
          files => withFile(files, 'index.json', index({ ...good, digest: 'sha256:../../../../etc/passwd' })),
          'MANIFEST_NOT_FOUND',
        ],
      ] satisfies readonly (readonly [string, (files: LocalFileMap) => LocalFileMap, ErrorCode])[])
        it(`gives ${code} of a layout ${defect}`, async () => {
          const text = make(spoil(layoutFiles({ image: one, more: refName('v1') })))
          expect((await failureOf(world.open(`${text}:v1`).root())).code).to.equal(code)
        })

      it('gives codes for layers that are gone, changed or of another size', async () => {
        const layer = layerOf(one)
        const files = () => layoutFiles({ image: one })
        for (const [spoiled, code] of [
          [without(files(), blobPath(layer.digest)), 'BLOB_NOT_FOUND'],
          [withFile(files(), blobPath(layer.digest), 'y'.repeat(layer.sizeBytes)), 'DIGEST_MISMATCH'],
          [withFile(files(), blobPath(layer.digest), 'short'), 'SIZE_MISMATCH'],
        ] as const) {
          const { client, image } = world.open(make(spoiled))
          expect((await failureOf(collect(client.blob(image, layer, undefined)))).code).to.equal(code)
          rmSync(world.at('layout'), { recursive: true, force: true })
        }
      })

      it('does not look for signatures in a thousand blobs and more, and says so', async () => {
        const files = layoutFiles({ image: one })
        for (let number = 0; number < 1001; number++) files.set(blobPath(sha256(`${number}`)), Buffer.from(`${number}`))
        const { client, image } = world.open(make(files))
        const error = await failureOf(client.referrers(image, one.manifest.digest, undefined))
        expect([error.code, error.message.includes('too many to look for signatures')]).to.deep.equal(['LOCAL_INVALID', true])
      })

      it('ends when the run ends', async () => {
        const controller = new AbortController()
        const { client, image, root } = world.open(make(layoutFiles({ image: one })), controller.signal)
        await root()
        controller.abort(new Error('ended'))
        await collect(client.blob(image, layerOf(one), undefined)).then(
          () => expect.fail(),
          (error: Error) => expect(error.message).to.equal('ended'),
        )
      })
    })
})
