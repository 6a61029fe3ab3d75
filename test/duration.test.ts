import { expect } from 'chai'
import { durationMs } from '../src/duration.ts'

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
