import { expect } from 'chai'
import { evaluatePolicies } from '../../src/policy/evaluate.ts'
import { compileGlob, type ImageGlob } from '../../src/policy/glob.ts'
import type { Authority, KeyAuthority, KeylessAuthority, SigstorePolicy } from '../../src/policy/image-policy.ts'
import { trustOf } from '../../src/trust/trust.ts'
import { attestationTag, inTotoReferrer } from '../support/attached.ts'
import { collectedOf, type Hung, readerOf, repository } from '../support/collected-signatures.ts'
import { bundleBytes, bundleReferrer, cosignBundle, cosignTag, newSigner, statementOf } from '../support/cosign.ts'
import { tinyImage } from '../support/signed-image.ts'
import { alice, issueSigner, newDeployment, trustedRootOf } from '../support/sigstore/deployment.ts'
import { identityOf } from '../support/sigstore/identity.ts'
import { signBundle } from '../support/sigstore/signatures.ts'
import { jsonBytes } from '../support/sigstore/trust.ts'

const image = tinyImage('plugin')
const signer = newSigner()
const here = newDeployment()
const spdx = 'https://spdx.dev/Document'
const keyless: KeylessAuthority = {
  kind: 'keyless',
  name: 'alice',
  identities: [identityOf({ subject: alice.email, issuer: alice.issuer })],
  insecureIgnoreSct: false,
  log: { required: true },
  attestations: [],
}
const key: KeyAuthority = {
  kind: 'key',
  name: 'key',
  keys: [{ name: 'cosign.pub', pem: signer.publicPem }],
  hashAlgorithm: 'sha256',
  log: { required: false },
  attestations: [],
}
const wanting = (authority: KeyAuthority | KeylessAuthority, ...types: readonly string[]) => ({
  ...authority,
  attestations: types.map(predicateType => ({ name: predicateType, predicateType })),
})
const byAlice = (predicateType?: string) =>
  bundleReferrer(image, bundleBytes(signBundle(here, issueSigner(here), statementOf(image.digest, predicateType)).bundle), predicateType)
const on = (artifact: Hung['artifact'], more: Partial<Hung> = {}): Hung => ({ on: image.digest, artifact, ...more })
const policyOf = (...authorities: readonly Authority[]): SigstorePolicy => ({
  kind: 'sigstore',
  name: 'p',
  from: 'p.yaml:1:1',
  images: [compileGlob('**') as ImageGlob],
  authorities,
  mode: 'enforce',
})

const decide = (hung: readonly Hung[], ...authorities: readonly Authority[]) => {
  const collected = collectedOf(image, hung)
  const trust = trustOf(
    {
      keys: [],
      requireSignatures: false,
      policies: [policyOf(...authorities)],
      trustedRoot: { name: 'root.json', bytes: jsonBytes(trustedRootOf(here)) },
    },
    new Date('2026-11-27T00:00:00Z'),
  )
  const judged = trust.image(collected.facts[0], readerOf(collected))
  return evaluatePolicies(trust.policies, { image: `${repository}:v1`, digest: image.digest }, judged.findings(image.digest))
}

describe('judgeImage', () => {
  const held: readonly [title: string, hung: readonly Hung[], authority: KeyAuthority | KeylessAuthority, by: RegExp][] = [
    ['a key, its tag', [on(cosignTag(image, repository, signer))], key, /the key in cosign\.pub/],
    ['a key, its bundle', [on(cosignBundle(image, signer))], key, /the key in cosign\.pub/],
    ['an identity, its bundle', [on(byAlice())], keyless, /alice@example\.com/],
    ['an attestation in a bundle', [on(byAlice(spdx))], wanting(keyless, 'spdxjson'), /alice@example\.com/],
    ["an attestation in cosign's tag", [on(attestationTag(image, signer, spdx))], wanting(key, spdx), /cosign\.pub/],
    [
      'an attestation as a referrer',
      [on(inTotoReferrer(image, signer, spdx), { kind: 'inTotoReferrer' })],
      wanting(key, spdx),
      /cosign\.pub/,
    ],
    ['a bundle where bundles are asked for', [on(cosignBundle(image, signer))], { ...key, signatureFormat: 'bundle' }, /cosign\.pub/],
    [
      'the named source',
      [on(cosignTag(image, repository, signer), { found: { source: 'registry.example.com/signatures' } })],
      { ...key, source: { oci: 'registry.example.com/signatures', signaturePullSecrets: [] } },
      /cosign\.pub/,
    ],
    [
      'the prefix of a source',
      [on(cosignTag(image, repository, signer), { found: { tagPrefix: 'acme-' } })],
      { ...key, source: { tagPrefix: 'acme-', signaturePullSecrets: [] } },
      /cosign\.pub/,
    ],
  ]
  for (const [title, hung, authority, by] of held) {
    it(`holds for ${title}`, () => {
      const { state, verdicts } = decide(hung, authority)
      expect([state, verdicts[0]?.found]).to.deep.equal(['held', verdicts[0]?.found])
      expect(verdicts[0]?.signer).to.match(by)
    })
  }

  const violated: readonly [title: string, hung: readonly Hung[], authority: KeyAuthority | KeylessAuthority, found: RegExp][] = [
    ['nothing', [], key, /^no signature$/],
    ['another key', [on(cosignTag(image, repository, newSigner()))], key, /signature: expected one by the key in cosign\.pub/],
    ['a signature of another image', [on(cosignTag(tinyImage('other'), repository, signer))], key, /image: expected sha256:/],
    [
      'another deployment',
      [on(bundleReferrer(image, bundleBytes(signBundle(newDeployment(), issueSigner(newDeployment()), statementOf(image.digest)).bundle)))],
      keyless,
      /logInclusion|certificate/,
    ],
    ['an attestation instead of a signature', [on(byAlice(spdx))], keyless, /^no signature, only https:\/\/spdx\.dev\/Document$/],
    ['a signature instead of an attestation', [on(byAlice())], wanting(keyless, spdx), /^no attestation https:\/\/spdx/],
    ['an attestation of another type', [on(byAlice('https://slsa.dev/provenance/v1'))], wanting(keyless, spdx), /only https:\/\/slsa\.dev/],
    ['one of two attestations', [on(byAlice(spdx))], wanting(keyless, spdx, 'vuln'), /no attestation vuln/],
    ['an attestation by another key', [on(attestationTag(image, newSigner(), spdx))], wanting(key, spdx), /only with faults/],
    [
      'a tag where bundles are asked for',
      [on(cosignTag(image, repository, signer))],
      { ...key, signatureFormat: 'bundle' },
      /^no signature$/,
    ],
    [
      'the image where another source is named',
      [on(cosignTag(image, repository, signer))],
      { ...key, source: { oci: 'registry.example.com/signatures', signaturePullSecrets: [] } },
      /^no signature$/,
    ],
    [
      'a bundle without the log entry that is asked for',
      [on(cosignBundle(image, signer))],
      { ...key, log: { required: true } },
      /logInclusion/,
    ],
  ]
  for (const [title, hung, authority, found] of violated) {
    it(`is violated by ${title}`, () => {
      const { state, verdicts } = decide(hung, authority)
      expect(state).to.equal('violated')
      expect(verdicts[0]?.found).to.match(found)
    })
  }

  it('judges each thing once for each authority', () => {
    const collected = collectedOf(image, [on(cosignTag(image, repository, signer))])
    const trust = trustOf({ keys: key.keys, requireSignatures: false }, new Date(0))
    const judged = trust.image(collected.facts[0], readerOf(collected))
    const [attached] = judged.attachedTo(image.digest)
    const [policy] = trust.policies as readonly [SigstorePolicy]
    const authority = policy.authorities[0] as KeyAuthority
    expect(judged.judged(attached!, authority)).to.equal(judged.judged(attached!, authority))
  })

  it('tells of places that could not be asked, for what is kept there', () => {
    const collected = collectedOf(image, [])
    const error = { state: 'error', code: 'REGISTRY_FAILED', message: 'Broken.' } as const
    const places = collected.facts[0].places.map(({ kind, subject, at }) => ({ kind, subject, at, ...error }))
    const trust = trustOf({ keys: key.keys, requireSignatures: false }, new Date(0))
    const judged = trust.image({ ...collected.facts[0], places }, readerOf(collected))
    const { verdicts } = evaluatePolicies(trust.policies, { image: repository, digest: image.digest }, judged.findings(image.digest))
    expect(verdicts[0]?.gaps).to.have.length(3)
    expect(verdicts[0]?.gaps.join()).to.include('.sig: could not be asked (REGISTRY_FAILED): Broken.').and.not.include('.att')
  })
})
