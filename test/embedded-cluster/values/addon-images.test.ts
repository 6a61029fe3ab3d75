import { expect } from 'chai'
import { addonImages, addonImagesOf, tagOf } from '../../../src/embedded-cluster/values/addon-images.ts'
import { veleroOf } from '../../../src/velero/ec-versions.ts'

describe('addonImagesOf', () => {
  for (const [version, velero, aws] of [
    ['2.13.0+k8s-1.33', '1.17.1', '1.13.1'],
    ['v2.15.0+k8s-1.34', '1.17.2', '1.13.2'],
    ['2.16.0', '1.18.0', '1.14.0'],
    ['2.18.9+k8s-1.34', '1.18.0', '1.14.0'],
    ['2.19.4+k8s-1.36', '1.18.2', '1.14.2'],
    ['2.100.0+k8s-1.40', '1.18.2', '1.14.2'],
  ] as const) {
    it(`gives Velero ${velero} and the AWS plugin ${aws} for ${version}`, () => {
      const images = addonImagesOf(version)
      expect([images?.velero.version, images?.aws.version]).to.deep.equal([velero, aws])
    })
  }
  for (const version of ['2.12.9+k8s-1.33', '1.29.4+ec.3', '3.0.0', '', 'latest']) {
    it(`gives none for ${version || 'nothing'}`, () => {
      expect(addonImagesOf(version)).to.equal(undefined)
    })
  }
  it('has a digest for each architecture, and another one for each', () => {
    const all = addonImages.flatMap(({ velero, aws }) => [velero.amd64, velero.arm64, aws.amd64, aws.arm64])
    for (const digest of all) expect(digest).to.match(/^[0-9a-f]{64}$/)
    expect(tagOf(addonImages[0]!.aws, 'arm64')).to.match(/^v1\.\d+\.\d+-arm64@sha256:[0-9a-f]{64}$/)
  })
  it('agrees with the Velero that the other checks take for a version', () => {
    for (const version of ['2.13.0', '2.16.0', '2.19.2']) expect(addonImagesOf(version)?.velero.version).to.equal(veleroOf(version))
  })
})
