// peers: crane etcd kube-apiserver kube-controller-manager kube-scheduler kubelet
// packages: containerd runc containernetworking-plugins iproute2 openssl curl busybox-static skopeo docker-registry apache2-utils
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { command, configText, report, type Scratch, scratch } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
import { auths, dockerSecret, type KubeObject, namespace, type RealCluster, startNode } from './kubernetes.ts'
import { debian, peer, succeed } from './peers.ts'
import { endAll } from './processes.ts'
import { startDockerRegistry, writeLayout } from './registries.ts'
import { serveServiceAddress } from './service-address.ts'
import { standAloneImage } from './stand-alone.ts'

const login = 'bob:pw-of-bob'

describe('checks that the nodes make themselves', () => {
  let cluster: RealCluster
  let service: { close(): Promise<void> }
  let folder: Scratch
  let host: string
  let own: string

  before(async function () {
    const layout = await standAloneImage(this)
    cluster = await startNode(this)
    this.timeout(600_000)
    const port = Number(
      /:(\d+)"?\}/.exec(readFileSync(cluster.kubeconfig, 'utf8'))?.[1] ??
        /127\.0\.0\.1:(\d+)/.exec(readFileSync(cluster.kubeconfig, 'utf8'))![1],
    )
    service = await serveServiceAddress(port)
    const crane = await peer(this, 'crane')
    const open = await startDockerRegistry(this)
    own = `${open.host}/velero-plugin-preflight:test`
    await succeed(crane, ['push', '--insecure', layout, own])
    const closed = await startDockerRegistry(this, { users: { bob: 'pw-of-bob' } })
    host = closed.host
    const to = ['copy', '--quiet', '--dest-tls-verify=false', '--dest-creds', login]
    await succeed(debian(this, 'skopeo'), [...to, `oci:${writeLayout(pluginImage({ name: 'x' }), 'v1')}:v1`, `docker://${host}/acme/x:v1`])
    folder = scratch()
    await cluster.apply(namespace('velero'), dockerSecret('velero', 'regcred', auths({ [host]: login })))
  })
  after(async function () {
    this.timeout(60_000)
    folder?.remove()
    await service?.close()
    await endAll()
  })

  const plugins = () =>
    folder.file(
      'config.yaml',
      configText(
        { name: 'velero-x', image: `${host}/acme/x:v1`, imagePullSecret: 'regcred' },
        { name: 'velero-y', image: `${host}/acme/x:none`, imagePullSecret: 'regcred' },
      ),
    )
  const run = (image: string, ...more: readonly string[]) =>
    report(
      [
        'run',
        '--no-bundle',
        '--no-cache',
        '--config',
        plugins(),
        '--schema',
        'proposal',
        '--from-cluster',
        '--kubeconfig',
        cluster.kubeconfig,
      ]
        .concat(['--nodes', '--node-image', image, '--checks', 'image,nodes'])
        .concat(more),
    )
  const leftovers = async (): Promise<readonly string[]> => {
    const paths = [
      '/api/v1/namespaces',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles',
      '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
      '/apis/rbac.authorization.k8s.io/v1/namespaces/velero/roles',
      '/apis/rbac.authorization.k8s.io/v1/namespaces/velero/rolebindings',
    ]
    const lists = await Promise.all(paths.map(path => cluster.call('GET', path)))
    return lists
      .flatMap(list => (list as unknown as { items: KubeObject[] }).items.map(({ metadata }) => metadata.name))
      .filter(name => name.startsWith('velero-plugin-preflight'))
  }

  it('say what each node can pull, with the pull secret of the cluster, and leave nothing behind', async function () {
    this.timeout(240_000)
    const { json } = await run(own, '--timeout', '3m')
    const nodes = [...json.pass, ...json.warn, ...json.fail].filter(({ check }) => check === 'nodes')
    expect(nodes.map(({ plugin, code }) => [plugin, code])).to.deep.equal([
      [undefined, 'NODES_TOLD'],
      ['velero-x', 'NODES_OK'],
      ['velero-y', 'NODES_FAILED'],
    ])
    expect(nodes.at(-1)?.message).to.match(/^velero-y: on the node localhost: .*acme\/x/)
    expect(await leftovers()).to.deep.equal([])
  })

  it('are kept in the bundle that collect writes, and judged from it', async function () {
    this.timeout(240_000)
    const bundle = join(folder.path, 'bundle.tar.gz')
    const argv = ['--config', plugins(), '--schema', 'proposal', '--from-cluster', '--kubeconfig', cluster.kubeconfig]
    const more = ['--nodes', '--node-image', own, '--checks', 'image,nodes', '--no-cache', '-o', bundle]
    expect((await command(['collect', ...argv, ...more])).code).to.equal(0)
    const { json } = await report(['analyze', bundle])
    expect(json.fail.filter(({ check }) => check === 'nodes').map(({ plugin, code }) => [plugin, code])).to.deep.equal([
      ['velero-y', 'NODES_FAILED'],
    ])
    expect(json.pass.map(({ code }) => code)).to.include.members(['NODES_TOLD', 'NODES_OK'])
    expect(await leftovers()).to.deep.equal([])
  })

  it('name a node that tells nothing, and why, and leave nothing behind', async function () {
    this.timeout(240_000)
    const { json, code } = await run(`${host}/nobody/has:this`, '--timeout', '2m')
    const [silent, ...others] = json.fail.filter(({ check }) => check === 'nodes')
    expect([code, silent?.code, others]).to.deep.equal([3, 'NODE_SILENT', []])
    expect(silent?.message).to.match(
      /The node localhost could not be asked\. The pod on the node does not start \((?:ErrImagePull|ImagePullBackOff)/,
    )
    expect(await leftovers()).to.deep.equal([])
  })
})
