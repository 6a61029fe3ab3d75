import type { ScalarValue, YamlNode } from '../../yaml-source.ts'

const escapes: Readonly<Record<string, string>> = {
  '\u0007': '\\a',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '"': '\\"',
  '\\': '\\\\',
}

const hex = (code: number, digits: number) => code.toString(16).padStart(digits, '0')

/** Go's %q (strconv.Quote): what Go does not call printable is escaped; of white space the ASCII space alone is. */
export const goQuote = (text: string): string => {
  const quoted = Array.from(text, letter => {
    const code = letter.codePointAt(0) ?? 0
    const short = escapes[letter]
    if (short !== undefined) return short
    if (letter === ' ' || /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(letter)) return letter
    if (code < 0x20 || code === 0x7f) return `\\x${hex(code, 2)}`
    return code < 0x10000 ? `\\u${hex(code, 4)}` : `\\U${hex(code, 8)}`
  })
  return `"${quoted.join('')}"`
}

/** Go's %#v of a scalar that go-yaml v2 has read into an empty interface. */
export const goScalar = (value: ScalarValue): string => (typeof value === 'string' ? goQuote(value) : String(value ?? '<nil>'))

/** Go's %#v of a key that is no scalar. */
export const goSyntax = (node: YamlNode): string => {
  if (node.kind === 'scalar') return node.value === null ? 'interface {}(nil)' : goScalar(node.value)
  if (node.kind === 'list') return `[]interface {}{${node.items.map(goSyntax).join(', ')}}`
  const entries = [...node.entries.values()].toSorted((a, b) => (a.key < b.key ? -1 : 1))
  return `map[interface {}]interface {}{${entries.map(({ key, value }) => `${goQuote(key)}:${goSyntax(value)}`).join(', ')}}`
}
