import { expect } from 'chai'
import { parseReference } from '../../src/oci/reference.ts'
import { closeAll, collect, failureOf, jumpingClock, login, newClient, setup, startAnother } from '../support/registry-client.ts'

const users = { bob: { password: 'p:w' }, eve: { password: 'e', repositories: ['acme/other'] } }
const bob = login('bob', 'p:w')

describe('registry client: basic authentication', () => {
  afterEach(closeAll)
  const auth = { scheme: 'basic', users } as const

  it('sends the login only after it was asked for, and from then on at once', async () => {
    const { client, image, registry, pushed } = await setup({ auth })
    await client.manifest(image, 'v1', bob)
    await client.manifest(image, pushed.digest, bob)
    expect(registry.requests.map(({ headers, status }) => [headers.authorization !== undefined, status])).to.deep.equal([
      [false, 401],
      [true, 200],
      [true, 200],
    ])
  })

  it('never sends a login to a registry that wants none', async () => {
    const { client, image, registry } = await setup()
    await client.manifest(image, 'v1', bob)
    expect(registry.requests.map(({ headers }) => headers.authorization)).to.deep.equal([undefined])
  })

  it('says that a login was rejected, which one, and never the password', async () => {
    const { client, image, registry } = await setup({ auth })
    const error = await failureOf(client.manifest(image, 'v1', login('bob', 'WRONG-password')))
    expect(error.code).to.equal('REGISTRY_UNAUTHORIZED')
    expect(error.message).to.match(/rejected the manifest of .* with the login "bob" of the secret velero\/regcred \(401\)/)
    expect(JSON.stringify([error.message, error.hint])).to.not.contain('WRONG')
    expect(registry.requests.length, 'a rejected login is not sent again').to.equal(2)
    await failureOf(client.manifest(image, 'v1', login('bob', 'WRONG-password')))
    expect(registry.requests.length, 'not where the challenge is known either').to.equal(3)
  })

  it('says that a login may not pull', async () => {
    const { client, image } = await setup({ auth })
    const source = { kind: 'dockerConfig', file: 'config.json', entry: 'x', username: 'eve' } as const
    const error = await failureOf(client.manifest(image, 'v1', login('eve', 'e', { source })))
    expect([error.code, error.message.includes('with the login "eve" of config.json (403)')]).to.deep.equal(['REGISTRY_DENIED', true])
  })

  it('does not give one login what another one was given', async () => {
    const { client, image, pushed } = await setup({ auth })
    await client.manifest(image, pushed.digest, bob)
    for (const as of [undefined, login('bob', 'other')])
      expect((await failureOf(client.manifest(image, pushed.digest, as))).code).to.equal('REGISTRY_UNAUTHORIZED')
  })

  it('asks /v2/ once for the challenge that the answer itself lacks', async () => {
    const { client, image, registry } = await setup({ auth })
    registry.fault('/manifests/', { kind: 'unauthorized' }, 1)
    await client.manifest(image, 'v1', bob)
    expect(registry.requests.map(({ path, status }) => `${path} ${status}`)).to.deep.equal([
      '/v2/acme/plugin/manifests/v1 401',
      '/v2/ 401',
      '/v2/acme/plugin/manifests/v1 200',
    ])
  })
})

describe('registry client: tokens', () => {
  afterEach(closeAll)
  const auth = { scheme: 'bearer', users, anonymous: ['acme/open'] } as const

  it('are fetched for the right to pull this repository, with the login', async () => {
    const { client, image, registry } = await setup({ auth })
    await client.manifest(image, 'v1', bob)
    const [, token, manifest] = registry.requests
    expect(token?.path).to.equal('/token?service=test&scope=repository%3Aacme%2Fplugin%3Apull')
    expect(token?.headers.authorization).to.equal(`Basic ${Buffer.from('bob:p:w').toString('base64')}`)
    expect(manifest?.headers.authorization).to.match(/^Bearer /)
  })

  it('are fetched once for all that is read of a repository, also at the same time', async () => {
    const { client, image, registry, pushed } = await setup({ auth })
    await client.manifest(image, 'v1', bob)
    await Promise.all([
      client.manifest(image, pushed.digest, bob),
      collect(client.blob(image, pushed.layerDescriptor, bob)),
      client.manifest(image, 'v1', bob),
    ])
    expect(registry.requests.filter(({ path }) => path.startsWith('/token'))).to.have.length(1)
    const { client: fresh, image: other, registry: second } = await setup({ auth })
    await Promise.all([1, 2, 3].map(n => fresh.manifest(other, n === 1 ? 'v1' : pushed.digest, bob)))
    expect(second.requests.filter(({ path }) => path.startsWith('/token'))).to.have.length(1)
  })

  it('are fetched without a login where none is given, and suffice for what is open to all', async () => {
    const { client, registry, pushed } = await setup({ auth })
    registry.push('acme/open', 'v1', pushed)
    await client.manifest(parseReference(`${registry.host}/acme/open:v1`), 'v1', undefined)
    expect(registry.requests[1]?.headers.authorization).to.equal(undefined)
  })

  it('that nobody gets without a login end as REGISTRY_UNAUTHORIZED', async () => {
    const { client, image } = await setup({ auth })
    const error = await failureOf(client.manifest(image, 'v1', undefined))
    expect(error.code).to.equal('REGISTRY_UNAUTHORIZED')
    expect(error.message).to.match(/wants a login for a token for the manifest of .*acme\/plugin:v1, and none was given \(401\)/)
  })

  it('that a wrong password does not get end as REGISTRY_UNAUTHORIZED', async () => {
    const { client, image } = await setup({ auth })
    const error = await failureOf(client.manifest(image, 'v1', login('bob', 'WRONG')))
    expect([error.code, /rejected .* with the login "bob"/.test(error.message)]).to.deep.equal(['REGISTRY_UNAUTHORIZED', true])
  })

  it('of one login are never used for another', async () => {
    const { client, image } = await setup({ auth })
    await client.manifest(image, 'v1', bob)
    for (const as of [undefined, login('bob', 'WRONG')])
      expect((await failureOf(client.manifest(image, 'v1', as))).code).to.equal('REGISTRY_UNAUTHORIZED')
  })

  it('that are given but do not suffice end as REGISTRY_DENIED', async () => {
    const { client, image } = await setup({ auth })
    expect((await failureOf(client.manifest(image, 'v1', login('eve', 'e')))).code).to.equal('REGISTRY_DENIED')
  })

  it('are fetched anew when they have ended', async () => {
    const clock = jumpingClock()
    const { client, image, registry } = await setup({ auth }, { clock })
    await client.manifest(image, 'v1', bob)
    await clock.sleep(295_000, undefined)
    await client.manifest(image, 'v1', bob)
    expect(registry.requests.filter(({ path }) => path.startsWith('/token'))).to.have.length(2)
    expect(registry.requests.at(-1)?.status).to.equal(200)
  })

  it('that the registry takes no longer are fetched anew, once', async () => {
    const { client, image, registry } = await setup({ auth })
    await client.manifest(image, 'v1', bob)
    const challenges = [`Bearer realm="${registry.origin}/token",service="test",error="invalid_token"`]
    registry.fault('/manifests/', { kind: 'unauthorized', challenges }, 1)
    await client.manifest(image, 'v1', bob)
    registry.fault('/manifests/', { kind: 'unauthorized', challenges })
    const before = registry.requests.length
    expect((await failureOf(client.manifest(image, 'v1', bob))).code).to.equal('REGISTRY_UNAUTHORIZED')
    expect(registry.requests.slice(before).map(({ path }) => path.split('?')[0])).to.deep.equal([
      '/v2/acme/plugin/manifests/v1',
      '/token',
      '/v2/acme/plugin/manifests/v1',
    ])
  })

  it('are asked for the scope that the registry names, but never for more than to pull', async () => {
    const { client, image, registry } = await setup({ auth })
    const scope = 'repository:mirror/acme/plugin:pull,push,delete registry:catalog:*'
    registry.fault('/manifests/', { kind: 'unauthorized', challenges: [`Bearer realm="${registry.origin}/token",scope="${scope}"`] }, 1)
    await failureOf(client.manifest(image, 'v1', bob))
    expect(registry.requests[1]?.path).to.equal('/token?scope=repository%3Amirror%2Facme%2Fplugin%3Apull')
  })

  it('keep what the realm has in its query, and nothing in a service name adds to it', async () => {
    const realm = '/token?account=x&scope=repository:evil:push'
    const { client, image, registry } = await setup({ auth })
    const challenges = [`Bearer realm="${registry.origin}${realm}",service="a&scope=registry:catalog:*"`]
    registry.fault('/manifests/', { kind: 'unauthorized', challenges }, 1)
    await client.manifest(image, 'v1', bob)
    const { searchParams } = new URL(registry.requests[1]!.path, registry.origin)
    expect([...searchParams]).to.deep.equal([
      ['account', 'x'],
      ['service', 'a&scope=registry:catalog:*'],
      ['scope', 'repository:acme/plugin:pull'],
    ])
  })

  it('for an identity token are fetched with the OAuth2 form', async () => {
    const { client, image, registry } = await setup({ auth: { ...auth, identityTokens: { refresh: 'bob' } } })
    await client.manifest(image, 'v1', login('', '', { identityToken: 'refresh' }))
    expect(registry.requests[1]).to.include({ method: 'POST', path: '/token', status: 200 })
    expect(registry.requests[1]?.headers.authorization).to.equal(undefined)
  })

  it('for an identity token are fetched with the password where the server has no OAuth2', async () => {
    const { client, image, registry } = await setup({ auth })
    registry.fault(/^\/token$/, { kind: 'answer', status: 404 })
    await client.manifest(image, 'v1', login('bob', 'p:w', { identityToken: 'refresh' }))
    expect(registry.requests.slice(1, 3).map(({ method }) => method)).to.deep.equal(['POST', 'GET'])
  })

  for (const [title, body] of [
    ['no JSON', '<html>'],
    ['no token', '{"expires_in":60}'],
    ['a token that would forge a header', '{"token":"x\\r\\nX-Evil: 1"}'],
  ])
    it(`are not taken from an answer that has ${title}`, async () => {
      const { client, image, registry } = await setup({ auth })
      registry.fault('/token', { kind: 'answer', status: 200, body: body! })
      expect((await failureOf(client.manifest(image, 'v1', bob))).code).to.equal('REGISTRY_PROTOCOL')
    })

  it('are read as access_token too', async () => {
    const { client, image, registry } = await setup({ auth })
    registry.fault('/token', { kind: 'answer', status: 200, body: '{"access_token":"abc"}' })
    await failureOf(client.manifest(image, 'v1', bob))
    expect(registry.requests.at(-1)?.headers.authorization).to.equal('Bearer abc')
  })

  it('of more than 64 KiB are refused', async () => {
    const { client, image, registry } = await setup({ auth })
    registry.fault('/token', { kind: 'answer', status: 200, body: JSON.stringify({ token: 'x'.repeat(70_000) }) })
    expect((await failureOf(client.manifest(image, 'v1', bob))).code).to.equal('BODY_TOO_LARGE')
  })
})

describe('registry client: a token server on another host', () => {
  afterEach(closeAll)

  const twoHosts = async (allowRealms: (host: string) => readonly string[] = () => []) => {
    const tokenServer = await startAnother({ auth: { scheme: 'bearer', users } })
    const made = await setup({ auth: { scheme: 'bearer', users, realm: `${tokenServer.origin}/token` } })
    const client = newClient({ clock: made.clock, allowRealms: allowRealms(tokenServer.host) })
    return { ...made, client, tokenServer }
  }

  it('does not get the login', async () => {
    const { client, image, tokenServer, registry } = await twoHosts()
    const error = await failureOf(client.manifest(image, 'v1', bob))
    expect(error.code).to.equal('REGISTRY_REALM')
    expect(error.message).to.contain(`${registry.host} names ${tokenServer.origin}/token as its token server`)
    expect(error.hint).to.contain(`--allow-realm ${tokenServer.host}`)
    expect(tokenServer.requests).to.deep.equal([])
  })

  it('gets it when the user says so', async () => {
    const { client, image, tokenServer } = await twoHosts(host => [host])
    // The token of another server is none here; what counts is who was asked.
    await failureOf(client.manifest(image, 'v1', bob))
    expect(tokenServer.requests[0]?.headers.authorization).to.match(/^Basic /)
  })

  it('is asked without a login for what needs none', async () => {
    const { client, image, tokenServer } = await twoHosts()
    await failureOf(client.manifest(image, 'v1', undefined))
    expect(tokenServer.requests.map(({ headers }) => headers.authorization)).to.deep.equal([undefined])
  })

  it('is not reached by a redirect of the right one either', async () => {
    const stranger = await startAnother()
    const { client, image, registry } = await setup({ auth: { scheme: 'bearer', users } })
    registry.fault('/token', { kind: 'redirect', to: `${stranger.origin}/token` })
    expect((await failureOf(client.manifest(image, 'v1', bob))).code).to.equal('REGISTRY_REALM')
    expect(stranger.requests).to.deep.equal([])
  })
})
