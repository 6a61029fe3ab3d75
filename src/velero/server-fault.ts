import type { ServerLog } from './server-log.ts'

/** Why a server ended while it was starting plugins, or what is wrong with one of them. */
export type FaultKind =
  | 'machine'
  | 'interpreter'
  | 'mode'
  | 'panic'
  | 'noHandshake'
  | 'prints'
  | 'temporary'
  | 'protocol'
  | 'hangs'
  | 'duplicate'
  | 'kind'
  | 'name'
  | 'memory'
  | 'flags'
  | 'libraries'
  /** It is no plugin's. */
  | 'server'

export interface ServerFault {
  readonly kind: FaultKind
  /** The file that is to blame; absent: the log does not name it. */
  readonly command?: string
  /** Of a duplicate: the file that was registered before, `/velero` for a plugin of the server's own. */
  readonly other?: string
  /** What is to be quoted: the panic, the line that was printed, the name. */
  readonly detail?: string
  /** The lines that prove it. */
  readonly lines: readonly string[]
}

/** What kernel and Go say of a program that cannot be started. */
const starts: readonly (readonly [RegExp, FaultKind])[] = [
  [/exec format error/i, 'machine'],
  [/no such file or directory/i, 'interpreter'],
  [/permission denied|operation not permitted/i, 'mode'],
  [/cannot allocate memory|resource temporarily unavailable/i, 'memory'],
]

/**
 * The cause of a server's end by its last words (velero 1.18 pkg/plugin/clientmgmt/process, hashicorp/go-plugin 1.4 to 1.7; their
 * texts differ in case). Undefined when it wrote none.
 */
export const serverFault = (log: ServerLog): ServerFault | undefined => {
  const { end } = log
  if (end === undefined) return undefined
  const { text } = end
  const lines = end.lines.slice(0, 20)
  const [, started, why = ''] = /^fork\/exec (.*?): (.*)$/i.exec(text) ?? []
  if (started !== undefined) return { kind: starts.find(([words]) => words.test(why))?.[1] ?? 'server', command: started, lines }
  const duplicate =
    /^unable to register plugin \(kind=(.*?), name=(.*?), command=(.*?)\) because another plugin is already registered .*\(command=(.*?)\)/i.exec(
      text,
    )
  if (duplicate !== null) {
    const [, kind, name, command, other] = duplicate
    return { kind: 'duplicate', command: command!, other: other!, detail: `${kind} ${name}`, lines }
  }
  if (/^unrecognized remote plugin message/i.test(text)) return ofMessage(log, text, lines)
  if (/^incompatible api version with plugin/i.test(text)) return { kind: 'protocol', ...notesPath(log), detail: text, lines }
  if (/^timeout while waiting for plugin to start/i.test(text)) return { kind: 'hangs', lines }
  if (/^plugin exited before we could connect/i.test(text)) return { kind: 'noHandshake', ...notesPath(log), lines }
  if (/^invalid plugin kind/i.test(text)) return { kind: 'kind', ...lastStarted(log), detail: text, lines }
  if (/^invalid plugin name/i.test(text)) return { kind: 'name', ...lastStarted(log), detail: text, lines }
  if (/\bsignal: killed\b|transport is closing/i.test(text)) return { kind: 'memory', ...lastStarted(log), lines }
  return { kind: 'server', detail: text, lines }
}

const notesPath = ({ end }: ServerLog): { readonly command?: string } => {
  const path = end?.notes.Path
  return path === undefined ? {} : { command: path }
}

/** Of errors without a name: plugins are started one after the other, and the last that is spoken of is meant. */
const lastStarted = ({ ended, cries, registered }: ServerLog): { readonly command?: string } => {
  const known = new Set(registered.map(({ command }) => command))
  const command = [...cries, ...ended].map(one => one.command).findLast(one => one !== '' && !known.has(one))
  return command === undefined ? {} : { command }
}

/** The plugin's first line was none of the handshake, or it wrote none. */
const ofMessage = (log: ServerLog, text: string, lines: readonly string[]): ServerFault => {
  const path = notesPath(log)
  const { command } = path
  const of = <T extends { readonly command: string }>(said: readonly T[]) =>
    said.filter(one => command === undefined || one.command === command)
  const first = text.replace(/^unrecognized remote plugin message:\s*/i, '')
  const written = first !== '' && !/^failed to read any lines/i.test(first)
  if (written) return { kind: 'prints', ...path, detail: first, lines }
  const cries = of(log.cries)
  const temporary = cries.find(
    one => /^plugin init error\b/.test(one.text) && /read-only file system|permission denied|no such file/i.test(one.text),
  )
  if (temporary !== undefined) return { kind: 'temporary', ...path, detail: temporary.text, lines: [temporary.line, ...lines] }
  const panic = cries.find(one => /^(?:panic|fatal error|runtime error)\b/.test(one.text))
  if (panic !== undefined) return { kind: 'panic', ...path, detail: panic.text, lines: [panic.line, ...lines] }
  const flag = cries.find(one => /unknown (?:shorthand )?flag/.test(one.text))
  if (flag !== undefined) return { kind: 'flags', ...path, detail: flag.text, lines: [flag.line, ...lines] }
  const library = cries.find(one => /GLIBC_|error while loading shared libraries/.test(one.text))
  if (library !== undefined) return { kind: 'libraries', ...path, detail: library.text, lines: [library.line, ...lines] }
  const ended = of(log.ended).at(-1)
  if (ended !== undefined && /signal: killed/.test(ended.text)) return { kind: 'memory', ...path, lines: [ended.line, ...lines] }
  return {
    kind: 'noHandshake',
    ...path,
    ...(ended === undefined ? {} : { detail: ended.text }),
    lines: [...(ended ? [ended.line] : []), ...lines],
  }
}
