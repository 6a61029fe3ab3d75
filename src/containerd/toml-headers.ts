import { parse } from 'smol-toml'

/** The parts of a key, unquoted: `[host."https://a".header]` gives `['host', 'https://a', 'header']`. */
export type TableHeader = readonly string[]

/**
 * Every `[table]` header of a valid TOML text, in the order in which they stand, those of arrays of tables (`[[…]]`) left
 * out. A parsed table no longer tells where its parts were written, and containerd goes by that.
 */
export const tableHeaders = (toml: string): readonly TableHeader[] => {
  const headers: TableHeader[] = []
  let depth = 0
  let lineStart = true
  for (let at = 0; at < toml.length; ) {
    const char = toml[at]!
    const header = char === '[' && depth === 0 && lineStart ? headerAt(toml, at) : undefined
    if (header !== undefined) {
      if (!header.isArray) headers.push(keyParts(header.key))
      at = header.end
    } else if (char === '#') at = endOfLine(toml, at)
    else if (char === '"' || char === "'") at = endOfString(toml, at)
    else {
      if (char === '[' || char === '{') depth += 1
      if (char === ']' || char === '}') depth -= 1
      at += 1
    }
    lineStart = char === '\n' || (lineStart && /[ \t\r]/.test(char))
  }
  return headers
}

const simpleKey = String.raw`(?:[A-Za-z0-9_-]+|"[^"\\\n]*(?:\\.[^"\\\n]*)*"|'[^'\n]*')`
const headerLine = new RegExp(String.raw`(\[\[?)[ \t]*(${simpleKey}(?:[ \t]*\.[ \t]*${simpleKey})*)[ \t]*\]`, 'y')
const eachKey = new RegExp(simpleKey, 'g')

const headerAt = (toml: string, at: number) => {
  headerLine.lastIndex = at
  const [whole, open, key] = headerLine.exec(toml) ?? []
  if (whole === undefined || open === undefined || key === undefined) return undefined
  return { isArray: open === '[[', key, end: at + whole.length + open.length - 1 }
}

const keyParts = (key: string): TableHeader => (key.match(eachKey) ?? []).map(unquoted)

const unquoted = (part: string): string => {
  if (!/^["']/.test(part)) return part
  return part.startsWith('"') && part.includes('\\') ? String(parse(`k = ${part}`).k) : part.slice(1, -1)
}

const endOfLine = (toml: string, from: number): number => {
  const end = toml.indexOf('\n', from)
  return end < 0 ? toml.length : end
}

const endOfString = (toml: string, start: number): number => {
  const quote = toml[start]!
  const isLong = toml.startsWith(quote.repeat(3), start)
  const close = isLong ? quote.repeat(3) : quote
  let at = start + close.length
  while (at < toml.length && !toml.startsWith(close, at)) at += quote === '"' && toml[at] === '\\' ? 2 : 1
  at += close.length
  // The closing quotes may follow one or two that belong to the text (TOML 1.0, "String").
  while (isLong && toml[at] === quote) at += 1
  return at
}
