import type { Directory, FileNode } from '../oci/file-tree.ts'

/** Something under Velero's `/plugins`. */
export interface PluginFile {
  /** Below `/plugins`, without a slash at the start; latin1. */
  readonly path: string
  readonly node: FileNode
  /** Velero starts it as a plugin when the server starts. */
  readonly runs: boolean
}

/**
 * What the Velero server finds under `/plugins`, in its order (velero 1.18 pkg/plugin/clientmgmt/process/registry.go): folders
 * are searched too, and it starts whatever has an execute bit or ends in `.exe`. It looks at symbolic links themselves, which
 * always have all bits.
 */
export const discover = (target: Directory): readonly PluginFile[] => {
  const files: PluginFile[] = []
  const rest = [{ node: target, path: '' }]
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    for (const [name, node] of at.node.children) {
      const path = at.path === '' ? name : `${at.path}/${name}`
      files.push({ path, node, runs: runs(path, node) })
      if (node.kind === 'directory') rest.push({ node, path })
    }
  }
  return files.sort((a, b) => (a.path < b.path ? -1 : 1))
}

const runs = (path: string, node: FileNode): boolean => {
  if (node.kind === 'directory') return false
  return node.kind === 'symlink' || (node.mode & 0o111) !== 0 || path.endsWith('.exe')
}
