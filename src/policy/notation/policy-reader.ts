import type { PreflightError } from '../../errors.ts'
import { JsonError, parseGoJson } from '../../oci/go-json.ts'
import { printable } from '../../redact.ts'
import {
  describe,
  errorAt,
  parseYaml,
  type SourceText,
  type YamlList,
  type YamlMap,
  type YamlNode,
  type YamlScalar,
} from '../../yaml-source.ts'

/** Reads the fields of one trust policy document, with every mistake at its place. */
export interface PolicyReader {
  readonly root: YamlMap
  fault(node: Pick<YamlNode, 'position'>, what: string, hint?: string): PreflightError
  /** The object, whose keys are all of `known`. */
  object(node: YamlNode, what: string, known: readonly string[]): YamlMap
  /** The fields below are undefined when they are absent or null. */
  list(map: YamlMap, key: string): YamlList | undefined
  text(map: YamlMap, key: string): YamlScalar | undefined
  /** The texts of a list. */
  texts(map: YamlMap, key: string): readonly YamlScalar[]
}

/**
 * @param known the keys of the document
 * @throws PreflightError POLICY_INVALID, YAML_INVALID, FILE_TOO_LARGE
 */
export const readPolicyDocument = (input: string | Uint8Array, file: string, known: readonly string[]): PolicyReader => {
  const [document] = parseYaml(input, file)
  const node = document?.root
  const start = { position: document?.position ?? { file, line: 1, column: 1 } }
  const fault = faultsOf(document?.source)
  if (node === undefined) throw fault(start, 'there is no trust policy in it')
  // YAML reads JSON with positions; notation reads JSON alone.
  refuseOtherThanJson(input, document?.source)
  const value = (map: YamlMap, key: string): YamlNode | undefined => {
    const found = map.entries.get(key)?.value
    return found?.kind === 'scalar' && found.value === null ? undefined : found
  }
  const list = (map: YamlMap, key: string): YamlList | undefined => {
    const found = value(map, key)
    if (found !== undefined && found.kind !== 'list') throw fault(found, `${key} must be a list, and this is ${describe(found)}`)
    return found
  }
  const asText = (found: YamlNode, what: string): YamlScalar => {
    if (found.kind !== 'scalar' || typeof found.value !== 'string')
      throw fault(found, `${what} must be text, and this is ${describe(found)}`)
    return found
  }
  const object = (found: YamlNode, what: string, keys: readonly string[]): YamlMap => {
    if (found.kind !== 'map') throw fault(found, `${what} must be an object, and this is ${describe(found)}`)
    for (const { key, keyPosition } of found.entries.values()) {
      if (keys.includes(key)) continue
      const meant = keys.find(one => fold(one) === fold(key))
      const hint = meant === undefined ? `Its keys are ${keys.join(', ')}.` : `Write ${meant}.`
      throw fault({ position: keyPosition }, `${what} has no key "${printable(key, 60)}"`, hint)
    }
    return found
  }
  return {
    root: object(node, 'a trust policy', known),
    fault,
    object,
    list,
    text: (map, key) => {
      const found = value(map, key)
      return found && asText(found, key)
    },
    texts: (map, key) => list(map, key)?.items.map(item => asText(item, `an entry of ${key}`)) ?? [],
  }
}

/** notation-go reads keys in any case (encoding/json); a second reading of a policy is no policy. */
const fold = (key: string): string => key.toUpperCase().toLowerCase()

const faultsOf =
  (source: SourceText | undefined): PolicyReader['fault'] =>
  ({ position }, what, hint) =>
    errorAt(source ?? emptySource(position.file), 'POLICY_INVALID', position, what, hint)

const emptySource = (file: string): SourceText => ({
  file,
  text: '',
  position: () => ({ file, line: 1, column: 1 }),
  excerpt: () => ['', '^'],
})

/** @throws PreflightError POLICY_INVALID */
const refuseOtherThanJson = (input: string | Uint8Array, source: SourceText | undefined): void => {
  if (source === undefined) return
  const text = typeof input === 'string' ? input : new TextDecoder('utf-8', { ignoreBOM: true }).decode(input)
  try {
    parseGoJson(text)
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const mark = text.startsWith('\ufeff')
    const what = mark ? 'a trust policy begins without a byte order mark' : `a trust policy is JSON, and this is not: ${error.message}`
    const offset = Math.min(error.offset ?? 0, source.text.length)
    throw errorAt(source, 'POLICY_INVALID', source.position(offset), what, mark ? 'Save the file as UTF-8 without it.' : undefined)
  }
}
