import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { configText } from '../support/command.ts'
import { msOf, type Timed, timed } from './processes.ts'
import type { Setting } from './setting.ts'

let files = 0

/** A file of its own in the folder of the benchmark. */
export const file = ({ folder }: Setting, text: string): string => {
  const path = join(folder, `file-${files++}`)
  writeFileSync(path, text)
  return path
}

export const references = (host: string, repositories: readonly string[]): readonly string[] =>
  repositories.map(repository => `${host}/${repository}:v1`)

/** For rows that are about reading layers: what an earlier run remembered would be no measure. */
export const afresh = ['--no-cache'] as const

/** Every byte of every layer is read, also where that cannot change the answer. */
export const everything = ['--no-cache', '--prove'] as const

/**
 * The product's command line for these images: what a user types, and no bundle. As skopeo is told with `--tls-verify=false`,
 * and crane with `--insecure`, it is told that the registry speaks plain HTTP.
 */
export const runOf = (setting: Setting, host: string, repositories: readonly string[], checks: string, more: readonly string[] = []) => {
  const plugins = references(host, repositories).map((image, index) => ({ name: `plugin-${index}`, image }))
  const config = file(setting, configText(...plugins))
  const argv = [
    setting.product.bin,
    'run',
    '--config',
    config,
    '--schema',
    'embedded-cluster',
    '--checks',
    checks,
    '--no-bundle',
    '--quiet',
    '--plain-http',
    host,
  ]
  return [...argv, ...more] as const
}

/** No logins and no caches of whoever runs the benchmark. */
export const bareHome = ({ folder }: Setting): Readonly<Record<string, string>> => ({
  HOME: folder,
  DOCKER_CONFIG: folder,
  XDG_CACHE_HOME: join(folder, 'cache'),
  REGISTRY_AUTH_FILE: join(folder, 'no-logins.json'),
})

/** Times the product; `code` is how a right report ends. */
export const productMs = (setting: Setting, argv: readonly string[], code = 0): Promise<number> =>
  msOf(setting.product.node, argv, { expect: code })

export const product = (setting: Setting, argv: readonly string[]): Promise<Timed> => timed(setting.product.node, argv)

/** Times a shell script as a user would write it. */
export const shellMs = (setting: Setting, text: string): Promise<number> =>
  msOf('bash', [file(setting, `set -euo pipefail\n${text}\n`)], { env: bareHome(setting) })

/** For a script: in single quotes. */
export const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
