// peers: etcd kube-apiserver
// packages: openssl curl
import { expect } from 'chai'
import { command, configText, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import {
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

describe('the check upgrade with a real API server', () => {
  let cluster: RealCluster
  let registry: TestRegistry
  let folder: Scratch
  let kubeconfig: string
  let roles: readonly KubeObject[]

  const image = (tag: string) => `${registry.host}/acme/x:${tag}`
  const imageId = () => `${registry.host}/acme/x@${registry.push('acme/x', 'v1.0.0', pluginImage({ name: 'x' }))}`
  const spec = (...plugins: readonly object[]) => ({ config: { version: '2.16.0+k8s-1.34', extensions: { velero: { plugins } } } })
  const installation = (name: string, spec: object): KubeObject => ({
    apiVersion: 'embeddedcluster.replicated.com/v1beta1',
    kind: 'Installation',
    metadata: { name },
    spec,
  })

  before(async function () {
    this.timeout(300_000)
    cluster = await startApi(this)
    registry = await startRegistry()
    registry.push('acme/x', 'v1.0.0', pluginImage({ name: 'x' }))
    registry.push('acme/x', 'v1.1.0', pluginImage({ name: 'x', version: 'v1.1.0' }))
    await cluster.apply(namespace('velero'), installationCrd, serviceAccount('velero', 'velero-server'))
    await untilKnown(installation('20260301000000', spec({ name: 'x', image: image('v1.0.0') })))
    await cluster.apply(installation('20260101000000', spec({ name: 'y', image: image('v1.0.0') })))
    const made = veleroDeployment('velero', 'velero/velero:v1.18.0') as unknown as {
      readonly spec: { readonly template: { readonly spec: { readonly containers: readonly object[] } } }
    }
    const pod = { ...made.spec.template.spec, initContainers: [{ name: 'x', image: image('v1.0.0') }] }
    const deployment = { ...made, spec: { ...made.spec, template: { ...made.spec.template, spec: pod } } } as unknown as KubeObject
    await cluster.apply(deployment)
    await nodeOf('controller-1', [{ names: [imageId(), image('v1.0.0')], sizeBytes: 1000 }])
    // Nothing runs pods here: what a kubelet would have written is written for it.
    const path = '/api/v1/namespaces/velero/pods'
    await cluster.call('POST', path, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'velero-1' },
      spec: { ...pod, nodeName: 'controller-1' },
    })
    const running = await cluster.call('GET', `${path}/velero-1`)
    const state = { waiting: { reason: 'PodInitializing' } }
    const status = { name: 'x', image: image('v1.0.0'), imageID: imageId(), ready: true, restartCount: 0, state, lastState: {} }
    await cluster.call('PUT', `${path}/velero-1/status`, { ...running, status: { phase: 'Running', initContainerStatuses: [status] } })
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
  const nodeOf = async (name: string, images: readonly object[]): Promise<void> => {
    const labels = { 'node-role.kubernetes.io/control-plane': 'true' }
    await cluster.apply({ apiVersion: 'v1', kind: 'Node', metadata: { name, labels } } as KubeObject)
    const made = await cluster.call('GET', `/api/v1/nodes/${name}`)
    const empty = [
      'bootID',
      'containerRuntimeVersion',
      'kernelVersion',
      'kubeProxyVersion',
      'kubeletVersion',
      'machineID',
      'osImage',
      'systemUUID',
    ]
    const nodeInfo = { ...Object.fromEntries(empty.map(key => [key, ''])), architecture: 'amd64', operatingSystem: 'linux' }
    await cluster.call('PUT', `/api/v1/nodes/${name}/status`, { ...made, status: { nodeInfo, images } })
  }
  const config = (tag: string) =>
    folder.file('config.yaml', configText({ name: 'x', image: image(tag) }).replace('spec: {', "spec: {version: '2.19.4+k8s-1.36', "))
  const run = (tag = 'v1.1.0') =>
    report([
      'run',
      '--no-bundle',
      '--no-cache',
      '--from-cluster',
      '--kubeconfig',
      kubeconfig,
      '--checks',
      'upgrade',
      '--config',
      config(tag),
    ])
  type Ran = Awaited<ReturnType<typeof run>>
  const findings = ({ json }: Ran) => [...json.fail, ...json.warn, ...json.pass].flatMap(one => one.findings)
  const refusals = (ran: Ran) => findings(ran).filter(({ code }) => code === 'CLUSTER_CALL_FORBIDDEN')
  /** RBAC takes a moment to hear of a role. */
  const settled = async (done: (ran: Ran) => boolean): Promise<Ran> => {
    for (let tries = 0; ; tries++) {
      const ran = await run()
      if (done(ran) || tries > 50) return ran
      await new Promise(resolve => setTimeout(resolve, 50))
    }
  }

  it('compares with the Installation, the Deployment, its pod and the node, by the roles that the command rbac prints', async () => {
    await cluster.apply(...roles)
    const ran = await settled(one => refusals(one).length === 0)
    expect(verdicts(ran.json), ran.err).to.have.members([
      'cluster -: pass CLUSTER_READ',
      'upgrade -: warn UPGRADE_CONSOLE_DROPS',
      'upgrade x: pass UPGRADE_UPDATED',
    ])
    const messages = findings(ran)
      .map(({ message }) => message)
      .join('\n')
    expect(messages).to.contain('with Velero 1.18.2; 1.18.0 until now').and.to.contain('the node controller-1 has to pull')
  })

  it('compares the bytes that the pod was made of with those of the registry', async () => {
    await cluster.apply(...roles)
    await settled(one => refusals(one).length === 0)
    expect(findings(await run('v1.0.0')).find(({ code }) => code === 'UPGRADE_UNCHANGED')?.message).to.contain(
      'Its pod runs what the registry has',
    )
    registry.push('acme/x', 'v1.0.0', pluginImage({ name: 'x', version: 'v1.0.1' }))
    const retagged = await run('v1.0.0')
    registry.push('acme/x', 'v1.0.0', pluginImage({ name: 'x' }))
    expect(verdicts(retagged.json)).to.include('upgrade x: warn UPGRADE_RETAGGED')
    const evidence = findings(retagged).find(({ code }) => code === 'UPGRADE_RETAGGED')?.evidence ?? []
    expect(evidence.map(line => line.split(' sha256:')[0])).to.deep.equal(['the pod velero-1 runs', 'the node controller-1 has'])
  })

  for (const [resource, words, ofPlugin] of [
    ['installations', 'list installations of the API group embeddedcluster.replicated.com in the cluster as a whole', true],
    ['deployments', 'get deployments of the API group apps (velero) in the namespace velero', true],
    ['pods', 'list pods in the namespace velero', true],
    ['nodes', 'list nodes in the cluster as a whole', false],
  ] as const)
    it(`passes nothing when the roles lack ${resource}, and names the call and the role`, async () => {
      const without = roles.map(role =>
        'rules' in role ? { ...role, rules: (role as Rules).rules.filter(({ resources }) => !resources.includes(resource)) } : role,
      )
      await cluster.apply(...without)
      const ran = await settled(one => refusals(one).length === 1)
      expect(refusals(ran)).to.have.length(1)
      expect(refusals(ran)[0]?.message).to.contain(`RBAC does not allow this login to ${words}`)
      expect(refusals(ran)[0]?.evidence?.join()).to.contain(`resources: [${resource}]`)
      expect(verdicts(ran.json)).to.include('upgrade -: fail UPGRADE_UNREAD')
      expect(verdicts(ran.json).includes('upgrade x: fail UPGRADE_UNREAD')).to.equal(ofPlugin)
      expect(ran.code).to.equal(3)
    })

  it('passes nothing when it may do nothing', async () => {
    const ran = await run()
    expect(verdicts(ran.json).filter(one => one.startsWith('upgrade') && one.includes('pass'))).to.deep.equal([])
    expect(ran.code).to.equal(3)
  })

  it('passes nothing of an API server that stopped', async () => {
    await cluster.apply(...roles)
    await settled(one => refusals(one).length === 0)
    cluster.freeze(true)
    try {
      const argv = ['--from-cluster', '--kubeconfig', kubeconfig, '--checks', 'upgrade', '--config', config('v1.1.0')]
      const { json } = await report(['run', '--no-bundle', '--no-cache', ...argv, '--request-timeout', '1s'])
      expect(verdicts(json)).to.include.members(['upgrade -: fail UPGRADE_UNREAD', 'upgrade x: fail UPGRADE_UNREAD'])
    } finally {
      cluster.freeze(false)
    }
  })
})
