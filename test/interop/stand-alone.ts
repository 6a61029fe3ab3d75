import { copyFileSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Context } from 'mocha'
import { debianRuntime } from '../../packaging/debian.ts'
import { type Target, targets } from '../../packaging/nodes.ts'
import { debian, needsRoot, succeed } from './peers.ts'
import { temporaryFolder } from './processes.ts'

/** What a binary is made of: whoever changed that wants to see the new one. */
const sources = ['src', 'specs', 'packaging', 'package-lock.json']

export const targetHere = (): Target => targets.find(({ name }) => name === `linux-${process.arch}`)!

const newestMs = (path: string): number =>
  statSync(path).isDirectory() ? Math.max(0, ...readdirSync(path).map(name => newestMs(join(path, name)))) : statSync(path).mtimeMs

const isOlder = (path: string): boolean => !existsSync(path) || statSync(path).mtimeMs < Math.max(...sources.map(newestMs))

const npm = (test: Context, script: string, ...args: string[]): Promise<string> => {
  test.timeout(20 * 60_000)
  return succeed('npm', ['run', '--silent', script, '--', ...args], { timeoutMs: 20 * 60_000 })
}

/** The path of the stand-alone binary, made where it is missing or older than what it is made of. */
export const standAlone = async (test: Context, target: Target = targetHere()): Promise<string> => {
  const path = join('release', `velero-plugin-preflight-${target.name}`)
  if (target !== targetHere()) debian(test, target.emulator)
  if (isOlder(path)) await npm(test, 'build:binary', target.name)
  return join(process.cwd(), path)
}

/** The OCI layout with its images for both platforms; as for {@link standAlone}. */
export const standAloneImage = async (test: Context): Promise<string> => {
  for (const target of targets) await standAlone(test, target)
  const path = join('release', 'image')
  if (isOlder(join(path, 'index.json'))) await npm(test, 'build:image')
  return path
}

export interface BareRoot {
  readonly folder: string
  /** Program and first arguments that run the binary in it. */
  readonly command: readonly string[]
}

/** A folder with the binary and what stands beside it in its image, for `chroot`. */
export const bareRoot = async (test: Context, target: Target): Promise<BareRoot> => {
  needsRoot(test, 'change the root folder')
  const binary = await standAlone(test, target)
  const folder = temporaryFolder('root')
  const { files } = await debianRuntime(target)
  for (const { path, bytes, mode } of files.filter(({ path }) => /^(?:lib|etc)/.test(path))) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), bytes, { mode })
  }
  copyFileSync(binary, join(folder, 'velero-plugin-preflight'))
  const chroot = ['chroot', folder]
  if (target === targetHere()) return { folder, command: [...chroot, '/velero-plugin-preflight'] }
  copyFileSync(debian(test, target.emulator), join(folder, 'emulator'))
  return { folder, command: [...chroot, '/emulator', '/velero-plugin-preflight'] }
}
