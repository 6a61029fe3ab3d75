import { type ChildProcess, fork, spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const children = new Set<ChildProcess>()
const folders = new Set<string>()

/** Ends what was started and takes away what was made. */
export const cleanUp = (): void => {
  for (const child of children) child.kill('SIGKILL')
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
}

export const temporaryFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'preflight-bench-'))
  folders.add(folder)
  return folder
}

/** Starts a server in a process of its own, so that it does not disturb what is measured; waits until it says `ready`. */
export const startServer = (
  program: string,
  args: readonly string[],
  ready: RegExp,
  env: Readonly<Record<string, string>> = {},
): Promise<string> =>
  new Promise((resolve, reject) => {
    const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
    children.add(child)
    let log = ''
    const read = (chunk: Buffer): void => {
      log = `${log}${chunk}`.slice(-20_000)
      const match = ready.exec(log)
      if (match !== null) resolve(match[1]!)
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    child.once('error', reject)
    child.once('exit', code => {
      children.delete(child)
      reject(new Error(`${program} ended with ${code}: ${log.slice(-2000)}`))
    })
  })

/** A module of ours in a process of its own that answers each message with one. */
export const startWorker = async (module: string, args: readonly string[]): Promise<{ ask<T>(question: object): Promise<T> }> => {
  const child = fork(module, [...args])
  children.add(child)
  const ask = <T>(question: object): Promise<T> =>
    new Promise((resolve, reject) => {
      child.once('message', answer => resolve(answer as T))
      child.once('exit', code => reject(new Error(`${module} ended with ${code}`)))
      child.send(question)
    })
  return { ask }
}

export interface Timed {
  readonly ms: number
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

/** Runs a command to its end; the time is that from before its start until after its end, as a user waits. */
export const timed = (
  program: string,
  args: readonly string[],
  { env = {}, cwd }: { readonly env?: Readonly<Record<string, string>>; readonly cwd?: string } = {},
): Promise<Timed> =>
  new Promise((resolve, reject) => {
    const beganMs = performance.now()
    const child = spawn(program, args, { env: { ...process.env, ...env }, cwd, stdio: ['ignore', 'pipe', 'pipe'] })
    children.add(child)
    const out: Buffer[] = []
    const err: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk))
    child.once('error', reject)
    child.once('exit', () => {
      const ms = performance.now() - beganMs
      child.once('close', code => {
        children.delete(child)
        resolve({ ms, code: code ?? -1, stdout: Buffer.concat(out).toString(), stderr: Buffer.concat(err).toString() })
      })
    })
  })

/** The milliseconds of a command that has to end with this code. */
export const msOf = async (
  program: string,
  args: readonly string[],
  options: Parameters<typeof timed>[2] & { readonly expect?: number } = {},
): Promise<number> => {
  const { ms, code, stderr, stdout } = await timed(program, args, options)
  const { expect = 0 } = options
  if (code !== expect) throw new Error(`${program} ${args.join(' ').slice(0, 300)} ended with ${code}: ${(stderr + stdout).slice(-2000)}`)
  return ms
}
