import { expect } from 'chai'
import { mergePatch } from '../../../src/embedded-cluster/values/merge-patch.ts'

type Values = Parameters<typeof mergePatch>[0]
const merged = (target: Values, patch: Values): unknown => JSON.parse(JSON.stringify(mergePatch(target, patch)))

describe('mergePatch', () => {
  // RFC 7396, appendix A, as far as both are mappings
  for (const [target, patch, result] of [
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: 'b', b: 'c' }, { a: null }, { b: 'c' }],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: 'c' }, { a: ['b'] }, { a: ['b'] }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ e: null }, { a: 1 }, { e: null, a: 1 }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ] as readonly (readonly [Values, Values, object])[]) {
    it(`${JSON.stringify(target)} with ${JSON.stringify(patch)} is ${JSON.stringify(result)}`, () => {
      expect(merged(target, patch)).to.deep.equal(result)
    })
  }
  it('takes nulls out of the mappings of a new list, as evanphx/json-patch does, and leaves those of the list', () => {
    expect(merged({}, { l: [{ a: 1, b: null }, null, [{ c: null }]] })).to.deep.equal({ l: [{ a: 1 }, null, [{}]] })
  })
  it('leaves a list as it is that replaces a mapping, as it does', () => {
    expect(merged({ m: { x: 1 }, l: [1] }, { m: [{ a: null }], l: [{ a: null }] })).to.deep.equal({ m: [{ a: null }], l: [{}] })
  })
  it('takes a key for a key, whatever its name', () => {
    const patched = mergePatch({}, JSON.parse('{"__proto__": {"x": 1}, "constructor": 2}') as Values)
    expect(Object.entries(patched).map(([key]) => key)).to.deep.equal(['__proto__', 'constructor'])
    expect(({} as { x?: number }).x).to.equal(undefined)
  })
})
