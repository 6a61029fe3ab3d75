import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import {
  accountObject,
  deploymentObject,
  installationObject,
  kubeconfigOf,
  nodeObject,
  type Objects,
  secretObject,
  startApiServer,
} from '../support/api-server.ts'
import { command, configText, type JsonReport, report, type Scratch, scratch, secretText, verdicts } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { archiveOf, type BundleEntries, type BundleLayout, supportBundle, writeFolderOf } from '../support/support-bundle.ts'

const installations = 'apis/embeddedcluster.replicated.com/v1beta1/installations'
const plugins = (image: string) => ({ extensions: { velero: { plugins: [{ name: 'open', image }] } } })
const codes = ({ pass, warn, fail }: JsonReport) =>
  [...fail, ...warn, ...pass].flatMap(({ check, findings }) => findings.map(({ code }) => `${check} ${code}`)).toSorted()
const messages = ({ pass, warn, fail }: JsonReport) =>
  [...fail, ...warn, ...pass].flatMap(({ findings }) => findings.flatMap(({ message, evidence = [] }) => [message, ...evidence])).join('\n')

describe('a run with --bundle', () => {
  let registry: TestRegistry
  let folder: Scratch
  before(async () => {
    registry = await startRegistry({ auth: { scheme: 'bearer', users: { bob: { password: 'pw-of-bob' } }, anonymous: ['open'] } })
    registry.push('open', 'v1', pluginImage({ name: 'open' }))
    registry.push('private', 'v1', pluginImage({ name: 'private' }))
  })
  after(() => registry.close())
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())

  const image = () => `${registry.host}/open:v1`
  const cluster = (change: Objects = {}): Objects => ({
    'api/v1/nodes': [nodeObject('a'), nodeObject('b', 'linux/arm64', false)],
    'api/v1/namespaces/velero/secrets': [secretObject('regcred', registry.host, 'bob:pw-of-bob')],
    'api/v1/namespaces/velero/serviceaccounts': [accountObject(['regcred'])],
    'apis/apps/v1/namespaces/velero/deployments': [deploymentObject(['regcred'])],
    'api/v1/namespaces/velero/pods': [],
    'api/v1/namespaces/velero/events': [],
    [installations]: [
      installationObject('20260301', { config: plugins(image()), licenseInfo: { isDisasterRecoverySupported: true } }),
      installationObject('20260101', { config: plugins('old:v1') }, 'Obsolete'),
    ],
    ...change,
  })
  const archive = (entries: BundleEntries) => folder.file('bundle.tar.gz', archiveOf(entries))
  const run = (bundle: string, ...argv: readonly string[]) =>
    report(['run', '--no-cache', '--bundle', bundle, ...argv], { cwd: folder.path })

  const states: readonly (readonly [what: string, change: () => Objects])[] = [
    ['as it should be', () => ({})],
    [
      'without a licence for disaster recovery',
      () => ({ [installations]: [installationObject('1', { config: plugins(image()), licenseInfo: {} })] }),
    ],
    ['without Velero', () => ({ 'apis/apps/v1/namespaces/velero/deployments': [] })],
    ['without a node that tells its platform', () => ({ 'api/v1/nodes': [{ metadata: { name: 'a' } }] })],
    ['whose service account is gone', () => ({ 'api/v1/namespaces/velero/serviceaccounts': [] })],
    ['whose Config is wrong', () => ({ [installations]: [installationObject('1', { config: plugins('A:b:c') })] })],
  ]
  for (const [what, change] of states) {
    it(`says of a cluster ${what} what --from-cluster says, in every layout and form`, async () => {
      const objects = cluster(change())
      const server = await startApiServer()
      server.put(objects)
      const kubeconfig = folder.file('kubeconfig', kubeconfigOf(server))
      const live = await report(['run', '--no-bundle', '--from-cluster', '--kubeconfig', kubeconfig, '--checks', 'config,velero'])
      await server.close()
      for (const layout of ['now', 'separate yaml', 'bare items'] as const satisfies readonly BundleLayout[]) {
        const entries = supportBundle(objects, layout)
        for (const path of [archive(entries), writeFolderOf(entries, join(folder.path, layout))]) {
          const { json, code } = await run(path)
          // The Secrets are not asked for: nothing here needs them.
          expect(codes(json), `${layout} ${path}`).to.deep.equal(codes(live.json))
          expect(code).to.equal(live.code)
        }
      }
    })
  }

  it('says whose the answers are, and writes no bundle of its own', async () => {
    const { json, err } = await run(archive(supportBundle(cluster())), '--no-bundle')
    expect(messages(json)).to.contain('the support bundle bundle.tar.gz was read').and.to.contain('node b: linux/arm64, not ready')
    expect(err).to.not.contain('written')
  })

  for (const [file, words] of [
    ['cluster-resources/nodes.json', 'for which platforms'],
    ['cluster-resources/deployments/velero.json', "which pull secrets Velero's pod has"],
    ['cluster-resources/serviceaccounts/velero.json', 'from its service account'],
  ] as const) {
    it(`fails for want of ${file}, and says who would bring it`, async () => {
      const entries = supportBundle(cluster()).filter(({ name }) => name !== file)
      const { json, code } = await run(archive(entries))
      expect(verdicts(json)).to.include('cluster -: fail CLUSTER_NOT_IN_BUNDLE')
      expect(messages(json)).to.contain(`has no ${file}`).and.to.contain('clusterResources').and.to.contain(words)
      expect(code).to.equal(3)
    })
    for (const [what, data] of [
      ['redacted to what is no JSON', '{"a": ***HIDDEN***'],
      ['cut', '{"items": ['],
      ['no list', '{"items": 1}'],
      ['an object of another kind', '"x"'],
    ] as const) {
      it(`fails for ${file} that is ${what}`, async () => {
        const entries = supportBundle(cluster()).map(entry => (entry.name === file ? { name: file, data } : entry))
        const { json } = await run(archive(entries))
        expect(verdicts(json)).to.include('cluster -: fail CLUSTER_NOT_IN_BUNDLE')
        if (data.includes('HIDDEN')) expect(messages(json)).to.contain('the redaction of troubleshoot has changed it')
      })
    }
  }

  it('gives the words of a collector that was refused', async () => {
    const entries = [
      ...supportBundle(cluster()).filter(({ name }) => !name.includes('/deployments/')),
      { name: 'cluster-resources/deployments-errors.json', data: '{"velero": "deployments.apps is forbidden: bearer abcdefgh"}' },
    ]
    const { json } = await run(archive(entries))
    expect(messages(json)).to.contain('was refused (get deployments.apps velero/velero)')
    expect(messages(json)).to.contain('deployments.apps is forbidden').and.not.to.contain('abcdefgh')
  })

  it('tells a kind that the cluster does not know from one that was not collected', async () => {
    const { [installations]: _, ...others } = cluster()
    const known = await run(archive(supportBundle(others)))
    expect(verdicts(known.json)).to.deep.equal([
      'cluster -: pass CLUSTER_READ',
      'config -: fail CONFIG_NOT_FOUND',
      'velero -: fail VELERO_NO_POD',
    ])
    expect(messages(known.json)).to.contain('The cluster has no Installation')
    const unknown = await run(archive(supportBundle(others).filter(({ name }) => !name.includes('definitions'))))
    expect(verdicts(unknown.json)).to.include('cluster -: fail CLUSTER_NOT_IN_BUNDLE')
    expect(unknown.code).to.equal(3)
  })

  it('takes the Config of the command line, whatever the bundle holds', async () => {
    const { [installations]: _, ...others } = cluster()
    const config = folder.file('config.yaml', configText({ name: 'given', image: image() }))
    const { json } = await run(archive(supportBundle(others)), '--config', config)
    expect(verdicts(json)).to.include('config given: pass PLUGIN_OK')
  })

  it('names what redaction has destroyed of the Config and of the pod, and nothing else', async () => {
    const hidden = '***HIDDEN***'
    const deployment = {
      metadata: { name: 'velero', namespace: 'velero' },
      spec: {
        template: {
          spec: {
            containers: [{ name: 'velero', image: 'v', env: [{ name: 'TOKEN', value: hidden }] }],
            initContainers: [{ name: 'a', image: hidden }],
          },
        },
      },
    }
    const spec = { config: { ...plugins(hidden), other: hidden }, licenseInfo: { isDisasterRecoverySupported: true } }
    const { json } = await run(
      archive(
        supportBundle(
          cluster({ [installations]: [installationObject('1', spec)], 'apis/apps/v1/namespaces/velero/deployments': [deployment] }),
        ),
      ),
    )
    const [found] = json.pass
      .concat(json.warn, json.fail)
      .flatMap(({ findings }) => findings.filter(({ code }) => code === 'CLUSTER_REDACTED'))
    expect(found?.status).to.equal('warn')
    expect(found?.message).to.contain('Installation 1: extensions.velero.plugins[0].image, Deployment velero: initContainers[0].image.')
  })

  it('asks registries where a check is named that needs them, with Secrets that are given', async () => {
    const bundle = archive(
      supportBundle(cluster({ [installations]: [installationObject('1', { config: plugins(`${registry.host}/private:v1`) })] })),
    )
    const without = await run(bundle, '--checks', 'image,pullSecret', '--platform', 'linux/amd64')
    expect(verdicts(without.json)).to.include('cluster -: fail CLUSTER_NOT_IN_BUNDLE')
    expect(messages(without.json)).to.contain('velero/regcred was there, with a login for registry.example')
    expect(without.json.pass.map(({ check }) => check)).to.not.include('image')
    const secrets = folder.file('secret.yaml', secretText('regcred', registry.host, 'bob', 'pw-of-bob'))
    const given = await run(bundle, '--checks', 'image,pullSecret', '--platform', 'linux/amd64', '--secrets', secrets)
    expect(verdicts(given.json), given.err).to.include.members(['cluster -: pass CLUSTER_READ', 'image open: pass IMAGE_RESOLVED'])
  })

  it('believes a bundle that says that a Secret is not there', async () => {
    const entries: BundleEntries = [
      ...supportBundle(cluster({ 'api/v1/namespaces/velero/secrets': [] })),
      {
        name: 'secrets/velero/regcred.json',
        data: '{"namespace":"velero","name":"regcred","key":"","secretExists":false,"keyExists":false}',
      },
    ]
    const { json } = await run(archive(entries), '--checks', 'image')
    expect(messages(json)).to.contain('Secret velero/regcred: not there')
  })

  for (const [what, make, code] of [
    ['is cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length / 2), 'BUNDLE_INVALID'],
    ['is empty', () => Buffer.alloc(0), 'BUNDLE_INVALID'],
    ['is something else', () => Buffer.from('hello'), 'BUNDLE_INVALID'],
  ] as const) {
    it(`ends with exit 2 when it ${what}`, async () => {
      const bytes = archiveOf(supportBundle(cluster()))
      const ran = await run(folder.file('bundle.tar.gz', make(bytes)))
      expect([ran.code, ran.json.fail[0]?.code]).to.deep.equal([2, code])
    })
  }

  for (const name of ['support-bundle', 'preflight-v1beta2']) {
    it(`reads troubleshoot's own ${name} without an error`, async function () {
      const path = `../shared/conformance/troubleshoot/${name}.tar.gz`
      if (!existsSync(path)) {
        console.log(`      skipped: there is no ${path}`)
        this.skip()
      }
      const { json, code } = await run(path)
      expect(code).to.equal(3)
      // No Embedded Cluster and no Velero were there.
      expect(verdicts(json)).to.deep.equal([
        'config -: fail CONFIG_NOT_FOUND',
        'cluster -: fail CLUSTER_NOT_IN_BUNDLE',
        'velero -: fail VELERO_UNREAD',
      ])
      expect(messages(json)).to.contain('those of the cluster').and.to.contain('linux/amd64 (1)')
      const config = folder.file('config.yaml', configText({ name: 'open', image: image() }))
      expect(verdicts((await run(path, '--config', config)).json)).to.include('config open: pass PLUGIN_OK')
    })
  }

  describe('that this program wrote', () => {
    const collected = async (...argv: readonly string[]) => {
      const config = folder.file('config.yaml', configText({ name: 'open', image: image() }))
      const bundle = `${folder.path}/own.tar.gz`
      await command(['collect', '--no-cache', '--config', config, '--output', bundle, ...argv])
      return bundle
    }

    it('says what analyze says, and asks nobody', async () => {
      const bundle = await collected()
      const before = registry.requests.length
      const [again, ran] = [await report(['analyze', bundle]), await run(bundle)]
      expect(verdicts(ran.json)).to.deep.equal(verdicts(again.json))
      expect(registry.requests.length).to.equal(before)
    })

    it('collects now what is named and was not collected then', async () => {
      const bundle = await collected('--checks', 'image')
      const { json } = await run(bundle, '--checks', 'image,binaries')
      expect(verdicts(json)).to.include.members(['image open: pass IMAGE_RESOLVED', 'binaries open: pass BINARIES_OK'])
    })

    it('reads the cluster that is named beside it', async () => {
      const server = await startApiServer()
      server.put(cluster())
      const kubeconfig = folder.file('kubeconfig', kubeconfigOf(server))
      const { json } = await run(await collected('--checks', 'image'), '--from-cluster', '--kubeconfig', kubeconfig)
      await server.close()
      expect(verdicts(json)).to.include.members(['cluster -: pass CLUSTER_READ', 'image open: pass IMAGE_RESOLVED'])
    })

    it('takes a Config that is given for another one, and believes no facts of the old one', async () => {
      const bundle = await collected()
      const config = folder.file('other.yaml', configText({ name: 'other', image: `${registry.host}/none:v1` }))
      const { json } = await run(bundle, '--config', config, '--checks', 'image')
      expect(verdicts(json)).to.deep.equal(['image other: fail IMAGE_UNAUTHORIZED'])
    })
  })

  describe('to which collect --into has added', () => {
    const big = 'line\n'.repeat(200_000)
    const entries = (): BundleEntries => [
      ...supportBundle(
        cluster({
          'api/v1/nodes': [nodeObject('a')],
          'apis/apps/v1/namespaces/velero/deployments': [deploymentObject()],
          'api/v1/namespaces/velero/serviceaccounts': [accountObject()],
        }),
      ),
      { name: 'host-collectors/run-host/x.txt', data: big, mode: 0o600 },
      { name: `${'long/'.repeat(30)}name.log`, data: 'x' },
      { name: 'podlogs/velero/p/velero.log', link: '../../../cluster-resources/pods/logs/velero/p/velero.log' },
    ]
    const into = (path: string, ...argv: readonly string[]) =>
      command(['collect', '--no-cache', '--checks', 'image', '--into', path, ...argv])
    /** As tar lists and gives it, without what is ours. */
    const content = (path: string): string => {
      const tar = (...argv: readonly string[]) => execFileSync('tar', argv, { maxBuffer: 1 << 26, encoding: 'latin1' })
      const skip = ['--exclude', '*/velero-plugins/*']
      return tar('tvzf', path, ...skip) + tar('xzOf', path, ...skip)
    }

    it('has everything that it had, in an archive, and our facts beside it', async () => {
      const path = archive(entries())
      const before = content(path)
      for (let times = 0; times < 2; times++) {
        const ran = await into(path)
        expect([ran.code, ran.err.includes('Facts added to')], ran.err).to.deep.equal([0, true])
        expect(content(path)).to.equal(before)
        expect(execFileSync('tar', ['tzf', path], { encoding: 'utf8' }).match(/velero-plugins\/collection\.json/g)).to.have.length(1)
      }
      const { json } = await run(path)
      expect(verdicts(json)).to.include.members([
        'cluster -: pass CLUSTER_READ',
        'image open: pass IMAGE_RESOLVED',
        'config open: pass PLUGIN_OK',
      ])
      expect(verdicts((await report(['analyze', path])).json)).to.include('image open: pass IMAGE_RESOLVED')
      expect(execFileSync('ls', ['-A', folder.path], { encoding: 'utf8' })).to.equal('bundle.tar.gz\n')
    })

    it('has them in a folder too', async () => {
      const path = writeFolderOf(entries(), join(folder.path, 'b'))
      for (let times = 0; times < 2; times++) expect((await into(path)).code).to.equal(0)
      expect(readFileSync(join(path, 'host-collectors/run-host/x.txt'), 'utf8')).to.equal(big)
      expect(verdicts((await run(path)).json)).to.include('image open: pass IMAGE_RESOLVED')
      expect(
        execFileSync('ls', ['-A', path], { encoding: 'utf8' })
          .split('\n')
          .filter(name => name.startsWith('.')),
      ).to.deep.equal([])
    })

    for (const [what, spoil] of [
      ['is cut short', (bytes: Buffer) => bytes.subarray(0, bytes.length - 20)],
      ['is none', () => Buffer.from('hello')],
    ] as const) {
      it(`leaves an archive as it is that ${what}`, async () => {
        const path = folder.file('bundle.tar.gz', spoil(archiveOf(entries())))
        const before = readFileSync(path)
        expect((await into(path)).code).to.equal(2)
        expect(readFileSync(path).equals(before)).to.equal(true)
        expect(execFileSync('ls', ['-A', folder.path], { encoding: 'utf8' })).to.equal('bundle.tar.gz\n')
      })
    }

    it('needs a Config, and one place to write to', async () => {
      const { [installations]: _, ...others } = cluster()
      expect((await into(archive(supportBundle(others)))).code).to.equal(2)
      expect((await into(archive(entries()), '--output', 'x')).err).to.contain('--into and --output')
    })
  })
})
