import { expect } from 'chai'
import fc from 'fast-check'
import { bothWays, disagreement, unreadOf } from '../support/both-ways.ts'
import { elf } from '../support/elf-writer.ts'
import { type TarFile, tar } from '../support/tar-writer.ts'

const program = elf()
const dynamic = elf({ interpreter: '/opt/ld' })
const file = (name: string, more: Partial<TarFile> = {}): TarFile => ({ name, mode: 0o755, data: program, ...more })
const marker = (name: string): TarFile => ({ name, data: '' })

/** What layers are made of: few names, so that they meet. */
const pieces: readonly TarFile[] = [
  ...['plugins/', 'plugins/sub/', 'bin/', 'opt/', 'opt/p/', 'etc/', './', 'plugins/../opt/'].map(name => ({ name })),
  { name: 'plugins/', mode: 0o700 },
  { name: 'plugins/', mode: 0o750, gid: 6 },
  ...['plugins/a', 'plugins/b', 'plugins/sub/c', 'opt/p/a', 'bin/cp', 'opt/ld', 'plugins'].map(name => file(name)),
  file('plugins/a', { mode: 0o644 }),
  file('plugins/a', { mode: 0o640, gid: 6 }),
  file('plugins/a', { mode: 0o600, uid: 5 }),
  file('plugins/b', { data: 'text' }),
  file('bin/cp', { data: dynamic }),
  ...[
    'plugins/.wh..wh..opq',
    '.wh..wh..opq',
    'opt/.wh..wh..opq',
    'opt/p/.wh..wh..opq',
    'plugins/.wh.a',
    'plugins/.wh.sub',
    '.wh.plugins',
    '.wh.opt',
    '.wh.bin',
    'bin/.wh.cp',
    'etc/.wh.passwd',
    'plugins/.wh..wh.plnk',
  ].map(marker),
  ...[
    ['plugins', '/opt/p'],
    ['plugins', 'opt/p'],
    ['opt/p', '../plugins'],
    ['plugins/a', 'b'],
    ['plugins/b', '/opt/p/a'],
    ['bin', 'opt'],
    ['opt', 'plugins'],
    ['plugins/sub', '..'],
  ].map(([name, link]) => ({ name: name!, link: link! })),
  ...[
    ['plugins/b', 'plugins/a'],
    ['plugins/a', 'opt/p/a'],
    ['bin/cp', 'plugins/a'],
    ['opt/h', 'plugins'],
  ].map(([name, link]) => ({
    name: name!,
    type: '1',
    link: link!,
  })),
  { name: 'plugins/pipe', type: '6' },
  { name: 'plugins/a', type: 'g' },
  { name: 'etc/passwd', data: 'root:x:0:0:::\napp:x:5:6::/:\n' },
  { name: 'etc/passwd', data: 'other:x:5:7::/:\n' },
  { name: 'etc/group', data: 'six:x:6:app\n' },
]
const entrypoints: readonly (readonly string[])[] = [
  ['/bin/cp', '/plugins/a', '/target/a'],
  ['/bin/cp', '-r', '/plugins/.', '/target/'],
  ['/bin/cp', '-a', '/plugins/a', '/plugins/b', '/target/'],
  ['/bin/cp-plugin', '/plugins/a', '/target/a'],
  ['/bin/sh', '-c', 'cp /plugins/* /target/.'],
  ['/plugins/a'],
  [],
]

const layer = fc.array(fc.constantFrom(...pieces), { maxLength: 6 })
/** Often what an answer needs, in the way of an image builder. */
const top = fc
  .tuple(fc.subarray(['plugins', 'copier', 'shell', 'opaque'] as const), layer)
  .map(([parts, more]) => [
    ...(parts.includes('copier') ? [{ name: 'bin/' }, file('bin/cp'), file('bin/cp-plugin')] : []),
    ...(parts.includes('shell') ? [{ name: 'bin/' }, file('bin/sh')] : []),
    ...(parts.includes('plugins') ? [{ name: 'plugins/' }, file('plugins/a')] : []),
    ...(parts.includes('opaque') ? [{ name: 'plugins/' }, marker('plugins/.wh..wh..opq')] : []),
    ...more,
  ])

describe('the answer from the upper layers of any image', () => {
  it('is the one from all layers, or comes from all layers', async () => {
    let stopped = 0
    let withFiles = 0
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.array(layer, { minLength: 1, maxLength: 3 }), top),
        fc.constantFrom(...entrypoints),
        fc.constantFrom('', '0', '65532', '5:6', 'app'),
        async ([lower, upper], entrypoint, user) => {
          const { full, early } = await bothWays({ layers: [...lower, upper].map(tar), entrypoint, user })
          if (unreadOf(early) > 0) stopped++
          if (unreadOf(early) > 0 && 'files' in early.said && early.said.files.length > 0) withFiles++
          expect(disagreement({ full, early })).to.equal(undefined)
        },
      ),
      { numRuns: 1200 },
    )
    // Else this test would prove nothing
    expect(stopped).to.be.above(100)
    expect(withFiles).to.be.above(30)
  }).timeout(120_000)
})
