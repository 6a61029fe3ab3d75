import { PreflightError } from '../errors.ts'
import { type Directory, directory, nameMaxBytes, pathMaxBytes } from './file-tree.ts'
import { cleanPath, splitPath } from './go-path.ts'
import type { LayerEntry } from './layer-entry.ts'
import { type LayerDoubt, type LayerPass, makeParents, refused, resolve, unpackedAt } from './layer-paths.ts'
import { writeNode } from './layer-write.ts'
import { closeBelow, hideBelow, knownChildren, LowerLayersNeeded, openDirectory, settleBelow } from './unknown-below.ts'

/** What unpacking all layers of an image may cost. Real ones stay far below. */
export interface ImageLimits {
  /** Lookups of a name in a directory; a hundred times what any real image needs, a few seconds. */
  readonly lookups: number
  /** Entries of all layers: what is unpacked of them is kept in memory. */
  readonly entries: number
}

export const imageLimits: ImageLimits = { lookups: 30_000_000, entries: 500_000 }

const maxDoubts = 100

const whiteout = '.wh.'
const opaqueMarker = '.wh..wh..opq'

export interface ImageBuilder {
  readonly root: Directory
  readonly doubts: readonly LayerDoubt[]
  /**
   * @throws PreflightError LAYER_CORRUPT where containerd would refuse to unpack; LAYER_TOO_LARGE.
   *   LowerLayersNeeded where that depends on what is below
   */
  apply(entries: readonly LayerEntry[]): void
}

/**
 * Builds an image's file system from its layers, lowest first, in the steps of containerd 2.4 `pkg/archive` applyNaive run
 * as root on Linux: its order decides what happens to duplicates, to whiteouts beside the file that they hide, to entries
 * whose parent is a link or missing.
 *
 * @param below what is under the first layer that is applied: `unknown` stands for layers that are not read, and then
 *   everything that depends on them is refused with LowerLayersNeeded, also by the root
 */
export const createImageBuilder = (
  below: 'nothing' | 'unknown' = 'nothing',
  { lookups, entries: maxEntries }: ImageLimits = imageLimits,
): ImageBuilder => {
  const root = below === 'unknown' ? openDirectory() : directory(0)
  const doubts: LayerDoubt[] = []
  let layer = 0
  let steps = 0
  let count = 0
  const step = () => {
    if (++steps > lookups) throw new PreflightError('LAYER_TOO_LARGE', 'unpacking takes more work than any real image needs')
  }
  /** What this layer's whiteouts took away, if it was there. */
  const unsure = new Set<string>()
  const doubt = (kind: LayerDoubt['kind'], path: string) => {
    if (kind === 'whiteoutReplaced' && unsure.has(path)) throw new LowerLayersNeeded(path)
    if (doubts.length < maxDoubts) doubts.push({ kind, path })
  }
  return {
    root,
    doubts,
    apply(entries) {
      count += entries.length
      if (count > maxEntries) throw new PreflightError('LAYER_TOO_LARGE', `with it the image holds more than ${maxEntries} files`)
      unsure.clear()
      const seen = {
        written: new Set<string>(),
        opaque: new Set<string>(),
        removed: new Set<string>(),
        resolved: new Map<string, string>(),
      }
      applyLayer({ root, layer, step, doubt, unsure, ...seen }, entries)
      layer++
    },
  }
}

const applyLayer = (pass: LayerPass, entries: readonly LayerEntry[]): void => {
  const directories: string[] = []
  for (const entry of entries) {
    const name = cleanPath(entry.name)
    const written = applyEntry(pass, entry, name)
    if (written && entry.type === '5') directories.push(name)
  }
  // containerd sets the times of directories last, and fails where one is gone by then
  for (const name of directories) {
    const path = resolve(pass, name)
    const found = unpackedAt(pass, path)
    if (typeof found === 'string') throw refused(path, found)
  }
}

/** False when nothing was written: the root itself, or a whiteout. */
const applyEntry = (pass: LayerPass, entry: LayerEntry, name: string): boolean => {
  const { directory: before, base } = splitPath(name)
  if (base === '' || base === '.' || base === '..') return false
  const parentPath = resolve(pass, before)
  const parent = makeParents(pass, parentPath)
  const path = childPath(parentPath, base)
  if (base === opaqueMarker) {
    if (!pass.opaque.has(parentPath)) clear(pass, parent, parentPath)
    pass.opaque.add(parentPath)
    return false
  }
  if (base.startsWith(whiteout)) {
    remove(pass, parent, parentPath, base.slice(whiteout.length))
    return false
  }
  if (base.length > nameMaxBytes || path.length > pathMaxBytes) throw refused(path, 'ENAMETOOLONG')
  if (settleBelow(parent, base, entry)) pass.resolved.clear()
  const existing = parent.children.get(base)
  if (existing !== undefined && (existing.kind !== 'directory' || entry.type !== '5')) {
    parent.children.delete(base)
    if (existing.kind !== 'file') pass.resolved.clear()
  }
  if (entry.type === '5' && pass.removed.has(path)) pass.doubt('whiteoutReplaced', path)
  writeNode(pass, entry, parent, base, path)
  pass.written.add(path)
  return true
}

const childPath = (parentPath: string, base: string): string => (parentPath === '/' ? `/${base}` : `${parentPath}/${base}`)

const remove = (pass: LayerPass, parent: Directory, parentPath: string, name: string): void => {
  if (name === '' || name === '.' || name === '..') throw refused(parentPath, 'invalid whiteout name')
  if (name.length > nameMaxBytes) throw refused(childPath(parentPath, name), 'ENAMETOOLONG')
  const path = childPath(parentPath, name)
  if (hideBelow(parent, name)) {
    pass.removed.add(path)
    pass.unsure.add(path)
    pass.resolved.clear()
    return
  }
  const existing = parent.children.get(name)
  if (existing === undefined) return
  if (pass.written.has(path) || (existing.kind === 'directory' && existing.touched === pass.layer)) pass.doubt('whiteoutOfOwn', path)
  else if (existing.kind === 'directory') pass.removed.add(path)
  parent.children.delete(name)
  pass.resolved.clear()
}

/** An opaque marker hides what the layers below put into the directory, and leaves what this layer did. */
const clear = (pass: LayerPass, top: Directory, topPath: string): void => {
  pass.resolved.clear()
  const rest: { readonly node: Directory; readonly path: string }[] = [{ node: top, path: topPath }]
  for (let at = rest.pop(); at !== undefined; at = rest.pop()) {
    for (const [name, child] of knownChildren(at.node)) {
      pass.step()
      const path = childPath(at.path, name)
      if (!pass.written.has(path)) at.node.children.delete(name)
      else if (child.kind === 'directory') rest.push({ node: child, path })
    }
    closeBelow(at.node)
  }
}
