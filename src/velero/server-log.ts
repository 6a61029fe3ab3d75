import { type LogLine, logLine } from './log-line.ts'

/** A plugin that the server has taken. */
export interface Registered {
  /** `/plugins/velero-plugin-for-aws` */
  readonly command: string
  readonly kind: string
  readonly name: string
  readonly line: string
}

/** Something that the log says of one file under `/plugins`. */
export interface Said {
  readonly command: string
  readonly text: string
  readonly line: string
}

/** What a server's log says of its plugins. */
export interface ServerLog {
  /** The line of its start is there: nothing of what it says of plugins is missing. */
  readonly started: boolean
  /** `v1.18.3` */
  readonly version?: string
  /** It has done with plugins and gone on. */
  readonly discovered: boolean
  readonly registered: readonly Registered[]
  /** Names that the framework has refused: the plugin lives, and the server does not get it. */
  readonly invalidNames: readonly Said[]
  /** Files without an execute bit. */
  readonly skipped: readonly Said[]
  /** First lines of what plugins wrote when they died, and errors of theirs. */
  readonly cries: readonly Said[]
  /** Processes that ended otherwise than well. */
  readonly ended: readonly Said[]
  /** Its last words. */
  readonly end?: ServerEnd
}

export interface ServerEnd {
  readonly text: string
  /** With what follows it. */
  readonly lines: readonly string[]
  /** Of go-plugin's notes: Path, Mode, Owner, ELF architecture. */
  readonly notes: Readonly<Record<string, string>>
}

/** Since 1.18.3 the program's name stands there (velero pkg/cmd/errors.go; cmd/velero/main.go). */
const lastWords = /^(?:An error occurred|velero): (.*)$/
const afterDiscovery = /^(?:Checking existence of namespace|Namespace exists|Checking existence of Velero custom resource)/

/** @param lines in their order; stdout and stderr may be mixed */
export const serverLog = (lines: readonly string[], pluginDir = '/plugins'): ServerLog => {
  const all = lines.map(logLine)
  const said = (wanted: (one: LogLine) => boolean, text: (one: LogLine) => string): readonly Said[] =>
    all.filter(wanted).map(one => ({ command: commandOf(one), text: text(one), line: one.line }))
  const version = all.map(({ message }) => /^Starting Velero server (v\S+)/.exec(message)?.[1]).find(found => found !== undefined)
  const end = endOf(all)
  const isError = ({ level }: LogLine) => level === 'error' || level === 'fatal' || level === 'panic'
  return {
    started: all.some(({ message }) => /^(?:setting log-level to|Starting Velero server)/.test(message)),
    ...(version === undefined ? {} : { version }),
    discovered: all.some(({ message }) => afterDiscovery.test(message)),
    registered: all
      .filter(({ message }) => message === 'registering plugin')
      .map(({ fields: { command = '', kind = '', name = '' }, line }) => ({ command, kind, name, line })),
    invalidNames: said(
      one => one.level !== undefined && /^invalid plugin name /i.test(one.message),
      ({ message }) => message,
    ),
    skipped: all.flatMap(({ message, line }) => {
      const [, file, mode] = /^Searching plugin skip file (.*), not executable, mode (\S+),/.exec(message) ?? []
      return file === undefined ? [] : [{ command: `${pluginDir}/${file}`, text: mode ?? '', line }]
    }),
    cries: said(
      one =>
        isError(one) && commandOf(one) !== '' && one.message !== 'plugin process exited' && !/^invalid plugin name /i.test(one.message),
      ({ message, fields: { error } }) => (error === undefined ? message : `${message}: ${error}`),
    ),
    ended: said(
      one => isError(one) && one.message === 'plugin process exited',
      ({ fields }) => fields.error ?? '',
    ),
    ...(end === undefined ? {} : { end }),
  }
}

const commandOf = ({ fields }: LogLine): string => fields.cmd ?? fields.command ?? fields.plugin ?? fields.path ?? ''

const endOf = (all: readonly LogLine[]): ServerEnd | undefined => {
  const at = all.findLastIndex(({ level, line }) => level === undefined && lastWords.test(line))
  if (at < 0) return undefined
  // Lines of the log may come in between: they are written to another stream.
  const plain = all.slice(at).filter(({ level }) => level === undefined)
  const text = lastWords.exec(plain[0]!.line)![1]!.trim()
  const notes = plain.flatMap(({ line }) => {
    const [, key, value] = /^\s+(Path|Mode|Owner|Group|ELF architecture): (.*)$/.exec(line) ?? []
    return key === undefined ? [] : [[key, value!.trim()] as const]
  })
  return { text, lines: plain.map(({ line }) => line), notes: Object.fromEntries(notes) }
}
