import { expect } from 'chai'
import { type Digest, sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { requirePinned } from '../../src/trust/pinned.ts'
import { collectedOf, type FoundFact, repository } from '../support/collected-signatures.ts'
import { refusal } from '../support/policies.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'

const index = tinyIndex('plugin')
const other = tinyImage('other')
const { facts, blobs } = collectedOf(index, [])
const at = (digest: Digest) => `${repository}@${digest}`
const read = (digest: Digest): Uint8Array => {
  const bytes = blobs.get(digest)
  if (bytes === undefined) throw new PreflightError('FACT_MISSING', 'gone')
  return bytes
}
const require = (change: Partial<FoundFact> = {}, image = at(index.digest), blob = read) =>
  requirePinned({ ...facts[0], ...change }, image, blob)
const arm64 = (digest: Digest): Partial<FoundFact> => ({
  platforms: facts[0].platforms.map(platform => (platform.ok && platform.platform === 'linux/arm64' ? { ...platform, digest } : platform)),
})

describe('requirePinned', () => {
  it('takes facts of the image that is pinned, and of the images that its index lists', () => {
    require()
    require({}, `${repository}:v1@${index.digest}`)
  })

  it('asks nothing of a tag, nor of a local image, which names none', () => {
    require({ digest: other.digest }, `${repository}:v1`)
    require({ digest: other.digest, local: 'folder' })
  })

  it('refuses facts of another image', () => {
    expect(refusal(() => require({ digest: other.digest })).code).to.equal('FACT_ALTERED')
  })

  it('refuses an image of a platform that the pinned index does not list, whoever signed it', () => {
    const error = refusal(() => require(arm64(other.digest)))
    expect(error.code).to.equal('FACT_ALTERED')
    expect(error.message).to.include(`also about ${other.digest}, which is not in the index ${index.digest}`)
  })

  it('refuses an image that is said to be an index', () => {
    const single = collectedOf(other, [])
    const claimed: FoundFact = { ...single.facts[0], root: 'index', platforms: facts[0].platforms }
    expect(refusal(() => requirePinned(claimed, at(other.digest), digest => single.blobs.get(digest)!)).code).to.match(
      /FACT_ALTERED|MANIFEST_INVALID/,
    )
  })

  it('does not do without the index', () => {
    const gone = () => {
      throw new PreflightError('FACT_MISSING', 'gone')
    }
    expect(refusal(() => require({}, at(index.digest), gone)).code).to.equal('FACT_MISSING')
  })

  it('lets through what an index inside the index may list, which is not kept', () => {
    const child = { mediaType: 'application/vnd.oci.image.index.v1+json', digest: sha256('x'), size: 1 }
    const outer = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: child.mediaType, manifests: [child] }))
    require({ ...arm64(other.digest), digest: sha256(outer) }, at(sha256(outer)), () => outer)
  })
})
