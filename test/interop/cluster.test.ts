// peers: etcd kube-apiserver
// packages: openssl curl
import { expect } from 'chai'
import { command, configText, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { buildIndex, pluginImage } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import {
  auths,
  dockerSecret,
  installationCrd,
  type KubeObject,
  namespace,
  objectsIn,
  type RealCluster,
  serviceAccount,
  startApi,
  veleroDeployment,
} from './kubernetes.ts'
import { endAll } from './processes.ts'

type Rules = KubeObject & { readonly rules: readonly { readonly resources: readonly string[] }[] }

describe('--from-cluster with a real API server', () => {
  let cluster: RealCluster
  let registry: TestRegistry
  let folder: Scratch
  let kubeconfig: string
  let roles: readonly KubeObject[]

  before(async function () {
    this.timeout(300_000)
    cluster = await startApi(this)
    registry = await startRegistry({ auth: { scheme: 'bearer', users: { bob: { password: 'pw-of-bob' } } } })
    registry.push('acme/x', 'v1', buildIndex([pluginImage({ name: 'x' }), pluginImage({ name: 'x', platform: 'linux/arm64' })]))
    await cluster.apply(namespace('velero'), installationCrd)
    const regcred = dockerSecret('velero', 'regcred', auths({ [registry.host]: 'bob:pw-of-bob' }))
    const other = dockerSecret('velero', 'other', auths({ 'quay.io': 'eve:pw' }))
    await cluster.apply(serviceAccount('velero', 'velero-server'), regcred, other, veleroDeployment('velero', 'velero:v1', ['regcred']))
    const plugins = [{ name: 'x', image: `${registry.host}/acme/x:v1` }]
    const spec = { config: { version: '2.19.4+k8s-1.36', extensions: { velero: { plugins } } } }
    await untilKnown(installation('20260301000000', spec))
    await cluster.apply(installation('20260101000000', {}))
    for (const [name, architecture] of [
      ['controller-1', 'amd64'],
      ['worker-1', 'arm64'],
    ] as const) {
      const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name } }
      await cluster.apply(node)
      const made = await cluster.call('GET', `/api/v1/nodes/${name}`)
      const nodeInfo = {
        architecture,
        operatingSystem: 'linux',
        bootID: '',
        containerRuntimeVersion: '',
        kernelVersion: '',
        kubeProxyVersion: '',
        kubeletVersion: '',
        machineID: '',
        osImage: '',
        systemUUID: '',
      }
      await cluster.call('PUT', `/api/v1/nodes/${name}/status`, { ...made, status: { nodeInfo } })
    }
  })
  beforeEach(async () => {
    folder = scratch()
    kubeconfig = folder.file('kubeconfig', cluster.kubeconfigFor('checker-token'))
    roles = objectsIn((await command(['rbac', '--user', 'checker'])).out)
    for (const role of roles) await cluster.remove(role)
  })
  afterEach(() => folder.remove())
  after(async () => {
    await registry?.close()
    await endAll()
  })

  const installation = (name: string, spec: object): KubeObject => ({
    apiVersion: 'embeddedcluster.replicated.com/v1beta1',
    kind: 'Installation',
    metadata: { name },
    spec,
  })
  /** A new kind is served a moment after it was made. */
  const untilKnown = async (object: KubeObject): Promise<void> => {
    for (let tries = 0; ; tries++) {
      try {
        return await cluster.apply(object)
      } catch (error) {
        if (tries > 100) throw error
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    }
  }
  const config = (imagePullSecret = 'regcred') =>
    folder.file('config.yaml', configText({ name: 'x', image: `${registry.host}/acme/x:v1`, imagePullSecret }))
  const run = (...argv: readonly string[]) =>
    report(['run', '--no-bundle', '--no-cache', '--from-cluster', '--kubeconfig', kubeconfig, '--checks', 'image,pullSecret', ...argv])
  type Ran = Awaited<ReturnType<typeof run>>
  const refusals = ({ json }: Ran) => json.fail.flatMap(({ findings }) => findings).filter(({ code }) => code === 'CLUSTER_CALL_FORBIDDEN')
  /** RBAC takes a moment to hear of a role. */
  const settled = async (argv: readonly string[], done: (ran: Ran) => boolean): Promise<Ran> => {
    for (let tries = 0; ; tries++) {
      const ran = await run(...argv)
      if (done(ran) || tries > 50) return ran
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }
  const good = ['cluster -: pass CLUSTER_READ', 'image x: pass IMAGE_RESOLVED', 'pullSecret x: pass PULL_SECRET_OK']

  it('works with the roles that the command rbac prints, and reads all nodes and the Secret', async () => {
    await cluster.apply(...roles)
    const ran = await settled(['--config', config()], ({ code }) => code === 0)
    expect(verdicts(ran.json), ran.err).to.deep.equal(good)
    const messages = ran.json.pass.flatMap(({ findings }) => findings).map(({ message }) => message)
    expect(messages.join('\n')).to.contain("those of the cluster's 2 nodes: linux/amd64 (1), linux/arm64 (1)")
    expect(messages.join('\n')).to.contain('for linux/amd64, linux/arm64')
  })

  it('checks the Config of the current Installation', async () => {
    await cluster.apply(...roles)
    const ran = await settled([], ({ code }) => code === 0)
    expect(verdicts(ran.json)).to.deep.equal([good[0], good[1], 'pullSecret x: pass PULL_SECRET_OF_POD'])
  })

  it('works with the kubeconfig of an administrator, whose certificates lie beside it', async () => {
    kubeconfig = cluster.kubeconfig
    expect(verdicts((await run('--config', config())).json)).to.deep.equal(good)
  })

  it('works as a service account that the roles are bound to', async () => {
    await cluster.apply(namespace('ci'), serviceAccount('ci', 'checks'))
    await cluster.apply(...objectsIn((await command(['rbac', '--serviceaccount', 'ci:checks'])).out))
    const path = '/api/v1/namespaces/ci/serviceaccounts/checks/token'
    const made = await cluster.call('POST', path, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} })
    kubeconfig = folder.file('kubeconfig', cluster.kubeconfigFor((made.status as { token: string }).token))
    const ran = await settled(['--config', config()], ({ code }) => code === 0)
    expect(verdicts(ran.json), ran.out).to.deep.equal(good)
  })

  it('names every call when it may do nothing, and says nothing else of what it could not see', async () => {
    const ran = await run('--config', config())
    expect(refusals(ran).map(({ message }) => /this login to (.*?), so that/.exec(message)?.[1])).to.have.members([
      'list nodes in the cluster as a whole',
      'list installations of the API group embeddedcluster.replicated.com in the cluster as a whole',
      'get deployments of the API group apps (velero) in the namespace velero',
      'get secrets (regcred) in the namespace velero',
    ])
    expect(verdicts(ran.json)).to.include('pullSecret x: fail PULL_SECRET_UNREAD')
    expect(ran.code).to.equal(3)
  })

  for (const [resource, words] of [
    ['nodes', 'list nodes in the cluster as a whole'],
    ['installations', 'list installations of the API group embeddedcluster.replicated.com in the cluster as a whole'],
    ['deployments', 'get deployments of the API group apps (velero) in the namespace velero'],
    ['serviceaccounts', 'get serviceaccounts (velero-server) in the namespace velero'],
    ['secrets', 'get secrets (regcred) in the namespace velero'],
  ] as const)
    it(`names the call to ${words} when the roles lack it, and the role that it prints does`, async () => {
      const without = roles.map(role =>
        'rules' in role ? { ...role, rules: (role as Rules).rules.filter(({ resources }) => !resources.includes(resource)) } : role,
      )
      await cluster.apply(...without)
      const ran = await settled(['--config', config()], one => refusals(one).length === 1)
      expect(refusals(ran)).to.have.length(1)
      expect(refusals(ran)[0]?.message).to.contain(`RBAC does not allow this login to ${words}`)
      const text = refusals(ran)[0]?.evidence?.find(one => one.startsWith('the role that would do:\n')) ?? ''
      const [printed] = objectsIn(text.replace(/^.*\n/, ''))
      const renamed = { ...printed!, metadata: { ...printed!.metadata, name: 'printed' } }
      const binding = roles.find(role => role.kind === `${printed!.kind}Binding`)!
      const bound = {
        ...binding,
        metadata: renamed.metadata,
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: printed!.kind, name: 'printed' },
      }
      await cluster.apply(renamed, bound)
      expect(verdicts((await settled(['--config', config()], ({ code }) => code === 0)).json)).to.deep.equal(good)
      for (const object of [renamed, bound]) await cluster.remove(object)
    })

  it('may be allowed to read no other Secret than those that are named', async () => {
    await cluster.apply(...objectsIn((await command(['rbac', '--user', 'checker', '--secret', 'regcred'])).out))
    expect(verdicts((await settled(['--config', config()], ({ code }) => code === 0)).json)).to.deep.equal(good)
    expect(refusals(await run('--config', config('other')))[0]?.message).to.contain('get secrets (other) in the namespace velero')
  })

  it('gives an API server that stopped no longer than it may take, and finds it again when it goes on', async () => {
    await cluster.apply(...roles)
    expect((await settled(['--config', config()], ({ code }) => code === 0)).code).to.equal(0)
    cluster.freeze(true)
    try {
      const ran = await run('--config', config(), '--request-timeout', '1s')
      expect(ran.json.fail.flatMap(({ findings }) => findings).map(({ code }) => code)).to.include('CLUSTER_CALL_FAILED')
      expect(ran.json.fail[0]?.message).to.contain('did not answer in time')
    } finally {
      cluster.freeze(false)
    }
    expect((await settled(['--config', config()], ({ code }) => code === 0)).code).to.equal(0)
  })

  it('says that a login is unknown, and that an authority is not trusted', async () => {
    kubeconfig = folder.file('kubeconfig', cluster.kubeconfigFor('no-such-token'))
    expect((await run('--config', config())).json.fail[0]?.message).to.contain('does not know the login of the kubeconfig')
    const other = JSON.parse(cluster.kubeconfigFor('checker-token'))
    other.clusters[0].cluster['certificate-authority-data'] = undefined
    kubeconfig = folder.file('kubeconfig', JSON.stringify(other))
    expect((await run('--config', config())).json.fail[0]?.message).to.contain('signed by an authority that the kubeconfig does not name')
  })
})
