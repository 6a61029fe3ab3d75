import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { pluginImage } from '../support/image-builder.ts'
import { blobPath, layoutFiles, localWorld, writeFiles } from '../support/local-images.ts'
import { failureOf } from '../support/registry-client.ts'

const one = pluginImage({ name: 'one' })

describe('an OCI layout in a folder', () => {
  let world: ReturnType<typeof localWorld>
  beforeEach(() => {
    world = localWorld()
  })
  afterEach(() => world.close())

  describe('a folder', () => {
    it('that is not there, or is a file, is LOCAL_UNREADABLE', async () => {
      expect((await failureOf(world.open(`oci:${world.at('none')}`).root())).code).to.equal('LOCAL_UNREADABLE')
      expect((await failureOf(world.open(`oci:${world.folder.file('file', '')}`).root())).code).to.equal('LOCAL_INVALID')
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
        const outside = world.at('outside')
        writeFiles(
          outside,
          new Map([
            ['secret', one.manifest.bytes],
            [blobPath(one.manifest.digest).replace('blobs/', ''), one.manifest.bytes],
          ]),
        )
        const root = writeFiles(world.at('layout'), layoutFiles({ image: one }))
        rmSync(join(root, blobPath(one.manifest.digest)))
        link(root, outside)
        const error = await failureOf(world.open(`oci:${root}`).root())
        expect([error.code, error.message.includes('leads out of the folder')]).to.deep.equal(['LOCAL_INVALID', true])
      })

    it('follows a link that stays in it, and may be one itself', async () => {
      const root = writeFiles(world.at('layout'), layoutFiles({ image: one }))
      writeFileSync(join(root, 'kept'), one.manifest.bytes)
      rmSync(join(root, blobPath(one.manifest.digest)))
      symlinkSync('../../kept', join(root, blobPath(one.manifest.digest)))
      symlinkSync('layout', world.at('current'))
      expect((await world.open(`oci:${world.at('current')}`).root()).digest).to.equal(one.manifest.digest)
    })

    it('with a folder in the place of a file is LOCAL_INVALID', async () => {
      const root = writeFiles(world.at('layout'), layoutFiles({ image: one }))
      rmSync(join(root, 'index.json'))
      mkdirSync(join(root, 'index.json'))
      expect((await failureOf(world.open(`oci:${root}`).root())).code).to.equal('LOCAL_INVALID')
    })
  })
})
