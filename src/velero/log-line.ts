/** A line of Velero's log, as its logger writes it: `key=value` pairs or JSON (velero 1.18 pkg/util/logging). */
export interface LogLine {
  /** As it stands in the log. */
  readonly line: string
  /** Without one: a plain line, as at the end of a server that dies. */
  readonly level?: string
  readonly message: string
  readonly fields: Readonly<Record<string, string>>
}

const pair = /(?:^|\s)([A-Za-z_][\w.-]*)=("(?:[^"\\]|\\.)*"|[^\s"]*)/g

/** A text in double quotes as Go writes it; what JSON does not know is left as it stands. */
const unquote = (text: string): string => {
  if (!text.startsWith('"')) return text
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'string' ? value : text
  } catch {
    return text.slice(1, -1)
  }
}

const fieldsOf = (line: string): Readonly<Record<string, string>> => {
  if (/^time=\S/.test(line)) return Object.fromEntries([...line.matchAll(pair)].map(([, key, value]) => [key!, unquote(value!)]))
  if (!line.startsWith('{')) return {}
  try {
    const value: unknown = JSON.parse(line)
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return {}
    return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  } catch {
    return {}
  }
}

export const logLine = (line: string): LogLine => {
  const fields = fieldsOf(line)
  const { level } = fields
  return { line, message: fields.msg ?? (level === undefined ? line : ''), fields, ...(level === undefined ? {} : { level }) }
}
