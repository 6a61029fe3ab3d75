import { expect } from 'chai'
import { convertConfig } from '../../src/embedded-cluster/convert.ts'
import { PreflightError } from '../../src/errors.ts'

const beta = 'embeddedcluster.replicated.com/v1beta1'
const v1 = 'embeddedcluster.replicated.com/v1'
const files: Readonly<Record<string, string>> = {
  'comments and order': `# head\nkind: Config   # kind\n\napiVersion:   ${beta}  # version ${beta}\nspec:\n  # below\n  version: "2.19.4"\n# end`,
  quotes: `apiVersion: "${beta}"\nkind: 'Config'\n`,
  'single quotes': `apiVersion: '${beta}'\nkind: Config\n`,
  JSON: `{"kind": "Config", "apiVersion": "${beta}", "spec": {"x": "${beta}"}}`,
  CRLF: `apiVersion: ${beta}\r\nkind: Config\r\nspec: {}\r\n`,
  'a byte order mark': `\ufeffapiVersion: ${beta}\nkind: Config\n`,
  'other documents and several Configs': `apiVersion: v1\nkind: Service\nx: ${beta}\n---\napiVersion: ${beta}\nkind: Config\n---\n{apiVersion: ${beta}, kind: Config}\n...\n`,
  'fields that nobody knows': `apiVersion: ${beta}\nkind: Config\nspec: {unknown: [1, {a: 0x1F}], extensions: {velero: {plugins: [{image: v/a:1}]}}}\n`,
}

describe('convertConfig', () => {
  for (const [what, text] of Object.entries(files)) {
    it(`goes to v1 and back and loses nothing: ${what}`, () => {
      const there = convertConfig(text, 'c.yaml', 'v1')
      expect(there).to.not.equal(text)
      expect(convertConfig(there, 'c.yaml', 'v1beta1')).to.equal(text)
    })
  }
  it('changes the apiVersion of the Configs and nothing else', () => {
    expect(convertConfig(files['other documents and several Configs']!, 'c.yaml', 'v1')).to.equal(
      `apiVersion: v1\nkind: Service\nx: ${beta}\n---\napiVersion: ${v1}\nkind: Config\n---\n{apiVersion: ${v1}, kind: Config}\n...\n`,
    )
  })
  it('leaves a Config that is of the version already as it is', () => {
    expect(convertConfig(files.quotes!, 'c.yaml', 'v1beta1')).to.equal(files.quotes)
  })
  it('gives the proposal’s version its group', () => {
    expect(convertConfig('apiVersion: v1beta1\nkind: Config\n', 'c.yaml', 'v1beta1')).to.equal(`apiVersion: ${beta}\nkind: Config\n`)
  })
  for (const [what, text, code] of [
    ['a file without a Config', 'apiVersion: v1\nkind: Config\n', 'CONFIG_NOT_FOUND'],
    ['an alias', `x: &a ${beta}\napiVersion: *a\nkind: Config\n`, 'CONFIG_INVALID'],
    [
      'an anchor whose text stands elsewhere too',
      `apiVersion: &a ${beta}\nkind: Config\nmetadata: {annotations: {was: *a}}\n`,
      'CONFIG_INVALID',
    ],
    ['a merge key that brings it', `x: &a {apiVersion: ${beta}}\n<<: *a\nkind: Config\n`, 'CONFIG_INVALID'],
    ['an escape', `apiVersion: "\\x65mbeddedcluster.replicated.com/v1beta1"\nkind: Config\n`, 'CONFIG_INVALID'],
    ['a block', `apiVersion: >-\n  ${beta}\nkind: Config\n`, 'CONFIG_INVALID'],
    ['what is no YAML', 'a: [', 'YAML_INVALID'],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => convertConfig(text, 'c.yaml', 'v1'))
        .to.throw(PreflightError)
        .with.property('code', code)
    })
  }
})
