import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import type { Plugin } from '../../src/facts/fact.ts'
import type { Attempt } from '../../src/facts/image.ts'
import { type ImageAccessOptions, imageAccess } from '../../src/world/image-access.ts'
import type { DockerConfigStore } from '../../src/world/world.ts'
import { type FakeRegistryOptions, fakeRegistry } from '../support/fake-registry.ts'
import { imageFor } from '../support/image-documents.ts'
import { pullSecretOf, storeOf } from '../support/pull-secrets.ts'

const { manifest } = imageFor('linux/amd64')
const plugin: Plugin = { plugin: 'velero-x', image: 'r.io/acme/x:v1' }
const withSecret: Plugin = { ...plugin, imagePullSecret: 'regcred' }
const docker = (login = { username: 'me', password: 'mine', entry: 'r.io' }): DockerConfigStore => ({
  file: 'config.json',
  login: async () => login,
})

const open = async (registry: FakeRegistryOptions, one: Plugin, more: Partial<ImageAccessOptions> = {}) => {
  const fake = fakeRegistry({ tags: { v1: manifest }, ...registry })
  const access = imageAccess({ registry: fake, secrets: undefined, dockerConfig: undefined, namespace: 'velero', podSecrets: [], ...more })
  return { ...(await access(one)), asked: fake.asked }
}

/** `who: what came of it`. */
const told = (attempts: readonly Attempt[]) =>
  attempts.map(
    attempt =>
      `${'username' in attempt.credential ? `${attempt.credential.kind} ${attempt.credential.username}` : attempt.credential.kind}: ${attempt.ok ? 'ok' : attempt.code}`,
  )

describe('opening an image as kubelet would', () => {
  it('asks once without a login when the pod has no secret', async () => {
    const access = await open({}, plugin)
    expect(told(access.attempts)).to.deep.equal(['anonymous: ok'])
    expect(access.opened?.source).to.deep.equal({ kind: 'anonymous' })
    expect(access.opened?.served.digest).to.equal(manifest.digest)
    expect(access.asked).to.deep.equal(['v1 as anonymous'])
  })

  it('asks with the login of the secret, and not without one', async () => {
    const access = await open({}, withSecret, { secrets: storeOf(pullSecretOf('regcred', { 'r.io': 'bob:pw' })) })
    expect(access.asked).to.deep.equal(['v1 as bob:pw'])
    expect(access.opened?.source).to.deep.equal({ kind: 'secret', namespace: 'velero', name: 'regcred', entry: 'r.io', username: 'bob' })
  })

  it('goes on to the next login when one is rejected', async () => {
    const secrets = storeOf(pullSecretOf('regcred', { 'r.io/acme': 'old:pw', 'r.io': 'new:pw' }))
    const access = await open({ allowed: ['new:pw'] }, withSecret, { secrets })
    expect(told(access.attempts)).to.deep.equal(['secret old: REGISTRY_UNAUTHORIZED', 'secret new: ok'])
    expect(access.keyring.map(({ username }) => username)).to.deep.equal(['old', 'new'])
  })

  it('does not count it as open to kubelet that anyone may pull, after a login was rejected', async () => {
    const access = await open({ allowed: ['anonymous'] }, withSecret, { secrets: storeOf(pullSecretOf('regcred', { 'r.io': 'bob:pw' })) })
    expect(told(access.attempts)).to.deep.equal(['secret bob: REGISTRY_UNAUTHORIZED'])
    expect(told(access.otherAttempts)).to.deep.equal(['anonymous: ok'])
    expect(access.opened?.source.kind).to.equal('anonymous')
  })

  it('asks without a login when the secret is not there, or has no entry for the image', async () => {
    for (const secrets of [storeOf(), storeOf(pullSecretOf('regcred', { 'quay.io': 'bob:pw' }))]) {
      expect(told((await open({}, withSecret, { secrets })).attempts)).to.deep.equal(['anonymous: ok'])
    }
  })

  it('looks for the secret in its own namespace, or in a manifest without one', async () => {
    const elsewhere = pullSecretOf('regcred', { 'r.io': 'bob:pw' }, { namespace: 'kotsadm' })
    expect((await open({}, withSecret, { secrets: storeOf(elsewhere) })).asked).to.deep.equal(['v1 as anonymous'])
    const { namespace: _, ...anywhere } = elsewhere
    expect((await open({}, withSecret, { secrets: storeOf(anywhere) })).asked).to.deep.equal(['v1 as bob:pw'])
  })

  it("takes the secrets of all plugins of the pod, in the pod's order", async () => {
    const secrets = storeOf(pullSecretOf('regcred', { 'r.io': 'bob:pw' }), pullSecretOf('other', { 'r.io': 'eve:pw' }))
    expect((await open({}, plugin, { secrets, podSecrets: ['other'] })).asked).to.deep.equal(['v1 as eve:pw'])
    const access = await open({ allowed: ['bob:pw'] }, withSecret, { secrets, podSecrets: ['other', 'regcred'] })
    expect(access.asked).to.deep.equal(['v1 as eve:pw', 'v1 as bob:pw'])
  })

  it('asks without a login for an entry without user name, as containerd does', async () => {
    const secrets = storeOf(pullSecretOf('regcred', {}, { data: { '.dockerconfigjson': '{"auths": {"r.io": {"identitytoken": "t"}}}' } }))
    const access = await open({}, withSecret, { secrets })
    expect(access.asked).to.deep.equal(['v1 as anonymous'])
    expect(access.attempts[0]!.credential).to.include({ kind: 'secret', name: 'regcred', username: '' })
  })

  it('does not try logins without end', async () => {
    const logins = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`${'*'.repeat(i + 1)}.io`, `user${i}:pw`]))
    const access = await open({ allowed: [] }, withSecret, { secrets: storeOf(pullSecretOf('regcred', logins)) })
    expect(access.keyring).to.have.length(60)
    expect(access.attempts).to.have.length(50)
    expect(access.opened).to.equal(undefined)
  })

  it('asks with nothing when one secret of the pod is broken', async () => {
    const broken = pullSecretOf('broken', {}, { data: { '.dockerconfigjson': '{' } })
    const secrets = storeOf(pullSecretOf('regcred', { 'r.io': 'bob:pw' }), broken)
    const access = await open({ allowed: ['bob:pw'] }, withSecret, { secrets, podSecrets: ['regcred', 'broken'] })
    expect(told(access.attempts)).to.deep.equal(['secret : SECRET_UNUSABLE'])
    expect(access.attempts[0]).to.have.property('message').that.contains('velero/broken (secrets.yaml:1) is broken: it ends too early')
    expect(told(access.otherAttempts)).to.deep.equal(['anonymous: REGISTRY_UNAUTHORIZED'])
    expect(access.opened).to.equal(undefined)
  })

  it('takes a secret that the API server would refuse for broken', async () => {
    const secrets = storeOf(
      pullSecretOf('regcred', { 'r.io': 'bob:pw' }, { problems: [{ key: 'x', message: '"x" in "data" is not base64' }] }),
    )
    expect((await open({}, withSecret, { secrets })).attempts[0]).to.include({ code: 'SECRET_UNUSABLE' })
  })

  it('knows nothing of a secret when no Secrets were given, and reads the image all the same', async () => {
    const access = await open({}, withSecret)
    expect(told(access.attempts)).to.deep.equal(['secret : SECRETS_NOT_GIVEN'])
    expect(told(access.otherAttempts)).to.deep.equal(['anonymous: ok'])
    expect(access.opened?.source.kind).to.equal('anonymous')
  })

  it('minds another secret of the pod that was not given only when the image asks for a login', async () => {
    expect(told((await open({}, plugin, { podSecrets: ['other'] })).attempts)).to.deep.equal(['anonymous: ok'])
    const access = await open({ allowed: ['me:mine'] }, plugin, { podSecrets: ['other'], dockerConfig: docker() })
    expect(told(access.attempts)).to.deep.equal(['anonymous: REGISTRY_UNAUTHORIZED', 'secret : SECRETS_NOT_GIVEN'])
    expect(told(access.otherAttempts)).to.deep.equal(['dockerConfig me: ok'])
  })
})

describe('opening an image that kubelet could not', () => {
  it("takes the user's docker config, after asking without a login", async () => {
    const access = await open({ allowed: ['me:mine'] }, plugin, { dockerConfig: docker() })
    expect(told(access.attempts)).to.deep.equal(['anonymous: REGISTRY_UNAUTHORIZED'])
    expect(told(access.otherAttempts)).to.deep.equal(['dockerConfig me: ok'])
    expect(access.opened?.as?.password).to.equal('mine')
    expect(access.asked).to.deep.equal(['v1 as anonymous', 'v1 as me:mine'])
  })

  it('does not ask the docker config when kubelet can', async () => {
    const never: DockerConfigStore = { file: 'config.json', login: () => Promise.reject(new Error('asked')) }
    expect((await open({}, plugin, { dockerConfig: never })).otherAttempts).to.deep.equal([])
  })

  it('goes on without a login when the docker config has none, or its helper fails', async () => {
    const none: DockerConfigStore = { file: 'config.json', login: async () => undefined }
    expect((await open({ allowed: [] }, plugin, { dockerConfig: none })).otherAttempts).to.deep.equal([])
    const failing: DockerConfigStore = {
      file: 'config.json',
      login: () => Promise.reject(new PreflightError('CREDENTIAL_HELPER_FAILED', 'It failed.')),
    }
    expect(told((await open({ allowed: [] }, plugin, { dockerConfig: failing })).otherAttempts)).to.deep.equal([
      'dockerConfig : CREDENTIAL_HELPER_FAILED',
    ])
  })

  it('uses an identity token of the docker config', async () => {
    const store: DockerConfigStore = {
      file: 'config.json',
      login: async () => ({ username: '<token>', password: '', identityToken: 't', entry: 'r.io' }),
    }
    expect((await open({ allowed: ['<token>:t'] }, plugin, { dockerConfig: store })).opened?.as?.identityToken).to.equal('t')
  })

  for (const code of ['REGISTRY_DENIED', 'MANIFEST_NOT_FOUND', 'REGISTRY_RATE_LIMITED', 'REGISTRY_REALM'] as const) {
    it(`tries other logins after ${code}`, async () => {
      const secrets = storeOf(pullSecretOf('regcred', { 'r.io/acme': 'a:pw', 'r.io': 'b:pw' }))
      const access = await open({ faults: { v1: code } }, withSecret, { secrets, dockerConfig: docker() })
      expect(access.attempts).to.have.length(2)
      expect(access.otherAttempts).to.have.length(2)
    })
  }

  for (const code of [
    'REGISTRY_NAME_UNRESOLVED',
    'REGISTRY_TLS',
    'REGISTRY_TIMEOUT',
    'REGISTRY_PROTOCOL',
    'DIGEST_MISMATCH',
    'INTERNAL',
  ] as const) {
    it(`asks once only after ${code}: a login changes nothing`, async () => {
      const secrets = storeOf(pullSecretOf('regcred', { 'r.io/acme': 'a:pw', 'r.io': 'b:pw' }))
      const access = await open({ faults: { v1: code } }, withSecret, { secrets, dockerConfig: docker() })
      expect(told(access.attempts)).to.deep.equal([`secret a: ${code}`])
      expect(access.otherAttempts).to.deep.equal([])
    })
  }

  it('keeps the message and hint of what the registry said, and no password', async () => {
    const access = await open({ allowed: [] }, withSecret, {
      secrets: storeOf(pullSecretOf('regcred', { 'r.io': 'bob:hunter2' })),
      dockerConfig: docker(),
    })
    expect(access.attempts[0]).to.include({ message: 'The registry says REGISTRY_UNAUTHORIZED.', hint: 'Do something.' })
    expect(JSON.stringify([access.attempts, access.otherAttempts])).to.not.match(/hunter2|mine/)
  })
})

describe('World.open', () => {
  it('asks by digest where tag and digest are written', async () => {
    const access = await open({}, { plugin: 'x', image: `r.io/acme/x:gone@${manifest.digest}` })
    expect(access.asked).to.deep.equal([`${manifest.digest} as anonymous`])
  })

  it('asks the registry once, however often and by whomever it is called', async () => {
    const registry = fakeRegistry({ tags: { v1: manifest } })
    const access = imageAccess({ registry, secrets: undefined, dockerConfig: undefined, namespace: 'velero', podSecrets: [] })
    const [first, second] = await Promise.all([access(plugin), access({ ...plugin, plugin: 'twin' })])
    expect(first).to.equal(second)
    expect(registry.asked).to.have.length(1)
  })

  it('throws only for a reference that is none', async () => {
    let thrown: unknown
    await open({}, { plugin: 'x', image: 'R.io/Acme' }).catch(error => {
      thrown = error
    })
    expect(thrown).to.be.instanceOf(PreflightError).with.property('code', 'REFERENCE_INVALID')
  })
})
