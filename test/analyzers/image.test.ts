import { expect } from 'chai'
import { image } from '../../src/analyzers/image.ts'
import { type ErrorCode, errorCodes, PreflightError } from '../../src/errors.ts'
import type { ImageFact } from '../../src/facts/image.ts'
import { mediaTypes } from '../../src/oci/media-types.ts'
import type { Finding } from '../../src/outcome.ts'
import { type CheckOptions, check, judgeFacts } from '../support/check-image.ts'
import { descriptorOf, document, imageFor, indexOf } from '../support/image-documents.ts'
import { pullSecretOf, storeOf } from '../support/pull-secrets.ts'

const amd64 = imageFor('linux/amd64')
const arm64 = imageFor('linux/arm64')
const plugin = { plugin: 'velero-x', image: 'r.io/acme/x:v1' }
const withSecret = { ...plugin, imagePullSecret: 'regcred' }
const served = { tags: { v1: indexOf(amd64, arm64) }, documents: [amd64, arm64] }
const good = storeOf(pullSecretOf('regcred', { 'r.io': 'bob:pw' }))
const dockerConfig = { file: '/home/me/.docker/config.json', login: async () => ({ username: 'me', password: 'mine', entry: 'r.io' }) }

const judge = async (options: Partial<CheckOptions>) =>
  (await check({ plugins: [plugin], registry: served, ...options })).judge('image')[0]!
const findings = async (options: Partial<CheckOptions>): Promise<readonly Finding[]> => (await judge(options)).findings
const codes = async (options: Partial<CheckOptions>) => (await findings(options)).map(({ status, code }) => `${status} ${code}`)

describe('image analyzer: an image of a folder or archive', () => {
  const images = { 'velero-x': 'oci:dist:v1' }

  it('warns that no registry was asked, however good it is', async () => {
    const { findings: all, values } = await judge({ images, platforms: ['linux/amd64', 'linux/arm64'] })
    expect(all.map(({ status, code, message }) => [status, code, message])).to.deep.equal([
      [
        'warn',
        'IMAGE_LOCAL',
        'velero-x: the image was read from oci:dist:v1, which holds it for linux/amd64, linux/arm64. Whether its registry has it and gives it to a node is not known: push it as r.io/acme/x:v1 and check again without --image.',
      ],
    ])
    expect(values).to.include({ resolved: false, found: true, login: 'local' })
  })

  it('fails a platform that it does not hold', async () => {
    expect(await codes({ images, platforms: ['linux/s390x'] })).to.deep.equal(['fail IMAGE_PLATFORM_MISSING', 'warn IMAGE_LOCAL'])
  })

  it('warns when the Config names another digest, which is what a node would take', async () => {
    const pinned = (digest: string) => ({ images, plugins: [{ ...plugin, image: `r.io/acme/x:v9@${digest}` }] })
    expect(await codes(pinned(arm64.manifest.digest))).to.deep.equal(['warn IMAGE_LOCAL_OTHER', 'warn IMAGE_LOCAL'])
    expect(await codes(pinned(served.tags.v1.digest))).to.deep.equal(['warn IMAGE_LOCAL'])
    const archive = { ...pinned(arm64.manifest.digest), images: { 'velero-x': 'docker-archive:x.tar' } }
    expect(await codes(archive)).to.deep.equal(['warn IMAGE_LOCAL'])
  })

  it('says that a node cannot read it when the Config itself names it', async () => {
    const [found] = await findings({ plugins: [{ ...plugin, image: 'oci:dist:v1' }] })
    expect(found).to.include({ status: 'warn', code: 'IMAGE_LOCAL' })
    expect(found?.message).to.include('A node cannot read that')
  })

  for (const [code, expected] of [
    ['LOCAL_UNREADABLE', 'IMAGE_LOCAL_UNREADABLE'],
    ['LOCAL_INVALID', 'IMAGE_LOCAL_INVALID'],
    ['MANIFEST_NOT_FOUND', 'IMAGE_NOT_FOUND'],
    ['DIGEST_MISMATCH', 'IMAGE_DIGEST_MISMATCH'],
  ] as const)
    it(`fails with ${expected} when it cannot be read (${code}), and speaks of no login`, async () => {
      const [found, ...more] = await findings({ images, registry: { ...served, faults: { v1: code } } })
      expect(found).to.include({ status: 'fail', code: expected })
      expect(found?.message).to.match(/^velero-x: what was named instead of r\.io\/acme\/x:v1 cannot be used\. /)
      expect(`${found?.message} ${found?.evidence}`).to.not.match(/login|private/)
      expect(more).to.deep.equal([])
    })
})

describe('image analyzer: what can be pulled', () => {
  it('passes with where it is, for which platforms, and with what login', async () => {
    const [found] = await findings({ platforms: ['linux/amd64', 'linux/arm64'] })
    expect(found).to.deep.equal({
      status: 'pass',
      code: 'IMAGE_RESOLVED',
      message: 'velero-x: r.io/acme/x:v1 is in the registry r.io for linux/amd64, linux/arm64; no login is needed.',
      evidence: [
        `index ${served.tags.v1.digest}`,
        `linux/amd64: ${amd64.manifest.digest}, 1 layer, 3.0 MiB to pull`,
        `linux/arm64: ${arm64.manifest.digest}, 1 layer, 3.0 MiB to pull`,
        'the index offers linux/amd64, linux/arm64',
      ],
    })
  })

  it('names the login that the registry accepts, and the one before that it rejects', async () => {
    const secrets = storeOf(pullSecretOf('regcred', { 'r.io/acme': 'old:pw', 'r.io': 'bob:pw' }))
    const [found] = await findings({ plugins: [withSecret], secrets, registry: { ...served, allowed: ['bob:pw'] } })
    expect(found?.message).to.equal(
      'velero-x: r.io/acme/x:v1 is in the registry r.io for linux/amd64; the registry accepts the login "bob" of the secret velero/regcred (entry r.io).',
    )
    expect(found?.evidence?.at(-1)).to.match(
      /^asked with the login "old" of the secret velero\/regcred \(entry r\.io\/acme\): the registry rejects it \(401\)$/,
    )
  })

  it('shows what the registry warns of', async () => {
    const [found] = await findings({ registry: { ...served, warnings: ['v1 goes away\n on Monday'] } })
    expect(found?.evidence).to.include('the registry warns: v1 goes away\\u000a on Monday')
  })

  it('warns of a config for another platform, which a node pulls all the same', async () => {
    const registry = { tags: { v1: arm64.manifest }, documents: [arm64] }
    expect(await codes({ registry })).to.deep.equal(['warn IMAGE_PLATFORM_MISMATCH', 'pass IMAGE_RESOLVED'])
    expect((await findings({ registry }))[0]?.message).to.contain(
      'the config of r.io/acme/x:v1 says linux/arm64, and a node of linux/amd64',
    )
  })

  it('says that it is the child of an index whose config is for another platform', async () => {
    const wrong = { ...arm64, platform: 'linux/amd64' }
    const [found] = await findings({ registry: { tags: { v1: indexOf(wrong) }, documents: [arm64] } })
    expect(found?.message).to.contain('the index of r.io/acme/x:v1 offers for linux/amd64 an image whose config says linux/arm64')
  })

  it('is content with a 32 bit image on a 64 bit node', async () => {
    const i386 = imageFor('linux/386')
    expect(await codes({ registry: { tags: { v1: indexOf(i386) }, documents: [i386] } })).to.deep.equal(['pass IMAGE_RESOLVED'])
  })
})

describe('image analyzer: platforms', () => {
  it('fails for each platform that the index lacks, and names what it offers', async () => {
    const registry = { tags: { v1: indexOf(amd64) }, documents: [amd64] }
    const all = await findings({ platforms: ['linux/amd64', 'linux/arm64', 'linux/s390x'], registry })
    expect(all.map(({ code }) => code)).to.deep.equal(['IMAGE_PLATFORM_MISSING', 'IMAGE_PLATFORM_MISSING'])
    expect(all[0]?.message).to.equal(
      'velero-x: r.io/acme/x:v1 cannot run on linux/arm64. The image has nothing for linux/arm64: its index offers linux/amd64. Build it for linux/arm64 too and push both under this reference (docker buildx build --platform …).',
    )
  })

  it('fails for the platform alone whose image is incomplete', async () => {
    const all = await findings({
      platforms: ['linux/amd64', 'linux/arm64'],
      registry: { ...served, faults: { [arm64.config.digest]: 'BLOB_NOT_FOUND' } },
    })
    expect(all.map(({ code }) => code)).to.deep.equal(['IMAGE_INCOMPLETE'])
    expect(all[0]?.message).to.contain('r.io/acme/x:v1 cannot be pulled on linux/arm64. The registry says BLOB_NOT_FOUND.')
  })

  it('fails for a platform that was not asked for when the facts were collected', async () => {
    const { image: facts } = await check({ plugins: [plugin], registry: served })
    const [judged] = judgeFacts(image, { image: facts }, [plugin], ['linux/amd64', 'linux/arm64'])
    expect(judged?.findings.map(({ status, code }) => `${status} ${code}`)).to.deep.equal(['fail IMAGE_UNCHECKED'])
    expect(judged?.findings[0]?.message).to.contain('Collect again with --platform linux/arm64.')
  })
})

describe('image analyzer: tag beside digest', () => {
  const pinned = { ...plugin, image: `r.io/acme/x:v1@${amd64.manifest.digest}` }
  const at = (tags: object, faults = {}) => codes({ plugins: [pinned], registry: { tags: { ...tags }, documents: [amd64, arm64], faults } })

  it('passes when they agree, also when the tag is the index that has the digest', async () => {
    expect(await at({ v1: amd64.manifest })).to.deep.equal(['pass IMAGE_RESOLVED'])
    expect(await at({ v1: indexOf(amd64, arm64) })).to.deep.equal(['pass IMAGE_RESOLVED'])
  })

  it('warns when the tag moved on, is gone or cannot be seen', async () => {
    expect(await at({ v1: arm64.manifest })).to.deep.equal(['warn IMAGE_TAG_MOVED', 'pass IMAGE_RESOLVED'])
    expect(await at({})).to.deep.equal(['warn IMAGE_TAG_GONE', 'pass IMAGE_RESOLVED'])
    expect(await at({ v1: amd64.manifest }, { v1: 'REGISTRY_FAILED' })).to.deep.equal(['warn IMAGE_TAG_UNCHECKED', 'pass IMAGE_RESOLVED'])
  })
})

describe('image analyzer: logins', () => {
  it('fails when anyone may pull the image but the node asks with a login that is rejected', async () => {
    const all = await findings({ plugins: [withSecret], secrets: good, registry: { ...served, allowed: ['anonymous'] } })
    expect(all.map(({ status, code }) => `${status} ${code}`)).to.deep.equal(['fail IMAGE_LOGIN_REJECTED'])
    expect(all[0]?.message).to.equal(
      'velero-x: r.io/acme/x:v1 is open to anyone, and the node cannot pull it all the same: kubelet asks with the login "bob" of the secret velero/regcred (entry r.io), the registry rejects it (401), and kubelet does not ask again without a login. Correct the login, or take the pull secret out of the Config.',
    )
  })

  it('fails when only the docker config of the user can pull it', async () => {
    const all = await findings({ dockerConfig, registry: { ...served, allowed: ['me:mine'] } })
    expect(all.map(({ status, code }) => `${status} ${code}`)).to.deep.equal(['fail IMAGE_NEEDS_DOCKER_CONFIG'])
    expect(all[0]?.message).to.equal(
      'velero-x: r.io/acme/x:v1 can be pulled only with the login "me" of /home/me/.docker/config.json (entry r.io), which no node has; to a node, which asks with no login, the registry wants a login (401). Make a pull secret in the namespace of Velero and name it as imagePullSecret.',
    )
  })

  it('only warns, but does not pass, when the secret with which the node will ask was not given', async () => {
    expect(await codes({ plugins: [withSecret] })).to.deep.equal(['warn IMAGE_LOGIN_UNKNOWN'])
    expect(await codes({ plugins: [withSecret], dockerConfig, registry: { ...served, allowed: ['me:mine'] } })).to.deep.equal([
      'warn IMAGE_LOGIN_UNKNOWN',
    ])
  })

  it('tells the platforms besides', async () => {
    expect(await codes({ plugins: [withSecret], platforms: ['linux/s390x'] })).to.deep.equal([
      'warn IMAGE_LOGIN_UNKNOWN',
      'fail IMAGE_PLATFORM_MISSING',
    ])
  })

  it('fails when a secret of the pod is broken', async () => {
    const secrets = storeOf(pullSecretOf('regcred', {}, { data: { '.dockerconfigjson': '{' } }))
    for (const registry of [served, { ...served, allowed: [] }]) {
      const [found] = await findings({ plugins: [withSecret], secrets, registry })
      expect(found).to.include({ status: 'fail', code: 'IMAGE_SECRET_BROKEN' })
      expect(found?.message).to.contain('The pull secret velero/regcred (secrets.yaml:1) is broken: it ends too early')
    }
  })
})

describe('image analyzer: what cannot be had', () => {
  for (const code of Object.keys(errorCodes) as ErrorCode[]) {
    it(`fails, and names plugin, image and reason, after ${code}`, async () => {
      const all = await findings({ plugins: [withSecret], secrets: good, registry: { faults: { '*': code } } })
      expect(all).to.have.length(1)
      expect(all[0]).to.have.property('status', 'fail')
      expect(all[0]?.message)
        .to.match(/^velero-x: /)
        .and.to.contain(`The registry says ${code}.`)
      expect(Object.keys(image.codes)).to.include(all[0]?.code)
    })
  }

  it('shows each login that was tried, when there were several', async () => {
    const options = { plugins: [withSecret], secrets: good, registry: { allowed: [] } }
    expect((await findings(options))[0]?.evidence).to.deep.equal([
      'asked with the login "bob" of the secret velero/regcred (entry r.io): the registry rejects it (401)',
      'asked with no login: the registry wants a login (401)',
    ])
    expect((await findings({ registry: { allowed: [] } }))[0]).to.not.have.property('evidence')
  })

  it('says that who has no login cannot tell an absent image from a private one', async () => {
    const [found] = await findings({ registry: {} })
    expect(found).to.include({ code: 'IMAGE_NOT_FOUND' })
    expect(found?.message).to.contain('It does not exist, or it is private: to who has no login, registries answer both alike.')
  })

  it('does not say so when a login was used', async () => {
    const [found] = await findings({ plugins: [withSecret], secrets: good, registry: {} })
    expect(found).to.include({ code: 'IMAGE_NOT_FOUND' })
    expect(found?.message).to.not.contain('or it is private')
  })

  it('gives the reason of the registry, and how to give the secret, when that was not given', async () => {
    const [found] = await findings({ plugins: [withSecret], registry: { allowed: [] } })
    expect(found).to.include({ code: 'IMAGE_UNAUTHORIZED' })
    expect(found?.message).to.contain('The registry says REGISTRY_UNAUTHORIZED.').and.to.contain('Give its manifest with --secrets')
    expect((await codes({ plugins: [withSecret], registry: { faults: { '*': 'REGISTRY_TLS' } } }))[0]).to.equal('fail IMAGE_TLS')
  })

  it('says what else than an image it is', async () => {
    const config = { ...descriptorOf(amd64.config), mediaType: 'application/vnd.cncf.helm.config.v1+json' }
    const chart = document(mediaTypes.ociManifest, { config, layers: [] })
    const [found] = await findings({ registry: { tags: { v1: chart } } })
    expect(found).to.include({ status: 'fail', code: 'IMAGE_UNSUPPORTED' })
    expect(found?.message).to.contain('It is not a container image but a Helm chart.')
  })

  it('shows the mistake in a reference', async () => {
    const [found] = await findings({ plugins: [{ plugin: 'velero-x', image: 'https://r.io/acme/x:v1' }] })
    expect(found).to.deep.equal({
      status: 'fail',
      code: 'IMAGE_REFERENCE_INVALID',
      message:
        'velero-x: "https://r.io/acme/x:v1" is not an image reference: it starts with a scheme; leave "https://" out. Write registry/repository:tag or registry/repository@sha256:<64 hex>, in lower case.',
    })
  })

  it('throws when nothing was collected of the plugin: a missing fact is never a pass', () => {
    expect(() => judgeFacts(image, { image: [] }, [plugin]))
      .to.throw(PreflightError)
      .with.property('code', 'FACT_MISSING')
  })

  it('does not pass a fact without a word of how kubelet would ask', async () => {
    const { image: facts } = await check({ plugins: [plugin], registry: served })
    const stripped: ImageFact = { ...facts[0]!, attempts: [] }
    const [judged] = judgeFacts(image, { image: [stripped] }, [plugin])
    expect(judged?.findings[0]).to.include({ status: 'fail', code: 'IMAGE_UNCHECKED' })
  })
})

describe('image analyzer: values for a spec', () => {
  it('tell what was found', async () => {
    expect((await judge({ platforms: ['linux/amd64', 'linux/s390x'] })).values).to.deep.equal({
      resolved: false,
      found: true,
      digest: served.tags.v1.digest,
      indexed: true,
      missingPlatforms: 1,
      login: 'anonymous',
    })
    expect((await judge({ plugins: [withSecret], secrets: good, registry: { ...served, allowed: ['bob:pw'] } })).values).to.include({
      resolved: true,
      login: 'secret',
    })
    expect((await judge({ plugins: [withSecret] })).values).to.include({ resolved: false, found: true })
  })

  it('tell that nothing was', async () => {
    const { values } = await judge({ registry: {} })
    expect(values).to.deep.equal({ resolved: false, found: false, digest: '', indexed: false, missingPlatforms: 1, login: 'none' })
    expect(Object.keys(values)).to.deep.equal(Object.keys(image.values))
  })
})
