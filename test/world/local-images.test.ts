import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect } from 'chai'
import { type Digest, sha256 } from '../../src/digest.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { isMalformed, readDescriptor } from '../../src/oci/descriptor.ts'
import { type JsonObject, parseGoJson } from '../../src/oci/go-json.ts'
import { parseManifest } from '../../src/oci/manifest.ts'
import { parseReference } from '../../src/oci/reference.ts'
import { type LocalReference, parseLocalReference } from '../../src/oci/transport.ts'
import { createLocalImages, requireLocalImages } from '../../src/world/local-images.ts'
import { type Scratch, scratch } from '../support/command.ts'
import { cosignBundle, cosignTag, newSigner } from '../support/cosign.ts'
import { fakeRegistry } from '../support/fake-registry.ts'
import { type buildImage, buildIndex, pluginImage } from '../support/image-builder.ts'
import { blobPath, dockerFiles, type LocalFileMap, layoutFiles, refName, tarFiles, writeFiles } from '../support/local-images.ts'
import { collect, failureOf } from '../support/registry-client.ts'
import type { TarFile } from '../support/tar-writer.ts'

const one = pluginImage({ name: 'one' })
const two = pluginImage({ name: 'two', platform: 'linux/arm64' })
const both = buildIndex([one, two])
const base = parseReference('registry.example.com/acme/plugin:v9')

describe('images of folders and archives', () => {
  let folder: Scratch
  let closing: (() => Promise<void>)[] = []
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(async () => {
    await Promise.all(closing.map(close => close()))
    closing = []
    folder.remove()
  })

  const open = (text: string, signal = new AbortController().signal) => {
    const images = createLocalImages(signal)
    const registry = fakeRegistry()
    const client = images.before(registry)
    closing.push(() => client.close())
    const local = parseLocalReference(text)
    return { root: () => images.root(local), client, image: { ...base, local }, registry }
  }
  const at = (name: string) => join(folder.path, name)
  /** The same files as a folder, an archive and compressed archives. */
  const kinds: readonly [title: string, make: (files: LocalFileMap) => string][] = [
    ['a folder', files => `oci:${writeFiles(at('layout'), files)}`],
    ['an archive', files => `oci-archive:${folder.file('a.tar', tarFiles(files))}`],
    [
      'an archive with ./ before its names',
      files => `oci-archive:${folder.file('a.tar', tarFiles(new Map([...files].map(([name, bytes]) => [`./${name}`, bytes]))))}`,
    ],
    ['a gzip archive', files => `oci-archive:${folder.file('a.tar.gz', gzipSync(tarFiles(files)))}`],
    ['a zstd archive', files => `oci-archive:${folder.file('a.tar.zst', zstdCompressSync(tarFiles(files)))}`],
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
          const served = await open(text + name).root()
          expect([served.digest, served.mediaType, Buffer.compare(served.bytes, image.manifest.bytes)], name).to.deep.equal([
            image.manifest.digest,
            image.manifest.mediaType,
            0,
          ])
        }
      })

      it('needs no name for the only image', async () => {
        expect((await open(make(layoutFiles({ image: both }))).root()).digest).to.equal(both.manifest.digest)
      })

      it('reads children, configs and layers of an index, verified', async () => {
        const { client, image } = open(`${make(layout())}:v1`)
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
        const missing = await failureOf(open(`${text}:v3`).root())
        expect([missing.code, missing.message.includes('It has v1, acme/one:v2.')]).to.deep.equal(['MANIFEST_NOT_FOUND', true])
        const unnamed = await failureOf(open(text).root())
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
        const { root, client, image } = open(make(files))
        expect((await root()).digest).to.equal(both.manifest.digest)
        expect((await client.manifest(image, tag.tag!, undefined)).digest).to.equal(tag.manifest.digest)
        const { descriptors, source } = await client.referrers(image, both.manifest.digest, undefined)
        expect(source).to.equal('api')
        expect(descriptors.map(({ digest }) => digest)).to.deep.equal([listed.manifest.digest, unlisted.manifest.digest])
        expect(descriptors[0]?.artifactType).to.equal('application/vnd.dev.sigstore.bundle.v0.3+json')
        expect((await client.referrers(image, one.manifest.digest, undefined)).descriptors).to.deep.equal([])
        expect((await failureOf(client.manifest(image, 'sha256-00.sig', undefined))).code).to.equal('MANIFEST_NOT_FOUND')
      })

      it('takes what cosign save marks as signatures for those of the image that it saved', async () => {
        const tag = cosignTag(both.manifest, 'acme/plugin', newSigner())
        const kind = (name: string) => ({ annotations: { kind: `dev.cosignproject.cosign/${name}` } })
        const { root, client, image } = open(
          make(layoutFiles({ image: both, more: kind('imageIndex') }, { image: tag, more: kind('sigs') })),
        )
        expect((await root()).digest).to.equal(both.manifest.digest)
        expect((await client.manifest(image, tag.tag!, undefined)).digest).to.equal(tag.manifest.digest)
        const other = `${one.manifest.digest.replace(':', '-')}.sig`
        expect((await failureOf(client.manifest(image, other, undefined))).code).to.equal('MANIFEST_NOT_FOUND')
      })

      const layerOf = (image: typeof one) => parseDescriptor(image, 1)
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
          expect((await failureOf(open(`${text}:v1`).root())).code).to.equal(code)
        })

      it('gives codes for layers that are gone, changed or of another size', async () => {
        const layer = layerOf(one)
        const files = () => layoutFiles({ image: one })
        for (const [spoiled, code] of [
          [without(files(), blobPath(layer.digest)), 'BLOB_NOT_FOUND'],
          [withFile(files(), blobPath(layer.digest), 'y'.repeat(layer.sizeBytes)), 'DIGEST_MISMATCH'],
          [withFile(files(), blobPath(layer.digest), 'short'), 'SIZE_MISMATCH'],
        ] as const) {
          const { client, image } = open(make(spoiled))
          expect((await failureOf(collect(client.blob(image, layer, undefined)))).code).to.equal(code)
          rmSync(at('layout'), { recursive: true, force: true })
        }
      })

      it('does not look for signatures in a thousand blobs and more, and says so', async () => {
        const files = layoutFiles({ image: one })
        for (let number = 0; number < 1001; number++) files.set(blobPath(sha256(`${number}`)), Buffer.from(`${number}`))
        const { client, image } = open(make(files))
        const error = await failureOf(client.referrers(image, one.manifest.digest, undefined))
        expect([error.code, error.message.includes('too many to look for signatures')]).to.deep.equal(['LOCAL_INVALID', true])
      })

      it('ends when the run ends', async () => {
        const controller = new AbortController()
        const { client, image, root } = open(make(layoutFiles({ image: one })), controller.signal)
        await root()
        controller.abort(new Error('ended'))
        await collect(client.blob(image, layerOf(one), undefined)).then(
          () => expect.fail(),
          (error: Error) => expect(error.message).to.equal('ended'),
        )
      })
    })

  describe('a folder', () => {
    it('that is not there, or is a file, is LOCAL_UNREADABLE', async () => {
      expect((await failureOf(open(`oci:${at('none')}`).root())).code).to.equal('LOCAL_UNREADABLE')
      expect((await failureOf(open(`oci:${folder.file('file', '')}`).root())).code).to.equal('LOCAL_INVALID')
    })

    for (const [what, link] of [
      ['a blob', (root: string, outside: string) => symlinkSync(join(outside, 'secret'), join(root, blobPath(one.manifest.digest)))],
      [
        'the folder of blobs',
        (root: string, outside: string) => {
          rmSync(join(root, 'blobs'), { recursive: true })
          symlinkSync(outside, join(root, 'blobs'))
        },
      ],
    ] as const)
      it(`does not follow ${what} that is a link out of it`, async () => {
        const outside = at('outside')
        writeFiles(
          outside,
          new Map([
            ['secret', one.manifest.bytes],
            [blobPath(one.manifest.digest).replace('blobs/', ''), one.manifest.bytes],
          ]),
        )
        const root = writeFiles(at('layout'), layoutFiles({ image: one }))
        rmSync(join(root, blobPath(one.manifest.digest)))
        link(root, outside)
        const error = await failureOf(open(`oci:${root}`).root())
        expect([error.code, error.message.includes('leads out of the folder')]).to.deep.equal(['LOCAL_INVALID', true])
      })

    it('follows a link that stays in it, and may be one itself', async () => {
      const root = writeFiles(at('layout'), layoutFiles({ image: one }))
      writeFileSync(join(root, 'kept'), one.manifest.bytes)
      rmSync(join(root, blobPath(one.manifest.digest)))
      symlinkSync('../../kept', join(root, blobPath(one.manifest.digest)))
      symlinkSync('layout', at('current'))
      expect((await open(`oci:${at('current')}`).root()).digest).to.equal(one.manifest.digest)
    })

    it('with a folder in the place of a file is LOCAL_INVALID', async () => {
      const root = writeFiles(at('layout'), layoutFiles({ image: one }))
      rmSync(join(root, 'index.json'))
      mkdirSync(join(root, 'index.json'))
      expect((await failureOf(open(`oci:${root}`).root())).code).to.equal('LOCAL_INVALID')
    })
  })

  describe('an archive', () => {
    const archive = (bytes: Uint8Array, name = 'x.tar') => open(`oci-archive:${folder.file(name, bytes)}`)
    const files = layoutFiles({ image: one })
    const whole = tarFiles(files)

    for (const [defect, bytes, words] of [
      ['that is empty', Buffer.alloc(0), 'it has no index.json'],
      ['that is text', Buffer.from('hello'), 'not a whole tar archive'],
      ['that is cut off', whole.subarray(0, 520), 'not a whole tar archive'],
      ['that is cut off in gzip', gzipSync(whole).subarray(0, 300), 'cannot be used'],
      ['with something behind gzip', Buffer.concat([gzipSync(whole), Buffer.from('more')]), 'cannot be used'],
      ['in bzip2', Buffer.from('BZh91AY&SY'), 'compressed with bzip2; gzip and zstd can be read'],
      ['in xz', Buffer.from('\xfd7zXZ\0', 'latin1'), 'compressed with xz'],
      ['with index.json twice', tarFiles(files, [{ name: 'index.json', data: '{}' }]), 'index.json is in it twice'],
      [
        'with index.json as a link to itself',
        tarFiles(new Map(), [{ name: 'index.json', link: 'index.json' }]),
        'leads through more than 8',
      ],
      ['that docker save wrote', tarFiles(dockerFiles(one)), 'docker-archive:FILE'],
      [
        'with 20,001 entries',
        tarFiles(
          new Map(),
          Array.from({ length: 20_001 }, (_, number): TarFile => ({ name: `${number}` })),
        ),
        'more than 20000 entries',
      ],
    ] as const)
      it(`${defect} is LOCAL_INVALID`, async () => {
        const error = await failureOf(archive(bytes).root())
        expect([error.code, error.message.includes(words)], error.message).to.deep.equal(['LOCAL_INVALID', true])
      })

    it('that unpacks to far more than it has is refused', async function () {
      this.timeout(120_000)
      const bomb = Buffer.concat(Array.from({ length: 40 }, () => gzipSync(Buffer.alloc(1 << 25))))
      const error = await failureOf(archive(bomb, 'bomb.tar.gz').root())
      expect([error.code, error.message.includes('it unpacks to more than')], error.message).to.deep.equal(['LOCAL_INVALID', true])
    })

    it('gives a blob that is there twice, held to its digest', async () => {
      const twice = (data: Uint8Array) =>
        archive(tarFiles(files, [{ name: blobPath(one.manifest.digest), data }]), `${data.length}.tar`).root()
      expect((await twice(one.manifest.bytes)).digest).to.equal(one.manifest.digest)
      expect((await failureOf(twice(Buffer.from('other')))).code).to.equal('SIZE_MISMATCH')
    })

    it('that is a folder is LOCAL_INVALID, and one that is not there LOCAL_UNREADABLE', async () => {
      expect((await failureOf(open(`oci-archive:${folder.path}`).root())).code).to.equal('LOCAL_INVALID')
      expect((await failureOf(open(`oci-archive:${at('none.tar')}`).root())).code).to.equal('LOCAL_UNREADABLE')
    })

    it('is read once for several images of it', async () => {
      const path = folder.file('x.tar', tarFiles(layoutFiles({ image: one, more: refName('v1') }, { image: two, more: refName('v2') })))
      const images = createLocalImages(new AbortController().signal)
      const client = images.before(fakeRegistry())
      await images.root(parseLocalReference(`oci-archive:${path}:v1`))
      rmSync(path)
      expect((await images.root(parseLocalReference(`oci-archive:${path}:v2`))).digest).to.equal(two.manifest.digest)
      await client.close()
    })
  })

  describe('a docker archive', () => {
    const archive = (files: LocalFileMap, more: readonly TarFile[] = [], name = '') =>
      open(`docker-archive:${folder.file('x.tar', tarFiles(files, more))}${name}`)
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
      expect((await open(`oci-archive:${at('x.tar')}`).root()).digest).to.equal(plain.manifest.digest)
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
      expect(await client.referrers(image, sha256('x'), undefined)).to.deep.equal({ descriptors: [], source: 'none' })
      expect((await failureOf(client.manifest(image, 'sha256-00.sig', undefined))).code).to.equal('MANIFEST_NOT_FOUND')
    })
  })

  it('leaves every other image to the registry', async () => {
    const { client, registry } = open('oci:none')
    await failureOf(client.manifest(base, 'v9', undefined))
    expect(registry.asked).to.deep.equal(['v9 as anonymous'])
    expect(await client.referrers(base, sha256('x'), undefined)).to.deep.equal({ descriptors: [], source: 'none' })
  })

  it('takes no blob that is larger than asked for', async () => {
    const { client, image } = open(`oci:${writeFiles(at('layout'), layoutFiles({ image: one }))}`)
    expect((await failureOf(client.blobBytes(image, parseDescriptor(one, 1), 10, undefined))).code).to.equal('BODY_TOO_LARGE')
  })

  describe('named on the command line', () => {
    const require = (text: string) => failureOf(requireLocalImages([parseLocalReference(text)] satisfies LocalReference[]))

    it('must be there', async () => {
      expect((await require(`oci:${at('none')}`)).code).to.equal('FILE_NOT_FOUND')
      expect((await require(`docker-archive:${at('none')}`)).message).to.include('--image ')
    })

    it('must be a folder for oci, and a file for the archives', async () => {
      const file = folder.file('x.tar', '')
      for (const [text, words] of [
        [`oci:${file}`, 'is a file'],
        [`oci-archive:${folder.path}`, 'is a folder'],
        [`docker-archive:${folder.path}`, 'is a folder'],
      ] as const) {
        const error = await require(text)
        expect([error.code, error.message.includes(words)]).to.deep.equal(['USAGE', true])
      }
      await requireLocalImages([parseLocalReference(`oci:${folder.path}`), parseLocalReference(`oci-archive:${file}`)])
    })
  })
})

/** The image's layer of this number; 0 is the first. */
const parseDescriptor = (
  { manifest }: ReturnType<typeof buildImage>,
  number: number,
): { mediaType: string; digest: Digest; sizeBytes: number } => {
  const { layers } = JSON.parse(Buffer.from(manifest.bytes).toString())
  const descriptor = readDescriptor(parseGoJson(JSON.stringify(layers[number])) as JsonObject)
  if (isMalformed(descriptor)) throw new Error('the image has no such layer')
  return descriptor
}
