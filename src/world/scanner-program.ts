import { spawn } from 'node:child_process'
import { PreflightError } from '../errors.ts'
import type { Scanner } from '../facts/vulnerability.ts'
import { printable, redact } from '../redact.ts'

const limitErrorBytes = 64 << 10

export interface ScannerRun {
  readonly program: Scanner
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** In which it runs: files of the user's working folder that make a scanner leave something out do not count. */
  readonly folder: string
  readonly timeoutMs: number
  /** Of what it prints. */
  readonly limitBytes: number
  readonly signal: AbortSignal
}

/**
 * What the program prints, without a shell, in bounded time and size; it and what it started have ended when this returns.
 *
 * @throws PreflightError SCANNER_NOT_FOUND, SCANNER_FAILED, SCANNER_TIMEOUT, SCANNER_RESULT_INVALID, or why `signal` was aborted
 */
export const runScanner = ({ program, args, env, folder, timeoutMs, limitBytes, signal }: ScannerRun): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    signal.throwIfAborted()
    // In a group of its own, so that a script by the name of the program cannot leave a child behind.
    const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'], shell: false, detached: true, cwd: folder, env })
    const output: Buffer[] = []
    const errors: Buffer[] = []
    let [sizeBytes, errorBytes] = [0, 0]
    const end = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      killGroup(child.pid)
    }
    const stop = (error: unknown) => {
      end()
      child.stdout.destroy()
      child.stderr.destroy()
      reject(error)
    }
    const onAbort = () => stop(signal.reason)
    const timer = setTimeout(() => stop(tooSlow(program, timeoutMs)), timeoutMs)
    signal.addEventListener('abort', onAbort)
    child.on('error', cause => stop(notFound(program, cause)))
    child.stdout.on('data', (piece: Buffer) => {
      sizeBytes += piece.length
      if (sizeBytes > limitBytes) stop(tooMuch(program, limitBytes))
      else output.push(piece)
    })
    child.stderr.on('data', (piece: Buffer) => {
      errorBytes += piece.length
      if (errorBytes <= limitErrorBytes) errors.push(piece)
    })
    // What it leaves behind would hold the pipes open.
    child.on('exit', () => killGroup(child.pid))
    child.on('close', code => {
      end()
      if (code === 0) resolve(Buffer.concat(output))
      else reject(ended(program, code, Buffer.concat(errors).toString()))
    })
  })

const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // Nobody of it is left.
  }
}

const notFound = (program: Scanner, cause: unknown) =>
  new PreflightError('SCANNER_NOT_FOUND', `${program} is not on the PATH, or cannot be run.`, {
    cause,
    hint: `Install ${program}, or leave --scanner out and attest a report.`,
  })

const tooSlow = (program: Scanner, timeoutMs: number) =>
  new PreflightError('SCANNER_TIMEOUT', `${program} did not end within ${timeoutMs / 1000} s.`, {
    hint: `Run it once by hand, so that its database is there before.`,
  })

const tooMuch = (program: Scanner, limitBytes: number) =>
  new PreflightError('SCANNER_RESULT_INVALID', `${program} printed more than ${limitBytes >> 20} MiB, which are not read.`)

const ended = (program: Scanner, code: number | null, errors: string) => {
  const last = errors
    .split('\n')
    .map(line => line.trim())
    .findLast(line => line !== '')
  const said = last === undefined ? '' : `: ${printable(redact(last), 400)}`
  const how = code === null ? 'was ended by a signal' : `ended with exit code ${code}`
  return new PreflightError('SCANNER_FAILED', `${program} ${how}${said}.`, {
    hint: `Try it by hand: ${program} --version, then its database.`,
  })
}
