// peers: etcd kube-apiserver support-bundle
// packages: openssl curl
import { execFile } from 'node:child_process'
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect } from 'chai'
import { command, configText, type JsonReport, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
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
import { peer } from './peers.ts'
import { endAll } from './processes.ts'

const run = promisify(execFile)

/** As Embedded Cluster collects the namespace of Velero. */
const spec = `apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
metadata: {name: test}
spec:
  collectors:
    - clusterResources: {namespaces: [NAMESPACES]}
    - secret: {namespace: velero, name: regcred}
    - secret: {namespace: velero, name: gone}
    - logs: {namespace: velero, name: podlogs/velero, collectorName: podlogs/velero}
  analyzers:
    - clusterVersion: {outcomes: [{pass: {message: read}}]}
`
const found = ({ pass, warn, fail }: JsonReport) =>
  [...fail, ...warn, ...pass]
    .flatMap(({ check, plugin = '-', findings }) => findings.map(({ code }) => `${check} ${plugin} ${code}`))
    .toSorted()
const texts = ({ pass, warn, fail }: JsonReport) =>
  [...fail, ...warn, ...pass].flatMap(({ findings }) => findings.flatMap(({ message, evidence = [] }) => [message, ...evidence])).join('\n')

describe('a bundle that the real support-bundle collected', () => {
  let cluster: RealCluster
  let registry: TestRegistry
  let folder: Scratch
  let program: string

  before(async function () {
    this.timeout(300_000)
    program = await peer(this, 'support-bundle')
    cluster = await startApi(this)
    registry = await startRegistry()
    registry.push('acme/x', 'v1', pluginImage({ name: 'x' }))
    await cluster.apply(namespace('velero'), installationCrd)
    await cluster.apply(serviceAccount('velero', 'velero-server', ['regcred']), veleroDeployment('velero', 'velero:v1', ['regcred']))
    await cluster.apply(dockerSecret('velero', 'regcred', auths({ [registry.host]: 'bob:pw-of-bob' })))
    const node: KubeObject = { apiVersion: 'v1', kind: 'Node', metadata: { name: 'controller-1' } }
    await cluster.apply(node)
    const made = await cluster.call('GET', '/api/v1/nodes/controller-1')
    const fields = [
      'bootID',
      'containerRuntimeVersion',
      'kernelVersion',
      'kubeProxyVersion',
      'kubeletVersion',
      'machineID',
      'osImage',
      'systemUUID',
    ]
    const nodeInfo = { ...Object.fromEntries(fields.map(field => [field, ''])), architecture: 'amd64', operatingSystem: 'linux' }
    await cluster.call('PUT', '/api/v1/nodes/controller-1/status', { ...made, status: { nodeInfo } })
    await installed('20260301000000', `${registry.host}/acme/x:v1`)
  })
  beforeEach(() => {
    folder = scratch()
    folder.file('kubeconfig', cluster.kubeconfigFor('checker-token'))
  })
  afterEach(() => folder.remove())
  after(async () => {
    await registry?.close()
    await endAll()
  })

  /** A new kind is served a moment after it was made. */
  const installed = async (name: string, image: string): Promise<void> => {
    const object: KubeObject = {
      apiVersion: 'embeddedcluster.replicated.com/v1beta1',
      kind: 'Installation',
      metadata: { name },
      spec: { config: { version: '2.19.4+k8s-1.36', extensions: { velero: { plugins: [{ name: 'x', image }] } } } },
    } as KubeObject
    for (let tries = 0; ; tries++) {
      try {
        return await cluster.apply(object)
      } catch (error) {
        if (tries > 100) throw error
        await new Promise(resolve => setTimeout(resolve, 100))
      }
    }
  }
  const collect = async (kubeconfig = cluster.kubeconfig, namespaces = 'velero, default'): Promise<string> => {
    const file = folder.file('spec.yaml', spec.replace('NAMESPACES', namespaces))
    // It writes beside what is there already.
    rmSync(join(folder.path, 'bundle.tar.gz'), { force: true })
    const argv = ['--interactive=false', '--auto-update=false', '--kubeconfig', kubeconfig, '-o', 'bundle', file]
    await run(program, argv, { cwd: folder.path, env: { ...process.env, HOME: folder.path } }).catch(
      (error: Error & { stdout?: string }) => {
        throw new Error(`${error.message}\n${error.stdout}`)
      },
    )
    return join(folder.path, 'bundle.tar.gz')
  }
  const unpack = async (archive: string): Promise<string> => {
    mkdirSync(join(folder.path, 'unpacked'))
    await run('tar', ['xzf', archive, '-C', join(folder.path, 'unpacked')])
    return join(folder.path, 'unpacked')
  }
  const live = (...argv: readonly string[]) =>
    report(['run', '--no-bundle', '--no-cache', '--from-cluster', '--kubeconfig', cluster.kubeconfig, ...argv])
  const fromBundle = (path: string, ...argv: readonly string[]) => report(['run', '--no-cache', '--bundle', path, ...argv])

  it('says what the cluster says, as an archive and unpacked', async () => {
    const expected = await live('--checks', 'config,velero')
    const archive = await collect()
    for (const path of [archive, await unpack(archive)]) {
      const ran = await fromBundle(path)
      expect(found(ran.json), ran.err).to.deep.equal(found(expected.json))
      expect(verdicts(ran.json)).to.include.members(['cluster -: pass CLUSTER_READ', 'config x: pass PLUGIN_OK'])
      expect(texts(ran.json)).to.contain('linux/amd64 (1)').and.to.contain('pull secrets of its pod: regcred')
    }
  }).timeout(120_000)

  it('does not hold Secrets, says so, and knows which are not there', async () => {
    const archive = await collect()
    const config = (imagePullSecret: string) =>
      folder.file('c.yaml', configText({ name: 'x', image: `${registry.host}/acme/x:v1`, imagePullSecret }))
    const there = await fromBundle(archive, '--checks', 'pullSecret', '--config', config('regcred'))
    expect(texts(there.json)).to.contain(`velero/regcred was there, with a login for ${registry.host}`)
    expect(there.out).to.not.contain('pw-of-bob')
    const gone = await fromBundle(archive, '--checks', 'pullSecret', '--config', config('gone'))
    expect(found(gone.json), texts(gone.json)).to.include('pullSecret x PULL_SECRET_NOT_FOUND')
  }).timeout(120_000)

  it('says what it could not be told for want of rights, and in another namespace', async () => {
    const roles = objectsIn((await command(['rbac', '--user', 'checker'])).out)
    for (const role of roles) await cluster.remove(role)
    const refused = await fromBundle(await collect(join(folder.path, 'kubeconfig')))
    expect(verdicts(refused.json)).to.include('cluster -: fail CLUSTER_NOT_IN_BUNDLE')
    expect(texts(refused.json)).to.contain('deployments.apps is forbidden').and.to.contain('nodes is forbidden')
    const elsewhere = await fromBundle(await collect(cluster.kubeconfig, 'default'))
    expect(verdicts(elsewhere.json)).to.include('cluster -: fail CLUSTER_NOT_IN_BUNDLE')
    expect(texts(elsewhere.json)).to.contain('no cluster-resources/deployments/velero.json')
    expect(texts(elsewhere.json)).to.not.contain('nodes.json')
  }).timeout(120_000)

  it('tells what redaction has taken of an image', async () => {
    await installed('20260302000000', 'https://bob:pw-of-bob@registry.example:5000/acme/x:v1')
    try {
      const ran = await fromBundle(await collect())
      expect(ran.out).to.not.contain('pw-of-bob')
      expect(
        found(ran.json).filter(code => /CLUSTER_(?:REDACTED|NOT_IN_BUNDLE)/.test(code)),
        ran.out,
      ).to.have.length(1)
      expect(ran.code).to.equal(3)
    } finally {
      await cluster.call('DELETE', '/apis/embeddedcluster.replicated.com/v1beta1/installations/20260302000000')
    }
  }).timeout(120_000)

  it('keeps our facts, and support-bundle still analyzes it', async () => {
    const archive = await collect()
    const config = folder.file('c.yaml', configText({ name: 'x', image: `${registry.host}/acme/x:v1` }))
    const secrets = folder.file(
      'secret.yaml',
      JSON.stringify(dockerSecret('velero', 'regcred', auths({ [registry.host]: 'bob:pw-of-bob' }))),
    )
    const added = await command([
      'collect',
      '--no-cache',
      '--checks',
      'image,binaries',
      '--config',
      config,
      '--into',
      archive,
      '--secrets',
      secrets,
    ])
    expect(added.code, added.err).to.equal(0)
    const { json } = await report(['analyze', archive])
    expect(json.fail.map(({ code }) => code)).to.not.include('FACT_ALTERED')
    expect(verdicts((await fromBundle(archive)).json).join())
      .to.contain('cluster -: pass CLUSTER_READ')
      .and.to.contain('binaries x')
    const file = join(folder.path, 'spec.yaml')
    const { stdout } = await run(program, ['analyze', file, '--bundle', archive, '--output', 'json'], {
      cwd: folder.path,
      env: { ...process.env, HOME: folder.path },
    })
    expect(stdout).to.contain('"IsPass": true')
  }).timeout(120_000)

  if (process.env.INTEROP === 'full')
    it('comes from a namespace with 10,000 Secrets as from any other, as does what the API server itself says', async () => {
      const one = (index: number) =>
        cluster.call('POST', '/api/v1/namespaces/velero/secrets', dockerSecret('velero', `s-${index}`, auths({ h: 'a:b' })))
      for (let index = 0; index < 10_000; index += 50) await Promise.all(Array.from({ length: 50 }, (_, more) => one(index + more)))
      const startedMs = Date.now()
      const { json } = await live('--checks', 'image')
      expect(verdicts(json)).to.include('image x: pass IMAGE_RESOLVED')
      expect(Date.now() - startedMs).to.be.below(20_000)
      expect(found((await fromBundle(await collect())).json)).to.include('cluster - CLUSTER_READ')
    }).timeout(600_000)
})
