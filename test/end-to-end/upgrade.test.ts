import { expect } from 'chai'
import { type ApiServer, accountObject, installationObject, kubeconfigOf, nodeObject, startApiServer } from '../support/api-server.ts'
import { command, configText, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { type BuiltImage, buildIndex, pluginImage } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

const accounts = 'api/v1/namespaces/velero/serviceaccounts'
const deployments = 'apis/apps/v1/namespaces/velero/deployments'
const pods = 'api/v1/namespaces/velero/pods'
const installations = 'apis/embeddedcluster.replicated.com/v1beta1/installations'

interface Container {
  readonly name: string
  readonly image: string
  readonly imageID?: string
}

const deploymentOf = (initContainers: readonly Container[], velero = 'velero/velero:v1.18.0') => ({
  metadata: { name: 'velero', namespace: 'velero' },
  spec: {
    template: { spec: { serviceAccountName: 'velero-server', initContainers, containers: [{ name: 'velero', image: velero }] } },
  },
})
const podOf = (initContainers: readonly Container[]) => ({
  metadata: { name: 'velero-7', namespace: 'velero' },
  spec: { nodeName: 'a', initContainers, containers: [{ name: 'velero' }] },
  status: { phase: 'Running', initContainerStatuses: initContainers },
})

describe('the check upgrade', () => {
  let registry: TestRegistry
  let server: ApiServer
  let folder: Scratch
  let kubeconfig: string
  const built: Record<string, BuiltImage> = {}
  before(async () => {
    registry = await startRegistry()
    for (const version of ['v1.0.0', 'v1.1.0']) {
      built[version] = buildIndex([pluginImage({ name: 'a', version }), pluginImage({ name: 'a', version, platform: 'linux/arm64' })])
      registry.push('acme/a', version, built[version])
    }
    registry.push('acme/gone', 'v1.0.0', pluginImage({ name: 'gone' }))
  })
  after(() => registry.close())
  beforeEach(async () => {
    server = await startApiServer()
    folder = scratch()
    kubeconfig = folder.file('kubeconfig', kubeconfigOf(server))
    const node = nodeObject('a')
    const images = [{ names: [`${registry.host}/acme/a@${digestOf('v1.0.0')}`, image('a', 'v1.0.0')], sizeBytes: 1000 }]
    server.put({
      'api/v1/nodes': [{ ...node, status: { ...node.status, images } }],
      [accounts]: [accountObject()],
      [installations]: [
        installationObject('20260101', spec(['z', 'v1.0.0'])),
        installationObject('20260301', spec(['a', 'v1.0.0'], ['gone', 'v1.0.0'])),
      ],
    })
    runs({ name: 'a', image: image('a', 'v1.0.0'), imageID: `${registry.host}/acme/a@${digestOf('v1.0.0')}` })
  })
  afterEach(async () => {
    folder.remove()
    await server.close()
  })

  const digestOf = (version: string) => built[version]!.manifest.digest
  const image = (name: string, tag: string) => `${registry.host}/acme/${name}:${tag}`
  const spec = (...plugins: readonly (readonly [name: string, tag: string])[]) => ({
    config: {
      version: '2.16.0+k8s-1.34',
      extensions: { velero: { plugins: plugins.map(([name, tag]) => ({ name, image: image(name, tag) })) } },
    },
  })
  const runs = (...containers: readonly Container[]) =>
    server.put({ [deployments]: [deploymentOf(containers)], [pods]: [podOf(containers)] })
  const config = (tag = 'v1.1.0', name = 'config.yaml') =>
    folder.file(name, configText({ name: 'a', image: image('a', tag) }).replace('spec: {', "spec: {version: '2.19.4+k8s-1.36', "))
  const fromCluster = () => ['--from-cluster', '--kubeconfig', kubeconfig]
  const run = (...argv: readonly string[]) => report(['run', '--no-bundle', '--no-cache', ...argv])
  type Ran = Awaited<ReturnType<typeof run>>
  const findings = ({ json }: Ran) =>
    [...json.fail, ...json.warn, ...json.pass].flatMap(one => (one.check === 'upgrade' ? one.findings : []))
  const messageOf = (ran: Ran, code: string) => findings(ran).find(found => found.code === code)?.message ?? ''
  const codesOf = (ran: Ran) => findings(ran).map(({ code }) => code)

  it('compares the new Config with the Installation, the Deployment, its pod and the node', async () => {
    const ran = await run('pre-upgrade', ...fromCluster(), '--config', config())
    expect(verdicts(ran.json), ran.err).to.have.members([
      'cluster -: pass CLUSTER_READ',
      'config -: pass CONFIG_SCHEMA',
      'config a: pass PLUGIN_OK',
      'upgrade a: pass UPGRADE_UPDATED',
      'upgrade gone: warn UPGRADE_REMOVED',
      'upgrade -: warn UPGRADE_CONSOLE_DROPS',
      'image a: pass IMAGE_RESOLVED',
      'pullSecret a: pass PULL_SECRET_NOT_NEEDED',
      'binaries a: pass BINARIES_OK',
      'signature a: warn SIGNATURE_NONE',
    ])
    expect(ran.code).to.equal(4)
    expect(messageOf(ran, 'UPGRADE_VELERO')).to.contain('with Velero 1.18.2; 1.18.0 until now')
    expect(messageOf(ran, 'UPGRADE_PULL_TIME')).to.match(/^the node a has to pull \d+\.\d MB/)
    expect(server.asked).to.include.members([`${pods}?limit=100`, `${deployments}/velero`])
    expect(messageOf(ran, 'UPGRADE_COMPARED')).to.contain('the cluster test, Installation 20260301')
  })

  it('says that nothing changes when the Config is that of the cluster', async () => {
    const gone = { name: 'gone', image: image('gone', 'v1.0.0') }
    runs({ name: 'a', image: image('a', 'v1.0.0'), imageID: `${registry.host}/acme/a@${digestOf('v1.0.0')}` }, gone)
    const ran = await run(...fromCluster(), '--checks', 'upgrade')
    expect(verdicts(ran.json)).to.include.members(['upgrade a: pass UPGRADE_UNCHANGED', 'upgrade gone: warn UPGRADE_RUNNING_UNKNOWN'])
  })

  it('finds a tag that was given to other bytes, by the digest that the pod was made of', async () => {
    registry.push('acme/moving', 'v1', built['v1.0.0']!)
    registry.push('acme/moving', 'v1', built['v1.1.0']!)
    const plugin = { name: 'a', image: image('moving', 'v1') }
    server.put({ [installations]: [] })
    const file = folder.file('c.yaml', configText(plugin))
    const [of, now] = [digestOf('v1.0.0'), digestOf('v1.1.0')]
    for (const [imageID, expected] of [
      [`${registry.host}/acme/moving@${of}`, 'upgrade a: warn UPGRADE_RETAGGED'],
      [`${registry.host}/acme/moving@${now}`, 'upgrade a: pass UPGRADE_UNCHANGED'],
    ] as const) {
      runs({ ...plugin, imageID })
      expect(verdicts((await run(...fromCluster(), '--config', file, '--checks', 'upgrade')).json)).to.include(expected)
    }
  })

  it('takes an index for the one that runs when the image of the platform is the same', async () => {
    const [amd, arm] = [pluginImage({ name: 'a' }), pluginImage({ name: 'a', platform: 'linux/arm64' })]
    const [then, now] = [buildIndex([amd]), buildIndex([amd, arm])]
    registry.push('acme/index', 'v1', then)
    registry.push('acme/index', 'v1', now)
    const plugin = { name: 'a', image: image('index', 'v1') }
    server.put({ [installations]: [] })
    runs({ ...plugin, imageID: `${registry.host}/acme/index@${then.manifest.digest}` })
    const file = folder.file('c.yaml', configText(plugin))
    const { json } = await run(...fromCluster(), '--config', file, '--checks', 'upgrade')
    expect(verdicts(json)).to.include('upgrade a: pass UPGRADE_UNCHANGED')
  })

  it('holds the framework of a plugin against the Velero that comes, and the layers that the node lacks against the time', async () => {
    registry.push('acme/a', 'v2.0.0', pluginImage({ name: 'a', framework: 'v1.19.0', elf: { sizeBytes: 2_000_000 } }))
    const ran = await run(...fromCluster(), '--config', config('v2.0.0'), '--checks', 'upgrade', '--pull-rate', '1KB')
    expect(codesOf(ran)).to.include.members(['UPGRADE_FRAMEWORK_NEWER'])
    const older = await run(...fromCluster(), '--config', config('v2.0.0'), '--checks', 'upgrade', '--velero-version', '1.19.1')
    expect(codesOf(older)).to.not.include('UPGRADE_FRAMEWORK_NEWER')
  })

  for (const [path, call] of [
    [installations, 'list installations'],
    [deployments, 'get deployments'],
    [pods, 'list pods'],
    ['api/v1/nodes', 'list nodes'],
  ] as const)
    it(`passes nothing when RBAC does not allow to ${call}, and says so`, async () => {
      server.forbid(path)
      const ran = await run(...fromCluster(), '--config', config(), '--checks', 'upgrade')
      expect(verdicts(ran.json)).to.include.members(['cluster -: fail CLUSTER_CALL_FORBIDDEN', 'upgrade -: fail UPGRADE_UNREAD'])
      expect(verdicts(ran.json).includes('upgrade a: fail UPGRADE_UNREAD')).to.equal(call !== 'list nodes')
      expect(messageOf(ran, 'UPGRADE_UNREAD')).to.contain(`RBAC does not allow to ${call}`)
      expect(ran.code).to.equal(3)
    })

  it('passes nothing when the API server cannot be reached', async () => {
    await server.close()
    const ran = await run(...fromCluster(), '--config', config(), '--checks', 'upgrade')
    expect(verdicts(ran.json)).to.include.members(['upgrade -: fail UPGRADE_UNREAD', 'upgrade a: fail UPGRADE_UNREAD'])
    server = await startApiServer()
  })

  it('does not ask for pods where nothing is compared', async () => {
    await run(...fromCluster(), '--config', config(), '--checks', 'image')
    expect(server.asked.filter(path => path.startsWith(pods))).to.deep.equal([])
  })

  it('compares files alone, and is no clean pass then', async () => {
    const old = folder.file('i.json', JSON.stringify([installationObject('20260301', spec(['a', 'v1.1.0'], ['b', 'v1']))]))
    const ran = await run('--config', config('v1.0.0'), '--installed', old, '--checks', 'upgrade')
    expect(verdicts(ran.json), ran.err).to.have.members([
      'upgrade -: warn UPGRADE_NO_CLUSTER',
      'upgrade a: warn UPGRADE_DOWNGRADED',
      'upgrade b: warn UPGRADE_REMOVED',
    ])
    expect(ran.code).to.equal(4)
  })

  it('makes the check whenever --installed is given, and takes the file before the cluster', async () => {
    const old = config('v1.1.0', 'old.yaml')
    const ran = await run('--config', config('v1.1.0'), '--installed', old, ...fromCluster(), '--checks', 'config')
    expect(messageOf(ran, 'UPGRADE_COMPARED')).to.contain(`the installed Config (${old}) and what runs`)
    expect(codesOf(ran)).to.include('UPGRADE_RUNS_OTHER')
  })

  it('says what goes when the new Config has no plugin, and nothing when there was none', async () => {
    const empty = folder.file('empty.yaml', configText())
    const ran = await run('pre-upgrade', ...fromCluster(), '--config', empty)
    expect(verdicts(ran.json)).to.include.members(['config -: pass NO_PLUGINS', 'upgrade a: warn UPGRADE_REMOVED'])
    expect(ran.code).to.equal(4)
    server.put({ [installations]: [installationObject('20260301', spec())] })
    runs()
    const none = await run('pre-upgrade', ...fromCluster(), '--config', empty)
    expect(verdicts(none.json)).to.have.members(['config -: pass NO_PLUGINS', 'upgrade -: pass UPGRADE_NO_PLUGINS'])
    expect(none.code).to.equal(0)
  })

  it('lists a plugin whose image cannot be opened as not checked where the check image fails for it', async () => {
    const both = await run(...fromCluster(), '--config', config('v9'), '--checks', 'image,upgrade')
    expect(verdicts(both.json)).to.include.members(['image a: fail IMAGE_NOT_FOUND', 'upgrade a: not checked'])
    const alone = await run(...fromCluster(), '--config', config('v9'), '--checks', 'upgrade')
    expect(verdicts(alone.json)).to.include('upgrade a: fail UPGRADE_IMAGE_UNREAD')
  })

  it('says the same of the bundle, without the cluster and the registry', async () => {
    const bundle = `${folder.path}/bundle.tar.gz`
    const collected = await command(['collect', 'pre-upgrade', '--no-cache', ...fromCluster(), '--config', config(), '--output', bundle])
    expect(collected.code, collected.err).to.equal(0)
    const live = await run('pre-upgrade', ...fromCluster(), '--config', config())
    await server.close()
    expect(verdicts((await report(['analyze', bundle, 'specs/pre-upgrade.yaml'])).json)).to.deep.equal(verdicts(live.json))
    const slow = await report(['analyze', bundle, '--checks', 'upgrade', '--pull-rate', '1KB'])
    expect(slow.json.warn.flatMap(one => one.findings.map(({ code }) => code))).to.include('UPGRADE_CONSOLE_DROPS')
    server = await startApiServer()
  })

  it('marks every result of the strict spec, which needs a cluster', async () => {
    const { json } = await run('specs/pre-upgrade-strict.yaml', ...fromCluster(), '--config', config())
    expect([...json.pass, ...json.warn, ...json.fail].map(({ strict }) => strict)).to.not.include(undefined)
    const without = await run('pre-upgrade-strict', '--installed', config('v1.0.0', 'old.yaml'), '--config', config())
    expect(without.code).to.equal(2)
  })

  for (const [what, argv, words] of [
    ['nothing to compare with', ['pre-upgrade'], 'Add --from-cluster, or --installed'],
    ['a file that is not there', ['--installed', 'no-such-file.yaml'], 'no-such-file.yaml'],
    ['a rate that is none', ['--pull-rate', 'fast'], '--pull-rate fast'],
  ] as const)
    it(`is a mistake of the command line with ${what}: exit 2`, async () => {
      const ran = await command(['run', '--no-bundle', ...argv, '--config', config()])
      expect(ran.code).to.equal(2)
      expect(ran.err).to.contain(words)
    })

  it('takes a spec of the user before the one that ships', async () => {
    const own = folder.file('pre-upgrade', 'apiVersion: v1\nkind: Nothing\n')
    expect((await command(['run', own, '--config', config()])).code).to.equal(2)
    expect((await command(['run', 'no-such-spec', '--config', config()])).err).to.contain('no-such-spec')
  })
})
