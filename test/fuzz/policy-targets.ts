import { evaluatePolicies, type Findings } from '../../src/policy/evaluate.ts'
import { readPolicies } from '../../src/policy/join-policies.ts'
import { publicKeyFromPem } from '../../src/policy/keys.ts'
import { toTrustedRoot } from '../../src/policy/trusted-root.ts'
import { readOpenVex } from '../../src/predicates/open-vex.ts'
import { readProvenance } from '../../src/predicates/provenance.ts'
import { readSbom } from '../../src/predicates/sbom.ts'
import { readVulnerabilityReport } from '../../src/predicates/vulnerability-report.ts'
import { parseTrustedRoot } from '../../src/signatures/sigstore/trusted-root.ts'
import { parseCrl } from '../../src/x509/crl.ts'
import { X509Error } from '../../src/x509/x509-error.ts'
import { issueAuthority, issueCrl } from '../support/certificate-authority.ts'
import { newSigner } from '../support/cosign.ts'
import { keyless, policyOf, publicPem } from '../support/policies.ts'
import { grypeMatch, grypeResult, sarifResult, trivyFinding, trivyResult, vulnerabilityPredicate } from '../support/scans.ts'
import { newDeployment } from '../support/sigstore/deployment.ts'
import { pem } from '../support/sigstore/der.ts'
import { codeOr, type FuzzTarget, justified, lenient } from './target.ts'

const pinned = { image: 'ghcr.io/acme/plugin:v1', digest: `sha256:${'0'.repeat(64)}` }
const nobody: Findings<unknown> = {
  sigstore: () => ({ candidates: [{ where: 'here', verified: false, reason: 'nobody' }] }),
  notation: () => ({ outcome: 'failed', evidence: [] }),
}
const everybody: Findings<unknown> = {
  sigstore: (_, { attestations }) => ({
    candidates: [
      { where: 'here', verified: true },
      ...attestations.map(({ predicateType }) => ({ where: 'there', verified: true, predicateType })),
    ],
  }),
  notation: () => ({ outcome: 'verified', evidence: [] }),
}

const deployment = newDeployment()
const chain = Buffer.from(pem(deployment.intermediate.der) + pem(deployment.root.der)).toString('base64')
const log = { baseURL: 'https://rekor.example', hashAlgorithm: 'sha-256', publicKey: Buffer.from(publicPem()).toString('base64') }
const authority = { subject: { organization: 'example', commonName: 'fulcio' }, uri: 'https://fulcio.example', certChain: chain }
const trustRoot = {
  apiVersion: 'policy.sigstore.dev/v1alpha1',
  kind: 'TrustRoot',
  metadata: { name: 'ours' },
  spec: { sigstoreKeys: { certificateAuthorities: [authority], tLogs: [log], ctLogs: [log], timestampAuthorities: [authority] } },
}
const yaml = `apiVersion: policy.sigstore.dev/v1beta1
kind: ClusterImagePolicy
metadata:
  name: plugins
spec:
  images:
    - glob: ghcr.io/acme/**
  authorities:
    - name: release
      keyless:
        url: https://fulcio.sigstore.dev
        identities:
          - issuer: https://accounts.example.com
            subjectRegExp: ^.*@acme\\.example$
      ctlog:
        url: https://rekor.sigstore.dev
      attestations:
        - name: sbom
          predicateType: spdxjson
    - key:
        data: |
${publicPem()
  .trim()
  .split('\n')
  .map(line => `          ${line}`)
  .join('\n')}
      source:
        - oci: ghcr.io/acme/signatures
          tagPrefix: a-
---
${JSON.stringify(trustRoot)}
`

const policies: FuzzTarget = {
  name: 'ClusterImagePolicy',
  samples: [
    Buffer.from(yaml),
    Buffer.from(policyOf(keyless())),
    Buffer.from(policyOf({ key: { data: publicPem(), hashAlgorithm: 'sha256' } })),
    Buffer.from(
      policyOf({ ...keyless({ trustRootRef: 'ours' }), rfc3161timestamp: { trustRootRef: 'ours' } }) +
        `\n---\n${JSON.stringify(trustRoot)}`,
    ),
  ],
  sound: 'held',
  run: input =>
    codeOr(() => {
      const { policies: read, trustRoots } = readPolicies([{ name: 'policy.yaml', bytes: input }], () => ({}))
      const { state } = evaluatePolicies(read, pinned, nobody)
      justified(state !== 'held', 'nobody signed it, and no policy says that nobody need')
      for (const root of trustRoots) parseTrustedRoot(Buffer.from(JSON.stringify(toTrustedRoot(root))), root.name)
      return evaluatePolicies(read, pinned, everybody).state
    }),
}

const provenance = {
  buildDefinition: {
    buildType: 'a',
    externalParameters: { workflow: { repository: 'https://a/b', ref: 'c' } },
    resolvedDependencies: [{ uri: 'https://a/b', digest: { gitCommit: 'd' } }],
  },
  runDetails: { builder: { id: 'e' } },
}
const oldProvenance = { builder: { id: 'a' }, buildType: 'b', invocation: { configSource: { uri: 'https://a/b', digest: { sha1: 'c' } } } }
const vex = {
  '@context': 'https://openvex.dev/ns/v0.2.0',
  author: 'a',
  timestamp: '2026-11-20T10:00:00Z',
  statements: [
    { vulnerability: { name: 'CVE-2026-1' }, products: [{ '@id': 'pkg:oci/a', subcomponents: [{ '@id': 'b' }] }], status: 'fixed' },
  ],
}
const readers: readonly [name: string, samples: readonly unknown[], read: (value: unknown) => unknown][] = [
  [
    'vulnerability report',
    [
      vulnerabilityPredicate(trivyResult(trivyFinding())),
      vulnerabilityPredicate(grypeResult(grypeMatch())),
      vulnerabilityPredicate(sarifResult([{ ruleId: 'a', ruleIndex: 0 }], [{ id: 'a', properties: { 'security-severity': '1' } }])),
    ],
    readVulnerabilityReport,
  ],
  ['OpenVEX', [vex], readOpenVex],
  ['provenance 1', [provenance], value => readProvenance('https://slsa.dev/provenance/v1', value)],
  ['provenance 0.2', [oldProvenance], value => readProvenance('https://slsa.dev/provenance/v0.2', value)],
  [
    'SBOM',
    [
      { spdxVersion: 'SPDX-2.3', SPDXID: 'SPDXRef-DOCUMENT', packages: [{ name: 'a' }] },
      { bomFormat: 'CycloneDX', specVersion: '1.6', components: [{ name: 'a', components: [{ name: 'b' }] }] },
    ],
    readSbom,
  ],
]

const predicates = readers.map(
  ([name, samples, read]): FuzzTarget => ({
    name,
    samples: samples.map(sample => Buffer.from(JSON.stringify(sample))),
    sound: 'read',
    run: input =>
      codeOr(() => {
        read(lenient(input))
        return 'read'
      }),
  }),
)

const root = issueAuthority()
export const policyTargets: readonly FuzzTarget[] = [
  policies,
  ...predicates,
  {
    name: 'public key',
    samples: (['P-256', 'P-384', 'Ed25519', 'RSA'] as const).map(kind => Buffer.from(newSigner(kind).publicPem)),
    sound: 'read',
    run: input => codeOr(() => (publicKeyFromPem(input.toString(), 'cosign.pub').fingerprint === '' ? 'none' : 'read')),
  },
  {
    name: 'revocation list',
    samples: [issueCrl({ issuer: root, revoked: [{ certificate: root, reason: 1 }] })],
    sound: 'read',
    run(input) {
      try {
        parseCrl(input)
        return 'read'
      } catch (error) {
        if (error instanceof X509Error) return 'X509Error'
        throw error
      }
    },
  },
]
