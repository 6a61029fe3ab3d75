import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { type Answer, json } from './registry-auth.ts'
import { type Fault, send, spoil } from './registry-faults.ts'

/** What the cluster holds: the objects of each path without the name, `api/v1/namespaces/velero/secrets`. */
export type Objects = Readonly<Record<string, readonly object[]>>

export interface ApiServer {
  readonly url: string
  /** Paths with queries, in the order in which they came. */
  readonly asked: readonly string[]
  readonly headers: readonly IncomingMessage['headers'][]
  /** What was sent to be written: method, path and body. */
  readonly written: readonly (readonly [method: string, path: string, body: string])[]
  /** The answers to what is written, in their order; without one it only reads. */
  write(...answers: readonly { readonly status: number; readonly reason?: string }[]): void
  /** Answers what it has under the path, else 404 as an API server does. */
  put(objects: Objects): void
  /** RBAC does not allow paths that begin so. */
  forbid(path: string): void
  /** The next answers to paths that begin so; the last one stays. */
  fault(path: string, ...faults: readonly (Fault | undefined)[]): void
  close(): Promise<void>
  /** Closes the port and opens it again after so long, as a restart does. */
  restart(afterMs: number): Promise<void>
}

const status = (code: number, reason: string, message: string): Answer =>
  json(code, { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, message, code })

/** An API server as far as reading goes: objects, pages, RBAC, and what servers do wrong. */
export const startApiServer = async (): Promise<ApiServer> => {
  const objects = new Map<string, readonly object[]>()
  const forbidden = new Set<string>()
  const faults: { readonly path: string; readonly queue: (Fault | undefined)[] }[] = []
  const asked: string[] = []
  const headers: IncomingMessage['headers'][] = []
  const written: (readonly [string, string, string])[] = []
  const answers: { readonly status: number; readonly reason?: string }[] = []

  const listOf = (items: readonly object[], query: URLSearchParams): Answer => {
    const from = Number(query.get('continue') ?? 0)
    const to = from + Number(query.get('limit') ?? items.length)
    const more = to < items.length ? { continue: String(to), remainingItemCount: items.length - to } : {}
    return json(200, { kind: 'List', metadata: more, items: items.slice(from, to) })
  }
  const answerTo = (path: string, query: URLSearchParams): Answer => {
    if ([...forbidden].some(prefix => path.startsWith(prefix))) return status(403, 'Forbidden', `User "bob" cannot read "${path}"`)
    const list = objects.get(path)
    if (list !== undefined) return listOf(list, query)
    const [, parent = '', name = ''] = /^(.*)\/([^/]*)$/.exec(path) ?? []
    const found = objects.get(parent)?.find(object => (object as { metadata?: { name?: string } }).metadata?.name === name)
    if (found !== undefined) return json(200, found)
    // Of a kind that it does not know, it says so in plain text.
    return path.startsWith('apis/embedded')
      ? { status: 404, headers: { 'content-type': 'text/plain' }, body: Buffer.from('404 page not found\n') }
      : status(404, 'NotFound', `"${name}" not found`)
  }
  const handle = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '', 'http://x')
    const path = url.pathname.slice(1)
    asked.push(`${path}${url.search}`)
    headers.push(request.headers)
    const queue = faults.find(one => path.startsWith(one.path))?.queue ?? []
    const fault = queue.length > 1 ? queue.shift() : queue[0]
    if (request.method !== 'GET') {
      const pieces: Buffer[] = []
      request.on('data', (piece: Buffer) => void pieces.push(piece))
      request.on('end', () => {
        written.push([request.method ?? '', path, Buffer.concat(pieces).toString()])
        const { status: code, reason = 'Created' } = answers.shift() ?? { status: 405, reason: 'MethodNotAllowed' }
        send(response, status(code, reason, 'this test only reads'), undefined, false).catch(() => response.destroy())
      })
      return
    }
    send(response, spoil(answerTo(path, url.searchParams), fault, request.url ?? ''), fault, false).catch(() => response.destroy())
  }

  const listen = (port: number) =>
    new Promise<ReturnType<typeof createServer>>((resolve, reject) => {
      const made = createServer(handle)
      made.once('error', reject)
      made.listen(port, '127.0.0.1', () => resolve(made))
    })
  const end = (running: ReturnType<typeof createServer>) =>
    new Promise<void>(resolve => {
      running.close(() => resolve())
      running.closeAllConnections()
    })
  let server = await listen(0)
  let reopened: Promise<void> = Promise.resolve()
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    headers,
    written,
    write: (...more) => void answers.push(...more),
    put: more => {
      for (const [path, list] of Object.entries(more)) objects.set(path, list)
    },
    forbid: path => forbidden.add(path),
    fault: (path, ...queue) => faults.unshift({ path, queue: [...queue] }),
    close: async () => {
      await reopened
      await end(server)
    },
    restart: async afterMs => {
      await end(server)
      reopened = wait(afterMs).then(async () => {
        server = await listen(port)
      })
    },
  }
}

/** A kubeconfig with one context for it. */
export const kubeconfigOf = ({ url }: Pick<ApiServer, 'url'>, user: object = { token: 'planted-token' }): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'test',
    contexts: [{ name: 'test', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: url } }],
    users: [{ name: 'u', user }],
  })

export const nodeObject = (name: string, platform = 'linux/amd64', ready = true) => {
  const [operatingSystem, architecture] = platform.split('/')
  return {
    metadata: { name },
    spec: { taints: [{ key: 'node-role.kubernetes.io/control-plane', effect: 'NoSchedule' }] },
    status: { nodeInfo: { operatingSystem, architecture }, conditions: [{ type: 'Ready', status: ready ? 'True' : 'Unknown' }] },
  }
}

export const deploymentObject = (pullSecrets: readonly string[] = [], serviceAccountName = 'velero-server') => ({
  metadata: { name: 'velero', namespace: 'velero' },
  spec: { template: { spec: { serviceAccountName, imagePullSecrets: pullSecrets.map(name => ({ name })) } } },
})

export const accountObject = (pullSecrets: readonly string[] = [], name = 'velero-server') => ({
  metadata: { name, namespace: 'velero' },
  imagePullSecrets: pullSecrets.map(secret => ({ name: secret })),
})

/** A pull secret as the API server gives it. */
export const secretObject = (name: string, registry: string, login: string) => {
  const config = JSON.stringify({ auths: { [registry]: { auth: Buffer.from(login).toString('base64') } } })
  return {
    metadata: { name, namespace: 'velero' },
    type: 'kubernetes.io/dockerconfigjson',
    data: { '.dockerconfigjson': Buffer.from(config).toString('base64') },
  }
}

export const installationObject = (name: string, spec: object, state = 'Installed') => ({
  apiVersion: 'embeddedcluster.replicated.com/v1beta1',
  kind: 'Installation',
  metadata: { name },
  spec,
  status: { state },
})
