import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { main } from '../../src/cli.ts'
import type { Finding, NotChecked } from '../../src/outcome.ts'
import { type TestIoOptions, testIo } from './io.ts'

export interface CommandRun {
  readonly code: number
  readonly out: string
  readonly err: string
}

export interface JsonResult {
  readonly title: string
  readonly message: string
  readonly check: string
  readonly plugin?: string
  readonly code: string
  readonly strict?: boolean
  readonly accepted?: boolean
  readonly findings: readonly Finding[]
}

export interface JsonReport {
  readonly pass: readonly JsonResult[]
  readonly warn: readonly JsonResult[]
  readonly fail: readonly JsonResult[]
  readonly notChecked: readonly NotChecked[]
}

/** The command line in this process. */
export const command = async (argv: readonly string[], options: TestIoOptions = {}): Promise<CommandRun> => {
  const io = testIo(options)
  const code = await main(argv, io)
  return { code, out: io.out(), err: io.err() }
}

/** The same with `--format json`, read. */
export const report = async (argv: readonly string[], options: TestIoOptions = {}): Promise<CommandRun & { readonly json: JsonReport }> => {
  const ran = await command([...argv, '--format', 'json'], options)
  return { ...ran, json: JSON.parse(ran.out) }
}

/** `check plugin: status CODE`, in the order of the report's groups: what a run says in short. */
export const verdicts = ({ pass, warn, fail, notChecked }: JsonReport): readonly string[] => [
  ...[pass, warn, fail].flatMap((group, index) =>
    group.map(({ check, plugin = '-', code }) => `${check} ${plugin}: ${['pass', 'warn', 'fail'][index]} ${code}`),
  ),
  ...notChecked.map(({ check, plugin = '-' }) => `${check} ${plugin}: not checked`),
]

/** A folder of its own that is taken away again. */
export interface Scratch {
  readonly path: string
  file(name: string, text: string | Uint8Array): string
  /** Every byte under it, archives unpacked: what a search for secrets must not find anything in. */
  everything(): string
  remove(): void
}

export const scratch = (): Scratch => {
  const path = mkdtempSync(join(tmpdir(), 'vpp-'))
  return {
    path,
    file: (name, text) => {
      writeFileSync(join(path, name), text)
      return join(path, name)
    },
    everything: () =>
      readdirSync(path, { recursive: true, encoding: 'utf8' })
        .map(name => join(path, name))
        .filter(name => statSync(name).isFile())
        .map(name => (name.endsWith('.gz') ? gunzipSync(readFileSync(name)) : readFileSync(name)).toString('latin1'))
        .join('\n'),
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}

export interface ConfigPluginText {
  readonly name?: string
  readonly image: string
  readonly imagePullSecret?: string
  readonly imagePullPolicy?: string
}

/** A Config of these plugins. */
export const configText = (...plugins: readonly ConfigPluginText[]): string =>
  `apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\nmetadata: {name: c}\nspec: {extensions: {velero: {plugins: ${JSON.stringify(plugins)}}}}\n`

/** A Secret manifest with one login. */
export const secretText = (name: string, entry: string, username: string, password: string, namespace = 'velero'): string =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace },
    type: 'kubernetes.io/dockerconfigjson',
    stringData: {
      '.dockerconfigjson': JSON.stringify({ auths: { [entry]: { auth: Buffer.from(`${username}:${password}`).toString('base64') } } }),
    },
  })
