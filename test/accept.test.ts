import { expect } from 'chai'
import { accept, parseAcceptance } from '../src/accept.ts'
import { PreflightError } from '../src/errors.ts'
import type { Finding, Report, Result } from '../src/outcome.ts'

const codes = new Set(['IMAGE_TAG_MOVED', 'SIGNATURE_NONE', 'IMAGE_NOT_FOUND'])
const now = new Date('2026-11-23T12:00:00Z')
const finding = (status: Finding['status'], code: string): Finding => ({ status, code, message: `${code} of a` })
const result = (...findings: Finding[]): Result => {
  const first = findings[0]!
  return { title: 'Image: a', message: first.message, check: 'image', plugin: 'a', code: first.code, status: first.status, findings }
}
const report = (...results: Result[]): Report => ({ results, notChecked: [] })
const accepted = (text: string, ...results: Result[]) => accept(report(...results), [parseAcceptance(text, codes)], now).results

describe('--accept', () => {
  it('takes a warn of the code: shown as accepted, with what accepted it as evidence', () => {
    const [taken] = accepted('SIGNATURE_NONE', result(finding('warn', 'SIGNATURE_NONE')))
    expect(taken?.accepted).to.equal(true)
    expect(taken?.status).to.equal('warn')
    expect(taken?.findings[0]?.evidence).to.deep.equal(['accepted by --accept SIGNATURE_NONE'])
  })

  it('never takes a fail', () => {
    const [fail] = accepted('IMAGE_NOT_FOUND', result(finding('fail', 'IMAGE_NOT_FOUND')))
    expect(fail?.accepted).to.equal(undefined)
    expect(fail?.findings[0]?.accepted).to.equal(undefined)
  })

  it('holds for the plugin that it names alone', () => {
    expect(accepted('SIGNATURE_NONE@a', result(finding('warn', 'SIGNATURE_NONE')))[0]?.accepted).to.equal(true)
    expect(accepted('SIGNATURE_NONE@b', result(finding('warn', 'SIGNATURE_NONE')))[0]?.accepted).to.equal(undefined)
  })

  it('holds to the end of its day, and says afterwards that it has ended', () => {
    expect(accepted('SIGNATURE_NONE=2026-11-23', result(finding('warn', 'SIGNATURE_NONE')))[0]?.accepted).to.equal(true)
    const [late] = accepted('SIGNATURE_NONE=2026-11-22', result(finding('warn', 'SIGNATURE_NONE')))
    expect(late?.accepted).to.equal(undefined)
    expect(late?.findings[0]?.evidence).to.deep.equal(['--accept SIGNATURE_NONE=2026-11-22 has ended'])
  })

  it('leaves a result open while one of its warns is, and shows that one first', () => {
    const [open] = accepted('SIGNATURE_NONE', result(finding('warn', 'SIGNATURE_NONE'), finding('warn', 'IMAGE_TAG_MOVED')))
    expect(open?.accepted).to.equal(undefined)
    expect(open?.code).to.equal('IMAGE_TAG_MOVED')
  })

  it('never takes a fail that a spec made a warn of, beside a warn that it takes', () => {
    const mixed = { ...result(finding('fail', 'IMAGE_NOT_FOUND'), finding('warn', 'SIGNATURE_NONE')), status: 'warn' as const }
    const [open] = accepted('SIGNATURE_NONE', mixed)
    expect(open?.accepted).to.equal(undefined)
    expect(open?.code).to.equal('IMAGE_NOT_FOUND')
  })

  it('leaves the message that a spec gave to what is open', () => {
    const own = { ...result(finding('warn', 'IMAGE_TAG_MOVED'), finding('warn', 'SIGNATURE_NONE')), message: 'as the spec says' }
    expect(accepted('SIGNATURE_NONE', own)[0]?.message).to.equal('as the spec says')
  })

  for (const [text, what] of [
    ['NO_SUCH_CODE', 'no check gives the code NO_SUCH_CODE'],
    ['', 'there is no code in it'],
    ['@a', 'there is no code in it'],
    ['SIGNATURE_NONE=tomorrow', 'tomorrow is not a date'],
    ['SIGNATURE_NONE=2026-02-31', '2026-02-31 is not a date'],
  ] as const) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseAcceptance(text, codes))
        .to.throw(PreflightError, what)
        .with.property('code', 'USAGE')
    })
  }
})
