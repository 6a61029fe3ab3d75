import fc from 'fast-check'
import { PreflightError } from '../../src/errors.ts'
import { correctByVex } from '../../src/predicates/correct-by-vex.ts'
import { readOpenVex } from '../../src/predicates/open-vex.ts'
import { readProvenance } from '../../src/predicates/provenance.ts'
import { readSbom } from '../../src/predicates/sbom.ts'
import { readVulnerabilityReport } from '../../src/predicates/vulnerability-report.ts'
import { grypeMatch, grypeResult, sarifResult, trivyFinding, trivyResult, vulnerabilityPredicate } from '../support/scans.ts'

const vex = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  author: 'a',
  timestamp: '2026-11-20T10:00:00Z',
  statements: [
    { vulnerability: { name: 'CVE-2026-1000' }, products: [{ '@id': 'pkg:oci/a', subcomponents: [{ '@id': 'b' }] }], status: 'fixed' },
  ],
}
const image = { repository: 'ghcr.io/acme/plugin', digests: [] }
const readers: Readonly<Record<string, { readonly seeds: readonly unknown[]; readonly read: (value: unknown) => unknown }>> = {
  vulnerabilities: {
    seeds: [
      vulnerabilityPredicate(trivyResult(trivyFinding())),
      vulnerabilityPredicate(grypeResult(grypeMatch())),
      vulnerabilityPredicate(
        sarifResult([{ ruleId: 'a', ruleIndex: 0 }], [{ id: 'a', properties: { 'security-severity': '1', tags: ['HIGH'] } }]),
      ),
    ],
    read: readVulnerabilityReport,
  },
  VEX: {
    seeds: [vex],
    read: value =>
      correctByVex(
        [{ id: 'CVE-2026-1000', aliases: [], severity: 'high', package: 'b', purl: 'pkg:npm/b' }],
        [{ vex: readOpenVex(value), ofImage: true }],
        image,
      ),
  },
  'provenance v0.2': {
    seeds: [{ builder: { id: 'a' }, buildType: 'b', invocation: { configSource: { uri: 'https://a/b', digest: { sha1: 'c' } } } }],
    read: value => readProvenance('https://slsa.dev/provenance/v0.2', value),
  },
  'provenance v1': {
    seeds: [
      {
        buildDefinition: {
          buildType: 'a',
          externalParameters: { workflow: { repository: 'https://a/b', ref: 'c' }, source: { uri: 'https://a/b' } },
          resolvedDependencies: [{ uri: 'https://a/b', digest: { gitCommit: 'd' } }],
        },
        runDetails: { builder: { id: 'e' } },
      },
    ],
    read: value => readProvenance('https://slsa.dev/provenance/v1', value),
  },
  SBOMs: {
    seeds: [
      { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', packages: [{ name: 'a' }] },
      { bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ name: 'a', components: [{ name: 'b' }] }] },
      'SPDXVersion: SPDX-2.3\nPackageName: a',
    ],
    read: readSbom,
  },
}

/** The paths to all values in `value`. */
const pathsOf = (value: unknown): readonly (readonly string[])[] =>
  typeof value === 'object' && value !== null
    ? [[], ...Object.entries(value).flatMap(([key, inner]) => pathsOf(inner).map(path => [key, ...path]))]
    : [[]]

const replaced = (value: unknown, [step, ...rest]: readonly string[], by: unknown): unknown => {
  if (step === undefined) return by
  const copy = structuredClone(value) as Record<string, unknown>
  copy[step] = replaced(copy[step], rest, by)
  return copy
}

describe('predicates in which a value was replaced', () => {
  const other = fc.oneof(
    fc.constantFrom(undefined, null, true, -1, 1e300, '', 'a', [], {}, [null], [[]], { name: {} }),
    fc.jsonValue({ maxDepth: 3 }),
  )
  for (const [title, { seeds, read }] of Object.entries(readers)) {
    it(`are read or refused with a code: ${title}`, () => {
      for (const seed of seeds) {
        for (const path of pathsOf(seed)) {
          fc.assert(
            fc.property(other, by => {
              try {
                read(replaced(seed, path, by))
              } catch (error) {
                if (!(error instanceof PreflightError)) throw error
              }
            }),
            { numRuns: 20 },
          )
        }
      }
    })
  }
})
