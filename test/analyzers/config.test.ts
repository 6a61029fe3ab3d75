import { expect } from 'chai'
import { config } from '../../src/analyzers/config.ts'
import { configOf, findingsOf, judgeConfig } from '../support/config-facts.ts'

const place = (line: number, column: number) => `c.yaml:${line}:${column}: `
const shown = (text: string, schema: Parameters<typeof findingsOf>[1] = 'embedded-cluster') =>
  findingsOf(text, schema)
    .filter(({ code }) => !['CONFIG_OK', 'PLUGIN_OK', 'CONFIG_SCHEMA'].includes(code))
    .map(({ status, code, message }) => [status, code, message])

const refuses = "and the API server refuses two of one name (Embedded Cluster's linter does not notice). Take another name."
const pin = 'Name a version, best with its digest: repository:tag@sha256:…'

describe('config analyzer, of an image that is a folder or archive:', () => {
  for (const image of ['oci:dist', 'oci:dist/plugin:v1', 'oci-archive:plugin.tar:v1', 'docker-archive:/tmp/plugin.tar.gz'])
    it(`fails ${image}, and names the flag for it`, () => {
      const [[status, code, message] = []] = shown(configOf([`{name: a, image: "${image}"}`]))
      expect([status, code]).to.deep.equal(['fail', 'PLUGIN_IMAGE_LOCAL'])
      expect(message).to.include(`--image a=${image}.`)
    })

  it('takes an address with a scheme for what it is', () => {
    expect(shown(configOf(['{name: a, image: "oci://registry.example.com/a:v1"}']))[0]?.[1]).to.equal('PLUGIN_IMAGE_INVALID')
  })
})

describe('config analyzer, of a plugin:', () => {
  const cases: [plugins: string[], expected: [status: string, code: string, message: string][]][] = [
    [['{name: a, image: v/a:1, imagePullPolicy: Always}', '{name: b, image: v/b:1, imagePullPolicy: ""}'], []],
    [
      ['{image: v/velero-pg:1}'],
      [
        [
          'fail',
          'PLUGIN_NAME_MISSING',
          `${place(8, 9)}plugin velero-pg has no name, which Embedded Cluster requires. Add "name: velero-pg".`,
        ],
      ],
    ],
    [
      ['{name: "", image: v/velero-pg:1}'],
      [
        [
          'fail',
          'PLUGIN_NAME_MISSING',
          `${place(8, 16)}plugin velero-pg has no name, which Embedded Cluster requires. Add "name: velero-pg".`,
        ],
      ],
    ],
    [
      ['null'],
      [
        [
          'fail',
          'PLUGIN_NAME_MISSING',
          `${place(8, 9)}plugins[0] has no name, which Embedded Cluster requires. Give it a name, which becomes that of its init container.`,
        ],
        ['fail', 'PLUGIN_IMAGE_MISSING', `${place(8, 9)}plugins[0] has no image. Add "image: registry/repository:tag".`],
      ],
    ],
    [
      ['{name: a, image: ""}'],
      [['fail', 'PLUGIN_IMAGE_MISSING', `${place(8, 26)}plugin a has no image. Add "image: registry/repository:tag".`]],
    ],
    [
      ['{name: My_Plugin, image: v/a:1}'],
      [
        [
          'fail',
          'PLUGIN_NAME_INVALID',
          `${place(8, 16)}plugin My_Plugin: "My_Plugin" cannot name a container: at most 63 of a-z, 0-9 and -, with a letter or digit at both ends. The API server would refuse the whole Velero Deployment (Embedded Cluster's linter does not notice). Rename it, for example my-plugin.`,
        ],
      ],
    ],
    [
      ['{name: velero-plugin-for-aws, image: v/a:1}'],
      [
        [
          'fail',
          'PLUGIN_NAME_CLASH',
          `${place(8, 16)}plugin velero-plugin-for-aws: "velero-plugin-for-aws" is the name of a container that Embedded Cluster itself puts into Velero's pod, ${refuses}`,
        ],
      ],
    ],
    [
      ['{name: velero, image: v/a:1}'],
      [
        [
          'fail',
          'PLUGIN_NAME_CLASH',
          `${place(8, 16)}plugin velero: "velero" is the name of a container that Embedded Cluster itself puts into Velero's pod, ${refuses}`,
        ],
      ],
    ],
    [
      ['{name: a, image: v/a:1}', '{name: a, image: v/b:1}'],
      [
        [
          'fail',
          'PLUGIN_NAME_DUPLICATE',
          `${place(9, 16)}plugin a#2: the name "a" is already that of plugin a at c.yaml:8:16. A pod cannot have two containers of one name: rename one of them.`,
        ],
      ],
    ],
    [
      ['{name: a, image: v/a:1}', '{name: b, image: v/a:1}'],
      [
        [
          'fail',
          'PLUGIN_IMAGE_DUPLICATE',
          `${place(9, 26)}plugin b: the image "v/a:1" is already that of plugin a at c.yaml:8:26, and Embedded Cluster's linter refuses it. Remove one of them.`,
        ],
      ],
    ],
    [
      ['{name: a, image: v/a:1}', '{name: b, image: docker.io/v/a:1}'],
      [
        [
          'warn',
          'PLUGIN_IMAGE_SAME',
          `${place(9, 26)}plugin b: "docker.io/v/a:1" and "v/a:1" of plugin a are the same image, docker.io/v/a:1. Remove one of them.`,
        ],
      ],
    ],
    [
      ['{name: a, image: v/a}'],
      [
        [
          'warn',
          'PLUGIN_IMAGE_UNTAGGED',
          `${place(8, 26)}plugin a: "v/a" has neither tag nor digest, so that "latest" is pulled, whatever that is at the time. ${pin}`,
        ],
      ],
    ],
    [
      ['{name: a, image: v/a:latest}'],
      [
        [
          'warn',
          'PLUGIN_IMAGE_LATEST',
          `${place(8, 26)}plugin a: "v/a:latest" has the tag "latest", which may be another image on every node. ${pin}`,
        ],
      ],
    ],
    [[`{name: a, image: "v/a:latest@sha256:${'a'.repeat(64)}"}`], []],
    [
      ['{name: a, image: "{{repl ConfigOption `x`}}"}'],
      [
        [
          'fail',
          'PLUGIN_IMAGE_INVALID',
          `${place(8, 26)}plugin a: "{{repl ConfigOption \`x\`}}" is a template, and Embedded Cluster renders none in its Config. Write the image itself.`,
        ],
      ],
    ],
    [
      ['{name: a, image: "bob:hunter2@registry:5000/a:v1"}'],
      [
        [
          'fail',
          'PLUGIN_IMAGE_INVALID',
          `${place(8, 26)}plugin a: "***@registry:5000/a:v1" has a login before its registry, where a node takes none. Write registry/repository:tag alone, and put the login into a pull secret; whoever could read this Config has seen it.`,
        ],
      ],
    ],
    [
      ['{name: a, image: "https://bob:hunter2@r.io/a:v1"}'],
      [
        [
          'fail',
          'PLUGIN_IMAGE_INVALID',
          `${place(8, 26)}plugin a: "https://***@r.io/a:v1" has a login before its registry, where a node takes none. Write registry/repository:tag alone, and put the login into a pull secret; whoever could read this Config has seen it.`,
        ],
      ],
    ],
    [
      [`{name: a, image: "v/a@sha256:${'a'.repeat(63)}"}`],
      [
        [
          'fail',
          'PLUGIN_IMAGE_INVALID',
          `${place(8, 26)}plugin a: "v/a@sha256:${'a'.repeat(63)}" is not an image reference: the sha256 digest has 63 digits; it must have 64. Write registry/repository:tag or registry/repository@sha256:<64 hex>, in lower case. Embedded Cluster's linter lets it pass; the node does not.`,
        ],
      ],
    ],
    [
      ['{name: a, image: v/a:1, imagePullPolicy: ifnotpresent}'],
      [
        [
          'fail',
          'PLUGIN_PULL_POLICY',
          `${place(8, 50)}plugin a: imagePullPolicy "ifnotpresent" is none of Always, IfNotPresent, Never, and the API server would refuse the whole Velero Deployment (Embedded Cluster's linter does not notice). Write IfNotPresent.`,
        ],
      ],
    ],
    [
      ['{name: a, image: v/a:1, imagePullPolicy: Never}'],
      [
        [
          'warn',
          'PLUGIN_PULL_POLICY_NEVER',
          `${place(8, 50)}plugin a: with imagePullPolicy Never it starts only on nodes that have the image already. Leave imagePullPolicy out, unless the image is in the air-gap bundle.`,
        ],
      ],
    ],
    [
      ['{name: a, image: v/a:1, imagePullSecret: s}'],
      [
        [
          'warn',
          'PLUGIN_FIELD_IGNORED',
          `${place(8, 50)}plugin a: Embedded Cluster ignores imagePullSecret "s": nodes pull this image with what Velero's pod has, which is no secret unless an override gives it one. Make the image public, or give the secret with an override of the built-in extension velero (image.imagePullSecrets).`,
        ],
      ],
    ],
    [
      ['{name: a, image: v/a:1, imagePolicy: x, command: [sh]}'],
      [
        [
          'warn',
          'PLUGIN_FIELD_IGNORED',
          `${place(8, 33)}plugin a: Embedded Cluster knows no field "imagePolicy" and ignores it. Was imagePullPolicy meant?`,
        ],
        ['warn', 'PLUGIN_FIELD_IGNORED', `${place(8, 49)}plugin a: Embedded Cluster knows no field "command" and ignores it. Remove it.`],
      ],
    ],
    [
      ['{name: a, image: v/a:1, imagePulPolicy: Never}'],
      [
        [
          'warn',
          'PLUGIN_FIELD_IGNORED',
          `${place(8, 33)}plugin a: Embedded Cluster knows no field "imagePulPolicy" and ignores it. Was imagePullPolicy meant?`,
        ],
      ],
    ],
    [
      ['{Name: a, image: v/a:1}'],
      [
        [
          'warn',
          'PLUGIN_FIELD_CASE',
          `${place(8, 16)}plugin a: Embedded Cluster reads "Name" as name, but the admin console and the API server do not. Write name.`,
        ],
      ],
    ],
    [
      ['{name: on, image: v/a:1}'],
      [
        [
          'warn',
          'PLUGIN_TEXT_UNQUOTED',
          `${place(8, 16)}plugin true: YAML takes name on for a number or boolean, and Embedded Cluster reads it as "true". Put it in quotes.`,
        ],
      ],
    ],
  ]
  for (const [plugins, expected] of cases) {
    it(`${plugins.join(', ')}: ${expected.map(([status, code]) => `${status} ${code}`).join(', ') || 'pass'}`, () => {
      expect(shown(configOf(plugins))).to.deep.equal(expected)
    })
  }
  it('that is in order, says what was seen', () => {
    const text = configOf(['{name: a, image: proxy.replicated.com/proxy/v/a:1}'], '  domains: {proxyRegistryDomain: ec.example.com}\n')
    expect(judgeConfig(text, 'embedded-cluster')[1]?.findings).to.deep.equal([
      {
        status: 'pass',
        code: 'PLUGIN_OK',
        message: `${place(8, 9)}plugin a: "proxy.replicated.com/proxy/v/a:1" is a valid reference, asked for as ec.example.com/proxy/v/a:1 because of proxyRegistryDomain.`,
        position: { file: 'c.yaml', line: 8, column: 9 },
      },
    ])
  })
})

describe("config analyzer, of a plugin in the proposal's schema:", () => {
  const cases: [plugins: string[], codes: string[]][] = [
    [['{image: v/a:1, imagePullSecret: s}', '{image: v/b:1}', '{name: c, image: v/c:1, imagePullPolicy: Always}'], []],
    [['{image: v/a:1, imagePullSecret: my.secret-1}'], []],
    [['{image: v/a:1, imagePullSecret: My_Secret}'], ['fail PLUGIN_PULL_SECRET_INVALID']],
    [['{image: v/a:1, imagePullSecret: [s]}'], ['fail PLUGIN_PULL_SECRET_INVALID']],
    [['{image: v/a:1, imagePullSecret: ""}'], ['fail PLUGIN_PULL_SECRET_INVALID']],
    [[`{image: v/a:1, imagePullSecret: ${'a'.repeat(254)}}`], ['fail PLUGIN_PULL_SECRET_INVALID']],
    [['{image: v/a:1, imagePullSecrets: [s]}'], ['warn PLUGIN_FIELD_IGNORED']],
    // A name that is derived is made unique.
    [['{image: v/a:1}', '{image: w/a:1}', '{image: x/velero-plugin-for-aws:1}'], []],
    [['{name: a, image: v/a:1, imagePullSecret: s}', '{name: a, image: w/a:1}'], ['fail PLUGIN_NAME_DUPLICATE']],
    [
      ['{}', '{}'],
      ['fail PLUGIN_IMAGE_MISSING', 'fail PLUGIN_IMAGE_MISSING'],
    ],
    [['{image: v/velero-plugin-for-aws:1, name: x}', '{image: v/a:1, name: velero}'], ['fail PLUGIN_NAME_CLASH']],
  ]
  for (const [plugins, codes] of cases) {
    it(`${plugins.join(', ')}: ${codes.join(', ') || 'pass'}`, () => {
      expect(shown(configOf(plugins), 'proposal').map(([status, code]) => `${status} ${code}`)).to.deep.equal(codes)
    })
  }
  it('misspelt secrets are named', () => {
    expect(shown(configOf(['{image: v/a:1, imagePullSecrets: [s]}']), 'proposal')[0]?.[2]).to.contain('Was imagePullSecret meant?')
  })
})

describe('config analyzer, of the Config as a whole:', () => {
  const plugin = '{name: a, image: v/a:1}'
  const override = (values: string) => `  unsupportedOverrides:\n    builtInExtensions:\n    - name: velero\n      values: |\n${values}`
  const cases: [what: string, text: string, expected: [status: string, code: string, message: string][]][] = [
    [
      'no plugins',
      configOf([]).replace('plugins:', 'plugins: []'),
      [['pass', 'NO_PLUGINS', `${place(1, 1)}the Config names no Velero plugin: nothing to check, and Embedded Cluster goes on without.`]],
    ],
    [
      'no spec',
      'apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\n',
      [['pass', 'NO_PLUGINS', `${place(1, 1)}the Config names no Velero plugin: nothing to check, and Embedded Cluster goes on without.`]],
    ],
    [
      'two Configs',
      `${configOf([plugin])}---\n${configOf(['{name: b, image: v/b:1}'])}`,
      [
        [
          'fail',
          'CONFIG_SEVERAL',
          `${place(10, 1)}there are 2 Configs, at c.yaml:1:1, c.yaml:10:1. Embedded Cluster takes the last that it meets in the release and drops the others with their plugins. Keep one.`,
        ],
      ],
    ],
    [
      "the proposal's apiVersion",
      configOf([plugin]).replace('embeddedcluster.replicated.com/', ''),
      [
        [
          'fail',
          'CONFIG_API_VERSION',
          `${place(1, 13)}Embedded Cluster does not read a Config of apiVersion "v1beta1". Write "apiVersion: embeddedcluster.replicated.com/v1beta1".`,
        ],
      ],
    ],
    [
      'a quoted apiVersion',
      configOf([plugin]).replace(/: (embedded.*)/, ': "$1"'),
      [
        [
          'warn',
          'CONFIG_NOT_SEEN',
          `${place(1, 1)}Embedded Cluster searches a release for the texts "apiVersion: embeddedcluster.replicated.com/v1beta1" and "kind: Config", and would not find this Config. Write both in YAML, without quotes and with one space.`,
        ],
      ],
    ],
    [
      'an old version',
      configOf([plugin], '  version: 2.12.1+k8s-1.33\n'),
      [
        [
          'fail',
          'CONFIG_VERSION_TOO_OLD',
          `${place(9, 12)}Embedded Cluster "2.12.1+k8s-1.33" knows no Velero plugins and ignores 1 plugin. Take 2.13.0 or later.`,
        ],
      ],
    ],
    [
      'a very old version',
      configOf([plugin], '  version: 1.29.4+ec.3\n'),
      [
        [
          'fail',
          'CONFIG_VERSION_TOO_OLD',
          `${place(9, 12)}Embedded Cluster "1.29.4+ec.3" knows no Velero plugins and ignores 1 plugin. Take 2.13.0 or later.`,
        ],
      ],
    ],
    ...(['2.12.1', 'v2.12.1', '2.12.1-rc.1+k8s-1.33', '1.19.0+k8s-1.30'] as const).map(
      (version): [string, string, [string, string, string][]] => [
        `an old version of another form: ${version}`,
        configOf([plugin], `  version: ${version}\n`),
        [
          [
            'fail',
            'CONFIG_VERSION_TOO_OLD',
            `${place(9, 12)}Embedded Cluster "${version}" knows no Velero plugins and ignores 1 plugin. Take 2.13.0 or later.`,
          ],
        ],
      ],
    ),
    ['the first version with plugins, without that of Kubernetes', configOf([plugin], '  version: 2.13.0\n'), []],
    ['the first version with plugins', configOf([plugin], '  version: 2.13.0+k8s-1.33\n'), []],
    ['a new version', configOf([plugin], '  version: 2.19.4+k8s-1.36\n'), []],
    ['a version of another form', configOf([plugin], '  version: dev\n'), []],
    [
      'misspelt plugins',
      configOf([]).replace('plugins:', 'plugin: []'),
      [
        [
          'warn',
          'CONFIG_FIELD_IGNORED',
          `${place(7, 7)}Embedded Cluster knows no field "spec.extensions.velero.plugin" and ignores it with all below it. Was plugins meant?`,
        ],
        ['pass', 'NO_PLUGINS', `${place(1, 1)}the Config names no Velero plugin: nothing to check, and Embedded Cluster goes on without.`],
      ],
    ],
    [
      'misplaced plugins',
      'apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\nspec:\n  velero: {plugins: []}\n  other: x\n',
      [
        [
          'warn',
          'CONFIG_FIELD_IGNORED',
          `${place(4, 3)}Embedded Cluster knows no field "spec.velero" and ignores it with all below it. Was spec.extensions.velero meant?`,
        ],
        ['pass', 'NO_PLUGINS', `${place(1, 1)}the Config names no Velero plugin: nothing to check, and Embedded Cluster goes on without.`],
      ],
    ],
    [
      'plugins by another name',
      'apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\nspec:\n  extensions: {veleroPlugins: [], constructor: x}\n',
      [
        [
          'warn',
          'CONFIG_FIELD_IGNORED',
          `${place(4, 16)}Embedded Cluster knows no field "spec.extensions.veleroPlugins" and ignores it with all below it. Was spec.extensions.velero.plugins meant?`,
        ],
        ['pass', 'NO_PLUGINS', `${place(1, 1)}the Config names no Velero plugin: nothing to check, and Embedded Cluster goes on without.`],
      ],
    ],
    [
      'a field in another case',
      configOf([plugin]).replace('plugins:', 'Plugins:'),
      [
        [
          'warn',
          'CONFIG_FIELD_CASE',
          `${place(7, 7)}Embedded Cluster reads "Plugins" as plugins, but the admin console and the API server do not. Write plugins.`,
        ],
      ],
    ],
    [
      'an override with init containers',
      configOf([plugin], override('        initContainers: [{name: x, image: v/x:1}]\n')),
      [
        [
          'fail',
          'CONFIG_OVERRIDE_DROPS_PLUGINS',
          `${place(12, 15)}the override of the built-in extension velero sets initContainers, which replace those of Embedded Cluster: a would not be installed, nor velero-plugin-for-aws. Remove initContainers from the override and name the plugins under spec.extensions.velero.plugins.`,
        ],
      ],
    ],
    [
      'an override that takes init containers away',
      configOf([plugin], override('        initContainers: null\n')),
      [['fail', 'CONFIG_OVERRIDE_DROPS_PLUGINS', '']],
    ],
    [
      'an override with a template',
      configOf([plugin], override('        initContainers: "{{ x }}"\n')),
      [['fail', 'CONFIG_OVERRIDE_DROPS_PLUGINS', '']],
    ],
    [
      'an override that repeats the plugins alone',
      configOf([plugin], override('        initContainers: [{name: a, image: v/a:1}, {name: x, image: v/x:1}]\n')),
      [
        [
          'fail',
          'CONFIG_OVERRIDE_DROPS_AWS',
          `${place(12, 15)}the override of the built-in extension velero sets initContainers, which replace those of Embedded Cluster: velero-plugin-for-aws would not be installed, without which Velero reaches no backup storage. Remove initContainers from the override, and name plugins under spec.extensions.velero.plugins.`,
        ],
      ],
    ],
    [
      'an override with the AWS plugin and without the others',
      configOf([plugin], override('        initContainers: [{name: velero-plugin-for-aws, image: v/aws:1}]\n')),
      [
        [
          'fail',
          'CONFIG_OVERRIDE_DROPS_PLUGINS',
          `${place(12, 15)}the override of the built-in extension velero sets initContainers, which replace those of Embedded Cluster: a would not be installed. Remove initContainers from the override and name the plugins under spec.extensions.velero.plugins.`,
        ],
      ],
    ],
    [
      'an override that repeats all of them',
      configOf(
        [plugin],
        override(
          '        initContainers: [{name: velero-plugin-for-aws, image: v/aws:1}, {name: a, image: v/a:1}, {name: x, image: v/x:1}]\n',
        ),
      ),
      [
        [
          'warn',
          'CONFIG_OVERRIDE_INIT_CONTAINERS',
          `${place(12, 15)}the override of the built-in extension velero sets initContainers, which replace those of Embedded Cluster, so that an upgrade of Embedded Cluster brings no newer velero-plugin-for-aws. "v/x:1" is not checked. Name plugins under spec.extensions.velero.plugins instead.`,
        ],
      ],
    ],
    ['an override of comments alone', configOf([plugin], override('        # nothing\n')), [['fail', 'CONFIG_OVERRIDE_INVALID', '']]],
    ['an override of other things', configOf([plugin], override('        image: {tag: v9}\n')), []],
    ['an override of another extension', configOf([plugin], override('        initContainers: []\n').replace('velero', 'openebs')), []],
    [
      'an override that is no YAML',
      configOf([plugin], override('        a: [\n')),
      [
        [
          'fail',
          'CONFIG_OVERRIDE_INVALID',
          `${place(12, 15)}the override of the built-in extension velero cannot be merged into the Helm values, so that the installation fails: in line 1 of the values, a sequence is not closed: ] is missing, or stands too far left. Correct it.`,
        ],
      ],
    ],
    ['an override that is no mapping', configOf([plugin], override('        - a\n')), [['fail', 'CONFIG_OVERRIDE_INVALID', '']]],
  ]
  for (const [what, text, expected] of cases) {
    it(`${what}: ${expected.map(([status, code]) => `${status} ${code}`).join(', ') || 'pass'}`, () => {
      const blank = expected.some(([, , message]) => message === '')
      expect(shown(text).map(([status, code, message]) => [status, code, blank ? '' : message])).to.deep.equal(expected)
    })
  }
  it('that is in order, says how it was read', () => {
    expect(judgeConfig(configOf([plugin]), 'embedded-cluster')[0]?.findings).to.deep.equal([
      {
        status: 'pass',
        code: 'CONFIG_OK',
        message: `${place(1, 1)}the Config names 1 Velero plugin, read with the schema embedded-cluster (--schema embedded-cluster).`,
        position: { file: 'c.yaml', line: 1, column: 1 },
      },
    ])
  })
})

describe('config analyzer with --schema auto', () => {
  const cases: [what: string, text: string, message: string][] = [
    ['a plugin without name', configOf(['{image: v/a:1}']), 'the schema proposal (plugin a has no name)'],
    [
      'a plugin with a secret',
      configOf(['{name: a, image: v/a:1, imagePullSecret: s}']),
      'the schema proposal (plugin a names an imagePullSecret)',
    ],
    [
      "the proposal's apiVersion",
      configOf(['{name: a, image: v/a:1}']).replace('embeddedcluster.replicated.com/', ''),
      'the schema proposal (its apiVersion has no group)',
    ],
    [
      'names alone',
      configOf(['{name: a, image: v/a:1}']),
      'the schema embedded-cluster (every plugin has a name and none names an imagePullSecret)',
    ],
    ['a plugin with nothing', configOf(['{}']), 'the schema embedded-cluster (every plugin has a name and none names an imagePullSecret)'],
  ]
  for (const [what, text, message] of cases) {
    it(`says which it took for ${what}`, () => {
      const finding = findingsOf(text, 'auto').find(({ code }) => code === 'CONFIG_SCHEMA')
      const other = message.startsWith('the schema proposal')
        ? '--schema embedded-cluster judges it as Embedded Cluster 2 reads it, which requires names and ignores imagePullSecret.'
        : '--schema proposal honours imagePullSecret and needs no names.'
      expect(finding?.message).to.equal(`c.yaml:1:1: read with ${message}; ${other}`)
      expect(finding?.status).to.equal('pass')
    })
  }
})

describe('config analyzer', () => {
  it('takes names of 63 characters and no more', () => {
    const codes = (length: number) => shown(configOf([`{name: ${'a'.repeat(length)}, image: v/a:1}`])).map(([, code]) => code)
    expect(codes(63)).to.deep.equal([])
    expect(codes(64)).to.deep.equal(['PLUGIN_NAME_INVALID'])
  })
  it('gives one judgement for the Config and one for each plugin, with the values that it documents', () => {
    const judgements = judgeConfig(configOf(['{name: a, image: v/a}', '{name: b, image: "!"}']), 'embedded-cluster')
    expect(judgements.map(({ plugin, values }) => [plugin, values])).to.deep.equal([
      [undefined, { fails: 0, warns: 0, plugins: 2, configs: 1, schema: 'embedded-cluster', image: '' }],
      ['a', { fails: 0, warns: 1, plugins: 2, configs: 1, schema: 'embedded-cluster', image: 'v/a' }],
      ['b', { fails: 1, warns: 0, plugins: 2, configs: 1, schema: 'embedded-cluster', image: '!' }],
    ])
    for (const { values } of judgements) expect(Object.keys(values)).to.have.members(Object.keys(config.values))
  })
  it('escapes what would forge a line of the report', () => {
    for (const { message } of findingsOf(configOf(['{name: "a\\nPASS", image: "v/a:1\\e[2J", "x\\ny": 1}'])))
      expect(message).to.match(/^[\x20-\x7e…]*$/)
  })
})
