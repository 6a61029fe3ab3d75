import { expect } from 'chai'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { chooseReferrers, cosignTag, formOf, layerTypeOf, mayBeSigned, newest, referrersTag } from '../../src/signatures/places.ts'

const hex = 'ab'.repeat(32)
const bundle = 'application/vnd.dev.sigstore.bundle.v0.3+json'

describe('cosignTag and referrersTag', () => {
  it("are the digest with a dash, and of cosign's tags the suffix, and the prefix right before", () => {
    for (const suffix of ['sig', 'att', 'sbom'] as const) expect(cosignTag(`sha256:${hex}`, suffix)).to.equal(`sha256-${hex}.${suffix}`)
    expect(cosignTag(`sha256:${hex}`, 'sig', 'signed-')).to.equal(`signed-sha256-${hex}.sig`)
    expect(referrersTag(`sha256:${hex}`)).to.equal(`sha256-${hex}`)
  })
  it('cut the referrers tag to 64 characters of hash', () => {
    expect(referrersTag(`sha512:${'cd'.repeat(64)}`)).to.equal(`sha512-${'cd'.repeat(32)}`)
    expect(referrersTag(`${'a+b'.repeat(11)}:cd`)).to.equal(`${'a-b'.repeat(11).slice(0, 32)}-cd`)
  })
})

describe('mayBeSigned', () => {
  for (const type of [
    undefined,
    bundle,
    'application/vnd.dev.sigstore.bundle.v9+json',
    'application/vnd.dev.cosign.artifact.sig.v1+json',
    'application/vnd.oci.empty.v1+json',
    'application/vnd.oci.image.config.v1+json',
    'application/vnd.cncf.notary.signature',
    'application/vnd.in-toto+json',
    'application/vnd.dsse.envelope.v1+json',
  ]) {
    it(`is so of ${type ?? 'what has no type'}`, () => expect(mayBeSigned(type)).to.equal(true))
  }
  for (const type of ['application/spdx+json', 'application/vnd.cyclonedx+json', 'text/plain', '']) {
    it(`is not so of ${type || 'an empty type'}`, () => expect(mayBeSigned(type)).to.equal(false))
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
  const notary = 'application/vnd.cncf.notary.signature'
  const jws = { mediaType: 'application/jose+json' }
  const dsse = { mediaType: 'application/vnd.dsse.envelope.v1+json' }
  const inToto = 'application/vnd.in-toto+json'
  it('knows both manifests of a notation signature, whatever its layers are', () => {
    expect(formOf({ config: { mediaType: notary }, layers: [jws] })).to.equal('notation')
    expect(formOf({ artifactType: notary, config, layers: [jws] })).to.equal('notation')
    expect(formOf({ artifactType: notary, config, layers: [] })).to.equal('notation')
  })
  it('knows none in what notation passes over', () => {
    expect(formOf({ artifactType: notary, config: { mediaType: 'application/json' }, layers: [jws] })).to.equal('unknown')
    expect(formOf({ artifactType: 'text/plain', config: { mediaType: notary }, layers: [jws] })).to.equal('unknown')
  })
  it('knows envelopes of attestations by their layers', () => {
    expect(formOf({ artifactType: inToto, config, layers: [dsse] })).to.equal('inTotoReferrer')
    expect(formOf({ config: { mediaType: inToto }, layers: [dsse] })).to.equal('inTotoReferrer')
    expect(formOf({ artifactType: inToto, config, layers: [{ mediaType: inToto }] })).to.equal('unknown')
  })
  it('knows an SBOM that cosign hung on an image', () => {
    const sbom = 'application/vnd.dev.cosign.artifact.sbom.v1+json'
    expect(formOf({ artifactType: sbom, config, layers: [{ mediaType: 'text/spdx+json' }] })).to.equal('sbomAttachment')
  })
  it('knows nothing else', () => {
    expect(formOf({ config, layers: [simple] })).to.equal('unknown')
    expect(formOf({ artifactType: cosign, config, layers: [] })).to.equal('unknown')
  })
})

describe('layerTypeOf', () => {
  it('is what each layer has to be, where they are read one by one', () => {
    const simple = 'application/vnd.dev.cosign.simplesigning.v1+json'
    expect([layerTypeOf('cosign'), layerTypeOf('cosignReferrer')]).to.deep.equal([simple, simple])
    expect(layerTypeOf('inTotoReferrer')).to.equal('application/vnd.dsse.envelope.v1+json')
    expect([layerTypeOf('cosignAttestation'), layerTypeOf('notation')]).to.deep.equal([undefined, undefined])
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
  it('is not crowded out by what is listed as something else, which is counted too', () => {
    const { chosen, unread } = chooseReferrers([{ kind: 'a', descriptors: [entry(0, bundle), ...range(1, 100, 'text/plain')] }], 2)
    expect(chosen.map(({ descriptor }) => descriptor)).to.deep.equal([entry(0, bundle), entry(99, 'text/plain')])
    expect(unread.get('a')).to.equal(98)
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
  it('does not count for one list as left out what is looked at for another', () => {
    const lists = [
      { kind: 'a', descriptors: range(0, 3) },
      { kind: 'b', descriptors: [entry(0)] },
    ]
    const { chosen, unread } = chooseReferrers(lists, 2)
    expect(chosen.map(({ descriptor, kinds }) => [descriptor, kinds])).to.deep.include([entry(0), ['a', 'b']])
    expect([...unread]).to.deep.equal([
      ['a', 0],
      ['b', 0],
    ])
  })
})

describe('newest', () => {
  it('is the end of the list', () => expect(newest([1, 2, 3], 2)).to.deep.equal([2, 3]))
  it('is nothing of none', () => expect(newest([1, 2, 3], 0)).to.deep.equal([]))
})
