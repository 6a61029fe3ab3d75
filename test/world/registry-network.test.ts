import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { parseReference } from '../../src/oci/reference.ts'
import { makeCertificate } from '../support/certificate.ts'
import { startProxy } from '../support/proxy.ts'
import { closeAll, closeLater, collect, failureOf, login, newClient, setup, startTcp } from '../support/registry-client.ts'

const ask = (host: string, options: Parameters<typeof newClient>[0] = {}) =>
  failureOf(newClient(options).manifest(parseReference(`${host}/acme/plugin:v1`), 'v1', undefined))

describe('registry client: the network', () => {
  afterEach(closeAll)

  it('without a server at that port ends as REGISTRY_UNREACHABLE', async () => {
    const { registry } = await setup()
    await registry.close()
    for (const plainHttpHosts of [[], [registry.host]]) {
      const error = await ask(registry.host, { plainHttpHosts })
      expect(error.code).to.equal('REGISTRY_UNREACHABLE')
      expect(error.message).to.equal(
        `${registry.host} could not be reached for the manifest of ${registry.host}/acme/plugin:v1: the connection was refused.`,
      )
    }
  })

  it('without an address for the name ends as REGISTRY_NAME_UNRESOLVED', async () => {
    const lookup = async () => Promise.reject(Object.assign(new Error('getaddrinfo ENOTFOUND'), { code: 'ENOTFOUND' }))
    const error = await ask('registry.test:5000', { lookup })
    expect([error.code, error.message]).to.deep.equal([
      'REGISTRY_NAME_UNRESOLVED',
      'The name registry.test:5000 has no address here; it was to be asked for the manifest of registry.test:5000/acme/plugin:v1.',
    ])
    expect((await ask('registry.test', { lookup: async () => [] })).code).to.equal('REGISTRY_NAME_UNRESOLVED')
  })

  it('with a name that is none ends as REGISTRY_NAME_UNRESOLVED', async () => {
    const client = newClient()
    const image = { ...parseReference('a.b/c:v1'), host: '' }
    expect((await failureOf(client.manifest(image, 'v1', undefined))).code).to.equal('REGISTRY_NAME_UNRESOLVED')
  })

  it('where nobody finishes the handshake ends as REGISTRY_TIMEOUT', async () => {
    const host = (await startTcp()).replace('127.0.0.1', 'registry.test')
    expect((await ask(host, { lookup: async () => ['127.0.0.1'], connectTimeoutMs: 100 })).code).to.equal('REGISTRY_TIMEOUT')
  })

  it('where something answers that is not HTTP ends as REGISTRY_PROTOCOL', async () => {
    const host = await startTcp('SSH-2.0-OpenSSH_9.2\r\n')
    expect((await ask(host, { plainHttpHosts: [host] })).code).to.equal('REGISTRY_PROTOCOL')
  })

  it('with headers that never end ends as REGISTRY_PROTOCOL', async () => {
    const host = await startTcp(`HTTP/1.1 200 OK\r\n${'X-Filler: abcdefghij\r\n'.repeat(5000)}\r\n`)
    expect((await ask(host, { plainHttpHosts: [host] })).code).to.equal('REGISTRY_PROTOCOL')
  })

  it('has addresses that are never contacted, whatever the name', async () => {
    for (const address of ['169.254.169.254', 'fe80::1', 'fd00:ec2::254', '::ffff:169.254.1.1']) {
      const error = await ask('registry.test', { lookup: async () => ['192.0.2.1', address] })
      expect([error.code, error.message.includes('link-local or metadata address')], address).to.deep.equal(['REGISTRY_UNREACHABLE', true])
    }
    expect((await ask('169.254.169.254')).message).to.contain('link-local or metadata address')
  })

  it('is not left to a redirect to a name that leads to the metadata service', async () => {
    const { registry, image } = await setup()
    registry.fault('/manifests/', { kind: 'redirect', to: 'http://innocent.test/' })
    const client = newClient({ lookup: async name => [name === 'innocent.test' ? '169.254.169.254' : '127.0.0.1'] })
    const error = await failureOf(client.manifest(image, 'v1', undefined))
    expect([error.code, error.message.includes('innocent.test')]).to.deep.equal(['REGISTRY_REDIRECT', true])
  })

  it('is given up with the reason of the signal, whatever is under way', async () => {
    const { registry, image, pushed } = await setup()
    const timedOut = new PreflightError('TIMED_OUT', 'The run took longer than 5 minutes.')
    const controller = new AbortController()
    const client = newClient({ signal: controller.signal })
    registry.fault('/manifests/', { kind: 'hang' })
    registry.fault('/blobs/', { kind: 'stall', afterBytes: 5 })
    const asking = [
      failureOf(client.manifest(image, 'v1', undefined)),
      failureOf(collect(client.blob(image, pushed.layerDescriptor, undefined))),
    ]
    setTimeout(() => controller.abort(timedOut), 50)
    expect((await Promise.all(asking)).map(({ code }) => code)).to.deep.equal(['TIMED_OUT', 'TIMED_OUT'])
    expect((await failureOf(client.manifest(image, 'v1', undefined))).code).to.equal('TIMED_OUT')
  })

  it('is given up as INTERRUPTED when the signal has no reason of ours', async () => {
    const { image } = await setup()
    expect((await failureOf(newClient({ signal: AbortSignal.abort() }).manifest(image, 'v1', undefined))).code).to.equal('INTERRUPTED')
  })
})

describe('registry client: proxies', () => {
  afterEach(closeAll)
  const through = async (options: { readonly refuse?: number; readonly tls?: boolean } = {}) => {
    const proxy = await startProxy(options)
    closeLater(proxy)
    const tls = makeCertificate({ names: ['registry.test'] })
    const made = await setup(options.tls ? { tls } : {})
    const host = made.registry.host.replace('127.0.0.1', 'registry.test')
    const client = newClient({
      proxy: { httpProxy: proxy.url, httpsProxy: proxy.url.replace('//', '//user:p%40ss@') },
      plainHttpHosts: options.tls ? [] : [host],
      caPems: [tls.cert],
      lookup: async () => expect.fail('names are for the proxy to resolve'),
    })
    return { ...made, proxy, client, host, image: parseReference(`${host}/acme/plugin:v1`) }
  }

  it('are used for TLS, by tunnel and with their login', async () => {
    const { client, image, host, proxy, pushed } = await through({ tls: true })
    expect((await client.manifest(image, 'v1', undefined)).digest).to.equal(pushed.digest)
    expect(proxy.requests).to.deep.equal([`CONNECT ${host}`])
    expect(proxy.logins).to.deep.equal([`Basic ${btoa('user:p@ss')}`])
  })

  it('are used for plain HTTP', async () => {
    const { client, image, host, proxy } = await through()
    await client.manifest(image, 'v1', login('bob', 'pw'))
    expect(proxy.requests).to.deep.equal([`GET http://${host}/v2/acme/plugin/manifests/v1`])
  })

  it('lead to registries that may not redirect to names of this machine', async () => {
    const { host, proxy, image, registry } = await through()
    registry.fault('/manifests/', { kind: 'redirect', to: `http://inner.test:${host.split(':')[1]}/` })
    const lookup = async () => ['127.0.0.1']
    const client = newClient({ proxy: { httpProxy: proxy.url, noProxy: 'inner.test' }, plainHttpHosts: [host], lookup })
    const error = await failureOf(client.manifest(image, 'v1', undefined))
    expect([error.code, error.message.includes('this machine itself'), registry.requests.length]).to.deep.equal([
      'REGISTRY_REDIRECT',
      true,
      1,
    ])
  })

  it('may be written with a path, which means nothing', async () => {
    const { host, proxy, registry } = await through()
    const client = newClient({ proxy: { httpProxy: `${proxy.url}/path?x` }, plainHttpHosts: [host] })
    await client.manifest(parseReference(`${host}/acme/plugin:v1`), 'v1', undefined)
    expect([proxy.requests.length, registry.requests.length]).to.deep.equal([1, 1])
  })

  it('are not used for loopback', async () => {
    const { registry, proxy } = await through()
    await newClient({ proxy: { httpProxy: proxy.url, httpsProxy: proxy.url } }).manifest(
      parseReference(`${registry.host}/acme/plugin:v1`),
      'v1',
      undefined,
    )
    expect(proxy.requests).to.deep.equal([])
  })

  it('that refuse are named, without their login', async () => {
    const { client, image, proxy } = await through({ tls: true, refuse: 407 })
    const error = await failureOf(client.manifest(image, 'v1', undefined))
    expect(error.code).to.equal('REGISTRY_UNREACHABLE')
    expect(error.message)
      .to.contain(`through the proxy ${new URL(proxy.url).host}`)
      .and.to.match(/407/)
      .and.to.not.match(/p@ss|p%40ss/)
  })

  for (const [address, says] of [
    ['socks5://127.0.0.1:1', /socks5:\/\/ that is not supported/],
    ['http://', /the proxy http has no address here/],
    ['//x', /is not an address/],
    ['proxy.invalid:3128', /the proxy proxy\.invalid:3128 has no address here/],
    ['127.0.0.1:1', /the proxy 127\.0\.0\.1:1 refused the connection/],
  ] as const)
    it(`are not passed by when ${address} cannot be used`, async () => {
      const error = await ask('registry.test', { proxy: { httpsProxy: address }, lookup: async () => [] })
      expect(error.code).to.equal('REGISTRY_UNREACHABLE')
      expect(error.message).to.match(says)
    })
})
