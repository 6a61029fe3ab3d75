import { createImageBuilder } from '../../src/oci/apply-layer.ts'
import type { Directory, FileNode } from '../../src/oci/file-tree.ts'
import type { LayerDoubt } from '../../src/oci/layer-paths.ts'
import { readLayer } from '../../src/oci/read-layer.ts'

/** One chunk after the other, as a registry would send them. */
export const chunks = async function* (bytes: Uint8Array, size = bytes.length || 1): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

/** The file system of these layers, lowest first. */
export const unpack = async (
  ...layers: readonly Uint8Array[]
): Promise<{ readonly root: Directory; readonly doubts: readonly LayerDoubt[] }> => {
  const builder = createImageBuilder()
  for (const layer of layers) builder.apply((await readLayer(chunks(layer), 'sniff')).entries)
  return builder
}

/** Everything below `root`, sorted by path. */
export const walk = (root: Directory, before = ''): { readonly path: string; readonly node: FileNode }[] =>
  [...root.children]
    .flatMap(([name, node]) => {
      const path = before + Buffer.from(name, 'latin1').toString()
      return [{ path, node }, ...(node.kind === 'directory' ? walk(node, `${path}/`) : [])]
    })
    .sort((a, b) => (a.path < b.path ? -1 : 1))

/** `plugins/`, `plugins/a 5` with its size, `link -> target`, `pipe fifo`. */
export const listing = (root: Directory): readonly string[] =>
  walk(root).map(({ path, node }) => {
    if (node.kind === 'directory') return `${path}/`
    if (node.kind === 'file') return `${path} ${node.content.sizeBytes}`
    return node.kind === 'symlink' ? `${path} -> ${node.target}` : `${path} ${node.kind}`
  })
