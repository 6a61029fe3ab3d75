import { expect } from 'chai'
import { rootWords } from '../../src/trust/root-words.ts'

const shipped = {
  name: 'the trusted root',
  bytes: Buffer.alloc(0),
  origin: 'shipped',
  description: 'the one that ships',
  date: new Date('2026-01-01'),
} as const

describe('rootWords', () => {
  it('says which one was used, and what was passed over', () => {
    expect(rootWords({ name: 'root.json', bytes: Buffer.alloc(0) }, new Date('2026-11-27'))).to.equal('The trusted root is root.json.')
    expect(
      rootWords({ ...shipped, origin: 'cached', description: 'a cached one', notes: ['Another was passed over.'] }, new Date('2026-11-27')),
    ).to.equal('The trusted root is a cached one. Another was passed over.')
  })

  for (const [days, old] of [
    [0, false],
    [180, false],
    [181, true],
  ] as const) {
    it(`says of one that ships ${days} days after it was made that it is ${old ? '' : 'not '}old`, () => {
      const at = new Date(shipped.date.getTime() + days * 86_400_000)
      const words = rootWords(shipped, at)
      expect(words.startsWith('The trusted root is the one that ships.')).to.equal(true)
      expect(words.includes(`It is ${days} days old`) && words.includes('--refresh-trusted-root')).to.equal(old)
    })
  }

  it('does not call one old that the user gave, or that was just asked for', () => {
    for (const origin of ['file', 'cached', 'refreshed'] as const)
      expect(rootWords({ ...shipped, origin }, new Date('2030-01-01'))).to.not.include('days old')
  })
})
