import type { Attributes, Directory, FileNode } from './file-tree.ts'
import { lookUp } from './file-tree.ts'
import { LowerLayersNeeded } from './unknown-below.ts'

/** Who a process runs as. */
export interface Identity {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
  /** The files that say its groups were not read. */
  readonly groupsUnknown?: true
}

export const superuser: Identity = { uid: 0, gid: 0, groups: [] }

/**
 * Whether the mode lets `who` do what `bit` stands for: 4 read, 2 write, 1 execute or search. The superuser of a container
 * has CAP_DAC_OVERRIDE, which gives everything but executing what nobody may execute.
 */
export const may = (who: Identity, { mode, uid, gid }: Attributes, bit: 4 | 2 | 1, kind?: FileNode['kind']): boolean => {
  if (who.uid === 0) return bit !== 1 || kind === 'directory' || (mode & 0o111) !== 0
  const allows = (shift: number) => ((mode >> shift) & bit) !== 0
  if (who.uid === uid) return allows(6)
  if (allows(3) === allows(0)) return allows(0)
  if (who.groupsUnknown) throw new LowerLayersNeeded('/etc/passwd')
  return allows(who.gid === gid || who.groups.includes(gid) ? 3 : 0)
}

export const maySearch =
  (who: Identity) =>
  (directory: Directory): boolean =>
    may(who, directory, 1, 'directory')

/** Who an image's `User` is, or why no container of it starts. */
export type ImageUser = Identity | { readonly problem: 'unknown' | 'range' | 'unread' }

/** runc and containerd take no larger id (containerd 2.4 `pkg/oci` WithUser). */
const maxId = 2 ** 31 - 1
const numeric = /^[+-]?[0-9]+$/

/**
 * Whom kubelet and containerd run an image's container as when the pod does not say. kubelet takes what stands before the
 * colon, an id or a name, so that the group in an image's config has no effect: the group comes from `/etc/passwd`.
 */
export const imageUser = (root: Directory, configured: string): ImageUser => {
  const user = configured.split(':')[0]!
  if (user === '') return withGroups(root, 'root', 0, 0)
  const users = readTable(root, '/etc/passwd')
  if (numeric.test(user)) {
    const uid = Number(user)
    if (uid < 0 || uid > maxId) return { problem: 'range' }
    const known = users?.find(([, , id]) => Number(id) === uid)
    return known === undefined ? { uid, gid: 0, groups: [] } : withGroups(root, known[0]!, uid, Number(known[3] ?? 0))
  }
  if (users === undefined) return { problem: 'unread' }
  const known = users.find(([name]) => name === user)
  return known === undefined ? { problem: 'unknown' } : withGroups(root, user, Number(known[2] ?? 0), Number(known[3] ?? 0))
}

/** The same where none of the image's files can be asked. Undefined: they are what says it. */
export const imageUserAlone = (configured: string): ImageUser | undefined => {
  const user = configured.split(':')[0]!
  // Groups are nothing to the superuser
  if (user === '') return superuser
  if (!numeric.test(user)) return undefined
  const uid = Number(user)
  return uid < 0 || uid > maxId ? { problem: 'range' } : { uid: uid || 0, gid: -1, groups: [], groupsUnknown: true }
}

const withGroups = (root: Directory, name: string, uid: number, gid: number): Identity => ({
  uid: uid || 0,
  gid: gid || 0,
  groups: (readTable(root, '/etc/group') ?? []).flatMap(([, , id, members]) =>
    members?.split(',').includes(name) ? [Number(id) || 0] : [],
  ),
})

/** Lines of fields between colons; empty without the file, undefined when it is too large to have been kept. */
const readTable = (root: Directory, path: string): readonly (readonly string[])[] | undefined => {
  const found = lookUp(root, path, { last: 'follow' })
  if (typeof found === 'string' || found.node.kind !== 'file') return []
  return found.node.content.text
    ?.split('\n')
    .map(line => line.trim())
    .filter(line => line !== '')
    .map(line => line.split(':'))
}
