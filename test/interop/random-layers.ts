import fc from 'fast-check'
import type { TarFile } from '../support/tar-writer.ts'

const names = [
  'plugins',
  'plugins/',
  'plugins/a',
  './plugins/a',
  '/plugins/b',
  'plugins/../b',
  '../plugins/a',
  'plugins/sub/a',
  'plugins/sub/',
  'plugins/sub',
  'opt',
  'opt/plugins/a',
  'usr/bin/cp',
  'bin',
  'bin/sh',
  'a',
  '.',
  'a/',
]
const whiteouts = [
  '.wh.plugins',
  'plugins/.wh.a',
  'plugins/.wh.sub',
  'plugins/.wh..wh..opq',
  '.wh..wh..opq',
  'plugins/.wh.',
  '.wh..wh.x',
  'opt/.wh.plugins',
  'plugins/sub/.wh..wh..opq',
]
const targets = [
  'plugins',
  '/plugins',
  'plugins/a',
  '../plugins',
  '/plugins/a',
  'missing',
  'opt/../plugins',
  '../../plugins/sub',
  'a',
  'plugins/sub/',
  '.',
  '/',
]

/** An entry of few names, so that layers meet. */
export const randomFile: fc.Arbitrary<TarFile> = fc
  .record({
    name: fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.constantFrom(...whiteouts) }),
    type: fc.constantFrom('0', '0', '0', '5', '5', '1', '2', '2', '6', '\0', 'g', '7'),
    mode: fc.constantFrom(0o755, 0o644, 0o700, 0o4755, 0),
    link: fc.constantFrom(...targets),
    data: fc.constantFrom('', 'x', 'more than one'),
    format: fc.constantFrom('ustar', 'gnu', 'v7'),
  })
  .map(({ link, data, ...one }) => ({
    ...one,
    ...(one.type === '1' || one.type === '2' ? { link } : {}),
    data: one.type === '0' || one.type === '\0' ? data : one.type === 'g' ? '13 comment=x\n' : '',
  }))
