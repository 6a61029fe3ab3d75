import type { ProgressEvent } from './collect.ts'
import { printable } from './redact.ts'

export interface ProgressSink {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

export interface Progress {
  event(event: ProgressEvent): void
  /** Takes the line away from a terminal. */
  end(): void
}

const silent: Progress = { event: () => {}, end: () => {} }

/** On a terminal one line that is rewritten; otherwise a line when a check has ended; nothing with `--quiet`. */
export const createProgress = (sink: ProgressSink, { quiet }: { readonly quiet: boolean }): Progress =>
  quiet ? silent : sink.isTTY === true ? oneLine(sink) : linePerCheck(sink)

const linePerCheck = (sink: ProgressSink): Progress => ({
  event: ({ check, state }) => {
    if (state === 'ended') sink.write(`${check}: collected\n`)
  },
  end: () => {},
})

const oneLine = (sink: ProgressSink): Progress => {
  const running = new Set<string>()
  const show = (text: string) => sink.write(`\r\u001b[K${printable(text, (sink.columns || 80) - 1)}`)
  return {
    event: ({ check, state, text }) => {
      if (state === 'began') running.add(check)
      if (state === 'ended') running.delete(check)
      show(`checking ${[...running].join(', ')}${text === undefined ? '' : `: ${text}`}`)
    },
    end: () => sink.write('\r\u001b[K'),
  }
}
