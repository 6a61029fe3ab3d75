import { expect } from 'chai'
import { type ClusterOptions, openCluster } from '../../src/world/cluster.ts'
import {
  type ApiServer,
  accountObject,
  deploymentObject,
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
