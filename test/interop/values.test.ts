// peers: etcd kube-apiserver helm velero
// packages: openssl curl
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { stringify } from 'yaml'
import { type ConfigPluginText, command, configText, type Scratch, scratch } from '../support/command.ts'
import { type KubeObject, namespace, objectsIn, type RealCluster, startApi } from './kubernetes.ts'
import { peer, succeed } from './peers.ts'
import { endAll } from './processes.ts'

/** A chart that does with these values what Velero's does: containers as they stand, pull secrets by their names. */
const chart: Readonly<Record<string, string>> = {
  'Chart.yaml': 'apiVersion: v2\nname: velero\nversion: 0.0.1\n',
  'templates/deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: velero, namespace: velero}
spec:
  selector: {matchLabels: {name: velero}}
  template:
    metadata:
      labels: {name: velero}
      annotations: {{ toJson .Values.podAnnotations }}
    spec:
      {{- with .Values.image.imagePullSecrets }}
      imagePullSecrets: {{ range . }}
        - name: {{ . }}
      {{- end }}
      {{- end }}
      initContainers: {{ toYaml .Values.initContainers | nindent 8 }}
      affinity: {{ toYaml .Values.affinity | nindent 8 }}
      containers:
        - name: velero
          image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
      volumes: [{name: plugins, emptyDir: {}}]
`,
}

const override = 'podAnnotations: {"yes": "on", octal: "010", tilde: "~"}'
const withOverride = (text: string) =>
  text.replace('spec: {', `spec: {unsupportedOverrides: {builtInExtensions: [{name: velero, values: ${JSON.stringify(override)}}]}, `)
const plugins = [
  { image: 'registry.example.com/acme/velero-postgresql:v1.0.0', imagePullSecret: 'regcred' },
  { name: 'mongodb', image: 'registry.example.com/acme/mongodb:v2', imagePullSecret: 'other' },
  { image: 'registry.example.org/acme/velero-postgresql:v1.0.0', imagePullSecret: 'regcred' },
]

describe('values with real Helm, Velero and API server', () => {
  let cluster: RealCluster
  let folder: Scratch
  let helm: string
  let velero: string
  let kubeconfig: string

  before(async function () {
    this.timeout(300_000)
    ;[helm, velero] = [await peer(this, 'helm'), await peer(this, 'velero')]
    cluster = await startApi(this)
    folder = scratch()
    mkdirSync(join(folder.path, 'chart', 'templates'), { recursive: true })
    for (const [name, text] of Object.entries(chart)) folder.file(join('chart', name), text)
    kubeconfig = folder.file('kubeconfig', cluster.kubeconfigFor('checker-token'))
    await cluster.apply(namespace('velero'), ...objectsIn((await command(['rbac', '--user', 'checker'])).out))
  })
  after(async () => {
    folder?.remove()
    await endAll()
  })

  const config = (text: string) => folder.file('config.yaml', text)
  const rendered = async (values: string): Promise<readonly KubeObject[]> =>
    objectsIn(await succeed(helm, ['template', 'velero', join(folder.path, 'chart'), '-f', folder.file('values.yaml', values)]))
  const difference = (file: string) =>
    command(['values', '--config', file, '--platform', 'linux/amd64', '--from-cluster', '--kubeconfig', kubeconfig, '--diff'])

  it('renders, is taken by the API server, and then does not differ from what runs', async () => {
    const file = config(withOverride(configText(...plugins)))
    const { code, out } = await command(['values', '--config', file])
    expect(code).to.equal(0)
    const [deployment] = await rendered(out)
    const pod = (
      deployment as unknown as {
        spec: { template: { metadata: object; spec: { initContainers: { name: string }[]; imagePullSecrets: object[] } } }
      }
    ).spec.template
    expect(pod.spec.initContainers.map(({ name }) => name)).to.deep.equal([
      'velero-plugin-for-aws',
      'velero-postgresql',
      'mongodb',
      'velero-postgresql-2',
    ])
    expect(pod.spec.imagePullSecrets).to.deep.equal([{ name: 'regcred' }, { name: 'other' }])
    expect(pod.metadata).to.have.property('annotations').that.deep.equals({ yes: 'on', octal: '010', tilde: '~' })
    await cluster.apply(deployment!)
    expect(await difference(file)).to.deep.equal({ code: 0, out: '# no difference\n', err: '' })
  })
  it('fits the Deployment that velero install makes, in place of its own init containers', async () => {
    const file = config(configText(...plugins))
    const made = JSON.parse((await command(['values', '--config', file, '--format', 'json'])).out)
    const install = ['install', '--dry-run', '-o', 'json', '--provider', 'aws', '--bucket', 'b', '--no-secret', '--plugins', 'v/aws:1']
    const list = JSON.parse(await succeed(velero, install, { env: { KUBECONFIG: kubeconfig } })) as { items: KubeObject[] }
    const deployment = JSON.parse(JSON.stringify(list.items.find(({ kind }) => kind === 'Deployment')))
    const pod = deployment.spec.template.spec
    pod.initContainers = made.initContainers
    pod.imagePullSecrets = made.image.imagePullSecrets.map((name: string) => ({ name }))
    pod.containers[0].image = `${made.image.repository}:${made.image.tag}`
    await cluster.apply(deployment)
    expect(await difference(file)).to.deep.equal({ code: 0, out: '# no difference\n', err: '' })
    const [container] = pod.containers as [{ volumeMounts: object[] }]
    expect(container.volumeMounts).to.deep.include({ name: 'plugins', mountPath: '/plugins' })
  })
  for (const [what, plugin] of [
    ['a name in upper case', { name: 'Upper', image: 'v/a:1' }],
    ['a name that is taken', { name: 'velero-plugin-for-aws', image: 'v/a:1' }],
    ['a pull policy that is none', { name: 'a', image: 'v/a:1', imagePullPolicy: 'Sometimes' }],
  ] as const) {
    it(`${what}: what values ends with 3 for the API server refuses`, async () => {
      const { code, out } = await command(['values', '--config', config(withOverride(configText(plugin as ConfigPluginText)))])
      expect(code).to.equal(3)
      const [deployment] = await rendered(out)
      const refused = await cluster.apply(deployment!).then(
        () => undefined,
        (error: unknown) => String(error),
      )
      expect(refused, stringify(deployment)).to.match(/422|Invalid/)
    })
  }
})
