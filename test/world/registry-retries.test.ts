import { expect } from 'chai'
import { parseReference } from '../../src/oci/reference.ts'
import { closeAll, failureOf, jumpingClock, login, newClient, setup } from '../support/registry-client.ts'

describe('registry client: further tries', () => {
  afterEach(closeAll)

  for (const status of [408, 429, 500, 502, 503, 504, 522])
    it(`help against ${status}, after a wait`, async () => {
      const { client, image, registry, clock } = await setup()
      registry.fault('/manifests/', { kind: 'answer', status }, 2)
      await client.manifest(image, 'v1', undefined)
      expect(clock.slept).to.deep.equal([250, 500])
    })

  for (const fault of [{ kind: 'reset' }, { kind: 'cut', afterBytes: 5 }] as const)
    it(`help against a connection that is lost (${fault.kind})`, async () => {
      const { client, image, registry } = await setup()
      registry.fault('/manifests/', fault, 2)
      await client.manifest(image, 'v1', undefined)
      expect(registry.requests).to.have.length(3)
    })

  it('are three at most', async () => {
    const { client, image, registry } = await setup()
    registry.fault('/manifests/', { kind: 'answer', status: 503 })
    await failureOf(client.manifest(image, 'v1', undefined))
    expect(registry.requests).to.have.length(3)
  })

  for (const status of [400, 403, 404, 451, 501, 505])
    it(`are not made after ${status}`, async () => {
      const { client, image, registry } = await setup()
      registry.fault('/manifests/', { kind: 'answer', status, body: '{"errors":[]}' })
      await failureOf(client.manifest(image, 'v1', undefined))
      expect(registry.requests).to.have.length(1)
    })

  it('are not made where the registry never answers: that took long enough', async () => {
    const { client, image, registry } = await setup({}, { headersTimeoutMs: 100 })
    registry.fault('/manifests/', { kind: 'hang' })
    await failureOf(client.manifest(image, 'v1', undefined))
    expect(registry.requests).to.have.length(1)
  })

  it('wait as long as Retry-After says, in seconds or as a date', async () => {
    const { client, image, registry, clock } = await setup()
    registry.fault('/manifests/', { kind: 'answer', status: 503, headers: { 'retry-after': '7' } }, 1)
    await client.manifest(image, 'v1', undefined)
    const date = new Date(clock.now() + 9000).toUTCString()
    registry.fault('/manifests/', { kind: 'answer', status: 429, headers: { 'retry-after': date } }, 1)
    await client.manifest(image, 'v1', undefined)
    expect(clock.slept).to.deep.equal([7000, 9000])
  })

  it('are not made when Retry-After asks for more than is waited for', async () => {
    const { client, image, registry, clock } = await setup()
    registry.fault('/manifests/', { kind: 'answer', status: 503, headers: { 'retry-after': '21' } })
    await failureOf(client.manifest(image, 'v1', undefined))
    expect([registry.requests.length, clock.slept]).to.deep.equal([1, []])
  })

  it('are made of the token server too', async () => {
    const { client, image, registry } = await setup({ auth: { scheme: 'bearer', users: {}, anonymous: ['acme/plugin'] } })
    registry.fault('/token', { kind: 'answer', status: 503 }, 2)
    await client.manifest(image, 'v1', undefined)
  })
})

describe('registry client: a quota that is used up', () => {
  afterEach(closeAll)
  const limited = (retryAfter: string) => ({
    kind: 'answer' as const,
    status: 429,
    headers: { 'retry-after': retryAfter, 'ratelimit-limit': '100;w=21600', 'ratelimit-remaining': '0;w=21600' },
    body: '{"errors":[{"code":"TOOMANYREQUESTS","message":"You have reached your pull rate limit."}]}',
  })

  it('is told with what is left and when to come back', async () => {
    const { client, image, registry } = await setup()
    registry.fault('/manifests/', limited('3600'))
    const error = await failureOf(client.manifest(image, 'v1', undefined))
    expect(error.code).to.equal('REGISTRY_RATE_LIMITED')
    expect(error.message).to.equal(
      `${registry.host} answers no more for now (429) when asked for the manifest of ${registry.host}/acme/plugin:v1 without a login. ` +
        '0 of 100 pulls are left in 6 h. It asks to wait until 2026-11-23T11:00:00Z. ' +
        'It says: "TOOMANYREQUESTS: You have reached your pull rate limit.".',
    )
    expect(error.hint).to.equal('Wait, or give a login: most registries allow more to one.')
  })

  it('keeps the registry from being asked again with that login, but not with another', async () => {
    const { client, image, registry, pushed } = await setup()
    registry.push('acme/other', 'v1', pushed)
    registry.fault('/acme/plugin/', limited('3600'))
    await failureOf(client.manifest(image, 'v1', undefined))
    const other = parseReference(`${registry.host}/acme/other:v1`)
    expect((await failureOf(client.manifest(other, 'v1', undefined))).code).to.equal('REGISTRY_RATE_LIMITED')
    expect(registry.requests).to.have.length(1)
    await client.manifest(other, 'v1', login('bob', 'pw'))
  })

  it('keeps nobody from asking once its time is over', async () => {
    const clock = jumpingClock()
    const { image, registry } = await setup()
    const client = newClient({ clock })
    registry.fault('/manifests/', limited('3600'), 1)
    await failureOf(client.manifest(image, 'v1', undefined))
    await clock.sleep(3_600_000, undefined)
    await client.manifest(image, 'v1', undefined)
  })
})
