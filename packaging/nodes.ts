import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export const execute = promisify(execFile)

/** What a binary is made for. `platform` is as OCI and Debian name it. */
export interface Target {
  readonly name: 'linux-x64' | 'linux-arm64'
  readonly architecture: 'amd64' | 'arm64'
  /** The program that runs this machine code on other machines, where Debian's qemu-user-static is. */
  readonly emulator: string
  /** sha512 of the npm package with this Node, as the registry had it when the version was chosen. */
  readonly integrity: string
}

/** Of the Node that binaries are made from: the last line whose program needs no library that a minimal host lacks (libatomic). */
export const nodeVersion = '24.21.0'

export const targets: readonly Target[] = [
  {
    name: 'linux-x64',
    architecture: 'amd64',
    emulator: 'qemu-x86_64-static',
    integrity: 'sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==',
  },
  {
    name: 'linux-arm64',
    architecture: 'arm64',
    emulator: 'qemu-aarch64-static',
    integrity: 'sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==',
  },
]

/** Outside the checkout, once per version; `test/runtime/engines` keeps its own there. */
const nodesFolder =
  process.env.VPP_NODES || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'velero-plugin-preflight', 'nodes')

export const packageOf = ({ name }: Target): string => `node-${name}`

/** The folder of the npm package with this target's Node, fetched by npm where it is not here yet, and compared with its digest. */
export const nodePackage = async (target: Target): Promise<string> => {
  const name = `${packageOf(target)}-${nodeVersion}`
  const folder = join(nodesFolder, name)
  if (existsSync(join(folder, 'checked'))) return join(folder, 'package')
  mkdirSync(nodesFolder, { recursive: true })
  const work = mkdtempSync(join(nodesFolder, '.fetch-'))
  try {
    await execute('npm', ['pack', '--silent', `${packageOf(target)}@${nodeVersion}`], { cwd: work })
    const archive = join(work, `${name}.tgz`)
    const digest = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`
    if (digest !== target.integrity) throw new Error(`${packageOf(target)}@${nodeVersion} is not what it was: ${digest}`)
    await execute('tar', ['-xzf', archive, '-C', work])
    mkdirSync(join(work, 'checked'))
    rmSync(archive)
    rmSync(folder, { recursive: true, force: true })
    renameSync(work, folder)
  } finally {
    rmSync(work, { recursive: true, force: true })
  }
  return join(folder, 'package')
}
