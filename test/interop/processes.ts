import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Servers, each with how long it may take to end, and folders that {@link endAll} takes away; whatever happens, they are gone when the tests end. */
const processes = new Map<ChildProcess, number>()
const folders = new Set<string>()

process.on('exit', () => {
  for (const child of processes.keys()) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

/** Ends every server and removes every folder that a suite made: `after(endAll)`. */
export const endAll = async (): Promise<void> => {
  await Promise.all([...processes.keys()].map(end))
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
  folders.clear()
}

// Of all suites: what one forgot, or failed before it could end, would keep mocha waiting.
after(endAll)

export const temporaryFolder = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `interop-${name}-`))
  folders.add(folder)
  return folder
}

export interface Started {
  /** What `ready` matched. */
  readonly ready: RegExpExecArray
  /** What it wrote so far, both streams. */
  log(): string
  /** To freeze it, or to let it go on. */
  signal(name: NodeJS.Signals): void
  close(): Promise<void>
}

export interface StartOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Default 30 s. */
  readonly timeoutMs?: number
  /** To clean up once it is told to end; default 3 s. */
  readonly graceMs?: number
}

/** Starts a server, and waits until it has written what `ready` matches. */
export const start = (program: string, args: readonly string[], ready: RegExp, options: StartOptions = {}): Promise<Started> =>
  new Promise((resolve, reject) => {
    const { env, cwd, timeoutMs = 30_000, graceMs = 3_000 } = options
    const child = spawn(program, args, { env: { ...process.env, ...env }, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    processes.set(child, graceMs)
    let log = ''
    const fail = (why: string) => {
      clearTimeout(timer)
      child.kill('SIGKILL')
      reject(new Error(`${program} ${why}: ${log.slice(-2000)}`))
    }
    const timer = setTimeout(() => fail(`was not ready after ${timeoutMs} ms`), timeoutMs)
    const read = (chunk: Buffer) => {
      log += chunk.toString()
      const match = ready.exec(log)
      if (match === null) return
      clearTimeout(timer)
      resolve({ ready: match, log: () => log, signal: name => void child.kill(name), close: () => end(child) })
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', error => fail(`did not start (${error.message})`))
    child.once('exit', code => {
      processes.delete(child)
      fail(`ended with ${code}`)
    })
  })

const end = (child: ChildProcess): Promise<void> =>
  new Promise(resolve => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
    // A server that is busy may take its time; nothing here is worth waiting for.
    setTimeout(() => child.kill('SIGKILL'), processes.get(child) ?? 0).unref()
    return undefined
  })
