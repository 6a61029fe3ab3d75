import { expect } from 'chai'
import { fuzz } from './fuzz.ts'

/** 100,000 are run by hand: `npm run fuzz`. */
const runs = 3000

describe('bundles, envelopes, policies and the like, changed at random', function () {
  this.timeout(300_000)

  it('end in a verdict or an error with a code, and pass only where what was signed is the same', async () => {
    const { failures, targets } = await fuzz({ runs, seed: 1 })
    expect(failures).to.deep.equal([])
    const outcomes = targets.flatMap(target => Object.entries(target.outcomes))
    expect(outcomes.reduce((sum, [, count]) => sum + count, 0)).to.equal(runs)
    // Changes that are too coarse would find nothing.
    for (const target of targets) expect(Object.keys(target.outcomes).length, target.name).to.be.greaterThan(1)
  })
})
