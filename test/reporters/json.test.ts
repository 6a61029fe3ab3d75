import { expect } from 'chai'
import { parse } from 'yaml'
import type { Report } from '../../src/outcome.ts'
import { exitCodeOf } from '../../src/report.ts'
import { json } from '../../src/reporters/json.ts'
import { yaml } from '../../src/reporters/yaml.ts'

const context = { version: '1.2.3', subject: 'c', platforms: [], images: {}, width: 80, colour: false, verbose: false }
const one = (status: 'pass' | 'warn' | 'fail', plugin = 'a') => ({
  title: `Image: ${plugin}`,
  message: `${plugin} ${status}`,
  check: 'image',
  plugin,
  code: 'IMAGE_X',
  status,
  findings: [{ status, code: 'IMAGE_X', message: `${plugin} ${status}` }],
})
const report: Report = {
  results: [one('fail', 'b'), one('pass'), one('warn')],
  notChecked: [{ check: 'binaries', plugin: 'b', why: 'No image.' }],
}

describe('json report', () => {
  it('groups results by outcome, with the fields that troubleshoot reads and ours', () => {
    expect(JSON.parse(json(report, context))).to.deep.equal({
      pass: [
        {
          title: 'Image: a',
          message: 'a pass',
          check: 'image',
          plugin: 'a',
          code: 'IMAGE_X',
          findings: [{ status: 'pass', code: 'IMAGE_X', message: 'a pass' }],
        },
      ],
      warn: [
        {
          title: 'Image: a',
          message: 'a warn',
          check: 'image',
          plugin: 'a',
          code: 'IMAGE_X',
          findings: [{ status: 'warn', code: 'IMAGE_X', message: 'a warn' }],
        },
      ],
      fail: [
        {
          title: 'Image: b',
          message: 'b fail',
          check: 'image',
          plugin: 'b',
          code: 'IMAGE_X',
          findings: [{ status: 'fail', code: 'IMAGE_X', message: 'b fail' }],
        },
      ],
      notChecked: [{ check: 'binaries', plugin: 'b', why: 'No image.' }],
    })
  })

  for (const [message, full] of [
    ['It is not there.', 'It is not there. Look.'],
    ['f.yaml:1:1: it is UTF-16', 'f.yaml:1:1: it is UTF-16. Look.'],
    ['f.yaml:1:1: a key\n  a: b\n  ^', 'f.yaml:1:1: a key\n  a: b\n  ^\nLook.'],
  ] as const)
    it(`says after ${JSON.stringify(message)} what to do`, () => {
      const { fail } = JSON.parse(json({ results: [], notChecked: [], error: { code: 'YAML_INVALID', message, hint: 'Look.' } }, context))
      expect(fail[0].message).to.equal(full)
    })
  it('has the error of a run that ended early among the fails', () => {
    const { fail } = JSON.parse(json({ results: [], notChecked: [], error: { code: 'USAGE', message: 'No.', hint: 'Do.' } }, context))
    expect(fail).to.have.length(1)
    expect(fail[0]).to.include({ check: 'run', code: 'USAGE', message: 'No. Do.' })
  })

  it('is the same document as the YAML', () => {
    expect(parse(yaml(report, context))).to.deep.equal(JSON.parse(json(report, context)))
  })
})

describe('exit code', () => {
  for (const [name, results, code] of [
    ['is 0 when all pass', [one('pass')], 0],
    ['is 0 without results', [], 0],
    ['is 3 with a fail, whatever else', [one('warn'), one('fail'), one('pass')], 3],
    ['is 4 with warns only', [one('pass'), one('warn')], 4],
    ['is 0 with accepted warns only', [{ ...one('warn'), accepted: true as const }], 0],
    ['is 4 with one warn that is not accepted', [{ ...one('warn'), accepted: true as const }, one('warn')], 4],
  ] as const) {
    it(name, () => expect(exitCodeOf({ results, notChecked: [] })).to.equal(code))
  }
})
