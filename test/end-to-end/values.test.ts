import { expect } from 'chai'
import { parseYaml, toJs } from '../../src/yaml-source.ts'
import { type ApiServer, deploymentObject, installationObject, kubeconfigOf, nodeObject, startApiServer } from '../support/api-server.ts'
import { type ConfigPluginText, command, configText, type Scratch, scratch } from '../support/command.ts'

interface Values {
  readonly image: { readonly tag: string; readonly imagePullSecrets?: readonly string[] }
  readonly initContainers: readonly { readonly name: string; readonly image: string }[]
  readonly labels?: unknown
}

const read = (yaml: string) => toJs(parseYaml(yaml, 'values.yaml')[0]!.root!) as unknown as Values
const names = ({ initContainers }: Values) => initContainers.map(({ name }) => name)

describe('the command values', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())
  const config = (...plugins: readonly ConfigPluginText[]) => folder.file('config.yaml', configText(...plugins))
  const values = async (...argv: readonly string[]) => command(['values', ...argv])

  it('prints YAML as Helm reads it, and the same as JSON', async () => {
    const file = config({ name: 'a', image: 'v/a:1' })
    const [yaml, json] = [await values('--config', file), await values('--config', file, '--format', 'json')]
    expect([yaml.code, json.code, yaml.err]).to.deep.equal([0, 0, ''])
    expect(read(yaml.out)).to.deep.equal(JSON.parse(json.out))
    expect(names(read(yaml.out))).to.deep.equal(['velero-plugin-for-aws', 'a'])
  })
  it('quotes what YAML 1.1 would take for another type', async () => {
    const override = JSON.stringify('labels: {a: "yes", b: "010", c: "1_0", d: "~", e: "1:30", "on": "off"}')
    const text = configText().replace(
      'spec: {',
      `spec: {unsupportedOverrides: {builtInExtensions: [{name: velero, values: ${override}}]}, `,
    )
    const { out } = await values('--config', folder.file('c.yaml', text))
    expect(JSON.parse(JSON.stringify(read(out).labels))).to.deep.equal({ a: 'yes', b: '010', c: '1_0', d: '~', e: '1:30', on: 'off' })
  })
  it('prints the values of a Config that fails, says why, and ends with 3', async () => {
    const { code, out, err } = await values('--config', config({ name: 'Upper', image: 'v/a' }))
    expect(code).to.equal(3)
    expect(names(read(out))).to.include('Upper')
    expect(err)
      .to.match(/^fail PLUGIN_NAME_INVALID .*$/m)
      .and.match(/^warn PLUGIN_IMAGE_UNTAGGED .*$/m)
  })
  it('says nothing with --quiet, and ends with 3 all the same', async () => {
    const { code, err } = await values('--quiet', '--config', config({ name: 'Upper', image: 'v/a' }))
    expect([code, err]).to.deep.equal([3, ''])
  })
  it('takes the images of the Config, of the version and of the platform that are asked for', async () => {
    const text = configText().replace('spec: {', 'spec: {version: 2.16.0+k8s-1.33, ')
    const file = folder.file('c.yaml', text)
    const tags = [[], ['--ec-version', '2.13.5'], ['--platform', 'linux/arm64']].map(
      async flags => read((await values('--config', file, ...flags)).out).image.tag,
    )
    expect((await Promise.all(tags)).map(tag => tag.split('@')[0])).to.deep.equal(['v1.18.0-amd64', 'v1.17.2-amd64', 'v1.18.0-arm64'])
  })
  it("puts a domain in place of the proxy's, that of the flag before that of the Config", async () => {
    const text = configText({ name: 'a', image: 'proxy.replicated.com/p/a:1' }).replace(
      'spec: {',
      'spec: {domains: {proxyRegistryDomain: a.example.com}, ',
    )
    const file = folder.file('c.yaml', text)
    expect((await values('--config', file)).out).to.contain('image: a.example.com/p/a:1')
    const { out } = await values('--config', file, '--proxy-registry-domain', 'b.example.com:5000')
    expect(out).to.contain('image: b.example.com:5000/p/a:1').and.not.contain('a.example.com')
  })
  it('leaves plugins out that the stage leaves out', async () => {
    const file = config({ name: 'a', image: 'v/a:1' })
    const alpha = await values('--stage', 'alpha', '--config', file)
    expect(names(read(alpha.out))).to.deep.equal(['velero-plugin-for-aws'])
    expect(alpha.err).to.contain('CONFIG_PLUGINS_IGNORED')
    const on = await command(['values', '--stage', 'alpha', '--config', file], { env: { VELERO_PLUGINS_ENABLED: 'true' } })
    expect(names(read(on.out))).to.deep.equal(['velero-plugin-for-aws', 'a'])
  })
  it('says where a values file differs, and ends with 3', async () => {
    const file = config({ name: 'a', image: 'v/a:1' })
    const made = (await values('--config', file)).out
    const same = await values('--config', file, '--diff', folder.file('same.yaml', made))
    expect([same.code, same.out]).to.deep.equal([0, '# no difference\n'])
    const other = await values('--config', file, '--diff', folder.file('other.yaml', made.replace('v/a:1', 'v/a:2')))
    expect([other.code, other.out]).to.deep.equal([3, 'initContainers[a].image:\n- v/a:2\n+ v/a:1\n'])
    const json = await values('--config', file, '--format', 'json', '--diff', folder.file('none.yaml', '{}'))
    expect(JSON.parse(json.out)[1]).to.deep.equal({ path: 'initContainers[a]', wanted: 'v/a:1' })
  })
  for (const [what, argv] of [
    ['no Config', []],
    ['a diff with nothing', ['--config', '-', '--diff']],
    ['a domain that is none', ['--config', '-', '--proxy-registry-domain', 'a/b']],
    ['an architecture that Embedded Cluster does not have', ['--config', '-', '--platform', 'linux/s390x']],
    ['a stage that is none', ['--config', '-', '--stage', 'gamma']],
    ['a version without plugins', ['--config', '-', '--ec-version', '2.12.0']],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { code, err } = await command(['values', ...argv], { stdin: configText({ name: 'a', image: 'v/a:1' }) })
      expect([code, err.split(':')[0]]).to.deep.equal([2, 'Error (USAGE)'])
    })
  }
  it('refuses an override that Embedded Cluster could not merge in', async () => {
    const text = configText().replace('spec: {', 'spec: {unsupportedOverrides: {builtInExtensions: [{name: velero, values: "[a]"}]}, ')
    const { code, err } = await command(['values', '--config', '-'], { stdin: text })
    expect(code).to.equal(2)
    expect(err).to.contain('CONFIG_INVALID').and.contain('the values are a list, not a mapping')
  })
})

describe('the command values with --from-cluster', () => {
  let server: ApiServer
  let folder: Scratch
  let flags: readonly string[]
  beforeEach(async () => {
    server = await startApiServer()
    folder = scratch()
    flags = ['--from-cluster', '--kubeconfig', folder.file('kubeconfig', kubeconfigOf(server))]
  })
  afterEach(async () => {
    folder.remove()
    await server.close()
  })
  const deployments = 'apis/apps/v1/namespaces/velero/deployments'
  const running = (image: string) => {
    const deployment = JSON.parse(JSON.stringify(deploymentObject()))
    Object.assign(deployment.spec.template.spec, {
      initContainers: [{ name: 'a', image }],
      containers: [{ name: 'velero', image: 'v/velero:1' }],
    })
    return deployment
  }
  it('says where the running Velero differs', async () => {
    server.put({ 'api/v1/nodes': [nodeObject('n')], [deployments]: [running('v/a:0')] })
    const file = folder.file('c.yaml', configText({ name: 'a', image: 'v/a:1' }))
    const { code, out } = await command(['values', '--config', file, '--diff', ...flags])
    expect(code).to.equal(3)
    expect(out).to.contain('initContainers[velero-plugin-for-aws]:\n+ proxy.replicated.com/')
    expect(out).to.contain('initContainers[a].image:\n- v/a:0\n+ v/a:1\n').and.contain('image.reference:\n- v/velero:1\n+ ')
  })
  it('makes the values of the installed Config', async () => {
    const spec = { config: { extensions: { velero: { plugins: [{ name: 'installed', image: 'v/i:1' }] } } } }
    server.put({
      'api/v1/nodes': [nodeObject('n')],
      'apis/embeddedcluster.replicated.com/v1beta1/installations': [installationObject('20260101000000', spec)],
    })
    const { code, out } = await command(['values', ...flags])
    expect([code, names(read(out))]).to.deep.equal([0, ['velero-plugin-for-aws', 'installed']])
  })
  it('is no pass where the cluster has no Velero, or does not answer', async () => {
    const file = folder.file('c.yaml', configText({ name: 'a', image: 'v/a:1' }))
    const none = await command(['values', '--config', file, '--diff', ...flags])
    expect([none.code, none.out]).to.deep.equal([2, ''])
    server.forbid(deployments)
    const forbidden = await command(['values', '--config', file, '--diff', ...flags])
    expect([forbidden.code, forbidden.out]).to.deep.equal([1, ''])
    expect(forbidden.err).to.contain('CLUSTER_FORBIDDEN')
  })
})
