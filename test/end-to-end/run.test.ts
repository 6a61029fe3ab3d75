import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { parse } from 'yaml'
import { demoWorld } from '../../examples/demo/plugins.ts'
import { main } from '../../src/cli.ts'
import { command, configText, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
import { testIo } from '../support/io.ts'
import { startRegistry } from '../support/registry.ts'

type Demo = Awaited<ReturnType<typeof demoWorld>>

describe('run, collect and analyze', () => {
  let folder: Scratch
  let demo: Demo
  let argv: readonly string[]
  before(async () => {
    demo = await demoWorld()
  })
  beforeEach(() => {
    folder = scratch()
    argv = [
      '--config',
      folder.file('config.yaml', demo.config),
      '--secrets',
      folder.file('secret.yaml', demo.secrets),
      '--platform',
      'linux/amd64',
      '--platform',
      'linux/arm64',
    ]
  })
  afterEach(() => folder.remove())
  after(() => demo.registry.close())

  const key = () => ['--key', folder.file('cosign.pub', demo.publicPem)]
  const bundleIn = (path: string) => {
    const names = readdirSync(path).filter(name => name.endsWith('.tar.gz'))
    expect(names).to.have.length(1)
    return join(path, names[0]!)
  }

  const expected = [
    'config -: pass CONFIG_SCHEMA',
    'config velero-postgresql: pass PLUGIN_OK',
    'config velero-mongodb: pass PLUGIN_OK',
    'config velero-mysql: pass PLUGIN_OK',
    'config velero-hooks: pass PLUGIN_OK',
    'image velero-postgresql: pass IMAGE_RESOLVED',
    'image velero-mongodb: pass IMAGE_RESOLVED',
    'image velero-metrics: pass IMAGE_RESOLVED',
    'pullSecret velero-postgresql: pass PULL_SECRET_OK',
    'pullSecret velero-mongodb: pass PULL_SECRET_OF_POD',
    'pullSecret velero-metrics: pass PULL_SECRET_OF_POD',
    'pullSecret velero-hooks: pass PULL_SECRET_OF_POD',
    'binaries velero-postgresql: pass BINARIES_OK',
    'binaries velero-mongodb: pass BINARIES_OK',
    'binaries velero-metrics: pass BINARIES_OK',
    'signature velero-postgresql: pass SIGNATURE_VERIFIED',
    'signature velero-mongodb: pass SIGNATURE_VERIFIED',
    'signature velero-metrics: pass SIGNATURE_VERIFIED',
    'config velero-metrics: warn PLUGIN_IMAGE_LATEST',
    'image velero-hooks: warn IMAGE_PLATFORM_MISMATCH',
    'image velero-mysql: fail IMAGE_UNAUTHORIZED',
    'pullSecret velero-mysql: fail PULL_SECRET_NOT_FOUND',
    'binaries velero-hooks: fail BINARY_MACHINE',
    'signature velero-hooks: fail SIGNATURE_KEY_MISMATCH',
    'binaries velero-mysql: not checked',
    'signature velero-mysql: not checked',
  ]

  it("gives every outcome of the demo's Config, and exit 3", async () => {
    const ran = await report(['run', ...argv, ...key()], { cwd: folder.path })
    expect(verdicts(ran.json)).to.deep.equal(expected)
    expect(ran.code).to.equal(3)
  })

  it('gives a document that Embedded Cluster reads: pass, warn and fail with title and message', async () => {
    const { out } = await command(['--interactive=false', '--format=json', ...argv, ...key()], { cwd: folder.path })
    const { pass, warn, fail } = JSON.parse(out)
    for (const { title, message } of [...pass, ...warn, ...fail]) {
      expect(title).to.be.a('string').and.not.equal('')
      expect(message).to.be.a('string').and.not.equal('')
    }
    for (const { message, plugin } of [...warn, ...fail]) expect(message).to.contain(plugin)
  })

  it('analyzes the bundle with the same flags to the same outcomes, and asks the registry nothing', async () => {
    const ran = await report(['run', ...argv, ...key()], { cwd: folder.path })
    demo.registry.requests.length = 0
    const again = await report(['analyze', bundleIn(folder.path), ...key()])
    expect(again.json).to.deep.equal(ran.json)
    expect(again.code).to.equal(ran.code)
    expect(demo.registry.requests).to.deep.equal([])
  })

  it('collects without judging, and analyze judges it as run does', async () => {
    const bundle = join(folder.path, 'bundle.tar.gz')
    const collected = await command(['collect', ...argv, '-o', bundle])
    expect(collected.code).to.equal(0)
    expect(collected.out).to.equal('')
    expect(verdicts((await report(['analyze', bundle, ...key()])).json)).to.deep.equal(expected)
  })

  it('judges a bundle again under another trust', async () => {
    const bundle = join(folder.path, 'bundle.tar.gz')
    await command(['collect', ...argv, '-o', bundle])
    const { json } = await report(['analyze', bundle])
    expect(verdicts(json)).to.include('signature velero-postgresql: warn SIGNATURE_UNTRUSTED')
    const strict = await report(['analyze', bundle, '--require-signatures'])
    expect(verdicts(strict.json)).to.include('signature velero-postgresql: fail SIGNATURE_UNTRUSTED')
  })

  it('passes no login under a schema by which nodes have other pull secrets than those that were tried', async () => {
    const bundle = join(folder.path, 'bundle.tar.gz')
    await command(['collect', ...argv, '-o', bundle])
    const { json } = await report(['analyze', bundle, '--schema', 'embedded-cluster'])
    expect(verdicts(json)).to.include.members([
      'image velero-postgresql: fail FACT_MISSING',
      'pullSecret velero-postgresql: fail FACT_MISSING',
    ])
    expect(json.fail[0]?.message).to.contain('Collect again with --schema embedded-cluster.')
    expect(verdicts((await report(['analyze', bundle, '--schema', 'proposal'])).json)).to.include(
      'image velero-postgresql: pass IMAGE_RESOLVED',
    )
  })

  it('makes only the checks that are asked for, and analyze the same', async () => {
    const ran = await report(['run', ...argv, '--checks', 'image'], { cwd: folder.path })
    expect(new Set(verdicts(ran.json).map(verdict => verdict.split(' ')[0]))).to.deep.equal(new Set(['image']))
    expect((await report(['analyze', bundleIn(folder.path)])).json).to.deep.equal(ran.json)
  })

  it('fails what was not collected, when it is asked for', async () => {
    await command(['run', ...argv, '--checks', 'image'], { cwd: folder.path })
    const { json, code } = await report(['analyze', bundleIn(folder.path), '--checks', 'binaries'])
    expect(code).to.equal(3)
    expect(verdicts(json)).to.include('binaries velero-postgresql: fail FACT_MISSING')
    expect(json.pass).to.deep.equal([])
  })

  it('writes YAML that says the same as the JSON', async () => {
    const bundle = join(folder.path, 'bundle.tar.gz')
    await command(['collect', ...argv, '-o', bundle])
    const [yaml, json] = [await command(['analyze', bundle, '--format', 'yaml']), await report(['analyze', bundle])]
    expect(parse(yaml.out)).to.deep.equal(json.json)
  })

  it('writes the report to a file with -o, and nothing to standard output', async () => {
    const path = join(folder.path, 'report.json')
    const ran = await command(['run', ...argv, '--no-bundle', '--format', 'json', '-o', path])
    expect(ran.out).to.equal('')
    expect(folder.everything()).to.contain('"fail": [')
  })

  it('writes no bundle with --no-bundle, and no progress with --quiet', async () => {
    const ran = await command(['run', ...argv, '--no-bundle', '--quiet'], { cwd: folder.path })
    expect(ran.err).to.equal('')
    expect(readdirSync(folder.path).filter(name => name.includes('preflightbundle'))).to.deep.equal([])
  })

  it('says a line for each check on standard error', async () => {
    const { err } = await command(['run', ...argv, '--no-bundle'])
    expect(err.trim().split('\n').sort()).to.deep.equal(
      ['binaries', 'config', 'image', 'pullSecret', 'signature'].map(check => `${check}: collected`),
    )
  })

  it('is what runs when no command is named', async () => {
    expect((await command([...argv, '--no-bundle'])).code).to.equal(3)
  })

  it('reads the Config from standard input', async () => {
    const { json } = await report(['run', '--no-bundle', '--checks', 'config', '--config', '-'], { stdin: demo.config })
    expect(verdicts(json)).to.include('config velero-postgresql: pass PLUGIN_OK')
  })

  it('ends with 4 when there are warns only, and with 0 when they are accepted', async () => {
    const registry = await startRegistry()
    registry.push('a', 'v1', pluginImage({ name: 'a' }))
    try {
      const config = folder.file('one.yaml', configText({ name: 'a', image: `${registry.host}/a:v1` }))
      const one = ['run', '--no-bundle', '--config', config]
      expect((await command(one)).code).to.equal(4)
      const accepted = await report([...one, '--accept', 'SIGNATURE_NONE@a'])
      expect(accepted.code).to.equal(0)
      expect(accepted.json.warn.map(({ code, accepted: taken }) => [code, taken])).to.deep.equal([['SIGNATURE_NONE', true]])
    } finally {
      await registry.close()
    }
  })

  it('is one pass, NO_PLUGINS, and exit 0 for a Config without plugins, whatever is asked', async () => {
    const config = folder.file('none.yaml', configText())
    for (const more of [[], ['--checks', 'image'], ['--require-signatures']]) {
      const { json, code } = await report(['run', '--no-bundle', '--config', config, ...more])
      expect(code).to.equal(0)
      expect(verdicts(json)).to.deep.equal(['config -: pass NO_PLUGINS'])
    }
  })

  it("decides by a spec's outcomes, and keeps the check's findings", async () => {
    const spec = folder.file(
      'spec.yaml',
      [
        'apiVersion: troubleshoot.sh/v1beta2',
        'kind: HostPreflight',
        'spec:',
        '  analyzers:',
        '    - image:',
        '        checkName: Pull',
        '        strict: true',
        '        outcomes:',
        '          - warn: {when: "status == fail", message: "{{ .plugin }} is not there: {{ .code }}", uri: "https://docs.example.com/"}',
        '          - pass: {message: "{{ .plugin }} is there"}',
      ].join('\n'),
    )
    const { json, code } = await report(['run', '--no-bundle', ...argv, spec])
    expect(code).to.equal(4)
    expect(json.warn).to.have.length(1)
    expect(json.warn[0]).to.include({ title: 'Pull: velero-mysql', message: 'velero-mysql is not there: IMAGE_UNAUTHORIZED', strict: true })
    expect(json.warn[0]?.findings[0]?.status).to.equal('fail')
  })

  describe('ended early', () => {
    const slow = async (act: (argv: readonly string[]) => Promise<void>) => {
      const registry = await startRegistry()
      registry.push('a', 'v1', pluginImage({ name: 'a' }))
      registry.push('b', 'v1', pluginImage({ name: 'b' }))
      registry.fault('/v2/b/', { kind: 'hang' })
      try {
        const config = folder.file(
          'slow.yaml',
          configText({ name: 'a', image: `${registry.host}/a:v1` }, { name: 'b', image: `${registry.host}/b:v1` }),
        )
        await act(['run', '--no-bundle', '--config', config, '--format', 'json'])
      } finally {
        await registry.close()
      }
    }

    it('by --timeout: exit 1, with what was found until then', () =>
      slow(async argv => {
        const ran = await report([...argv, '--timeout', '1500ms'])
        expect(ran.code).to.equal(1)
        const said = verdicts(ran.json)
        expect(said).to.include.members([
          'image a: pass IMAGE_RESOLVED',
          'binaries a: pass BINARIES_OK',
          'run -: fail TIMED_OUT',
          'image b: not checked',
        ])
      }))

    it('leaves a bundle that analyze ends with 1 too', () =>
      slow(async argv => {
        const bundle = join(folder.path, 'early.tar.gz')
        expect((await command(['collect', ...argv.slice(2), '--timeout', '1500ms', '-o', bundle])).code).to.equal(1)
        const again = await report(['analyze', bundle])
        expect(again.code).to.equal(1)
        expect(verdicts(again.json)).to.include.members(['image a: pass IMAGE_RESOLVED', 'run -: fail TIMED_OUT', 'image b: not checked'])
      }))

    it('by a signal: exit 1, with what was found until then', () =>
      slow(async argv => {
        const io = testIo()
        const running = main(argv, io)
        setTimeout(() => io.interrupt(), 1500)
        expect(await running).to.equal(1)
        expect(verdicts(JSON.parse(io.out()))).to.include.members([
          'image a: pass IMAGE_RESOLVED',
          'run -: fail INTERRUPTED',
          'image b: not checked',
        ])
      }))

    it('by a second signal, which nobody listens to any more', () =>
      slow(async argv => {
        const io = testIo()
        const waiting: (() => void)[] = []
        const running = main(argv, {
          ...io,
          on: (signal, listener) => {
            waiting.push(listener)
            return io.on(signal, listener)
          },
          off: (signal, listener) => {
            waiting.splice(0, waiting.length, ...waiting.filter(other => other !== listener))
            return io.off(signal, listener)
          },
        })
        while (waiting.length === 0) await new Promise(resolve => setTimeout(resolve, 10))
        waiting[0]?.()
        expect(waiting).to.deep.equal([])
        expect(await running).to.equal(1)
      }))

    it('while standard input brings no Config: exit 1', async () => {
      const ran = await command(['run', '--no-bundle', '--config', '-', '--timeout', '200ms'], { silent: true })
      expect(ran.code).to.equal(1)
      expect(ran.err).to.contain('TIMED_OUT')
    })
  })

  it('does not take a spec for the value of --interactive, which would leave it out', async () => {
    const { code, err } = await command(['--interactive', 'spec.yaml', ...argv, '--no-bundle'])
    expect(code).to.equal(2)
    expect(err).to.contain("argument 'spec.yaml' is invalid")
    for (const given of [['--interactive', 'false'], ['--interactive=false']])
      expect((await command([...given, ...argv, '--no-bundle', '--checks', 'config'])).code).to.equal(4)
  })

  it('shows help and version, and exits with 0', async () => {
    expect((await command(['--help'])).out).to.contain('Usage: velero-plugin-preflight')
    expect((await command(['--version'])).out).to.match(/^\d+\.\d+\.\d+\n$/)
    expect((await command(['run', '--help'])).code).to.equal(0)
  })
})
