import { expect } from 'chai'
import type { ImageFact } from '../../src/facts/image.ts'
import { mediaTypes } from '../../src/oci/media-types.ts'
import { type CheckOptions, check } from '../support/check-image.ts'
import { descriptorOf, document, imageFor, indexOf, platformJson } from '../support/image-documents.ts'
import { pullSecretOf, storeOf } from '../support/pull-secrets.ts'

const amd64 = imageFor('linux/amd64')
const arm64 = imageFor('linux/arm64')
const plugin = { plugin: 'velero-x', image: 'r.io/acme/x:v1' }

const collectOne = async (options: Partial<CheckOptions>): Promise<ImageFact> => {
  const { image } = await check({
    plugins: [plugin],
    registry: { tags: { v1: indexOf(amd64, arm64) }, documents: [amd64, arm64] },
    ...options,
  })
  return image[0]!
}

describe('image collector', () => {
  it('says what the reference points at, and what each required platform gets', async () => {
    const index = indexOf(amd64, arm64)
    const fact = await collectOne({ platforms: ['linux/arm64'] })
    expect(fact).to.deep.include({
      ...plugin,
      ok: true,
      reference: 'r.io/acme/x:v1',
      host: 'r.io',
      digest: index.digest,
      mediaType: mediaTypes.ociIndex,
      kind: 'index',
      credential: { kind: 'anonymous' },
      platforms: ['linux/amd64', 'linux/arm64'],
      attempts: [{ credential: { kind: 'anonymous' }, ok: true, digest: index.digest }],
      otherAttempts: [],
      warnings: [],
    })
    expect(fact.ok && fact.required).to.deep.equal([
      {
        platform: 'linux/arm64',
        ok: true,
        digest: arm64.manifest.digest,
        mediaType: mediaTypes.ociManifest,
        configPlatform: 'linux/arm64',
        layersBytes: 3 << 20,
        layers: 1,
      },
    ])
  })

  it('tells the platform of a single manifest from its config', async () => {
    const fact = await collectOne({ registry: { tags: { v1: arm64.manifest }, documents: [arm64] } })
    expect(fact).to.deep.include({ kind: 'manifest', platforms: ['linux/arm64'] })
  })

  it("keeps one platform's fault from the others", async () => {
    for (const fault of [arm64.manifest.digest, arm64.config.digest]) {
      const fact = await collectOne({
        platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'],
        registry: { tags: { v1: indexOf(amd64, arm64) }, documents: [amd64, arm64], faults: { [fault]: 'REGISTRY_FAILED' } },
      })
      const outcomes = fact.ok && fact.required.map(one => (one.ok ? 'ok' : one.code))
      expect(outcomes).to.deep.equal(['ok', 'REGISTRY_FAILED', 'PLATFORM_NOT_FOUND'])
    }
  })

  it('passes on what the registry warns of', async () => {
    expect(await collectOne({ registry: { tags: { v1: amd64.manifest }, documents: [amd64], warnings: ['old'] } })).to.deep.include({
      warnings: ['old'],
    })
  })

  it('is a failed fact with the attempts when nobody could read the image', async () => {
    const secrets = storeOf(pullSecretOf('regcred', { 'r.io': 'bob:pw' }))
    const fact = await collectOne({ plugins: [{ ...plugin, imagePullSecret: 'regcred' }], secrets, registry: { allowed: [] } })
    expect(fact).to.deep.include({ ok: false, code: 'REGISTRY_UNAUTHORIZED', hint: 'Do something.' })
    expect(fact.attempts).to.have.length(1)
    expect(fact.otherAttempts).to.have.length(1)
  })

  it('is a failed fact when what was read is no image', async () => {
    const chart = document(mediaTypes.ociManifest, {
      config: { ...descriptorOf(amd64.config), mediaType: 'application/vnd.cncf.helm.config.v1+json' },
      layers: [],
    })
    expect(await collectOne({ registry: { tags: { v1: chart } } })).to.include({ ok: false, code: 'MANIFEST_UNSUPPORTED' })
    expect(await collectOne({ registry: { tags: { v1: document(mediaTypes.ociManifest, '{') } } })).to.include({
      ok: false,
      code: 'MANIFEST_INVALID',
    })
  })

  it('is a failed fact without attempts when the reference is none, and leaves other plugins alone', async () => {
    const { image } = await check({
      plugins: [{ plugin: 'bad', image: 'R.io/Acme' }, plugin],
      registry: { tags: { v1: amd64.manifest }, documents: [amd64] },
    })
    expect(image[0]).to.deep.include({ plugin: 'bad', ok: false, code: 'REFERENCE_INVALID', attempts: [], otherAttempts: [] })
    expect(image[1]).to.include({ ok: true })
  })

  it('looks where the tag of a pinned reference points, and whether that includes the digest', async () => {
    const pinned = { ...plugin, image: `r.io/acme/x:v1@${amd64.manifest.digest}` }
    const tagOf = async (tags: object, faults = {}) => {
      const fact = await collectOne({ plugins: [pinned], registry: { tags: { ...tags }, documents: [amd64, arm64], faults } })
      return fact.ok && fact.tag
    }
    expect(await tagOf({ v1: amd64.manifest })).to.deep.equal({ ok: true, digest: amd64.manifest.digest, includes: false })
    expect(await tagOf({ v1: indexOf(amd64, arm64) })).to.deep.equal({ ok: true, digest: indexOf(amd64, arm64).digest, includes: true })
    expect(await tagOf({ v1: arm64.manifest })).to.deep.equal({ ok: true, digest: arm64.manifest.digest, includes: false })
    expect(await tagOf({})).to.include({ ok: false, code: 'MANIFEST_NOT_FOUND' })
  })

  it('has no tag fact for a reference that is not pinned', async () => {
    expect(await collectOne({})).to.not.have.property('tag')
  })

  it('holds no password', async () => {
    const secrets = storeOf(pullSecretOf('regcred', { 'r.io': 'bob:hunter2' }))
    for (const allowed of [['bob:hunter2'], []]) {
      const registry = { tags: { v1: amd64.manifest }, documents: [amd64], allowed }
      const checked = await check({ plugins: [{ ...plugin, imagePullSecret: 'regcred' }], secrets, registry })
      const findings = [...checked.judge('image'), ...checked.judge('pullSecret')]
      expect(JSON.stringify([checked.image, checked.pullSecret, findings])).to.not.contain('hunter2')
    }
  })

  it('counts a platform of an entry that cannot be fetched among those that are offered', async () => {
    const broken = { mediaType: mediaTypes.ociManifest, digest: 'none', size: 1, platform: platformJson('linux/arm64') }
    const index = document(mediaTypes.ociIndex, {
      manifests: [broken, descriptorOf(amd64.manifest, { platform: platformJson('linux/amd64') })],
    })
    const fact = await collectOne({ platforms: ['linux/arm64'], registry: { tags: { v1: index }, documents: [amd64] } })
    expect(fact).to.deep.include({ platforms: ['linux/arm64', 'linux/amd64'] })
    expect(fact.ok && fact.required[0]).to.include({ ok: false, code: 'MANIFEST_INVALID' })
  })
})
