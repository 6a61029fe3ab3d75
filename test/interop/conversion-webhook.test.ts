// peers: etcd kube-apiserver
// packages: openssl curl
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { type Certificate, makeCertificate } from '../support/certificate.ts'
import { command } from '../support/command.ts'
import { type KubeObject, objectsIn, type RealCluster, startApi } from './kubernetes.ts'
import { endAll, type Started, start, temporaryFolder } from './processes.ts'

const group = 'embeddedcluster.replicated.com'
const crdPath = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/configs.${group}`

describe('the conversion webhook on a real API server', () => {
  let cluster: RealCluster
  let folder: string
  let webhook: Started
  let port = '0'
  const authority = makeCertificate({ ca: true, commonName: 'authority' })
  const file = (name: string) => join(folder, name)
  const writePair = ({ cert, key }: Certificate) => {
    writeFileSync(file('tls.crt'), cert)
    writeFileSync(file('tls.key'), key)
  }
  const up = async () => {
    const flags = ['--tls-cert-file', file('tls.crt'), '--tls-private-key-file', file('tls.key'), '--bind-address', '127.0.0.1', '--debug']
    const argv = ['bin/velero-plugin-preflight.js', 'conversion-webhook', ...flags, '--secure-port', port]
    webhook = await start(process.execPath, argv, /serving on 127\.0\.0\.1:(\d+)/, { graceMs: 10_000 })
    port = webhook.ready[1]!
  }
  const crd = async (ca = authority.cert): Promise<KubeObject> => {
    writeFileSync(file('ca.crt'), ca)
    const { out } = await command([
      'crd',
      '--conversion',
      'webhook',
      '--webhook-url',
      `https://127.0.0.1:${port}`,
      '--ca-bundle',
      file('ca.crt'),
    ])
    return objectsIn(out)[0]!
  }
  before(async function () {
    this.timeout(300_000)
    cluster = await startApi(this)
    folder = temporaryFolder('webhook')
    writePair(makeCertificate({ issuer: authority }))
    await up()
    await cluster.apply(await crd())
    await until(() => list('v1'))
  })
  after(endAll)

  const path = (version: string, name = '') => `/apis/${group}/${version}/configs${name === '' ? '' : `/${name}`}`
  const read = (version: string, name: string, query = '') => cluster.call('GET', `${path(version, name)}${query}`)
  const list = (version: string, query = '') => cluster.call('GET', `${path(version)}${query}`)
  const config = (version: string, name: string, spec: object = {}): KubeObject => ({
    apiVersion: `${group}/${version}`,
    kind: 'Config',
    metadata: { name },
    spec,
  })
  const make = (version: string, name: string, spec?: object, query = '') =>
    cluster.call('POST', `${path(version)}${query}`, config(version, name, spec))
  const replace = (version: string, object: KubeObject, query = '') =>
    cluster.call('PUT', `${path(version, object.metadata.name)}${query}`, object)
  /** What a client is told. */
  const refusal = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'no refusal',
      (error: unknown) => String(error),
    )
  /** The versions that it was written in, as far as its managed fields still tell. */
  const writers = ({ metadata }: KubeObject) =>
    (metadata as { managedFields?: readonly { apiVersion: string }[] }).managedFields?.map(({ apiVersion }) => apiVersion)
  /** A changed definition is in force a moment later. */
  const until = async <Value>(call: () => Promise<Value>): Promise<Value> => {
    for (let tries = 0; ; tries++) {
      try {
        return await call()
      } catch (error) {
        if (tries > 200) throw error
        await wait(50)
      }
    }
  }

  const spec = {
    version: '2.19.4+k8s-1.36',
    extensions: {
      velero: { plugins: [{ name: 'a', image: 'v/ä:1', imagePullPolicy: 'Never', imagePullSecret: 's' }], pluginsEnabled: false },
      later: { x: [1, 1.5, 9007199254740991, null, { apiVersion: 'v1' }] },
    },
    unsupportedOverrides: { builtInExtensions: [{ name: 'velero', values: 'a: "b"\n' }] },
  }

  describe('up', () => {
    for (const [from, to] of [
      ['v1beta1', 'v1'],
      ['v1', 'v1beta1'],
    ] as const)
      it(`what is made as ${from} is read as ${to} and back, with its metadata, and nothing is lost`, async () => {
        const name = `of-${from}`
        const made = await make(from, name, spec)
        const labelled = {
          ...made,
          metadata: { ...made.metadata, labels: { a: 'b' }, annotations: { c: 'd' }, finalizers: ['e.example/f'] },
        }
        const own = await replace(from, labelled)
        const other = await read(to, name)
        expect(other).to.deep.equal({ ...own, apiVersion: `${group}/${to}` })
        const changed = await replace(to, {
          ...other,
          metadata: { ...other.metadata, ...{ finalizers: [] } },
          spec: { ...spec, version: '2.20.0' },
        })
        const { metadata, ...again } = await read(from, name)
        expect(again).to.deep.equal({ apiVersion: `${group}/${from}`, kind: 'Config', spec: { ...spec, version: '2.20.0' } })
        expect(metadata).to.deep.include({ uid: (made.metadata as { uid?: string }).uid, labels: { a: 'b' }, annotations: { c: 'd' } })
        expect(metadata).to.deep.equal(changed.metadata)
        expect(webhook.log()).to.match(/converted \d+ objects? to "embeddedcluster\.replicated\.com\/v1"/)
      })

    it('a list is of the version that it was asked for', async () => {
      for (let index = 0; index < 20; index++) await make('v1beta1', `listed-${index}`, { version: String(index) })
      const { items } = (await list('v1', '?limit=500')) as unknown as { items: KubeObject[] }
      expect(items.filter(({ metadata }) => metadata.name.startsWith('listed-')).length).to.equal(20)
      expect([...new Set(items.map(({ apiVersion }) => apiVersion))]).to.deep.equal([`${group}/v1`])
    })

    it('slow, but within the time of the call, the client waits and gets its object', async () => {
      webhook.signal('SIGSTOP')
      const reading = read('v1', 'of-v1beta1', '?timeout=20s')
      await wait(1500)
      webhook.signal('SIGCONT')
      expect(await reading).to.have.property('apiVersion', `${group}/v1`)
    })
  })

  describe('slower than the call may take', () => {
    before(() => webhook.signal('SIGSTOP'))
    after(() => webhook.signal('SIGCONT'))

    it('a read ends with a timeout', async () => {
      expect(await refusal(read('v1', 'of-v1beta1', '?timeout=2s'))).to.match(/: 504 .*did not complete within the allotted timeout/)
    })
    it('a write ends with a timeout, or without an answer', async () => {
      expect(await refusal(make('v1', 'slow-v1', {}, '?timeout=2s'))).to.match(/: 504 |STREAM_ERROR/)
    })
    it('what was never written in the other version is read and written in that of the store all the while', async () => {
      const own = await read('v1beta1', 'listed-0', '?timeout=2s')
      await replace('v1beta1', { ...own, spec: { version: 'slow' } }, '?timeout=2s')
      expect((await read('v1beta1', 'listed-0', '?timeout=2s')).spec).to.deep.equal({ version: 'slow' })
    })
    it('what was once written in the other version is read in that of the store, and not written: its managed fields are converted', async () => {
      const own = await read('v1beta1', 'of-v1beta1', '?timeout=2s')
      expect(writers(own)).to.include(`${group}/v1`)
      const told = await refusal(replace('v1beta1', { ...own, spec: { version: 'slow' } }, '?timeout=2s'))
      expect(told).to.match(/: 504 |STREAM_ERROR/)
    })
    it('the API server itself gives up after 30 seconds, 10 for a new connection, and says so to who has the time', async () => {
      const told = await refusal(read('v1', 'of-v1beta1', '?timeout=50s'))
      expect(told).to.match(
        /: 500 .*conversion webhook for .* failed: .*convert\?timeout=30s.*(?:TLS handshake timeout|deadline exceeded|Client\.Timeout)/,
      )
    })
    it('and fast again, it converts what was written meanwhile', async () => {
      webhook.signal('SIGCONT')
      expect(await until(() => read('v1', 'listed-0'))).to.have.deep.property('spec', { version: 'slow' })
      expect(await until(() => read('v1', 'of-v1beta1'))).to.have.deep.property('spec', { ...spec, version: '2.20.0' })
    })
  })

  describe('down', () => {
    before(async () => {
      await list('v1')
      await webhook.close()
    })
    const refused = /: 500 .*conversion webhook for .* failed: .*connection refused/

    it('a list comes from the cache of the API server, as long as nothing is written', async () => {
      const { items } = (await list('v1')) as unknown as { items: KubeObject[] }
      expect([...new Set(items.map(({ apiVersion }) => apiVersion))]).to.deep.equal([`${group}/v1`])
    })
    it('what is stored is made, read, changed and removed in the version of the store', async () => {
      const made = await make('v1beta1', 'down-v1beta1', { version: '1' })
      await replace('v1beta1', { ...made, spec: { version: '2' } })
      await replace('v1beta1', { ...(await read('v1beta1', 'of-v1beta1')), spec: { version: 'down' } })
      await make('v1beta1', 'down-gone')
      await cluster.call('DELETE', path('v1beta1', 'down-gone'))
      expect((await read('v1beta1', 'down-v1beta1')).spec).to.deep.equal({ version: '2' })
    })
    for (const [what, call] of [
      ['a read', () => read('v1', 'of-v1beta1')],
      ['a list, once something was written,', () => list('v1')],
      ['a write', () => make('v1', 'down-v1', {})],
      ['a removal', () => cluster.call('DELETE', path('v1', 'listed-1'))],
    ] as const)
      it(`${what} fails and says why`, async () => {
        expect(await refusal(call())).to.match(refused)
      })
    it('of what was refused nothing was done', async () => {
      expect(await refusal(read('v1beta1', 'down-v1'))).to.contain(': 404 ')
      await read('v1beta1', 'listed-1')
    })
    it('and back again, it converts what was made meanwhile, in reads and in lists', async () => {
      await up()
      expect(await until(() => read('v1', 'down-v1beta1'))).to.have.deep.property('spec', { version: '2' })
      expect(await read('v1', 'of-v1beta1')).to.have.deep.property('spec', { version: 'down' })
      const names = await until(async () => {
        const { items } = (await list('v1')) as unknown as { items: KubeObject[] }
        const found = items.map(({ metadata }) => metadata.name)
        if (!found.includes('down-v1beta1')) throw new Error(found.join())
        return found
      })
      expect(names).to.not.include('down-gone')
    })
  })

  describe('up again', () => {
    it('a renewed certificate is served without a restart', async () => {
      writePair(makeCertificate({ issuer: authority }))
      for (let tries = 0; tries < 200 && !webhook.log().includes('certificate re-read'); tries++) await wait(100)
      expect(webhook.log()).to.contain('certificate re-read')
      expect(await read('v1', 'of-v1')).to.have.property('apiVersion', `${group}/v1`)
    })
    it('an authority that did not sign its certificate is named to the client', async () => {
      const present = await cluster.call('GET', crdPath)
      const other = await crd(makeCertificate({ ca: true, commonName: 'other' }).cert)
      await cluster.call('PUT', crdPath, { ...present, spec: other.spec })
      const told = await until(async () => {
        const text = await refusal(read('v1', 'of-v1beta1'))
        if (text === 'no refusal') throw new Error('not yet')
        return text
      })
      expect(told).to.match(/: 500 .*x509: certificate signed by unknown authority/)
      for (let tries = 0; tries < 50 && !webhook.log().includes('bad certificate'); tries++) await wait(100)
      expect(webhook.log()).to.match(/a connection of .* was given up: .*bad certificate/)
    })
    it('without a webhook again, the API server converts by itself', async () => {
      const present = await cluster.call('GET', crdPath)
      const [none] = objectsIn((await command(['crd'])).out)
      await cluster.call('PUT', crdPath, { ...present, spec: none!.spec })
      await webhook.close()
      expect(await until(() => read('v1', 'of-v1beta1'))).to.have.property('apiVersion', `${group}/v1`)
    })
  })
})
