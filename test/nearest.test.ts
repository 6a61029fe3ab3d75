import { expect } from 'chai'
import { nearest } from '../src/nearest.ts'

describe('nearest', () => {
  const known = ['name', 'image', 'imagePullPolicy', 'imagePullSecret']
  const cases: [word: string, meant: string | undefined][] = [
    ['imagePullSecrets', 'imagePullSecret'],
    ['imagepullsecret', 'imagePullSecret'],
    ['imagePulPolcy', 'imagePullPolicy'],
    ['iamge', 'image'],
    ['img', 'image'],
    ['foo', undefined],
    ['nmae', 'name'],
    ['nam', 'name'],
    ['na', undefined],
    ['pullPolicy', undefined],
    ['', undefined],
    ['x'.repeat(100_000), undefined],
  ]
  for (const [word, meant] of cases) {
    it(`${word.slice(0, 20) || 'nothing'}: ${meant ?? 'no guess'}`, () => {
      expect(nearest(word, known)).to.equal(meant)
    })
  }
})
