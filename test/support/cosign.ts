import { createHash, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { ed25519ph } from '@noble/curves/ed25519.js'
import { type Digest, sha256 } from '../../src/digest.ts'

/** A signer as `cosign generate-key-pair` or `import-key-pair` makes one. */
export interface Signer {
  readonly privateKey: KeyObject
  /** cosign.pub */
  readonly publicPem: string
  /** Base64 of the SHA-256 of the SubjectPublicKeyInfo: `publicKey.hint` of a bundle. */
  readonly fingerprint: string
}

export type SignerKind = 'P-256' | 'P-384' | 'P-521' | 'RSA' | 'Ed25519'

export const newSigner = (kind: SignerKind = 'P-256'): Signer => {
  if (kind === 'RSA') return signerOf(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey)
  if (kind === 'Ed25519') return signerOf(generateKeyPairSync('ed25519').privateKey)
  return signerOf(generateKeyPairSync('ec', { namedCurve: kind }).privateKey)
}

export const signerOf = (privateKey: KeyObject): Signer => {
  const publicKey = createPublicKey(privateKey)
  return {
    privateKey,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    fingerprint: createHash('sha256')
      .update(publicKey.export({ type: 'spki', format: 'der' }))
      .digest('base64'),
  }
}

/** As cosign 3 signs: the registry's hash for each curve, SHA-256 for RSA, Ed25519ph. */
export const signBytes = ({ privateKey }: Signer, bytes: Uint8Array, hash?: string): Buffer => {
  if (privateKey.asymmetricKeyType === 'ed25519') {
    if (hash === 'pure') return sign(null, bytes, privateKey)
    return Buffer.from(ed25519ph.sign(bytes, Buffer.from(privateKey.export({ format: 'jwk' }).d ?? '', 'base64url')))
  }
  const hashes: Record<string, string> = { secp384r1: 'sha384', secp521r1: 'sha512' }
  return sign(hash ?? hashes[privateKey.asymmetricKeyDetails?.namedCurve ?? ''] ?? 'sha256', bytes, privateKey)
}

/** What a registry is given; the shape that the image builder has too. */
export interface Artifact {
  readonly blobs: ReadonlyMap<Digest, Uint8Array>
  readonly manifest: { readonly digest: Digest; readonly mediaType: string; readonly bytes: Uint8Array }
  /** Absent for a referrer, which is pushed by its digest. */
  readonly tag?: string
}

/** What is signed: an image manifest or index. */
export interface Subject {
  readonly digest: Digest
  readonly mediaType: string
  readonly bytes: Uint8Array
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json'
export const bundleType = 'application/vnd.dev.sigstore.bundle.v0.3+json'

const artifact = (document: object, blobs: readonly Uint8Array[], tag?: string): Artifact => {
  const bytes = Buffer.from(JSON.stringify(document))
  return {
    blobs: new Map(blobs.map(blob => [sha256(blob), blob])),
    manifest: { digest: sha256(bytes), mediaType: manifestType, bytes },
    ...(tag === undefined ? {} : { tag }),
  }
}

/** Go's encoding/json, which escapes for HTML. */
const goJson = (value: unknown): string =>
  JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, c => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)

/** The simple signing document of `cosign sign`; `annotations` are those of `-a`. */
export const payloadOf = (digest: Digest, reference: string, annotations?: Readonly<Record<string, string>>): Buffer => {
  const identity = { 'docker-reference': reference }
  const critical = { identity, image: { 'docker-manifest-digest': digest }, type: 'cosign container image signature' }
  return Buffer.from(goJson({ critical, optional: annotations ?? null }))
}

/** One layer of a `.sig` tag. */
export interface SignatureLayer {
  readonly payload: Uint8Array
  readonly annotations: Readonly<Record<string, string>>
  readonly mediaType?: string
}

export const layerOf = (signer: Signer, payload: Uint8Array, more: Readonly<Record<string, string>> = {}): SignatureLayer => ({
  payload,
  annotations: { 'dev.cosignproject.cosign/signature': signBytes(signer, payload).toString('base64'), ...more },
})

/** The manifest that cosign keeps at `sha256-<hex>.sig`: a layer for each signature, and the config of an image without a platform. */
export const signatureTagOf = (digest: Digest, layers: readonly SignatureLayer[], extra: object = {}): Artifact => {
  const time = '0001-01-01T00:00:00Z'
  const rootfs = { type: 'layers', diff_ids: layers.map(({ payload }) => sha256(payload)) }
  const history = layers.map(() => ({ created: time }))
  const config = Buffer.from(JSON.stringify({ architecture: '', created: time, history, os: '', rootfs, config: {} }))
  const document = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', size: config.length, digest: sha256(config) },
    layers: layers.map(({ payload, annotations, mediaType = 'application/vnd.dev.cosign.simplesigning.v1+json' }) => ({
      mediaType,
      size: payload.length,
      digest: sha256(payload),
      annotations,
    })),
    ...extra,
  }
  return artifact(document, [config, ...layers.map(({ payload }) => payload)], `${digest.replace(':', '-')}.sig`)
}

/** `cosign sign --key … --tlog-upload=false --new-bundle-format=false`; several signers as cosign appends them. */
export const cosignTag = (subject: Pick<Subject, 'digest'>, reference: string, ...signers: readonly Signer[]): Artifact => {
  const payload = payloadOf(subject.digest, reference)
  return signatureTagOf(
    subject.digest,
    signers.map(signer => layerOf(signer, payload)),
  )
}

export const signPredicate = 'https://sigstore.dev/cosign/sign/v1'
export const inTotoType = 'application/vnd.in-toto+json'

/** The statement of `cosign sign`; protojson writes a blank after the commas or not, by chance. */
export const statementOf = (digest: Digest, predicateType = signPredicate): object => ({
  _type: 'https://in-toto.io/Statement/v1',
  subject: [{ digest: { [digest.slice(0, digest.indexOf(':'))]: digest.slice(digest.indexOf(':') + 1) }, annotations: {} }],
  predicateType,
  predicate: {},
})

const spaced = (json: string): string => json.replace(/("|\}|\]),"/g, '$1, "')

export const paeOf = (payloadType: string, payload: Uint8Array): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `), payload])

/** The bundle of `cosign sign`, as an object: tests change it before they write it. */
export const bundleOf = (signer: Signer, statement: object, payloadType = inTotoType) => {
  const payload = Buffer.from(spaced(JSON.stringify(statement)))
  return {
    mediaType: bundleType,
    verificationMaterial: { publicKey: { hint: signer.fingerprint } },
    dsseEnvelope: {
      payload: payload.toString('base64'),
      payloadType,
      signatures: [{ sig: signBytes(signer, paeOf(payloadType, payload)).toString('base64') }],
    },
  }
}

export const bundleBytes = (bundle: object): Buffer => Buffer.from(spaced(JSON.stringify(bundle)))

/** The manifest with which a bundle hangs on `subject`. */
export const bundleReferrer = (subject: Subject, bundle: Uint8Array, predicateType = signPredicate, extra: object = {}): Artifact => {
  const empty = Buffer.from('{}')
  const document = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: 'application/vnd.oci.empty.v1+json', size: empty.length, digest: sha256(empty), artifactType: bundleType },
    layers: [{ mediaType: bundleType, size: bundle.length, digest: sha256(bundle) }],
    annotations: {
      'dev.sigstore.bundle.content': 'dsse-envelope',
      'dev.sigstore.bundle.predicateType': predicateType,
      'org.opencontainers.image.created': '2026-11-22T10:00:00Z',
    },
    subject: { mediaType: subject.mediaType, size: subject.bytes.length, digest: subject.digest },
    artifactType: bundleType,
    ...extra,
  }
  return artifact(document, [empty, bundle])
}

/** `cosign sign --key … --tlog-upload=false`, cosign 3's default form. */
export const cosignBundle = (subject: Subject, signer: Signer): Artifact =>
  bundleReferrer(subject, bundleBytes(bundleOf(signer, statementOf(subject.digest))))

/** "Experimental OCI 1.1": the manifest of the tag as a referrer. */
export const cosignReferrer = (subject: Subject, reference: string, ...signers: readonly Signer[]): Artifact => {
  const payload = payloadOf(subject.digest, reference)
  const type = 'application/vnd.dev.cosign.artifact.sig.v1+json'
  const layers = signers.map(signer => layerOf(signer, payload))
  const { tag: _, ...made } = signatureTagOf(subject.digest, layers, {
    artifactType: type,
    subject: { mediaType: subject.mediaType, size: subject.bytes.length, digest: subject.digest },
  })
  return made
}

/** The body of a log entry (hashedrekord 0.0.1) about a signature. */
export const hashedRekord = (
  signed: Uint8Array,
  signature: Uint8Array,
  publicPem: string,
  hash: { readonly algorithm?: string; readonly value?: string } = {},
): Buffer =>
  Buffer.from(
    JSON.stringify({
      apiVersion: '0.0.1',
      kind: 'hashedrekord',
      spec: {
        data: { hash: { algorithm: hash.algorithm ?? 'sha256', value: hash.value ?? createHash('sha256').update(signed).digest('hex') } },
        signature: {
          content: Buffer.from(signature).toString('base64'),
          publicKey: { content: Buffer.from(publicPem).toString('base64') },
        },
      },
    }),
  )

/** The annotation `dev.sigstore.cosign/bundle`; the promise in it is nobody's. */
export const logAnnotation = (body: Uint8Array): Readonly<Record<string, string>> => ({
  'dev.sigstore.cosign/bundle': JSON.stringify({
    SignedEntryTimestamp: 'MEUCIQ==',
    Payload: { body: Buffer.from(body).toString('base64'), integratedTime: 1_700_000_000, logIndex: 7, logID: '00'.repeat(32) },
  }),
})

/** An entry as it stands in a bundle. */
export const logEntryOf = (body: Uint8Array, kind = 'hashedrekord', version = '0.0.1') => ({
  logIndex: '7',
  logId: { keyId: Buffer.alloc(32).toString('base64') },
  kindVersion: { kind, version },
  integratedTime: '1700000000',
  inclusionPromise: { signedEntryTimestamp: 'MEUCIQ==' },
  inclusionProof: {
    logIndex: '7',
    rootHash: Buffer.alloc(32).toString('base64'),
    treeSize: '8',
    hashes: [],
    checkpoint: { envelope: 'log\n8\nAAAA\n\n— log AAAAAAA=\n' },
  },
  canonicalizedBody: Buffer.from(body).toString('base64'),
})
