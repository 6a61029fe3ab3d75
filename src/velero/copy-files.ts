import { directory, type FileNode, type PathFault } from '../oci/file-tree.ts'
import { cleanPath } from '../oci/go-path.ts'
import { type Identity, may } from '../oci/identity.ts'
import { faultWords } from '../oci/layer-paths.ts'
import { absolute, type ContainerFiles, find, inTarget, placeOf } from './container-files.ts'
import type { CpOptions } from './cp-options.ts'

/** How a command ended. `elsewhere` wrote to another place than `/target`, which is not followed. */
export type CommandEnd = { readonly exit: number; readonly why?: string } | { readonly unknown: string } | { readonly elsewhere: string }

const umask = 0o022
export const words = (fault: PathFault): string => faultWords[fault]

/** What `cp` puts into the folder of the plugins. It copies what it can and ends with 1 when something could not be copied. */
export const runCp = (files: ContainerFiles, options: CpOptions): CommandEnd => {
  const into = options.exact ? 'ENOENT' : find(files, options.destination, 'follow')
  const folder = typeof into !== 'string' && into.node.kind === 'directory' ? into : undefined
  if (folder === undefined && options.sources.length > 1) return { exit: 1, why: `${options.destination} is not a directory` }
  const place = folder === undefined ? placeOf(files, options.destination) : { parent: folder.node, parentPath: folder.path, base: '' }
  if (typeof place === 'string') return { exit: 1, why: `cannot write to ${options.destination}: ${words(place)}` }
  if (!inTarget(place.parentPath) && `${place.parentPath}${place.base}` !== '/target') return { elsewhere: options.destination }
  if (folder === undefined && options.destination.endsWith('/') && !options.recursive)
    return { exit: 1, why: `${options.destination} is not a directory` }
  const copy = createCopy(files, options)
  for (const source of options.sources) {
    const base = source.replace(/\/+$/, '').split('/').at(-1)!
    copy.one(source, place.parent as Parent, folder === undefined ? place.base : base, true)
  }
  return copy.end()
}

type Parent = Extract<FileNode, { kind: 'directory' }>

const createCopy = (files: ContainerFiles, options: CpOptions) => {
  const { who, origins } = files
  const problems: string[] = []
  let unknown: string | undefined
  const fail = (path: string, why: string) => void problems.push(`${path}: ${why}`)

  const one = (source: string, parent: Parent, base: string, named: boolean) => {
    files.step()
    const follow = !options.keepLinks || (named && options.followNamed)
    const found = find(files, source, follow ? 'follow' : 'nofollow')
    if (typeof found === 'string') fail(source, words(found))
    else if (found.node.kind === 'directory') folder(found.node, source, parent, base)
    else put(found.node, source, parent, base)
  }

  const folder = (node: Parent, source: string, parent: Parent, base: string) => {
    if (!options.recursive) {
      fail(source, 'is a directory, and cp without -r leaves it out')
      return
    }
    if (node === files.target) {
      fail(source, 'cannot be copied into itself')
      return
    }
    if (!may(who, node, 4, 'directory')) {
      fail(source, 'permission denied')
      return
    }
    // `dir/.` copies what is in it
    const existing = ['', '.', '..'].includes(base) ? parent : parent.children.get(base)
    if (existing !== undefined && existing.kind !== 'directory') {
      fail(source, 'a file of this name is in the way')
      return
    }
    const made = existing ?? directory(0, attributes(node, options.preserve, who))
    if (existing === undefined) {
      parent.children.set(base, made)
      origins.set(made, cleanPath(absolute(files, source)))
    }
    // Any order will do: a file system has its own
    for (const name of [...node.children.keys()].sort()) one(`${source.replace(/\/+$/, '')}/${name}`, made, name, false)
  }

  const put = (node: Exclude<FileNode, Parent>, source: string, parent: Parent, base: string) => {
    const existing = parent.children.get(base)
    if (node.kind === 'device' || node.kind === 'fifo') unknown = `copying ${source}, which is no regular file`
    else if (existing === node) fail(source, 'is the same file')
    else if (existing?.kind === 'directory') fail(source, 'a directory of this name is in the way')
    else if (node.kind === 'file' && !may(who, node, 4)) fail(source, 'permission denied')
    else if (existing === undefined || !options.keepExisting) {
      const kept = existing?.kind === 'file' && !options.preserve ? existing : attributes(node, options.preserve, who)
      const copied: FileNode = { ...node, mode: kept.mode, uid: kept.uid, gid: kept.gid }
      parent.children.set(base, copied)
      origins.set(copied, cleanPath(absolute(files, source)))
    }
  }
  return {
    one,
    end: (): CommandEnd =>
      unknown !== undefined ? { unknown } : problems.length === 0 ? { exit: 0 } : { exit: 1, why: problems.slice(0, 5).join('; ') },
  }
}

/** Of what is newly made; only the superuser can give files away. */
const attributes = ({ mode, uid, gid }: FileNode, preserve: boolean, who: Identity) => ({
  mode: preserve ? mode : mode & 0o777 & ~umask,
  uid: preserve && who.uid === 0 ? uid : who.uid,
  gid: preserve && who.uid === 0 ? gid : who.gid,
})

/**
 * Velero's own `cp-plugin SRC DST` (velero-plugin-for-aws 1.14 hack/cp-plugin): exactly one file, to exactly one name, with
 * mode 0755 whatever the source has.
 */
export const runCpPlugin = (files: ContainerFiles, args: readonly string[]): CommandEnd => {
  const [source, destination, ...more] = args
  if (source === undefined || destination === undefined || more.length > 0) return { exit: 1, why: 'cp-plugin takes exactly two arguments' }
  const found = find(files, source, 'follow')
  if (typeof found === 'string') return { exit: 2, why: `${source}: ${words(found)}` }
  if (found.node.kind !== 'file') return { exit: 2, why: `${source} is no file` }
  if (!may(files.who, found.node, 4)) return { exit: 2, why: `${source}: permission denied` }
  const place = placeOf(files, destination)
  if (typeof place === 'string') return { exit: 2, why: `cannot write to ${destination}: ${words(place)}` }
  const existing = find(files, destination, 'follow')
  if (typeof existing !== 'string' && existing.node.kind === 'directory')
    return { exit: 2, why: `${destination} is a directory; cp-plugin needs the name of the file` }
  if (!inTarget(place.parentPath)) return { elsewhere: destination }
  const copied: FileNode = { ...found.node, mode: 0o755, uid: files.who.uid, gid: files.who.gid }
  place.parent.children.set(place.base, copied)
  files.origins.set(copied, cleanPath(absolute(files, source)))
  return { exit: 0 }
}
