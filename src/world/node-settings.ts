import { join, resolve } from 'node:path'
import { systemdEnvironment } from '../embedded-cluster/systemd-environment.ts'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { parseYaml, toJs } from '../yaml-source.ts'
import { certificatesIn } from './ca-files.ts'
import { nodeFiles } from './node-files.ts'
import type { ProxySettings } from './proxy-rules.ts'

/** What a node of Embedded Cluster has of proxies and authorities. */
export interface NodeSettings {
  /** Absent: the node has no proxy. */
  readonly proxy?: { readonly settings: ProxySettings; readonly file: string }
  /** The bundle that Go programs on the node trust; `pems` only where it is not that of this machine. */
  readonly authorities?: { readonly file: string; readonly pems: readonly string[] | undefined }
}

/** EC writes the first before its own preflights, the others when it installs k0s (pkg/runtimeconfig, pkg-new/hostutils/system.go). */
const ecYaml = 'etc/embedded-cluster/ec.yaml'
const dropIns = ['etc/systemd/system/k0scontroller.service.d', 'etc/systemd/system/k0sworker.service.d']

/** In EC's order (cmd/installer/cli/ca.go), which is that of Go's crypto/x509. */
const bundles = [
  'etc/ssl/certs/ca-certificates.crt',
  'etc/pki/tls/certs/ca-bundle.crt',
  'etc/ssl/ca-bundle.pem',
  'etc/pki/tls/cacert.pem',
  'etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem',
  'etc/ssl/cert.pem',
]

/**
 * The settings of the node whose root folder this is: `/` on the node itself, else a copy or a mount of its files. What
 * systemd gives to k0s, and so to containerd, goes before what EC has noted in ec.yaml.
 *
 * @throws PreflightError FILE_NOT_FOUND when it is no node of EC and has to be one; FILE_UNREADABLE; YAML_INVALID
 */
export const readNodeSettings = (folder: string, required = true): NodeSettings => {
  const root = resolve(folder)
  const read = reader(root)
  const noted = read(ecYaml)
  const environments = dropIns.map(path => environmentOf(path, read)).filter(one => one !== undefined)
  if (required && noted === undefined && environments.length === 0)
    throw new PreflightError('FILE_NOT_FOUND', `--node-settings ${printable(root)}: there are no settings of Embedded Cluster in it.`, {
      hint: `It is the root folder of a node, with ${ecYaml} or ${dropIns[0]}/http-proxy.conf in it.`,
    })
  const [given] = environments.filter(({ variables }) => proxyIn(variables) !== undefined)
  const proxy =
    given === undefined
      ? notedProxy(noted?.text, join(root, ecYaml))
      : { settings: proxyIn(given.variables)!, file: join(root, given.file) }
  const own = environments.map(({ variables }) => variables.get('SSL_CERT_FILE') ?? '').find(path => path !== '')
  const bundle = (own === undefined ? bundles : [own.replace(/^\/+/, '')])
    .map(path => ({ path, found: read(path) }))
    .find(({ found }) => found)
  return {
    ...(proxy && { proxy }),
    ...(bundle?.found && {
      authorities: {
        file: join(root, bundle.path),
        pems: root === '/' && own === undefined ? undefined : certificatesIn(bundle.found.text, join(root, bundle.path), '--node-settings'),
      },
    }),
  }
}

interface Found {
  readonly text: string
  /** Of a folder. */
  readonly names: readonly string[]
}
type Read = (path: string) => Found | undefined

const reader = (root: string): Read => {
  const files = nodeFiles()
  if (files(root).kind === 'absent')
    throw new PreflightError('FILE_NOT_FOUND', `--node-settings ${printable(root)}: there is no such folder.`, { hint: 'Check the path.' })
  return path => {
    const found = files(join(root, path))
    if (found.kind === 'absent') return undefined
    if (found.kind === 'file') return { text: Buffer.from(found.bytes).toString(), names: [] }
    if (found.kind === 'folder') return { text: '', names: found.names }
    throw new PreflightError('FILE_UNREADABLE', `--node-settings: ${printable(join(root, path))} ${found.why}.`, {
      hint: 'Run as root on the node, or give a copy of its files.',
    })
  }
}

/** All of a unit's drop-ins, in the order of their names; `file` is the one that speaks of proxies, or the folder. */
const environmentOf = (folder: string, read: Read) => {
  const names = (read(folder)?.names ?? []).filter(name => name.endsWith('.conf'))
  if (names.length === 0) return undefined
  let variables: ReadonlyMap<string, string> = new Map()
  let file = folder
  for (const name of names) {
    const { text } = read(`${folder}/${name}`) ?? { text: '' }
    variables = systemdEnvironment(text, variables)
    if (/_proxy=/i.test(text)) file = `${folder}/${name}`
  }
  return { variables, file }
}

/** Undefined when neither of the two proxies is set. As Go's net/http: upper case first. */
const proxyIn = (variables: ReadonlyMap<string, string>): ProxySettings | undefined => {
  const of = (name: string) => variables.get(name) || variables.get(name.toLowerCase()) || ''
  const [httpProxy, httpsProxy] = [of('HTTP_PROXY'), of('HTTPS_PROXY')]
  return httpProxy === '' && httpsProxy === '' ? undefined : { httpProxy, httpsProxy, noProxy: of('NO_PROXY') }
}

/** RuntimeConfigSpec of EC (kinds/apis/v1beta1/runtimeconfig_types.go). */
const notedProxy = (text: string | undefined, file: string) => {
  const [document] = text === undefined ? [] : parseYaml(text, file)
  const noted = document?.root === undefined ? undefined : toJs(document.root)
  const proxy = isRecord(noted) && isRecord(noted.proxy) ? noted.proxy : {}
  const of = (name: string) => (typeof proxy[name] === 'string' ? proxy[name] : '')
  const settings = { httpProxy: of('httpProxy'), httpsProxy: of('httpsProxy'), noProxy: of('noProxy') }
  return settings.httpProxy === '' && settings.httpsProxy === '' ? undefined : { settings, file }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
