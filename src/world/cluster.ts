import { PreflightError } from '../errors.ts'
import type { CallFact, ClusterFact } from '../facts/cluster.ts'
import { failure } from '../facts/fact.ts'
import type { PullSecret } from '../kubelet/secret.ts'
import { secretOfObject } from '../kubelet/secret.ts'
import type { Call } from '../kubernetes/calls.ts'
import { currentInstallation, installationOf, type JsonObject, nodeOf, podTemplateOf, pullSecretsOf } from '../kubernetes/objects.ts'
import { type Clock, systemClock } from './clock.ts'
import { type InstalledConfig, installedConfig, legacyOf } from './cluster-config.ts'
import { type KubeconfigOptions, readKubeconfig } from './cluster-kubeconfig.ts'
import { connectCluster, isUnverified, serverOf } from './cluster-login.ts'
import { type ClusterLimits, type ClusterRequests, clusterLimits, createClusterRequests } from './cluster-requests.ts'
import type { ProxySettings } from './proxy-rules.ts'
import { secretStore } from './secret-files.ts'
import type { SecretStore } from './world.ts'

export interface ClusterOptions extends KubeconfigOptions {
  readonly namespace: string
  /** False when the platforms were given. */
  readonly wantsNodes: boolean
  /** Whether the Config is to come from the cluster. */
  readonly wantsConfig: boolean
  readonly proxy: ProxySettings
  /** Of the program that a kubeconfig names for a login. */
  readonly env: Readonly<Record<string, string | undefined>>
  readonly limits?: Partial<ClusterLimits>
  readonly clock?: Clock
  readonly signal: AbortSignal
  readonly trace?: ((line: string) => void) | undefined
}

/** A cluster that is read and never written to. */
export interface Cluster {
  /** What was read until now. */
  fact(): ClusterFact
  /** The installed Config. @throws PreflightError CONFIG_NOT_FOUND; CLUSTER_… when it could not be had */
  config(): InstalledConfig
  /** The Secrets of these names in Velero's namespace; of those that `files` has too, the file's. Nothing is thrown. */
  secrets(names: readonly string[], files: SecretStore | undefined): Promise<SecretStore>
  close(): Promise<void>
}

type Found = { -readonly [K in 'nodes' | 'deployment' | 'serviceAccountPullSecrets' | 'installation']?: NonNullable<ClusterFact[K]> }

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
 * Asks for all but the Secrets. What the cluster does wrong is in the facts.
 *
 * @throws PreflightError FILE_…, KUBECONFIG_INVALID for the kubeconfig (exit 2)
 */
export const openCluster = async (options: ClusterOptions): Promise<Cluster> => {
  const { namespace, signal, trace, clock = systemClock } = options
  const limits = { ...clusterLimits, ...options.limits }
  const context = await readKubeconfig(options)
  const server = serverOf(context).origin
  const asked: CallFact[] = []
  const found: Found = {}
  const connection = await connectCluster({ ...options, context, timeoutMs: limits.requestTimeoutMs }).catch((error: unknown) => {
    if (error instanceof PreflightError && error.code === 'CLUSTER_LOGIN') return error
    throw error
  })
  const unable = (error: PreflightError): ClusterRequests => ({ get: () => Promise.reject(error), list: () => Promise.reject(error) })
  const requests =
    connection instanceof PreflightError ? unable(connection) : createClusterRequests({ connection, limits, clock, signal, trace })

  /** The answer, noted; undefined when there is none or it could not be had. */
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

  const readNodes = async (): Promise<void> => {
    const nodes = await ask({ call: 'nodes' }, requests.list)
    if (nodes !== undefined) found.nodes = nodes.map(nodeOf)
  }
  const readPod = async (): Promise<void> => {
    const deployment = await ask({ call: 'deployment', namespace, name: 'velero' }, requests.get)
    if (deployment === undefined) return
    found.deployment = podTemplateOf(deployment)
    const account = await ask({ call: 'serviceAccount', namespace, name: found.deployment.serviceAccount }, requests.get)
    if (account !== undefined) found.serviceAccountPullSecrets = pullSecretsOf(account)
  }
  const readInstallation = async (): Promise<JsonObject | undefined> => {
    const current = currentInstallation((await ask({ call: 'installations' }, requests.list)) ?? [])
    if (current !== undefined) found.installation = installationOf(current)
    return current
  }
  const [installation] = await Promise.all([readInstallation(), options.wantsNodes ? readNodes() : undefined, readPod()])
  const legacy = legacyOf(installation)
  const inSecret = options.wantsConfig && legacy !== undefined ? await ask(legacy, requests.get) : undefined
  const secretsFromFiles: string[] = []

  return {
    fact: () => ({
      ok: true,
      context: context.name,
      server,
      unverified: isUnverified(context),
      namespace,
      calls: asked,
      ...found,
      secretsFromFiles,
    }),
    config: () => installedConfig({ asked, installation, inSecret, context: context.name }),
    async secrets(names, files) {
      const secrets: PullSecret[] = []
      const wanted = names.filter(name => files?.find(namespace, name) === undefined)
      secretsFromFiles.push(...names.filter(name => !wanted.includes(name)).map(name => `${namespace}/${name}`))
      for (let i = 0; i < wanted.length; i += together) {
        const answers = await Promise.all(
          wanted.slice(i, i + together).map(name => ask({ call: 'pullSecret', namespace, name }, requests.get)),
        )
        secrets.push(...answers.flatMap(one => (one === undefined ? [] : [secretOfObject(one, `the cluster ${context.name}`)])))
      }
      return secretsOf(secrets, files, asked, context.name)
    },
    async close() {
      if (!(connection instanceof PreflightError)) await connection.close()
    },
  }
}

/** A file goes before the cluster, which may not have it yet. */
const secretsOf = (
  secrets: readonly PullSecret[],
  files: SecretStore | undefined,
  asked: readonly CallFact[],
  context: string,
): SecretStore => {
  const own = secretStore(secrets, [`the cluster ${context}`])
  return {
    sources: [...(files?.sources ?? []), ...own.sources],
    all: [...(files?.all ?? []), ...own.all],
    find: (namespace, name) => files?.find(namespace, name) ?? own.find(namespace, name),
    unread: (namespace, name) => {
      const call = asked.find(one => one.call === 'pullSecret' && one.namespace === namespace && one.name === name)
      if (call === undefined || call.ok) return undefined
      const { code, message, hint } = call
      return { ok: false, code, message, ...(hint === undefined ? {} : { hint }) }
    },
  }
}
