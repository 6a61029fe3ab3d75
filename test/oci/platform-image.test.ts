import { expect } from 'chai'
import { type ErrorCode, PreflightError } from '../../src/errors.ts'
import { type ImageIndex, parseManifest } from '../../src/oci/manifest.ts'
import { mediaTypes } from '../../src/oci/media-types.ts'
import { parsePlatform } from '../../src/oci/platform.ts'
import { type ChildReader, imageForPlatform, offeredPlatforms } from '../../src/oci/platform-image.ts'
import { descriptorOf, document, imageFor, indexOf, platformJson, type Served, type TestImage } from '../support/image-documents.ts'

const amd64 = imageFor('linux/amd64')
const arm64 = imageFor('linux/arm64')

/** Serves these images and nothing else. */
const readerOf = (...all: readonly (Served | TestImage)[]): ChildReader & { readonly asked: string[] } => {
  const documents = all.flatMap(one => ('config' in one ? [one.config, one.manifest] : [one]))
  const asked: string[] = []
  const read = async ({ digest }: { digest: string }) => {
    asked.push(digest)
    return documents.find(one => one.digest === digest)?.bytes ?? Buffer.from('not there')
  }
  return { manifest: read, blob: read, asked }
}

const resolve = (root: Served, platform: string, read: ChildReader) =>
  imageForPlatform({ digest: root.digest, manifest: parseManifest(root.bytes, root.mediaType) }, parsePlatform(platform), read)

const codeOf = async (promise: Promise<unknown>): Promise<readonly [ErrorCode, string]> => {
  try {
    await promise
  } catch (error) {
    if (error instanceof PreflightError) return [error.code, error.message]
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the image for a platform', () => {
  it('is the child that fits, with its config', async () => {
    const image = await resolve(indexOf(amd64, arm64), 'linux/arm64', readerOf(amd64, arm64))
    expect(image.digest).to.equal(arm64.manifest.digest)
    expect(image.config.platform.architecture).to.equal('arm64')
  })

  it('is the first of two that fit alike', async () => {
    const twin = imageFor('linux/amd64', { manifest: { annotations: { twin: 'yes' } } })
    const image = await resolve(indexOf(twin, amd64), 'linux/amd64', readerOf(amd64, twin))
    expect(image.digest).to.equal(twin.manifest.digest)
  })

  it('is a single manifest whatever its platform, as containerd pulls it', async () => {
    const image = await resolve(arm64.manifest, 'linux/amd64', readerOf(arm64))
    expect(image.config.platform.architecture).to.equal('arm64')
  })

  it('is not an attestation', async () => {
    const attestation = imageFor('unknown/unknown')
    const [code, message] = await codeOf(resolve(indexOf(attestation, arm64), 'linux/amd64', readerOf()))
    expect(code).to.equal('PLATFORM_NOT_FOUND')
    expect(message).to.equal('The image has nothing for linux/amd64: its index offers linux/arm64.')
  })

  it('may be a child without platform, judged by its config', async () => {
    const index = document(mediaTypes.ociIndex, { manifests: [descriptorOf(amd64.manifest)] })
    expect((await resolve(index, 'linux/amd64', readerOf(amd64))).digest).to.equal(amd64.manifest.digest)
    const [code, message] = await codeOf(resolve(index, 'linux/arm64', readerOf(amd64)))
    expect(code).to.equal('PLATFORM_NOT_FOUND')
    expect(message).to.contain('its entry without platform is for linux/amd64')
  })

  it('is found in an index in the index', async () => {
    const inner = indexOf(amd64)
    const outer = document(mediaTypes.ociIndex, { manifests: [descriptorOf(inner)] })
    expect((await resolve(outer, 'linux/amd64', readerOf(inner, amd64))).digest).to.equal(amd64.manifest.digest)
  })

  it('is looked for only so deep', async () => {
    const levels: Served[] = [indexOf(amd64)]
    for (let i = 0; i < 9; i++) levels.unshift(document(mediaTypes.ociIndex, { manifests: [descriptorOf(levels[0]!)] }))
    expect(await codeOf(resolve(levels[0]!, 'linux/amd64', readerOf(...levels, amd64)))).to.deep.equal([
      'MANIFEST_INVALID',
      'The index is nested deeper than 8 levels.',
    ])
  })

  it('is not another child when the one that containerd takes is broken', async () => {
    const broken = { mediaType: mediaTypes.ociManifest, digest: 'sha256:short', size: 1, platform: platformJson('linux/amd64') }
    const index = document(mediaTypes.ociIndex, {
      manifests: [broken, descriptorOf(amd64.manifest, { platform: platformJson('linux/amd64') })],
    })
    const [code, message] = await codeOf(resolve(index, 'linux/amd64', readerOf(amd64)))
    expect(code).to.equal('MANIFEST_INVALID')
    expect(message).to.contain('The index entry for linux/amd64 cannot be fetched: "sha256:short" is not a digest')
  })

  it('is unharmed by a broken child for another platform', async () => {
    const broken = { mediaType: mediaTypes.ociManifest, digest: 'sha256:short', size: 1, platform: platformJson('linux/arm64') }
    const index = document(mediaTypes.ociIndex, {
      manifests: [broken, descriptorOf(amd64.manifest, { platform: platformJson('linux/amd64') })],
    })
    expect((await resolve(index, 'linux/amd64', readerOf(amd64))).digest).to.equal(amd64.manifest.digest)
  })

  it('must have the size that the index says', async () => {
    const index = document(mediaTypes.ociIndex, { manifests: [descriptorOf(amd64.manifest, { size: 5 })] })
    expect((await codeOf(resolve(index, 'linux/amd64', readerOf(amd64))))[0]).to.equal('SIZE_MISMATCH')
  })

  it('must have as many diff_ids as layers', async () => {
    const odd = imageFor('linux/amd64', { config: { rootfs: { diff_ids: [] } } })
    expect((await codeOf(resolve(odd.manifest, 'linux/amd64', readerOf(odd))))[0]).to.equal('IMAGE_CONFIG_INVALID')
  })

  it('is no artifact, and an artifact costs no request', async () => {
    const chart = imageFor('linux/amd64', {
      manifest: { config: { ...descriptorOf(amd64.config), mediaType: 'application/vnd.cncf.helm.config.v1+json' } },
    })
    const read = readerOf(chart)
    expect((await codeOf(resolve(chart.manifest, 'linux/amd64', read)))[0]).to.equal('MANIFEST_UNSUPPORTED')
    expect(read.asked).to.deep.equal([])
  })

  it('is refused when its index entry is of an unknown kind', async () => {
    const index = document(mediaTypes.ociIndex, {
      manifests: [{ ...descriptorOf(amd64.manifest), mediaType: 'text/x', platform: platformJson('linux/amd64') }],
    })
    expect((await codeOf(resolve(index, 'linux/amd64', readerOf(amd64))))[0]).to.equal('MANIFEST_UNSUPPORTED')
  })

  it('costs two requests with an index and one without', async () => {
    const read = readerOf(amd64, arm64)
    await resolve(indexOf(amd64, arm64), 'linux/amd64', read)
    expect(read.asked).to.deep.equal([amd64.manifest.digest, amd64.config.digest])
  })
})

describe('the platforms that an index offers', () => {
  it('are those of its entries, each once, without attestations', () => {
    const index = indexOf(amd64, amd64, imageFor('unknown/unknown'), imageFor('linux/arm/v7'))
    expect(offeredPlatforms(parseManifest(index.bytes, index.mediaType) as ImageIndex)).to.deep.equal(['linux/amd64', 'linux/arm/v7'])
  })
})
