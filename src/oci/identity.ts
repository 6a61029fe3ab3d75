import type { Attributes, Directory, FileNode } from './file-tree.ts'
import { lookUp } from './file-tree.ts'

/** Who a process runs as. */
export interface Identity {
  readonly uid: number
  readonly gid: number
  readonly groups: readonly number[]
}

export const superuser: Identity = { uid: 0, gid: 0, groups: [] }

/**
 * Whether the mode lets `who` do what `bit` stands for: 4 read, 2 write, 1 execute or search. The superuser of a container
 * has CAP_DAC_OVERRIDE, which gives everything but executing what nobody may execute.
 */
export const may = (who: Identity, { mode, uid, gid }: Attributes, bit: 4 | 2 | 1, kind?: FileNode['kind']): boolean => {
  if (who.uid === 0) return bit !== 1 || kind === 'directory' || (mode & 0o111) !== 0
  const shift = who.uid === uid ? 6 : who.gid === gid || who.groups.includes(gid) ? 3 : 0
  return ((mode >> shift) & bit) !== 0
}

export const maySearch =
  (who: Identity) =>
  (directory: Directory): boolean =>
    may(who, directory, 1, 'directory')

/** Who an image's `User` is, or why no container of it starts. */
export type ImageUser = Identity | { readonly problem: 'unknown' | 'range' | 'unread' }

/** runc and containerd take no larger id (containerd 2.4 `pkg/oci` WithUser). */
const maxId = 2 ** 31 - 1

/**
 * Whom kubelet and containerd run an image's container as when the pod does not say. kubelet takes what stands before the
 * colon, an id or a name, so that the group in an image's config has no effect: the group comes from `/etc/passwd`.
 */
export const imageUser = (root: Directory, configured: string): ImageUser => {
  const user = configured.split(':')[0]!
  if (user === '') return withGroups(root, 'root', 0, 0)
  const users = readTable(root, '/etc/passwd')
  if (/^[+-]?[0-9]+$/.test(user)) {
    const uid = Number(user)
    if (uid < 0 || uid > maxId) return { problem: 'range' }
    const known = users?.find(([, , id]) => Number(id) === uid)
    return known === undefined ? { uid, gid: 0, groups: [] } : withGroups(root, known[0]!, uid, Number(known[3] ?? 0))
  }
  if (users === undefined) return { problem: 'unread' }
  const known = users.find(([name]) => name === user)
  return known === undefined ? { problem: 'unknown' } : withGroups(root, user, Number(known[2] ?? 0), Number(known[3] ?? 0))
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
