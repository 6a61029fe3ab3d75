import type { Directory, FileNode } from './file-tree.ts'
import type { LayerEntry } from './layer-entry.ts'

/**
 * Something was asked that layers which were not read may decide. Whatever is worked out without this being thrown is the
 * same with every possible content of those layers, for it depends on nothing but what was seen.
 */
export class LowerLayersNeeded extends Error {
  constructor(name: string) {
    super(`what lower layers have at "${name}" is not known`)
  }
}

/** What a directory holds, where only the layers above some others were read: a name that they do not decide may be anything. */
class OpenChildren extends Map<string, FileNode> {
  private readonly gone = new Set<string>()
  private closed = false

  /** No lower layer has anything in it. */
  close(): void {
    this.closed = true
  }
  knows(name: string): boolean {
    return this.closed || this.gone.has(name) || super.has(name)
  }
  known(): readonly (readonly [string, FileNode])[] {
    return [...super.entries()]
  }
  /** The same, and another child, in a map of its own. */
  with(name: string, node: FileNode): OpenChildren {
    const copy = new OpenChildren()
    for (const [key, child] of this.known()) copy.set(key, child)
    for (const key of this.gone) copy.gone.add(key)
    copy.closed = this.closed
    return copy.set(name, node)
  }
  override get(name: string): FileNode | undefined {
    this.need(name)
    return super.get(name)
  }
  override has(name: string): boolean {
    this.need(name)
    return super.has(name)
  }
  override delete(name: string): boolean {
    this.gone.add(name)
    return super.delete(name)
  }
  override get size(): number {
    this.needAll()
    return super.size
  }
  override keys() {
    this.needAll()
    return super.keys()
  }
  override values() {
    this.needAll()
    return super.values()
  }
  override entries() {
    this.needAll()
    return super.entries()
  }
  override [Symbol.iterator]() {
    return this.entries()
  }
  override forEach(...given: Parameters<Map<string, FileNode>['forEach']>): void {
    this.needAll()
    super.forEach(...given)
  }
  private need(name: string): void {
    if (!this.knows(name)) throw new LowerLayersNeeded(name)
  }
  private needAll(): void {
    if (!this.closed) throw new LowerLayersNeeded('*')
  }
}

/** A directory of which lower layers may have a part. Its attributes are of no meaning before an entry sets them. */
export const openDirectory = (): Directory => ({
  kind: 'directory',
  children: new OpenChildren(),
  layer: -1,
  touched: -1,
  mode: 0o755,
  uid: 0,
  gid: 0,
})

const opened = ({ children }: Directory, name: string): OpenChildren | undefined =>
  children instanceof OpenChildren && !children.knows(name) ? children : undefined

/**
 * Before `entry` is written at `base`: what lower layers have there goes, and of a directory under a directory what is in it
 * stays. True when that was not known so far.
 */
export const settleBelow = (parent: Directory, base: string, { type, uid, gid }: LayerEntry): boolean => {
  const children = opened(parent, base)
  if (children === undefined) return false
  if (type !== '5') children.delete(base)
  else {
    // An owner that is left as it was
    if (uid === 0xffffffff || gid === 0xffffffff) throw new LowerLayersNeeded(base)
    children.set(base, openDirectory())
  }
  return true
}

/** Takes away what lower layers have at `name`. True when it is not known whether that is anything. */
export const hideBelow = (parent: Directory, name: string): boolean => {
  const children = opened(parent, name)
  children?.delete(name)
  return children !== undefined
}

/** Takes away all that lower layers have in `directory`. */
export const closeBelow = ({ children }: Directory): void => {
  if (children instanceof OpenChildren) children.close()
}

/** The children that are known, in their order. */
export const knownChildren = ({ children }: Directory): Iterable<readonly [string, FileNode]> =>
  children instanceof OpenChildren ? children.known() : children

/** `directory` with one child more or another one; itself it stays as it is. */
export const withChild = (directory: Directory, name: string, node: FileNode): Directory => ({
  ...directory,
  children: directory.children instanceof OpenChildren ? directory.children.with(name, node) : new Map(directory.children).set(name, node),
})
