import { PreflightError } from '../errors.ts'
import { at, createReader, parseYaml, type Reader, textOf, type YamlDocument, type YamlMap, type YamlNode } from '../yaml-source.ts'
import { readClusterImagePolicy } from './cluster-image-policy.ts'
import { type Fields, fieldsOf } from './fields.ts'
import type { SigstorePolicy } from './image-policy.ts'
import { refuseStrangeFile, refuseUnknownDocument } from './strange-file.ts'
import { readTrustRoot, type TrustRoot } from './trust-root.ts'

/** What a file given with `--policy` holds. */
export type PolicyFileKind = 'sigstore' | 'notation'

/** The documents of a file of policy.sigstore.dev, in its order. */
export interface PolicyFile {
  readonly policies: readonly SigstorePolicy[]
  readonly trustRoots: readonly TrustRoot[]
}

const group = 'policy.sigstore.dev'
const versions: Readonly<Record<string, readonly string[]>> = { ClusterImagePolicy: ['v1alpha1', 'v1beta1'], TrustRoot: ['v1alpha1'] }
const maxPolicies = 1000

/**
 * What the file holds, so that the right reader takes it.
 *
 * @param file for messages: the path as given
 * @throws PreflightError YAML_INVALID, FILE_TOO_LARGE; POLICY_INVALID for what is no policy, or one of a kind that is not evaluated
 */
export const policyKindOf = (input: string | Uint8Array, file: string): PolicyFileKind => {
  refuseStrangeFile(input, file)
  const documents = rootsOf(input, file)
  const [first] = documents
  if (first === undefined) throw new PreflightError('POLICY_INVALID', `${file}:1:1: there is no policy in it`)
  if (at(first.root, 'trustPolicies') !== undefined && at(first.root, 'apiVersion') === undefined) return 'notation'
  for (const { root, source } of documents) {
    const reader = createReader(source, 'POLICY_INVALID')
    for (const item of itemsOf(reader, root)) if (!isOfGroup(item)) refuseUnknownDocument(reader, item)
  }
  return 'sigstore'
}

/**
 * Every ClusterImagePolicy and TrustRoot in the file, YAML or JSON, also in the lists that `kubectl get -o yaml` prints.
 *
 * @throws PreflightError YAML_INVALID, FILE_TOO_LARGE; POLICY_INVALID as `file:line:column: what is wrong`
 */
export const parsePolicyFile = (input: string | Uint8Array, file: string): PolicyFile => {
  const policies: SigstorePolicy[] = []
  const trustRoots: TrustRoot[] = []
  for (const { root, source } of rootsOf(input, file)) {
    const reader = createReader(source, 'POLICY_INVALID')
    for (const item of itemsOf(reader, root)) {
      if (!isOfGroup(item)) refuseUnknownDocument(reader, item)
      const document = fieldsOf(reader, item, 'a policy', ['apiVersion', 'kind', 'metadata', 'spec', 'status'])
      const kind = kindOf(document)
      const name = nameOf(document, kind)
      if (kind === 'TrustRoot') trustRoots.push(readTrustRoot(document, name))
      else policies.push(readClusterImagePolicy(document, name))
      if (policies.length + trustRoots.length > maxPolicies) throw reader.fault(item, `more than ${maxPolicies} policies`)
    }
  }
  if (policies.length + trustRoots.length === 0) throw new PreflightError('POLICY_INVALID', `${file}:1:1: there is no policy in it`)
  return { policies, trustRoots }
}

type Rooted = YamlDocument & { readonly root: YamlNode }

const rootsOf = (input: string | Uint8Array, file: string): readonly Rooted[] =>
  parseYaml(input, file).filter((document): document is Rooted => document.root !== undefined)

/** A document, or what stands in a list of them. */
const itemsOf = (reader: Reader, root: YamlNode): readonly YamlMap[] => {
  const map = reader.map(root, 'a policy', root)
  const kind = textOf(at(map, 'kind')) ?? ''
  const isList = (kind === 'List' && textOf(at(map, 'apiVersion')) === 'v1') || (isOfGroup(map) && kind.endsWith('List'))
  const items = map.entries.get('items')?.value
  if (!isList || items === undefined) return [map]
  return reader.list(items, 'items').items.map(item => reader.map(item, 'an entry of items', item))
}

const isOfGroup = (map: YamlMap): boolean => (textOf(at(map, 'apiVersion')) ?? '').startsWith(`${group}/`)

const kindOf = (document: Fields): string => {
  const kind = document.choice('kind', Object.keys(versions))
  if (kind === undefined) throw document.fault(document.map, 'kind is missing', 'It is ClusterImagePolicy or TrustRoot.')
  document.choice(
    'apiVersion',
    versions[kind]!.map(version => `${group}/${version}`),
  )
  return kind
}

/** What a server keeps in metadata and status is no part of the policy. */
const nameOf = (document: Fields, kind: string): string => {
  const metadata = document.node('metadata')
  const name = at(metadata, 'name')
  if (name?.kind === 'scalar' && typeof name.value === 'string' && name.value !== '') return name.value
  throw document.fault(
    name ?? metadata ?? document.map,
    `metadata.name is missing in the ${kind}`,
    'Reports and other policies call it by its name.',
  )
}
