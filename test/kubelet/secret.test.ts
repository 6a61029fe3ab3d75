import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { parseSecrets } from '../../src/kubelet/secret.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const only = (text: string) => parseSecrets(text, 's.yaml').secrets[0]!

describe('Secret manifest', () => {
  it('gives name, namespace, type, decoded data and where it stands', () => {
    const text = `# a comment
apiVersion: v1
kind: Secret
metadata: {name: regcred, namespace: velero}
type: kubernetes.io/dockerconfigjson
data:
  .dockerconfigjson: ${base64('{"auths": {}}')}
`
    expect(only(text)).to.deep.equal({
      namespace: 'velero',
      name: 'regcred',
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': '{"auths": {}}' },
      from: 's.yaml:2',
      problems: [],
    })
  })

  it('is Opaque and without namespace when it does not say', () => {
    expect(only('kind: Secret\nmetadata: {name: a}')).to.deep.include({ name: 'a', type: 'Opaque', data: {} })
    expect(only('kind: Secret\nmetadata: {name: a}')).to.not.have.property('namespace')
  })

  it('lets stringData win over data', () => {
    expect(
      only(`kind: Secret\nmetadata: {name: a}\ndata: {k: ${base64('old')}, l: ${base64('l')}}\nstringData: {k: new}`).data,
    ).to.deep.equal({ k: 'new', l: 'l' })
  })

  it('may be JSON, a block text, and base64 in several lines', () => {
    expect(only('{"kind": "Secret", "metadata": {"name": "a"}, "stringData": {"k": "v"}}').data).to.deep.equal({ k: 'v' })
    expect(only('kind: Secret\nmetadata: {name: a}\nstringData:\n  k: |\n    {"a": 1}\n').data).to.deep.equal({ k: '{"a": 1}\n' })
    expect(only('kind: Secret\nmetadata: {name: a}\ndata:\n  k: |\n    aGVs\n    bG8=\n').data).to.deep.equal({ k: 'hello' })
  })

  it('comes among other documents, in Lists and in Lists of Lists', () => {
    const text = `
kind: ConfigMap
metadata: {name: x}
---
kind: Secret
metadata: {name: one}
---
kind: List
apiVersion: v1
items:
- {kind: Secret, metadata: {name: two}}
- {kind: SecretList, items: [{kind: Secret, metadata: {name: three}}]}
- {kind: Service, metadata: {name: y}}
---
`
    expect(parseSecrets(text, 's.yaml').secrets.map(({ name, from }) => [name, from])).to.deep.equal([
      ['one', 's.yaml:5'],
      ['two', 's.yaml:11'],
      ['three', 's.yaml:12'],
    ])
  })

  it('is not what only calls itself so in another API', () => {
    expect(parseSecrets('apiVersion: example.com/v1\nkind: Secret\nmetadata: {name: a}', 's.yaml').secrets).to.deep.equal([])
    expect(parseSecrets('apiVersion: bitnami.com/v1alpha1\nkind: SealedSecret\nmetadata: {name: a}', 's.yaml').secrets).to.deep.equal([])
  })

  for (const [what, text, problem] of [
    [
      'base64 that is none',
      'data: {k: "hunter2!"}',
      { key: 'k', message: '"k" in "data" is not base64; under "stringData" it may stand as it is' },
    ],
    [
      'plain text under data',
      'data: {k: hunter2}',
      { key: 'k', message: '"k" in "data" is not base64; under "stringData" it may stand as it is' },
    ],
    ['a number', 'stringData: {k: 5}', { key: 'k', message: '"k" in "stringData" is not a text; put it in quotes' }],
    ['a map', 'stringData: {k: {a: b}}', { key: 'k', message: '"k" in "stringData" is not a text; put it in quotes' }],
    ['data that is a text', 'data: hunter2', { message: '"data" is not a map of keys to texts' }],
  ] as const) {
    it(`keeps ${what} as a problem, without the value`, () => {
      const { problems } = only(`kind: Secret\nmetadata: {name: a}\n${text}`)
      expect(problems).to.deep.equal([problem])
      expect(JSON.stringify(problems)).to.not.contain('hunter2')
    })
  }

  it('takes null for an empty value', () => {
    expect(only('kind: Secret\nmetadata: {name: a}\nstringData: {k: null}\ndata: null')).to.deep.include({ data: { k: '' }, problems: [] })
  })

  it('tells documents that are no Kubernetes objects', () => {
    expect(parseSecrets('{"auths": {}}', 'config.json').strangers).to.deep.equal([{ from: 'config.json:1', looksLikeDockerConfig: true }])
    expect(parseSecrets('a: b', 'values.yaml').strangers).to.deep.equal([{ from: 'values.yaml:1', looksLikeDockerConfig: false }])
    expect(parseSecrets('', 'empty.yaml')).to.deep.equal({ secrets: [], strangers: [] })
  })

  for (const text of [
    'kind: Secret\nstringData:\n  password: hunter2\n password: hunter2',
    'stringData: {password: "hunter2',
    'password: "hunter2" "hunter2"',
    'hunter2: 1\nhunter2: 2',
    'password: *hunter2',
    'a: b\n\thunter2: c',
  ]) {
    it(`shows nothing of ${JSON.stringify(text)}, which is no YAML, but where`, () => {
      expect(() => parseSecrets(text, 's.yaml'))
        .to.throw(PreflightError, /^s\.yaml:\d+:\d+: the file is not valid YAML\. What stands there is not shown/)
        .with.property('code', 'YAML_INVALID')
      expect(() => parseSecrets(text, 's.yaml'))
        .to.throw()
        .with.property('message')
        .that.does.not.contain('hunter2')
    })
  }
})
