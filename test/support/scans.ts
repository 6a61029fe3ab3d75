/** A vulnerability as trivy lists it. */
export const trivyFinding = (extra: object = {}) => ({
  VulnerabilityID: 'CVE-2026-1000',
  PkgName: 'zlib',
  PkgIdentifier: { PURL: 'pkg:apk/alpine/zlib@1.3?arch=x86_64' },
  InstalledVersion: '1.3',
  FixedVersion: '1.4',
  Severity: 'CRITICAL',
  ...extra,
})

export const trivyResult = (...findings: readonly object[]) => ({
  SchemaVersion: 2,
  ArtifactName: 'ghcr.io/acme/plugin:v1',
  Results: [{ Target: 'alpine', Class: 'os-pkgs', Type: 'alpine', Vulnerabilities: findings }],
})

export const grypeResult = (...matches: readonly object[]) => ({ matches, descriptor: { name: 'grype', version: '0.104.0' } })

export const grypeMatch = (vulnerability: object = {}, artifact: object = {}) => ({
  vulnerability: { id: 'GHSA-aaaa-bbbb-cccc', severity: 'High', fix: { versions: ['2.1.0'] }, ...vulnerability },
  relatedVulnerabilities: [{ id: 'CVE-2026-2000' }],
  artifact: { name: 'lib', version: '2.0.0', purl: 'pkg:golang/example.com/lib@v2.0.0', ...artifact },
})

export const sarifResult = (results: readonly object[], rules: readonly object[] = []) => ({
  version: '2.1.0',
  runs: [{ tool: { driver: { name: 'Trivy', rules } }, results }],
})

/** The predicate of `cosign attest --type vuln`. */
export const vulnerabilityPredicate = (result: unknown, extra: object = {}) => ({
  invocation: { parameters: [], uri: '', event_id: '', 'builder.id': '' },
  scanner: { uri: 'pkg:github/aquasecurity/trivy@0.68.1', version: '0.68.1', db: { uri: '', version: '' }, result },
  metadata: { scanStartedOn: '2026-11-22T10:00:00Z', scanFinishedOn: '2026-11-22T10:00:05.123456789Z' },
  ...extra,
})
