import type { FileContent } from './file-content.ts'

/** Owner and permission of something in an image's file system. */
export interface Attributes {
  /** Permission bits with setuid, setgid and sticky. */
  mode: number
  uid: number
  gid: number
}

/** Mutable only for `apply-layer.ts`. Names and targets are latin1: one character a byte. */
export interface Directory extends Attributes {
  readonly kind: 'directory'
  readonly children: Map<string, FileNode>
  readonly layer: number
  /** The highest layer that has something in it. */
  touched: number
}
/** A hard link is the same object under a second name. */
export interface RegularFile extends Attributes {
  readonly kind: 'file'
  readonly content: FileContent
  /** Index of the layer that wrote it, 0 the lowest. */
  readonly layer: number
}
export interface Symlink extends Attributes {
  readonly kind: 'symlink'
  readonly target: string
  readonly layer: number
}
export interface Special extends Attributes {
  readonly kind: 'device' | 'fifo'
  readonly layer: number
}
export type FileNode = Directory | RegularFile | Symlink | Special

export type PathFault = 'ENOENT' | 'ENOTDIR' | 'ELOOP' | 'ENAMETOOLONG' | 'EACCES'

/** Linux: NAME_MAX, PATH_MAX without its NUL, MAXSYMLINKS. */
export const nameMaxBytes = 255
export const pathMaxBytes = 4095
const maxSymlinks = 40

export const directory = (layer: number, attributes: Attributes = { mode: 0o755, uid: 0, gid: 0 }): Directory => ({
  kind: 'directory',
  children: new Map(),
  layer,
  touched: layer,
  mode: attributes.mode,
  uid: attributes.uid,
  gid: attributes.gid,
})

export interface LookUpOptions {
  /** Whether a symbolic link in the last place is followed (stat) or not (lstat). */
  readonly last: 'follow' | 'nofollow'
  /** Where absolute links lead: into `root`, for a process that has it as its root (the default), or out of it, where nothing is. */
  readonly absolute?: 'inside' | 'outside'
  /** Called for every component that is looked up. */
  readonly step?: () => void
  /** Whether something may be looked up in a directory; default: root, who may. */
  readonly enter?: (directory: Directory) => boolean
}

/** What is at `path` (absolute), in the rules of Linux's path_resolution(7). */
export const lookUp = (
  root: Directory,
  path: string,
  { last, absolute = 'inside', step, enter }: LookUpOptions,
): { readonly node: FileNode; readonly path: string } | PathFault => {
  if (path.length > pathMaxBytes) return 'ENAMETOOLONG'
  const walk = [{ name: '', node: root as FileNode }]
  const rest = path.split('/').reverse()
  for (let links = 0; rest.length > 0; ) {
    const name = rest.pop()!
    const here = walk.at(-1)!.node
    // Also of what ends in a slash or a dot
    if (here.kind !== 'directory') return 'ENOTDIR'
    if (name === '') continue
    if (enter !== undefined && !enter(here)) return 'EACCES'
    if (name === '.') continue
    step?.()
    if (name === '..') {
      if (walk.length > 1) walk.pop()
      else if (absolute === 'outside') return 'ENOENT'
      continue
    }
    if (name.length > nameMaxBytes) return 'ENAMETOOLONG'
    const node = here.children.get(name)
    if (node === undefined) return 'ENOENT'
    // A slash behind it makes a link one that is followed
    if (node.kind !== 'symlink' || (last === 'nofollow' && rest.length === 0)) {
      walk.push({ name, node })
      continue
    }
    if (++links > maxSymlinks) return 'ELOOP'
    if (node.target.startsWith('/')) {
      if (absolute === 'outside') return 'ENOENT'
      walk.length = 1
    }
    rest.push(...node.target.split('/').reverse())
  }
  return {
    node: walk.at(-1)!.node,
    path: `/${walk
      .slice(1)
      .map(part => part.name)
      .join('/')}`,
  }
}
