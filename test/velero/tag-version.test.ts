import { expect } from 'chai'
import { compareTags } from '../../src/velero/tag-version.ts'

describe('tags of two versions', () => {
  const order = [
    ['v1.2.3', 'v1.2.3', 0],
    ['v1.2.3', '1.2.3', 0],
    ['v1.2.3', 'v1.2.4', -1],
    ['v1.10.0', 'v1.9.9', 1],
    ['v2.0.0', 'v1.99.99', 1],
    ['2026.11.2', '2026.9.30', 1],
    ['41', '7', 1],
    ['v1.2.3-rc.1', 'v1.2.3', -1],
    ['v1.2.3-rc.2', 'v1.2.3-rc.10', -1],
    ['v1.2.3-beta.1', 'v1.2.3-rc.1', -1],
    ['v1.2.3-rc.1', 'v1.2.3-rc.1.1', -1],
    ['v1.2.3-amd64', 'v1.2.4-amd64', -1],
    ['v1.2.3-alpine', 'v1.2.3-alpine', 0],
    ['v1', 'v2.3.4', -1],
  ] as const
  for (const [a, b, expected] of order)
    it(`${a} is ${expected < 0 ? 'before' : expected > 0 ? 'after' : 'as'} ${b}`, () => {
      expect(Math.sign(compareTags(a, b) ?? Number.NaN)).to.equal(expected)
      expect(Math.sign(compareTags(b, a) ?? Number.NaN)).to.equal(expected === 0 ? 0 : -expected)
    })

  for (const [a, b] of [
    ['latest', 'v1.2.3'],
    ['v1', 'v1.2.3'],
    ['v1.2.3-alpine', 'v1.2.3'],
    ['v1.2.3-alpine', 'v1.2.3-rc.1'],
    ['3f2a91c', 'v1.2.3'],
    ['', 'v1.2.3'],
    ['v1.2.3.4.5', 'v1.2.3.4.6'],
    [`v${'9'.repeat(100)}`, 'v1'],
  ] as const)
    it(`of ${a.slice(0, 20) || 'nothing'} and ${b} nobody can tell which is later`, () => {
      expect(compareTags(a, b)).to.equal(undefined)
      expect(compareTags(b, a)).to.equal(undefined)
    })

  it('that are the same text are the same, whatever they say', () => {
    expect(compareTags('latest', 'latest')).to.equal(0)
  })
})
