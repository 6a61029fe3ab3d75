import { expect } from 'chai'
import { earlierPlugins, readInstalled } from '../../src/embedded-cluster/installed.ts'
import { PreflightError } from '../../src/errors.ts'
import { installationObject } from '../support/api-server.ts'
import { configText } from '../support/command.ts'

const withPlugins = (...plugins: readonly unknown[]) => ({ config: { version: '2.19.4+k8s-1.36', extensions: { velero: { plugins } } } })
const a = { name: 'a', image: 'r.io/a:v1' }
const read = (text: string) => readInstalled({ file: 'i.yaml', bytes: Buffer.from(text) })
const list = [
  installationObject('20260101', withPlugins({ name: 'z', image: 'r.io/z:v1' })),
  installationObject('20260301', withPlugins(a)),
  installationObject('20260201', withPlugins()),
]

describe('what --installed names', () => {
  for (const [what, text] of [
    ['a Config', configText(a)],
    ['an Installation', JSON.stringify(list[1])],
    ['a list of them, as kubectl prints it', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: list })],
    ['a list of the kind', JSON.stringify({ apiVersion: 'embeddedcluster.replicated.com/v1beta1', kind: 'InstallationList', items: list })],
    ['an array, as a support bundle holds it', JSON.stringify(list)],
    ['several documents', list.map(one => `---\n${JSON.stringify(one)}\n`).join('')],
  ] as const)
    it(`may be ${what}`, () => {
      const { config } = read(text)
      expect(config.plugins.map(({ plugin, image }) => `${plugin} ${image?.text}`)).to.deep.equal(['a r.io/a:v1'])
      expect(config.position.file).to.equal('i.yaml')
    })

  it('is of several Installations the current one, with the plugins of the latest earlier one that has any', () => {
    const { installation, earlier } = read(JSON.stringify(list))
    expect(installation).to.equal('20260301')
    expect(earlier).to.deep.equal({ installation: '20260101', plugins: [{ name: 'z', image: 'r.io/z:v1' }] })
  })

  for (const [what, text, code, words] of [
    [
      'an Installation without a Config',
      JSON.stringify(installationObject('1', {})),
      'CONFIG_NOT_FOUND',
      'the Installation 1 holds no Config',
    ],
    [
      'an Installation whose Config is in a Secret',
      JSON.stringify(installationObject('1', { configSecret: { name: 's', namespace: 'n' }, ...withPlugins(a) })),
      'CONFIG_NOT_FOUND',
      'the Installation 1 holds no Config',
    ],
    ['something else', 'apiVersion: v1\nkind: ConfigMap\n', 'CONFIG_NOT_FOUND', 'ConfigMap'],
    [
      'an Installation of another group',
      '{"apiVersion": "x.io/v1", "kind": "Installation"}',
      'CONFIG_NOT_FOUND',
      'Installation of x.io/v1',
    ],
    ['two Configs', `${configText(a)}---\n${configText(a)}`, 'CONFIG_INVALID', 'there are 2 Configs'],
    [
      'an Installation whose Config is none',
      JSON.stringify(installationObject('1', { config: { version: [] } })),
      'CONFIG_INVALID',
      'i.yaml',
    ],
    ['no YAML', '{', 'YAML_INVALID', 'i.yaml'],
  ] as const)
    it(`may not be ${what}`, () => {
      expect(() => read(text))
        .to.throw(PreflightError, words)
        .with.property('code', code)
    })
})

describe('the plugins of earlier Installations', () => {
  it('are none where the current one is the first, or no earlier one had any', () => {
    expect(earlierPlugins([list[0]])).to.equal(undefined)
    expect(earlierPlugins(list.slice(1))).to.equal(undefined)
    expect(earlierPlugins([])).to.equal(undefined)
  })

  it('are nothing that breaks a reader, and no login leaves with them', () => {
    const odd = withPlugins(null, 7, { image: 'x' }, { name: 'b', image: 'https://bob:pw@r.io/b' })
    expect(earlierPlugins([installationObject('1', odd), installationObject('2', {}), null, 'x'])?.plugins).to.deep.equal([
      { name: 'b', image: 'https://***@r.io/b' },
    ])
  })
})
