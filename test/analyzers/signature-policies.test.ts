import { expect } from 'chai'
import type { SigstorePolicy } from '../../src/policy/image-policy.ts'
import { parsePolicyFile } from '../../src/policy/policy-file.ts'
import { collectedOf, type Hung } from '../support/collected-signatures.ts'
import { cosignBundle, newSigner, type Signer } from '../support/cosign.ts'
import { document } from '../support/policies.ts'
import { judgeSignatures } from '../support/signature-check.ts'
import { here, withCertificate } from '../support/signed-by.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'
import { alice, newDeployment, trustedRootOf } from '../support/sigstore/deployment.ts'
import { jsonBytes } from '../support/sigstore/trust.ts'

const image = tinyImage('plugin')
const index = tinyIndex('plugin')
const [amd64, arm64] = [index.child('linux/amd64'), index.child('linux/arm64')]
const platforms = ['linux/amd64', 'linux/arm64']
const [ours, theirs] = [newSigner(), newSigner()]
const hang = (on: typeof amd64, signer: Signer): Hung => ({ on: on.digest, artifact: cosignBundle(on, signer) })
const policies = (name: string, ...authorities: readonly object[]): readonly SigstorePolicy[] =>
  parsePolicyFile(document({ images: [{ glob: '**' }], authorities }, { name }), `${name}.yaml`).policies
const key = ({ publicPem }: Signer, name = 'a') => ({ name, key: { data: publicPem } })
const judge = (given: ReturnType<typeof collectedOf>, all: readonly SigstorePolicy[], at = new Date('2026-06-01')) => {
  const [judgement] = judgeSignatures(given, {
    platforms,
    at,
    policy: { policies: all, trustedRoot: { name: 'root.json', bytes: jsonBytes(trustedRootOf(newDeployment())) } },
  })
  const findings = judgement?.findings ?? []
  return { ...findings[0]!, all: findings.map(({ status, code }) => `${status} ${code}`), values: judgement?.values }
}

describe('signature analyzer, with policies', () => {
  it('holds for an index of which each required image is signed, by whichever authority', () => {
    const found = judge(collectedOf(index, [hang(amd64, ours), hang(arm64, theirs)]), policies('p', key(ours, 'a'), key(theirs, 'b')))
    expect(found.all).to.deep.equal(['pass SIGNATURE_VERIFIED'])
    expect(found.message).to.match(
      /its images that is needed is: linux\/amd64 by the key in the authority a .* and linux\/arm64 by the key in the authority b/,
    )
    expect(found.values).to.include({ verified: true })
  })

  it('holds for each policy by itself, one by the index and one by its images', () => {
    const all = [...policies('p', key(ours)), ...policies('q', key(theirs))]
    const hung = [hang(index, ours), hang(amd64, theirs), hang(arm64, theirs)]
    expect(judge(collectedOf(index, hung), all).all).to.deep.equal(['pass SIGNATURE_VERIFIED'])
    const found = judge(collectedOf(index, hung.slice(0, 2)), all)
    expect(found.all).to.deep.equal(['fail SIGNATURE_PARTIAL', 'pass SIGNATURE_VERIFIED'])
    expect(found.message).to.include('So the policy q (q.yaml:1:1) wants it.')
    expect(found.values).to.include({ verified: false })
  })

  it('does not let two policies share what each lacks', () => {
    const all = [...policies('p', key(ours)), ...policies('q', key(theirs))]
    const found = judge(collectedOf(index, [hang(amd64, ours), hang(arm64, theirs)]), all)
    expect(found.all).to.deep.equal(['fail SIGNATURE_PARTIAL', 'fail SIGNATURE_PARTIAL'])
  })

  it('lets a policy for digests speak of an image that is written with a tag, as policy-controller resolves it first', () => {
    const ofDigest = (digest: string) =>
      parsePolicyFile(document({ images: [{ glob: `**@${digest}` }], authorities: [key(ours)] }, { name: 'p' }), 'p.yaml').policies
    for (const digest of [image.digest, 'sha256:*']) {
      expect(judge(collectedOf(image, []), ofDigest(digest)).all, digest).to.deep.equal(['fail SIGNATURE_NONE'])
      expect(judge(collectedOf(image, [hang(image, ours)]), ofDigest(digest)).all).to.deep.equal(['pass SIGNATURE_VERIFIED'])
    }
    expect(judge(collectedOf(image, []), ofDigest(index.digest)).all).to.deep.equal(['warn SIGNATURE_NO_POLICY'])
    // The images of an index are judged as what was named: the index.
    const signed = collectedOf(index, [hang(amd64, ours), hang(arm64, ours)])
    expect(judge(signed, ofDigest(index.digest)).all).to.deep.equal(['pass SIGNATURE_VERIFIED'])
    expect(judge(signed, ofDigest(amd64.digest)).all).to.deep.equal(['warn SIGNATURE_NO_POLICY'])
  })

  it('fails where policy-controller does not understand the name, whatever is signed', () => {
    const strange = { image: 'registry.example.com/acme/Plugin:v1' }
    const found = judge(collectedOf(image, [hang(image, ours)], strange), policies('p', key(ours)))
    expect(found.all).to.deep.equal(['fail SIGNATURE_IMAGE_UNKNOWN'])
  })

  it('takes keys of the command line for any name', () => {
    const given = collectedOf(image, [hang(image, ours)], { image: 'registry.example.com/acme/Plugin:v1' })
    expect(judgeSignatures(given, { keys: [ours] })[0]?.findings[0]?.status).to.equal('pass')
  })

  it('tells of the signature that comes nearest: the certificate of another identity, not a key beside it', () => {
    const bob = { keyless: { identities: [{ issuer: alice.issuer, subject: 'bob@example.com' }] } }
    const hung = [hang(image, theirs), { on: image.digest, artifact: withCertificate()(image) }]
    const root = { name: 'root.json', bytes: jsonBytes(trustedRootOf(here)) }
    for (const all of [hung, hung.toReversed()]) {
      const policy = { policies: policies('p', bob), trustedRoot: root }
      const [finding] = judgeSignatures(collectedOf(image, all), { at: new Date('2026-06-01'), policy })[0]!.findings
      expect(finding?.code).to.equal('SIGNATURE_IDENTITY_MISMATCH')
      expect(finding?.message).to.match(/expected bob@example\.com, issued by .*, found alice@example\.com/)
    }
  })

  it('names the trusted root where certificates were judged by it, in message and evidence', () => {
    const identity = { keyless: { identities: [{ issuer: alice.issuer, subject: alice.email }] } }
    const found = judge(collectedOf(image, [{ on: image.digest, artifact: withCertificate()(image) }]), policies('p', identity))
    expect(found.code).to.match(/^SIGNATURE_(?:NOT_LOGGED|CERTIFICATE)$/)
    expect(found.message).to.include('The trusted root is root.json.')
    expect(found.evidence).to.include('The trusted root is root.json.')
    const byKey = judge(collectedOf(image, []), policies('p', key(ours)))
    expect(byKey.evidence?.join()).to.not.include('trusted root')
  })
})
