import { expect } from 'chai'
import { goDurationMs } from '../../src/containerd/go-duration.ts'

describe("Go's time.ParseDuration", () => {
  for (const [text, ms] of [
    ['5s', 5000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['5.s', 5000],
    ['+5s', 5000],
    ['-1.5s', -1500],
    ['0', 0],
    ['-0', -0],
    ['1us', 0.001],
    ['1\u00b5s', 0.001],
    ['1\u03bcs', 0.001],
    ['1ns', 0.000001],
    ['2562047h', 2562047 * 3_600_000],
    ['0000000000000000000005s', 5000],
  ] as const) {
    it(`takes ${JSON.stringify(text)}`, () => {
      expect(goDurationMs(text)).to.be.closeTo(ms, 1e-9)
    })
  }

  for (const text of [
    '',
    '5',
    'x',
    '5 s',
    's',
    '.s',
    '1h1',
    '--5s',
    '5S',
    '1d',
    '5s ',
    '2562048h',
    '99999999999h',
    '5constructor',
    '5s\n',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(goDurationMs(text)).to.equal(undefined)
    })
  }

  it('refuses a text that goes on and on', () => {
    expect(goDurationMs('1h'.repeat(500_000))).to.equal(undefined)
  })
})
