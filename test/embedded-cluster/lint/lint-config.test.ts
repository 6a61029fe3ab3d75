import { expect } from 'chai'
import { lintConfig } from '../../../src/embedded-cluster/lint/lint-config.ts'

const head = 'apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\n'
const spec = (text: string) => `${head}spec: ${text}\n`
const decoding = 'failed to parse YAML: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal'

/** Each was asked of Embedded Cluster's own linter, of the same packages at the same versions. */
describe('lintConfig gives up with the words of Go and go-yaml:', () => {
  const cases: readonly (readonly [text: string, error: string])[] = [
    ['spec:\n\textensions: {}\n', 'at line 4: yaml: line 4: found character that cannot start any token'],
    ['spec: a: b\n', 'at line 3: yaml: line 3: mapping values are not allowed in this context'],
    ['spec:\n  a: 1\n   b: 2\n', 'at line 5: yaml: line 5: mapping values are not allowed in this context'],
    ['spec:\n  a: {}\n   b: 2\n', 'at line 4: yaml: line 4: did not find expected key'],
    ['spec:\n    a: 1\n  b: 2\n', 'at line 4: yaml: line 4: did not find expected key'],
    ['spec:\n  foo\n  bar: 1\n', 'at line 5: yaml: line 5: mapping values are not allowed in this context'],
    ['spec:\n  foo: 1\n  bar\n', "at line 6: yaml: line 6: could not find expected ':'"],
    ['spec:\n  foo: 1\n  bar\n  baz: 2\n', "at line 6: yaml: line 6: could not find expected ':'"],
    ['spec: {a: 1\n', "at line 3: yaml: line 3: did not find expected ',' or '}'"],
    ['spec: [a, b\n', "at line 3: yaml: line 3: did not find expected ',' or ']'"],
    ['spec: {a: 1, b: [}\n', 'at line 2: yaml: line 2: did not find expected node content'],
    ['spec: {a: 1 b: 2}\n', "at line 2: yaml: line 2: did not find expected ',' or '}'"],
    ['spec: ]\n', 'at line 2: yaml: line 2: did not find expected node content'],
    ['spec: {}}\n', 'at line 2: yaml: line 2: did not find expected key'],
    ['spec: *x\n', ": yaml: unknown anchor 'x' referenced"],
    ['spec:\n  a: @b\n', 'at line 4: yaml: line 4: found character that cannot start any token'],
    ['spec:\n  version: x\n\textensions: {}\n', 'at line 5: yaml: line 5: found a tab character that violates indentation'],
    ['spec:\n  version: "x"\n\textensions: {}\n', 'at line 5: yaml: line 5: found character that cannot start any token'],
    ['spec:\n  a: b # c\n\td: e\n', 'at line 5: yaml: line 5: found character that cannot start any token'],
    ['spec:\n  a: |\n  \tb\n', 'at line 5: yaml: line 5: found a tab character where an indentation space is expected'],
    ['spec:\n  image: [::1]:5000/a\n', 'at line 3: yaml: line 3: did not find expected node content'],
    ['spec: {a: |x}\n', 'at line 3: yaml: line 3: found character that cannot start any token'],
    ['spec: {}\n...\nb: c\n', 'at line 4: yaml: line 4: did not find expected <document start>'],
    ['a: 1\r\n---\r\n: [\r\n', 'at line 4: yaml: line 4: did not find expected key'],
    ['spec: !x!y z\n', 'at line 2: yaml: line 2: found undefined tag handle'],
    ['spec: & a\n', 'at line 3: yaml: line 3: did not find expected alphabetic or numeric character'],
    ['spec:\n  a: "v\\/a:1"\n', 'at line 4: yaml: line 4: found unknown escape character'],
    ['---\na: 1\n...\n%YAML 1.2\n---\n', 'at line 5: yaml: line 5: found incompatible YAML document'],
    ['---\na: 1\n...\n%FOO 1.1\n---\n', 'at line 6: yaml: line 6: found unknown directive name'],
    ['spec: &a [*a]\n', ": yaml: anchor 'a' value contains itself"],
    ['spec:\n  a: "\\q"\n', 'at line 4: yaml: line 4: found unknown escape character'],
    ["spec:\n  x: 'a\n", 'at line 5: yaml: line 5: found unexpected end of stream'],
    ['spec:\n  x: "a\n  y: "b"\n', 'at line 4: yaml: line 4: did not find expected key'],
    ['spec:\n  x: {{repl X "y"}}\n', ': yaml: invalid map key: map[interface {}]interface {}{"repl X \\"y\\"":interface {}(nil)}'],
    ['spec: \u0001\n', ': yaml: control characters are not allowed'],
    ['spec: "\\ud83d\\ude00"\n', 'at line 3: yaml: line 3: found invalid Unicode character escape code'],
    ['spec: {}\nspec: {}\n', 'at line 4: yaml: unmarshal errors:\n  line 4: key "spec" already set in map'],
    [
      'spec:\n  a:\n    b: 1\n    b: 2\n  a: 1\n',
      'at line 6: yaml: unmarshal errors:\n  line 6: key "b" already set in map\n  line 7: key "a" already set in map',
    ],
    [
      'spec: {1: a, 1: b, true: a, true: b}\n',
      'at line 3: yaml: unmarshal errors:\n  line 3: key 1 already set in map\n  line 3: key true already set in map',
    ],
    ['spec: {}\n---\na: 1\na: 2\n', 'at line 6: yaml: unmarshal errors:\n  line 6: key "a" already set in map'],
    ['a: 1\na: 2\n---\nb: [\n', 'at line 4: yaml: unmarshal errors:\n  line 4: key "a" already set in map'],
    ['spec: {}\n---\na: [\n', 'at line 5: yaml: line 5: did not find expected node content'],
  ]
  for (const [text, error] of cases) {
    it(JSON.stringify(text), () => {
      expect(lintConfig(head + text)).to.equal(`YAML syntax error${error.startsWith(':') ? '' : ' '}${error}`)
    })
  }
  for (const [text, error] of [
    ['[]', 'array into Go struct field Config.spec of type v1beta1.ConfigSpec'],
    ['5.5', 'number into Go struct field Config.spec of type v1beta1.ConfigSpec'],
    ['{extensions: {velero: x}}', 'string into Go struct field Extensions.spec.extensions.velero of type v1beta1.VeleroExtensions'],
    [
      '{extensions: {velero: {plugins: {}}}}',
      'object into Go struct field VeleroExtensions.spec.extensions.velero.plugins of type []v1beta1.VeleroPlugin',
    ],
    [
      '{extensions: {velero: {plugins: [true]}}}',
      'bool into Go struct field VeleroExtensions.spec.extensions.velero.plugins of type v1beta1.VeleroPlugin',
    ],
    // keys are sorted before they are decoded
    [
      '{extensions: {velero: {plugins: [{name: [p], image: {a: b}}]}}}',
      'object into Go struct field VeleroPlugin.spec.extensions.velero.plugins.image of type string',
    ],
    ['{roles: {controller: {labels: {a: [b]}}}}', 'array into Go struct field NodeRole.spec.roles.controller.labels of type string'],
    [
      '{roles: {controller: {nodeCount: {values: [1.5]}}}}',
      'number 1.5 into Go struct field NodeCount.spec.roles.controller.nodeCount.values of type int',
    ],
    [
      '{extensions: {helm: {charts: [{order: x, timeout: [a]}]}}}',
      'array into Go struct field Chart.spec.extensions.helm.charts.timeout of type string',
    ],
  ] as const) {
    it(`spec: ${text}`, () => {
      expect(lintConfig(spec(text))).to.equal(`${decoding} ${error}`)
    })
  }
  it('an apiVersion that is a number, which is a text elsewhere', () => {
    expect(lintConfig('apiVersion: 5\n')).to.equal(`${decoding} number into Go struct field Config.TypeMeta.apiVersion of type string`)
  })
  it('a document that is no mapping', () => {
    expect(lintConfig('abc\n')).to.equal(`${decoding} string into Go value of type v1beta1.Config`)
  })
  for (const [timeout, error] of [
    ['abc', 'invalid duration "abc"'],
    ['5m3', 'missing unit in duration "5m3"'],
    ['5x', 'unknown unit "x" in duration "5x"'],
    ['1h5x2m', 'unknown unit "x" in duration "1h5x2m"'],
    ['5m-3s', 'unknown unit "m-" in duration "5m-3s"'],
    ['+', 'invalid duration "+"'],
  ] as const)
    it(`the duration ${timeout}, which is none`, () => {
      expect(lintConfig(spec(`{extensions: {helm: {charts: [{timeout: "${timeout}"}]}}}`))).to.equal(
        `failed to parse YAML: error unmarshaling JSON: while decoding JSON: time: ${error}`,
      )
    })
  for (const [value, shown] of [
    ['x', '"x"'],
    ['', '<nil>'],
    ['1', '1'],
  ] as const)
    it(`null as a key of ${shown}, in the first document alone`, () => {
      expect(lintConfig(`${head}a: {~: ${value}}\n`)).to.equal(
        `failed to parse YAML: error converting YAML to JSON: unsupported map key of type: %!s(<nil>), key: <nil>, value: ${shown}`,
      )
      expect(lintConfig(`${head}---\na: {~: ${value}}\n`)).to.deep.equal({ errors: [], warnings: [] })
    })
})

describe('lintConfig', () => {
  const nothing = { errors: [], warnings: [] }
  for (const text of [
    '',
    '# nothing\n',
    '~\n',
    '{}\n',
    'apiVersion: v1\nkind: ConfigMap\n',
    `---\n---\n${spec('{extensions: {velero: {plugins: [{}]}}}')}`,
  ]) {
    it(`has nothing to say of ${JSON.stringify(text)}`, () => {
      expect(lintConfig(text)).to.deep.equal(nothing)
    })
  }
  it('warns of node ports and of values that are no YAML, in the overrides of every extension', () => {
    const values = 'service: {nodePort: 30000}\na: [{nodePort: "80"}, {nodePort: 79}, {b: {nodePort: 32767}}]\n'
    const overrides = JSON.stringify([
      { name: 'admin-console', values },
      { name: 'x', values: 'nodePort: 32768' },
      { name: 'z', values: "a: 'x" },
    ])
    const field = 'unsupportedOverrides.builtInExtensions'
    const port = (number: number) =>
      `port ${number} is already supported (supported range: 80-32767) and should not be in unsupportedOverrides`
    expect(lintConfig(spec(`{unsupportedOverrides: {builtInExtensions: ${overrides}}}`))).to.deep.equal({
      errors: [],
      warnings: [
        { field: `${field}[admin-console].service.nodePort`, message: port(30000) },
        { field: `${field}[admin-console].a.[0].nodePort`, message: port(80) },
        { field: `${field}[admin-console].a.[2].b.nodePort`, message: port(32767) },
        { field: `${field}[z]`, message: 'failed to parse YAML values: yaml: found unexpected end of stream' },
      ],
    })
  })
  for (const [values, said] of [
    ['1: {nodePort: 80}\ntrue: {nodePort: 80}\n1.5: {nodePort: 80}\n~: {nodePort: 80}', []],
    ['a: .inf\nb: .nan\nc: 1\nc: 2', []],
    ['a: b\n---\nnodePort: 80\n---\n: : [', []],
    ['# of it\n---\na: b\n...\n[', []],
    ['[a]: b', ['yaml: invalid map key: []interface {}{"a"}']],
    ['{', ['yaml: line 1: did not find expected node content']],
    ['a: [', ['yaml: line 1: did not find expected node content']],
    ['a: [\n', ['yaml: line 1: did not find expected node content']],
  ] as const)
    it(`reads the values ${JSON.stringify(values)} as Embedded Cluster does`, () => {
      const overrides = JSON.stringify([{ name: 'x', values }])
      expect(lintConfig(spec(`{unsupportedOverrides: {builtInExtensions: ${overrides}}}`))).to.deep.equal({
        errors: [],
        warnings: said.map(what => ({
          field: 'unsupportedOverrides.builtInExtensions[x]',
          message: `failed to parse YAML values: ${what}`,
        })),
      })
    })
  for (const image of [
    'https://me:hunter2@r.io/a',
    'me:hunter2@r.io/a',
    'me:hunter2@host:5000/a',
    'me:hunter2@r.io',
    'me:hunter2@r.io:5000',
    'me:hunter2@registry',
    'me:hunter2@registry:5000',
    'me:a@hunter2@r.io/a',
    'r.io/a?token=hunter2',
  ])
    it(`shows no secret of the image ${image}`, () => {
      const result = JSON.stringify(lintConfig(spec(`{extensions: {velero: {plugins: [{name: a, image: "${image}"}]}}}`)))
      expect(result).to.contain('invalid image reference').and.not.contain('hunter2')
    })
  for (const image of ['a:v1@sha256:ABC', 'a:v1@sha256:xyz', 'a:v1@md5:', 'a:v1@', 'a?b'])
    it(`shows the image ${image} as it is`, () => {
      expect(JSON.stringify(lintConfig(spec(`{extensions: {velero: {plugins: [{name: a, image: "${image}"}]}}}`)))).to.contain(
        `\\"${image}\\"`,
      )
    })
})
