import { base, copier, folder, gone, hardLink, link, linkedBase, plugin, type Trap } from './trap.ts'

/** Parents that are links, and files with several names. */
export const linkTraps: Readonly<Record<string, Trap>> = {
  'a parent that is a link below: what is written through it lands elsewhere': {
    layers: [linkedBase, [plugin('plugins/b', 'new')]],
    plugins: ['a: old', 'b: new'],
  },
  'a folder above takes the place of a link below': {
    layers: [linkedBase, [folder('plugins'), plugin('plugins/b', 'new')]],
    plugins: ['b: new'],
  },
  'a link above takes the place of a folder below': {
    layers: [[...base, folder('opt'), folder('opt/p'), plugin('opt/p/b', 'other')], [link('plugins', '/opt/p')]],
    plugins: ['b: other'],
  },
  'a link that leads nowhere': { layers: [base, [link('plugins', '/none')]], plugins: [] },
  'a link that leads to itself': { layers: [base, [link('plugins', 'plugins')]], plugins: [] },
  'a link above out of the root, which stays inside': {
    layers: [[...base, folder('opt'), folder('opt/p'), plugin('opt/p/b', 'other')], [link('plugins', '../../opt/p')]],
    plugins: ['b: other'],
  },
  'a whiteout of the link takes the link, and not what it leads to': { layers: [linkedBase, [gone('plugins')]], plugins: [] },
  'a whiteout through the link takes away what it leads to': { layers: [linkedBase, [gone('plugins/a')]], plugins: [] },
  'the parent of the parent is a link below': {
    layers: [
      [...copier, folder('srv'), folder('srv/p'), plugin('srv/p/a', 'old'), link('opt', 'srv'), link('plugins', 'opt/p')],
      [plugin('opt/p/b', 'new')],
    ],
    plugins: ['a: old', 'b: new'],
  },
  'what the link leads to is taken away above': { layers: [linkedBase, [gone('opt/p')]], plugins: [] },
  'the link is turned elsewhere by a layer in the middle': {
    layers: [linkedBase, [folder('srv'), plugin('srv/b', 'other'), link('plugins', 'srv')], [plugin('plugins/c', 'new')]],
    plugins: ['b: other', 'c: new'],
  },
  'a hard link to a file of a lower layer': { layers: [base, [hardLink('plugins/b', 'plugins/a')]], plugins: ['a: old', 'b: old'] },
  'a hard link to a file of a lower layer, which is replaced then': {
    layers: [base, [hardLink('plugins/b', 'plugins/a'), plugin('plugins/a', 'new')]],
    plugins: ['a: new', 'b: old'],
  },
  'a hard link to a file of a lower layer, which was replaced before': {
    layers: [base, [plugin('plugins/a', 'new'), hardLink('plugins/b', 'plugins/a')]],
    plugins: ['a: new', 'b: new'],
  },
  'a hard link through a link of a lower layer': {
    layers: [linkedBase, [hardLink('plugins/b', 'plugins/a')]],
    plugins: ['a: old', 'b: old'],
  },
  'a hard link that changes the mode of the file of a lower layer': {
    layers: [base, [{ ...hardLink('plugins/b', 'plugins/a'), mode: 0o644 }]],
    plugins: ['a: old 0644', 'b: old 0644'],
  },
  'a hard link to what no layer has': { layers: [base, [hardLink('plugins/b', 'plugins/none')]], plugins: 'refused' },
  'a hard link to what the same layer took away': {
    layers: [base, [gone('plugins/a'), hardLink('plugins/b', 'plugins/a')]],
    plugins: 'refused',
  },
  'a hard link to a folder': { layers: [base, [hardLink('plugins/b', 'bin')]], plugins: 'refused' },
  'a link in the folder, to a file of a lower layer': {
    layers: [[...base, folder('opt'), plugin('opt/x', 'other')], [link('plugins/b', '/opt/x')]],
    plugins: ['a: old', 'b -> /opt/x'],
  },
  'names that go up and come back': {
    layers: [base, [plugin('./plugins//b', 'new'), plugin('/plugins/c', 'new'), plugin('x/../plugins/d', 'new')]],
    plugins: ['a: old', 'b: new', 'c: new', 'd: new'],
  },
  'a name that goes up out of the root, and stays inside': {
    layers: [base, [plugin('../plugins/b', 'new')]],
    plugins: ['a: old', 'b: new'],
  },
}
