import { joinPath, splitPath } from '../oci/go-path.ts'

/** What stands under a path of the node. */
export type NodeFile =
  | { readonly kind: 'file'; readonly bytes: Uint8Array }
  /** `names` in Go's order, that of their bytes. */
  | { readonly kind: 'folder'; readonly names: readonly string[] }
  | { readonly kind: 'absent' }
  /** containerd cannot read it either: a file where a folder should be, a loop of links. */
  | { readonly kind: 'broken'; readonly why: string }
  /** We cannot read it, but containerd, which runs as root, can. */
  | { readonly kind: 'unread'; readonly why: string }

/** Looks at the node's files: the world's, or a table in a test. `path` is absolute and clean. */
export type NodeFiles = (path: string) => NodeFile

/** Files given as text or bytes; a key that ends in `/` is an empty folder. */
export const filesFrom = (files: ReadonlyMap<string, string | Uint8Array>): NodeFiles => {
  const found = new Map<string, NodeFile>()
  const folders = new Map<string, Set<string>>()
  for (const [name, content] of files) {
    const path = joinPath(name)
    if (!name.endsWith('/')) found.set(path, { kind: 'file', bytes: typeof content === 'string' ? Buffer.from(content) : content })
    else folders.set(path, folders.get(path) ?? new Set())
    for (let at = path; at !== '/' && at !== '.'; ) {
      const { directory, base } = splitPath(at)
      const parent = joinPath(directory) || '.'
      folders.set(parent, (folders.get(parent) ?? new Set()).add(base))
      at = parent
    }
  }
  for (const [path, names] of folders) found.set(path, { kind: 'folder', names: [...names].sort() })
  return path => found.get(path) ?? { kind: 'absent' }
}
