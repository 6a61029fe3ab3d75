import type { Wanted } from '../bundle/content.ts'
import type { Keep } from '../bundle/kept-file.ts'
import { type Call, type CallRule, calls } from '../kubernetes/calls.ts'

/** Where troubleshoot writes what (replicatedhq/troubleshoot v0.133.0, pkg/collect/cluster_resources.go, logs.go). */
const resources = 'cluster-resources'
const custom = `${resources}/custom-resources`

/** A list of a large namespace; JSON takes some times as much memory once it is read. */
const documentBytes = 32 * 2 ** 20
/** More than a log has by default in a bundle: 5,000,000 bytes. */
const logEndBytes = 3 * 2 ** 20

const rules: readonly CallRule[] = Object.values(calls)

/** Kinds that a CustomResourceDefinition defines are those whose group has a dot and is not Kubernetes' own. */
const isCustom = ({ group }: CallRule): boolean => group.includes('.') && !group.endsWith('.k8s.io')

/** Of the objects of one kind, without `.json`. */
export const listPath = ({ call, namespace }: Call): string => {
  const rule: CallRule = calls[call]
  const kind = isCustom(rule) ? `${custom}/${rule.resource}.${rule.group}` : `${resources}/${rule.resource}`
  return namespace === undefined ? kind : `${kind}/${namespace}`
}

/** What went wrong for the collector: errors by namespace or by kind, or a list of them. */
export const errorsPath = ({ call }: Call): string => {
  const rule: CallRule = calls[call]
  return isCustom(rule) ? `${custom}/custom-resources-errors.json` : `${resources}/${rule.resource}-errors.json`
}

/** Under which name the errors of the call stand there. */
export const errorNames = ({ call, namespace = '' }: Call): readonly string[] => {
  const rule: CallRule = calls[call]
  const kind = `${rule.resource}.${rule.group}`
  return isCustom(rule) ? [kind, `${kind}/${namespace}`, 'crdList'] : [namespace]
}

/** The name of the kind among the definitions; undefined of Kubernetes' own kinds, which every cluster knows. */
export const definitionOf = ({ call }: Call): string | undefined => {
  const rule: CallRule = calls[call]
  return isCustom(rule) ? `${rule.resource}.${rule.group}` : undefined
}

export const definitionsPath = `${resources}/custom-resource-definitions.json`
export const namespacesPath = `${resources}/namespaces.json`
export const secretPath = (namespace: string, name: string) => `secrets/${namespace}/${name}`
export const pullSecretPath = (namespace: string, name: string) => `${resources}/image-pull-secrets/${namespace}/${name}.json`

/** The newest first: until 2022 logs lay under the namespace, and those of collectors only in folders of the collectors. */
export const logPaths = (namespace: string, pod: string, file: string): readonly string[] => [
  `${resources}/pods/logs/${namespace}/${pod}/${file}`,
  `${resources}/pods/${namespace}/logs/${pod}/${file}`,
]

/** Embedded Cluster's own, beside that of Velero. */
const alsoNamespaces = ['embedded-cluster', 'kotsadm']

/** Of a log, its end is as good as its beginning; of all else half of it is nothing. */
const log: Keep = { headBytes: logEndBytes, tailBytes: logEndBytes }
const whole: Keep = { limitBytes: documentBytes }

/** What is read of a bundle for a cluster: nothing else is kept. Pods of Velero begin with the name of its Deployment. */
export const wantedOfCluster = (namespace: string): Wanted => {
  const namespaces = [namespace, ...alsoNamespaces]
  const lists = rules.flatMap(rule => {
    const kind = isCustom(rule) ? `${custom}/${rule.resource}.${rule.group}` : `${resources}/${rule.resource}`
    const files = rule.namespaced ? namespaces.map(one => `${kind}/${one}`) : [kind]
    return [`${resources}/${rule.resource}-errors.json`, ...files.flatMap(file => [`${file}.json`, `${file}.yaml`])]
  })
  const exact = new Set([...lists, `${custom}/custom-resources-errors.json`, definitionsPath, namespacesPath])
  const folders = [`secrets/${namespace}/`, `${resources}/image-pull-secrets/${namespace}/`]
  return name => {
    if (exact.has(name) || folders.some(folder => name.startsWith(folder))) return whole
    if (!/(?:^|\/)velero-[^/]+\/[^/]+$/.test(name)) return undefined
    return name.endsWith('.log') ? log : name.endsWith('-errors.json') ? whole : undefined
  }
}
