import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { formatPlatform, isUnknown, normalize, parsePlatform, ranking, runsOn, splitPlatform } from '../../src/oci/platform.ts'

describe('platform', () => {
  for (const [text, normal] of [
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['LINUX/AMD64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/arm', 'linux/arm/v7'],
    ['arm64', 'linux/arm64'],
    ['i386', 'linux/386'],
  ] as const) {
    it(`${text} is ${normal}`, () => {
      expect(formatPlatform(parsePlatform(text))).to.equal(normal)
    })
  }

  for (const [text, what] of [
    ['', 'a part is empty'],
    ['linux', 'the architecture is missing'],
    ['linux/', 'a part is empty'],
    ['linux/amd64/v1/x', 'more than three parts'],
    ['linux/*', 'characters that do not belong'],
    ['windows/amd64', 'nodes run linux'],
    ['arm64/v8', 'its first part is "arm64", and'],
    ['linux/amd46', 'the architecture "amd46" is not known'],
  ] as const) {
    it(`"${text}" is none: ${what}`, () => {
      expect(() => parsePlatform(text))
        .to.throw(PreflightError, what)
        .with.property('code', 'USAGE')
    })
  }

  it('a node prefers its own level, then lower ones, then 32 bit', () => {
    const rank = ranking(parsePlatform('linux/amd64/v3'))
    const ranks = ['linux/amd64/v3', 'linux/amd64/v2', 'linux/amd64', 'linux/386'].map(text => rank(splitPlatform(text)))
    expect(ranks).to.deep.equal([0, 1, 2, 3])
    expect(rank(splitPlatform('linux/amd64/v4'))).to.equal(undefined)
  })

  it('an arm64 node runs lower levels of arm64 and 32 bit arm', () => {
    const node = parsePlatform('linux/arm64/v9')
    expect(runsOn(splitPlatform('linux/arm64/v8.5'), node)).to.equal(true)
    expect(runsOn(splitPlatform('linux/arm64/v8.6'), node)).to.equal(false)
    expect(runsOn(splitPlatform('linux/arm/v7'), node)).to.equal(true)
    expect(runsOn(splitPlatform('linux/amd64'), node)).to.equal(false)
  })

  it('a child that asks for features runs on no node', () => {
    expect(runsOn({ os: 'linux', architecture: 'amd64', osFeatures: ['x'] }, parsePlatform('linux/amd64'))).to.equal(false)
  })

  it('a slash in a field makes no other platform of it', () => {
    expect(runsOn({ os: 'linux', architecture: 'arm/v7' }, parsePlatform('linux/arm/v7'))).to.equal(false)
  })

  it('what is missing is shown as unknown, and the node gives its own system', () => {
    expect(formatPlatform({ os: '', architecture: '' })).to.equal('unknown/unknown')
    expect(normalize({ os: '', architecture: 'amd64' }).os).to.equal('linux')
    expect(isUnknown({ os: 'unknown', architecture: 'unknown' })).to.equal(true)
  })

  it('what was written is read back', () => {
    for (const text of ['linux/amd64', 'linux/arm/v7']) expect(formatPlatform(splitPlatform(text))).to.equal(text)
  })
})
