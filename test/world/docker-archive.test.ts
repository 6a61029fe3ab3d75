import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { parseManifest } from '../../src/oci/manifest.ts'
import { pluginImage } from '../support/image-builder.ts'
import { blobPath, dockerFiles, type LocalFileMap, layoutFiles, localWorld, tarFiles } from '../support/local-images.ts'
import { collect, failureOf } from '../support/registry-client.ts'
import type { TarFile } from '../support/tar-writer.ts'

const one = pluginImage({ name: 'one' })

describe('a docker archive', () => {
  let world: ReturnType<typeof localWorld>
  beforeEach(() => {
    world = localWorld()
  })
  afterEach(() => world.close())

  describe('a docker archive', () => {
    const archive = (files: LocalFileMap, more: readonly TarFile[] = [], name = '') =>
      world.open(`docker-archive:${world.folder.file('x.tar', tarFiles(files, more))}${name}`)
    const plain = pluginImage({ name: 'one', compression: 'none' })

    for (const [title, image] of [
      ['uncompressed', plain],
      ['gzip', one],
      ['zstd', pluginImage({ name: 'one', compression: 'zstd' })],
    ] as const)
      it(`is an image with the config and the layers as they are (${title})`, async () => {
        const { root, client, image: local } = archive(dockerFiles(image))
        const served = await root()
        expect([served.digest, served.mediaType]).to.deep.equal([
          sha256(served.bytes),
          'application/vnd.docker.distribution.manifest.v2+json',
        ])
        const manifest = parseManifest(served.bytes, served.mediaType)
        if (manifest.kind !== 'manifest') return expect.fail()
        const blobs = [manifest.config, ...manifest.layers]
        expect(new Set(blobs.map(({ digest }) => digest))).to.deep.equal(new Set(image.blobs.keys()))
        for (const blob of blobs)
          expect((await collect(client.blob(local, blob, undefined))).equals(image.blobs.get(blob.digest)!)).to.equal(true)
        expect((await client.manifest(local, served.digest, undefined)).digest).to.equal(served.digest)
        return undefined
      })

    it('is found by a name in any of its spellings, by its number, or as the only one', async () => {
      for (const name of ['', ':acme/plugin:v1', ':docker.io/acme/plugin:v1', ':@0'])
        expect((await archive(dockerFiles(plain), [], name).root()).bytes).to.not.equal(undefined)
      const error = await failureOf(archive(dockerFiles(plain), [], ':acme/plugin').root())
      expect([error.code, error.message.includes('It has acme/plugin:v1.')]).to.deep.equal(['MANIFEST_NOT_FOUND', true])
      expect((await failureOf(archive(dockerFiles(plain, null), [], ':acme/plugin:v1').root())).message).to.include(
        'Its images have no names.',
      )
    })

    it('may have layers that are symbolic links to others, as docker before 25 writes them', async () => {
      const files = dockerFiles(plain)
      const [{ Layers }] = JSON.parse(files.get('manifest.json')!.toString())
      const text = files.get('manifest.json')!.toString().replace(Layers[0], 'aa/layer.tar')
      files.set('manifest.json', Buffer.from(text))
      const served = await archive(files, [{ name: 'aa/layer.tar', link: `../${Layers[0]}` }]).root()
      expect(parseManifest(served.bytes, served.mediaType)).to.deep.equal(
        parseManifest((await archive(dockerFiles(plain)).root()).bytes, served.mediaType),
      )
    })

    it('may have its files in blobs of an OCI layout, as docker since 25 writes them', async () => {
      const files = new Map([...layoutFiles({ image: plain }), ...dockerFiles(plain, ['acme/plugin:v1'], blobPath)])
      expect((await archive(files).root()).mediaType).to.equal('application/vnd.docker.distribution.manifest.v2+json')
      expect((await world.open(`oci-archive:${world.at('x.tar')}`).root()).digest).to.equal(plain.manifest.digest)
    })

    const listOf = (value: unknown) => new Map([...dockerFiles(plain), ['manifest.json', Buffer.from(JSON.stringify(value))] as const])
    for (const [defect, files, code, words] of [
      ['that is an OCI layout', layoutFiles({ image: plain }), 'LOCAL_INVALID', 'oci-archive:FILE'],
      ['of a docker before 1.10', new Map([['repositories', Buffer.from('{}')]]), 'LOCAL_INVALID', 'older than 1.10'],
      ['without manifest.json', new Map([['x', Buffer.from('')]]), 'LOCAL_INVALID', 'no docker archive'],
      ['whose manifest.json is no list', listOf({}), 'LOCAL_INVALID', 'it is not a list'],
      ['whose image has no config', listOf([{ Layers: [] }]), 'LOCAL_INVALID', 'has no config'],
      ['with 1001 images', listOf(Array(1001).fill({ Config: 'c' })), 'LOCAL_INVALID', 'at most 1000'],
      ['with 1001 layers', listOf([{ Config: 'c', Layers: Array(1001).fill('l') }]), 'LOCAL_INVALID', 'at most 1000'],
      ['without its config', listOf([{ Config: 'gone.json', Layers: [] }]), 'BLOB_NOT_FOUND', 'gone.json'],
      ['whose layer lies outside', listOf([{ Config: '../../etc/passwd', Layers: [] }]), 'BLOB_NOT_FOUND', '../../etc/passwd'],
      ['with two images and no name', listOf([{ Config: 'a' }, { Config: 'b' }]), 'MANIFEST_NOT_FOUND', 'holds 2 images and none is named'],
      ['with no image', listOf([]), 'MANIFEST_NOT_FOUND', 'no such image'],
    ] as const)
      it(`${defect} is ${code}`, async () => {
        const error = await failureOf(archive(files).root())
        expect([error.code, error.message.includes(words)], error.message).to.deep.equal([code, true])
      })

    it('follows no link out of it', async () => {
      const error = await failureOf(archive(listOf([{ Config: 'c', Layers: [] }]), [{ name: 'c', link: '/etc/passwd' }]).root())
      expect(error.code).to.equal('BLOB_NOT_FOUND')
    })

    it('refuses a layer that is a sparse file', async () => {
      const pax = {
        'GNU.sparse.major': '0',
        'GNU.sparse.minor': '1',
        'GNU.sparse.numblocks': '1',
        'GNU.sparse.map': '0,5',
        'GNU.sparse.size': '1000',
        'GNU.sparse.name': 'c',
      }
      const error = await failureOf(archive(listOf([{ Config: 'c', Layers: [] }]), [{ name: 'x', data: 'hello', pax }]).root())
      expect([error.code, error.message.includes('sparse')], error.message).to.deep.equal(['LOCAL_INVALID', true])
    })

    it('holds no signatures', async () => {
      const { client, image } = archive(dockerFiles(plain))
      expect(await client.referrers(image, sha256('x'), undefined)).to.equal(undefined)
      expect((await failureOf(client.manifest(image, 'sha256-00.sig', undefined))).code).to.equal('MANIFEST_NOT_FOUND')
    })
  })
})
