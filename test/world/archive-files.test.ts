import { rmSync } from 'node:fs'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { parseLocalReference } from '../../src/oci/transport.ts'
import { createLocalImages } from '../../src/world/local-images.ts'
import { fakeRegistry } from '../support/fake-registry.ts'
import { pluginImage } from '../support/image-builder.ts'
import { blobPath, dockerFiles, layoutFiles, localWorld, refName, tarFiles } from '../support/local-images.ts'
import { failureOf } from '../support/registry-client.ts'
import type { TarFile } from '../support/tar-writer.ts'

const one = pluginImage({ name: 'one' })
const two = pluginImage({ name: 'two', platform: 'linux/arm64' })

describe('an archive of an OCI layout', () => {
  let world: ReturnType<typeof localWorld>
  beforeEach(() => {
    world = localWorld()
  })
  afterEach(() => world.close())

  describe('an archive', () => {
    const archive = (bytes: Uint8Array, name = 'x.tar') => world.open(`oci-archive:${world.folder.file(name, bytes)}`)
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
      expect((await failureOf(world.open(`oci-archive:${world.folder.path}`).root())).code).to.equal('LOCAL_INVALID')
      expect((await failureOf(world.open(`oci-archive:${world.at('none.tar')}`).root())).code).to.equal('LOCAL_UNREADABLE')
    })

    it('that fails to be read, as on a damaged disk, is LOCAL_UNREADABLE', async function () {
      if (process.platform !== 'linux') {
        console.log('      skipped: /proc is Linux')
        this.skip()
      }
      expect((await failureOf(world.open('oci-archive:/proc/self/mem').root())).code).to.equal('LOCAL_UNREADABLE')
    })

    it('is read once for several images of it', async () => {
      const path = world.folder.file(
        'x.tar',
        tarFiles(layoutFiles({ image: one, more: refName('v1') }, { image: two, more: refName('v2') })),
      )
      const images = createLocalImages(new AbortController().signal)
      const client = images.before(fakeRegistry())
      await images.root(parseLocalReference(`oci-archive:${path}:v1`))
      rmSync(path)
      expect((await images.root(parseLocalReference(`oci-archive:${path}:v2`))).digest).to.equal(two.manifest.digest)
      await client.close()
    })
  })
})
