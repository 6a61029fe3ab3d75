import type { KubernetesObject } from './objects.ts'

/** The kinds that are ever created, by the resource that RBAC knows them as. */
const resources: Readonly<Record<string, { readonly resource: string; readonly namespaced: boolean }>> = {
  Namespace: { resource: 'namespaces', namespaced: false },
  ServiceAccount: { resource: 'serviceaccounts', namespaced: true },
  ConfigMap: { resource: 'configmaps', namespaced: true },
  Role: { resource: 'roles', namespaced: true },
  RoleBinding: { resource: 'rolebindings', namespaced: true },
  ClusterRole: { resource: 'clusterroles', namespaced: false },
  ClusterRoleBinding: { resource: 'clusterrolebindings', namespaced: false },
  DaemonSet: { resource: 'daemonsets', namespaced: true },
}

export const resourceOfKind = ({ kind }: KubernetesObject): string => {
  const found = resources[kind]
  if (found === undefined) throw new TypeError(`nobody said what the resource of a ${kind} is`)
  return found.resource
}

/** Where objects of this kind lie. @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
export const collectionPath = (object: KubernetesObject): string => {
  const { apiVersion, kind, metadata } = object
  const resource = resourceOfKind(object)
  const root = apiVersion.includes('/') ? 'apis' : 'api'
  const inNamespace = resources[kind]?.namespaced ? `/namespaces/${encodeURIComponent(metadata.namespace ?? '')}` : ''
  return `/${root}/${apiVersion}${inNamespace}/${resource}`
}

export const objectPath = (object: KubernetesObject): string => `${collectionPath(object)}/${encodeURIComponent(object.metadata.name)}`

/** `daemonsets velero-plugin-preflight-x/velero-plugin-preflight-x` */
export const objectWords = (object: KubernetesObject): string => {
  const { namespace, name } = object.metadata
  return `${resourceOfKind(object)} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}
