import { expect } from 'chai'
import { samePair } from '../../../src/world/conversion/serving-pair.ts'

describe('samePair', () => {
  const pair = (cert: string, key: string) => ({ cert: Buffer.from(cert), key: Buffer.from(key), description: '', notAfterMs: 0 })
  for (const [what, other, same] of [
    ['the same bytes', pair('a', 'b'), true],
    ['a renewed certificate of the same key', pair('c', 'b'), false],
    ['another key', pair('a', 'c'), false],
  ] as const)
    it(`is ${same} for ${what}`, () => {
      expect(samePair(pair('a', 'b'), other)).to.equal(same)
    })
})
