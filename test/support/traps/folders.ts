import { base, copier, folder, gone, opaque, plugin, type Trap } from './trap.ts'

/** Whiteouts, opaque folders, and things that take each other's place. */
export const folderTraps: Readonly<Record<string, Trap>> = {
  'a whiteout above takes the file away': { layers: [base, [gone('plugins/a')]], plugins: [] },
  'a whiteout above takes the folder away': { layers: [base, [gone('plugins')]], plugins: [] },
  'a whiteout in the middle takes the folder away, and the highest brings it again': {
    layers: [base, [gone('plugins')], [folder('plugins'), plugin('plugins/b', 'new')]],
    plugins: ['b: new'],
  },
  'a whiteout and what comes in the place of the file, in one layer': {
    layers: [base, [gone('plugins/a'), plugin('plugins/a', 'new')]],
    plugins: ['a: new'],
  },
  'a whiteout behind the file that its own layer brought': {
    layers: [base, [plugin('plugins/a', 'new'), gone('plugins/a')]],
    plugins: [],
  },
  'a whiteout takes the folder away that its own layer brings again': {
    layers: [base, [gone('plugins'), folder('plugins'), plugin('plugins/b', 'new')]],
    plugins: ['b: new'],
  },
  'a whiteout of a name that no layer has': { layers: [base, [gone('plugins/b')]], plugins: ['a: old'] },
  'a whiteout that names nothing': { layers: [base, [{ name: 'plugins/.wh.', data: '' }]], plugins: 'refused' },
  'a name of AUFS that begins like a whiteout': { layers: [base, [{ name: 'plugins/.wh..wh.plnk', data: '' }]], plugins: ['a: old'] },
  'an opaque marker before what its layer brings': {
    layers: [base, [folder('plugins'), opaque('plugins'), plugin('plugins/b', 'new')]],
    plugins: ['b: new'],
  },
  'an opaque marker behind what its layer brings': {
    layers: [base, [folder('plugins'), plugin('plugins/b', 'new'), opaque('plugins')]],
    plugins: ['b: new'],
  },
  'an opaque marker of the root': {
    layers: [base, [opaque(''), ...copier, folder('plugins'), plugin('plugins/b', 'new')]],
    plugins: ['b: new'],
  },
  'an opaque marker of a folder in the folder': {
    layers: [
      [...base, folder('plugins/sub'), plugin('plugins/sub/x', 'old')],
      [folder('plugins'), folder('plugins/sub'), opaque('plugins/sub'), plugin('plugins/sub/y', 'new')],
    ],
    plugins: ['a: old', 'sub/', 'sub/y: new'],
  },
  'an opaque marker of a folder beside': {
    layers: [base, [folder('opt'), opaque('opt'), folder('plugins'), plugin('plugins/b', 'new')]],
    plugins: ['a: old', 'b: new'],
  },
  'an opaque marker in the lowest layer': {
    layers: [[...base, opaque('plugins')], [plugin('plugins/b', 'new')]],
    plugins: ['a: old', 'b: new'],
  },
  'an opaque marker in the middle, and a file of the lowest that the highest brings again': {
    layers: [base, [folder('plugins'), opaque('plugins')], [plugin('plugins/a', 'new')]],
    plugins: ['a: new'],
  },
  'a file that a folder takes the place of': {
    layers: [base, [folder('plugins/a'), plugin('plugins/a/x', 'new')]],
    plugins: ['a/', 'a/x: new'],
  },
  'a folder that a file takes the place of': {
    layers: [[...copier, folder('plugins'), folder('plugins/a'), plugin('plugins/a/x', 'old')], [plugin('plugins/a', 'new')]],
    plugins: ['a: new'],
  },
  'the folder itself is a file above': { layers: [base, [{ name: 'plugins', data: 'x' }]], plugins: [] },
  'the folder is a file in the middle, and a folder again above': {
    layers: [base, [{ name: 'plugins', data: 'x' }], [folder('plugins'), plugin('plugins/b', 'new')]],
    plugins: ['b: new'],
  },
  'the folder is a file below, and the layer above has no entry for it': {
    layers: [[...copier, { name: 'plugins', data: 'x' }], [plugin('plugins/a', 'new')]],
    plugins: 'refused',
  },
  'a layer above adds to a folder of which it has no entry': {
    layers: [base, [plugin('plugins/b', 'new')]],
    plugins: ['a: old', 'b: new'],
  },
  'the same path twice in one layer': {
    layers: [base, [plugin('plugins/a', 'other'), plugin('plugins/a', 'new')]],
    plugins: ['a: new'],
  },
  'a file that loses its execute bits above': {
    layers: [base, [plugin('plugins/a', 'old', { mode: 0o644 })]],
    plugins: ['a: old 0644'],
  },
  'the highest layer is empty': { layers: [base, [plugin('plugins/a', 'new')], []], plugins: ['a: new'] },
  'a layer that stands there twice, with a whiteout between': { layers: [base, [gone('plugins/a')], base], plugins: ['a: old'] },
}
