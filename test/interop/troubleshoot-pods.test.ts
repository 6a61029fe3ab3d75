// peers: crane registry preflight support-bundle preflight-newest support-bundle-newest etcd kube-apiserver kube-controller-manager kube-scheduler kubelet
// packages: containerd runc containernetworking-plugins iproute2 openssl curl busybox-static skopeo apache2-utils qemu-user-static
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { unreadable } from '../../src/templates/template.ts'
import { command, configText } from '../support/command.ts'
import { installationCrd, type KubeObject, namespace, objectsIn, type RealCluster, startNode } from './kubernetes.ts'
import { debian, peer, run, succeed } from './peers.ts'
import { endAll, temporaryFolder } from './processes.ts'
import { startDistribution } from './registries.ts'
import { standAloneImage } from './stand-alone.ts'

interface Shown {
  readonly title: string
  readonly message: string
  readonly strict?: boolean
}
type Results = Readonly<Record<'pass' | 'warn' | 'fail', readonly Shown[] | undefined>>

const ran = 'Velero plugins: the checks ran'
const config = configText({ name: 'velero.plugin', image: '127.0.0.1:1/acme/x:v1' }, { name: 'b', image: '127.0.0.1:1/acme/y:v1' })
/** A Config can name what its pods see: `$(HOME)` is a variable there, and $(NODE_NAME) is set. */
const withVariables = `# $(HOME) and $(NODE_NAME) are no variables here, $$ is no dollar\n${config}`

describe("our image in pods that troubleshoot's own programs start", function () {
  this.timeout(240_000)
  let cluster: RealCluster
  let image: string
  let skopeo: string

  before(async function () {
    cluster = await startNode(this)
    skopeo = debian(this, 'skopeo')
    const layout = await standAloneImage(this)
    const registry = await startDistribution(this)
    image = `${registry.host}/tools/velero-plugin-preflight:v1`
    const tag = JSON.parse(readFileSync(join(layout, 'index.json'), 'utf8')).manifests[0].annotations['org.opencontainers.image.ref.name']
    await succeed(skopeo, ['copy', '--quiet', '--all', '--dest-tls-verify=false', `oci:${layout}:${tag}`, `docker://${image}`])
    await cluster.apply(namespace('velero'))
  })
  after(async function () {
    this.timeout(60_000)
    await endAll()
  })

  const template = async (folder: string, kind: string, ...more: readonly string[]): Promise<string> => {
    writeFileSync(join(folder, 'config.yaml'), withVariables)
    const { out, err, code } = await command([
      'template',
      kind,
      '--config',
      join(folder, 'config.yaml'),
      '--program-image',
      image,
      '--host-network',
      ...more,
    ])
    expect(code, err).to.equal(0)
    return out
  }
  /** troubleshoot follows a log from when the pod runs; a kubelet that has no time ends that before there is a line, and we fail. */
  const preflight = async (program: string, spec: string, folder: string) => {
    writeFileSync(join(folder, 'spec.yaml'), spec)
    const env = { PREFLIGHT_AUTO_UPDATE: 'false' }
    const args = ['--interactive=false', '--format=json', '--kubeconfig', cluster.kubeconfig, 'spec.yaml']
    for (let tries = 1; ; tries++) {
      const ended = await run(program, args, { cwd: folder, env, timeoutMs: 200_000 })
      const results = JSON.parse(ended.stdout) as Results
      if (tries === 3 || results.fail?.every(({ message }) => message !== unreadable) !== false) return { ...ended, results }
    }
  }
  const shown = (results: readonly Shown[] = []) => results.map(({ title, message }) => `${title}: ${message.split(' ')[0]}`).toSorted()

  for (const version of ['', '-newest']) {
    it(`runPod: preflight${version} shows our results, each strict`, async function () {
      const program = await peer(this, `preflight${version}`)
      this.timeout(240_000)
      const folder = temporaryFolder('pods')
      const { code, results, stderr } = await preflight(program, await template(folder, 'preflight'), folder)
      expect(shown(results.fail), stderr).to.deep.equal([
        'Velero plugin: Config: VELERO_PLUGIN_PREFLIGHT_CONFIG:5:48:',
        'Velero plugin: Image: b:',
        'Velero plugin: Image: velero.plugin:',
      ])
      expect(results.fail!.every(({ strict }) => strict === true)).to.equal(true)
      expect(results.fail!.map(({ message }) => message).join('\n')).to.contain('(Seen on the node localhost.)')
      expect(results.pass!.map(({ title }) => title)).to.include(ran)
      expect(code).to.equal(3)
    })

    it(`runDaemonSet: support-bundle${version} shows the results of each node`, async function () {
      const program = await peer(this, `support-bundle${version}`)
      this.timeout(240_000)
      const folder = temporaryFolder('pods')
      writeFileSync(join(folder, 'spec.yaml'), await template(folder, 'support-bundle-nodes'))
      const args = ['--interactive=false', '--kubeconfig', cluster.kubeconfig, '--output', 'bundle.tar.gz', 'spec.yaml']
      const { stdout, stderr, code } = await run(program, args, {
        cwd: folder,
        env: { TROUBLESHOOT_AUTO_UPDATE: 'false' },
        timeoutMs: 200_000,
      })
      expect(code, stderr).to.equal(0)
      const { analyzerResults } = JSON.parse(stdout) as {
        analyzerResults: readonly { severity: string; insight: { primary: string; detail: string } }[]
      }
      const failed = analyzerResults.filter(({ severity }) => severity === 'error').map(({ insight }) => insight)
      expect(failed.map(({ primary }) => primary).toSorted(), stderr).to.deep.equal([
        'Velero plugin: Config',
        'Velero plugin: Image',
        'Velero plugin: Image',
      ])
      expect(failed.every(({ detail }) => detail.endsWith('(Seen on the node localhost.)'))).to.equal(true)
    })
  }

  it('runPod: an image that cannot be pulled is a strict fail that says so', async function () {
    const program = await peer(this, 'preflight')
    this.timeout(240_000)
    const folder = temporaryFolder('pods')
    const spec = await template(folder, 'preflight', '--program-image', image.replace(':v1', ':none'))
    const { code, results } = await preflight(program, spec, folder)
    expect(results.fail).to.have.length(1)
    expect(results.fail![0]).to.include({ title: ran, strict: true })
    expect(results.fail![0]!.message).to.contain('Check that its image can be pulled')
    expect(results.pass ?? []).to.deep.equal([])
    expect(code).to.equal(3)
  })

  it('runPod: the spec that ships takes the installed Config, with the roles that rbac prints', async function () {
    const program = await peer(this, 'preflight')
    this.timeout(240_000)
    const folder = temporaryFolder('pods')
    const { out: roles } = await command(['rbac', '--serviceaccount', 'velero:default'])
    const spec = (await import('yaml')).parse(config).spec as object
    await cluster.apply(installationCrd)
    await cluster.apply(...objectsIn(roles))
    const installation = {
      apiVersion: 'embeddedcluster.replicated.com/v1beta1',
      kind: 'Installation',
      metadata: { name: '20261127000000' },
    }
    await applyWhenKnown(cluster, { ...installation, spec: { config: spec } } as KubeObject)
    // No kube-proxy runs here, so that a pod reaches the API server by its own address.
    const port = Number(/server: "?https:\/\/[^:]+:(\d+)/.exec(readFileSync(cluster.kubeconfig, 'utf8'))![1])
    const api = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(port) }
    const env = Object.entries(api).map(([name, value]) => `                - name: ${name}\n                  value: "${value}"\n`)
    const shipped = readFileSync('specs/troubleshoot/preflight.yaml', 'utf8')
      .replace(/image: velero-plugin-preflight:.*/, `image: ${image}`)
      .replace('          restartPolicy: Never\n', '$&          hostNetwork: true\n')
      .replace('                - name: NODE_NAME\n', `${env.join('')}$&`)
    const { code, results, stderr } = await preflight(program, shipped, folder)
    expect(shown(results.fail), stderr).to.include('Velero plugin: Image: b:')
    expect(results.pass!.map(({ title }) => title)).to.include(ran)
    expect(code).to.equal(3)
  })
})

/** A kind is served a moment after its definition was taken. */
const applyWhenKnown = async (cluster: RealCluster, object: KubeObject): Promise<void> => {
  for (let tries = 0; tries < 50; tries++) {
    try {
      return await cluster.apply(object)
    } catch {
      await new Promise(resolve => setTimeout(resolve, 200))
    }
  }
  return cluster.apply(object)
}
