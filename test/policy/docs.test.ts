import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { evaluatePolicies } from '../../src/policy/evaluate.ts'
import { identityWarnings } from '../../src/policy/identity.ts'
import { joinPolicyFiles } from '../../src/policy/join-policies.ts'
import { parsePolicyFile, policyKindOf } from '../../src/policy/policy-file.ts'
import { identityOfFlags } from '../../src/policy/trust-flags.ts'
import { parseReportAge, parseVulnerabilityLimits } from '../../src/policy/vulnerability-limits.ts'
import { predicateShortNames } from '../../src/predicates/predicate-types.ts'
import { makeCertificate } from '../support/certificate.ts'
import { document, publicPem } from '../support/policies.ts'

const page = readFileSync('docs/policies.md', 'utf8')
const blocks = (language: string) =>
  [...page.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)].filter(([, name]) => name === language).map(([, , text = '']) => text)
const certChain = Buffer.from(makeCertificate({ ca: true }).cert).toString('base64')
const log = { baseURL: 'https://rekor.example.com', hashAlgorithm: 'sha-256', publicKey: Buffer.from(publicPem()).toString('base64') }
const trustRoot = document(
  {
    sigstoreKeys: {
      certificateAuthorities: [{ subject: { organization: 'a', commonName: 'b' }, uri: 'https://a', certChain }],
      tLogs: [log],
    },
  },
  { kind: 'TrustRoot', version: 'v1alpha1', name: 'example' },
)

describe('docs/policies.md', () => {
  const policies = () =>
    joinPolicyFiles([...blocks('yaml'), trustRoot].map((text, index) => parsePolicyFile(text, `example ${index}`))).policies

  it('shows policies that are read, without a loose pattern', () => {
    expect(policies().map(({ name }) => name)).to.deep.equal(['acme-plugins', 'plugins-with-a-bill-of-materials', 'nothing-from-elsewhere'])
    const identities = policies().flatMap(({ authorities }) =>
      authorities.flatMap(authority => (authority.kind === 'keyless' ? authority.identities : [])),
    )
    expect(identityWarnings(identities)).to.deep.equal([])
  })

  for (const [image, state] of [
    ['ghcr.io/acme/plugin:v1', 'violated'],
    ['registry.example.com/velero/a/b:v1', 'warned'],
    ['quay.io/acme/plugin', 'violated'],
    ['acme/plugin', 'noPolicy'],
  ] as const) {
    it(`shows policies by which an unsigned ${image} is ${state}`, () => {
      const findings = { sigstore: () => ({ candidates: [] }), notation: () => ({ outcome: 'notApplicable', evidence: [] }) as const }
      expect(evaluatePolicies(policies(), { image, digest: `sha256:${'0'.repeat(64)}` }, findings).state).to.equal(state)
    })
  }

  it('shows a trust policy of notation that is known as one', () => {
    expect(blocks('json').map(text => policyKindOf(text, 'trustpolicy.json'))).to.deep.equal(['notation'])
  })

  it('shows flags that go together', () => {
    const lines = blocks('').flatMap(text => text.trim().split('\n'))
    expect(lines).to.have.length(3)
    for (const line of lines) {
      const flags = Object.fromEntries(
        [...line.matchAll(/--([a-z-]+) (?:'([^']*)'|(\S+))/g)].map(([, name = '', quoted, bare]) => [
          name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase()),
          name === 'key' ? [bare] : (quoted ?? bare),
        ]),
      )
      const rule = identityOfFlags(flags)
      expect(rule === undefined).to.equal('key' in flags)
      expect(identityWarnings(rule === undefined ? [] : [rule])).to.deep.equal([])
    }
  })

  it('names short names and limits that exist', () => {
    for (const [, name = ''] of (/short name \(([^)]*)\)/.exec(page)?.[1] ?? '').matchAll(/`(\w+)`/g))
      expect(predicateShortNames).to.have.property(name)
    for (const [, text = ''] of page.matchAll(/--max-vulnerabilities ([a-z0-9=,]+)/g))
      expect(parseVulnerabilityLimits(text).size).to.equal(2)
    for (const [, text = ''] of page.matchAll(/--max-report-age (\w+)/g)) expect(parseReportAge(text)).to.equal(7 * 86_400_000)
  })
})
