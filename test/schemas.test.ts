import { readdirSync, readFileSync } from 'node:fs'
import { expect } from 'chai'
import * as v from 'valibot'
import type { Report } from '../src/outcome.ts'
import { reportDocument } from '../src/reporters/json.ts'
import { parseYaml, toJs } from '../src/yaml-source.ts'
import { configOf } from './support/config-facts.ts'
import { configSchema, configV1Schema, reportSchema, specSchema } from './support/schemas.ts'

const read = (text: string) => toJs(parseYaml(text, 'f.yaml')[0]!.root!)
const spec = (analyzers: string) => read(`apiVersion: troubleshoot.sh/v1beta2\nkind: Preflight\nspec: {analyzers: [${analyzers}]}`)

describe('the schema of specs', () => {
  for (const name of readdirSync('specs').filter(file => file.endsWith('.yaml'))) {
    it(`takes specs/${name}`, () => {
      expect(v.is(specSchema, read(readFileSync(`specs/${name}`, 'utf8')))).to.equal(true)
    })
  }
  it('takes outcomes', () => {
    expect(
      v.is(
        specSchema,
        spec('{image: {strict: "true", outcomes: [{fail: {when: "a > 0", message: m}}, {pass: {message: m}}]}}, {config: null}'),
      ),
    ).to.equal(true)
  })
  for (const wrong of [
    '{imgae: {}}',
    '{image: {}, config: {}}',
    '{image: {exlude: true}}',
    '{image: {outcomes: [{fail: {message: m}, pass: {message: m}}]}}',
    '{image: {outcomes: [{pass: {}}]}}',
  ]) {
    it(`refuses ${wrong}`, () => {
      expect(v.is(specSchema, spec(wrong))).to.equal(false)
    })
  }
})

describe('the schema of reports', () => {
  const finding = { status: 'warn', code: 'A_CODE', message: 'm', evidence: ['e'], accepted: true } as const
  const report: Report = {
    results: [
      {
        title: 'T',
        message: 'm',
        uri: 'u',
        strict: true,
        check: 'image',
        plugin: 'p',
        code: 'A_CODE',
        status: 'warn',
        findings: [finding],
        accepted: true,
      },
      { title: 'T', message: 'm', check: 'config', code: 'A_CODE', status: 'pass', findings: [{ ...finding, status: 'pass' }] },
    ],
    notChecked: [{ check: 'binaries', plugin: 'p', why: 'w' }],
    error: { code: 'TIMED_OUT', message: 'm', hint: 'h' },
  }
  it('takes all that a report can hold', () => {
    expect(v.is(reportSchema, JSON.parse(JSON.stringify(reportDocument(report))))).to.equal(true)
  })
  it('refuses a result without findings', () => {
    const [first] = report.results
    expect(v.is(reportSchema, reportDocument({ ...report, results: [{ ...first!, findings: [] }] }))).to.equal(false)
  })
})

describe('the schema of Configs', () => {
  const whole = `${configOf(['{name: a, image: v/a:1}'], '  domains: {proxyRegistryDomain: ec.example.com}\n  unsupportedOverrides: {builtInExtensions: [{name: velero, values: "a: b"}]}\n')}`
  it('takes all that leads to plugins', () => {
    expect(v.is(configSchema, read(whole))).to.equal(true)
  })
  it('has the same fields in v1, under that version alone', () => {
    const v1 = read(whole.replace('/v1beta1', '/v1'))
    expect([v.is(configV1Schema, v1), v.is(configSchema, v1), v.is(configV1Schema, read(whole))]).to.deep.equal([true, false, false])
  })
  for (const [what, text] of [
    ['an override without values', whole.replace(', values: "a: b"', '')],
    ['a domain that is misspelt', whole.replace('proxyRegistryDomain', 'proxyDomain')],
    ['a list of overrides that is none', whole.replace('[{name: velero, values: "a: b"}]', '{}')],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(v.is(configSchema, read(text))).to.equal(false)
    })
  }
  it('takes both shapes of plugin', () => {
    expect(
      v.is(configSchema, read(configOf(['{name: a, image: v/a:1, imagePullPolicy: Never}', '{image: v/b:1, imagePullSecret: s}']))),
    ).to.equal(true)
  })
  for (const wrong of [
    '{name: a}',
    '{name: A, image: v/a:1}',
    '{name: a, image: v/a:1, imagePullSecrets: [s]}',
    '{name: a, image: v/a:1, imagePullPolicy: never}',
  ]) {
    it(`refuses ${wrong}`, () => {
      expect(v.is(configSchema, read(configOf([wrong])))).to.equal(false)
    })
  }
})
