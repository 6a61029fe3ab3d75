import type { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { suggest } from '../suggest.ts'
import { describe, textOf, type YamlList, type YamlMap, type YamlNode } from './node.ts'
import { type DocumentCode, errorAt, type SourceText } from './source-text.ts'

/** Reads nodes of one document that this program defines or knows whole, with every mistake at its place. */
export interface Reader {
  readonly file: string
  fault(node: YamlNode | Pick<YamlNode, 'position'>, what: string, hint?: string): PreflightError
  map(node: YamlNode | undefined, what: string, parent: YamlNode): YamlMap
  list(node: YamlNode, what: string): YamlList
  text(node: YamlNode, what: string): string
  /** troubleshoot's BoolOrString: a boolean, or text that Go's ParseBool takes. */
  bool(node: YamlNode | undefined, what: string): boolean
  /** @throws PreflightError with the reader's code for a key that is not known */
  keys(map: YamlMap, known: readonly string[], what: string): void
}

const truths = new Map([
  ...['1', 't', 'T', 'TRUE', 'true', 'True'].map(text => [text, true] as const),
  ...['0', 'f', 'F', 'FALSE', 'false', 'False', ''].map(text => [text, false] as const),
])

/** @param code of every mistake: what kind of document it is */
export const createReader = (source: SourceText, code: DocumentCode): Reader => {
  const fault: Reader['fault'] = ({ position }, what, hint) => errorAt(source, code, position, what, hint)
  const wanted = (node: YamlNode, what: string, kind: string) => fault(node, `${what} must be ${kind}, and this is ${describe(node)}`)
  return {
    file: source.file,
    fault,
    map: (node, what, parent) => {
      if (node === undefined) throw fault(parent, `${what} is missing`)
      if (node.kind !== 'map') throw wanted(node, what, 'a mapping')
      return node
    },
    list: (node, what) => {
      if (node.kind !== 'list') throw wanted(node, what, 'a list')
      return node
    },
    text: (node, what) => {
      const text = textOf(node)
      if (text === undefined) throw wanted(node, what, 'text')
      return text
    },
    bool: (node, what) => {
      if (node === undefined) return false
      const value = truths.get(textOf(node) ?? 'null')
      if (value === undefined) throw wanted(node, what, 'true or false')
      return value
    },
    keys: (map, known, what) => {
      for (const { key, keyPosition } of map.entries.values()) {
        if (known.includes(key)) continue
        const meant = suggest(key, known)
        throw fault(
          { position: keyPosition },
          `${what} has no key "${printable(key, 60)}"`,
          meant === undefined ? `Its keys are ${known.join(', ')}.` : `Did you mean ${meant}?`,
        )
      }
    },
  }
}
