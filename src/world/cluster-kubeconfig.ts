import { isAbsolute, join, resolve } from 'node:path'
import { PreflightError } from '../errors.ts'
import { isObject, type JsonObject, listAt, textAt, valueAt } from '../kubernetes/objects.ts'
import { printable } from '../redact.ts'
import { suggest } from '../suggest.ts'
import { parseYaml, toJs } from '../yaml-source.ts'
import { readBounded } from './bounded-file.ts'

const limitBytes = 4 << 20
const flag = '--kubeconfig'

export interface KubeconfigOptions {
  /** `--kubeconfig` alone, else what KUBECONFIG names, else `.kube/config` of the home folder. */
  readonly kubeconfigs: readonly string[]
  /** With `--kubeconfig`: the file has to be there. */
  readonly required: boolean
  /** `--context`; undefined: the current one. */
  readonly context: string | undefined
  /** Of a pod: the API server's address, from its environment. */
  readonly inCluster: { readonly host: string; readonly port: string; readonly folder: string } | undefined
}

/** A cluster and who asks it, as they are written; holds secrets. Names of files are from the working directory. */
export interface KubeContext {
  readonly name: string
  readonly cluster: JsonObject
  readonly user: JsonObject
  /** The files that were read, for messages. */
  readonly source: string
}

/**
 * The context as kubectl takes it: of several files the first that has an entry counts, and a file that KUBECONFIG names need not
 * be there (client-go 0.34 tools/clientcmd/loader.go).
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE, KUBECONFIG_INVALID
 */
export const readKubeconfig = async ({ kubeconfigs, required, context: asked, inCluster }: KubeconfigOptions): Promise<KubeContext> => {
  const read = await Promise.all(kubeconfigs.map(file => readFile(file, required)))
  const files = read.filter(one => one !== undefined)
  if (files.length === 0) return podContext(inCluster, kubeconfigs)
  const source = files.map(({ file }) => file).join(', ')
  const name = asked ?? files.map(({ root }) => textAt(root, 'current-context')).find(current => current) ?? ''
  const contexts = files.flatMap(({ root }) => listAt(root, 'contexts'))
  const context = named(contexts, name, 'context')
  if (context === undefined) throw noContext(name, contexts, source)
  const of = (list: string, key: string) => {
    const wanted = textAt(context, key) ?? ''
    const [found] = files.flatMap(({ file, root }) => {
      const entry = named(listAt(root, list), wanted, key)
      return entry === undefined ? [] : [withPaths(entry, resolve(file, '..'))]
    })
    if (found !== undefined || (key === 'user' && wanted === '')) return found ?? {}
    throw invalid(`The context ${printable(name)} names the ${key} ${printable(wanted)}, which is not in ${printable(source)}.`)
  }
  const [cluster, user] = [of('clusters', 'cluster'), of('users', 'user')]
  return { name, cluster, user, source }
}

const invalid = (message: string, hint = 'Check it with kubectl config view.') =>
  new PreflightError('KUBECONFIG_INVALID', message, { hint })

const readFile = async (file: string, required: boolean): Promise<{ readonly file: string; readonly root: JsonObject } | undefined> => {
  let bytes: Uint8Array
  try {
    bytes = await readBounded(file, limitBytes, flag)
  } catch (error) {
    if (!required && error instanceof PreflightError && error.code === 'FILE_NOT_FOUND') return undefined
    throw error
  }
  const root = parse(bytes, file)
  if (isObject(root)) return { file, root }
  throw invalid(`${printable(file)} is no kubeconfig: it is not a mapping.`)
}

const parse = (bytes: Uint8Array, file: string): unknown => {
  try {
    const root = parseYaml(bytes, file)[0]?.root
    return root === undefined ? {} : toJs(root)
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    const [where = file] = new RegExp(`^.{0,${file.length + 20}}?:[0-9]+:[0-9]+`).exec(error.message) ?? []
    throw invalid(`${printable(where)}: the kubeconfig is not valid YAML. What stands there is not shown, because it may be secret.`)
  }
}

const named = (entries: readonly unknown[], name: string, key: string): JsonObject | undefined => {
  const entry = entries.find(one => textAt(one, 'name') === name)
  const value = valueAt(entry, key)
  return isObject(value) ? value : undefined
}

const paths = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile']

/** A kubeconfig names files from its own folder; programs too, where there is a slash in the name. */
const withPaths = (entry: JsonObject, folder: string): JsonObject =>
  Object.fromEntries(
    Object.entries(entry).map(([key, value]) => {
      if (isObject(value) && key === 'exec') {
        const command = textAt(value, 'command') ?? ''
        return [key, command.includes('/') ? { ...value, command: from(folder, command) } : value]
      }
      return [key, typeof value === 'string' && value !== '' && paths.includes(key) ? from(folder, value) : value]
    }),
  )

const from = (folder: string, path: string): string => (isAbsolute(path) ? path : join(folder, path))

const noContext = (name: string, contexts: readonly unknown[], source: string): PreflightError => {
  const names = contexts.flatMap(context => textAt(context, 'name') ?? [])
  const list =
    names.length === 0
      ? 'It has none.'
      : `It has ${names
          .slice(0, 20)
          .map(one => printable(one, 80))
          .join(', ')}.`
  if (name === '') return invalid(`No context is current in ${printable(source)}.`, `Give one with --context. ${list}`)
  const meant = suggest(name, names)
  return invalid(
    `There is no context ${printable(name)} in ${printable(source)}.`,
    meant === undefined ? list : `Was ${printable(meant)} meant?`,
  )
}

/** In a pod without a kubeconfig: its service account (client-go 0.34 rest.InClusterConfig). */
const podContext = (inCluster: KubeconfigOptions['inCluster'], looked: readonly string[]): KubeContext => {
  if (inCluster === undefined) {
    const where = looked.length === 0 ? '' : ` (looked for ${looked.map(file => printable(file)).join(', ')})`
    throw invalid(
      `There is no kubeconfig${where}.`,
      'Give it with --kubeconfig FILE; on a node of Embedded Cluster it is /var/lib/embedded-cluster/k0s/pki/admin.conf.',
    )
  }
  const { host, port, folder } = inCluster
  return {
    name: 'in-cluster',
    cluster: { server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`, 'certificate-authority': join(folder, 'ca.crt') },
    user: { tokenFile: join(folder, 'token') },
    source: folder,
  }
}
