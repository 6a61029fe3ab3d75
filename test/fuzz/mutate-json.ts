import type { Below } from './mutate.ts'

type Path = readonly (string | number)[]

/** Changes one value or the shape of a document, and writes it as JSON; `inner` changes bytes that are in it as text. */
export const mutateJson = (document: object, below: Below, inner: (bytes: Buffer) => Buffer): string => {
  const paths = pathsIn(document)
  const path = paths[below(paths.length)]!
  const value = at(document, path)
  switch (below(10)) {
    case 0:
      return write(replaced(document, path, strangeValues[below(strangeValues.length)]), below)
    case 1:
      return write(replaced(document, path, at(document, paths[below(paths.length)]!)), below)
    case 2:
      return write(reshaped(document, path, below), below)
    case 3:
      return withNameTwice(JSON.stringify(document), below)
    default:
      return write(replaced(document, path, typeof value === 'string' ? changedText(value, inner) : numberOr(value, below)), below)
  }
}

const deep = (levels: number): unknown => {
  let value: unknown = 1
  for (let level = 0; level < levels; level++) value = level % 2 === 0 ? [value] : { a: value }
  return value
}

const strangeValues: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  2 ** 53,
  1e300,
  '',
  ' ',
  '\u0000',
  '\ud800',
  '__proto__',
  'constructor',
  '=',
  '-----BEGIN CERTIFICATE-----',
  '2026-02-30T00:00:00Z',
  '9'.repeat(400),
  'a'.repeat(100_000),
  [],
  {},
  [null],
  { __proto__x: 1, toString: 1 },
  deep(40),
  deep(1500),
  Array<number>(5000).fill(0),
]

/** Every value that is in it, by where it is; the document itself first. */
const pathsIn = (document: unknown): readonly Path[] => {
  const paths: Path[] = [[]]
  for (let index = 0; index < paths.length && paths.length < 3000; index++) {
    const path = paths[index]!
    const value = at(document, path)
    if (typeof value !== 'object' || value === null || path.length > 40) continue
    for (const name of Array.isArray(value) ? value.keys() : Object.keys(value)) paths.push([...path, name])
  }
  return paths
}

const at = (value: unknown, path: Path): unknown => path.reduce((inner, name) => (inner as Record<string | number, unknown>)[name], value)

const replaced = (value: unknown, [name, ...rest]: Path, by: unknown): unknown => {
  if (name === undefined) return by
  if (Array.isArray(value)) return value.with(name as number, replaced(value[name as number], rest, by))
  return { ...(value as object), [name]: replaced((value as Record<string, unknown>)[name], rest, by) }
}

/** Without a field, with one more, or a list that is longer, shorter or the other way round. */
const reshaped = (document: object, path: Path, below: Below): unknown => {
  const value = at(document, path)
  if (Array.isArray(value)) {
    const lists = [value.toReversed(), [...value, ...value], Array(2 + below(1200)).fill(value[0] ?? null), value.slice(1), [...value, {}]]
    return replaced(document, path, lists[below(lists.length)])
  }
  if (typeof value !== 'object' || value === null) return replaced(document, path, [value])
  const names = Object.keys(value)
  const name = names[below(names.length)] ?? 'a'
  const { [name]: taken, ...rest } = value as Record<string, unknown>
  const shapes: readonly object[] = [
    rest,
    { ...value, x: 1 },
    { ...rest, [name.toUpperCase()]: taken },
    { ...rest, [`${name} `]: taken },
    [value],
  ]
  return replaced(document, path, shapes[below(shapes.length)])
}

/** A field twice, as text: no object can have that. */
const withNameTwice = (text: string, below: Below): string => {
  const fields = [...text.matchAll(/"[^"\\]{1,60}":(?:"[^"\\]*"|-?\d+|true|false|null)/g)]
  const field = fields[below(fields.length)]
  return field === undefined ? text : `${text.slice(0, field.index)}${field[0]},${text.slice(field.index)}`
}

/** Base64, PEM, JSON and hex are opened and changed within; other text as it is. */
const changedText = (text: string, inner: (bytes: Buffer) => Buffer): string => {
  const [, begin = '', body = '', end = ''] = /^(-----BEGIN [A-Z ]+-----)([^-]+)(-----END [A-Z ]+-----\s*)$/.exec(text) ?? []
  if (begin !== '') return `${begin}\n${inner(Buffer.from(body, 'base64')).toString('base64')}\n${end}`
  if (text.length >= 8 && text.length % 4 === 0 && /^[A-Za-z0-9+/]+={0,2}$/.test(text))
    return inner(Buffer.from(text, 'base64')).toString('base64')
  if (text.length >= 8 && /^[A-Za-z0-9_-]+$/.test(text)) return inner(Buffer.from(text, 'base64url')).toString('base64url')
  return inner(Buffer.from(text)).toString()
}

const numberOr = (value: unknown, below: Below): unknown => {
  if (typeof value === 'number') return [value + 1, value - 1, -value, String(value), value * 1e9][below(5)]
  if (typeof value === 'boolean') return !value
  return value === null ? {} : [value, value]
}

/** In one of the ways in which the same can be written, and with numbers that no program means. */
const write = (value: unknown, below: Below): string => {
  const text = JSON.stringify(value) ?? ''
  switch (below(20)) {
    case 0:
      return JSON.stringify(value, undefined, 2) ?? ''
    case 1:
      return text.replace(/[a-z]/, letter => `\\u00${letter.charCodeAt(0).toString(16)}`)
    case 2:
      return text.replace(/:\d+/, ':1e999')
    case 3:
      return `\ufeff${text}`
    case 4:
      return `${text}${text}`
    default:
      return text
  }
}
