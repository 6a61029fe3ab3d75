import { expect } from 'chai'
import { document, holds, type Row, skipped, table } from './table.ts'

const row = (value: number, limit: { atLeast?: number; atMost?: number }): Row => ({
  what: 'a row',
  measured: [{ name: 'product', value: 123.4, unit: 'ms' }],
  ratio: { name: 'times faster', value, ...limit },
})

describe('benchmark table', () => {
  for (const [value, limit, expected] of [
    [15, { atLeast: 15 }, true],
    [14.99, { atLeast: 15 }, false],
    [1.5, { atMost: 1.5 }, true],
    [1.51, { atMost: 1.5 }, false],
    [Number.NaN, { atMost: 1.5 }, false],
    [Number.NaN, { atLeast: 15 }, false],
  ] as const)
    it(`says of ${value} with ${JSON.stringify(limit)} that it ${expected ? 'holds' : 'does not hold'}`, () => {
      expect(holds({ name: '', value, ...limit })).to.equal(expected)
    })

  it('shows what was measured, what is required, and whether that holds', () => {
    const text = table([row(16, { atLeast: 15 }), row(2, { atMost: 1.5 })])
    expect(text).to.match(/\| a row +\| product 123 ms +\| 16\.0 times faster \(at least 15\) \| yes +\|/)
    expect(text).to.match(/\| 2\.00 times faster \(at most 1\.5\) +\| NO +\|/)
  })

  it('says why a row was skipped, and not that it holds', () => {
    const text = table([skipped('a peer', 'it is not installed')])
    expect(text)
      .to.contain('skipped: it is not installed')
      .and.not.match(/yes|NO/)
  })

  it('has lines of one width', () => {
    const lines = table([row(16, { atLeast: 15 }), skipped('something much longer than that', 'why')])
      .trim()
      .split('\n')
    expect(new Set(lines.map(({ length }) => length)).size).to.equal(1)
  })

  it('gives programs the same, with whether it holds', () => {
    expect(JSON.parse(JSON.stringify(document([row(1, { atLeast: 15 }), skipped('x', 'y')], { runs: 5 })))).to.deep.equal({
      runs: 5,
      rows: [
        { ...row(1, { atLeast: 15 }), holds: false },
        { what: 'x', measured: [], skipped: 'y' },
      ],
    })
  })
})
