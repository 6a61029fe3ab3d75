import { expect } from 'chai'
import { digestIn, isOfRepository, isSameReference, referenceOf } from '../../src/oci/node-image.ts'
import { parseReference } from '../../src/oci/reference.ts'

const digest = `sha256:${'a'.repeat(64)}`

describe('what a node calls an image', () => {
  for (const [name, expected] of [
    [`r.io/a@${digest}`, digest],
    [`docker-pullable://r.io/a@${digest}`, digest],
    [digest, digest],
    [`r.io/a:v1@${digest}`, digest],
    ['r.io/a:v1', undefined],
    ['', undefined],
    [`r.io/a@${digest}0`, undefined],
    ['r.io/a@sha256:short', undefined],
  ] as const)
    it(`has ${expected === undefined ? 'no digest' : 'a digest'}: ${name.slice(0, 40) || 'nothing'}`, () => {
      expect(digestIn(name)).to.equal(expected)
    })

  it('is of the repository of an image, whatever the spelling, the scheme and the tag', () => {
    const image = parseReference('acme/a:v1')
    for (const name of ['docker.io/acme/a:v9', `index.docker.io/acme/a@${digest}`, `docker-pullable://acme/a@${digest}`])
      expect(isOfRepository(name, image), name).to.equal(true)
    for (const name of ['docker.io/acme/ab:v1', 'r.io/acme/a:v1', digest, '', '::'])
      expect(isOfRepository(name, image), name).to.equal(false)
  })

  it('is one reference however it is spelt, and a text that is none only itself', () => {
    expect(isSameReference('a', 'docker.io/library/a:latest')).to.equal(true)
    expect(isSameReference('a:v1', 'a:v2')).to.equal(false)
    expect(isSameReference('a:v1', `a:v1@${digest}`)).to.equal(false)
    expect(isSameReference('UPPER//', 'UPPER//')).to.equal(true)
    expect(isSameReference('UPPER//', 'a')).to.equal(false)
    expect(referenceOf('UPPER//')).to.equal(undefined)
  })
})
