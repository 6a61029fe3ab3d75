import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Scanner } from '../../src/facts/vulnerability.ts'

export interface FakeScannerOptions {
  /** On standard output: JSON of what is no text. */
  readonly print?: unknown
  /** On standard error. */
  readonly say?: string
  readonly exit?: number
  /** It never ends by itself. */
  readonly hangs?: boolean
  /** It starts a program that never ends, and leaves it alone. */
  readonly child?: boolean
  /** So many bytes of blanks before what it prints. */
  readonly blanks?: number
}

/** As the program saw it, once a call. */
export interface ScannerCall {
  readonly pid: number
  readonly child?: number
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  /** The image that it was given: names of files, with their modes and texts that are JSON. */
  readonly files: Readonly<Record<string, { readonly mode: number; readonly sizeBytes: number }>>
  readonly index: { readonly manifests: readonly { readonly digest: string; readonly mediaType: string; readonly size: number }[] }
}

export interface FakeScanner {
  /** With the program on the PATH. */
  readonly env: Readonly<Record<string, string>>
  calls(): readonly ScannerCall[]
}

/** A program by the name of a real one, which notes how it was called and prints what it is told to. */
export const fakeScanner = (folder: string, program: Scanner, options: FakeScannerOptions = {}): FakeScanner => {
  const [bin, log] = [join(folder, 'bin'), join(folder, `${program}.log`)]
  mkdirSync(bin, { recursive: true })
  const printed = typeof options.print === 'string' ? options.print : JSON.stringify(options.print ?? {})
  writeFileSync(
    join(bin, program),
    `#!${process.execPath}
const fs = require('node:fs'), { join } = require('node:path')
const options = ${JSON.stringify({ ...options, printed })}
const layout = process.argv.at(process.argv.includes('--input') ? -1 : 2).replace(/^oci-dir:/, '')
const files = Object.fromEntries(fs.readdirSync(layout, { recursive: true }).map(name => {
  const { mode, size } = fs.statSync(join(layout, name))
  return [name, { mode: mode & 0o777, sizeBytes: size }]
}))
const index = JSON.parse(fs.readFileSync(join(layout, 'index.json'), 'utf8'))
const child = options.child ? require('node:child_process').spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' }) : undefined
child?.unref()
fs.appendFileSync(${JSON.stringify(log)}, JSON.stringify({ pid: process.pid, child: child?.pid, args: process.argv.slice(2), env: process.env, cwd: process.cwd(), files, index }) + '\\n')
if (options.say) process.stderr.write(options.say)
if (options.hangs) setInterval(() => {}, 1000)
else {
  process.exitCode = options.exit ?? 0
  if (options.blanks) process.stdout.write(' '.repeat(options.blanks))
  process.stdout.write(options.printed)
}
`,
  )
  chmodSync(join(bin, program), 0o755)
  return {
    env: { PATH: bin },
    calls: () =>
      existsSync(log)
        ? readFileSync(log, 'utf8')
            .trim()
            .split('\n')
            .map(line => JSON.parse(line))
        : [],
  }
}

/** Whether a process is still there. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // What has ended and is not yet waited for is no longer alive.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
