import type { Position } from '../../position.ts'
import { printable } from '../../redact.ts'
import type { YamlMap, YamlNode, YamlScalar } from '../../yaml-source.ts'
import { type PolicyReader, readPolicyDocument } from './policy-reader.ts'
import { scopeFault, wildcard } from './registry-scope.ts'
import { parseStoreName, type StoreName, showStore } from './trust-store.ts'
import { overlaps, parseTrustedIdentity, type TrustedIdentity } from './trusted-identity.ts'
import { type Actions, checks, type LevelName, levelNames, levels, overriddenAction } from './verification-level.ts'

/**
 * A trust policy of notation for OCI artifacts, `trustpolicy.json` or `trustpolicy.oci.json`, version 1.0.
 *
 * @see https://github.com/notaryproject/specifications/blob/v1.1.0/specs/trust-store-trust-policy.md
 */
export interface TrustPolicy {
  /** As given, for messages. */
  readonly file: string
  readonly statements: readonly TrustPolicyStatement[]
}

export interface TrustPolicyStatement {
  readonly name: string
  readonly position: Position
  /** `*` alone, or repositories. */
  readonly registryScopes: readonly string[]
  /** `custom` when something is overridden. */
  readonly level: LevelName | 'custom'
  readonly actions: Actions
  readonly verifyTimestamp: 'always' | 'afterCertExpiry'
  readonly trustStores: readonly StoreName[]
  readonly trustedIdentities: readonly TrustedIdentity[]
}

const keys = {
  document: ['version', 'trustPolicies'],
  statement: ['name', 'registryScopes', 'signatureVerification', 'trustStores', 'trustedIdentities'],
  verification: ['level', 'override', 'verifyTimestamp'],
}

/**
 * Reads a trust policy by notation's rules. Stricter than its program in this: keys that it does not know, in other case, or
 * twice are mistakes, not nothing.
 *
 * @throws PreflightError POLICY_INVALID, YAML_INVALID as `file:line:column: what is wrong`; FILE_TOO_LARGE
 */
export const parseTrustPolicy = (text: string | Uint8Array, file: string): TrustPolicy => {
  const reader = readPolicyDocument(text, file, keys.document)
  const version = reader.text(reader.root, 'version')
  if (version?.text !== '1.0')
    throw reader.fault(version ?? reader.root, version === undefined ? 'version is missing' : 'version is not "1.0", the only one there is')
  const items = reader.list(reader.root, 'trustPolicies')?.items ?? []
  if (items.length === 0) throw reader.fault(reader.root, 'there are no trustPolicies: no image would have one')
  const statements = items.map(item => readStatement(reader, item))
  refuseRepeated(
    items.map((item, index) => ({ node: item, text: statements[index]!.name })),
    (node, name) => reader.fault(node, `two statements have the name "${printable(name, 80)}"`),
  )
  refuseRepeated(
    items.flatMap(item => (item.kind === 'map' ? reader.texts(item, 'registryScopes') : []).map(node => ({ node, text: node.text }))),
    (node, scope) => reader.fault(node, `the registry scope "${printable(scope, 120)}" is there twice; one statement only may have it`),
  )
  return { file, statements }
}

/** The statement for a repository: the one that names it, else the one for `*`; undefined when there is none. */
export const statementFor = ({ statements }: TrustPolicy, repository: string): TrustPolicyStatement | undefined =>
  statements.find(({ registryScopes }) => registryScopes.includes(repository)) ??
  statements.find(({ registryScopes }) => registryScopes.includes(wildcard))

/** Every trust store that a policy names, once. */
export const storesIn = ({ statements }: TrustPolicy): readonly StoreName[] => {
  const stores = statements.flatMap(({ trustStores }) => trustStores)
  return stores.filter((store, index) => stores.findIndex(one => showStore(one) === showStore(store)) === index)
}

const readStatement = (reader: PolicyReader, node: YamlNode): TrustPolicyStatement => {
  const map = reader.object(node, 'a statement of trustPolicies', keys.statement)
  const name = reader.text(map, 'name')
  if (name === undefined || name.text === '') throw reader.fault(name ?? map, 'a statement has no name')
  const { level, actions, verifyTimestamp } = readVerification(reader, map)
  return {
    name: name.text,
    position: map.position,
    registryScopes: readScopes(reader, map),
    level,
    actions,
    verifyTimestamp,
    ...readTrust(reader, map, level === 'skip'),
  }
}

const readVerification = (
  reader: PolicyReader,
  statement: YamlMap,
): Pick<TrustPolicyStatement, 'level' | 'actions' | 'verifyTimestamp'> => {
  const node = statement.entries.get('signatureVerification')?.value
  if (node === undefined) throw reader.fault(statement, 'signatureVerification is missing')
  const map = reader.object(node, 'signatureVerification', keys.verification)
  const levelNode = reader.text(map, 'level')
  const level = levelNames.find(name => name === levelNode?.text)
  if (level === undefined) {
    const what =
      levelNode === undefined || levelNode.text === '' ? 'level is missing' : `the level "${printable(levelNode.text, 60)}" is not known`
    throw reader.fault(levelNode ?? map, what, `It is one of ${levelNames.join(', ')}.`)
  }
  const timestamp = reader.text(map, 'verifyTimestamp')
  const verifyTimestamp = timestamp === undefined || timestamp.text === '' ? 'always' : timestamp.text
  if (verifyTimestamp !== 'always' && verifyTimestamp !== 'afterCertExpiry')
    throw reader.fault(timestamp!, 'verifyTimestamp must be "always" or "afterCertExpiry"')
  const overrides = readOverrides(reader, map)
  if (overrides === undefined) return { level, actions: levels[level], verifyTimestamp }
  if (level === 'skip') throw reader.fault(levelNode!, 'the level skip cannot be overridden')
  return { level: 'custom', actions: { ...levels[level], ...overrides }, verifyTimestamp }
}

/** Undefined when nothing is overridden. */
const readOverrides = (reader: PolicyReader, verification: YamlMap): Partial<Actions> | undefined => {
  const node = verification.entries.get('override')?.value
  if (node === undefined || (node.kind === 'scalar' && node.value === null)) return undefined
  const map = reader.object(node, 'override', checks)
  if (map.entries.size === 0) return undefined
  return Object.fromEntries(
    checks.flatMap(check => {
      const entry = map.entries.get(check)
      if (entry === undefined) return []
      const overridden = overriddenAction(check, reader.text(map, check)?.text ?? '')
      if (typeof overridden === 'string') throw reader.fault(entry.value, `${check} ${overridden}`)
      return [[check, overridden.action]]
    }),
  )
}

const readScopes = (reader: PolicyReader, statement: YamlMap): readonly string[] => {
  const scopes = reader.texts(statement, 'registryScopes')
  if (scopes.length === 0) throw reader.fault(statement, 'a statement has no registryScopes')
  for (const node of scopes) {
    if (node.text === wildcard && scopes.length > 1) throw reader.fault(node, 'the registry scope * stands alone or not at all')
    const fault = node.text === wildcard ? undefined : scopeFault(node.text)
    if (fault !== undefined) throw reader.fault(node, `the registry scope "${printable(node.text, 120)}" ${fault}`)
  }
  return scopes.map(({ text }) => text)
}

const readTrust = (
  reader: PolicyReader,
  statement: YamlMap,
  skip: boolean,
): Pick<TrustPolicyStatement, 'trustStores' | 'trustedIdentities'> => {
  const stores = reader.texts(statement, 'trustStores')
  const identities = reader.texts(statement, 'trustedIdentities')
  if (skip) {
    const [extra] = [...stores, ...identities]
    if (extra !== undefined) throw reader.fault(extra, 'a statement of the level skip has no trustStores and no trustedIdentities')
    return { trustStores: [], trustedIdentities: [] }
  }
  if (stores.length === 0) throw reader.fault(statement, 'a statement has no trustStores')
  if (identities.length === 0) throw reader.fault(statement, 'a statement has no trustedIdentities')
  return { trustStores: stores.map(node => readStore(reader, node)), trustedIdentities: readIdentities(reader, identities) }
}

const readStore = (reader: PolicyReader, node: YamlScalar): StoreName => {
  const store = parseStoreName(node.text)
  if (typeof store === 'string') throw reader.fault(node, `the trust store "${printable(node.text, 80)}" cannot be: ${store}`)
  return store
}

const readIdentities = (reader: PolicyReader, nodes: readonly YamlScalar[]): readonly TrustedIdentity[] => {
  const identities = nodes.map(node => {
    const identity = parseTrustedIdentity(node.text)
    if (typeof identity === 'string') throw reader.fault(node, `the trusted identity "${printable(node.text, 120)}" ${identity}`)
    if (identity.kind === 'anybody' && nodes.length > 1) throw reader.fault(node, 'the trusted identity * stands alone or not at all')
    return identity
  })
  nodes.forEach((node, index) => {
    if (identities.slice(0, index).some(earlier => overlaps(earlier, identities[index]!)))
      throw reader.fault(
        node,
        `the trusted identity "${printable(node.text, 120)}" overlaps with one before it: one of the two is too wide`,
      )
  })
  return identities
}

const refuseRepeated = <Node>(
  items: readonly { readonly node: Node; readonly text: string }[],
  fault: (node: Node, text: string) => Error,
): void => {
  const seen = new Set<string>()
  for (const { node, text } of items) {
    if (seen.has(text)) throw fault(node, text)
    seen.add(text)
  }
}
