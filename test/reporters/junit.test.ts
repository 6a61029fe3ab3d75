import { expect } from 'chai'
import type { Report } from '../../src/outcome.ts'
import { junit } from '../../src/reporters/junit.ts'
import { plainText } from '../../src/reporters/plain-text.ts'
import { findingOf, fullReport, hostile, reportContext, resultOf } from '../support/reports.ts'
import { parseXml, type XmlElement } from '../support/xml.ts'

const read = (report: Report): XmlElement => parseXml(junit(report, reportContext))
const cases = (report: Report) =>
  read(report).children.flatMap(suite => suite.children.map(one => [suite.attributes.name, one.attributes.name, one.children[0]!] as const))

describe('junit report', () => {
  it('has a suite for the Config and one for each plugin, with the counts that its cases have', () => {
    const root = read(fullReport)
    expect(root.name).to.equal('testsuites')
    expect(root.attributes).to.include({ tests: '5', failures: '1', errors: '0', skipped: '1' })
    expect(
      root.children.map(({ name, attributes: { name: suite, tests, failures, skipped, timestamp } }) => [
        name,
        suite,
        tests,
        failures,
        skipped,
        timestamp,
      ]),
    ).to.deep.equal([
      ['testsuite', 'Config', '1', '0', '0', reportContext.collectedAt],
      ['testsuite', 'a', '3', '1', '1', reportContext.collectedAt],
      ['testsuite', 'b', '1', '0', '0', reportContext.collectedAt],
    ])
  })

  it('makes a failure of a fail, with its code as the type and all findings with their evidence as the text', () => {
    const [, , failure] = cases(fullReport).find(([suite, check]) => suite === 'a' && check === 'image')!
    expect(failure.name).to.equal('failure')
    expect(failure.attributes).to.deep.equal({ message: 'a: Gone.', type: 'IMAGE_NOT_FOUND' })
    expect(failure.text).to.equal(
      'fail IMAGE_NOT_FOUND: a: Gone.\n- seen x\n- seen y\nwarn IMAGE_X: a: Other.\n- seen z\npass IMAGE_X: a: Fine.',
    )
  })

  it('lets a warn pass, with what it says as the output, and marks one that is accepted', () => {
    const outputs = cases(fullReport).filter(([, , { name }]) => name === 'system-out')
    expect(outputs.map(([suite, check, { text }]) => [suite, check, text])).to.deep.equal([
      ['Config', 'config', 'pass IMAGE_X: All is well.'],
      ['a', 'config', 'warn PLUGIN_IMAGE_LATEST: a: Odd.'],
      ['b', 'image', 'warn (accepted) IMAGE_X: b: Known.'],
    ])
  })

  it('skips what was not checked, and says why', () => {
    const [, check, skipped] = cases(fullReport).find(([, , { name }]) => name === 'skipped')!
    expect([check, skipped.attributes.message]).to.deep.equal(['binaries', 'No image.'])
  })

  it('has an error for why a run could not go on', () => {
    const root = read({ results: [], notChecked: [], error: { code: 'USAGE', message: 'No.', hint: 'Do.' } })
    expect(root.attributes).to.include({ tests: '1', errors: '1' })
    expect(root.children[0]!.children[0]!.children[0]).to.deep.include({ name: 'error', attributes: { message: 'No. Do.', type: 'USAGE' } })
  })

  it('is XML whatever a text holds, and keeps its line breaks', () => {
    const report = {
      results: [resultOf(hostile, hostile, findingOf('fail', hostile, { code: hostile, evidence: [hostile] }))],
      notChecked: [{ check: hostile, why: hostile }],
    }
    const [failed] = cases(report)
    expect(failed![2].attributes.message).to.equal(plainText(hostile))
    expect(failed![2].attributes.message).to.contain('<script>alert(1)</script>').and.to.contain('\n# heading\n')
    expect(failed![2].attributes.message).to.contain('\\u0000\\u0007\\u001b[2J\\u202e\\u200b\ufffd\ufffd\ufffd')
  })
})
