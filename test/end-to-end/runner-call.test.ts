import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { command, configText, type JsonReport, report, type Scratch, scratch, verdicts } from '../support/command.ts'

const spec = 'apiVersion: velero-plugin-preflight/v1beta1\nkind: HostPreflight\nmetadata: {name: s}\nspec: {analyzers: [{config: {}}]}\n'

describe("Embedded Cluster's call of its preflight, with a spec of ours", () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())

  const call = async (file: string, env: Readonly<Record<string, string>> = {}, ...more: readonly string[]) => {
    const { code, out, err } = await command(['--interactive=false', '--format=json', file, ...more], { cwd: folder.path, env })
    return { code, err, json: JSON.parse(out) as JsonReport }
  }
  const config = configText({ name: 'a', image: 'quay.io/a/b:v1' })

  it('takes the Config that stands in the file of the spec', async () => {
    const { code, json } = await call(folder.file('spec.yaml', `${spec}---\n${config}`))
    expect(verdicts(json)).to.include('config a: pass PLUGIN_OK')
    expect(code).to.equal(0)
    expect(readdirSync(folder.path).filter(name => name.startsWith('preflightbundle-'))).to.have.length(1)
  })

  it('names the place of a mistake in that Config', async () => {
    const { json } = await call(folder.file('spec.yaml', `${spec}---\n${configText({ name: 'a.b', image: 'quay.io/a/b:v1' })}`))
    expect(json.fail[0]!.message).to.contain('spec.yaml:9:')
  })

  for (const [what, value] of [
    ['a path', (path: string) => path],
    ['the Config itself', () => config],
  ] as const)
    it(`takes the Config of VELERO_PLUGIN_PREFLIGHT_CONFIG: ${what}`, async () => {
      const env = { VELERO_PLUGIN_PREFLIGHT_CONFIG: value(folder.file('config.yaml', config)) }
      const { code, json } = await call(folder.file('spec.yaml', spec), env)
      expect(verdicts(json)).to.include('config a: pass PLUGIN_OK')
      expect(code).to.equal(0)
    })

  it('goes by --config before both', async () => {
    const other = folder.file('other.yaml', configText({ name: 'other', image: 'quay.io/a/b:v1' }))
    const { json } = await call(
      folder.file('spec.yaml', `${spec}---\n${config}`),
      { VELERO_PLUGIN_PREFLIGHT_CONFIG: config },
      '--config',
      other,
    )
    expect(verdicts(json)).to.include('config other: pass PLUGIN_OK').and.not.include('config a: pass PLUGIN_OK')
  })

  // What stands in the file, and the error as a result.
  const mistakes: readonly [what: string, text: string | undefined, code: string][] = [
    ['no file', undefined, 'FILE_NOT_FOUND'],
    ['no YAML', 'a: [', 'YAML_INVALID'],
    ['a collector that only troubleshoot has', spec.replace('config: {}', 'cpu: {}'), 'SPEC_INVALID'],
    ['no Config anywhere', spec, 'USAGE'],
    ['a Config alone', config, 'SPEC_INVALID'],
  ]
  for (const [what, text, code] of mistakes)
    it(`says as a result, with exit 2, what is wrong: ${what}`, async () => {
      const file = text === undefined ? join(folder.path, 'none.yaml') : folder.file('spec.yaml', text)
      const called = await call(file)
      expect(called.json.fail.map(result => [result.check, result.code])).to.deep.equal([['run', code]])
      expect(called.code).to.equal(2)
      expect(called.err).to.contain(code)
    })

  describe('ends in time, also where a pipe has no writer:', () => {
    for (const flag of ['', '--config', '--key', '--secrets', '--policy', '--docker-config', '--trusted-root', '--bundle', '--installed'])
      it(flag || 'the spec', async () => {
        const pipe = join(folder.path, 'pipe')
        execFileSync('mkfifo', [pipe])
        const file = flag === '' ? pipe : folder.file('spec.yaml', flag === '--config' ? spec : `${spec}---\n${config}`)
        const more = flag === '' ? [] : [flag, pipe]
        // In a process of its own: an exit too must not wait.
        const argv = [
          'bin/velero-plugin-preflight.js',
          '--interactive=false',
          '--format=json',
          file,
          ...more,
          '--timeout',
          '300ms',
          '--no-bundle',
        ]
        const child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'ignore'] })
        let out = ''
        child.stdout.on('data', piece => {
          out += piece
        })
        const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
        const ended = await new Promise(resolve => child.once('close', resolve))
        clearTimeout(timer)
        expect(ended).to.equal(1)
        expect((JSON.parse(out) as JsonReport).fail.map(result => result.code)).to.deep.equal(['TIMED_OUT'])
      })
  })

  describe('with TS_OUTPUT_DIR', () => {
    it('leaves a text for each result there, and last that the run came to its end', async () => {
      const out = join(folder.path, 'out')
      const text = configText({ name: 'a', image: 'quay.io/a/b:v1' }, { name: 'b.c', image: 'quay.io/a/b:v2' })
      const { code } = await call(folder.file('spec.yaml', `${spec}---\n${text}`), { TS_OUTPUT_DIR: out })
      expect(code).to.equal(3)
      const left = readdirSync(out, { recursive: true, encoding: 'utf8' }).filter(name => /^(?:checks|run)/.test(name))
      expect(left.toSorted()).to.deep.equal(
        ['', '/000-config', '/000-config/config.txt', '/001-a', '/001-a/config.txt', '/002-b-c', '/002-b-c/config.txt']
          .map(path => `checks${path}`)
          .concat('run.json'),
      )
      expect(readFileSync(join(out, 'checks/002-b-c/config.txt'), 'utf8')).to.match(
        /^plugin=b\.c\ncheck=config\nstatus=fail\nmessage=.*b\.c.*\n$/,
      )
      expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')).completed).to.equal(true)
    })

    it('leaves there what analyze judges again, in the place that troubleshoot gives it', async () => {
      const bundle = join(folder.path, 'preflightbundle')
      const out = join(bundle, 'host-collectors/run-host/velero-plugin-preflight/out')
      await call(folder.file('spec.yaml', `${spec}---\n${config}`), { TS_OUTPUT_DIR: out }, '--no-bundle')
      const { json, code } = await report(['analyze', bundle])
      expect(verdicts(json)).to.include('config a: pass PLUGIN_OK')
      expect(code).to.equal(0)
    })

    it('leaves there why it did not', async () => {
      const out = join(folder.path, 'out')
      await call(join(folder.path, 'none.yaml'), { TS_OUTPUT_DIR: out })
      expect(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8'))).to.include({ completed: false })
      expect(existsSync(join(out, 'checks'))).to.equal(false)
    })

    it('is an error where it cannot be written, and no pass', async () => {
      mkdirSync(join(folder.path, 'out'))
      folder.file('out/checks', 'a file')
      const { code, json } = await call(folder.file('spec.yaml', `${spec}---\n${config}`), { TS_OUTPUT_DIR: join(folder.path, 'out') })
      expect(json.fail.map(result => result.code)).to.deep.equal(['OUTPUT_UNWRITABLE'])
      expect(code).to.equal(1)
    })
  })
})
