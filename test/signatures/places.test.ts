import { expect } from 'chai'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { chooseReferrers, formOf, mayBeSignature, newest, referrersTag, signatureTag } from '../../src/signatures/places.ts'

const hex = 'ab'.repeat(32)
const bundle = 'application/vnd.dev.sigstore.bundle.v0.3+json'

describe('signatureTag and referrersTag', () => {
  it("are the digest with a dash, and cosign's suffix", () => {
    expect(signatureTag(`sha256:${hex}`)).to.equal(`sha256-${hex}.sig`)
    expect(referrersTag(`sha256:${hex}`)).to.equal(`sha256-${hex}`)
  })
  it('cut the referrers tag to 64 characters of hash', () => {
    expect(referrersTag(`sha512:${'cd'.repeat(64)}`)).to.equal(`sha512-${'cd'.repeat(32)}`)
  })
})

describe('mayBeSignature', () => {
  for (const type of [
    undefined,
    bundle,
    'application/vnd.dev.sigstore.bundle.v9+json',
    'application/vnd.dev.cosign.artifact.sig.v1+json',
    'application/vnd.oci.empty.v1+json',
    'application/vnd.oci.image.config.v1+json',
  ]) {
    it(`looks at ${type ?? 'what has no type'}`, () => expect(mayBeSignature(type)).to.equal(true))
  }
  for (const type of ['application/vnd.cncf.notary.signature', 'application/spdx+json', 'application/vnd.in-toto+json', 'text/plain']) {
    it(`passes over ${type}`, () => expect(mayBeSignature(type)).to.equal(false))
  }
})

describe('formOf', () => {
  const config = { mediaType: 'application/vnd.oci.empty.v1+json' }
  const simple = { mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json' }
  const cosign = 'application/vnd.dev.cosign.artifact.sig.v1+json'
  it('knows a bundle by its layer', () => expect(formOf({ config, layers: [{ mediaType: bundle }] })).to.equal('sigstoreBundle'))
  it("knows cosign's referrer by its artifact type, or in old ones by its config", () => {
    expect(formOf({ artifactType: cosign, config, layers: [simple] })).to.equal('cosignReferrer')
    expect(formOf({ config: { mediaType: cosign }, layers: [simple] })).to.equal('cosignReferrer')
  })
  it('knows nothing else', () => {
    expect(formOf({ config, layers: [simple] })).to.equal('unknown')
    expect(formOf({ artifactType: cosign, config, layers: [] })).to.equal('unknown')
  })
})

describe('chooseReferrers', () => {
  const entry = (n: number, artifactType?: string): Descriptor => ({
    mediaType: 'm',
    digest: `sha256:${`${n}`.padStart(64, '0')}`,
    sizeBytes: 1,
    ...(artifactType === undefined ? {} : { artifactType }),
  })
  const range = (from: number, to: number, type?: string) => Array.from({ length: to - from }, (_, i) => entry(from + i, type))

  it('takes the newest, and counts what it leaves', () => {
    const { chosen, unread } = chooseReferrers([{ kind: 'a', descriptors: range(0, 5) }], 2)
    expect(chosen.map(({ descriptor }) => descriptor)).to.deep.equal(range(3, 5))
    expect(unread.get('a')).to.equal(3)
  })
  it('is not crowded out by what is no signature', () => {
    const { chosen, unread } = chooseReferrers([{ kind: 'a', descriptors: [entry(0, bundle), ...range(1, 100, 'text/plain')] }], 2)
    expect(chosen.map(({ descriptor }) => descriptor)).to.deep.include(entry(0, bundle))
    expect(unread.get('a')).to.equal(0)
  })
  it('names once what several lists have, with all of them', () => {
    const { chosen } = chooseReferrers(
      [
        { kind: 'a', descriptors: range(0, 2) },
        { kind: 'b', descriptors: [...range(1, 3), ...range(1, 3)] },
      ],
      9,
    )
    expect(chosen.map(({ kinds }) => kinds)).to.deep.equal([['a'], ['a', 'b'], ['b']])
  })
  it('looks at what any list says may be a signature', () => {
    for (const types of [
      [bundle, 'text/plain'],
      ['text/plain', bundle],
    ]) {
      const { chosen } = chooseReferrers(
        types.map((type, kind) => ({ kind, descriptors: [entry(1, type)] })),
        9,
      )
      expect(chosen.map(({ descriptor }) => descriptor.artifactType)).to.deep.equal([bundle])
    }
  })
})

describe('newest', () => {
  it('is the end of the list', () => expect(newest([1, 2, 3], 2)).to.deep.equal([2, 3]))
})
