// peers: etcd kube-apiserver kube-controller-manager kube-scheduler kubelet
// packages: containerd runc containernetworking-plugins iproute2 openssl curl busybox-static skopeo docker-registry apache2-utils
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { configText, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { type BuiltImage, buildIndex, pluginImage } from '../support/image-builder.ts'
import { type KubeObject, namespace, type RealCluster, serviceAccount, startNode, veleroDeployment } from './kubernetes.ts'
import { debian, succeed } from './peers.ts'
import { endAll, temporaryFolder } from './processes.ts'
import { startDockerRegistry, writeLayout } from './registries.ts'

const platform = process.arch === 'x64' ? 'linux/amd64' : 'linux/arm64'
const other = platform === 'linux/amd64' ? 'linux/arm64' : 'linux/amd64'
const image = (version: string, of = platform) => pluginImage({ name: 'x', version, platform: of })
const v1 = image('v1.0.0')
const v2 = image('v2.0.0')
const index = buildIndex([v1, image('v1.0.0', other)])

/** A plugin of a pod that was started while the registry had one image under the tag, and what the registry has now. */
interface Case {
  readonly what: string
  readonly was: BuiltImage
  readonly now: BuiltImage
  /** Instead of the tag. */
  readonly digest?: string
  readonly policy?: 'Always'
  /** The node was given the image as a file. */
  readonly imported?: true
  readonly code: 'UPGRADE_UNCHANGED' | 'UPGRADE_RETAGGED'
}

const cases: readonly Case[] = [
  { what: 'the same index', was: index, now: index, code: 'UPGRADE_UNCHANGED' },
  { what: 'the same image, without an index', was: v1, now: v1, code: 'UPGRADE_UNCHANGED' },
  { what: 'another index', was: index, now: buildIndex([v2, image('v2.0.0', other)]), code: 'UPGRADE_RETAGGED' },
  { what: 'another image, without an index', was: v1, now: v2, code: 'UPGRADE_RETAGGED' },
  { what: 'another image, and a kubelet that asks every time', was: v1, now: v2, policy: 'Always', code: 'UPGRADE_RETAGGED' },
  { what: 'an index of more platforms with the same image', was: buildIndex([v1]), now: index, code: 'UPGRADE_UNCHANGED' },
  { what: 'the image alone in place of its index', was: index, now: v1, code: 'UPGRADE_UNCHANGED' },
  { what: 'an index of the image in its place', was: v1, now: index, code: 'UPGRADE_UNCHANGED' },
  { what: 'another image, and a digest that names the first', was: v1, now: v2, digest: v1.manifest.digest, code: 'UPGRADE_UNCHANGED' },
  { what: 'the same image, which came as a file', was: v1, now: v1, imported: true, code: 'UPGRADE_UNCHANGED' },
  { what: 'another image than the one that came as a file', was: v1, now: v2, imported: true, code: 'UPGRADE_RETAGGED' },
]

interface Status {
  readonly name: string
  readonly imageID: string
}

describe('the bytes of a tag, before an upgrade', () => {
  let cluster: RealCluster
  let host: string
  let folder: Scratch
  let push: (built: BuiltImage, name: string) => Promise<void>
  const nameOf = (at: number) => `case-${at}`
  const plugin = (at: number) => {
    const { digest, policy } = cases[at]!
    const reference = `${host}/acme/${nameOf(at)}${digest === undefined ? ':v1' : `@${digest}`}`
    return { name: 'x', image: reference, ...(policy === undefined ? {} : { imagePullPolicy: policy }) }
  }

  before(async function () {
    cluster = await startNode(this)
    this.timeout(300_000)
    const [skopeo, ctr] = [debian(this, 'skopeo'), debian(this, 'ctr')]
    host = (await startDockerRegistry(this)).host
    folder = scratch()
    push = async (built, name) => {
      const to = `docker://${host}/acme/${name}:v1`
      await succeed(skopeo, ['copy', '--quiet', '--all', '--dest-tls-verify=false', `oci:${writeLayout(built, 'v1')}:v1`, to])
    }
    for (const [at, { was, imported }] of cases.entries()) {
      const name = nameOf(at)
      if (imported) {
        const archive = join(temporaryFolder('archive'), 'image.tar')
        await succeed(skopeo, ['copy', '--quiet', `oci:${writeLayout(was, 'v1')}:v1`, `oci-archive:${archive}:v1`])
        const socket = join(dirname(cluster.kubeconfig), 'containerd.sock')
        await succeed(ctr, ['-a', socket, '-n', 'k8s.io', 'images', 'import', '--base-name', `${host}/acme/${name}`, archive])
      } else await push(was, name)
      await cluster.apply(namespace(name), serviceAccount(name, 'velero-server'))
      await cluster.apply(deployment(at))
    }
    for (const [at] of cases.entries()) await madeOf(nameOf(at))
    for (const [at, { now }] of cases.entries()) await push(now, nameOf(at))
  })
  after(async function () {
    this.timeout(60_000)
    folder?.remove()
    await endAll()
  })

  /** With the plugin as init container, and as a server that never comes to start. */
  const deployment = (at: number): KubeObject => {
    const made = veleroDeployment(nameOf(at), plugin(at).image) as unknown as {
      readonly spec: { readonly template: { readonly spec: object } }
    }
    const pod = { ...made.spec.template.spec, initContainers: [{ imagePullPolicy: 'IfNotPresent', ...plugin(at) }] }
    return { ...made, spec: { ...made.spec, template: { ...made.spec.template, spec: pod } } } as unknown as KubeObject
  }

  const pods = async (name: string) =>
    ((await cluster.call('GET', `/api/v1/namespaces/${name}/pods`)) as unknown as { items: readonly KubeObject[] }).items

  /** What the init container of a pod was made of, once it was. */
  const madeOf = async (name: string, not = ''): Promise<string> => {
    for (let tries = 0; tries < 300; tries++) {
      for (const pod of (await pods(name)) as unknown as readonly { status?: { initContainerStatuses?: readonly Status[] } }[]) {
        const imageId = pod.status?.initContainerStatuses?.[0]?.imageID ?? ''
        if (imageId !== '' && (pod as unknown as KubeObject).metadata.name !== not) return imageId
      }
      await new Promise(resolve => setTimeout(resolve, 200))
    }
    throw new Error(`the kubelet made no container of ${name}`)
  }

  const check = async (at: number) => {
    const file = folder.file('config.yaml', configText(plugin(at)))
    const argv = ['--config', file, '--from-cluster', '--kubeconfig', cluster.kubeconfig, '-n', nameOf(at)]
    return report(['run', '--no-bundle', '--no-cache', ...argv, '--checks', 'upgrade', '--velero-version', '1.18.2'])
  }

  for (const [at, { what, code }] of cases.entries())
    it(`are ${code === 'UPGRADE_RETAGGED' ? 'others' : 'the same'}: ${what}`, async () => {
      const { json } = await check(at)
      const worst = code === 'UPGRADE_UNCHANGED' ? 'pass' : 'warn'
      expect(verdicts(json), await madeOf(nameOf(at))).to.include(`upgrade x: ${worst} ${code}`)
    })

  it('stay on the node where kubelet asks only for what is absent, and come with the next pod where it asks every time', async () => {
    for (const [at, { policy, now, code, imported }] of cases.entries()) {
      if (code !== 'UPGRADE_RETAGGED' || imported) continue
      const name = nameOf(at)
      const [before] = await pods(name)
      await cluster.call('DELETE', `/api/v1/namespaces/${name}/pods/${before!.metadata.name}`)
      const imageId = await madeOf(name, before!.metadata.name)
      expect(imageId.endsWith(now.manifest.digest), `${name}: ${imageId}`).to.equal(policy === 'Always')
    }
  })

  it('are counted for a node by what its status lists: nothing for an image that is there, all layers of one that is not', async function () {
    this.timeout(150_000)
    const pullTimeOf = async (at: number) => {
      const { json } = await check(at)
      return [...json.pass, ...json.warn, ...json.fail].flatMap(({ findings }) => findings).find(one => one.code === 'UPGRADE_PULL_TIME')
        ?.message
    }
    // A kubelet tells its images some ten seconds after it has them.
    let message = await pullTimeOf(0)
    for (let tries = 0; message?.includes('has to pull 0.0 MB') !== true && tries < 60; tries++) {
      await new Promise(resolve => setTimeout(resolve, 2000))
      message = await pullTimeOf(0)
    }
    expect(message).to.match(/^the node localhost has to pull 0\.0 MB, about 2 s/)
    await push(pluginImage({ name: 'x', version: 'v3.0.0', platform, elf: { sizeBytes: 3_000_000 }, compression: 'none' }), 'new')
    const file = folder.file('new.yaml', configText({ name: 'x', image: `${host}/acme/new:v1` }))
    const argv = ['--config', file, '--from-cluster', '--kubeconfig', cluster.kubeconfig, '-n', nameOf(0), '--checks', 'upgrade']
    const { json } = await report(['run', '--no-bundle', '--no-cache', ...argv])
    const found = [...json.pass, ...json.warn].flatMap(({ findings }) => findings).find(one => one.code === 'UPGRADE_PULL_TIME')
    expect(found?.message).to.match(/^the node localhost has to pull 3\.\d MB/)
  })
})
