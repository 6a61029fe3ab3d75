import type { Io } from '../cli.ts'
import type { Call } from '../kubernetes/calls.ts'
import { rolesFor, type Subject } from '../kubernetes/roles.ts'
import { usage } from '../settings/flag-text.ts'
import { namespaceOf } from '../settings.ts'
import { print } from './print.ts'

export interface RbacFlags {
  readonly namespace?: string
  readonly secret?: readonly string[]
  readonly user?: string
  readonly group?: string
  readonly serviceaccount?: string
  readonly serverStatus?: boolean
}

const statusCalls = ['createServerStatus', 'serverStatus', 'deleteServerStatus'] as const

/** `rbac`: what `--from-cluster` asks, as roles. The Secret of an old Installation's Config is not among it: a finding asks for it. */
export const printRoles = async (flags: RbacFlags, io: Io): Promise<number> => {
  const namespace = namespaceOf(flags)
  const secrets: readonly (string | undefined)[] = flags.secret ?? [undefined]
  const asked: readonly Call[] = [
    { call: 'nodes' },
    { call: 'installations' },
    { call: 'deployment', namespace, name: 'velero' },
    { call: 'serviceAccount', namespace },
    { call: 'pods', namespace },
    { call: 'events', namespace },
    { call: 'podLog', namespace },
    ...(flags.serverStatus === true ? statusCalls.map((call): Call => ({ call, namespace })) : []),
    ...secrets.map((name): Call => ({ call: 'pullSecret', namespace, ...(name === undefined ? {} : { name }) })),
  ]
  await print(io.stdout, rolesFor(asked, subjectOf(flags)))
  return 0
}

const subjectOf = ({ user, group, serviceaccount }: RbacFlags): Subject | undefined => {
  const subjects: Subject[] = []
  if (user !== undefined) subjects.push({ kind: 'User', name: user })
  if (group !== undefined) subjects.push({ kind: 'Group', name: group })
  if (serviceaccount !== undefined) {
    const [, namespace, name] = /^([^:]+):([^:]+)$/.exec(serviceaccount) ?? []
    if (namespace === undefined || name === undefined) throw usage(`--serviceaccount ${serviceaccount}: it is namespace:name.`)
    subjects.push({ kind: 'ServiceAccount', namespace, name })
  }
  if (subjects.length > 1) throw usage('--user, --group and --serviceaccount: the roles are bound to one of them.')
  return subjects[0]
}
