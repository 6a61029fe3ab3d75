import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { command } from '../support/command.ts'
import type { KubeObject, RealCluster } from './kubernetes.ts'
import { run, succeed } from './peers.ts'
import { temporaryFolder } from './processes.ts'
import type { S3Server } from './s3.ts'

/** Helm values as far as plugins go. */
export interface PluginValues {
  readonly initContainers: readonly { readonly name: string; readonly image: string }[]
  readonly image?: { readonly imagePullSecrets?: readonly string[] }
}

/**
 * The values that our command makes of a Config. In place of the AWS plugin's image, which only Replicated's proxy has, stands `aws`.
 *
 * @param config path of a file
 */
export const ourValues = async (config: string, aws: string): Promise<PluginValues> => {
  const { code, out, err } = await command(['values', '--config', config, '--schema', 'proposal', '--format', 'json'])
  if (code !== 0) throw new Error(`values ended with ${code}: ${err}`)
  const made = JSON.parse(out) as PluginValues
  return { ...made, initContainers: made.initContainers.map(one => (one.name === awsPlugin ? { ...one, image: aws } : one)) }
}
const awsPlugin = 'velero-plugin-for-aws'

export interface VeleroOptions {
  /** The program, whose `install --dry-run` writes the manifests. */
  readonly program: string
  /** The server's image. */
  readonly image: string
  readonly values: PluginValues
  readonly s3: S3Server
  readonly bucket: string
  readonly env: Readonly<Record<string, string>>
  readonly args?: readonly string[]
}

interface PodSpec {
  hostNetwork?: boolean
  imagePullSecrets?: readonly object[]
  initContainers: readonly object[]
  containers: [{ env: object[]; args: string[]; imagePullPolicy?: string; resources?: object }]
}

/** What `velero install` would apply, with the init containers and pull secrets of Helm values in place of its own. */
export const veleroManifests = async (cluster: RealCluster, options: VeleroOptions): Promise<readonly KubeObject[]> => {
  const { program, image, values, s3, bucket, env, args = [] } = options
  const credentials = join(temporaryFolder('credentials'), 'cloud')
  writeFileSync(credentials, `[default]\naws_access_key_id=${s3.accessKey}\naws_secret_access_key=${s3.secretKey}\n`)
  const flags = ['--provider', 'aws', '--bucket', bucket, '--image', image, '--plugins', 'unused/aws:v1', '--secret-file', credentials]
  const location = `region=us-east-1,s3ForcePathStyle=true,s3Url=https://127.0.0.1:${s3.port}`
  const more = ['--use-volume-snapshots=false', '--backup-location-config', location, '--kubeconfig', cluster.kubeconfig]
  const { items } = parse(await succeed(program, ['install', '--dry-run', '-o', 'yaml', ...flags, ...more])) as { items: KubeObject[] }
  const { objectStorage } = find(items, 'BackupStorageLocation').spec as { objectStorage: { caCert?: string } }
  objectStorage.caCert = Buffer.from(s3.ca).toString('base64')
  const pod = (find(items, 'Deployment').spec as { template: { spec: PodSpec } }).template.spec
  // Of the machine's network, where registry, S3 server and API server are.
  pod.hostNetwork = true
  pod.initContainers = values.initContainers
  pod.imagePullSecrets = (values.image?.imagePullSecrets ?? []).map(name => ({ name }))
  const [server] = pod.containers
  server.env.push(...Object.entries(env).map(([name, value]) => ({ name, value })))
  server.args.push(...args)
  server.resources = {}
  return items
}

const find = (items: readonly KubeObject[], kind: string): KubeObject => items.find(item => item.kind === kind)!

/** As applied by a user: what is there already stays, and a kind that was just made is waited for. */
export const applyNew = async (cluster: RealCluster, objects: readonly KubeObject[]): Promise<void> => {
  for (const object of objects)
    await eventually(`applying ${object.kind} ${object.metadata.name}`, 30_000, () => cluster.apply(object).then(() => true))
}

/** Asks until the answer is not undefined; what is thrown counts as no answer, and is said at the end. */
export const eventually = async <T>(what: string, timeoutMs: number, ask: () => Promise<T | undefined>): Promise<T> => {
  let last: unknown = 'no answer'
  for (const end = Date.now() + timeoutMs; Date.now() < end; ) {
    try {
      const answer = await ask()
      if (answer !== undefined) return answer
    } catch (error) {
      last = error
    }
    await new Promise(resolve => setTimeout(resolve, 250))
  }
  throw new Error(`${what} took longer than ${timeoutMs} ms: ${last instanceof Error ? last.message : String(last)}`)
}

export interface PodStatus {
  readonly name: string
  readonly phase: string
  readonly init: readonly ContainerState[]
  readonly containers: readonly ContainerState[]
}
export interface ContainerState {
  readonly name: string
  readonly ready: boolean
  readonly restartCount: number
  readonly state: {
    readonly waiting?: { readonly reason: string; readonly message?: string }
    readonly running?: { readonly startedAt: string }
    readonly terminated?: { readonly exitCode: number; readonly startedAt: string; readonly finishedAt: string }
  }
}

/** The first pod of a namespace that has this label, or name. */
export const podStatus = async (cluster: RealCluster, namespace: string, selector: string): Promise<PodStatus | undefined> => {
  const query = selector.includes('=') ? `labelSelector=${selector}` : `fieldSelector=metadata.name=${selector}`
  const { items } = (await cluster.call('GET', `/api/v1/namespaces/${namespace}/pods?${query}`)) as unknown as { items: RawPod[] }
  const [pod] = items
  if (pod === undefined) return undefined
  const { phase, initContainerStatuses = [], containerStatuses = [] } = pod.status
  return { name: pod.metadata.name, phase, init: initContainerStatuses, containers: containerStatuses }
}
interface RawPod {
  readonly metadata: { readonly name: string }
  readonly status: {
    readonly phase: string
    readonly initContainerStatuses?: ContainerState[]
    readonly containerStatuses?: ContainerState[]
  }
}

/** What a container has written. */
export const podLog = (cluster: RealCluster, namespace: string, pod: string, container: string): Promise<string> =>
  cluster.text(`/api/v1/namespaces/${namespace}/pods/${pod}/log?container=${container}`)

/** Waits until the store is there; @throws Error with the end of Velero's log */
export const untilVeleroWorks = async (cluster: RealCluster, timeoutMs: number): Promise<string> => {
  const path = '/apis/velero.io/v1/namespaces/velero/backupstoragelocations/default'
  try {
    await eventually('the backup storage location', timeoutMs, async () => {
      const { status } = (await cluster.call('GET', path)) as { status?: { phase?: string } }
      return status?.phase === 'Available' ? true : undefined
    })
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${await veleroSays(cluster)}`)
  }
  return (await podStatus(cluster, 'velero', 'component=velero'))!.name
}

/** Its pod's state and the end of its log, for messages. */
export const veleroSays = async (cluster: RealCluster): Promise<string> => {
  const pod = await podStatus(cluster, 'velero', 'component=velero').catch(() => undefined)
  if (pod === undefined) return 'there is no pod of Velero'
  const log = await podLog(cluster, 'velero', pod.name, 'velero').catch(String)
  return `${JSON.stringify(pod)}\n${log.slice(-4000)}`
}

/** The phase of a Backup or Restore when it is over. */
export const untilOver = (cluster: RealCluster, kind: 'backups' | 'restores', name: string, timeoutMs: number): Promise<VeleroStatus> =>
  eventually(`the end of ${kind} ${name}`, timeoutMs, async () => {
    const { status } = (await cluster.call('GET', `/apis/velero.io/v1/namespaces/velero/${kind}/${name}`)) as { status?: VeleroStatus }
    return /^(Completed|PartiallyFailed|Failed|FailedValidation)$/.test(status?.phase ?? '') ? status : undefined
  })

export interface VeleroStatus {
  readonly phase: string
  readonly backupItemOperationsAttempted?: number
  readonly backupItemOperationsCompleted?: number
  readonly restoreItemOperationsAttempted?: number
  readonly restoreItemOperationsCompleted?: number
  readonly errors?: number
}

/** @returns what a shell pipeline would: stdout of `tar -xzO` */
export const tarFile = (archive: string, name: string): Promise<string> => succeed('tar', ['-xzOf', archive, name])
export const tarNames = async (archive: string): Promise<readonly string[]> => (await run('tar', ['-tzf', archive])).stdout.split('\n')

/** Where the API server listens: pods of the machine's network find it at 127.0.0.1. */
export const apiPort = (cluster: RealCluster): string => /127\.0\.0\.1:(\d+)/.exec(readFileSync(cluster.kubeconfig, 'utf8'))![1]!
