import { Readable } from 'node:stream'
import type { Io, Output } from '../../src/cli.ts'

export interface TestIo extends Io {
  out(): string
  err(): string
  /** As if the user had pressed Ctrl-C. */
  interrupt(): void
}

export interface TestIoOptions {
  readonly stdin?: string
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  readonly terminal?: boolean
  /** Standard input that never ends. */
  readonly silent?: boolean
}

/** A command line's world in memory. */
export const testIo = ({ stdin = '', env = {}, cwd = process.cwd(), terminal = false, silent = false }: TestIoOptions = {}): TestIo => {
  const out: string[] = []
  const err: string[] = []
  const listeners = new Set<() => void>()
  const sink = (lines: string[]): Output => ({
    write: (text, done) => {
      lines.push(text)
      done?.()
    },
    isTTY: terminal,
    columns: 100,
  })
  return {
    stdin: silent ? new Readable({ read: () => {} }) : Readable.from([stdin]),
    stdout: sink(out),
    stderr: sink(err),
    env,
    cwd: () => cwd,
    on: (_signal, listener) => listeners.add(listener),
    off: (_signal, listener) => listeners.delete(listener),
    out: () => out.join(''),
    err: () => err.join(''),
    interrupt: () => {
      for (const listener of [...listeners]) listener()
    },
  }
}
