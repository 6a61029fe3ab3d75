import { expect } from 'chai'
import { alternate, median } from './statistics.ts'

describe('benchmark statistics', () => {
  for (const [values, expected] of [
    [[3], 3],
    [[9, 1, 5], 5],
    [[10, 2, 4, 100], 7],
    [[100, 20, 3], 20],
  ] as const)
    it(`takes ${expected} for the middle of ${values.join(', ')}`, () => {
      expect(median(values)).to.equal(expected)
    })

  it('has no middle of nothing', () => {
    expect(median([])).to.be.NaN
  })

  it('leaves the list as it was', () => {
    const values = [3, 1, 2]
    median(values)
    expect(values).to.deep.equal([3, 1, 2])
  })

  it('takes contenders in turns, and does not count the first round', async () => {
    const order: string[] = []
    let round = 0
    const medians = await alternate(
      {
        first: async () => {
          order.push('first')
          return round++ === 0 ? 1000 : round
        },
        second: async () => {
          order.push('second')
          return 7
        },
      },
      3,
    )
    expect(order.join(' ')).to.equal('first second first second first second first second')
    expect(medians).to.deep.equal({ first: 3, second: 7 })
  })
})
