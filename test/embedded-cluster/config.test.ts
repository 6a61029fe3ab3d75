import { expect } from 'chai'
import { readConfigs } from '../../src/embedded-cluster/config.ts'
import { PreflightError } from '../../src/errors.ts'
import { configFacts, configOf } from '../support/config-facts.ts'

const refused = (read: () => unknown): PreflightError => {
  try {
    read()
  } catch (error) {
    if (error instanceof PreflightError) return error
    throw error
  }
  throw new Error('nothing was refused')
}
const files = (texts: Readonly<Record<string, string>>) =>
  Object.entries(texts).map(([file, text]) => ({ file, bytes: Buffer.from(text), fromFolder: true }))

describe('readConfigs', () => {
  it('gives each plugin its texts and places', () => {
    const [config] = configFacts(configOf(['{name: a, image: "v/a:1", imagePullPolicy: Never}', '{image: v/b:1, imagePullSecret: s}']))
    expect(config?.plugins).to.deep.equal([
      {
        plugin: 'a',
        index: 0,
        position: { file: 'c.yaml', line: 8, column: 9 },
        name: { text: 'a', position: { file: 'c.yaml', line: 8, column: 16 } },
        image: { text: 'v/a:1', position: { file: 'c.yaml', line: 8, column: 26 } },
        imagePullPolicy: { text: 'Never', position: { file: 'c.yaml', line: 8, column: 52 } },
        ignored: [],
      },
      {
        plugin: 'b',
        index: 1,
        position: { file: 'c.yaml', line: 9, column: 9 },
        image: { text: 'v/b:1', position: { file: 'c.yaml', line: 9, column: 17 } },
        imagePullSecret: { text: 's', position: { file: 'c.yaml', line: 9, column: 41 } },
        ignored: [],
      },
    ])
  })
  for (const [what, text] of Object.entries({
    JSON: '{"apiVersion": "embeddedcluster.replicated.com/v1beta1", "kind": "Config", "spec": {"extensions": {"velero": {"plugins": [{"name": "a", "image": "v/a:1"}]}}}}',
    CRLF: configOf(['{name: a, image: v/a:1}']).replaceAll('\n', '\r\n'),
    'a stream of documents': `# head\n---\napiVersion: v1\nkind: Secret\n---\n${configOf(['{name: a, image: v/a:1}'])}---\n`,
    "the proposal's apiVersion": configOf(['{name: a, image: v/a:1}']).replace('embeddedcluster.replicated.com/', ''),
    'fields in another case': configOf(['{Name: a, IMAGE: v/a:1}']).replace('plugins:', 'Plugins:').replace('spec:', 'Spec:'),
  })) {
    it(`reads ${what}`, () => {
      const [config, ...others] = configFacts(text)
      expect(config?.plugins.map(({ name, image }) => [name?.text, image?.text])).to.deep.equal([['a', 'v/a:1']])
      expect(others).to.deep.equal([])
    })
  }
  it('reads numbers and booleans as Embedded Cluster does, and remembers what was written', () => {
    const [plugin] = configFacts(configOf(['{name: yes, image: 1.50}']))[0]!.plugins
    expect(plugin?.name).to.include({ text: 'true', source: 'yes' })
    expect(plugin?.image).to.include({ text: '1.5', source: '1.50' })
  })
  it('derives names that are missing, and makes all names unique', () => {
    const config = configOf([
      '{image: "r.io:5000/v/velero_PG:v1@sha256:00"}',
      '{image: x/velero-pg}',
      '{}',
      '{name: a}',
      '{name: a}',
      '{image: "///"}',
      '{name: "a#2"}',
    ])
    expect(configFacts(config)[0]?.plugins.map(({ plugin }) => plugin)).to.deep.equal([
      'velero-pg',
      'velero-pg#2',
      'plugins[2]',
      'a',
      'a#2',
      'plugins[5]',
      'a#2#2',
    ])
  })
  it('keeps passwords of addresses out of the facts', () => {
    expect(JSON.stringify(configFacts(configOf(['{name: a, image: "https://me:hunter2@r.io/a?token=hunter3"}'])))).to.not.contain('hunter')
  })
  it('finds the one Config of a release', () => {
    const release = files({
      'r/app.yaml': 'apiVersion: app.k8s.io/v1beta1\nkind: Application\n',
      'r/config.yaml': 'apiVersion: kots.io/v1beta1\nkind: Config\nspec: {groups: []}\n',
      'r/ec.yaml': configOf(['{name: a, image: v/a:1}']),
      'r/template.yaml': 'port: {{repl ConfigOption "x"}}\n',
    })
    expect(readConfigs(release).map(({ position }) => position.file)).to.deep.equal(['r/ec.yaml'])
  })
  it('gives all Configs when there are several', () => {
    expect(
      readConfigs(files({ a: configOf(['{name: a}']), b: configOf(['{name: a}']) })).map(({ plugins }) => plugins[0]?.plugin),
    ).to.deep.equal(['a', 'a#2'])
  })
  it('refuses a file that cannot be parsed when it may hold the Config', () => {
    const error = refused(() => readConfigs(files({ 'r/ec.yaml': configOf(['{name: a']) })))
    expect(error.code).to.equal('YAML_INVALID')
  })
})

describe('readConfigs says what it found instead:', () => {
  const cases: [what: string, text: string, message: string][] = [
    ['nothing', '', 'There is no Embedded Cluster Config in c.yaml. The document is empty.'],
    ['comments', '# nothing\n---\n', 'There is no Embedded Cluster Config in c.yaml. The document is empty.'],
    ['a list', '- a', 'There is no Embedded Cluster Config in c.yaml. Found instead: a list at c.yaml:1:1.'],
    ['a text', 'hello', 'There is no Embedded Cluster Config in c.yaml. Found instead: text at c.yaml:1:1.'],
    ['a mapping', 'a: b', 'There is no Embedded Cluster Config in c.yaml. Found instead: a mapping without kind at c.yaml:1:1.'],
    [
      'other kinds',
      'kind: Config\napiVersion: kots.io/v1beta1\n---\nkind: Pod\n',
      'There is no Embedded Cluster Config in c.yaml. Found instead: Config of kots.io/v1beta1 at c.yaml:1:1; Pod of no apiVersion at c.yaml:4:1.',
    ],
    [
      'many',
      'kind: Pod\n---\n'.repeat(10),
      `There is no Embedded Cluster Config in c.yaml. Found instead: ${[1, 3, 5, 7, 9, 11, 13, 15].map(line => `Pod of no apiVersion at c.yaml:${line}:1`).join('; ')}; and 2 more.`,
    ],
  ]
  for (const [what, text, message] of cases) {
    it(what, () => {
      const error = refused(() => configFacts(text))
      expect(error.message).to.equal(message)
      expect(error.code).to.equal('CONFIG_NOT_FOUND')
      expect(error.hint).to.contain('apiVersion: embeddedcluster.replicated.com/v1beta1')
    })
  }
  it('files of a folder that are not YAML', () => {
    expect(refused(() => readConfigs(files({ 'r/t.yaml': 'a: {{x}}' }))).message).to.match(/Found instead: not YAML, r\/t\.yaml:1:\d+: /)
  })
})

describe('readConfigs refuses what Embedded Cluster cannot decode:', () => {
  const spec = (text: string) => `apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\nspec: ${text}\n`
  const cases: [text: string, message: string][] = [
    [
      '{extensions: {velero: []}}',
      'c.yaml:3:29: spec.extensions.velero must be a mapping, not a list\n  spec: {extensions: {velero: []}}\n                              ^',
    ],
    [
      '{extensions: {velero: {plugins: x}}}',
      'c.yaml:3:39: spec.extensions.velero.plugins must be a list, not text\n  spec: {extensions: {velero: {plugins: x}}}\n                                        ^',
    ],
    [
      '{extensions: {velero: {plugins: [v/p:1]}}}',
      'c.yaml:3:40: spec.extensions.velero.plugins[0] must be a mapping, not text\n  spec: {extensions: {velero: {plugins: [v/p:1]}}}\n                                         ^',
    ],
    [
      '{extensions: {velero: {plugins: [{image: [a]}]}}}',
      'c.yaml:3:48: spec.extensions.velero.plugins[0].image must be text, not a list\n  spec: {extensions: {velero: {plugins: [{image: [a]}]}}}\n                                                 ^',
    ],
    [
      '{Extensions: {VELERO: 5}}',
      'c.yaml:3:29: spec.Extensions.VELERO must be a mapping, not a number\n  spec: {Extensions: {VELERO: 5}}\n                              ^',
    ],
    ['[]', 'c.yaml:3:7: spec must be a mapping, not a list\n  spec: []\n        ^'],
    ['{version: {a: b}}', 'c.yaml:3:17: spec.version must be text, not a mapping\n  spec: {version: {a: b}}\n                  ^'],
    [
      '{extensions: {helm: {charts: [{order: x}]}}}',
      'c.yaml:3:45: spec.extensions.helm.charts[0].order must be a whole number, not text\n  spec: {extensions: {helm: {charts: [{order: x}]}}}\n                                              ^',
    ],
    [
      '{extensions: {helm: {charts: [{timeout: 10x}]}}}',
      'c.yaml:3:47: spec.extensions.helm.charts[0].timeout must be a duration such as 10m30s, not text\n  spec: {extensions: {helm: {charts: [{timeout: 10x}]}}}\n                                                ^',
    ],
    [
      '{roles: {controller: {labels: {a: [1]}}}}',
      'c.yaml:3:41: spec.roles.controller.labels.a must be text, not a list\n  spec: {roles: {controller: {labels: {a: [1]}}}}\n                                          ^',
    ],
    [
      '{extensions: {}, Extensions: {}}',
      'c.yaml:3:24: spec has the field extensions twice, here as Extensions\n  spec: {extensions: {}, Extensions: {}}\n                         ^',
    ],
    [
      '{}\nmetadata: {creationTimestamp: soon}',
      'c.yaml:4:31: metadata.creationTimestamp must be a time such as 2026-01-31T12:00:00Z, not text\n  metadata: {creationTimestamp: soon}\n                                ^',
    ],
    ['{}\n---\n- a', 'c.yaml:5:1: a document of this file is a list, not a mapping\n  - a\n  ^'],
  ]
  for (const [text, message] of cases) {
    it(message.split('\n')[0]!, () => {
      const error = refused(() => configFacts(spec(text)))
      expect(error.message).to.equal(message)
      expect(error.code).to.equal('CONFIG_INVALID')
    })
  }
  for (const text of [
    '{extensions: null}',
    '{extensions: {velero: {plugins: null}}}',
    '{version: 5}',
    '{extensions: {helm: {charts: [{order: 1e3, timeout: 5}]}}}',
    '{unknown: [1]}',
    '{roles: {custom: [{nodeCount: {values: [1]}}]}}',
  ]) {
    it(`but not ${text}`, () => {
      expect(configFacts(spec(text))).to.have.length(1)
    })
  }
  it('more plugins than a pod can have', () => {
    expect(refused(() => configFacts(configOf(Array.from({ length: 1001 }, (_, i) => `{name: p${i}}`)))).message).to.match(
      /^c\.yaml:8:7: 1001 plugins: /,
    )
  })
  it('and does not show a line with a password', () => {
    const error = refused(() => configFacts(spec('{extensions: {helm: {repositories: [{password: hunter2, url: [x]}]}}}')))
    expect(error.message).to.not.contain('hunter2')
  })
})
