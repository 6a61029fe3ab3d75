/** One question to the API server, as RBAC knows it. */
export interface CallRule {
  readonly verb: 'get' | 'list' | 'create' | 'delete'
  /** Empty: the core group. */
  readonly group: string
  readonly version: string
  readonly resource: string
  /** Of the resource: RBAC knows it as `pods/log`. */
  readonly subresource?: string
  readonly namespaced: boolean
  /** What is not known without it, as the end of a sentence. */
  readonly tells: string
}

/**
 * Every call that is ever made to an API server, but for what `--nodes` creates (object-path.ts). What is asked, what a finding says of a call that is forbidden, and the roles
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
  pods: {
    verb: 'list',
    group: '',
    version: 'v1',
    resource: 'pods',
    namespaced: true,
    tells: "what state Velero's containers are in, and which bytes they were made of",
  },
  events: {
    verb: 'list',
    group: '',
    version: 'v1',
    resource: 'events',
    namespaced: true,
    tells: "what the nodes say of Velero's pod",
  },
  podLog: {
    verb: 'get',
    group: '',
    version: 'v1',
    resource: 'pods',
    subresource: 'log',
    namespaced: true,
    tells: 'which plugins Velero has registered, and why it ended',
  },
  // The three that follow only with --server-status: two of them write.
  createServerStatus: {
    verb: 'create',
    group: 'velero.io',
    version: 'v1',
    resource: 'serverstatusrequests',
    namespaced: true,
    tells: 'which plugins Velero itself says that it has',
  },
  serverStatus: {
    verb: 'get',
    group: 'velero.io',
    version: 'v1',
    resource: 'serverstatusrequests',
    namespaced: true,
    tells: 'which plugins Velero itself says that it has',
  },
  deleteServerStatus: {
    verb: 'delete',
    group: 'velero.io',
    version: 'v1',
    resource: 'serverstatusrequests',
    namespaced: true,
    tells: 'whether the ServerStatusRequest that was created is gone again',
  },
} as const satisfies Readonly<Record<string, CallRule>>

export type CallName = keyof typeof calls

/** A call with what it is about. */
export interface Call {
  readonly call: CallName
  readonly namespace?: string
  /** Absent: of a list, and of what is created. */
  readonly name?: string
}

/** A container's log; `name` is the pod's. */
export interface LogCall extends Call {
  readonly call: 'podLog'
  readonly namespace: string
  readonly name: string
  readonly container: string
  /** Of the container that ran before this one. */
  readonly previous?: boolean
}

/** The resource as RBAC knows it: `secrets`, `pods/log`. */
export const resourceOf = (call: CallName): string => {
  const { resource, subresource }: CallRule = calls[call]
  return subresource === undefined ? resource : `${resource}/${subresource}`
}

/** `get secrets velero/regcred`, `list installations.embeddedcluster.replicated.com`. */
export const callWords = ({ call, namespace, name }: Call): string => {
  const { verb, group }: CallRule = calls[call]
  const resource = resourceOf(call)
  const object = [namespace, name].filter(part => part !== undefined).join('/')
  return [verb, group === '' ? resource : `${resource}.${group}`, object].filter(part => part !== '').join(' ')
}

/** @see https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-uris */
export const pathOf = ({ call, namespace, name }: Call): string => {
  const { group, version, resource, subresource }: CallRule = calls[call]
  const parts = [
    ...(group === '' ? ['api', version] : ['apis', group, version]),
    ...(namespace === undefined ? [] : ['namespaces', namespace]),
    resource,
    ...(name === undefined ? [] : [name]),
    ...(subresource === undefined ? [] : [subresource]),
  ]
  return `/${parts.map(encodeURIComponent).join('/')}`
}
