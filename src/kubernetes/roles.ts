import { Document, isScalar, visit } from 'yaml'
import { type Call, type CallRule, calls, resourceOf } from './calls.ts'
import type { KubernetesObject } from './objects.ts'

/** Who gets the roles. */
export type Subject =
  | { readonly kind: 'User' | 'Group'; readonly name: string }
  | { readonly kind: 'ServiceAccount'; readonly name: string; readonly namespace: string }

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

const apiVersion = 'rbac.authorization.k8s.io/v1'
const apiGroup = 'rbac.authorization.k8s.io'

/** As YAML documents, for `kubectl apply`. */
export const rolesFor = (asked: readonly Call[], subject?: Subject): string => yamlOf(roleObjects(asked, subject))

/**
 * The roles that allow these calls and no other: a Role for each namespace, a ClusterRole for what is in none, and with a subject
 * the bindings that give them to it. A call without the name of what it gets allows all of the kind.
 */
export const roleObjects = (
  asked: readonly Call[],
  subject?: Subject,
  about: KubernetesObject['metadata'] = { name: 'velero-plugin-preflight' },
): readonly KubernetesObject[] => {
  const namespaces = [...new Set(asked.map(({ namespace }) => namespace))].toSorted((a = '', b = '') => (a < b ? -1 : 1))
  return namespaces.flatMap(namespace => {
    const kind = namespace === undefined ? 'ClusterRole' : 'Role'
    const metadata = { ...about, ...(namespace === undefined ? {} : { namespace }) }
    const role = { apiVersion, kind, metadata, rules: rulesOf(asked.filter(call => call.namespace === namespace)) }
    if (subject === undefined) return [role]
    const subjects = [subject.kind === 'ServiceAccount' ? subject : { ...subject, apiGroup }]
    return [role, { apiVersion, kind: `${kind}Binding`, metadata, roleRef: { apiGroup, kind, name: about.name }, subjects }]
  })
}

/** Documents of a file for `kubectl apply`. */
export const yamlOf = (objects: readonly object[]): string => objects.map(textOf).join('---\n')

/** Lists of words in one line, as people write them. */
const textOf = (value: object): string => {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Seq: (_, list) => {
      list.flow = list.items.every(isScalar)
    },
  })
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

/** One rule for each resource; names only where every call has one. */
const rulesOf = (asked: readonly Call[]): readonly Rule[] => {
  const kinds = new Map<string, { readonly rule: CallRule; readonly resource: string; readonly names: (string | undefined)[] }>()
  for (const { call, name } of asked) {
    const rule: CallRule = calls[call]
    const resource = resourceOf(call)
    const key = `${rule.group}/${resource}/${rule.verb}`
    const known = kinds.get(key) ?? { rule, resource, names: [] }
    known.names.push(name)
    kinds.set(key, known)
  }
  return [...kinds.values()].map(({ rule: { group, verb }, resource, names }) => ({
    apiGroups: [group],
    resources: [resource],
    ...(names.includes(undefined) ? {} : { resourceNames: [...new Set(names.map(String))] }),
    verbs: [verb],
  }))
}
