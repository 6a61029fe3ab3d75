import { createServer as createHttps, type Server } from 'node:https'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { systemClock } from '../../src/world/clock.ts'
import { clusterLimits } from '../../src/world/cluster-exchange.ts'
import { connectCluster } from '../../src/world/cluster-login.ts'
import { createClusterRequests } from '../../src/world/cluster-requests.ts'
import { makeCertificate } from '../support/certificate.ts'
import { removeFolders, script, tempFolder } from '../support/temp-folder.ts'

const failure = async (promise: Promise<unknown>): Promise<PreflightError> => {
  const thrown: unknown = await promise.catch(error => error)
  if (thrown instanceof PreflightError) return thrown
  throw new Error(`no PreflightError but ${JSON.stringify(thrown)}`)
}

interface Given {
  readonly user?: object
  readonly cluster?: object
  readonly timeoutMs?: number
  readonly signal?: AbortSignal
}

const connect = ({ user = {}, cluster = {}, timeoutMs = 5000, signal = new AbortController().signal }: Given) =>
  connectCluster({
    context: { name: 'test', cluster: { server: 'https://127.0.0.1:6443', ...cluster }, user: { ...user }, source: 'config' },
    proxy: {},
    env: process.env,
    timeoutMs,
    signal,
  })

const headersOf = async (given: Given) => {
  const { headers, close } = await connect(given)
  await close()
  return headers
}

describe('the login of a kubeconfig', () => {
  let folder: string
  beforeEach(async () => {
    folder = await tempFolder({ token: 'file-token\n' })
  })
  afterEach(removeFolders)

  it('is its token, the one of its file, or its user name and password', async () => {
    expect(await headersOf({ user: { token: 'one' } })).to.deep.equal({ Authorization: 'Bearer one' })
    expect(await headersOf({ user: { token: 'one', tokenFile: join(folder, 'token') } })).to.deep.equal({
      Authorization: 'Bearer file-token',
    })
    const basic = `Basic ${Buffer.from('bob:pw').toString('base64')}`
    expect(await headersOf({ user: { username: 'bob', password: 'pw' } })).to.deep.equal({ Authorization: basic })
    expect(await headersOf({})).to.deep.equal({})
  })

  it('says in whose name to ask', async () => {
    expect(
      await headersOf({
        user: { token: 'one', as: 'eve', 'as-groups': ['g', 'h'], 'as-uid': '7', 'as-user-extra': { 'acme/why': ['x'] } },
      }),
    ).to.deep.equal({
      Authorization: 'Bearer one',
      'Impersonate-User': 'eve',
      'Impersonate-Group': ['g', 'h'],
      'Impersonate-Uid': '7',
      'Impersonate-Extra-acme%2Fwhy': ['x'],
    })
  })

  it('is the token that kubectl got of an identity provider, and of no provider that kubectl has given up', async () => {
    const provider = (name: string) => ({ 'auth-provider': { name, config: { 'id-token': 'oidc-token', 'cmd-path': '/bin/false' } } })
    expect(await headersOf({ user: provider('oidc') })).to.deep.equal({ Authorization: 'Bearer oidc-token' })
    expect((await failure(connect({ user: provider('gcp') }))).code).to.equal('CLUSTER_LOGIN')
  })

  it('is what a program gives that is told of the cluster', async () => {
    await script(
      folder,
      'login',
      `printf '%s' "$KUBERNETES_EXEC_INFO" > ${folder}/info; echo '{"kind":"ExecCredential","status":{"token":"'$1-$OWN'"}}'`,
    )
    const exec = {
      apiVersion: 'client.authentication.k8s.io/v1',
      command: join(folder, 'login'),
      args: ['arg'],
      env: [{ name: 'OWN', value: 'own' }],
      provideClusterInfo: true,
    }
    expect(await headersOf({ user: { exec } })).to.deep.equal({ Authorization: 'Bearer arg-own' })
    const { readFile } = await import('node:fs/promises')
    expect(JSON.parse(await readFile(join(folder, 'info'), 'utf8'))).to.deep.equal({
      apiVersion: 'client.authentication.k8s.io/v1',
      kind: 'ExecCredential',
      spec: { interactive: false, cluster: { server: 'https://127.0.0.1:6443' } },
    })
  })

  for (const [name, body, what] of [
    ['hangs', 'echo planted-token >&2; exec sleep 60', 'did not answer within 0.3 s'],
    ['fails', 'echo planted-token; exit 3', 'ended with exit code 3'],
    ['writes without end', 'yes planted-token', 'wrote more than 1 MiB'],
    ['gives no credential', 'echo planted-token', 'gave no ExecCredential'],
    [
      'gives half a certificate',
      `echo '{"status":{"clientKeyData":"planted-token"}}'`,
      'gave neither a token nor a certificate with its key',
    ],
  ] as const)
    it(`is none when the program ${name}, and nothing that it wrote is shown`, async () => {
      await script(folder, 'login', body)
      const error = await failure(connect({ user: { exec: { command: join(folder, 'login') } }, timeoutMs: 300 }))
      expect(error.code).to.equal('CLUSTER_LOGIN')
      expect(error.message).to.contain(what)
      expect(`${error.message} ${error.cause}`).to.not.contain('planted-token')
    })

  it('is waited for no longer than the run', async () => {
    await script(folder, 'login', 'exec sleep 60')
    const controller = new AbortController()
    setTimeout(() => controller.abort(), 50)
    expect((await failure(connect({ user: { exec: { command: join(folder, 'login') } }, signal: controller.signal }))).code).to.equal(
      'CLUSTER_LOGIN',
    )
  })

  for (const [what, given] of [
    ['a server with a password in it', { cluster: { server: 'https://u:planted-token@127.0.0.1' } }],
    ['no server', { cluster: { server: '' } }],
    ['another protocol', { cluster: { server: 'ftp://127.0.0.1' } }],
    ['an authority that is not there', { cluster: { 'certificate-authority': '/nowhere/ca.crt' } }],
    ['a key that is none', { user: { 'client-certificate-data': 'AAAA', 'client-key-data': 'AAAA' } }],
  ] as const)
    it(`cannot be used with ${what}`, async () => {
      const error = await failure(
        connect(given).then(async made => {
          // A certificate is only looked at when it is needed.
          const signal = new AbortController().signal
          const requests = createClusterRequests({ connection: made, limits: clusterLimits, clock: systemClock, signal })
          return requests.get({ call: 'deployment', namespace: 'velero', name: 'velero' }).finally(() => made.close())
        }),
      )
      expect(error.code, error.message).to.be.oneOf(['KUBECONFIG_INVALID', 'CLUSTER_TLS', 'CLUSTER_UNREACHABLE'])
      expect(error.message).to.not.contain('planted-token')
    })
})

describe("an API server's certificate", () => {
  const { cert, key } = makeCertificate()
  let server: Server
  let url: string
  before(async () => {
    server = createHttps({ cert, key }, (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ metadata: { name: 'velero' } }))
    })
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve)
    })
    url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  })
  after(() => {
    server.closeAllConnections()
    server.close()
  })

  const ask = async (cluster: object) => {
    const connection = await connect({ cluster: { server: url, ...cluster } })
    const requests = createClusterRequests({ connection, limits: clusterLimits, clock: systemClock, signal: new AbortController().signal })
    return requests.get({ call: 'deployment', namespace: 'velero', name: 'velero' }).finally(() => connection.close())
  }
  const ca = { 'certificate-authority-data': Buffer.from(cert).toString('base64') }

  it('is trusted when the kubeconfig names its authority', async () => {
    expect(await ask(ca)).to.not.equal(undefined)
    // As for kubectl, a file beside it does not count.
    expect(await ask({ ...ca, 'certificate-authority': '/nowhere/ca.crt' })).to.not.equal(undefined)
  })

  it('is not trusted without, nor for another name', async () => {
    const error = await failure(ask({}))
    expect(error.code).to.equal('CLUSTER_TLS')
    expect(error.message).to.contain('signed by an authority that the kubeconfig does not name')
    const other = await failure(ask({ ...ca, 'tls-server-name': 'other.example' }))
    expect(other.code).to.equal('CLUSTER_TLS')
    expect(other.message).to.contain('is for another name')
  })

  it('is not looked at when the kubeconfig says so', async () => {
    expect(await ask({ 'insecure-skip-tls-verify': true })).to.not.equal(undefined)
  })
})

describe('the way to an API server', () => {
  /** Takes connections and never says a word. */
  const silent = async (): Promise<{ readonly port: number; close(): void }> => {
    const sockets: Socket[] = []
    const server = createServer(socket => sockets.push(socket))
    await new Promise<void>(resolve => {
      server.listen(0, '127.0.0.1', resolve)
    })
    return {
      port: (server.address() as AddressInfo).port,
      close: () => {
        for (const socket of sockets) socket.destroy()
        server.close()
      },
    }
  }

  it('is given up when TLS does not begin, and closed at once', async () => {
    const server = await silent()
    const connection = await connect({ cluster: { server: `https://127.0.0.1:${server.port}` } })
    const limits = { ...clusterLimits, requestTimeoutMs: 200 }
    const requests = createClusterRequests({ connection, limits, clock: systemClock, signal: new AbortController().signal })
    // One after the other they would wait for the same connection.
    const all = await Promise.all(['a', 'b', 'c'].map(name => failure(requests.get({ call: 'pullSecret', namespace: 'velero', name }))))
    expect(all.map(({ code }) => code)).to.deep.equal(['CLUSTER_TIMEOUT', 'CLUSTER_TIMEOUT', 'CLUSTER_TIMEOUT'])
    await connection.close()
    server.close()
    // undici alone would take ten seconds for each.
  }).timeout(8000)

  for (const [kind, url] of [
    ['HTTP', 'http://127.0.0.1'],
    ['SOCKS', 'socks5://127.0.0.1'],
  ] as const)
    it(`goes through the ${kind} proxy that the kubeconfig names, and never around it`, async () => {
      const proxy = await silent()
      const connection = await connect({ cluster: { server: 'https://127.0.0.1:9', 'proxy-url': `${url}:${proxy.port}` } })
      const limits = { ...clusterLimits, requestTimeoutMs: 200 }
      const requests = createClusterRequests({ connection, limits, clock: systemClock, signal: new AbortController().signal })
      // Around it, the connection would be refused.
      expect((await failure(requests.list({ call: 'nodes' }))).code).to.equal('CLUSTER_TIMEOUT')
      proxy.close()
      await connection.close()
    })
})
