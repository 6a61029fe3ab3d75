import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { PreflightError } from '../src/errors.ts'
import { decide, parseSpec } from '../src/spec.ts'
import { suggest } from '../src/suggest.ts'

const vocabulary = {
  config: [],
  cluster: [],
  airgap: [],
  image: ['missing'],
  pullSecret: [],
  binaries: [],
  signature: [],
  attestation: [],
  vulnerability: [],
  upgrade: [],
  velero: [],
  nodes: [],
}
const parse = (text: string) => parseSpec(text, 'spec.yaml', vocabulary)
const withAnalyzers = (analyzers: string) =>
  `apiVersion: velero-plugin-preflight/v1beta1\nkind: Preflight\nmetadata: {name: s}\nspec:\n  analyzers:\n${analyzers}\n`
const withOutcomes = (...outcomes: string[]) =>
  withAnalyzers(['    - image:', '        outcomes:', ...outcomes.map(outcome => `          - ${outcome}`)].join('\n'))

describe('spec', () => {
  it('reads what ships', () => {
    const { analyzers, collectors, name } = parseSpec(readFileSync('specs/pre-install.yaml'), 'specs/pre-install.yaml', vocabulary)
    expect(name).to.equal('velero-plugins-pre-install')
    expect(analyzers.map(({ kind }) => kind)).to.deep.equal(['config', 'image', 'pullSecret', 'binaries', 'signature'])
    expect(collectors.map(({ kind }) => kind)).to.deep.equal(['config', 'image', 'pullSecret', 'binaries', 'signature'])
  })

  for (const apiVersion of ['velero-plugin-preflight/v1beta1', 'troubleshoot.sh/v1beta2', 'troubleshoot.sh/v1beta3']) {
    for (const kind of ['Preflight', 'HostPreflight', 'SupportBundle']) {
      it(`takes ${apiVersion} ${kind}, with host lists too`, () => {
        const spec = parse(
          `apiVersion: ${apiVersion}\nkind: ${kind}\nspec:\n  hostCollectors: [{image: {}}]\n  hostAnalyzers: [{image: {strict: "true"}}]\n`,
        )
        expect(spec.collectors).to.deep.equal([{ kind: 'image', exclude: false }])
        expect(spec.analyzers).to.deep.equal([{ kind: 'image', exclude: false, strict: true }])
      })
    }
  }

  it('shows the line of an outcome, and none that may hold a secret', () => {
    for (const [outcome, shown] of [
      ['{pass: {message: ok}, fail: {message: no}}', true],
      ['{pass: {message: ok}, password: hunter2}', false],
    ] as const)
      expect(() => parse(withOutcomes(outcome)))
        .to.throw(PreflightError)
        .with.property('message')
        .that.satisfies((message: string) => message.includes(outcome) === shown)
  })

  it('puts several documents together', () => {
    const spec = parse(`${withAnalyzers('    - image: {}')}---\n${withAnalyzers('    - config: {checkName: C, exclude: true}')}`)
    expect(spec.analyzers).to.deep.equal([
      { kind: 'image', exclude: false, strict: false },
      { kind: 'config', checkName: 'C', exclude: true, strict: false },
    ])
  })

  it('takes the first outcome that holds, its fields filled in', () => {
    const [analyzer] = parse(
      withOutcomes(
        "fail: {when: 'missing > 0', message: '{{ .plugin }} lacks {{ .missing }}', uri: 'https://x/'}",
        "pass: {message: 'fine: {{.message}}'}",
      ),
    ).analyzers
    expect(decide(analyzer!, { missing: 1, plugin: 'a', message: 'm' })).to.deep.equal({
      status: 'fail',
      message: 'a lacks 1',
      uri: 'https://x/',
    })
    expect(decide(analyzer!, { missing: 0, plugin: 'a', message: 'm' })).to.deep.equal({ status: 'pass', message: 'fine: m' })
  })

  it('leaves the decision to the analyzer without outcomes', () => {
    const [analyzer] = parse(withAnalyzers('    - image: {}')).analyzers
    expect(decide(analyzer!, {})).to.equal(undefined)
  })

  for (const [what, text, position, words] of [
    ['nothing', '', '1:1', 'there is no spec in it'],
    ['a list', '- a', '1:1', 'must be a mapping'],
    ['another apiVersion', 'apiVersion: v1\nkind: Preflight', '1:13', 'apiVersion "v1" is not known'],
    ['another kind', 'apiVersion: troubleshoot.sh/v1beta2\nkind: Redactor', '2:7', 'kind "Redactor" is not known'],
    ['no kind', 'apiVersion: troubleshoot.sh/v1beta2', '1:1', 'kind is missing'],
    ['no spec', 'apiVersion: troubleshoot.sh/v1beta2\nkind: Preflight', '1:1', 'spec is missing'],
    ['no analyzers', 'apiVersion: troubleshoot.sh/v1beta2\nkind: Preflight\nspec: {collectors: []}', '3:7', 'nothing would be checked'],
    ['a misspelt list', 'apiVersion: troubleshoot.sh/v1beta2\nkind: Preflight\nspec:\n  analysers: []', '4:3', 'no key "analysers"'],
    ['a misspelt kind', withAnalyzers('    - imgae: {}'), '6:7', 'a kind that this program does not have: imgae'],
    ['a kind of troubleshoot', withAnalyzers('    - clusterVersion: {}'), '6:7', 'a kind that this program does not have: clusterVersion'],
    ['two kinds in one entry', withAnalyzers('    - {image: {}, config: {}}'), '6:7', 'one key, the kind'],
    ['a misspelt key', withAnalyzers('    - image: {exlude: true}'), '6:15', 'has no key "exlude"'],
    ['exclude that is no boolean', withAnalyzers('    - image: {exclude: maybe}'), '6:24', 'must be true or false'],
    ['outcomes without an end', withOutcomes("fail: {when: 'missing > 0', message: m}"), '8:13', 'the last outcome must have no `when`'],
    ['no outcomes at all', withAnalyzers('    - image: {outcomes: []}'), '6:25', 'the last outcome must have no `when`'],
    ['an outcome that is never reached', withOutcomes('pass: {message: m}', 'fail: {message: m}'), '9:13', 'never reached'],
    ['two outcomes in one', withOutcomes('{pass: {message: m}, fail: {message: m}}'), '8:13', 'one of fail, warn and pass'],
    ['a misspelt outcome', withOutcomes('warning: {message: m}'), '8:13', 'no key "warning"'],
    ['no message', withOutcomes('pass: {}'), '8:19', 'the message is missing'],
    [
      'a condition that cannot be read',
      withOutcomes("fail: {when: 'misssing > 0', message: m}", 'pass: {message: m}'),
      '8:26',
      'there is no value misssing',
    ],
    ['a field that does not exist', withOutcomes("pass: {message: '{{ .nmae }}'}"), '8:29', 'a field that does not exist: {{ .nmae }}'],
    ['a field that is not closed', withOutcomes("pass: {message: 'a {{ .message'}"), '8:29', 'a field that does not exist: {{ .message'],
    ['a field inside a field', withOutcomes("pass: {message: '{{ {{ .message }} }}'}"), '8:29', 'a field that does not exist: {{ '],
    ['a name that would forge a line', withAnalyzers('    - "im\\nage": {}'), '6:7', 'does not have: im\\u000aage'],
    ["a function of Go's templates", withOutcomes("pass: {message: '{{ len .message }}'}"), '8:29', 'a field that does not exist'],
  ] as const) {
    it(`refuses ${what} at its place`, () => {
      expect(() => parse(text))
        .to.throw(PreflightError, `spec.yaml:${position}: `)
        .with.property('code', 'SPEC_INVALID')
      expect(() => parse(text)).to.throw(words)
    })
  }

  it('takes no time over braces without end', () => {
    const message = '{{ '.repeat(100_000)
    expect(() => parse(withOutcomes(`pass: {message: '${message}'}`))).to.throw(PreflightError, 'a field that does not exist')
  })

  it('says what was probably meant', () => {
    expect(() => parse(withAnalyzers('    - imgae: {}')))
      .to.throw(PreflightError)
      .with.property('hint', 'Did you mean image?')
  })
})

describe('suggest', () => {
  it('finds another spelling', () => expect(suggest('pull-secret', ['image', 'pullSecret'])).to.equal('pullSecret'))
  it('finds a letter that is wrong', () => expect(suggest('imag', ['image', 'pullSecret'])).to.equal('image'))
  it('offers nothing for another word', () => expect(suggest('clusterVersion', ['image', 'pullSecret'])).to.equal(undefined))
})
