import { type Directory, directory, type FileNode, lookUp, type PathFault } from '../oci/file-tree.ts'
import { cleanPath, splitPath } from '../oci/go-path.ts'
import { type Identity, may, maySearch } from '../oci/identity.ts'
import { withChild } from '../oci/unknown-below.ts'
import { type GlobPart, globMatches, type Word } from './shell-script.ts'

/** Where Embedded Cluster mounts the folder that plugins are copied to. */
export const targetPath = '/target'

/** The file system of the init container: its image, with an empty folder that anybody may write to at `/target`. */
export interface ContainerFiles {
  readonly root: Directory
  readonly target: Directory
  readonly who: Identity
  readonly workingDir: string
  /** From where in the image each thing in `target` came. */
  readonly origins: Map<FileNode, string>
  /** Called for each file that is looked at. @throws TooMuchWork */
  readonly step: () => void
}

/** A copy that goes round in a circle, or through more files than any plugin image has. */
export class TooMuchWork extends Error {}
const maxSteps = 2_000_000

export const containerFiles = (image: Directory, who: Identity, workingDir: string): ContainerFiles => {
  const target = directory(0, { mode: 0o777, uid: 0, gid: 0 })
  let steps = 0
  return {
    root: withChild(image, targetPath.slice(1), target),
    target,
    who,
    workingDir: cleanPath(`/${workingDir}`),
    origins: new Map(),
    step: () => {
      if (++steps > maxSteps) throw new TooMuchWork()
    },
  }
}

export const absolute = (files: ContainerFiles, path: string): string => (path.startsWith('/') ? path : `${files.workingDir}/${path}`)

export const find = (
  files: ContainerFiles,
  path: string,
  last: 'follow' | 'nofollow',
): { readonly node: FileNode; readonly path: string } | PathFault =>
  path === '' ? 'ENOENT' : lookUp(files.root, absolute(files, path), { last, step: files.step, enter: maySearch(files.who) })

/** True for `/target` and what is in it. */
export const inTarget = (path: string): boolean => path === targetPath || path.startsWith(`${targetPath}/`)

/** The words of a command after pathname expansion (XCU 2.13.3): a pattern that fits nothing stays as it is written. */
export const expand = (files: ContainerFiles, words: readonly Word[]): readonly string[] =>
  words.flatMap(({ text, glob }) => {
    const found = glob === undefined ? [] : expandOne(files, glob)
    return found.length === 0 ? [text] : found.sort()
  })

const expandOne = (files: ContainerFiles, glob: readonly GlobPart[]): string[] => {
  let paths = ['']
  for (const [index, part] of components(glob).entries()) {
    const slash = index === 0 ? '' : '/'
    if (part.every(piece => 'literal' in piece)) {
      const text = part.map(piece => piece.literal).join('')
      paths = paths.map(path => path + slash + text)
    } else {
      paths = paths.flatMap(path => namesIn(files, path === '' && slash === '' ? '.' : path + slash, part).map(name => path + slash + name))
    }
  }
  return paths.filter(path => typeof find(files, path, 'nofollow') !== 'string')
}

const components = (glob: readonly GlobPart[]): readonly (readonly GlobPart[])[] => {
  const list: GlobPart[][] = [[]]
  for (const part of glob) {
    if ('literal' in part && part.literal === '/') list.push([])
    else list.at(-1)!.push(part)
  }
  return list
}

const namesIn = (files: ContainerFiles, path: string, glob: readonly GlobPart[]): readonly string[] => {
  const found = find(files, path, 'follow')
  if (typeof found === 'string' || found.node.kind !== 'directory' || !may(files.who, found.node, 4, 'directory')) return []
  return [...found.node.children.keys()].filter(name => {
    files.step()
    return globMatches(glob, name)
  })
}

/** Where something of this name would be put, which does not have to exist. */
export const placeOf = (
  files: ContainerFiles,
  path: string,
): { readonly parent: Directory; readonly parentPath: string; readonly base: string } | PathFault => {
  const { directory: before, base } = splitPath(absolute(files, path).replace(/\/+$/, ''))
  const found = find(files, before, 'follow')
  if (typeof found === 'string') return found
  return found.node.kind === 'directory' ? { parent: found.node, parentPath: found.path, base } : 'ENOTDIR'
}
