import { expect } from 'chai'
import { differences } from '../../../src/embedded-cluster/values/differences.ts'

const aws = { name: 'aws', image: 'p/aws:1' }
const pg = { name: 'pg', image: 'v/pg:1' }

describe('differences', () => {
  it('are none between equal values, and none for what only the other has', () => {
    expect(differences({ initContainers: [aws], a: 1 }, { initContainers: [aws], a: 1, b: 2 })).to.deep.equal([])
  })
  it('name a container that is missing, and one that is not wanted', () => {
    expect(differences({ initContainers: [aws, pg] }, { initContainers: [aws, { name: 'old', image: 'v/old:1' }] })).to.deep.equal([
      { path: 'initContainers[pg]', wanted: 'v/pg:1' },
      { path: 'initContainers[old]', found: 'v/old:1' },
    ])
  })
  for (const found of [{}, { initContainers: null }, { initContainers: '{{ tpl }}' }, { initContainers: [null, 'x'] }]) {
    it(`name every container where there are none: ${JSON.stringify(found)}`, () => {
      expect(differences({ initContainers: [aws] }, found)).to.deep.equal([{ path: 'initContainers[aws]', wanted: 'p/aws:1' }])
    })
  }
  it('name another image of a container', () => {
    expect(differences({ initContainers: [pg] }, { initContainers: [{ ...pg, image: 'v/pg:2' }] })).to.deep.equal([
      { path: 'initContainers[pg].image', wanted: 'v/pg:1', found: 'v/pg:2' },
    ])
  })
  it('name another order', () => {
    expect(differences({ initContainers: [aws, pg] }, { initContainers: [pg, aws] })).to.deep.equal([
      { path: 'initContainers (order)', wanted: 'aws, pg', found: 'pg, aws' },
    ])
  })
  it('name pull secrets that are missing', () => {
    expect(differences({ image: { imagePullSecrets: ['s'] } }, { image: { tag: 'x' } })).to.deep.equal([
      { path: 'image.imagePullSecrets', wanted: '["s"]' },
    ])
  })
  it('show nothing of values that may be secrets, and no login of an image', () => {
    const shown = JSON.stringify([
      differences({ credentials: { key: 'hunter2' } }, { credentials: { key: 'hunter3' } }),
      differences({ initContainers: [pg] }, { initContainers: [{ ...pg, image: 'https://me:hunter4@r.io/x?token=hunter5' }] }),
    ])
    expect(shown).to.contain('credentials.key').and.not.contain('hunter')
  })
})
