import { type Attributes, type Directory, directory, type FileNode, pathMaxBytes } from './file-tree.ts'
import { joinPath, splitPath } from './go-path.ts'
import type { LayerEntry } from './layer-entry.ts'
import { type LayerPass, refused, resolve, unpackedAt } from './layer-paths.ts'
import { corrupt } from './tar-numbers.ts'

/** Puts one entry where nothing is any more, or a directory over a directory. @throws PreflightError LAYER_CORRUPT */
export const writeNode = (pass: LayerPass, entry: LayerEntry, parent: Directory, base: string, path: string): void => {
  const existing = parent.children.get(base)
  if (entry.type === 'g') return
  const node =
    entry.type === '5' ? (existing ?? directory(pass.layer)) : entry.type === '1' ? linked(pass, entry, path) : made(pass, entry, path)
  parent.children.set(base, node)
  if (node.kind === 'symlink') pass.resolved.clear()
  own(node, entry)
}

/** Attributes go with the file: a hard link changes them under all of its names. */
const own = (node: FileNode, { mode, uid, gid }: Attributes): void => {
  if (uid !== 0xffffffff) node.uid = uid
  if (gid !== 0xffffffff) node.gid = gid
  if (node.kind !== 'symlink') node.mode = mode
}

const made = ({ layer }: LayerPass, entry: LayerEntry, path: string): FileNode => {
  const common = { mode: 0o777, uid: 0, gid: 0, layer }
  switch (entry.type) {
    case '0':
      if (entry.dataFault !== undefined) throw corrupt(entry.dataFault)
      return { ...common, kind: 'file', content: entry.content! }
    case '2':
      if (entry.linkName === '') throw refused(path, 'a symbolic link without a target')
      if (entry.linkName.length > pathMaxBytes) throw refused(path, 'ENAMETOOLONG')
      return { ...common, kind: 'symlink', target: entry.linkName }
    case '3':
    case '4':
      if (!entry.deviceFits) throw refused(path, 'device number out of range')
      return { ...common, kind: 'device' }
    case '6':
      return { ...common, kind: 'fifo' }
    default:
      throw refused(path, `unknown tar entry type ${JSON.stringify(entry.type)}`)
  }
}

/** What a hard link names: its parent is resolved, it is not, so that a link to a symbolic link is one too. */
const linked = (pass: LayerPass, { linkName }: LayerEntry, path: string): FileNode => {
  const { directory: before, base } = splitPath(linkName)
  const target = joinPath(resolve(pass, before), base)
  const found = unpackedAt(pass, target)
  if (typeof found === 'string') throw refused(path, `hard link to ${target}: ${found === 'ENOENT' ? 'no such file or directory' : found}`)
  if (found.node.kind === 'directory') throw refused(path, `hard link to the directory ${target}`)
  if (found.node.layer < pass.layer) pass.doubt('hardLinkBelow', path)
  return found.node
}
