import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { parseReference } from '../../src/oci/reference.ts'
import { makeCertificate } from '../support/certificate.ts'
import { asked, hostsFrom, mirrorThenUpstream, setupMirror } from '../support/mirrors.ts'
import { closeAll, closeLater, collect, failureOf, login, newClient, smallImage, startAnother } from '../support/registry-client.ts'

const manifests = '/v2/acme/plugin/manifests'
const ns = '?ns=registry.test'

describe('registry client: mirrors', () => {
  afterEach(closeAll)

  it('are asked in the place of the registry, and told for which one', async () => {
    const { mirror, upstream, client, image, pushed } = await setupMirror(mirrorThenUpstream)
    mirror.push('acme/plugin', 'v1', pushed)
    const served = await client.manifest(image, 'v1', undefined)
    expect([served.digest, served.host, served.passedOver]).to.deep.equal([pushed.digest, mirror.host, undefined])
    expect(asked({ mirror, upstream })).to.deep.equal([`mirror GET ${manifests}/v1${ns}`])
  })

  it('are asked in the order of the file, and not after one has answered', async () => {
    const third = await startAnother({ name: 'third.test' })
    const { mirror, upstream, client, image, pushed } = await setupMirror(hosts => `${mirrorThenUpstream(hosts)}[host."${third.origin}"]\n`)
    for (const one of [third, upstream]) one.push('acme/plugin', 'v1', pushed)
    const served = await client.manifest(image, 'v1', undefined)
    expect([served.host, served.passedOver?.map(({ host, status }) => `${host} ${status}`)]).to.deep.equal([
      third.host,
      [`${mirror.host} 404`],
    ])
    expect(upstream.requests).to.deep.equal([])
  })

  for (const [title, fault] of [
    ['an error of the server', { kind: 'answer', status: 500 }],
    ['too many requests', { kind: 'answer', status: 429, headers: { 'retry-after': '5' } }],
    ['a login that it wants', { kind: 'unauthorized', challenges: ['Basic realm="x"'] }],
    ['a page that says 403', { kind: 'html', status: 403 }],
    ['a closed connection', { kind: 'reset' }],
  ] as const)
    it(`are left for the next after ${title}, without another try`, async () => {
      const { mirror, upstream, client, clock, image, pushed } = await setupMirror(mirrorThenUpstream)
      upstream.push('acme/plugin', 'v1', pushed)
      mirror.fault('/manifests/v1', fault)
      const served = await client.manifest(image, 'v1', undefined)
      expect([served.host, served.passedOver?.[0]?.host, clock.slept]).to.deep.equal([upstream.host, mirror.host, []])
      expect(mirror.requests.filter(({ path }) => path.startsWith(`${manifests}/v1`)).length).to.equal(1)
    })

  it('are left for the next when nothing answers there', async () => {
    const { mirror, upstream, client, image, pushed } = await setupMirror(mirrorThenUpstream)
    upstream.push('acme/plugin', 'v1', pushed)
    await mirror.close()
    const served = await client.manifest(image, 'v1', undefined)
    expect([served.host, served.passedOver?.[0]?.status, served.passedOver?.[0]?.message]).to.deep.equal([
      upstream.host,
      undefined,
      `${mirror.host} could not be reached for the manifest of registry.test/acme/plugin:v1: the connection was refused.`,
    ])
  })

  it('leave further tries to the last host', async () => {
    const { upstream, client, image, pushed } = await setupMirror(mirrorThenUpstream)
    upstream.push('acme/plugin', 'v1', pushed)
    upstream.fault('/manifests/v1', { kind: 'answer', status: 503 }, 2)
    expect((await client.manifest(image, 'v1', undefined)).host).to.equal(upstream.host)
    expect(upstream.requests.filter(({ path }) => path.includes('/v1?')).map(({ status }) => status)).to.deep.equal([503, 503, 200])
  })

  it('without a name fail, and the next is asked', async () => {
    const { upstream, client, image, pushed } = await setupMirror(({ upstream }) => `server = "${upstream}"\n[host."https://"]\n`)
    upstream.push('acme/plugin', 'v1', pushed)
    const served = await client.manifest(image, 'v1', undefined)
    expect([served.host, served.passedOver?.length]).to.deep.equal([upstream.host, 1])
  })

  it('that all fail are all named in the error, which is that of the last', async () => {
    const { mirror, upstream, client, image } = await setupMirror(mirrorThenUpstream)
    mirror.fault('/manifests/', { kind: 'answer', status: 502 })
    const error = await failureOf(client.manifest(image, 'v1', undefined))
    expect(error.code).to.equal('MANIFEST_NOT_FOUND')
    expect(error.message)
      .to.match(new RegExp(`^${upstream.host} has no repository`))
      .and.to.contain(`Before it, a node asks without success: ${mirror.host} (it answered with status 502).`)
  })

  it('that answer with other bytes than a digest says end the pull: the next is not asked', async () => {
    const { mirror, upstream, client, image, pushed } = await setupMirror(mirrorThenUpstream)
    for (const one of [mirror, upstream]) one.push('acme/plugin', 'v1', pushed)
    mirror.fault('/manifests/', { kind: 'corrupt' })
    expect((await failureOf(client.manifest(image, pushed.digest, undefined))).code).to.equal('DIGEST_MISMATCH')
    expect(upstream.requests).to.deep.equal([])
  })

  it('that may not resolve are not asked what a tag points at, but for what it points at', async () => {
    const toml = (hosts: { mirror: string; upstream: string }) => `${mirrorThenUpstream(hosts)}  capabilities = ["pull"]\n`
    const { mirror, upstream, client, image, pushed } = await setupMirror(toml)
    for (const one of [mirror, upstream]) one.push('acme/plugin', 'v1', pushed)
    const served = await client.manifest(image, 'v1', undefined)
    expect([served.host, served.fetchedFrom]).to.deep.equal([upstream.host, mirror.host])
    await collect(client.blob(image, pushed.layerDescriptor, undefined))
    expect(asked({ mirror, upstream })).to.deep.equal([
      `mirror GET ${manifests}/${pushed.digest}${ns}`,
      `mirror GET /v2/acme/plugin/blobs/${pushed.layerDescriptor.digest}${ns}`,
      `upstream GET ${manifests}/v1${ns}`,
    ])
  })

  it('have their API where override_path says, also for the question whether they are a registry', async () => {
    const toml = ({ mirror }: { mirror: string }) => `server = "${mirror}/cache/v2/hub"\noverride_path = true\n`
    const { mirror, client, image } = await setupMirror(toml)
    mirror.fault('/cache/', { kind: 'html', status: 404 })
    expect((await failureOf(client.manifest(image, 'v1', undefined))).code).to.equal('REGISTRY_PROTOCOL')
    expect(asked({ mirror })).to.deep.equal([`mirror GET /cache/v2/hub/acme/plugin/manifests/v1${ns}`, 'mirror GET /cache/v2/hub/'])
  })

  it('get a blob from the next host where the first lacks it', async () => {
    const { mirror, upstream, client, image, pushed } = await setupMirror(mirrorThenUpstream)
    mirror.putManifest('acme/plugin', 'v1', pushed.manifest.mediaType, pushed.manifest.bytes)
    upstream.push('acme/plugin', 'v1', pushed)
    expect(await collect(client.blob(image, pushed.layerDescriptor, undefined))).to.deep.equal(pushed.layer)
    expect(mirror.requests.length).to.equal(1)
  })

  it('that lose the connection in the middle of a blob are asked for the rest themselves', async () => {
    const { mirror, upstream, client, image, pushed } = await setupMirror(mirrorThenUpstream)
    for (const one of [mirror, upstream]) one.push('acme/plugin', 'v1', pushed)
    mirror.fault('/blobs/', { kind: 'cut', afterBytes: 100 }, 1)
    expect(await collect(client.blob(image, pushed.layerDescriptor, undefined))).to.deep.equal(pushed.layer)
    expect([mirror.requests.length, upstream.requests.length]).to.deep.equal([2, 0])
  })

  it('say what hangs on an image', async () => {
    const { mirror, upstream, client, image, pushed } = await setupMirror(mirrorThenUpstream)
    mirror.push('acme/plugin', 'v1', pushed)
    expect(await client.referrers(image, pushed.digest, undefined)).to.deep.equal({ descriptors: [] })
    expect([asked({ mirror }), upstream.requests.length]).to.deep.equal([[`mirror GET /v2/acme/plugin/referrers/${pushed.digest}${ns}`], 0])
  })

  describe('beside the registry itself', () => {
    const setupOwn = async () => {
      const mirror = await startAnother({ name: 'mirror.test' })
      const registry = await startAnother({ name: 'registry.test' })
      const files = {
        [`${registry.host.replace(/:(\d+)/, '_$1_')}/hosts.toml`]: `server = "${registry.origin}"\n[host."${mirror.origin}"]\n`,
      }
      const client = newClient({ lookup: async () => ['127.0.0.1'], hostsOf: hostsFrom(files) })
      return { mirror, registry, client, image: parseReference(`${registry.host}/acme/plugin:v1`), pushed: smallImage() }
    }
    it('leave it to say what the tag points at there, by HEAD alone', async () => {
      const { mirror, registry, client, image, pushed } = await setupOwn()
      registry.push('acme/plugin', 'v1', pushed)
      expect(await client.upstreamDigest?.(image, 'v1', undefined)).to.equal(pushed.digest)
      expect(asked({ mirror, registry })).to.deep.equal([`registry HEAD ${manifests}/v1`])
    })
    it('make no error of it when it does not say so', async () => {
      const { registry, client, image } = await setupOwn()
      expect(await client.upstreamDigest?.(image, 'v1', undefined)).to.equal(undefined)
      await registry.close()
      expect(await client.upstreamDigest?.(image, 'v2', undefined)).to.equal(undefined)
    })
    it('leave nothing to compare where it is asked first', async () => {
      const registry = await startAnother()
      const client = newClient({ hostsOf: hostsFrom({}) })
      expect(await client.upstreamDigest?.(parseReference(`${registry.host}/acme/plugin:v1`), 'v1', undefined)).to.equal(undefined)
      expect(registry.requests).to.deep.equal([])
    })
  })

  it('of other registries are not asked', async () => {
    const { mirror, upstream, client, pushed } = await setupMirror(mirrorThenUpstream)
    const other = await startAnother()
    other.push('acme/plugin', 'v1', pushed)
    expect((await client.manifest(parseReference(`${other.host}/acme/plugin:v1`), 'v1', undefined)).host).to.equal(other.host)
    expect(asked({ mirror, upstream, other })).to.deep.equal([`other GET ${manifests}/v1`])
  })
})

describe('registry client: logins and headers at mirrors', () => {
  afterEach(closeAll)
  const auth = { scheme: 'bearer', users: { bob: { password: 'pw' } } } as const

  it('are those of kubelet at every host, as containerd sends them', async () => {
    const { mirror, client, image, pushed } = await setupMirror(mirrorThenUpstream, { mirror: { auth } })
    mirror.push('acme/plugin', 'v1', pushed)
    expect((await client.manifest(image, 'v1', login('bob', 'pw'))).host).to.equal(mirror.host)
  })

  for (const kind of ['dockerConfig', 'license'] as const)
    it(`are those of the user (${kind}) at the registry itself alone`, async () => {
      const { mirror, upstream, client, image, pushed } = await setupMirror(mirrorThenUpstream, { mirror: { auth } })
      upstream.push('acme/plugin', 'v1', pushed)
      const as = login('bob', 'pw', { source: { kind, file: 'config.json', entry: 'registry.test', username: 'bob' } })
      expect((await client.manifest(image, 'v1', as)).host).to.equal(upstream.host)
      expect(JSON.stringify([mirror.requests, upstream.requests])).to.not.contain(btoa('bob:pw'))
    })

  it('are the node’s own only for who has none', async () => {
    const registry = await startAnother({ name: 'registry.test', auth })
    const pushed = smallImage()
    registry.push('acme/plugin', 'v1', pushed)
    const hostsOf = (name: string) => {
      const found = hostsFrom({ [`${name.replace(/:(\d+)/, '_$1_')}/hosts.toml`]: `server = "http://${name}"` })(name)
      return found.ok ? { ...found, hosts: found.hosts.map(host => ({ ...host, login: { username: 'bob', password: 'pw' } })) } : found
    }
    const client = newClient({ lookup: async () => ['127.0.0.1'], hostsOf })
    const image = parseReference(`${registry.host}/acme/plugin:v1`)
    const served = await client.manifest(image, 'v1', undefined)
    expect(served.login).to.include({ kind: 'node', entry: registry.host, username: 'bob' })
    const error = await failureOf(client.manifest(image, 'v1', login('eve', 'wrong')))
    expect([error.code, error.message.includes('"eve"')]).to.deep.equal(['REGISTRY_UNAUTHORIZED', true])
  })

  it('go with every request and to the token server, and not where a redirect leads', async () => {
    const store = await startAnother({ name: 'store.test' })
    const toml = (hosts: { mirror: string; upstream: string }) =>
      `${mirrorThenUpstream(hosts)}  [host."${hosts.mirror}".header]\n    X-Secret = ["one", "two"]\n`
    const { mirror, client, image, pushed } = await setupMirror(toml, { mirror: { auth: { ...auth, anonymous: ['acme/plugin'] } } })
    mirror.push('acme/plugin', 'v1', pushed)
    mirror.fault('/blobs/', { kind: 'redirect', to: `${store.origin}/v2/acme/plugin/blobs/${pushed.layerDescriptor.digest}` })
    store.push('acme/plugin', 'v1', pushed)
    await client.manifest(image, 'v1', undefined)
    await collect(client.blob(image, pushed.layerDescriptor, undefined))
    expect(mirror.requests.some(({ path }) => path.startsWith('/token'))).to.equal(true)
    expect(new Set(mirror.requests.map(({ headers }) => headers['x-secret']))).to.deep.equal(new Set(['one, two']))
    expect(store.requests.map(({ headers }) => headers['x-secret'])).to.deep.equal([undefined])
  })

  it('that are no headers make the host fail, and show nothing of what they hold', async () => {
    const toml = (hosts: { mirror: string; upstream: string }) =>
      `${mirrorThenUpstream(hosts)}  [host."${hosts.mirror}".header]\n    X-Secret = "hunter2\\nX: y"\n`
    const { upstream, client, image, pushed } = await setupMirror(toml)
    upstream.push('acme/plugin', 'v1', pushed)
    const served = await client.manifest(image, 'v1', undefined)
    expect([served.host, served.passedOver?.length]).to.deep.equal([upstream.host, 1])
    expect(JSON.stringify(served.passedOver)).to.not.contain('hunter2')
  })

  it('are not sent to a token server on a foreign host, be they only headers', async () => {
    const elsewhere = await startAnother({ name: 'elsewhere.invalid' })
    const toml = ({ mirror }: { mirror: string }) => `server = "${mirror}"\n[header]\n  X-Secret = "hunter2"\n`
    const { mirror, client, image } = await setupMirror(toml)
    mirror.fault('/manifests/', { kind: 'unauthorized', challenges: [`Bearer realm="${elsewhere.origin}/token"`] })
    expect((await failureOf(client.manifest(image, 'v1', undefined))).code).to.equal('REGISTRY_REALM')
    expect(elsewhere.requests).to.deep.equal([])
  })
})

describe('registry client: TLS of mirrors', () => {
  afterEach(closeAll)
  const ca = makeCertificate({ ca: true, commonName: 'Mirror CA', names: [] })
  const tls = makeCertificate({ issuer: ca, names: ['mirror.test'] })

  it('trusts a mirror’s authority at that mirror, and nowhere else', async () => {
    const other = makeCertificate({ issuer: ca, names: ['upstream.test'] })
    const { mirror, upstream, client, image, pushed } = await setupMirror(hosts => `${mirrorThenUpstream(hosts)}  ca = "ca.crt"\n`, {
      mirror: { tls },
      upstream: { tls: other },
      files: { 'registry.test/ca.crt': ca.cert },
    })
    mirror.push('acme/plugin', 'v1', pushed)
    upstream.push('acme/plugin', 'v2', pushed)
    expect((await client.manifest(image, 'v1', undefined)).host).to.equal(mirror.host)
    expect((await failureOf(client.manifest(image, 'v2', undefined))).code).to.equal('REGISTRY_TLS')
  })

  it('leaves the certificate of a mirror unchecked where skip_verify says so, and nowhere else', async () => {
    const foreign = makeCertificate({ names: ['foreign.test'] })
    const { mirror, upstream, client, image, pushed } = await setupMirror(hosts => `${mirrorThenUpstream(hosts)}  skip_verify = true\n`, {
      mirror: { tls: foreign },
      upstream: { tls: foreign },
    })
    mirror.push('acme/plugin', 'v1', pushed)
    expect((await client.manifest(image, 'v1', undefined)).host).to.equal(mirror.host)
    expect((await failureOf(client.manifest(image, 'v2', undefined))).message).to.match(new RegExp(`^The certificate of ${upstream.host}`))
    expect(client.route?.(image)?.hosts.map(({ unverified }) => unverified)).to.deep.equal([true, false])
  })

  it('shows a client certificate to the mirror that it is for', async () => {
    const shown = makeCertificate({ issuer: ca, names: ['node'] })
    const { manifest } = smallImage()
    const server = createServer({ ...tls, ca: ca.cert, requestCert: true, rejectUnauthorized: true }, (_, response) => {
      response.writeHead(200, { 'content-type': manifest.mediaType }).end(manifest.bytes)
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    closeLater({
      close: () =>
        new Promise(resolve => {
          server.close(() => resolve())
          server.closeAllConnections()
        }),
    })
    const origin = `https://mirror.test:${(server.address() as AddressInfo).port}`
    const files = { 'registry.test/ca.crt': ca.cert, 'registry.test/c.cert': shown.cert, 'registry.test/c.key': shown.key }
    for (const [client, ends] of [
      ['client = [["c.cert", "c.key"]]', 'served'],
      ['', 'not'],
    ] as const) {
      const { client: one, image } = await setupMirror(() => `server = "${origin}"\nca = "ca.crt"\n${client}\n`, { files })
      const answer = await one.manifest(image, 'v1', undefined).then(
        () => 'served',
        () => 'not',
      )
      expect(answer).to.equal(ends)
    }
  })

  it('is tried first at a host written http:// with a TLS setting, and left out for good where there is none', async () => {
    const { mirror, client, image, pushed } = await setupMirror(({ mirror }) => `server = "${mirror}"\nskip_verify = true\n`)
    mirror.push('acme/plugin', 'v1', pushed)
    expect((await client.manifest(image, 'v1', undefined)).digest).to.equal(pushed.digest)
    await client.manifest(image, pushed.digest, undefined)
    expect(mirror.requests.length).to.equal(2)
  })

  it('is kept at such a host where it is spoken', async () => {
    const { mirror, client, image, pushed } = await setupMirror(
      ({ mirror }) => `server = "${mirror.replace('https', 'http')}"\nca = "ca.crt"\n`,
      { mirror: { tls }, files: { 'registry.test/ca.crt': ca.cert } },
    )
    mirror.push('acme/plugin', 'v1', pushed)
    expect((await client.manifest(image, 'v1', undefined)).host).to.equal(mirror.host)
    expect((await failureOf(client.manifest(image, 'v2', undefined))).code).to.equal('MANIFEST_NOT_FOUND')
  })

  it('is not tried where a host is written http:// without one', async () => {
    const { mirror, client, image } = await setupMirror(({ mirror }) => `server = "${mirror.replace('https', 'http')}"\n`, {
      mirror: { tls },
    })
    await failureOf(client.manifest(image, 'v1', undefined))
    expect(mirror.requests).to.deep.equal([])
  })
})

describe('registry client: settings of a node that cannot work', () => {
  afterEach(closeAll)
  const ask = (toml: string) => {
    const client = newClient({ hostsOf: hostsFrom({ 'registry.test/hosts.toml': toml }), lookup: async () => ['127.0.0.1'] })
    return failureOf(client.manifest(parseReference('registry.test/acme/plugin:v1'), 'v1', undefined))
  }

  it('end as NODE_HOSTS_REFUSED where containerd refuses them', async () => {
    const error = await ask('ca = "missing.crt"\n')
    expect([error.code, error.message.includes('missing.crt')]).to.deep.equal(['NODE_HOSTS_REFUSED', true])
  })

  it('end as NODE_HOSTS_REFUSED where no host may resolve a tag', async () => {
    const toml = '[host."https://a.test"]\n  capabilities = ["push"]\n'
    const hostsOf = hostsFrom({ 'registry.test/hosts.toml': `server = "https://a.test"\n${toml}` })
    const found = hostsOf('registry.test')
    const only = () => (found.ok ? { ...found, hosts: found.hosts.slice(0, 1) } : found)
    const client = newClient({ hostsOf: only })
    const error = await failureOf(client.manifest(parseReference('registry.test/acme/plugin:v1'), 'v1', undefined))
    expect([error.code, /no host that .*hosts\.toml names/.test(error.message)]).to.deep.equal(['NODE_HOSTS_REFUSED', true])
  })

  it('end as NODE_HOSTS_UNREAD where only root may read them', async () => {
    const hostsOf = () => ({
      ...({ registry: 'registry.test', source: { kind: 'none' }, problems: [] } as const),
      ...({ ok: false, refused: false, file: '/etc/k0s/containerd.toml', message: 'It may not be read.', hint: 'Run as root.' } as const),
    })
    const error = await failureOf(newClient({ hostsOf }).manifest(parseReference('registry.test/acme/plugin:v1'), 'v1', undefined))
    expect([error.code, error.hint]).to.deep.equal(['NODE_HOSTS_UNREAD', 'Run as root.'])
  })

  for (const [title, toml, code] of [
    ['a scheme that nobody speaks', 'server = "httpx://a.test"\n', 'REGISTRY_NAME_UNRESOLVED'],
    ['a dial_timeout below zero', 'server = "https://a.test"\ndial_timeout = "-1s"\n', 'REGISTRY_TIMEOUT'],
  ] as const)
    it(`end as ${code} with ${title}`, async () => {
      expect((await ask(toml)).code).to.equal(code)
    })
})
