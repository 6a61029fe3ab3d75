import { expect } from 'chai'
import { type Again, againAfter, retry, retryAfterMs } from '../../src/world/retry.ts'
import { jumpingClock } from '../support/registry-client.ts'

const again: Again = { afterMs: undefined }
const always = { value: () => again, error: () => again }

describe('retry', () => {
  it('gives the first value that is good enough', async () => {
    const values = [1, 2, 3]
    const value = await retry(
      async () => values.shift()!,
      { value: n => (n < 2 ? again : undefined), error: () => undefined },
      {},
      jumpingClock(),
      undefined,
    )
    expect([value, values]).to.deep.equal([2, [3]])
  })

  it('gives the last value, or throws the last error, when the tries are spent', async () => {
    let tried = 0
    expect(await retry(async () => ++tried, always, { tries: 4 }, jumpingClock(), undefined)).to.equal(4)
    const failing = retry(() => Promise.reject(new Error(`${++tried}`)), always, { tries: 2 }, jumpingClock(), undefined)
    expect(await failing.catch((error: Error) => error.message)).to.equal('6')
  })

  it('waits at most twice as long each time, up to a limit, and by chance less', async () => {
    const clock = jumpingClock()
    await retry(async () => 0, always, { tries: 6, baseDelayMs: 100, maxDelayMs: 500 }, clock, undefined)
    expect(clock.slept).to.deep.equal([50, 100, 200, 250, 250])
  })

  it('is over when the run is', async () => {
    let tried = 0
    await retry(async () => ++tried, always, {}, jumpingClock(), AbortSignal.abort())
    expect(tried).to.equal(1)
  })

  const nowMs = Date.UTC(2026, 10, 23, 10)
  for (const [header, ms] of [
    ['5', 5000],
    [' 0 ', 0],
    ['Mon, 23 Nov 2026 10:00:07 GMT', 7000],
    ['Mon, 23 Nov 2026 09:00:00 GMT', 0],
    ['soon', undefined],
    ['-1e', undefined],
    [undefined, undefined],
  ] as const)
    it(`reads Retry-After: ${header} as ${ms} ms`, () => {
      expect(retryAfterMs(header, nowMs)).to.equal(ms)
    })

  it('is for overload and failures on the way, not for what the request itself is refused for', () => {
    const statuses = [200, 206, 304, 400, 401, 403, 404, 408, 416, 429, 500, 501, 502, 503, 504, 505, 522]
    expect(statuses.filter(status => againAfter(status, undefined, 0) !== undefined)).to.deep.equal([408, 429, 500, 502, 503, 504, 522])
  })
})
