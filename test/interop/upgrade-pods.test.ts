// peers: etcd kube-apiserver kube-controller-manager kube-scheduler kubelet
// packages: containerd runc containernetworking-plugins iproute2 openssl curl busybox-static skopeo docker-registry apache2-utils
import { randomBytes } from 'node:crypto'
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
/** Of each case other ones: what has one config is one image to containerd, whatever its repositories. */
const image = (name: string, of = platform) => pluginImage({ name: 'x', module: `example.com/${name}`, platform: of })

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
  /** Absent: what holds changes while kubelet starts the container again. */
  readonly code?: 'UPGRADE_UNCHANGED' | 'UPGRADE_RETAGGED'
}

const single = (what: string, more: Partial<Case>): Case => {
  const was = image(what)
  return { what, was, now: more.code === 'UPGRADE_UNCHANGED' && more.digest === undefined ? was : image(`${what} now`), ...more }
}
const both = (name: string) => buildIndex([image(name), image(name, other)])
const [grown, bare, wrapped, twice] = ['grown', 'bare', 'wrapped', 'twice'].map(name => image(name)) as BuiltImage[]

const cases: readonly Case[] = [
  { what: 'the same index', was: both('same'), now: both('same'), code: 'UPGRADE_UNCHANGED' },
  { what: 'another index', was: both('old'), now: both('new'), code: 'UPGRADE_RETAGGED' },
  single('the same image, without an index', { code: 'UPGRADE_UNCHANGED' }),
  single('another image, without an index', { code: 'UPGRADE_RETAGGED' }),
  {
    what: 'an index of more platforms with the same image',
    was: buildIndex([grown!]),
    now: buildIndex([grown!, image('grown', other)]),
    code: 'UPGRADE_UNCHANGED',
  },
  { what: 'the image alone in place of its index', was: buildIndex([bare!, image('bare', other)]), now: bare!, code: 'UPGRADE_UNCHANGED' },
  { what: 'an index of the image in its place', was: wrapped!, now: buildIndex([wrapped!]), code: 'UPGRADE_UNCHANGED' },
  single('another image, and a digest that names the first', {
    digest: image('another image, and a digest that names the first').manifest.digest,
    code: 'UPGRADE_UNCHANGED',
  }),
  single('the same image, which came as a file', { imported: true, code: 'UPGRADE_UNCHANGED' }),
  single('another image than the one that came as a file', { imported: true, code: 'UPGRADE_RETAGGED' }),
  // To containerd these two are one image of two repositories, and it names either as what a pod runs.
  {
    what: 'an image that the node has from another repository too',
    was: buildIndex([twice!]),
    now: buildIndex([twice!]),
    code: 'UPGRADE_UNCHANGED',
  },
  { what: 'the same image from that other repository', was: twice!, now: twice!, code: 'UPGRADE_UNCHANGED' },
  single('another image, and a kubelet that asks every time', { policy: 'Always' }),
]

interface Status {
  readonly name: string
  readonly imageID: string
}

describe('the bytes of a tag, before an upgrade', () => {
  let cluster: RealCluster
  let host: string
  let folder: Scratch
  /** As kubelet says, by case. */
  const made: string[] = []
  let push: (built: BuiltImage, name: string) => Promise<void>
  const nameOf = (at: number) => `case-${at}`
  const plugin = (at: number) => {
    const { digest, policy } = cases[at]!
    const reference = `${host}/acme/${nameOf(at)}${digest === undefined ? ':v1' : `@${digest}`}`
    return { name: 'x', image: reference, ...(policy === undefined ? {} : { imagePullPolicy: policy }) }
  }

  before(async function () {
    cluster = await startNode(this)
    this.timeout(480_000)
    const [skopeo, ctr] = [debian(this, 'skopeo'), debian(this, 'ctr')]
    host = (await startDockerRegistry(this)).host
    folder = scratch()
    push = async (built, name) => {
      const to = `docker://${host}/acme/${name}:v1`
      await succeed(skopeo, ['copy', '--quiet', '--all', '--dest-tls-verify=false', `oci:${writeLayout(built, 'v1')}:v1`, to])
    }
    const socket = join(dirname(cluster.kubeconfig), 'containerd.sock')
    const bring = async ({ was, imported }: Case, name: string) => {
      if (imported === undefined) return push(was, name)
      const archive = join(temporaryFolder('archive'), 'image.tar')
      await succeed(skopeo, ['copy', '--quiet', `oci:${writeLayout(was, 'v1')}:v1`, `oci-archive:${archive}:v1`])
      await succeed(ctr, ['-a', socket, '-n', 'k8s.io', 'images', 'import', '--base-name', `${host}/acme/${name}`, archive])
    }
    const start = async (one: Case, at: number) => {
      const name = nameOf(at)
      await bring(one, name)
      await cluster.apply(namespace(name), serviceAccount(name, 'velero-server'))
      await cluster.apply(deployment(at))
      return madeOf(name)
    }
    made.push(...(await Promise.all(cases.map(start))))
    // A kubelet tells its images half a minute after it has them.
    await listed(nameOf(cases.length - 1))
    await Promise.all(cases.map(({ now }, at) => push(now, nameOf(at))))
  })
  after(async function () {
    this.timeout(60_000)
    folder?.remove()
    await endAll()
  })

  /** With the plugin as init container, and a server that never comes to start: its image would be asked for too. */
  const deployment = (at: number): KubeObject => {
    const made = veleroDeployment(nameOf(at), plugin(at).image) as unknown as {
      readonly spec: { readonly template: { readonly spec: object } }
    }
    const server = { name: 'velero', image: 'registry.invalid/velero:v1.18.2', imagePullPolicy: 'Never' }
    const pod = { ...made.spec.template.spec, containers: [server], initContainers: [{ imagePullPolicy: 'IfNotPresent', ...plugin(at) }] }
    return { ...made, spec: { ...made.spec, template: { ...made.spec.template, spec: pod } } } as unknown as KubeObject
  }

  const pods = async (name: string) =>
    ((await cluster.call('GET', `/api/v1/namespaces/${name}/pods`)) as unknown as { items: readonly KubeObject[] }).items

  /** What the init container of a pod was made of, once it was. */
  const madeOf = async (name: string, not = ''): Promise<string> => {
    for (let tries = 0; tries < 600; tries++) {
      for (const pod of (await pods(name)) as unknown as readonly { status?: { initContainerStatuses?: readonly Status[] } }[]) {
        const imageId = pod.status?.initContainerStatuses?.[0]?.imageID ?? ''
        if (imageId !== '' && (pod as unknown as KubeObject).metadata.name !== not) return imageId
      }
      await new Promise(resolve => setTimeout(resolve, 200))
    }
    throw new Error(`the kubelet made no container of ${name}`)
  }

  const listed = async (name: string): Promise<void> => {
    for (let tries = 0; tries < 120; tries++) {
      const { items } = (await cluster.call('GET', '/api/v1/nodes')) as unknown as { items: readonly object[] }
      if (JSON.stringify(items).includes(`/acme/${name}:v1`)) return
      await new Promise(resolve => setTimeout(resolve, 1000))
    }
    throw new Error(`the node does not tell that it has ${name}`)
  }

  const check = async (at: number) => {
    const file = folder.file('config.yaml', configText(plugin(at)))
    const argv = ['--config', file, '--from-cluster', '--kubeconfig', cluster.kubeconfig, '-n', nameOf(at)]
    return report(['run', '--no-bundle', '--no-cache', ...argv, '--checks', 'upgrade', '--velero-version', '1.18.2'])
  }

  for (const [at, { what, code }] of cases.entries()) {
    if (code === undefined) continue
    it(`are ${code === 'UPGRADE_RETAGGED' ? 'others' : 'the same'}: ${what}`, async () => {
      const { json } = await check(at)
      const worst = code === 'UPGRADE_UNCHANGED' ? 'pass' : 'warn'
      expect(verdicts(json), `${verdicts(json)}; made of ${made[at]}`).to.include(`upgrade x: ${worst} ${code}`)
    })
  }

  /** What the pod that comes in place of the one that is there was made of. */
  const madeAgain = async (at: number): Promise<string> => {
    const [before] = await pods(nameOf(at))
    await cluster.call('DELETE', `/api/v1/namespaces/${nameOf(at)}/pods/${before!.metadata.name}`)
    return madeOf(nameOf(at), before!.metadata.name)
  }

  // What the node has under the tag its status tells half a minute later: until then the check still warns.
  it('come with the next pod where kubelet asks every time', async () => {
    const at = cases.findIndex(({ policy }) => policy === 'Always')
    expect(await madeAgain(at)).to.contain(cases[at]!.now.manifest.digest)
  })

  it('stay on the node where kubelet asks only for what is absent, also for the next pod', async () => {
    const at = cases.findIndex(({ code, imported }) => code === 'UPGRADE_RETAGGED' && imported === undefined)
    expect(await madeAgain(at)).to.equal(made[at])
  })

  it('are counted for a node by what its status lists: nothing for an image that is there, all layers of one that is not', async () => {
    const pullTimeOf = async (name: string) => {
      const file = folder.file('pulled.yaml', configText({ name: 'x', image: `${host}/acme/${name}:v1` }))
      const argv = ['--config', file, '--from-cluster', '--kubeconfig', cluster.kubeconfig, '-n', nameOf(0), '--checks', 'upgrade']
      const { json } = await report(['run', '--no-bundle', '--no-cache', ...argv])
      const found = [...json.pass, ...json.warn, ...json.fail].flatMap(({ findings }) => findings)
      return found.find(({ code }) => code === 'UPGRADE_PULL_TIME')?.message
    }
    await push(pluginImage({ name: 'x', platform, binary: randomBytes(3_000_000) }), 'new')
    expect(await pullTimeOf(nameOf(0))).to.match(/^the node localhost has to pull 0\.0 MB, about 2 s/)
    expect(await pullTimeOf('new')).to.match(/^the node localhost has to pull 3\.\d MB/)
  })
})
