import { expect } from 'chai'
import * as v from 'valibot'
import { describeCode } from '../../src/code-docs.ts'
import type { Report } from '../../src/outcome.ts'
import type { ReportContext } from '../../src/reporters/reporter.ts'
import { uriOf } from '../../src/reporters/sarif/locations.ts'
import { sarif } from '../../src/reporters/sarif.ts'
import { findingOf, fullReport, hostile, reportContext, resultOf } from '../support/reports.ts'

// The part of the SARIF 2.1.0 schema that is written, closed: what is not named here the schema has not, or nobody writes.
const text = v.pipe(v.string(), v.minLength(1))
const message = v.strictObject({ text })
const level = v.picklist(['none', 'note', 'warning', 'error'])
const index = v.pipe(v.number(), v.integer(), v.minValue(0))
const place = v.pipe(v.number(), v.integer(), v.minValue(1))
const uriReference = v.pipe(v.string(), v.regex(/^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]+$/))
const location = v.strictObject({
  physicalLocation: v.strictObject({
    artifactLocation: v.strictObject({ uri: uriReference }),
    region: v.optional(v.strictObject({ startLine: place, startColumn: place })),
  }),
  logicalLocations: v.optional(v.array(v.strictObject({ name: v.string(), kind: v.literal('module') }))),
})
const rule = v.strictObject({
  id: text,
  name: text,
  shortDescription: v.strictObject({ text: v.pipe(text, v.maxLength(1024)) }),
  fullDescription: v.strictObject({ text: v.pipe(text, v.maxLength(1024)) }),
  help: v.strictObject({ text, markdown: text }),
  defaultConfiguration: v.strictObject({ level }),
  properties: v.strictObject({ tags: v.pipe(v.array(text), v.maxLength(10)) }),
})
const result = v.strictObject({
  ruleId: text,
  ruleIndex: index,
  level,
  message,
  locations: v.pipe(v.array(location), v.minLength(1)),
  partialFingerprints: v.strictObject({ primaryLocationLineHash: v.pipe(v.string(), v.regex(/^[0-9a-f]{32}:\d+$/)) }),
  suppressions: v.optional(v.array(v.strictObject({ kind: v.literal('external'), justification: text }))),
  properties: v.strictObject({ check: v.string(), plugin: v.optional(v.string()) }),
})
const log = v.strictObject({
  $schema: text,
  version: v.literal('2.1.0'),
  runs: v.tuple([
    v.strictObject({
      tool: v.strictObject({
        driver: v.strictObject({ name: text, version: text, semanticVersion: text, rules: v.array(rule) }),
      }),
      columnKind: v.literal('utf16CodeUnits'),
      invocations: v.tuple([
        v.strictObject({
          executionSuccessful: v.boolean(),
          endTimeUtc: v.optional(v.pipe(v.string(), v.isoTimestamp())),
          toolExecutionNotifications: v.array(v.strictObject({ level, message })),
        }),
      ]),
      results: v.array(result),
    }),
  ]),
})

const context: ReportContext = {
  ...reportContext,
  describe: describeCode,
  places: { config: { file: 'c.yaml', line: 2, column: 1 }, plugins: new Map([['a', { file: 'c.yaml', line: 9, column: 18 }]]) },
}
const read = (report: Report, about = context) => v.parse(log, JSON.parse(sarif(report, about))).runs[0]

describe('sarif report', () => {
  it('has a result for each finding that is no pass, fails first, with its level and its rule', () => {
    const { results, tool } = read(fullReport)
    expect(results.map(({ ruleId, level }) => [ruleId, level])).to.deep.equal([
      ['IMAGE_NOT_FOUND', 'error'],
      ['IMAGE_X', 'warning'],
      ['PLUGIN_IMAGE_LATEST', 'warning'],
      ['IMAGE_X', 'warning'],
    ])
    for (const { ruleId, ruleIndex } of results) expect(tool.driver.rules[ruleIndex]?.id).to.equal(ruleId)
    expect(results[0]!.message.text).to.equal('a: Gone.\n- seen x\n- seen y')
  })

  it('has what docs/errors.md says of a code as its rule, once', () => {
    const { rules } = read(fullReport).tool.driver
    expect(rules.map(({ id }) => id)).to.deep.equal(['IMAGE_NOT_FOUND', 'IMAGE_X', 'PLUGIN_IMAGE_LATEST'])
    const doc = describeCode('IMAGE_NOT_FOUND', 'image')!
    expect(rules[0]).to.deep.include({
      name: 'ImageNotFound',
      shortDescription: { text: doc.meaning },
      defaultConfiguration: { level: 'error' },
    })
    expect(rules[0]!.help.text).to.contain(doc.remedy).and.to.contain('docs/checks/image.md')
  })

  it("places a finding where it says, else at its plugin's image, else at the Config", () => {
    const places = read(fullReport).results.map(({ locations: [one] }) => one!.physicalLocation)
    const at = (startLine: number, startColumn: number) => ({ artifactLocation: { uri: 'c.yaml' }, region: { startLine, startColumn } })
    expect(places).to.deep.equal([at(9, 18), at(9, 18), at(7, 3), at(2, 1)])
  })

  it('has a place also where none is known: GitHub takes no result without', () => {
    const uris = (subject: string) =>
      read(fullReport, { ...context, places: undefined, subject }).results.map(
        ({ locations: [one] }) => one!.physicalLocation.artifactLocation.uri,
      )
    expect(new Set(uris('x/c.yaml, d.yaml'))).to.deep.equal(new Set(['x/c.yaml', 'c.yaml']))
    expect(uris('')).to.include('command-line')
  })

  it('tells the same problem by the same fingerprint wherever it stands, and two of a kind apart', () => {
    const prints = (report: Report, about = context) =>
      read(report, about).results.map(one => one.partialFingerprints.primaryLocationLineHash)
    const moved = { ...context, places: { plugins: new Map([['a', { file: 'c.yaml', line: 90, column: 1 }]]) } }
    expect(prints(fullReport, moved)).to.deep.equal(prints(fullReport))
    const twice = prints({ results: [resultOf('a', 'image', findingOf('fail', 'x'), findingOf('fail', 'y'))], notChecked: [] })
    expect(twice.map(print => print.split(':')[1])).to.deep.equal(['1', '2'])
    expect(twice[0]!.split(':')[0]).to.equal(twice[1]!.split(':')[0])
    expect(new Set(prints(fullReport)).size).to.equal(4)
    const same = (...plugins: readonly string[]) => ({
      results: plugins.map(name => resultOf(name, 'image', findingOf('fail', 'x'))),
      notChecked: [],
    })
    expect(prints(same('a', 'b')).at(-1)).to.equal(prints(same('b'))[0])
  })

  it('suppresses what was accepted, and nothing else', () => {
    expect(read(fullReport).results.map(({ suppressions }) => suppressions?.length ?? 0)).to.deep.equal([0, 0, 0, 1])
  })

  it('fails where a spec fails what no finding does', () => {
    const made = { ...resultOf('a', 'image', findingOf('pass', 'Fine.')), status: 'fail' as const, message: 'The spec says no.' }
    expect(read({ results: [made], notChecked: [] }).results.map(({ level, message }) => [level, message.text])).to.deep.equal([
      ['error', 'The spec says no.'],
    ])
  })

  it('notes what was not checked, and why a run could not go on as an error and as a result', () => {
    const run = read({ ...fullReport, error: { code: 'TIMED_OUT', message: 'Too slow.', hint: 'Longer.' } })
    expect(run.invocations[0]).to.deep.equal({
      executionSuccessful: false,
      endTimeUtc: reportContext.collectedAt,
      toolExecutionNotifications: [
        { level: 'error', message: { text: 'Too slow. Longer.' } },
        { level: 'warning', message: { text: 'a: the check binaries was not made. No image.' } },
      ],
    })
    expect(run.results[0]).to.include({ ruleId: 'TIMED_OUT', level: 'error' })
    expect(read(fullReport).invocations[0].executionSuccessful).to.equal(true)
  })

  it('has no more results than GitHub shows, and says that some are missing', () => {
    const many = Array.from({ length: 5001 }, (_, at) => resultOf(`p${at}`, 'image', findingOf(at === 5000 ? 'fail' : 'warn', 'x')))
    const { results, invocations } = read({ results: many, notChecked: [] })
    expect([results.length, results[0]!.level]).to.deep.equal([5000, 'error'])
    expect(invocations[0].toolExecutionNotifications[0]!.message.text).to.contain('1 more results')
  })

  it('makes no link of what a registry says', () => {
    const { results } = read({ results: [resultOf(hostile, 'image', findingOf('fail', hostile, { evidence: [hostile] }))], notChecked: [] })
    expect(results[0]!.message.text).to.not.contain('](')
    expect(results[0]!.message.text).to.contain('\\u001b')
  })

  for (const [file, uri] of [
    ['./a b/c.yaml', 'a%20b/c.yaml'],
    ['/etc/c.yaml', 'file:///etc/c.yaml'],
    ['//evil.example/c.yaml', 'file:///evil.example/c.yaml'],
    ['http://evil.example/?q#f', 'http%3A//evil.example/%3Fq%23f'],
    ['../c.yaml', '../c.yaml'],
    ['-', 'stdin'],
    ['\ud800', '%EF%BF%BD'],
  ] as const) {
    it(`names ${JSON.stringify(file)} as ${uri}`, () => expect(uriOf(file)).to.equal(uri))
  }
})
