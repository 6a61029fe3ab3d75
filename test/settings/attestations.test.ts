import { expect } from 'chai'
import { attestationsOf } from '../../src/settings/attestations.ts'
import { scannerOf } from '../../src/settings/scanner.ts'
import type { Flags } from '../../src/settings.ts'
import { refusal } from '../support/policies.ts'

describe('flags of attestations and vulnerabilities', () => {
  it('require nothing where none is given', () => {
    expect(attestationsOf({})).to.deep.equal({ attestations: undefined, vulnerabilities: undefined })
    expect(scannerOf({}, {})).to.equal(undefined)
  })
  it('name types as cosign does, or by URI', () => {
    const types = [
      'slsaprovenance',
      'slsaprovenance1',
      'spdx',
      'spdxjson',
      'cyclonedx',
      'vuln',
      'openvex',
      'custom',
      'link',
      'https://a.example/v1',
    ]
    expect(attestationsOf({ requireAttestation: types }).attestations).to.deep.equal({ types })
  })
  it('name a builder and a source, with or without its scheme', () => {
    for (const [sourceUri, sourceRepository] of [
      ['github.com/acme/plugin', 'https://github.com/acme/plugin'],
      ['git+https://github.com/acme/plugin', 'git+https://github.com/acme/plugin'],
    ] as const)
      expect(attestationsOf({ builderId: 'b', sourceUri }).attestations).to.deep.equal({
        types: [],
        provenance: { builderId: 'b', sourceRepository },
      })
  })
  it('limit vulnerabilities and the age of a report', () => {
    const { vulnerabilities } = attestationsOf({ maxVulnerabilities: 'critical=0,high=3', maxReportAge: '7d' })
    expect([...(vulnerabilities?.limits ?? [])]).to.deep.equal([
      ['critical', 0],
      ['high', 3],
    ])
    expect(vulnerabilities?.maxReportAgeMs).to.equal(7 * 24 * 3_600_000)
  })
  it('let a scanner be run with the environment that there is', () => {
    const env = { PATH: '/bin' }
    expect(scannerOf({ scanner: 'grype' }, env)).to.deep.equal({ program: 'grype', env, offline: false })
    expect(scannerOf({ scanner: 'trivy', offline: true }, env)).to.deep.equal({ program: 'trivy', env, offline: true })
  })
  for (const [flags, words] of [
    [{ requireAttestation: ['sbdx'] }, /--require-attestation sbdx: it is neither/],
    [{ requireAttestation: [''] }, /--require-attestation/],
    [{ requireAttestation: ['https://sigstore.dev/cosign/sign/v1'] }, /the type of a signature/],
    [{ builderId: '' }, /--builder-id is empty/],
    [{ sourceUri: '' }, /--source-uri : it is no address/],
    [{ sourceUri: 'github.com' }, /--source-uri github.com/],
    [{ sourceUri: 'https://github.com/a b' }, /--source-uri/],
    [{ maxVulnerabilities: 'critical' }, /--max-vulnerabilities critical/],
    [{ maxVulnerabilities: '' }, /a limit is missing/],
    [{ maxVulnerabilities: 'high=1', maxReportAge: '7' }, /--max-report-age 7/],
    [{ maxReportAge: '7d' }, /--max-report-age needs --max-vulnerabilities/],
  ] as const satisfies readonly (readonly [Flags, RegExp])[]) {
    it(`refuse ${JSON.stringify(flags)}`, () => {
      const error = refusal(() => attestationsOf(flags))
      expect(error.code).to.equal('USAGE')
      expect(error.message).to.match(words)
    })
  }
  for (const scanner of ['clair', '', '../trivy', 'Trivy']) {
    it(`refuse the scanner "${scanner}"`, () => {
      expect(refusal(() => scannerOf({ scanner }, {})).message).to.include('it is one of trivy, grype')
    })
  }
  it('ask what was meant', () => {
    expect(refusal(() => attestationsOf({ requireAttestation: ['spdxjsn'] })).hint).to.equal('Did you mean spdxjson?')
  })
})
