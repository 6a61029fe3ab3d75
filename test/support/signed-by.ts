import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { notationReferrer } from './attached.ts'
import { issue, issueAuthority, pairOf, pemOf, subjectOf } from './certificate-authority.ts'
import type { Scratch } from './command.ts'
import { type Artifact, bundleBytes, bundleOf, bundleReferrer, newSigner, type Subject, signPredicate, statementOf } from './cosign.ts'
import { jws, jwsEnvelope, policyText, payloadOf as targetOf } from './notation.ts'
import { document } from './policies.ts'
import { generalName, spkiOf } from './sigstore/certificates.ts'
import { alice, issueSigner, newDeployment, trustedRootOf } from './sigstore/deployment.ts'
import { signBundle } from './sigstore/signatures.ts'

/** Who signs, what is attached, and what the user gives to trust it. */
export interface Signing {
  readonly name: string
  /** Signed by whom the flags trust. */
  readonly good: (subject: Subject) => Artifact
  readonly byAnother: (subject: Subject) => Artifact
  readonly tampered: (subject: Subject) => Artifact
  /** Flags that trust the good one. @param images for which policies are, as a glob or a scope; default: all */
  readonly trust: (folder: Scratch, images?: string) => readonly string[]
  /** Code of what each is found to be; absent: the policy is for every image. */
  readonly codes: { readonly byAnother: string; readonly tampered: string; readonly none: string }
  readonly forEveryImage?: true
}

export const signer = newSigner()
const stranger = newSigner()
export const here = newDeployment()
const spdx = 'https://spdx.dev/Document'

/** A changed statement under the old signature. */
const tamper = (bundle: ReturnType<typeof bundleOf>): object => {
  const statement = JSON.parse(Buffer.from(bundle.dsseEnvelope.payload, 'base64').toString())
  const payload = Buffer.from(JSON.stringify({ ...statement, predicate: { changed: true } })).toString('base64')
  return { ...bundle, dsseEnvelope: { ...bundle.dsseEnvelope, payload } }
}
type Change = (bundle: ReturnType<typeof bundleOf>) => object
const unchanged: Change = bundle => bundle

const withKey =
  (by: typeof signer, predicateType = signPredicate, change = unchanged) =>
  (subject: Subject): Artifact =>
    bundleReferrer(subject, bundleBytes(change(bundleOf(by, statementOf(subject.digest, predicateType)))), predicateType)

export const withCertificate =
  (email: string = alice.email, predicateType = signPredicate, change: Change = unchanged) =>
  (subject: Subject): Artifact => {
    const by = issueSigner(here, { names: [generalName.email(email)] })
    const { bundle } = signBundle(here, by, statementOf(subject.digest, predicateType))
    return bundleReferrer(subject, bundleBytes(change(bundle as unknown as ReturnType<typeof bundleOf>)), predicateType)
  }

export const rootFile = (folder: Scratch): readonly string[] => [
  '--trusted-root',
  folder.file('trusted_root.json', JSON.stringify(trustedRootOf(here))),
]

const policyFile = (folder: Scratch, images: string, authority: object, more: string = ''): readonly string[] => [
  '--policy',
  folder.file('policy.yaml', `${document({ images: [{ glob: images }], authorities: [authority] })}${more}`),
]
const identities = [{ issuer: alice.issuer, subject: alice.email }]

const pem64 = (pem: string): string => Buffer.from(pem).toString('base64')
const certificate = (bytes: Uint8Array): string => pemOf(bytes)
/** The deployment as a TrustRoot of policy-controller. */
const trustRootDocument = (): string => {
  const log = ({ host, key }: typeof here.rekor) => ({
    baseURL: `https://${host}`,
    hashAlgorithm: 'sha-256',
    publicKey: pem64(pemOf(spkiOf(key), 'PUBLIC KEY')),
  })
  const certificateAuthorities = [
    {
      subject: { organization: 'example', commonName: 'fulcio' },
      uri: 'https://fulcio.example',
      certChain: pem64(certificate(here.intermediate.der) + certificate(here.root.der)),
    },
  ]
  const sigstoreKeys = { certificateAuthorities, tLogs: [log(here.rekor)], ctLogs: [log(here.ctLog)] }
  return `\n---\n${document({ sigstoreKeys }, { kind: 'TrustRoot', version: 'v1alpha1', name: 'own' })}`
}

const authority = issueAuthority({ subject: subjectOf('signed-by root'), pair: pairOf('P-256', 'signed-by root') })
const leaf = issue({ issuer: authority, subject: subjectOf('release'), pair: pairOf('P-256', 'signed-by leaf') })
const otherRoot = issueAuthority({ subject: subjectOf('other root'), pair: pairOf('P-256', 'signed-by other root') })
const otherLeaf = issue({ issuer: otherRoot, subject: subjectOf('release'), pair: pairOf('P-256', 'signed-by other') })

const withNotation =
  (by: 'release' | 'another', change = (envelope: Buffer) => envelope) =>
  (subject: Subject): Artifact => {
    const chain = by === 'release' ? [leaf, authority] : [otherLeaf, otherRoot]
    const { mediaType, digest, bytes } = subject
    const payload = targetOf({ mediaType, digest, sizeBytes: bytes.length })
    return notationReferrer(subject, { mediaType: jws, envelope: change(jwsEnvelope({ chain, payload })) })
  }
const otherSignature = (envelope: Buffer): Buffer => {
  const json = JSON.parse(envelope.toString())
  const signature = Buffer.from(json.signature, 'base64url')
  signature[9] = signature[9]! ^ 1
  return Buffer.from(JSON.stringify({ ...json, signature: signature.toString('base64url') }))
}

/** A folder as notation keeps it, with the one store `ca:acme`. */
export const trustStore = (folder: Scratch): readonly string[] => {
  const store = join(folder.path, 'truststore', 'x509', 'ca', 'acme')
  mkdirSync(store, { recursive: true })
  writeFileSync(join(store, 'root.pem'), pemOf(authority.der))
  return ['--trust-store', join(folder.path, 'truststore')]
}

const cosignCodes = { tampered: 'SIGNATURE_INVALID', none: 'SIGNATURE_NONE' }
const byKey = { good: withKey(signer), byAnother: withKey(stranger), tampered: withKey(signer, undefined, tamper) }
const byIdentity = {
  good: withCertificate(),
  byAnother: withCertificate('mallory@example.com'),
  tampered: withCertificate(undefined, undefined, tamper),
}
const byNotation = { good: withNotation('release'), byAnother: withNotation('another'), tampered: withNotation('release', otherSignature) }
const notationCodes = { byAnother: 'SIGNATURE_NOTATION', tampered: 'SIGNATURE_NOTATION', none: 'SIGNATURE_NONE' }

export const signings: readonly Signing[] = [
  {
    name: '--key',
    ...byKey,
    trust: folder => ['--key', folder.file('cosign.pub', signer.publicPem)],
    codes: { ...cosignCodes, byAnother: 'SIGNATURE_KEY_MISMATCH' },
    forEveryImage: true,
  },
  {
    name: '--certificate-identity',
    ...byIdentity,
    trust: folder => [...['--certificate-identity', alice.email, '--certificate-oidc-issuer', alice.issuer], ...rootFile(folder)],
    codes: { ...cosignCodes, byAnother: 'SIGNATURE_IDENTITY_MISMATCH' },
    forEveryImage: true,
  },
  {
    name: 'a ClusterImagePolicy with a key',
    ...byKey,
    trust: (folder, images = '**') => policyFile(folder, images, { key: { data: signer.publicPem } }),
    codes: { ...cosignCodes, byAnother: 'SIGNATURE_KEY_MISMATCH' },
  },
  {
    name: 'a ClusterImagePolicy with an identity',
    ...byIdentity,
    trust: (folder, images = '**') => [...policyFile(folder, images, { keyless: { identities } }), ...rootFile(folder)],
    codes: { ...cosignCodes, byAnother: 'SIGNATURE_IDENTITY_MISMATCH' },
  },
  {
    name: 'a ClusterImagePolicy with a TrustRoot',
    ...byIdentity,
    trust: (folder, images = '**') =>
      policyFile(folder, images, { keyless: { identities, trustRootRef: 'own' }, ctlog: { trustRootRef: 'own' } }, trustRootDocument()),
    codes: { ...cosignCodes, byAnother: 'SIGNATURE_IDENTITY_MISMATCH' },
  },
  {
    name: 'a ClusterImagePolicy with an attestation',
    good: withKey(signer, spdx),
    byAnother: withKey(stranger, spdx),
    tampered: withKey(signer, spdx, tamper),
    trust: (folder, images = '**') =>
      policyFile(folder, images, { key: { data: signer.publicPem }, attestations: [{ name: 'sbom', predicateType: 'spdxjson' }] }),
    codes: { byAnother: 'ATTESTATION_POLICY_UNMET', tampered: 'ATTESTATION_POLICY_UNMET', none: 'ATTESTATION_POLICY_UNMET' },
  },
  {
    name: 'a trust policy of notation',
    ...byNotation,
    trust: (folder, images = '*') => [
      '--policy',
      folder.file('trustpolicy.json', policyText({ registryScopes: [images.replace(/\*\*$/, 'plugin')] })),
      ...trustStore(folder),
    ],
    codes: notationCodes,
  },
  { name: '--trust-store', ...byNotation, trust: folder => trustStore(folder), codes: notationCodes, forEveryImage: true },
]
