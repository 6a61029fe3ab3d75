// peers: crane registry preflight support-bundle preflight-newest support-bundle-newest
// packages: apache2-utils
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { join } from 'node:path'
import { expect } from 'chai'
import { configText, report, verdicts } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
import { type Ended, peer, run, succeed } from './peers.ts'
import { endAll, temporaryFolder } from './processes.ts'
import { startDistribution, writeLayout } from './registries.ts'
import { standAlone } from './stand-alone.ts'

interface Shown {
  readonly title: string
  readonly message: string
}
interface Results {
  readonly pass?: readonly Shown[]
  readonly warn?: readonly Shown[]
  readonly fail?: readonly Shown[]
}

const ran = 'Velero plugins: the checks ran'

for (const version of ['', '-newest'])
  describe(`the host specs in troubleshoot's own programs${version === '' ? ", as Embedded Cluster's" : ', the newest'}`, function () {
    this.timeout(180_000)
    let preflight: string
    let supportBundle: string
    let binary: string
    let host: string
    let path: string

    before(async function () {
      preflight = await peer(this, `preflight${version}`)
      supportBundle = await peer(this, `support-bundle${version}`)
      const crane = await peer(this, 'crane')
      binary = await standAlone(this)
      host = (await startDistribution(this)).host
      await succeed(crane, ['push', writeLayout(pluginImage({ name: 'x' }), 'v1'), `${host}/acme/x:v1`])
      const bin = temporaryFolder('bin')
      symlinkSync(binary, join(bin, 'velero-plugin-preflight'))
      path = `${bin}:${process.env.PATH}`
    })
    after(endAll)

    const env = (folder: string) => ({
      PATH: path,
      HOME: folder,
      KUBECONFIG: '',
      PREFLIGHT_AUTO_UPDATE: 'false',
      TROUBLESHOOT_AUTO_UPDATE: 'false',
    })

    /** `template` prints the spec, and the real preflight runs it as Embedded Cluster does. */
    const runHostPreflight = async (
      config: string,
      ...args: readonly string[]
    ): Promise<Ended & { readonly results: Results; readonly folder: string }> => {
      const folder = temporaryFolder('host')
      writeFileSync(join(folder, 'config.yaml'), config)
      const spec = await succeed(binary, ['template', 'host-preflight', '--config', 'config.yaml', ...args], { cwd: folder })
      return runSpec(spec, folder)
    }
    const runSpec = async (spec: string, folder: string, more: Readonly<Record<string, string>> = {}) => {
      writeFileSync(join(folder, 'spec.yaml'), spec)
      const ended = await run(preflight, ['--interactive=false', '--format=json', 'spec.yaml'], {
        cwd: folder,
        env: { ...env(folder), ...more },
      })
      return { ...ended, results: JSON.parse(ended.stdout) as Results, folder }
    }
    const lines = ({ pass = [], warn = [], fail = [] }: Results): readonly string[] =>
      [pass, warn, fail].flatMap((group, index) => group.map(({ title }) => `${['pass', 'warn', 'fail'][index]} ${title}`)).toSorted()

    it('give a result for each plugin and check, with our messages, and exit as preflight does', async () => {
      const { code, results } = await runHostPreflight(
        configText({ name: 'good', image: `${host}/acme/x:v1` }, { name: 'velero-plugin-database', image: `${host}/acme/none:v1` }),
      )
      expect(lines(results)).to.deep.equal([
        'fail Velero plugin: Image',
        'pass Velero plugin: Binaries',
        'pass Velero plugin: Config',
        'pass Velero plugin: Config',
        'pass Velero plugin: Config',
        'pass Velero plugin: Image',
        'pass Velero plugin: Pull secret',
        `pass ${ran}`,
        'warn Velero plugin: Signature',
      ])
      expect(results.fail![0]!.message).to.match(/^velero-plugin-database: .*\/acme\/none:v1/)
      expect(code).to.equal(3)
    })

    it('pass when there is no plugin', async () => {
      const { code, results } = await runHostPreflight(configText())
      expect(lines(results)).to.deep.equal(['pass Velero plugin: Config', `pass ${ran}`])
      expect(code).to.equal(0)
    })

    it('leave facts in their bundle, which analyze judges again', async () => {
      const { folder } = await runHostPreflight(configText({ name: 'good', image: `${host}/acme/x:v1` }))
      const bundle = readdirSync(folder).find(name => name.startsWith('preflightbundle-'))!
      const { json } = await report(['analyze', join(folder, bundle)])
      expect(verdicts(json)).to.include.members(['image good: pass IMAGE_RESOLVED', 'binaries good: pass BINARIES_OK'])
      const strict = await report(['analyze', join(folder, bundle), '--require-signatures'])
      expect(strict.code).to.equal(3)
    })

    it('hold twenty plugins with dots in their names', async () => {
      const plugins = Array.from({ length: 20 }, (_, index) => ({ name: `plugin.${index}`, image: `${host}/acme/x:v1` }))
      const { code, results } = await runHostPreflight(configText(...plugins), '--', '--checks', 'config,image')
      const images = (results.pass ?? []).filter(({ title }) => title === 'Velero plugin: Image')
      expect(new Set(images.map(({ message }) => message.split(':')[0]))).to.have.property('size', 20)
      // That a dot is in none of the API server's names is told of each too.
      expect((results.fail ?? []).filter(({ title }) => title === 'Velero plugin: Config')).to.have.length(20)
      expect(code).to.equal(3)
    })

    it('fail with the reason where the Config cannot be used', async () => {
      const { code, results } = await runHostPreflight(configText({ name: 'x', image: 'quay.io/x/y:v1' }), '--', '--schema', 'nonsense')
      expect(results.fail!.map(({ title }) => title)).to.deep.equal([ran])
      expect(results.fail![0]!.message).to.contain('--schema nonsense')
      expect(code).to.equal(3)
    })

    it('fail where the binary is missing', async () => {
      const { code, results } = await runHostPreflight(configText(), '--binary', 'velero-plugin-preflight-that-is-not-there')
      expect(results.pass ?? []).to.deep.equal([])
      expect(results.fail).to.have.length(1)
      expect(code).to.equal(3)
    })

    it('fail where the binary hangs', async () => {
      const folder = temporaryFolder('host')
      writeFileSync(join(folder, 'config.yaml'), configText())
      writeFileSync(join(folder, 'hangs'), '#!/bin/sh\nexec sleep 600\n', { mode: 0o755 })
      const spec = await succeed(binary, ['template', 'host-preflight', '--config', 'config.yaml', '--binary', './hangs'], { cwd: folder })
      const { code, results } = await runSpec(spec.replace(/timeout: \d+s/, 'timeout: 2s'), folder)
      expect(results.fail).to.have.length(1)
      expect(code).to.equal(3)
    })

    it('fail where a registry does not answer within the time', async () => {
      const silent = createServer(() => {}).listen(0, '127.0.0.1')
      await once(silent, 'listening')
      const { port } = silent.address() as AddressInfo
      const { code, results } = await runHostPreflight(configText({ name: 'x', image: `127.0.0.1:${port}/x:v1` }), '--timeout', '2s')
      silent.close()
      expect(results.fail!.map(({ title }) => title)).to.include(ran)
      expect(code).to.equal(3)
    })

    it('take the Config of the environment where the spec that ships has none', async () => {
      const folder = temporaryFolder('host')
      const { code, results } = await runSpec(readFileSync('specs/troubleshoot/host-preflight.yaml', 'utf8'), folder, {
        VELERO_PLUGIN_PREFLIGHT_CONFIG: configText({ name: 'good', image: `${host}/acme/x:v1` }),
      })
      expect(lines(results)).to.include.members(['pass Velero plugin: Image', `pass ${ran}`])
      expect(code).to.equal(4)
    })

    it('leave a bundle that analyze reads, in a support bundle too', async () => {
      const folder = temporaryFolder('host')
      mkdirSync(join(folder, 'made'))
      writeFileSync(join(folder, 'config.yaml'), configText({ name: 'velero-plugin-database', image: `${host}/acme/none:v1` }))
      const spec = await succeed(binary, ['template', 'support-bundle', '--config', 'config.yaml'], { cwd: folder })
      writeFileSync(join(folder, 'spec.yaml'), spec)
      const args = ['--interactive=false', '--output', 'made/bundle.tar.gz', 'spec.yaml']
      const { stdout, stderr, code } = await run(supportBundle, args, { cwd: folder, env: env(folder) })
      expect(code, stderr).to.equal(0)
      const { analyzerResults } = JSON.parse(stdout) as {
        analyzerResults: readonly { severity: string; insight: { primary: string; detail: string } }[]
      }
      const failed = analyzerResults.filter(({ severity }) => severity === 'error').map(({ insight }) => insight)
      expect(failed.map(({ primary }) => primary)).to.deep.equal(['Velero plugin: Image'])
      // Redaction masks what follows a name with "database"; here nothing does.
      expect(failed[0]!.detail).to.match(/^velero-plugin-database: .*\/acme\/none:v1/)
      const { json } = await report(['analyze', join(folder, 'made/bundle.tar.gz')])
      expect(verdicts(json)).to.include('image velero-plugin-database: fail IMAGE_NOT_FOUND')
    })
  })
