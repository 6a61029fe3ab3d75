import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { command, configText, report, type Scratch, scratch } from '../support/command.ts'

const config = configText({ name: 'a', image: 'registry.example.com/a:v1' })
const explosion = `a: &a [x,x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
  .split('')
  .map((name, index) => `${name}: &${name} [${Array.from({ length: 10 }, () => `*${'abcdefghi'[index]}`).join(',')}]`)
  .join('\n')}\n`

describe('a file on the command line that cannot be used', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())

  /** [what, how the arguments are made, code, words that the message has] */
  const cases: readonly (readonly [string, (f: Scratch) => readonly string[], string, string])[] = [
    ['no --config at all', () => [], 'USAGE', '--config is missing'],
    ['a Config that is not there', f => ['--config', join(f.path, 'none.yaml')], 'FILE_NOT_FOUND', 'none.yaml'],
    [
      'a folder without YAML',
      f => {
        mkdirSync(join(f.path, 'empty'))
        return ['--config', join(f.path, 'empty')]
      },
      'CONFIG_NOT_FOUND',
      'empty',
    ],
    // A file of the kernel's that opens, has a size, and fails to be read, as one on a damaged disk.
    ...(process.platform === 'linux'
      ? [['a Config that cannot be read', () => ['--config', '/proc/self/mem'], 'FILE_UNREADABLE', 'EIO'] as const]
      : []),
    ['text that is not YAML', f => ['--config', f.file('c.yaml', 'a: [1, 2\nb: "')], 'YAML_INVALID', 'c.yaml:'],
    ['a Config of another kind', f => ['--config', f.file('c.yaml', 'apiVersion: v1\nkind: ConfigMap\n')], 'CONFIG_NOT_FOUND', 'ConfigMap'],
    ['an empty document', f => ['--config', f.file('c.yaml', '')], 'CONFIG_NOT_FOUND', 'c.yaml'],
    ['a YAML file of 100 MB', f => ['--config', f.file('c.yaml', Buffer.alloc(100_000_000, 'a: b\n'))], 'FILE_TOO_LARGE', 'c.yaml'],
    ['aliases that explode', f => ['--config', f.file('c.yaml', explosion + config)], 'YAML_INVALID', 'c.yaml:'],
    ['a tab for indentation', f => ['--config', f.file('c.yaml', 'apiVersion: v1\nspec:\n\tplugins: []\n')], 'YAML_INVALID', 'c.yaml:3:1'],
    [
      'plugins that are no list',
      f => ['--config', f.file('c.yaml', config.replace(/plugins: .*\n/, 'plugins: yes}}}\n'))],
      'CONFIG_INVALID',
      'c.yaml:4:',
    ],
    ['a spec that is not there', f => ['--config', f.file('c.yaml', config), join(f.path, 'spec.yaml')], 'FILE_NOT_FOUND', 'spec.yaml'],
    [
      'a spec with a misspelt kind',
      f => [
        '--config',
        f.file('c.yaml', config),
        f.file('spec.yaml', 'apiVersion: troubleshoot.sh/v1beta2\nkind: Preflight\nspec:\n  analyzers:\n    - imgae: {}\n'),
      ],
      'SPEC_INVALID',
      'spec.yaml:5:7',
    ],
    [
      'Secrets that are not there',
      f => ['--config', f.file('c.yaml', config), '--secrets', join(f.path, 'none')],
      'FILE_NOT_FOUND',
      'none',
    ],
    [
      'Secrets that are no manifests',
      f => ['--config', f.file('c.yaml', config), '--secrets', f.file('s.yaml', 'hello')],
      'SECRETS_INVALID',
      's.yaml',
    ],
    [
      'a docker config that is none',
      f => ['--config', f.file('c.yaml', config), '--docker-config', f.file('d.json', '{"auths": [')],
      'DOCKER_CONFIG_INVALID',
      'd.json',
    ],
    ['a key that is none', f => ['--config', f.file('c.yaml', config), '--key', f.file('k.pub', 'hello')], 'KEY_INVALID', 'k.pub'],
    ['an unknown flag', f => ['--config', f.file('c.yaml', config), '--plaform', 'linux/amd64'], 'USAGE', '--plaform'],
    ['an unknown check', f => ['--config', f.file('c.yaml', config), '--checks', 'images'], 'USAGE', '--checks images'],
  ]
  for (const [what, argv, code, words] of cases) {
    it(`${what}: exit 2, ${code}`, async () => {
      const ran = await report(['run', '--no-bundle', ...argv(folder)], { cwd: folder.path })
      expect(ran.code, ran.err).to.equal(2)
      expect(ran.err).to.contain(`Error (${code}): `).and.to.contain(words)
      expect(ran.err).to.not.match(/\n\s+at /)
      expect(ran.json.fail).to.have.length(1)
      expect(ran.json.fail[0]).to.include({ check: 'run', code })
    })
  }

  it('is said on standard error alone in the human format', async () => {
    const ran = await command(['run', '--config', join(folder.path, 'none.yaml')])
    expect(ran.out).to.equal('')
    expect(ran.code).to.equal(2)
  })

  it('is a bundle that is none: exit 2', async () => {
    const ran = await command(['analyze', folder.file('b.tar.gz', 'hello')])
    expect(ran.code).to.equal(2)
    expect(ran.err).to.contain('Error (BUNDLE_INVALID): ')
  })
})
