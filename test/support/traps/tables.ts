import { sha256 } from '../../../src/digest.ts'
import { base, gone, opaque, plugin, program, type Trap } from './trap.ts'

type Lines = Record<string, unknown>[]
const upper = [plugin('plugins/a', 'new'), plugin('plugins/b', 'other')]
const without = (name: string) => (lines: Lines) => lines.filter(line => line.name !== name)
const changed = (name: string, change: object) => (lines: Lines) => lines.map(line => (line.name === name ? { ...line, ...change } : line))

/** Tables of contents that say something else than their layer holds. A node looks at the layer alone. */
export const tableTraps: Readonly<Record<string, Trap>> = {
  'a table that is silent about a whiteout': { layers: [base, [gone('plugins/a')]], plugins: [], lie: without('plugins/.wh.a') },
  'a table that is silent about an opaque marker': {
    layers: [base, [...upper, opaque('plugins')]],
    plugins: ['a: new', 'b: other'],
    lie: without('plugins/.wh..wh..opq'),
  },
  'a table that is silent about a file': { layers: [base, upper], plugins: ['a: new', 'b: other'], lie: without('plugins/b') },
  'a table with a whiteout that the layer does not have': {
    layers: [base, upper],
    plugins: ['a: new', 'b: other'],
    lie: lines => [...lines, { name: 'plugins/.wh.a', type: 'reg', mode: 0 }],
  },
  'a table with execute bits that the layer does not have': {
    layers: [base, [plugin('plugins/a', 'new', { mode: 0o644 })]],
    plugins: ['a: new 0644'],
    lie: changed('plugins/a', { mode: 0o755 }),
  },
  'a table in which a file stands under the name of another': {
    layers: [base, upper],
    plugins: ['a: new', 'b: other'],
    lie: lines =>
      lines.map(line => ({ ...line, name: line.name === 'plugins/a' ? 'plugins/b' : line.name === 'plugins/b' ? 'plugins/a' : line.name })),
  },
  'a table in which a file is a link': {
    layers: [base, upper],
    plugins: ['a: new', 'b: other'],
    lie: changed('plugins/b', { type: 'symlink', linkName: 'a' }),
  },
  'a table in which a file has the digest of another': {
    layers: [base, upper],
    plugins: ['a: new', 'b: other'],
    lie: changed('plugins/a', { digest: sha256(program('old')) }),
  },
  'a table of nothing': { layers: [base, upper], plugins: ['a: new', 'b: other'], lie: () => [] },
}
