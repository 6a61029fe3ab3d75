import { expect } from 'chai'
import { image as imageCollector } from '../../src/collectors/image.ts'
import { sha256 } from '../../src/digest.ts'
import type { Attempt } from '../../src/facts/image.ts'
import { imageAccess } from '../../src/world/image-access.ts'
import type { SecretStore } from '../../src/world/world.ts'
import { buildImage, buildIndex } from '../support/image-builder.ts'
import { pullSecretOf, storeOf } from '../support/pull-secrets.ts'
import type { TestAuth } from '../support/registry.ts'
import { closeAll, newClient, startAnother, startTcp } from '../support/registry-client.ts'

const users = { bob: { password: 'pw' }, eve: { password: 'pw', repositories: ['acme/other'] } }

/** Opens `acme/x:v1` of a registry that speaks HTTP, with a secret of this login. */
const open = async (auth: TestAuth | undefined, login?: string) => {
  const registry = await startAnother(auth === undefined ? {} : { auth })
  registry.push('acme/x', 'v1', buildIndex([buildImage({ layers: [] }), buildImage({ platform: 'linux/arm64', layers: [] })]))
  const secrets: SecretStore | undefined = login === undefined ? undefined : storeOf(pullSecretOf('regcred', { [registry.host]: login }))
  const plugin = { plugin: 'velero-x', image: `${registry.host}/acme/x:v1`, ...(login === undefined ? {} : { imagePullSecret: 'regcred' }) }
  const client = newClient()
  const shared = { registry: client, secrets, dockerConfig: undefined, namespace: 'velero' }
  const world = { ...shared, now: new Date(0), open: imageAccess({ ...shared, podSecrets: [] }) }
  return { registry, world, plugin, access: await world.open(plugin) }
}

const told = (attempts: readonly Attempt[]) => attempts.map(attempt => `${attempt.credential.kind}: ${attempt.ok ? 'ok' : attempt.code}`)

describe('opening images of a registry that speaks HTTP', () => {
  afterEach(closeAll)

  for (const scheme of ['basic', 'bearer'] as const) {
    it(`takes the login of a secret (${scheme})`, async () => {
      const { access } = await open({ scheme, users }, 'bob:pw')
      expect(told(access.attempts)).to.deep.equal(['secret: ok'])
    })

    it(`is refused with a wrong password, and then without a login too (${scheme})`, async () => {
      const { access } = await open({ scheme, users }, 'bob:hunter2')
      expect(told(access.attempts)).to.deep.equal(['secret: REGISTRY_UNAUTHORIZED'])
      expect(told(access.otherAttempts)).to.deep.equal(['anonymous: REGISTRY_UNAUTHORIZED'])
      expect(JSON.stringify(access.attempts)).to.not.contain('hunter2')
    })
  }

  it('sees that anyone may pull what the login of the secret may not', async () => {
    const { access } = await open({ scheme: 'bearer', users, anonymous: ['acme/x'] }, 'bob:wrong')
    expect(told(access.attempts)).to.deep.equal(['secret: REGISTRY_UNAUTHORIZED'])
    expect(told(access.otherAttempts)).to.deep.equal(['anonymous: ok'])
  })

  it('is refused as a user without the right to this repository', async () => {
    const { access } = await open({ scheme: 'bearer', users }, 'eve:pw')
    expect(access.attempts[0]).to.have.property('code').that.is.oneOf(['REGISTRY_DENIED', 'REGISTRY_UNAUTHORIZED'])
  })

  it('needs neither login nor secret where anyone may pull', async () => {
    const { access, registry } = await open(undefined)
    expect(told(access.attempts)).to.deep.equal(['anonymous: ok'])
    expect(access.opened?.served.host).to.equal(registry.host)
  })

  it('lets the collector read each platform of the index', async () => {
    const { world, plugin } = await open({ scheme: 'bearer', users }, 'bob:pw')
    const platforms = ['linux/amd64', 'linux/arm64', 'linux/s390x']
    const context = {
      configs: [],
      plugins: [plugin],
      platforms,
      world,
      keep: sha256,
      signal: new AbortController().signal,
      progress: () => undefined,
    }
    const [fact] = await imageCollector.collect(context)
    expect(fact?.ok && fact.required.map(one => (one.ok ? one.configPlatform : one.code))).to.deep.equal([
      'linux/amd64',
      'linux/arm64',
      'PLATFORM_NOT_FOUND',
    ])
  })

  it('does not try a second login on what is no registry', async () => {
    const host = await startTcp('HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 6\r\n\r\n<html>')
    const secrets = storeOf(pullSecretOf('regcred', { [host]: 'bob:pw' }))
    const access = imageAccess({ registry: newClient(), secrets, dockerConfig: undefined, namespace: 'velero', podSecrets: ['regcred'] })
    const { attempts, otherAttempts } = await access({ plugin: 'velero-x', image: `${host}/acme/x:v1` })
    expect(told(attempts)).to.deep.equal(['secret: REGISTRY_PROTOCOL'])
    expect(otherAttempts).to.deep.equal([])
  })
})
