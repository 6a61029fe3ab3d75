import type { PodSecrets } from '../embedded-cluster/pod-secrets.ts'
import type { Meter } from '../meter.ts'
import type { LocalReference } from '../oci/transport.ts'
import { readCaFiles } from './ca-files.ts'
import type { Cluster } from './cluster.ts'
import { openDockerConfig } from './docker-config-file.ts'
import { imageAccess } from './image-access.ts'
import { openLayerCache } from './layer-cache.ts'
import { type LicenseOptions, openLicense } from './license-file.ts'
import { loadHosts } from './load-hosts.ts'
import { networkOf } from './load-node-settings.ts'
import { createLocalImages, requireLocalImages } from './local-images.ts'
import type { NodeRunnerOptions } from './node-runner.ts'
import type { ProxySettings } from './proxy-rules.ts'
import { createRegistry } from './registry.ts'
import { readSecrets } from './secret-files.ts'
import type { AirgapStore, NodeRunner, World } from './world.ts'

export interface LiveWorldOptions {
  /** `--from-cluster`; undefined: no cluster is read. */
  readonly cluster: Cluster | undefined
  /** `--server-status`: its server may be asked. */
  readonly serverStatus?: boolean
  /** `--nodes`; undefined: no node is asked for itself. */
  readonly nodes?: { readonly image: string; readonly timeoutMs: number } | undefined
  /** Pull secrets of Velero's pod: see ImageAccessOptions. */
  readonly pod: PodSecrets
  /** `--secrets`; undefined when none was given. */
  readonly secrets: readonly string[] | undefined
  /** No pod is to pull: every Secret that was given may be used. */
  readonly everySecret?: boolean
  readonly dockerConfig: string | undefined
  readonly license: LicenseOptions | undefined
  /** `--airgap-bundle`; closed by who opened it. */
  readonly airgap?: AirgapStore | undefined
  /** `--image`, by plugin; and what is read from `airgap`. */
  readonly images: ReadonlyMap<string, LocalReference>
  readonly namespace: string
  readonly caFiles: readonly string[]
  readonly plainHttpHosts: readonly string[]
  readonly insecureSkipTlsVerifyHosts: readonly string[]
  readonly allowRealms: readonly string[]
  /** `--hosts-dir`; undefined: the settings of this machine, when it is a node. */
  readonly hostsDir: string | undefined
  /** `--node-settings`: the root folder of a node. */
  readonly nodeSettings: string | undefined
  /** `--node-root`: the same of the node that this pod is on, whatever kind of node it is. */
  readonly nodeRoot?: string | undefined
  /** `--request-timeout`; undefined: the client's own limits. */
  readonly requestTimeoutMs: number | undefined
  readonly proxy: ProxySettings
  /** Folder of the layers that earlier runs read; undefined: none. */
  readonly cache: { readonly folder: string; readonly required: boolean } | undefined
  readonly now: Date
  /** A line for each request (`--debug`). */
  readonly trace?: ((line: string) => void) | undefined
  /** Told of each request, of what comes, and of the cache. */
  readonly meter?: Meter | undefined
  readonly signal: AbortSignal
}

/**
 * The real world: registries over the network; Secrets from files and the cluster; docker config and images that are named so
 * from files.
 *
 * @throws PreflightError for a file given on the command line that cannot be used (exit 2)
 */
export const liveWorld = async ({
  caFiles,
  secrets: paths,
  everySecret = false,
  dockerConfig: file,
  license: given,
  images,
  airgap,
  cluster,
  serverStatus = false,
  nodes,
  pod: { names, toRead, pod, unread: podUnread },
  namespace,
  now,
  requestTimeoutMs: limit,
  cache,
  hostsDir,
  nodeSettings,
  nodeRoot,
  proxy: environment,
  trace,
  ...network
}: LiveWorldOptions): Promise<World> => {
  await requireLocalImages(images.values())
  const caPems = await readCaFiles(caFiles)
  const hostsOf = await loadHosts(hostsDir, nodeRoot)
  const { proxy, rootPems, source } = await networkOf(nodeSettings, environment, nodeRoot)
  const secretFiles = paths === undefined ? undefined : await readSecrets(paths)
  const dockerConfig = file === undefined ? undefined : await openDockerConfig(file)
  const secrets = cluster === undefined ? secretFiles : await cluster.secrets(toRead, secretFiles)
  const usable = (secrets?.all ?? []).map(({ name }) => name).filter(name => secrets?.find(namespace, name) !== undefined)
  const podSecrets = everySecret ? [...new Set([...names, ...usable])] : names
  const layerCache = cache && (await openLayerCache({ ...cache, nowMs: Date.now, trace, meter: network.meter }))
  const license = given && (await openLicense(given))
  const limits = limit === undefined ? {} : { connectTimeoutMs: limit, headersTimeoutMs: limit, idleTimeoutMs: limit }
  const local = createLocalImages(network.signal, airgap)
  const registry = local.before(createRegistry({ ...network, ...limits, ...(trace && { trace }), caPems, hostsOf, proxy, rootPems }))
  const podIsKnown = pod !== undefined || podUnread !== undefined
  const access = { registry, secrets, dockerConfig, namespace, podSecrets, podIsKnown, podUnread, images, local, network: source, license }
  const seen =
    cluster === undefined
      ? {}
      : {
          cluster: cluster.fact(),
          clusterReader: cluster.reader,
          ...(serverStatus && cluster.serverStatus && { serverStatus: cluster.serverStatus }),
          ...(pod && { pod }),
          ...(podUnread && { podUnread }),
        }
  const nodeRunner = nodes && (await runnerOf(cluster, { ...nodes, namespace, signal: network.signal }))
  return {
    registry,
    secrets,
    dockerConfig,
    namespace,
    now,
    open: imageAccess(access),
    ...seen,
    ...(airgap && { airgap }),
    ...(nodeRunner && { nodeRunner }),
    ...(layerCache && { layerCache }),
  }
}

const runnerOf = async (cluster: Cluster | undefined, options: Omit<NodeRunnerOptions, 'cluster'>): Promise<NodeRunner | undefined> => {
  if (cluster?.writer === undefined) return undefined
  const { createNodeRunner } = await import('./node-runner.ts')
  return createNodeRunner({ ...options, cluster: { reader: cluster.reader, writer: cluster.writer } })
}
