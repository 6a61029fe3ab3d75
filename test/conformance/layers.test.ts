import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { unpack, walk } from '../support/unpack.ts'
import { oracle, rowsOrSkip } from './oracle.ts'

interface Entry {
  readonly path: string
  readonly type: string
  readonly mode: string
  readonly target?: string
  readonly sha256?: string
  readonly size?: number
}
interface Row {
  /** tar archives, gzip, base64, lowest first. */
  readonly layers: readonly string[]
  readonly entries?: readonly Entry[]
  readonly error?: string
}

/** As the oracle writes them: a size of 0 is left out, and of the mode there are only the permission bits. */
const entriesOf = async (layers: readonly string[]): Promise<readonly Entry[]> =>
  walk((await unpack(...layers.map(layer => Buffer.from(layer, 'base64')))).root).map(({ path, node }) => {
    const shared = { path, type: node.kind, mode: (node.mode & 0o777).toString(8).padStart(4, '0') }
    if (node.kind === 'symlink') return { ...shared, target: node.target }
    if (node.kind !== 'file') return shared
    const { sha256, sizeBytes } = node.content
    return { ...shared, sha256: sha256.slice('sha256:'.length), ...(sizeBytes === 0 ? {} : { size: sizeBytes }) }
  })

const sorted = (entries: readonly Entry[]): readonly Entry[] => [...entries].sort((a, b) => (a.path < b.path ? -1 : 1))

const answer = async ({ layers }: Row): Promise<readonly Entry[] | 'error'> => {
  try {
    return sorted(await entriesOf(layers))
  } catch (error) {
    if (error instanceof PreflightError && error.code === 'LAYER_CORRUPT') return 'error'
    throw error
  }
}

describe('the file system after containerd 2.4 has applied the layers', () => {
  const rows = oracle<Row>('layers')

  it('has rows of both kinds', function () {
    const given = rowsOrSkip(this, rows)
    expect(given.filter(({ error }) => error !== undefined)).to.have.length.above(100)
    expect(given.filter(({ entries }) => entries !== undefined)).to.have.length.above(100)
  })

  it('is the same in every row, and refused where containerd refuses', async function () {
    const wrong: unknown[] = []
    for (const [index, row] of rowsOrSkip(this, rows).entries()) {
      const expected = row.entries === undefined ? 'error' : sorted(row.entries)
      const actual = await answer(row)
      if (JSON.stringify(actual) !== JSON.stringify(expected)) wrong.push({ row: index + 1, expected: row.error ?? expected, actual })
    }
    expect(wrong).to.deep.equal([])
  })
})
