import { execFile } from 'node:child_process'
import { accessSync, constants, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import type { Context } from 'mocha'

/** Where `test/interop/peers` keeps what it built. */
const root = process.env.VPP_PEERS || join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'velero-plugin-preflight', 'peers')

/** The slowest of them takes some minutes on two cores with a cold cache, and stands in a queue behind others. */
const buildTimeoutMs = 45 * 60_000

/**
 * The path of a program that `test/interop/peers build NAME` builds; waits while it is being built. Without it the suite is
 * skipped and says why; in CI (`CI=true`) that is a failure, for there it can be built.
 */
export const peer = async (test: Context, name: string): Promise<string> => {
  test.timeout(buildTimeoutMs)
  for (;;) {
    const [word, rest] = stateOf(name)
    if (word === 'ready') return join(root, 'bin', name)
    if (word !== 'building' || !isAlive(Number(rest))) {
      return skip(test, word === 'skipped:' ? rest : `${name} was not built; test/interop/peers build ${name} does so`)
    }
    await wait(500)
  }
}

/** The path of a program of Debian's, which `test/interop/peers apt` installs; without it as for {@link peer}. */
export const debian = (test: Context, program: string): string => {
  const found = (process.env.PATH ?? '')
    .split(delimiter)
    .map(folder => join(folder, program))
    .find(isExecutable)
  return found ?? skip(test, `${program} is not installed`)
}

/** What only root can do, for suites that need it; else as for {@link peer}. */
export const needsRoot = (test: Context, what: string): void => {
  if (process.getuid?.() !== 0) skip(test, `only root can ${what}`)
}

const skip = (test: Context, why: string): never => {
  if (process.env.CI === 'true') throw new Error(`in CI this must be here: ${why}`)
  console.log(`      skipped: ${why}`)
  return test.skip()
}

const stateOf = (name: string): readonly [word: string, rest: string] => {
  try {
    const [word = '', ...rest] = readFileSync(join(root, 'state', name), 'utf8')
      .trim()
      .split(' ')
    return [word, rest.join(' ')]
  } catch {
    return ['', '']
  }
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

export interface RunOptions {
  /** Over the environment of the tests. */
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly input?: string
  /** Default two minutes. */
  readonly timeoutMs?: number
}

export interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a program to its end, without a shell. A code other than 0 is no error. */
export const run = (program: string, args: readonly string[], { env, cwd, input, timeoutMs = 120_000 }: RunOptions = {}): Promise<Ended> =>
  new Promise((resolve, reject) => {
    const options = { env: { ...process.env, ...env }, cwd, timeout: timeoutMs, maxBuffer: 64 << 20 }
    const child = execFile(program, [...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve({ code: 0, stdout, stderr })
      if (typeof error.code === 'number') return resolve({ code: error.code, stdout, stderr })
      return reject(error)
    })
    child.stdin?.end(input)
  })

/** Runs a program that has to succeed; gives what it wrote to stdout. */
export const succeed = async (program: string, args: readonly string[], options?: RunOptions): Promise<string> => {
  const { code, stdout, stderr } = await run(program, args, options)
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr.slice(-2000)}`)
  return stdout
}
