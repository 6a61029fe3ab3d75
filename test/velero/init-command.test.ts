import { expect } from 'chai'
import { runInitCommand } from '../../src/velero/init-command.ts'
import { elf } from '../support/elf-writer.ts'
import { type TarFile, tar } from '../support/tar-writer.ts'
import { unpack, walk } from '../support/unpack.ts'

const program = (name: string, more: Partial<TarFile> = {}): TarFile => ({ name, mode: 0o755, data: elf(), ...more })
const image: readonly TarFile[] = [
  { name: 'plugins/' },
  { name: 'plugins/a', mode: 0o755, data: 'a' },
  { name: 'plugins/b', mode: 0o644, data: 'bb' },
  { name: 'plugins/.hidden', mode: 0o755, data: 'h' },
  { name: 'clean/x', mode: 0o777, data: 'x' },
  { name: 'clean/y', mode: 0o755, data: 'y' },
  { name: 'odd/sub/c', mode: 0o700, data: 'c', uid: 9 },
  { name: 'odd/link', link: '../clean/x' },
  { name: 'odd/dangling', link: 'nowhere' },
  { name: 'dirlink', link: 'clean' },
  { name: 'secret', mode: 0o600, data: 's' },
  { name: 'target/old', data: 'hidden by the mount' },
  program('bin/sh'),
  ...['cp', 'cp-plugin', 'chmod', 'mkdir', 'ls'].map(name => program(`bin/${name}`)),
]

interface Options {
  readonly files?: readonly TarFile[]
  readonly uid?: number
  readonly workingDir?: string
  readonly searchPath?: string
}

const run = async (argv: readonly string[], { files = image, uid = 0, workingDir = '', searchPath = '/bin' }: Options = {}) => {
  const { root } = await unpack(tar(files))
  return runInitCommand(root, { argv, searchPath, workingDir, who: { uid, gid: uid, groups: [] } })
}
const sh = (script: string, options?: Options) => run(['/bin/sh', '-c', script], options)
type Run = Awaited<ReturnType<typeof run>>
const landed = ({ target }: Run) =>
  walk(target).map(({ path, node }) =>
    node.kind === 'symlink' ? `${path} -> ${node.target}` : `${path}${node.kind === 'directory' ? '/' : ''} ${node.mode.toString(8)}`,
  )

describe('what an init container copies', () => {
  // Seen the same of GNU coreutils 9.1 and busybox 1.35, each under its shell
  const copies: readonly (readonly [string, readonly string[]])[] = [
    ['cp /plugins/* /target/.', ['a 755', 'b 644']],
    ['cp -r /plugins/. /target', ['.hidden 755', 'a 755', 'b 644']],
    ['cp -rT /plugins/ /target/', ['.hidden 755', 'a 755', 'b 644']],
    ['cp -r /plugins /target', ['plugins/ 755', 'plugins/.hidden 755', 'plugins/a 755', 'plugins/b 644']],
    ['cp /plugins/.h* /target', ['.hidden 755']],
    ['cp /p*/[ab] /target', ['a 755', 'b 644']],
    ['cp /clean/x /target/named', ['named 755']],
    ['cp -T /clean/x /target/named', ['named 755']],
    ['cp -p /clean/x /target', ['x 777']],
    ['cp --preserve=mode,timestamps /clean/x /target', ['x 777']],
    ['cp -t /target /clean/x /clean/y', ['x 755', 'y 755']],
    ['cp --target-directory=/target -- /clean/x', ['x 755']],
    ['cp -fv /clean/x /target', ['x 755']],
    ['cp -n /clean/y /target/x && cp -n /clean/x /target', ['x 755']],
    ['cp /odd/link /target', ['link 755']],
    ['cp -d /odd/link /target', ['link -> ../clean/x']],
    ['cp -a /odd/link /odd/dangling /odd/sub /target', ['dangling -> nowhere', 'link -> ../clean/x', 'sub/ 755', 'sub/c 700']],
    ['cp -rL /odd/link /odd/sub /target', ['link 755', 'sub/ 755', 'sub/c 700']],
    ['cp -r /dirlink /target', ['dirlink -> clean']],
    ['cp -rH /dirlink /target', ['dirlink/ 755', 'dirlink/x 755', 'dirlink/y 755']],
    ['cp -r /dirlink/. /target', ['x 755', 'y 755']],
    ['cd /clean && cp * /target', ['x 755', 'y 755']],
    ['set -ex; cp /clean/x /target', ['x 755']],
    ['set -e -o pipefail; cp /clean/x /target', ['x 755']],
    ['mkdir -p /target && exec cp /clean/x /target', ['x 755']],
    ['cp /missing /target; cp /clean/y /target', ['y 755']],
    ['cp /plugins/b /target; chmod +x /target/b', ['b 755']],
    ['cp /plugins/b /target && chmod u=rwx,go=rx /target/*', ['b 755']],
    ['cp /clean/x /target && chmod 0600 /target/x', ['x 600']],
    ['cp -r /odd/sub /target && chmod -R a+rx /target/sub', ['sub/ 755', 'sub/c 755']],
    ['echo "copying plugins" && /bin/cp /clean/x /target # done', ['x 755']],
    ['chmod 755 /plugins/b', []],
    ['true', []],
  ]
  for (const [script, expected] of copies) {
    it(`${script}: ${expected.join(', ') || 'nothing'}`, async () => {
      const result = await sh(script)
      expect(result.end.state, JSON.stringify(result.end)).to.equal('done')
      expect(landed(result)).to.deep.equal(expected)
    })
  }

  const fails: readonly (readonly [string, RegExp])[] = [
    ['cp /nothing /target', /\/nothing: no such file/],
    ['cp /none/* /target', /\/none\/\*: no such file/],
    ['cp /odd/* /target', /odd\/sub: is a directory, and cp without -r leaves it out/],
    ['cp /odd/dangling /target', /no such file/],
    ['cp /clean/x', /missing file operand/],
    ['cp', /missing file operand/],
    ['cp /clean/x /clean/y /target/nodir', /nodir is not a directory/],
    ['cp /clean/x /target/nodir/', /is not a directory/],
    ['cp /clean/x /target/no/dir', /no such file/],
    ['cp -T /clean/x /target', /in the way/],
    ['cp /clean/x /target && cp /target/x /target', /same file/],
    ['cp -r /clean/.. /target/up', /into itself/],
    ['cp /missing /target && cp /clean/y /target', /missing/],
    ['set -e; cp /missing /target; cp /clean/y /target', /missing/],
    ['cd /nowhere && cp * /target', /no such folder/],
    ['chmod +x /target/*', /no such file/],
    ['mkdir /target', /exists/],
    ['install /clean/x /target', /no program "install"/],
    ['/plugins/b /target', /no program/],
  ]
  for (const [script, words] of fails) {
    it(`${script}: fails`, async () => {
      const { end } = await sh(script)
      expect(end).to.have.property('state', 'failed')
      expect(end).to.have.property('why').that.matches(words)
    })
  }

  const unknown: readonly (readonly [readonly string[], RegExp])[] = [
    [['/bin/sh', '/scripts/install.sh'], /install\.sh/],
    [['/bin/sh', '-c', 'for f in /plugins/*; do cp $f /target; done'], /\$/],
    [['/bin/sh', '-c', 'cp -s /clean/x /target'], /option -s/],
    [['/bin/sh', '-c', 'cp --parents /clean/x /target'], /option --parents/],
    [['/bin/sh', '-c', 'cp /clean/x /tmp && cp /tmp/x /target'], /./],
    [['/bin/sh', '-c', 'set -o noclobber; cp a b'], /set/],
    [['/bin/sh', '-c', 'exec cp /clean/x /target; true'], /exec/],
    [['/bin/sh', '-c', `# ${'x'.repeat(20_000)}`], /16 KiB/],
    [['/plugins/a', 'copy'], /plugins\/a copy/],
    [['/bin/mkdir', '/new'], /mkdir/],
  ]
  for (const [argv, words] of unknown) {
    it(`${JSON.stringify(argv).slice(0, 60)}: not known`, async () => {
      const { end } = await run(argv, { files: [...image, { name: 'tmp/' }, program('bin/exec')] })
      expect(end).to.have.property('state', 'unknown')
      expect(end).to.have.property('why').that.matches(words)
    })
  }

  it('copies without a shell, and takes no glob then', async () => {
    expect(landed(await run(['cp', '/plugins/a', '/target/.']))).to.deep.equal(['a 755'])
    expect((await run(['cp', '/plugins/*', '/target'])).end).to.have.property('state', 'failed')
  })

  it('finds relative paths from the working directory', async () => {
    expect(landed(await run(['cp', 'a', '../target'], { workingDir: '/plugins' }))).to.deep.equal(['a 755'])
  })

  it('says where it copied to instead', async () => {
    const result = await run(['cp', '/plugins/a', '/plugins/elsewhere'])
    expect(result.end).to.deep.equal({ state: 'done', elsewhere: '/plugins/elsewhere' })
    expect(landed(result)).to.deep.equal([])
  })

  it('remembers from where each file came', async () => {
    const { target, origins } = await sh('cp /clean/x /target/renamed')
    expect(origins.get(target.children.get('renamed')!)).to.equal('/clean/x')
  })

  it('fails without a command', async () => {
    expect((await run([])).end).to.have.property('state', 'failed')
  })

  describe('cp-plugin', () => {
    it('copies one file with mode 0755, whatever the source has', async () => {
      expect(landed(await run(['cp-plugin', '/plugins/b', '/target/b']))).to.deep.equal(['b 755'])
    })
    const wrong: readonly (readonly [readonly string[], RegExp])[] = [
      [['/plugins/a'], /two arguments/],
      [['/plugins/a', '/plugins/b', '/target/'], /two arguments/],
      [['/plugins/a', '/target'], /is a directory/],
      [['/plugins', '/target/x'], /no file/],
      [['/plugins/c', '/target/x'], /no such file/],
      [['/plugins/a', '/target/no/x'], /cannot write/],
    ]
    for (const [args, words] of wrong) {
      it(`fails with ${args.join(' ')}`, async () => {
        const { end } = await run(['cp-plugin', ...args])
        expect(end).to.have.property('state', 'failed')
        expect(end).to.have.property('why').that.matches(words)
      })
    }
  })

  describe('run by somebody else than root', () => {
    it('cannot copy what he may not read', async () => {
      expect((await run(['cp', '/secret', '/target'], { uid: 65532 })).end).to.deep.include({
        state: 'failed',
        why: '/secret: permission denied',
      })
      expect((await run(['cp-plugin', '/secret', '/target/s'], { uid: 65532 })).end).to.have.property('state', 'failed')
      expect((await run(['cp', '/secret', '/target'])).end).to.have.property('state', 'done')
    })
    it('owns what he copies, and cannot give it away', async () => {
      const { target } = await sh('cp -a /clean/x /target', { uid: 65532 })
      expect(target.children.get('x')).to.include({ uid: 65532, gid: 65532, mode: 0o777 })
    })
    it('keeps the owner as root with -a', async () => {
      const { target } = await sh('cp -a /odd/sub/c /target')
      expect(target.children.get('c')).to.include({ uid: 9 })
    })
  })

  describe('the program that it starts with', () => {
    const found = async (name: string, options?: Options) => {
      const { program: seen } = await run([name], options)
      return { path: seen?.path, problem: seen?.problem, starter: seen?.starter }
    }
    const none = { problem: undefined, starter: undefined }
    const files: readonly TarFile[] = [
      { name: 'usr/bin/busybox', mode: 0o755, data: elf() },
      { name: 'bin/cp', link: '/usr/bin/busybox' },
      { name: 'first/cp', mode: 0o644, data: 'no x' },
      { name: 'bin/script', mode: 0o755, data: '#! /bin/bash -e\n' },
      { name: 'bin/dynamic', mode: 0o755, data: elf({ interpreter: '/lib64/ld-linux-x86-64.so.2' }) },
      { name: 'bin/dir/' },
      { name: 'locked/', mode: 0o700 },
      { name: 'locked/cp', mode: 0o755, data: elf() },
    ]
    const cases: readonly (readonly [string, Options, object])[] = [
      ['cp', { searchPath: '/first:/bin' }, { path: '/usr/bin/busybox', ...none }],
      ['/bin/cp', {}, { path: '/usr/bin/busybox', ...none }],
      ['cp', { searchPath: '/first' }, { path: '/first/cp', ...none, problem: 'notExecutable' }],
      ['bash', {}, { path: undefined, ...none, problem: 'missing' }],
      ['/bin/dir', {}, { path: '/bin/dir', ...none, problem: 'notFile' }],
      ['script', {}, { path: '/bin/script', ...none, starter: { path: '/bin/bash', found: false } }],
      ['dynamic', {}, { path: '/bin/dynamic', ...none, starter: { path: '/lib64/ld-linux-x86-64.so.2', found: false } }],
      ['/locked/cp', { uid: 5 }, { path: undefined, ...none, problem: 'notExecutable' }],
      ['busybox', { searchPath: 'bin:usr/bin', workingDir: '/' }, { path: '/usr/bin/busybox', ...none }],
    ]
    for (const [name, options, expected] of cases) {
      it(`${name} ${JSON.stringify(options)}`, async () => {
        expect(await found(name, { files, ...options })).to.deep.equal(expected)
      })
    }
    it("is found in busybox's own shell, which holds cp in itself", async () => {
      const only = [program('bin/busybox'), { name: 'bin/sh', link: 'busybox' }, { name: 'plugins/a', mode: 0o755, data: 'a' }]
      expect(landed(await sh('cp /plugins/* /target', { files: only }))).to.deep.equal(['a 755'])
      expect(landed(await run(['/bin/busybox', 'cp', '/plugins/a', '/target'], { files: only }))).to.deep.equal(['a 755'])
    })
  })

  it('gives up on more files than any image has', async () => {
    const loop = [
      program('bin/cp'),
      { name: 'a/self', link: '.' },
      ...Array.from({ length: 50 }, (_, index) => ({ name: `a/f${index}`, data: '' })),
    ]
    const { end } = await run(['cp', '-rL', '/a', '/target'], { files: loop })
    expect(end.state).to.be.oneOf(['failed', 'unknown'])
  })
})
