import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { createImageBuilder } from '../../src/oci/apply-layer.ts'
import { type Directory, type FileNode, lookUp } from '../../src/oci/file-tree.ts'
import { type LayerContent, readLayer } from '../../src/oci/read-layer.ts'
import { LowerLayersNeeded } from '../../src/oci/unknown-below.ts'
import { bothWays, disagreement, unreadOf } from '../support/both-ways.ts'
import { elf } from '../support/elf-writer.ts'
import { tar } from '../support/tar-writer.ts'
import { chunks } from '../support/unpack.ts'
import { oracle, rowsOrSkip } from './oracle.ts'

interface Entry {
  readonly path: string
  readonly type: string
  readonly mode: string
  readonly target?: string
  readonly sha256?: string
}
interface Row {
  readonly layers: readonly string[]
  readonly entries?: readonly Entry[]
  readonly error?: string
}

const open = 'depends on lower layers'
/** The answer, `undefined` for a refusal of containerd, or that it depends on what was not read. */
const ask = <T>(question: () => T): T | typeof open | undefined => {
  try {
    return question()
  } catch (error) {
    if (error instanceof LowerLayersNeeded) return open
    if (error instanceof PreflightError) return undefined
    throw error
  }
}

const entryOf = (path: string, node: FileNode): Entry => ({
  path,
  type: node.kind,
  mode: (node.mode & 0o777).toString(8).padStart(4, '0'),
  ...(node.kind === 'symlink' ? { target: node.target } : {}),
  ...(node.kind === 'file' ? { sha256: node.content.sha256.slice('sha256:'.length) } : {}),
})

/** Names that the oracle's archives use, and one that none has. */
const names = [
  'plugins',
  'plugins/a',
  'plugins/b',
  'plugins/velero-plugin',
  'plugins/sub',
  'plugins/sub/deep',
  'plugins/none',
  'opt',
  'opt/plugins',
  'opt/x',
  'usr',
  'usr/bin',
  'usr/bin/cp',
  'bin',
  'bin/sh',
  'a',
  'none',
]

/** What the upper layers alone say wrongly about a file system of which the rest was not read. */
const wrongOf = (root: Directory, entries: readonly Entry[]): { readonly wrong: readonly unknown[]; readonly answered: number } => {
  const paths = [...new Set([...entries.map(({ path }) => path), ...names])].map(path => ({
    path,
    raw: Buffer.from(path).toString('latin1'),
  }))
  let answered = 0
  const wrong = paths.flatMap(({ path, raw }) => {
    const found = ask(() => lookUp(root, `/${raw}`, { last: 'nofollow', absolute: 'outside' }))
    const node = found === open || found === undefined || typeof found === 'string' ? undefined : found.node
    // Through a link the oracle has another path
    if (found === open || (node !== undefined && (found as { path: string }).path !== `/${raw}`)) return []
    answered++
    const expected = entries.find(entry => entry.path === path)
    const { size: _, ...plain } = { size: 0, ...expected }
    const actual = node === undefined ? {} : entryOf(path, node)
    const listed =
      node?.kind === 'directory' ? ask(() => [...node.children.keys()].map(name => Buffer.from(name, 'latin1').toString()).sort()) : open
    const inside = entries.filter(entry => entry.path.startsWith(`${path}/`) && !entry.path.slice(path.length + 1).includes('/'))
    const names = inside.map(entry => entry.path.slice(path.length + 1)).sort()
    return [
      ...(JSON.stringify(actual) === JSON.stringify(plain) ? [] : [{ path, expected, actual }]),
      ...(listed === open || JSON.stringify(listed) === JSON.stringify(names) ? [] : [{ path, names, listed }]),
    ]
  })
  return { wrong, answered }
}

const contentsOf = async ({ layers }: Row): Promise<readonly (LayerContent | undefined)[]> =>
  Promise.all(layers.map(layer => readLayer(chunks(Buffer.from(layer, 'base64')), 'sniff').catch(() => undefined)))

/** Index of the layer that cannot be applied upon those below it; as many as there are where all can. */
const firstRefused = (contents: readonly (LayerContent | undefined)[]): number => {
  const builder = createImageBuilder()
  const index = contents.findIndex(
    content => content === undefined || ask(() => builder.apply(content.entries) === undefined) === undefined,
  )
  return index < 0 ? contents.length : index
}

/** As an image builder would put it upon the rest. */
const program = { mode: 0o755, data: elf() }
const top = tar([
  { name: 'bin/' },
  { name: 'bin/cp-plugin', ...program },
  { name: 'usr/' },
  { name: 'usr/bin/' },
  { name: 'usr/bin/cp', ...program },
  { name: 'plugins/' },
  { name: 'plugins/velero-plugin', ...program },
])

describe('what upper layers alone say of the file system that containerd 2.4 makes', () => {
  const rows = oracle<Row>('layers')

  it('is right in every row, from every layer on', async function () {
    const wrong: unknown[] = []
    let answered = 0
    for (const [index, row] of rowsOrSkip(this, rows).entries()) {
      const contents = await contentsOf(row)
      for (let from = 1; from < row.layers.length; from++) {
        const upper = contents.slice(from)
        if (upper.includes(undefined)) continue
        const builder = createImageBuilder('unknown')
        const applied = ask(() => upper.every(content => builder.apply(content!.entries) === undefined))
        if (applied === open) continue
        if (row.entries === undefined) {
          if (applied === true && firstRefused(contents) >= from) wrong.push({ row: index + 1, from, error: row.error })
          continue
        }
        if (applied === undefined) wrong.push({ row: index + 1, from, refused: true })
        else {
          const found = wrongOf(builder.root, row.entries)
          answered += found.answered
          if (found.wrong.length > 0) wrong.push({ row: index + 1, from, ...found })
        }
      }
    }
    expect(wrong).to.deep.equal([])
    expect(answered).to.be.above(50)
  })

  it('is what all layers say, whatever an image copies', async function () {
    const commands = [
      ['/bin/sh', '-c', 'cp /plugins/* /target/.'],
      ['/usr/bin/cp', '-r', '/plugins/.', '/target/'],
      ['/bin/cp-plugin', '/plugins/velero-plugin', '/target/x'],
      [],
    ]
    const wrong: unknown[] = []
    let stopped = 0
    for (const [index, { layers }] of rowsOrSkip(this, rows).entries()) {
      const given = layers.map(layer => Buffer.from(layer, 'base64'))
      const answers = await bothWays({ layers: index % 8 < 2 ? given : [...given, top], entrypoint: commands[index % 4]! })
      if (unreadOf(answers.early) > 0) stopped++
      const why = disagreement(answers)
      if (why !== undefined) wrong.push({ row: index + 1, why })
    }
    expect(wrong).to.deep.equal([])
    expect(stopped).to.be.above(200)
  }).timeout(60_000)
})
