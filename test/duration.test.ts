import { expect } from 'chai'
import { ageMs, durationMs } from '../src/duration.ts'

describe('durationMs', () => {
  for (const [text, expected] of [
    ['90s', 90_000],
    ['5m', 300_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['250ms', 250],
    ['45', 45_000],
    ['0', 0],
  ] as const) {
    it(`reads ${text}`, () => expect(durationMs(text)).to.equal(expected))
  }

  for (const text of ['', 's', '5 m', '-5s', '5x', '1m30', 'five']) {
    it(`refuses ${JSON.stringify(text)}`, () => expect(durationMs(text)).to.equal(undefined))
  }
})

describe('ageMs', () => {
  for (const [text, expected] of [
    ['7d', 604_800_000],
    ['2w', 1_209_600_000],
    ['1w1d', 691_200_000],
    ['1d12h', 129_600_000],
    ['36h', 129_600_000],
    ['90s', 90_000],
    ['0d', 0],
  ] as const) {
    it(`reads ${text}`, () => expect(ageMs(text)).to.equal(expected))
  }

  for (const text of ['', 'd', '7', '7 d', '-7d', '1d7', '1d1w', '1.5d', '7days']) {
    it(`refuses ${JSON.stringify(text)}`, () => expect(ageMs(text)).to.equal(undefined))
  }
})
