import { PreflightError } from '../errors.ts'
import { isObject, textAt, valueAt } from '../kubernetes/objects.ts'
import { showPosition } from '../position.ts'
import { printable } from '../redact.ts'
import { at, parseYaml, textOf, type YamlMap, type YamlNode } from '../yaml-source.ts'
import { decodeGoBase64 } from './base64.ts'

/** A Secret manifest, with its values decoded. The values are never put into a fact or a message. */
export interface PullSecret {
  /** Absent: the manifest does not say, and is applied to whatever namespace is current. */
  readonly namespace?: string
  readonly name: string
  /** `Opaque` when the manifest does not say (Kubernetes 1.34 pkg/apis/core/v1/defaults.go). */
  readonly type: string
  /** Decoded text by key: `stringData` over `data`. */
  readonly data: Readonly<Record<string, string>>
  /** `file:line`, for messages. */
  readonly from: string
  /** Why the API server would refuse the manifest; empty when all is well. */
  readonly problems: readonly SecretProblem[]
}

export interface SecretProblem {
  /** The key of `data` or `stringData` that it concerns. */
  readonly key?: string
  /** As the end of a sentence, without any value. */
  readonly message: string
}

/** What a file holds: its Secrets, and whether anything else in it is a Kubernetes object. */
export interface SecretDocuments {
  readonly secrets: readonly PullSecret[]
  /** Documents without `kind`: not what `kubectl apply` takes. */
  readonly strangers: readonly { readonly from: string; readonly looksLikeDockerConfig: boolean }[]
}

/**
 * The Secrets of a file of manifests: YAML with any number of documents, or JSON; `List`s are looked into, other kinds passed over.
 *
 * @throws PreflightError FILE_TOO_LARGE, YAML_INVALID: at `file:line:column`, without the text there, which may be a password
 */
export const parseSecrets = (input: string | Uint8Array, file: string): SecretDocuments => {
  const roots = documentsOf(input, file).flatMap(({ root }) => (root === undefined ? [] : [root]))
  const objects = roots.flatMap(itemsOf)
  const withoutKind = objects.filter(object => textOf(at(object, 'kind')) === undefined)
  return {
    secrets: objects.filter(isSecret).map(readSecret),
    strangers: withoutKind.map(object => ({
      from: place(object),
      looksLikeDockerConfig: ['auths', 'credsStore', 'credHelpers'].some(key => at(object, key) !== undefined),
    })),
  }
}

const documentsOf = (input: string | Uint8Array, file: string): ReturnType<typeof parseYaml> => {
  try {
    return parseYaml(input, file)
  } catch (error) {
    if (!(error instanceof PreflightError) || error.code !== 'YAML_INVALID') throw error
    const [where = file] = new RegExp(`^.{0,${file.length + 20}}?:[0-9]+:[0-9]+`).exec(error.message) ?? []
    throw new PreflightError(
      'YAML_INVALID',
      `${where}: the file is not valid YAML. What stands there is not shown, because it may be secret.`,
      {
        hint: 'Check the file with kubectl apply --dry-run=client -f.',
      },
    )
  }
}

/** The objects in a List, in any depth that someone writes. */
const itemsOf = (root: YamlNode): readonly YamlNode[] => {
  const items = at(root, 'items')
  const isList = /^(?:Secret)?List$/.test(textOf(at(root, 'kind')) ?? '')
  return isList && items?.kind === 'list' ? items.items.flatMap(itemsOf) : [root]
}

/** Also without apiVersion: kubectl refuses that, but what is meant is clear. */
const isSecret = (object: YamlNode): object is YamlMap =>
  object.kind === 'map' && textOf(at(object, 'kind')) === 'Secret' && (textOf(at(object, 'apiVersion')) ?? 'v1') === 'v1'

const place = ({ position }: YamlNode): string => showPosition(position).replace(/:[0-9]+$/, '')

const readSecret = (object: YamlMap): PullSecret => {
  const namespace = textOf(at(object, 'metadata', 'namespace'))
  const values = [...valuesOf(object, 'data', decoded), ...valuesOf(object, 'stringData', plain)]
  return {
    ...(namespace === undefined || namespace === '' ? {} : { namespace }),
    name: textOf(at(object, 'metadata', 'name')) ?? '',
    type: textOf(at(object, 'type')) || 'Opaque',
    data: Object.fromEntries(values.flatMap(({ key, text }) => (text === undefined ? [] : [[key, text]]))),
    from: place(object),
    problems: values.flatMap(({ key, problem }) => (problem === undefined ? [] : [{ ...(key === '' ? {} : { key }), message: problem }])),
  }
}

interface Value {
  readonly key: string
  readonly text?: string
  readonly problem?: string
}

const valuesOf = (object: YamlMap, name: string, read: (node: YamlNode) => Omit<Value, 'key'>): readonly Value[] => {
  const map = at(object, name)
  if (map === undefined || (map.kind === 'scalar' && map.value === null)) return []
  if (map.kind !== 'map') return [{ key: '', problem: `"${name}" is not a map of keys to texts` }]
  return [...map.entries.values()].map(({ key, value }) => {
    const { problem, ...rest } = read(value)
    return { key, ...rest, ...(problem === undefined ? {} : { problem: `"${printable(key, 80)}" in "${name}" ${problem}` }) }
  })
}

/** The API server decodes with Go's base64.StdEncoding; it takes no number or boolean for a text. */
const decoded = (node: YamlNode): Omit<Value, 'key'> => {
  const { text, problem } = plain(node)
  if (text === undefined) return { ...(problem === undefined ? {} : { problem }) }
  const bytes = decodeGoBase64(text, 'padded')
  return bytes === undefined ? { problem: 'is not base64; under "stringData" it may stand as it is' } : { text: bytes.toString() }
}

const plain = (node: YamlNode): Omit<Value, 'key'> => {
  if (node.kind === 'scalar' && node.value === null) return { text: '' }
  return node.kind === 'scalar' && typeof node.value === 'string' ? { text: node.value } : { problem: 'is not a text; put it in quotes' }
}

/** A Secret as the API server gives it, which has decoded and checked its values once already. */
export const secretOfObject = (object: unknown, from: string): PullSecret => {
  const namespace = textAt(object, 'metadata', 'namespace')
  const data = valueAt(object, 'data')
  const values = Object.entries(isObject(data) ? data : {}).flatMap(([key, value]) => {
    const bytes = typeof value === 'string' ? decodeGoBase64(value, 'padded') : undefined
    return bytes === undefined ? [] : [[key, bytes.toString()] as const]
  })
  return {
    ...(namespace === undefined ? {} : { namespace }),
    name: textAt(object, 'metadata', 'name') ?? '',
    type: textAt(object, 'type') || 'Opaque',
    data: Object.fromEntries(values),
    from,
    problems: [],
  }
}
