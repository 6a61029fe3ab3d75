import { accessSync, constants, cpSync, mkdirSync, symlinkSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { temporaryFolder } from './processes.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

/** Where `test/interop/peers` keeps what it built. */
const built = join(
  process.env.VPP_PEERS || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'velero-plugin-preflight', 'peers'),
  'bin',
)

/** The path of another's program: on the PATH, or built by `test/interop/peers`. */
export const findPeer = (name: string): string | undefined =>
  [...(process.env.PATH ?? '').split(delimiter).filter(folder => !folder.startsWith(root)), built]
    .map(folder => join(folder, name))
    .find(isExecutable)

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export interface Product {
  /** Program and first arguments. */
  readonly node: string
  readonly bin: string
}

/** The package as npm installs it, from the last build: a checkout would run its sources. */
export const packedProduct = (): Product => {
  const folder = join(temporaryFolder(), 'package')
  mkdirSync(folder)
  for (const part of ['bin', 'dist', 'specs', 'package.json']) cpSync(join(root, part), join(folder, part), { recursive: true })
  symlinkSync(join(root, 'node_modules'), join(dirname(folder), 'node_modules'))
  return { node: process.execPath, bin: join(folder, 'bin', 'velero-plugin-preflight.js') }
}
