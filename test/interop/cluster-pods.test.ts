// peers: etcd kube-apiserver kube-controller-manager kube-scheduler kubelet
// packages: containerd runc containernetworking-plugins iproute2 openssl curl busybox-static skopeo docker-registry apache2-utils
import { expect } from 'chai'
import { configText, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
import {
  auths,
  dockerSecret,
  type KubeObject,
  namespace,
  type RealCluster,
  serviceAccount,
  startNode,
  veleroDeployment,
} from './kubernetes.ts'
import { debian, succeed } from './peers.ts'
import { endAll } from './processes.ts'
import { startDockerRegistry, writeLayout } from './registries.ts'

const login = 'bob:pw-of-bob'
const encoded = Buffer.from(login).toString('base64')

/** What a namespace has, for the image `HOST/acme/x:v1` of a plugin that names the pull secret `own`. */
interface Case {
  readonly what: string
  /** Docker configs by the name of their Secret; `HOST` stands for the registry. */
  readonly secrets: Readonly<Record<string, string>>
  readonly pod?: readonly string[]
  readonly account?: readonly string[]
  readonly type?: string
}

const entry = (name: string, given = login) => auths({ [name]: given })

const cases: readonly Case[] = [
  { what: 'the right login', secrets: { own: entry('HOST') }, pod: ['own'] },
  { what: 'a wrong password', secrets: { own: entry('HOST', 'bob:wrong') }, pod: ['own'] },
  { what: 'a secret that nobody refers to', secrets: { own: entry('HOST') } },
  { what: 'a secret of the service account', secrets: { own: entry('HOST') }, account: ['own'] },
  {
    what: 'one of the service account, and a pod with another',
    secrets: { own: entry('HOST'), b: entry('quay.io') },
    pod: ['b'],
    account: ['own'],
  },
  { what: 'a wrong login, then a right one', secrets: { own: entry('HOST', 'bob:wrong'), b: entry('HOST') }, pod: ['own', 'b'] },
  { what: 'a right login, then a wrong one', secrets: { own: entry('HOST'), b: entry('HOST', 'bob:wrong') }, pod: ['own', 'b'] },
  { what: 'an entry with scheme and /v2/', secrets: { own: entry('https://HOST/v2/') }, pod: ['own'] },
  { what: 'an entry with /v1 and no slash after it', secrets: { own: entry('https://HOST/v1') }, pod: ['own'] },
  { what: 'an entry with the path of the image', secrets: { own: entry('HOST/acme') }, pod: ['own'] },
  { what: 'an entry with half a word of the path', secrets: { own: entry('HOST/acm') }, pod: ['own'] },
  { what: 'an entry with another path', secrets: { own: entry('HOST/other') }, pod: ['own'] },
  { what: 'an entry without the port', secrets: { own: entry('127.0.0.1') }, pod: ['own'] },
  { what: 'an entry with a star', secrets: { own: entry('127.0.*.1:PORT') }, pod: ['own'] },
  { what: 'a wrong longer path before a right host', secrets: { own: auths({ HOST: login, 'HOST/acme': 'bob:wrong' }) }, pod: ['own'] },
  {
    what: 'user name and password as fields',
    secrets: { own: '{"auths":{"HOST":{"username":"bob","password":"pw-of-bob"}}}' },
    pod: ['own'],
  },
  { what: 'an identity token alone', secrets: { own: '{"auths":{"HOST":{"identitytoken":"x"}}}' }, pod: ['own'] },
  {
    what: 'a broken entry of another registry',
    secrets: { own: `{"auths":{"HOST":{"auth":"${encoded}"},"quay.io":{"auth":"!"}}}` },
    pod: ['own'],
  },
  {
    what: 'a broken secret beside the right one',
    secrets: { own: entry('HOST'), b: '{"auths":{"quay.io":{"auth":"!"}}}' },
    pod: ['own', 'b'],
  },
  { what: 'the old type', secrets: { own: `{"HOST":{"auth":"${encoded}"}}` }, pod: ['own'], type: 'kubernetes.io/dockercfg' },
  { what: 'the type Opaque', secrets: { own: entry('HOST') }, pod: ['own'], type: 'Opaque' },
  { what: 'no secret of the name', secrets: {}, pod: ['own'] },
  { what: 'a missing secret beside a right one', secrets: { b: entry('HOST') }, pod: ['own', 'b'] },
]

/** Of a keyring that cannot be built the kubelet gives no reason but its error: so it is these that say that nothing is decided. */
const pending = new Set(['', 'ContainerCreating', 'PodInitializing'])

describe('a pull secret, and what kubelet does with it', () => {
  let cluster: RealCluster
  let host: string
  let folder: Scratch
  const nameOf = (index: number) => `case-${index}`

  before(async function () {
    cluster = await startNode(this)
    this.timeout(300_000)
    const skopeo = debian(this, 'skopeo')
    const registry = await startDockerRegistry(this, { users: { bob: 'pw-of-bob' } })
    host = registry.host
    const to = `docker://${host}/acme/x:v1`
    await succeed(skopeo, [
      'copy',
      '--quiet',
      '--dest-tls-verify=false',
      '--dest-creds',
      login,
      `oci:${writeLayout(pluginImage({ name: 'x' }), 'v1')}:v1`,
      to,
    ])
    folder = scratch()
    for (const [index, { secrets, pod = [], account = [], type }] of cases.entries()) {
      const name = nameOf(index)
      const made = Object.entries(secrets).map(([secret, config]) =>
        dockerSecret(name, secret, config.replaceAll('HOST', host).replaceAll('PORT', host.split(':')[1]!), type),
      )
      await cluster.apply(namespace(name), serviceAccount(name, 'velero-server', account), ...made)
      await cluster.apply(veleroDeployment(name, `${host}/acme/x:v1`, pod))
    }
  })
  after(async function () {
    this.timeout(60_000)
    folder?.remove()
    await endAll()
  })

  /** Whether the pod's image came: pulled, whatever became of the container. */
  const pulled = async (name: string): Promise<boolean> => {
    for (let tries = 0; tries < 300; tries++) {
      const { items } = (await cluster.call('GET', `/api/v1/namespaces/${name}/pods`)) as unknown as { items: KubeObject[] }
      const [pod] = items as { status?: { containerStatuses?: { imageID?: string; state?: { waiting?: { reason?: string } } }[] } }[]
      const status = pod?.status?.containerStatuses?.[0]
      if ((status?.imageID ?? '') !== '') return true
      if (!pending.has(status?.state?.waiting?.reason ?? '')) return false
      await new Promise(resolve => setTimeout(resolve, 200))
    }
    throw new Error(`the kubelet came to no end with ${name}`)
  }

  const seen = new Set<boolean>()
  for (const [index, { what }] of cases.entries())
    it(`agree: ${what}`, async () => {
      const file = folder.file('config.yaml', configText({ name: 'x', image: `${host}/acme/x:v1`, imagePullSecret: 'own' }))
      const argv = [
        '--config',
        file,
        '--from-cluster',
        '--kubeconfig',
        cluster.kubeconfig,
        '-n',
        nameOf(index),
        '--checks',
        'image,pullSecret',
      ]
      const { json } = await report(['run', '--no-bundle', '--no-cache', '--schema', 'proposal', ...argv])
      const came = await pulled(nameOf(index))
      seen.add(came)
      const said = verdicts(json).find(line => line.startsWith('image x: ')) ?? ''
      expect(said.startsWith('image x: pass'), `${said}; the kubelet ${came ? 'pulled' : 'did not pull'}`).to.equal(came)
      // Where the kubelet got nothing, the check of the secret is no pass either.
      if (!came) expect(verdicts(json).find(line => line.startsWith('pullSecret x: '))).to.match(/: fail /)
    })

  it('differ from case to case', () => {
    expect([...seen].toSorted()).to.deep.equal([false, true])
  })

  it('are asked for a node whose platform is that of its kubelet', async () => {
    const file = folder.file('config.yaml', configText({ name: 'x', image: `${host}/acme/x:v1` }))
    const { json } = await report([
      'run',
      '--no-bundle',
      '--config',
      file,
      '--from-cluster',
      '--kubeconfig',
      cluster.kubeconfig,
      '--checks',
      'config',
    ])
    const messages = json.pass.flatMap(({ findings }) => findings).map(({ message }) => message)
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch
    expect(messages.join('\n')).to.contain(`those of the cluster's 1 nodes: linux/${architecture} (1)`)
  })
})
