import { elf } from './elf-writer.ts'
import type { TarFile } from './tar-writer.ts'

const program = elf()
const dynamic = elf({ interpreter: '/opt/ld' })
export const file = (name: string, more: Partial<TarFile> = {}): TarFile => ({ name, mode: 0o755, data: program, ...more })
export const marker = (name: string): TarFile => ({ name, data: '' })

/** What layers are made of: few names, so that they meet. */
export const pieces: readonly TarFile[] = [
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
export const entrypoints: readonly (readonly string[])[] = [
  ['/bin/cp', '/plugins/a', '/target/a'],
  ['/bin/cp', '-r', '/plugins/.', '/target/'],
  ['/bin/cp', '-a', '/plugins/a', '/plugins/b', '/target/'],
  ['/bin/cp-plugin', '/plugins/a', '/target/a'],
  ['/bin/sh', '-c', 'cp /plugins/* /target/.'],
  ['/plugins/a'],
  [],
]
