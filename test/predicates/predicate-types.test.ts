import { expect } from 'chai'
import { matchPredicateType, predicateShortNames } from '../../src/predicates/predicate-types.ts'

describe('matchPredicateType', () => {
  for (const [wanted, found, how] of [
    ['spdx', 'https://spdx.dev/Document', 'exact'],
    ['spdxjson', 'https://spdx.dev/Document', 'exact'],
    ['spdxjson', 'https://spdx.dev/Document/v2.3', 'version'],
    ['https://spdx.dev/Document', 'https://spdx.dev/Document/v2.3', 'version'],
    ['https://spdx.dev/Document/v2.3', 'https://spdx.dev/Document', undefined],
    ['openvex', 'https://openvex.dev/ns/v0.2.0', 'version'],
    ['cyclonedx', 'https://cyclonedx.org/bom/v1.6', 'version'],
    ['vuln', 'https://cosign.sigstore.dev/attestation/vuln/v1', 'exact'],
    ['vuln', 'https://cosign.sigstore.dev/attestation/vuln/v1/v2', undefined],
    ['custom', 'https://cosign.sigstore.dev/attestation/v1', 'exact'],
    ['custom', 'https://cosign.sigstore.dev/attestation/vuln/v1', undefined],
    ['slsaprovenance', 'https://slsa.dev/provenance/v0.2', 'exact'],
    ['slsaprovenance', 'https://slsa.dev/provenance/v1', undefined],
    ['slsaprovenance1', 'https://slsa.dev/provenance/v1', 'exact'],
    ['https://slsa.dev/provenance', 'https://slsa.dev/provenance/v1', 'version'],
    ['https://acme.example/a', 'https://acme.example/a/b', undefined],
    ['https://acme.example/a', 'https://acme.example/av1', undefined],
    ['https://acme.example/a', 'https://acme.example/a/v1x', undefined],
    ['constructor', 'constructor', 'exact'],
    ['spdx', 'spdx', undefined],
  ] as const) {
    it(`${found} ${how === undefined ? 'is not' : `is (${how})`} ${wanted}`, () => {
      expect(matchPredicateType(wanted, found)?.how).to.equal(how)
    })
  }

  it('knows the short names of cosign', () => {
    expect(Object.keys(predicateShortNames)).to.have.length(10)
  })
})
