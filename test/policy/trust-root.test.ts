import { createHash, createPublicKey, generateKeyPairSync, X509Certificate } from 'node:crypto'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toTrustMaterial } from '@sigstore/verify'
import { expect } from 'chai'
import { joinPolicyFiles } from '../../src/policy/join-policies.ts'
import { parsePolicyFile } from '../../src/policy/policy-file.ts'
import { toTrustedRoot } from '../../src/policy/trusted-root.ts'
import { makeCertificate } from '../support/certificate.ts'
import { document, keyless, policyOf, publicPem, refusal } from '../support/policies.ts'

const b64 = (text: string) => Buffer.from(text).toString('base64')
const root = makeCertificate({ commonName: 'root', ca: true })
const between = makeCertificate({ commonName: 'between', ca: true, issuer: root })
const leaf = makeCertificate({ commonName: 'leaf', issuer: between })
const other = makeCertificate({ commonName: 'other', ca: true })
const pem = publicPem()
const subject = { organization: 'acme', commonName: 'fulcio' }
const authority = (...chain: readonly { readonly cert: string }[]) => ({
  subject,
  uri: 'https://fulcio.example.com',
  certChain: b64(chain.map(({ cert }) => cert).join('')),
})
const log = { baseURL: 'https://rekor.example.com', hashAlgorithm: 'sha-256', publicKey: b64(pem) }
const textOf = (sigstoreKeys: object) => document({ sigstoreKeys }, { kind: 'TrustRoot', version: 'v1alpha1', name: 'own' })
const read = (sigstoreKeys: object) => parsePolicyFile(textOf(sigstoreKeys), 'root.yaml').trustRoots[0]!
const full = {
  certificateAuthorities: [authority(between, root)],
  tLogs: [log],
  ctLogs: [{ ...log, hashAlgorithm: 'sha512' }],
  timestampAuthorities: [authority(leaf, between, root)],
}

describe('TrustRoot with sigstoreKeys', () => {
  it('is read with its certificates and keys', () => {
    const trust = read(full)
    expect(trust).to.include({ name: 'own', from: 'root.yaml:1:1' })
    expect(trust.certificateAuthorities[0]!.chain.map(({ subject }) => subject)).to.deep.equal(['CN=between', 'CN=root'])
    expect(trust.tLogs[0]).to.deep.include({ baseUrl: 'https://rekor.example.com', hashAlgorithm: 'SHA2_256' })
    expect(trust.ctLogs[0]!.hashAlgorithm).to.equal('SHA2_512')
    expect(trust.timestampAuthorities[0]!.chain).to.have.length(3)
  })

  it('takes a chain from the root down, too', () => {
    const { chain } = read({ certificateAuthorities: [authority(root, between)] }).certificateAuthorities[0]!
    expect(chain.map(({ subject }) => subject)).to.deep.equal(['CN=between', 'CN=root'])
  })

  it('takes chains of up to 10 certificates', () => {
    const chain = [root]
    for (let length = 1; length < 10; length++) chain.unshift(makeCertificate({ commonName: `ca ${length}`, ca: true, issuer: chain[0]! }))
    expect(read({ certificateAuthorities: [authority(...chain)] }).certificateAuthorities[0]!.chain).to.have.length(10)
  })

  it('is found by the policy that names it', () => {
    const files = [parsePolicyFile(policyOf(keyless({ trustRootRef: 'own' })), 'p'), parsePolicyFile(textOf(full), 'r')]
    expect(joinPolicyFiles(files).trustRoots).to.have.length(1)
  })

  it('becomes a trusted_root.json that Sigstore reads', () => {
    const made = TrustedRoot.fromJSON(JSON.parse(JSON.stringify(toTrustedRoot(read(full)))))
    const material = toTrustMaterial(made)
    expect(material.tlogs[0]!.logID).to.deep.equal(
      createHash('sha256')
        .update(createPublicKey(pem).export({ type: 'spki', format: 'der' }))
        .digest(),
    )
    expect(material.certificateAuthorities[0]!.certChain).to.have.length(2)
    expect(made.timestampAuthorities[0]!.certChain!.certificates[0]!.rawBytes.equals(new X509Certificate(leaf.cert).raw)).to.equal(true)
    expect(material.ctlogs).to.have.length(1)
  })

  it("names a Rekor v2 log by its origin and key, as the log's checkpoints do", () => {
    const { publicKey } = generateKeyPairSync('ed25519')
    const raw = publicKey.export({ type: 'spki', format: 'der' }).subarray(-32)
    const key = publicKey.export({ type: 'spki', format: 'pem' }).toString()
    const { tlogs } = toTrustedRoot(read({ ...full, tLogs: [{ ...log, baseURL: 'https://log.example.com/', publicKey: b64(key) }] }))
    const id = createHash('sha256')
      .update('log.example.com\n')
      .update(Buffer.from([1]))
      .update(raw)
      .digest('base64')
    expect(tlogs[0]).to.deep.include({ logId: { keyId: id } })
    expect(tlogs[0]!.publicKey.keyDetails).to.equal('PKIX_ED25519')
  })

  it('names the algorithm of RSA keys with their length', () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 3072 })
    const trust = read({ ...full, tLogs: [{ ...log, publicKey: b64(publicKey.export({ type: 'spki', format: 'pem' }).toString()) }] })
    expect(toTrustedRoot(trust).tlogs[0]!.publicKey.keyDetails).to.equal('PKIX_RSA_PKCS1V15_3072_SHA256')
  })

  for (const [title, keys, problem] of [
    ['no authority at all', { tLogs: [log] }, 'neither certificateAuthorities nor timestampAuthorities'],
    ['an unknown field', { ...full, rekor: [] }, 'has no key "rekor"'],
    ['an authority without subject', { certificateAuthorities: [{ ...authority(root), subject: undefined }] }, 'subject is missing'],
    [
      'a subject without organization',
      { certificateAuthorities: [{ ...authority(root), subject: { commonName: 'a' } }] },
      'organization is missing',
    ],
    ['an authority without uri', { certificateAuthorities: [{ ...authority(root), uri: '' }] }, 'uri is missing'],
    ['no chain', { certificateAuthorities: [{ ...authority(root), certChain: '' }] }, 'certChain is missing'],
    ['a chain that is not base64', { certificateAuthorities: [{ ...authority(root), certChain: root.cert }] }, 'certChain is not base64'],
    ['a chain that is no PEM', { certificateAuthorities: [{ ...authority(root), certChain: b64('x') }] }, 'is not a list of certificates'],
    [
      'a chain with a key',
      { certificateAuthorities: [{ ...authority(root), certChain: b64(root.cert + pem) }] },
      'is not a list of certificates',
    ],
    [
      'a chain with a broken certificate',
      { certificateAuthorities: [{ ...authority(root), certChain: b64(root.cert.replace(/\n.{8}/, '\nAAAAAAAA')) }] },
      'certificate that cannot be read',
    ],
    ['a chain without root', { certificateAuthorities: [authority(between)] }, 'does not end in a root'],
    ['a chain of strangers', { certificateAuthorities: [authority(between, other)] }, 'is no chain: certificate 1 was not'],
    ['a chain that is too long', { certificateAuthorities: [authority(...Array.from({ length: 11 }, () => root))] }, 'more than 10'],
    [
      'two that timestamp',
      { timestampAuthorities: [authority(makeCertificate({ issuer: leaf }), leaf, between, root)] },
      'at most one timestamps',
    ],
    ['a log without key', { ...full, tLogs: [{ ...log, publicKey: '' }] }, 'publicKey is missing'],
    ['a log with a key that is none', { ...full, tLogs: [{ ...log, publicKey: b64('x') }] }, 'is not a public key of a log'],
    ['a log without address', { ...full, ctLogs: [{ ...log, baseURL: 'rekor' }] }, 'baseURL is not an address'],
    ['a log with another hash', { ...full, tLogs: [{ ...log, hashAlgorithm: 'md5' }] }, 'hashAlgorithm "md5" is not known'],
  ] as const) {
    it(`refuses ${title} at its place`, () => {
      const { code, message } = refusal(() => read(keys))
      expect(code).to.equal('POLICY_INVALID')
      expect(message)
        .to.match(/^root\.yaml:\d+:\d+: /)
        .and.include(problem)
    })
  }

  for (const key of ['remote', 'repository'] as const) {
    it(`refuses ${key}: no repository is asked`, () => {
      const text = document({ [key]: { root: 'x' } }, { kind: 'TrustRoot', version: 'v1alpha1' })
      expect(refusal(() => parsePolicyFile(text, 'r')).message).to.include(`${key} is not evaluated`)
    })
  }

  it('exists in v1alpha1 alone', () => {
    const text = textOf(full).replace('v1alpha1', 'v1beta1')
    expect(refusal(() => parsePolicyFile(text, 'r')).message).to.include('apiVersion "policy.sigstore.dev/v1beta1" is not known')
  })
})
