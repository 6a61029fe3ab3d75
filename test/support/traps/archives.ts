import { gzipSync, zstdCompressSync } from 'node:zlib'
import { sha256 } from '../../../src/digest.ts'
import { paxData, type TarFile, tar, tarEntry, zeroBlocks } from '../tar-writer.ts'
import { base, folder, gone, plugin, program, type Trap } from './trap.ts'

const entries = (...files: readonly TarFile[]): Buffer => Buffer.concat(files.map(tarEntry))
const skippable = (text: string): Buffer =>
  Buffer.concat([Buffer.from('502a4d18', 'hex'), Buffer.of(text.length, 0, 0, 0), Buffer.from(text)])
const one = plugin('plugins/b', 'new')
const two = tar([gone('plugins/a'), one])
/** Apart in the middle, where neither half is an archive by itself. */
const halves = [two.subarray(0, 700), two.subarray(700)] as const
const long = 'n'.repeat(180)

/** Archives and compressed data with more, or less, in them than meets the eye. */
export const archiveTraps: Readonly<Record<string, Trap>> = {
  'an entry behind the end of the archive': {
    layers: [base, Buffer.concat([entries(one), zeroBlocks(2), tar([gone('plugins/a')])])],
    plugins: ['a: old', 'b: new'],
  },
  'a single block of zeros with an entry behind it': {
    layers: [base, Buffer.concat([entries(one), zeroBlocks(1), tar([gone('plugins/a')])])],
    plugins: 'refused',
  },
  'an archive that just ends': { layers: [base, entries(one)], plugins: ['a: old', 'b: new'] },
  'an archive that ends in the middle of a file': { layers: [base, tar([one]).subarray(0, 600)], plugins: 'refused' },
  'a second gzip member': { layers: [base, Buffer.concat(halves.map(half => gzipSync(half)))], plugins: ['b: new'] },
  'a second zstd frame': { layers: [base, Buffer.concat(halves.map(half => zstdCompressSync(half)))], plugins: ['b: new'] },
  'a zstd frame that is skipped, before all': {
    layers: [base, Buffer.concat([skippable('nothing'), zstdCompressSync(two)])],
    plugins: ['b: new'],
  },
  'a zstd frame that is skipped, in the middle': {
    layers: [base, Buffer.concat([zstdCompressSync(halves[0]), skippable('nothing'), zstdCompressSync(halves[1])])],
    plugins: ['b: new'],
  },
  'a gzip member without a byte in it, in the middle': {
    layers: [base, Buffer.concat([gzipSync(halves[0]), gzipSync(''), gzipSync(halves[1])])],
    plugins: ['b: new'],
  },
  'gzip data that is cut off': { layers: [base, gzipSync(two).subarray(0, -5)], plugins: 'refused' },
  'gzip data with something behind it': { layers: [base, Buffer.concat([gzipSync(two), Buffer.from('more')])], plugins: 'refused' },
  'gzip data with zeros behind it': { layers: [base, Buffer.concat([gzipSync(two), zeroBlocks(1)])], plugins: 'refused' },
  'gzip data with a wrong checksum': {
    layers: [base, Buffer.concat([gzipSync(two).subarray(0, -8), Buffer.alloc(4), gzipSync(two).subarray(-4)])],
    plugins: 'refused',
  },
  'no compression at all': { layers: [base, two], plugins: ['b: new'] },
  'a layer of another diff_id than the config names': { layers: [base, [one]], plugins: 'refused', highestDiffId: sha256('another') },
  'a long name (pax)': { layers: [base, [plugin(`plugins/${long}`, 'new')]], plugins: ['a: old', `${long}: new`] },
  'a long whiteout (pax)': {
    layers: [[...base, plugin(`plugins/${long}`, 'old')], [gone(`plugins/${long}`)]],
    plugins: ['a: old'],
  },
  'a pax header that gives the next file another name': {
    layers: [base, tar([plugin('harmless', 'new', { pax: { path: 'plugins/a' } })])],
    plugins: ['a: new'],
  },
  'a pax header that makes a whiteout of the next file': {
    layers: [base, tar([{ name: 'harmless', data: '', pax: { path: 'plugins/.wh.a' } }])],
    plugins: [],
  },
  'a pax header that makes the next file longer': {
    layers: [base, tar([plugin('plugins/a', 'new', { sizeBytes: 0, pax: { size: String(program('new').length) } })])],
    plugins: ['a: new'],
  },
  'a global pax header, which names no other file': {
    layers: [base, tar([{ name: 'pax_global_header', type: 'g', data: paxData({ comment: 'x', mode: '0' }) }, one])],
    plugins: ['a: old', 'b: new'],
  },
  'a global pax header under the name of a lower file': {
    layers: [base, tar([{ name: 'plugins/a', type: 'g', data: paxData({ comment: 'x' }) }])],
    plugins: [],
  },
  'a long name (GNU)': {
    layers: [base, tar([{ name: '././@LongLink', type: 'L', format: 'gnu', data: `plugins/${long}\0` }, plugin('plugins/a', 'new')])],
    plugins: ['a: old', `${long}: new`],
  },
  'a long link (GNU)': {
    layers: [
      base,
      tar([
        { name: '././@LongLink', type: 'K', format: 'gnu', data: 'plugins/a\0' },
        { name: 'plugins/b', type: '1', link: 'plugins/none', mode: 0o755 },
      ]),
    ],
    plugins: ['a: old', 'b: old'],
  },
  'a long name (GNU) after a pax header with another': {
    layers: [
      base,
      tar([
        { name: 'x', type: 'x', data: paxData({ path: 'plugins/p' }) },
        { name: '././@LongLink', type: 'L', format: 'gnu', data: 'plugins/g\0' },
        plugin('plugins/a', 'new'),
      ]),
    ],
    plugins: ['a: old', 'g: new'],
  },
  'an old header, in which a folder is told by its name alone': {
    layers: [base, tar([{ name: 'plugins/a/', type: '\0', format: 'v7', mode: 0o755 }])],
    plugins: ['a/'],
  },
  'a hard link with a size, which has no data': {
    layers: [base, tar([{ name: 'plugins/b', type: '1', link: 'plugins/a', mode: 0o755, sizeBytes: 512 }, gone('plugins/a')])],
    plugins: ['b: old'],
  },
  'an entry of a type that is none': { layers: [base, tar([{ name: 'plugins/b', type: 'Z', data: '' }])], plugins: 'refused' },
  'a header with a wrong checksum': {
    layers: [base, tar([folder('plugins'), { ...one, spoil: block => void block.write('7', 148, 'latin1') }])],
    plugins: 'refused',
  },
}
