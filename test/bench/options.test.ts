import { expect } from 'chai'
import { parseOptions } from './options.ts'

describe('benchmark options', () => {
  it('measures five times, in full size, with a round trip of 50 ms', () => {
    expect(parseOptions([])).to.deep.equal({ runs: 5, scale: 1, delayMs: 25, only: [], json: undefined })
  })
  it('takes others', () => {
    const argv = ['--runs', '9', '--scale', '0.1', '--round-trip', '80', '--only', 'image,start', '--json', 'out.json']
    expect(parseOptions(argv)).to.deep.equal({ runs: 9, scale: 0.1, delayMs: 40, only: ['image', 'start'], json: 'out.json' })
  })
  for (const argv of [['--runs', 'many'], ['--scale', '0'], ['--faster']])
    it(`refuses ${argv.join(' ')}`, () => {
      expect(() => parseOptions(argv)).to.throw()
    })
})
