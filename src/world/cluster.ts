import { PreflightError } from '../errors.ts'
import type { CallFact, ClusterFact } from '../facts/cluster.ts'
import { failure } from '../facts/fact.ts'
import type { InstalledFact } from '../facts/installed.ts'
import type { ServerStatusFact } from '../facts/velero.ts'
import { secretOfObject } from '../kubelet/secret.ts'
import { type Call, calls } from '../kubernetes/calls.ts'
import {
  currentInstallation,
  installationOf,
  type JsonObject,
  nodeImagesOf,
  nodeOf,
  podTemplateOf,
  pullSecretsOf,
} from '../kubernetes/objects.ts'
import { veleroPodsOf } from '../kubernetes/velero-pods.ts'
import type { Meter } from '../meter.ts'
import { printable } from '../redact.ts'
import { type Clock, systemClock } from './clock.ts'
import { type InstalledConfig, installedConfig, installedFact, legacyOf } from './cluster-config.ts'
import { type ClusterLimits, clusterLimits, createClusterExchange } from './cluster-exchange.ts'
import { type KubeconfigOptions, readKubeconfig } from './cluster-kubeconfig.ts'
import { connectCluster, isUnverified, serverOf } from './cluster-login.ts'
import { createClusterRequests } from './cluster-requests.ts'
import { type ClusterWriter, createClusterWriter } from './cluster-writer.ts'
import type { ProxySettings } from './proxy-rules.ts'
import { secretStore } from './secret-files.ts'
import { serverStatus } from './server-status.ts'
import type { ClusterReader, SecretStore } from './world.ts'

/** What is wanted of a cluster. */
export interface ReadOptions {
  readonly namespace: string
  /** False when the platforms were given. */
  readonly wantsNodes: boolean
  /** Whether the Config is to come from the cluster, or the new one to be compared with the one there. */
  readonly wantsConfig: boolean
  /** Whether what runs is compared: the pods of Velero, and the images that nodes have. */
  readonly wantsRunning?: boolean
}

export interface ClusterOptions extends KubeconfigOptions, ReadOptions {
  readonly proxy: ProxySettings
  /** Of the program that a kubeconfig names for a login. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly limits?: Partial<ClusterLimits>
  readonly clock?: Clock
  readonly signal: AbortSignal
  readonly trace?: ((line: string) => void) | undefined
  readonly meter?: Meter | undefined
}

/** A cluster that is read, and written to only where a flag says so. */
export interface Cluster {
  /** The API server itself, for what is not read at once. */
  readonly reader: ClusterReader
  /** Absent: of a bundle, and where there is no login. */
  readonly writer?: ClusterWriter
  /** What was read until now. */
  fact(): ClusterFact
  /** The installed Config. @throws PreflightError CONFIG_NOT_FOUND; CLUSTER_… when it could not be had */
  config(): InstalledConfig
  /** The same, for a new Config to be compared with. */
  installed(): InstalledFact
  /** The Secrets of these names in Velero's namespace; of those that `files` has too, the file's. Nothing is thrown. */
  secrets(names: readonly string[], files: SecretStore | undefined): Promise<SecretStore>
  /** Asks Velero's server itself, which writes to the cluster; absent: nobody can. */
  readonly serverStatus?: () => Promise<ServerStatusFact>
  close(): Promise<void>
}

/** Beyond these nothing that is asked of the server will be answered any better. */
const final = new Set([
  'CLUSTER_UNREACHABLE',
  'CLUSTER_TIMEOUT',
  'CLUSTER_TLS',
  'CLUSTER_LOGIN',
  'CLUSTER_UNAUTHORIZED',
  'TIMED_OUT',
  'INTERRUPTED',
])

const together = 8

/**
 * The cluster that a kubeconfig names. What it does wrong is in the facts.
 *
 * @throws PreflightError FILE_…, KUBECONFIG_INVALID for the kubeconfig (exit 2)
 */
export const openCluster = async (options: ClusterOptions): Promise<Cluster> => {
  const { signal, trace, meter, clock = systemClock } = options
  const limits = { ...clusterLimits, ...options.limits }
  const context = await readKubeconfig(options)
  const server = serverOf(context).origin
  const connection = await connectCluster({ ...options, context, timeoutMs: limits.requestTimeoutMs }).catch(unlessLogin)
  const about = { context: context.name, server, unverified: isUnverified(context) }
  if (connection instanceof PreflightError)
    return { ...(await readCluster(unable(connection), about, options, async () => {})), serverStatus: async () => failure(connection) }
  const reached = { connection, limits, clock, trace, meter }
  const { writes: _, ...reader } = createClusterRequests({ ...reached, signal })
  // What was created is taken away also after a time limit or a signal.
  const unstopped = { ...reached, signal: new AbortController().signal }
  const { writes } = createClusterRequests(unstopped)
  const { namespace } = options
  return {
    ...(await readCluster(reader, about, options, () => connection.close())),
    writer: createClusterWriter(createClusterExchange(unstopped)),
    serverStatus: () => serverStatus({ reader, writes, namespace, clock, signal }),
  }
}

/** Whose answers they are: an API server's, or a support bundle's. */
export type ClusterAbout = Pick<ClusterFact, 'context' | 'server' | 'unverified' | 'bundle' | 'redacted'>

const placeOf = ({ context, bundle }: ClusterAbout): string =>
  bundle === undefined ? `the cluster ${context}` : `the support bundle ${printable(bundle)}`

/** Asks for all but the Secrets. What could not be had is in the facts. */
export const readCluster = async (
  reader: ClusterReader,
  about: ClusterAbout,
  options: ReadOptions,
  close: () => Promise<void>,
): Promise<Cluster> => {
  const { namespace } = options
  const log = askedOf(reader)
  const { installations, inSecret, ...found } = await readAtOnce(log, options)
  const installation = currentInstallation(installations)
  const installed = () => ({ asked: log.calls(), installations, inSecret, place: placeOf(about) })
  const secretsFromFiles: string[] = []
  return {
    reader,
    fact: () => ({
      ok: true,
      ...about,
      namespace,
      calls: log.calls(),
      ...found,
      ...(installation && { installation: installationOf(installation) }),
      secretsFromFiles,
    }),
    config: () => installedConfig(installed()),
    installed: () => installedFact(installed()),
    async secrets(names, files) {
      const wanted = names.filter(name => files?.find(namespace, name) === undefined)
      secretsFromFiles.push(...names.filter(name => !wanted.includes(name)).map(name => `${namespace}/${name}`))
      const objects: JsonObject[] = []
      for (let i = 0; i < wanted.length; i += together) {
        const some = wanted.slice(i, i + together).map(name => log.get({ call: 'pullSecret', namespace, name }))
        objects.push(...(await Promise.all(some)).filter(object => object !== undefined))
      }
      const source = placeOf(about)
      return secretsOf(
        secretStore(
          objects.map(object => secretOfObject(object, source)),
          [source],
        ),
        files,
        log.calls(),
      )
    },
    close,
  }
}

/** A login that could not be had is the cluster's affair, a kubeconfig that is none the user's. */
const unlessLogin = (error: unknown): PreflightError => {
  if (error instanceof PreflightError && error.code === 'CLUSTER_LOGIN') return error
  throw error
}

const unable = (error: PreflightError): ClusterReader => {
  const reject = () => Promise.reject(error)
  return { get: reject, list: reject, log: reject }
}

/** What is asked of the API server at once. */
type Asked = Pick<ClusterReader, 'get' | 'list'>

/** Requests that never fail but note what became of each; undefined also for what could not be had. */
const askedOf = (requests: ClusterReader): Asked & { calls(): readonly CallFact[] } => {
  const asked: CallFact[] = []
  const ask = async <T>(call: Call, run: (call: Call) => Promise<T | undefined>): Promise<T | undefined> => {
    const before = asked.find(one => !one.ok && final.has(one.code))
    try {
      if (before !== undefined && !before.ok) throw new PreflightError(before.code, before.message, { hint: before.hint })
      const answer = await run(call)
      asked.push({ ...call, ok: true, found: answer !== undefined })
      return answer
    } catch (error) {
      asked.push({ ...call, ...failure(error) })
      return undefined
    }
  }
  const place = ({ call, name = '' }: Call) => `${Object.keys(calls).indexOf(call)} ${name}`
  return {
    get: call => ask(call, requests.get),
    list: call => ask(call, requests.list),
    // Answers come in any order; what is told of them should not.
    calls: () => asked.toSorted((a, b) => (place(a) < place(b) ? -1 : 1)),
  }
}

/** What needs no other answer first, side by side. */
const readAtOnce = async ({ get, list }: Asked, { namespace, wantsNodes, wantsConfig, wantsRunning = false }: ReadOptions) => {
  const readPod = async () => {
    const velero = await get({ call: 'deployment', namespace, name: 'velero' })
    if (velero === undefined) return {}
    const deployment = podTemplateOf(velero)
    const account = await get({ call: 'serviceAccount', namespace, name: deployment.serviceAccount })
    return { deployment, ...(account && { serviceAccountPullSecrets: pullSecretsOf(account) }) }
  }
  const [installations = [], nodes, pod, pods] = await Promise.all([
    list({ call: 'installations' }),
    wantsNodes ? list({ call: 'nodes' }) : undefined,
    readPod(),
    wantsRunning ? list({ call: 'pods', namespace }) : undefined,
  ])
  const legacy = wantsConfig ? legacyOf(currentInstallation(installations)) : undefined
  const inSecret = legacy && (await get(legacy))
  const node = (object: unknown) => ({ ...nodeOf(object), ...(wantsRunning && { images: nodeImagesOf(object) }) })
  return {
    ...pod,
    ...(nodes && { nodes: nodes.map(node) }),
    ...(pods && { pods: veleroPodsOf(pods) }),
    installations,
    inSecret,
  }
}

/** A file goes before the cluster, which may not have it yet. */
const secretsOf = (own: SecretStore, files: SecretStore | undefined, asked: readonly CallFact[]): SecretStore => ({
  sources: [...(files?.sources ?? []), ...own.sources],
  all: [...(files?.all ?? []), ...own.all],
  find: (namespace, name) => files?.find(namespace, name) ?? own.find(namespace, name),
  unread: (namespace, name) => {
    const call = asked.find(one => one.call === 'pullSecret' && one.namespace === namespace && one.name === name)
    if (call === undefined || call.ok) return undefined
    const { code, message, hint } = call
    return { ok: false, code, message, ...(hint === undefined ? {} : { hint }) }
  },
})
