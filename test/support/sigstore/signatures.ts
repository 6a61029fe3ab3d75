import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { bundleType, inTotoType, paeOf, signBytes, signerOf } from '../cosign.ts'
import { type Issued, times } from './certificates.ts'
import type { Deployment } from './deployment.ts'
import { pem } from './der.ts'
import { type CheckpointOptions, type Log, promiseOf, proofOf } from './logs.ts'
import { type StampOptions, stamp } from './timestamps.ts'

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const hashOf = (bytes: Uint8Array, hash = 'sha256'): Buffer => createHash(hash).update(bytes).digest()
const seconds = (time: Date): number => Math.floor(time.getTime() / 1000)

/** What was logged: the signature, over what, and the certificate's or key's PEM. */
export interface Logging {
  readonly signed: Uint8Array
  readonly payload: Uint8Array
  readonly signature: Uint8Array
  readonly verifierPem: string
}

/** The registry's algorithm for each key: what is hashed how, and its names (sigstore/architecture-docs algorithm-registry.md). */
const algorithmOf = (key: KeyObject): { readonly hash: string; readonly digest: string; readonly details: string } => {
  const { namedCurve = '' } = key.asymmetricKeyDetails ?? {}
  if (namedCurve === 'secp384r1') return { hash: 'sha384', digest: 'SHA2_384', details: 'PKIX_ECDSA_P384_SHA_384' }
  if (namedCurve === 'secp521r1') return { hash: 'sha512', digest: 'SHA2_512', details: 'PKIX_ECDSA_P521_SHA_512' }
  if (key.asymmetricKeyType === 'ed25519') return { hash: 'sha512', digest: 'SHA2_512', details: 'PKIX_ED25519_PH' }
  const rsa = key.asymmetricKeyType === 'rsa'
  return { hash: 'sha256', digest: 'SHA2_256', details: rsa ? 'PKIX_RSA_PKCS1V15_2048_SHA256' : 'PKIX_ECDSA_P256_SHA_256' }
}
const keyIn = (verifierPem: string) => algorithmOf(createPublicKey(verifierPem))

/** Bodies of entries, as each kind of Rekor's writes them; `kind version` names them. */
export const bodies: Readonly<Record<string, (logging: Logging) => object>> = {
  'hashedrekord 0.0.1': ({ signed, signature, verifierPem }) => ({
    data: { hash: { algorithm: keyIn(verifierPem).hash, value: hashOf(signed, keyIn(verifierPem).hash).toString('hex') } },
    signature: { content: base64(signature), publicKey: { content: base64(Buffer.from(verifierPem)) } },
  }),
  'hashedrekord 0.0.2': ({ signed, signature, verifierPem }) => ({
    hashedRekordV002: {
      data: { algorithm: keyIn(verifierPem).digest, digest: base64(hashOf(signed, keyIn(verifierPem).hash)) },
      signature: { content: base64(signature), verifier: rawVerifier(verifierPem) },
    },
  }),
  'dsse 0.0.1': ({ payload, signature, verifierPem }) => ({
    envelopeHash: { algorithm: 'sha256', value: '00'.repeat(32) },
    payloadHash: { algorithm: 'sha256', value: hashOf(payload).toString('hex') },
    signatures: [{ signature: base64(signature), verifier: base64(Buffer.from(verifierPem)) }],
  }),
  'intoto 0.0.2': ({ payload, signature, verifierPem }) => ({
    content: {
      envelope: {
        payloadType: inTotoType,
        signatures: [{ sig: base64(Buffer.from(base64(signature))), publicKey: base64(Buffer.from(verifierPem)) }],
      },
      hash: { algorithm: 'sha256', value: '00'.repeat(32) },
      payloadHash: { algorithm: 'sha256', value: hashOf(payload).toString('hex') },
    },
  }),
}

const rawVerifier = (verifierPem: string): object => {
  const rawBytes = verifierPem.replace(/-----[^-]+-----|\n/g, '')
  const keyDetails = keyIn(verifierPem).details
  return verifierPem.includes('CERTIFICATE') ? { keyDetails, x509Certificate: { rawBytes } } : { keyDetails, publicKey: { rawBytes } }
}

export const bodyOf = (kind: string, logging: Logging): Buffer => {
  const [name = '', apiVersion = ''] = kind.split(' ')
  return Buffer.from(JSON.stringify({ apiVersion, kind: name, spec: bodies[kind]?.(logging) }))
}

export interface EntryOptions extends CheckpointOptions {
  readonly time?: Date
  /** For which the promise is, where it is another. */
  readonly promised?: Date
  /** Left out. */
  readonly without?: 'promise' | 'proof'
  readonly logId?: Buffer
}

/** An entry of Rekor 1 with its promise and its proof, as it stands in a bundle. */
export const entryOf = (log: Log, body: Buffer, options: EntryOptions = {}) => {
  const { time = times.signed, promised = time, without, logId = log.id, ...checkpoint } = options
  const { kind, apiVersion } = JSON.parse(body.toString())
  const promise = { signedEntryTimestamp: base64(promiseOf(log, body, seconds(promised), 1007)) }
  return {
    logIndex: '1007',
    logId: { keyId: base64(logId) },
    kindVersion: { kind, version: apiVersion },
    integratedTime: `${seconds(time)}`,
    ...(without === 'promise' ? {} : { inclusionPromise: promise }),
    ...(without === 'proof' ? {} : { inclusionProof: proofOf(log, body, { origin: `${log.host} - 1234`, ...checkpoint }) }),
    canonicalizedBody: base64(body),
  }
}

/** An entry of Rekor 2: a proof, and no time. */
export const entry2Of = (log: Log, body: Buffer, checkpoint: CheckpointOptions = {}) => {
  const { kind, apiVersion } = JSON.parse(body.toString())
  const inclusionProof = proofOf(log, body, checkpoint)
  return {
    logIndex: inclusionProof.logIndex,
    logId: { keyId: base64(log.id) },
    kindVersion: { kind, version: apiVersion },
    inclusionProof,
    canonicalizedBody: base64(body),
  }
}

export interface SignedBundle {
  readonly bundle: Bundle
  readonly logging: Logging
}
/** A bundle as an object: tests change it before they write it. */
export interface Bundle {
  readonly mediaType: string
  readonly verificationMaterial: {
    readonly certificate?: { readonly rawBytes: string }
    readonly publicKey?: { readonly hint: string }
    readonly x509CertificateChain?: object
    readonly tlogEntries: readonly object[]
    readonly timestampVerificationData: { readonly rfc3161Timestamps: readonly { readonly signedTimestamp: string }[] }
  }
  readonly dsseEnvelope?: {
    readonly payload: string
    readonly payloadType: string
    readonly signatures: readonly [{ readonly sig: string }]
  }
  readonly messageSignature?: {
    readonly messageDigest: { readonly algorithm: string; readonly digest: string }
    readonly signature: string
  }
}

export interface ProofOptions {
  /** Which entries: of Rekor 1, Rekor 2 or none. */
  readonly logs?: readonly ('rekor' | 'rekor2')[]
  readonly kind?: string
  readonly entry?: EntryOptions
  readonly stamps?: readonly Partial<StampOptions>[]
}

/** A bundle in which `signer` signed `what`: a statement, or bytes; with an entry in Rekor 1 unless told otherwise. */
export const signBundle = (deployment: Deployment, signer: Issued, what: object | Uint8Array, options: ProofOptions = {}): SignedBundle => {
  const payload = what instanceof Uint8Array ? what : Buffer.from(JSON.stringify(what))
  const signed = what instanceof Uint8Array ? what : paeOf(inTotoType, payload)
  const signature = signBytes(signerOf(signer.key), signed)
  const logging: Logging = { signed, payload, signature, verifierPem: pem(signer.der) }
  const { hash, digest } = algorithmOf(signer.key)
  const content =
    what instanceof Uint8Array
      ? { messageSignature: { messageDigest: { algorithm: digest, digest: base64(hashOf(what, hash)) }, signature: base64(signature) } }
      : { dsseEnvelope: { payload: base64(payload), payloadType: inTotoType, signatures: [{ sig: base64(signature) }] as const } }
  return {
    logging,
    bundle: {
      mediaType: bundleType,
      verificationMaterial: { certificate: { rawBytes: base64(signer.der) }, ...proofs(deployment, logging, options) },
      ...content,
    },
  }
}

export const proofs = (deployment: Deployment, logging: Logging, { logs = ['rekor'], kind, entry, stamps = [] }: ProofOptions) => ({
  tlogEntries: logs.map(log =>
    log === 'rekor'
      ? entryOf(deployment.rekor, bodyOf(kind ?? 'hashedrekord 0.0.1', logging), entry)
      : entry2Of(deployment.rekor2, bodyOf(kind ?? 'hashedrekord 0.0.2', logging), entry),
  ),
  timestampVerificationData: {
    rfc3161Timestamps: stamps.map(options => ({
      signedTimestamp: base64(stamp(logging.signature, { signer: deployment.tsa, time: times.signed, ...options })),
    })),
  },
})

/** The annotations with which cosign 2 keeps a keyless signature over `signed`. */
export const annotationsOf = (
  deployment: Deployment,
  signer: Issued,
  signed: Uint8Array,
  { log = true, stamped }: { readonly log?: boolean; readonly stamped?: Uint8Array | 'signature' } = {},
): Readonly<Record<string, string>> => {
  const signature = signBytes(signerOf(signer.key), signed)
  const body = bodyOf('hashedrekord 0.0.1', { signed, payload: signed, signature, verifierPem: pem(signer.der) })
  return {
    'dev.cosignproject.cosign/signature': base64(signature),
    ...certificateAnnotations(deployment, signer),
    ...(log ? { 'dev.sigstore.cosign/bundle': logAnnotationOf(deployment, body) } : {}),
    ...(stamped === undefined
      ? {}
      : { 'dev.sigstore.cosign/rfc3161timestamp': stampAnnotation(deployment, stamped === 'signature' ? signature : stamped) }),
  }
}

export const certificateAnnotations = ({ intermediate, root }: Deployment, signer: Issued): Readonly<Record<string, string>> => ({
  'dev.sigstore.cosign/certificate': pem(signer.der),
  'dev.sigstore.cosign/chain': pem(intermediate.der) + pem(root.der),
})

export const logAnnotationOf = ({ rekor }: Deployment, body: Buffer, time: Date = times.signed): string =>
  JSON.stringify({
    SignedEntryTimestamp: base64(promiseOf(rekor, body, seconds(time), 1007)),
    Payload: { body: base64(body), integratedTime: seconds(time), logIndex: 1007, logID: rekor.id.toString('hex') },
  })

export const stampAnnotation = ({ tsa }: Deployment, stamped: Uint8Array): string =>
  JSON.stringify({ SignedRFC3161Timestamp: base64(stamp(stamped, { signer: tsa, time: times.signed })) })
