/** One question to the API server, as RBAC knows it. */
export interface CallRule {
  readonly verb: 'get' | 'list'
  /** Empty: the core group. */
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly namespaced: boolean
  /** What is not known without it, as the end of a sentence. */
  readonly tells: string
}

/**
 * Every call that is ever made to an API server. What is asked, what a finding says of a call that is forbidden, and the roles
 * that the command `rbac` prints all come from here.
 */
export const calls = {
  nodes: {
    verb: 'list',
    group: '',
    version: 'v1',
    resource: 'nodes',
    namespaced: false,
    tells: 'for which platforms the images are needed',
  },
  installations: {
    verb: 'list',
    group: 'embeddedcluster.replicated.com',
    version: 'v1beta1',
    resource: 'installations',
    namespaced: false,
    tells: 'which Config is installed, and whether the licence has disaster recovery',
  },
  deployment: {
    verb: 'get',
    group: 'apps',
    version: 'v1',
    resource: 'deployments',
    namespaced: true,
    tells: "which pull secrets Velero's pod has",
  },
  serviceAccount: {
    verb: 'get',
    group: '',
    version: 'v1',
    resource: 'serviceaccounts',
    namespaced: true,
    tells: "which pull secrets Velero's pod gets from its service account",
  },
  pullSecret: {
    verb: 'get',
    group: '',
    version: 'v1',
    resource: 'secrets',
    namespaced: true,
    tells: 'which logins a node has for the images',
  },
  configSecret: {
    verb: 'get',
    group: '',
    version: 'v1',
    resource: 'secrets',
    namespaced: true,
    tells: 'which Config is installed: the Installation says that it is in this Secret',
  },
} as const satisfies Readonly<Record<string, CallRule>>

export type CallName = keyof typeof calls

/** A call with what it is about. */
export interface Call {
  readonly call: CallName
  readonly namespace?: string
  /** Absent: of a list. */
  readonly name?: string
}

/** `get secrets velero/regcred`, `list installations.embeddedcluster.replicated.com`. */
export const callWords = ({ call, namespace, name }: Call): string => {
  const { verb, group, resource } = calls[call]
  const object = [namespace, name].filter(part => part !== undefined).join('/')
  return [verb, group === '' ? resource : `${resource}.${group}`, object].filter(part => part !== '').join(' ')
}

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
export const pathOf = ({ call, namespace, name }: Call): string => {
  const { group, version, resource }: CallRule = calls[call]
  const parts = [
    ...(group === '' ? ['api', version] : ['apis', group, version]),
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    resource,
    ...(name === undefined ? [] : [name]),
  ]
  return `/${parts.map(encodeURIComponent).join('/')}`
}
