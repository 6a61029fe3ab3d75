import { expect } from 'chai'
import { type ClusterOptions, openCluster } from '../../src/world/cluster.ts'
import {
  type ApiServer,
  accountObject,
  deploymentObject,
  installationObject,
  kubeconfigOf,
  nodeObject,
  secretObject,
  startApiServer,
} from '../support/api-server.ts'
import { pullSecretOf, storeOf } from '../support/pull-secrets.ts'
import { removeFolders, tempFolder } from '../support/temp-folder.ts'

const secrets = 'api/v1/namespaces/velero/secrets'

describe('a cluster', () => {
  let server: ApiServer
  beforeEach(async () => {
    server = await startApiServer()
    server.put({
      'api/v1/nodes': [nodeObject('a')],
      'apis/apps/v1/namespaces/velero/deployments': [deploymentObject(['regcred'])],
      'api/v1/namespaces/velero/serviceaccounts': [accountObject(['of-account'])],
      [secrets]: [secretObject('regcred', 'r.io', 'bob:pw')],
    })
  })
  afterEach(async () => {
    await server.close()
    await removeFolders()
  })

  const open = async (more: Partial<ClusterOptions> = {}, user?: object) => {
    const folder = await tempFolder({ config: kubeconfigOf(server, user) })
    return openCluster({
      kubeconfigs: [`${folder}/config`],
      required: true,
      context: undefined,
      inCluster: undefined,
      namespace: 'velero',
      wantsNodes: true,
      wantsConfig: false,
      proxy: {},
      env: {},
      signal: new AbortController().signal,
      ...more,
    })
  }

  it('tells what it holds, and each call in an order that does not change', async () => {
    server.fault('apis/embedded', { kind: 'slow', delayMs: 50 })
    const cluster = await open()
    await cluster.secrets(['regcred', 'absent'], undefined)
    expect(cluster.fact()).to.deep.include({
      context: 'test',
      server: server.url,
      unverified: false,
      nodes: [{ name: 'a', platform: 'linux/amd64', ready: true }],
      deployment: { serviceAccount: 'velero-server', imagePullSecrets: ['regcred'], initContainers: [] },
      serviceAccountPullSecrets: ['of-account'],
      secretsFromFiles: [],
    })
    expect(cluster.fact().calls.map(({ call, name = '', ok }) => `${call} ${name} ${ok}`)).to.deep.equal([
      'nodes  true',
      'installations  true',
      'deployment velero true',
      'serviceAccount velero-server true',
      'pullSecret absent true',
      'pullSecret regcred true',
    ])
    await cluster.close()
  })

  it('asks for pods, and keeps the images of nodes, where what runs is compared', async () => {
    const pod = { metadata: { name: 'velero-1' }, spec: { containers: [{ name: 'velero' }] } }
    const images = [{ names: ['r.io/a:v1'], sizeBytes: 7 }]
    const node = nodeObject('a')
    server.put({ 'api/v1/namespaces/velero/pods': [pod], 'api/v1/nodes': [{ ...node, status: { ...node.status, images } }] })
    const cluster = await open({ wantsRunning: true })
    const { pods, nodes, calls } = cluster.fact()
    expect(pods).to.deep.equal([{ name: 'velero-1', node: '', initContainers: [] }])
    expect(nodes?.[0]?.images).to.deep.equal(images)
    expect(calls.map(({ call }) => call)).to.include('pods')
    await cluster.close()
  })

  it('gives the installed Config to compare with as a fact, and why it could not be had as one too', async () => {
    const spec = (name: string) => ({ config: { extensions: { velero: { plugins: [{ name, image: 'r.io/x:v1' }] } } } })
    const path = 'apis/embeddedcluster.replicated.com/v1beta1/installations'
    const installed = async () => {
      const cluster = await open()
      await cluster.close()
      return cluster.installed()
    }
    expect(await installed()).to.include({ ok: false, code: 'CONFIG_NOT_FOUND', from: 'the cluster test' })
    server.put({ [path]: [installationObject('1', spec('old')), installationObject('2', spec('new'))] })
    const found = await installed()
    expect(found.ok && [found.installation, found.config.plugins[0]?.plugin, found.earlier]).to.deep.equal([
      '2',
      'new',
      { installation: '1', plugins: [{ name: 'old', image: 'r.io/x:v1' }] },
    ])
    server.put({ [path]: [installationObject('3', { config: { version: [] } })] })
    expect(await installed()).to.include({ ok: false, code: 'CONFIG_INVALID' })
    server.forbid(path)
    expect(await installed()).to.include({ ok: false, code: 'CLUSTER_FORBIDDEN' })
  })

  it('gives Secrets of both places, a file before its own, and says which it could not read', async () => {
    server.put({ [secrets]: [secretObject('regcred', 'r.io', 'bob:pw'), secretObject('other', 'r.io', 'bob:pw')] })
    server.forbid(`${secrets}/hidden`)
    const cluster = await open()
    const store = await cluster.secrets(['regcred', 'other', 'hidden', 'absent'], storeOf(pullSecretOf('regcred', { 'r.io': 'file:pw' })))
    expect(store.find('velero', 'regcred')?.from).to.equal('secrets.yaml:1')
    expect(store.find('velero', 'other')?.from).to.equal('the cluster test')
    expect(store.sources).to.deep.equal(['secrets.yaml', 'the cluster test'])
    expect(store.unread?.('velero', 'hidden')?.code).to.equal('CLUSTER_FORBIDDEN')
    for (const name of ['regcred', 'other', 'absent']) expect(store.unread?.('velero', name), name).to.equal(undefined)
    expect(cluster.fact().secretsFromFiles).to.deep.equal(['velero/regcred'])
    await cluster.close()
  })

  it('is asked nothing when the login could not be had, and every call says so', async () => {
    const cluster = await open({}, { exec: { command: '/nowhere/login' } })
    await cluster.secrets(['regcred'], undefined)
    expect(cluster.fact().calls.map(call => (call.ok ? 'ok' : call.code))).to.deep.equal(Array(4).fill('CLUSTER_LOGIN'))
    expect(server.asked).to.deep.equal([])
    await cluster.close()
  })
})
