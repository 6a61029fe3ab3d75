import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { type LocalReference, parseLocalReference } from '../../src/oci/transport.ts'
import { requireLocalImages } from '../../src/world/local-images.ts'
import { pluginImage } from '../support/image-builder.ts'
import { baseReference, layerDescriptor, layoutFiles, localWorld, writeFiles } from '../support/local-images.ts'
import { failureOf } from '../support/registry-client.ts'

const one = pluginImage({ name: 'one' })

describe('images of folders and archives', () => {
  let world: ReturnType<typeof localWorld>
  beforeEach(() => {
    world = localWorld()
  })
  afterEach(() => world.close())

  it('leaves every other image to the registry', async () => {
    const { client, registry } = world.open('oci:none')
    await failureOf(client.manifest(baseReference, 'v9', undefined))
    expect(registry.asked).to.deep.equal(['v9 as anonymous'])
    expect(await client.referrers(baseReference, sha256('x'), undefined)).to.equal(undefined)
  })

  it('takes no blob that is larger than asked for', async () => {
    const { client, image } = world.open(`oci:${writeFiles(world.at('layout'), layoutFiles({ image: one }))}`)
    expect((await failureOf(client.blobBytes(image, layerDescriptor(one, 1), 10, undefined))).code).to.equal('BODY_TOO_LARGE')
  })

  describe('named on the command line', () => {
    const require = (text: string) => failureOf(requireLocalImages([parseLocalReference(text)] satisfies LocalReference[]))

    it('must be there', async () => {
      expect((await require(`oci:${world.at('none')}`)).code).to.equal('FILE_NOT_FOUND')
      expect((await require(`docker-archive:${world.at('none')}`)).message).to.include('--image ')
    })

    it('must be a folder for oci, and a file for the archives', async () => {
      const file = world.folder.file('x.tar', '')
      for (const [text, words] of [
        [`oci:${file}`, 'is a file'],
        [`oci-archive:${world.folder.path}`, 'is a folder'],
        [`docker-archive:${world.folder.path}`, 'is a folder'],
      ] as const) {
        const error = await require(text)
        expect([error.code, error.message.includes(words)]).to.deep.equal(['USAGE', true])
      }
      await requireLocalImages([parseLocalReference(`oci:${world.folder.path}`), parseLocalReference(`oci-archive:${file}`)])
    })
  })
})
