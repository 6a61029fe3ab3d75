import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { upgradeOf } from '../../src/settings/upgrade.ts'

describe('--pull-rate', () => {
  for (const [text, expected] of [
    ['10MB', 10_000_000],
    ['10 MB/s', 10_000_000],
    ['1.5MiB', 1_572_864],
    ['80Mbit', 10_000_000],
    ['1Gbit/s', 125_000_000],
    ['300KB', 300_000],
  ] as const)
    it(`${text} is ${expected} bytes a second`, () => {
      expect(upgradeOf({ pullRate: text }).pullBytesPerSecond).to.equal(expected)
    })

  for (const text of ['', '10', '0MB', '-1MB', 'MB', '10mb', '10MB/h', '1e9MB', '0.0000001KB', 'Infinity MB', '10toString'])
    it(`is not ${text || 'empty'}`, () => {
      expect(() => upgradeOf({ pullRate: text }))
        .to.throw(PreflightError, '--pull-rate')
        .with.property('code', 'USAGE')
    })

  it('is left to the check when it is not given', () => {
    expect(upgradeOf({})).to.deep.equal({ installed: undefined, pullBytesPerSecond: undefined })
  })
})

describe('--installed', () => {
  it('names a file, or standard input where --config does not read it already', () => {
    expect(upgradeOf({ installed: 'c.yaml' }).installed).to.equal('c.yaml')
    expect(upgradeOf({ installed: '-', config: ['c.yaml'] }).installed).to.equal('-')
    for (const flags of [{ installed: '' }, { installed: '-', config: ['-'] }])
      expect(() => upgradeOf(flags))
        .to.throw(PreflightError, '--installed')
        .with.property('code', 'USAGE')
  })
})
