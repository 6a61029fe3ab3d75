import { type Directory, directory, type FileNode, lookUp, nameMaxBytes, type PathFault, pathMaxBytes } from './file-tree.ts'
import { joinPath } from './go-path.ts'
import { corrupt } from './tar-numbers.ts'

/**
 * What nodes with an overlay file system, which unpack each layer by itself, make of a layer in another way than those
 * that unpack one upon the other: they fail on the first two, and have other files after the last two.
 */
export interface LayerDoubt {
  readonly kind: 'hardLinkBelow' | 'whiteoutOfOwn' | 'whiteoutReplaced' | 'parentLinkBelow'
  readonly path: string
}

/** One layer being unpacked. */
export interface LayerPass {
  readonly root: Directory
  /** 0 the lowest. */
  readonly layer: number
  /** Called for each lookup. @throws PreflightError LAYER_TOO_LARGE */
  readonly step: () => void
  /** Where paths through links lead; emptied when a link or a directory is made or goes. */
  readonly resolved: Map<string, string>
  readonly doubt: (kind: LayerDoubt['kind'], path: string) => void
  /** Paths that this layer unpacked, whatever became of them: an opaque marker leaves them. */
  readonly written: Set<string>
  /** Directories whose opaque marker was heeded already. */
  readonly opaque: Set<string>
  /** Directories of lower layers that a whiteout took away. */
  readonly removed: Set<string>
  /** Those of `removed` that may never have been there. */
  readonly unsure: Set<string>
}

export const faultWords: Record<PathFault, string> = {
  ENOENT: 'no such file or directory',
  ENOTDIR: 'not a directory',
  ELOOP: 'too many levels of symbolic links',
  ENAMETOOLONG: 'file name too long',
  EACCES: 'permission denied',
}

/** What containerd could not do with `path`, in the kernel's words. */
export const refused = (path: string, why: string): Error =>
  corrupt(`containerd cannot unpack ${path}: ${Object.hasOwn(faultWords, why) ? faultWords[why as PathFault] : why}`)

/** As the kernel's lstat on the node, where an absolute link leads out of the unpacked image, to where nothing is. */
export const unpackedAt = ({ root, step }: LayerPass, path: string) => lookUp(root, path, { last: 'nofollow', absolute: 'outside', step })

/**
 * Where `path` of a layer leads inside the root, following symbolic links on the way and in the last place.
 *
 * @returns an absolute path without links inside the root, of which the end may not exist yet
 * @throws PreflightError LAYER_CORRUPT: a file where a directory must be, or more than 255 links
 */
export const resolve = (pass: LayerPass, path: string): string => {
  if (path.length > pathMaxBytes) throw refused(path, 'ENAMETOOLONG')
  const known = plainPath(pass, path) ?? pass.resolved.get(path)
  if (known !== undefined) return known
  const found = linkedPath(pass, path)
  pass.resolved.set(path, found)
  return found
}

/** The common case: only directories, and then what does not exist. */
const plainPath = ({ root, step }: LayerPass, path: string): string | undefined => {
  const plain = path.replace(/^(?:\.{1,2}\/)+|^\/+/, '').replace(/\/$/, '')
  if (plain === '') return '/'
  let here: FileNode | undefined = root
  for (const part of plain.split('/')) {
    if (part === '' || part === '.' || part === '..' || part.length > nameMaxBytes) return undefined
    if (here === undefined) continue
    step()
    if (here.kind !== 'directory') return undefined
    here = here.children.get(part)
  }
  return here?.kind === 'symlink' ? undefined : `/${plain}`
}

/** What one lookup of this way costs, compared with one of the plain way. */
const linkCost = 20

/** The steps of containerd/continuity 0.5 fs.RootPath, whose order decides what `..` behind a link means. */
const linkedPath = (pass: LayerPass, path: string): string => {
  let links = 0
  const readLink = (at: string): string | undefined => {
    if (links > 255) throw refused(path, 'too many links')
    for (let cost = 0; cost < linkCost; cost++) pass.step()
    const found = unpackedAt(pass, at)
    if (found === 'ENOENT') return undefined
    if (typeof found === 'string') throw refused(at, found)
    if (found.node.kind !== 'symlink') return undefined
    if (found.node.layer < pass.layer) pass.doubt('parentLinkBelow', path)
    links++
    return found.node.target
  }
  const walk = (from: string): string => {
    const parts = from.split('/').filter(part => part !== '')
    let here = '/'
    for (const [index, part] of parts.entries()) {
      const at = joinPath('/', here, part)
      const target = at === '/' ? undefined : readLink(at)
      // The first link of a relative path is left as it is written; the next round walks it
      const first = index === 0 && !from.startsWith('/')
      here = target === undefined ? at : target.startsWith('/') || first ? target : joinPath(here, target)
    }
    return here
  }
  for (let next = path; ; ) {
    const before = links
    next = walk(next)
    if (links !== before) continue
    const inside = joinPath('/', next)
    if (inside === next) return inside
    next = inside
  }
}

/** The directory at `path` (resolved), made with all that lacks on the way. @throws PreflightError LAYER_CORRUPT */
export const makeParents = ({ root, layer, step, doubt, removed }: LayerPass, path: string): Directory => {
  let here = root
  let at = ''
  for (const part of path === '/' ? [] : path.slice(1).split('/')) {
    step()
    here.touched = layer
    at += `/${part}`
    if (part.length > nameMaxBytes || at.length > pathMaxBytes) throw refused(at, 'ENAMETOOLONG')
    const child = here.children.get(part)
    if (child !== undefined && child.kind !== 'directory') throw refused(at, 'ENOTDIR')
    const next = child ?? directory(layer)
    if (child === undefined) {
      if (removed.has(at)) doubt('whiteoutReplaced', at)
      here.children.set(part, next)
    }
    here = next
  }
  here.touched = layer
  return here
}
