import { randomInt } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import type { Context } from 'mocha'
import { Agent, request } from 'undici'
import { parseAllDocuments } from 'yaml'
import { debian, needsRoot, peer } from './peers.ts'
import { start, temporaryFolder } from './processes.ts'

export type KubeObject = Readonly<Record<string, unknown>> & {
  readonly kind: string
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> }
}

export interface RealCluster {
  /** Of an administrator, with client certificates. */
  readonly kubeconfig: string
  /** The same cluster with a token; `checker-token` is who has only what RBAC gives (user `checker`). */
  kubeconfigFor(token: string): string
  /** As an administrator. @throws Error unless the answer is a success */
  call(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<KubeObject>
  /** What is no object, as a pod's log. @throws Error unless the answer is a success */
  text(path: string): Promise<string>
  /** Makes each object, in place of the one of its name. */
  apply(...objects: readonly KubeObject[]): Promise<void>
  remove(object: KubeObject): Promise<void>
  /** Freezes the API server, or lets it go on. */
  freeze(frozen: boolean): void
  close(): Promise<void>
}

const paths: Readonly<Record<string, string>> = {
  Namespace: '/api/v1/namespaces',
  Node: '/api/v1/nodes',
  Secret: '/api/v1/namespaces/{}/secrets',
  ServiceAccount: '/api/v1/namespaces/{}/serviceaccounts',
  Deployment: '/apis/apps/v1/namespaces/{}/deployments',
  Role: '/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles',
  RoleBinding: '/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings',
  ClusterRole: '/apis/rbac.authorization.k8s.io/v1/clusterroles',
  ClusterRoleBinding: '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings',
  CustomResourceDefinition: '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
  ConfigMap: '/api/v1/namespaces/{}/configmaps',
  Pod: '/api/v1/namespaces/{}/pods',
  PersistentVolume: '/api/v1/persistentvolumes',
  PersistentVolumeClaim: '/api/v1/namespaces/{}/persistentvolumeclaims',
  Backup: '/apis/velero.io/v1/namespaces/{}/backups',
  BackupStorageLocation: '/apis/velero.io/v1/namespaces/{}/backupstoragelocations',
  Restore: '/apis/velero.io/v1/namespaces/{}/restores',
  Installation: '/apis/embeddedcluster.replicated.com/v1beta1/installations',
}

const pathOf = ({ kind, metadata }: KubeObject): string => {
  const path = paths[kind]
  if (path === undefined) throw new Error(`where does a ${kind} lie?`)
  return path.replace('{}', metadata.namespace ?? '')
}

/** The objects of YAML documents. */
export const objectsIn = (yaml: string): readonly KubeObject[] => parseAllDocuments(yaml).map(document => document.toJS() as KubeObject)

/** A real API server with etcd, and nothing that runs pods. */
export const startApi = async (test: Context): Promise<RealCluster> => {
  for (const name of ['etcd', 'kube-apiserver']) await peer(test, name)
  for (const program of ['setpriv', 'openssl', 'curl']) debian(test, program)
  return startCluster('api')
}

/** A real one-node Kubernetes: kubelet and containerd pull what pods name. */
export const startNode = async (test: Context): Promise<RealCluster> => {
  needsRoot(test, 'run a node')
  for (const name of ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kubelet']) await peer(test, name)
  for (const program of ['setpriv', 'openssl', 'curl', 'ip', 'containerd', 'ctr', 'runc', 'busybox']) debian(test, program)
  return startCluster('up')
}

const startCluster = async (what: 'api' | 'up'): Promise<RealCluster> => {
  const folder = temporaryFolder('cluster')
  const port = await freePorts(5)
  const options = { env: { NODE_PORT: String(port) }, timeoutMs: 180_000, graceMs: 30_000 }
  const { ready, close } = await start('test/interop/node', [what, join(folder, 'node')], /^ready: (.*)$/m, options)
  const kubeconfig = ready[1]!
  const file = (name: string) => readFileSync(join(dirname(kubeconfig), name), 'utf8')
  const dispatcher = new Agent({ connect: { ca: file('ca.crt'), cert: file('admin.crt'), key: file('admin.key') } })
  const url = `https://127.0.0.1:${port}`

  const send = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await request(`${url}${path}`, { method, dispatcher, headers, ...(body && { body: JSON.stringify(body) }) })
    return { status: answer.statusCode, text: await answer.body.text() }
  }
  const ask = async (method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object): Promise<string> => {
    const { status, text } = await send(method, path, body)
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 500)}`)
    return text
  }
  const call: RealCluster['call'] = async (method, path, body) => JSON.parse(await ask(method, path, body)) as KubeObject
  const remove = async (object: KubeObject) => {
    const path = `${pathOf(object)}/${object.metadata.name}`
    if ((await send('DELETE', path)).status === 404) return
    while ((await send('GET', path)).status !== 404) await new Promise(resolve => setTimeout(resolve, 50))
  }
  return {
    kubeconfig,
    kubeconfigFor: token =>
      JSON.stringify({
        'current-context': 'checker',
        contexts: [{ name: 'checker', context: { cluster: 'interop', user: 'checker' } }],
        clusters: [
          { name: 'interop', cluster: { server: url, 'certificate-authority-data': Buffer.from(file('ca.crt')).toString('base64') } },
        ],
        users: [{ name: 'checker', user: { token } }],
      }),
    call,
    text: path => ask('GET', path),
    remove,
    async apply(...objects) {
      for (const object of objects) {
        await remove(object)
        await call('POST', pathOf(object), object)
      }
    },
    freeze: frozen => {
      process.kill(Number(file('api.pid')), frozen ? 'SIGSTOP' : 'SIGCONT')
    },
    async close() {
      await dispatcher.destroy()
      await close()
    },
  }
}

/** The first of `count` ports in a row that nobody uses. */
export const freePorts = async (count: number): Promise<number> => {
  for (;;) {
    const first = randomInt(20_000, 30_000)
    const free = await Promise.all(Array.from({ length: count }, (_, index) => isFree(first + index)))
    if (free.every(Boolean)) return first
  }
}

const isFree = (port: number): Promise<boolean> =>
  new Promise(resolve => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })

const labels = { app: 'velero' }

export const namespace = (name: string): KubeObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })

export const serviceAccount = (namespace: string, name: string, pullSecrets: readonly string[] = []): KubeObject => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace },
  imagePullSecrets: pullSecrets.map(secret => ({ name: secret })),
})

/** Velero's Deployment as far as pulling goes: one container of this image, and no waiting for it to end. */
export const veleroDeployment = (namespace: string, image: string, pullSecrets: readonly string[] = []): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'velero', namespace },
  spec: {
    replicas: 1,
    selector: { matchLabels: labels },
    template: {
      metadata: { labels },
      spec: {
        serviceAccountName: 'velero-server',
        hostNetwork: true,
        terminationGracePeriodSeconds: 0,
        imagePullSecrets: pullSecrets.map(name => ({ name })),
        containers: [{ name: 'velero', image, imagePullPolicy: 'Always' }],
      },
    },
  },
})

/** A Secret of this type with this docker config, as text. */
export const dockerSecret = (namespace: string, name: string, config: string, type = 'kubernetes.io/dockerconfigjson'): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  type,
  stringData: { [type === 'kubernetes.io/dockercfg' ? '.dockercfg' : '.dockerconfigjson']: config },
})

/** A docker config with these logins: `registry: user:password`. */
export const auths = (logins: Readonly<Record<string, string>>): string =>
  JSON.stringify({
    auths: Object.fromEntries(
      Object.entries(logins).map(([registry, login]) => [registry, { auth: Buffer.from(login).toString('base64') }]),
    ),
  })

/** As Embedded Cluster's own, without its schema. */
export const installationCrd: KubeObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'installations.embeddedcluster.replicated.com' },
  spec: {
    group: 'embeddedcluster.replicated.com',
    scope: 'Cluster',
    names: { kind: 'Installation', listKind: 'InstallationList', plural: 'installations', singular: 'installation' },
    versions: [
      {
        name: 'v1beta1',
        served: true,
        storage: true,
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
}
