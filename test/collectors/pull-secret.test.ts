import { expect } from 'chai'
import type { PullSecretFact } from '../../src/facts/pull-secret.ts'
import type { DockerConfigStore } from '../../src/world/world.ts'
import { type CheckOptions, check } from '../support/check-image.ts'
import { imageFor } from '../support/image-documents.ts'
import { pullSecretOf, storeOf } from '../support/pull-secrets.ts'

const amd64 = imageFor('linux/amd64')
const plugin = { plugin: 'velero-x', image: 'r.io/acme/x:v1' }
const withSecret = { ...plugin, imagePullSecret: 'regcred' }
const served = { tags: { v1: amd64.manifest }, documents: [amd64] }
const good = pullSecretOf('regcred', { 'r.io': 'bob:pw' })

const collectOne = async (options: Partial<CheckOptions>) => {
  const { pullSecret, registry } = await check({ plugins: [withSecret], registry: served, ...options })
  const fact = pullSecret[0]!
  if (!fact.ok) throw new Error(`${fact.code}: ${fact.message}`)
  return { fact, asked: registry.asked.filter(question => question.startsWith('v1')) }
}
const attempts = (list: Extract<PullSecretFact, { ok: true }>['attempts']) =>
  list.map(one => `${'username' in one.credential ? one.credential.username : ''}: ${one.ok ? 'ok' : one.code}`)

describe('pull secret collector', () => {
  it('tells what the secret is, and what kubelet makes of it for the image', async () => {
    const { fact } = await collectOne({ secrets: storeOf(good) })
    expect(fact).to.deep.include({
      ...plugin,
      name: 'r.io/acme/x',
      namespace: 'velero',
      given: true,
      sources: ['secrets.yaml'],
      candidates: [],
    })
    expect(fact.secrets).to.deep.equal([
      {
        namespace: 'velero',
        name: 'regcred',
        namedBy: 'plugin',
        from: 'secrets.yaml:1',
        elsewhere: [],
        type: 'kubernetes.io/dockerconfigjson',
        keys: ['.dockerconfigjson'],
        entries: [{ entry: 'r.io', username: 'bob', matches: true, ignored: [] }],
        omitted: 0,
        ignored: [],
      },
    ])
    expect(fact.credentials).to.deep.equal([{ kind: 'secret', namespace: 'velero', name: 'regcred', entry: 'r.io', username: 'bob' }])
  })

  it('asks once more without a login where kubelet has one, to see whether it needs one', async () => {
    expect((await collectOne({ secrets: storeOf(good) })).fact.anonymous).to.include({ ok: true })
    const { fact, asked } = await collectOne({ secrets: storeOf(good), registry: { ...served, allowed: ['bob:pw'] } })
    expect(fact.anonymous).to.include({ ok: false, code: 'REGISTRY_UNAUTHORIZED' })
    expect(asked).to.deep.equal(['v1 as bob:pw', 'v1 as anonymous'])
  })

  it('asks nothing more where kubelet has no login', async () => {
    const { fact, asked } = await collectOne({ plugins: [plugin] })
    expect(asked).to.deep.equal(['v1 as anonymous'])
    expect(fact.anonymous).to.include({ ok: true })
    expect(fact.secrets).to.deep.equal([])
  })

  it("tries the plugin's own logins that kubelet would not come to", async () => {
    const secrets = storeOf(good, pullSecretOf('first', { 'r.io/acme': 'eve:pw' }))
    const plugins = [withSecret, { ...plugin, plugin: 'velero-y', imagePullSecret: 'first' }]
    const { fact } = await collectOne({ plugins, secrets, registry: { ...served, allowed: ['eve:pw'] } })
    expect(attempts(fact.attempts)).to.deep.equal(['eve: ok'])
    expect(attempts(fact.further)).to.deep.equal(['bob: REGISTRY_UNAUTHORIZED'])
  })

  it('tells the other secrets of the pod after its own', async () => {
    const secrets = storeOf(good, pullSecretOf('first', { 'quay.io': 'eve:pw' }))
    const plugins = [{ ...plugin, plugin: 'velero-y', imagePullSecret: 'first' }, withSecret]
    const { pullSecret } = await check({ plugins, secrets, registry: served })
    expect(pullSecret.map(fact => fact.ok && fact.secrets.map(({ name, namedBy }) => [name, namedBy]))).to.deep.equal([
      [
        ['first', 'plugin'],
        ['regcred', 'pod'],
      ],
      [
        ['regcred', 'plugin'],
        ['first', 'pod'],
      ],
    ])
  })

  it('tells where else there is a Secret of the name, and which others would do', async () => {
    const other = pullSecretOf('other', { 'r.io': 'eve:pw' }, { namespace: 'kotsadm' })
    const useless = pullSecretOf('useless', { 'quay.io': 'eve:pw' })
    const { fact } = await collectOne({ secrets: storeOf({ ...good, namespace: 'kotsadm', from: 'a.yaml:3' }, other, useless) })
    expect(fact.secrets[0]).to.deep.equal({
      namespace: 'velero',
      name: 'regcred',
      namedBy: 'plugin',
      elsewhere: ['kotsadm (a.yaml:3)'],
      keys: [],
      entries: [],
      omitted: 0,
      ignored: [],
    })
    expect(fact.candidates).to.deep.equal(['kotsadm/other'])
  })

  it('says that no Secrets were given', async () => {
    const { fact } = await collectOne({})
    expect(fact).to.deep.include({ given: false, sources: [] })
    expect(fact.secrets[0]).to.include({ name: 'regcred', namedBy: 'plugin' }).and.to.not.have.property('from')
  })

  it('says what the docker config brought', async () => {
    const dockerConfig: DockerConfigStore = {
      file: 'config.json',
      login: async () => ({ username: 'me', password: 'mine', entry: 'r.io' }),
    }
    const { fact } = await collectOne({ plugins: [plugin], dockerConfig, registry: { ...served, allowed: ['me:mine'] } })
    expect(fact.dockerConfig).to.deep.include({
      ok: true,
      credential: { kind: 'dockerConfig', file: 'config.json', entry: 'r.io', username: 'me' },
    })
  })

  it('has nothing to say when no secret is named and the image cannot be read for another reason than a login', async () => {
    for (const code of ['REGISTRY_TLS', 'MANIFEST_NOT_FOUND'] as const) {
      const { pullSecret } = await check({ plugins: [plugin], registry: { faults: { '*': code } } })
      expect(pullSecret[0]).to.include({ ok: false, code })
    }
    const secrets = storeOf(good)
    const plugins = [plugin, { ...withSecret, plugin: 'velero-y' }]
    const pod = await check({ plugins, secrets, registry: { faults: { '*': 'REGISTRY_TLS' } } })
    expect(pod.pullSecret.map(({ ok }) => ok)).to.deep.equal([false, true])
    const { pullSecret } = await check({ plugins: [plugin], registry: { allowed: [] } })
    expect(pullSecret[0]).to.include({ ok: true })
  })

  it('judges the secret itself even when the registry is out of reach', async () => {
    const { fact } = await collectOne({ secrets: storeOf(good), registry: { faults: { '*': 'REGISTRY_TIMEOUT' } } })
    expect(fact.secrets[0]!.entries[0]!.matches).to.equal(true)
    expect(fact.anonymous).to.equal(undefined)
  })
})
