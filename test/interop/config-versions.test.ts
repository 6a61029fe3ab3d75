// peers: etcd kube-apiserver
// packages: openssl curl
import { expect } from 'chai'
import { command } from '../support/command.ts'
import { type KubeObject, objectsIn, type RealCluster, startApi } from './kubernetes.ts'
import { endAll } from './processes.ts'

const group = 'embeddedcluster.replicated.com'

describe('the versions of the Config on a real API server', () => {
  let cluster: RealCluster
  before(async function () {
    this.timeout(300_000)
    cluster = await startApi(this)
    await cluster.apply(...objectsIn((await command(['crd'])).out))
  })
  after(endAll)

  const path = (version: string, name = '') => `/apis/${group}/${version}/configs${name === '' ? '' : `/${name}`}`
  const plugins = [{ name: 'a', image: 'v/a:1', imagePullPolicy: 'Never', imagePullSecret: 's' }]
  const spec = {
    version: '2.19.4+k8s-1.36',
    domains: { proxyRegistryDomain: 'ec.example.com' },
    extensions: {
      velero: { plugins, pluginsEnabled: false },
      helm: {
        charts: [
          { name: 'c', timeout: '5m' },
          { name: 'd', timeout: 5 },
        ],
      },
      later: { x: [1, null] },
    },
    unsupportedOverrides: { builtInExtensions: [{ name: 'velero', values: 'a: b' }] },
  }
  /** A new kind is served a moment after it was made. */
  const made = async (version: string, name: string, body: object = spec): Promise<KubeObject> => {
    for (let tries = 0; ; tries++) {
      try {
        return await cluster.call('POST', path(version), {
          apiVersion: `${group}/${version}`,
          kind: 'Config',
          metadata: { name },
          spec: body,
        })
      } catch (error) {
        if (tries > 100 || !String(error).includes('404')) throw error
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    }
  }
  const read = (version: string, name: string) => cluster.call('GET', path(version, name))

  for (const [from, to] of [
    ['v1beta1', 'v1'],
    ['v1', 'v1beta1'],
  ] as const) {
    it(`what is made as ${from} is read as ${to} and back, and nothing is lost`, async () => {
      await made(from, `of-${from}`)
      const other = await read(to, `of-${from}`)
      expect([other.apiVersion, other.spec]).to.deep.equal([`${group}/${to}`, spec])
      await cluster.call('PUT', path(to, `of-${from}`), { ...other, spec: { ...spec, version: '2.20.0' } })
      const again = await read(from, `of-${from}`)
      expect([again.apiVersion, again.spec]).to.deep.equal([`${group}/${from}`, { ...spec, version: '2.20.0' }])
    })
  }
  for (const version of ['v1beta1', 'v1'])
    it(`a plugin without an image is refused as ${version}`, async () => {
      const refused = await made(version, 'refused', { extensions: { velero: { plugins: [{ name: 'a' }] } } }).catch((error: unknown) =>
        String(error),
      )
      expect(refused).to.match(/422|Invalid|Required/)
    })
})
