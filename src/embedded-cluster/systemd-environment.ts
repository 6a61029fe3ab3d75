/**
 * The variables that `Environment=` lines of a systemd unit or drop-in set, the last one of a name winning; an empty line
 * takes all back. Of specifiers only `%%` is known: no other that begins with a digit is one, as in a password `p%40ss`.
 *
 * @see https://www.freedesktop.org/software/systemd/man/257/systemd.exec.html#Environment=
 * @see https://www.freedesktop.org/software/systemd/man/257/systemd.syntax.html#Quoting
 */
export const systemdEnvironment = (text: string, before: ReadonlyMap<string, string> = new Map()): ReadonlyMap<string, string> => {
  const variables = new Map(before)
  let section = ''
  for (const line of text.replace(/\\\r?\n[ \t]*/g, ' ').split(/\r?\n/)) {
    const trimmed = line.trim()
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue
    section = /^\[(.*)\]$/.exec(trimmed)?.[1] ?? section
    const value = /^Environment[ \t]*=[ \t]*(.*)$/.exec(trimmed)?.[1]
    if (value === undefined || section !== 'Service') continue
    if (value === '') variables.clear()
    for (const word of words(value)) {
      const [, name, content] = /^([A-Za-z_][A-Za-z0-9_]*)=(.*)$/s.exec(word) ?? []
      if (name !== undefined && content !== undefined) variables.set(name, content.replaceAll('%%', '%'))
    }
  }
  return variables
}

/** Words between blanks; quotes keep blanks together, a backslash takes the next character as it is. */
const words = (value: string): readonly string[] =>
  [...value.matchAll(/(?:"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\\.|[^\s"'\\])+/g)].map(([word]) =>
    word.replace(/"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|\\(.)/g, (_, double?: string, single?: string, escaped?: string) =>
      escaped === undefined ? (double ?? single ?? '').replace(/\\(.)/g, '$1') : escaped,
    ),
  )
