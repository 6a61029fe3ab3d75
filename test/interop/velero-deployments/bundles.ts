import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { succeed } from '../peers.ts'
import { temporaryFolder } from '../processes.ts'

const collectors = (namespaces: readonly string[]) => `apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
metadata: {name: velero-deployments}
spec:
  collectors:
    - clusterResources: {namespaces: [${namespaces.join(', ')}]}
${namespaces.map(name => `    - logs: {namespace: ${name}, name: podlogs/${name}}`).join('\n')}
  analyzers:
    - clusterVersion: {outcomes: [{pass: {message: read}}]}
`

/** Has the real support-bundle collect these namespaces; gives the folder of what it collected. */
export const collectBundle = async (program: string, kubeconfig: string, namespaces: readonly string[]): Promise<string> => {
  const folder = temporaryFolder('bundle')
  const spec = join(folder, 'spec.yaml')
  writeFileSync(spec, collectors(namespaces))
  const argv = ['--interactive=false', '--auto-update=false', '--kubeconfig', kubeconfig, '-o', 'bundle', spec]
  await succeed(program, argv, { cwd: folder, env: { HOME: folder }, timeoutMs: 10 * 60_000 })
  await succeed('tar', ['xzf', join(folder, 'bundle.tar.gz'), '-C', folder])
  return join(folder, 'bundle')
}

const resources = 'cluster-resources'

/**
 * What is read of one namespace, as small as it can be kept; the bundle's own layout stays.
 *
 * @param names what stands in the place of texts that are others in each run
 */
export const keepFixture = (bundle: string, namespace: string, folder: string, names: Readonly<Record<string, string>>): void => {
  rmSync(folder, { recursive: true, force: true })
  const copy = (path: string) => {
    if (!existsSync(join(bundle, path))) return
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(bundle, path), join(folder, path), { recursive: true, dereference: true })
  }
  copy('version.yaml')
  for (const kind of ['deployments', 'pods', 'events']) {
    copy(`${resources}/${kind}/${namespace}.json`)
    rewrite(join(folder, resources, kind, `${namespace}.json`), shortList, names)
  }
  copy(`${resources}/pods/logs/${namespace}`)
  const logs = join(folder, resources, 'pods', 'logs', namespace)
  for (const file of existsSync(logs) ? readdirSync(logs, { recursive: true, encoding: 'utf8' }) : []) {
    if (!file.endsWith('.log')) continue
    rewrite(join(logs, file), shortLog, names)
  }
}

const rewrite = (file: string, shorten: (text: string) => string, names: Readonly<Record<string, string>>): void => {
  if (!existsSync(file)) return
  const text = shorten(readFileSync(file, 'utf8'))
    .replace(/\/tmp\/interop-[\w-]+/g, '/var/lib')
    .replace(/ on [\d.]+:53:/g, ' on 10.96.0.10:53:')
  writeFileSync(
    file,
    Object.entries(names).reduce((left, [from, to]) => left.replaceAll(from, to), text),
  )
}

/** Of every object, and read by no check. */
const unread = new Set([
  'managedFields',
  'uid',
  'resourceVersion',
  'annotations',
  'tolerations',
  'volumes',
  'podIPs',
  'hostIPs',
  'resourceUID',
])

const shortList = (text: string): string =>
  `${JSON.stringify(JSON.parse(text), (key, value) => (unread.has(key) ? undefined : value), 1)}\n`

/** The server's own plugins fill most of a log. */
const shortLog = (text: string): string =>
  text
    .split('\n')
    .filter(line => !/command"?[=:]"?\/velero\b.*kind/.test(line))
    .slice(0, 200)
    .join('\n')
