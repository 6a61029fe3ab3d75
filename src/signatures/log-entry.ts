import { type PublicKey, publicKeyFromSpki } from '../policy/keys.ts'
import { pemBlocks } from '../policy/pem.ts'
import { Malformed } from './malformed.ts'
import { asBase64, asObject, asText, isObject, type Json, type JsonObject, strictJsonObject } from './strict-json.ts'

/** An entry of a transparency log (Rekor) as it stands in a bundle or an annotation. */
export interface LogEntry {
  /** As the bundle says it; the body must say the same. */
  readonly kind: string
  readonly version: string
  /** Canonical JSON, as it was logged. */
  readonly body: Buffer
}

/** With what came along to prove that the log has it. */
export interface SealedLogEntry extends LogEntry {
  /** Of the log. */
  readonly logId: Buffer
  /** Over all shards of the log; decimal, as they do not fit a number. */
  readonly logIndex: string
  /** Seconds since 1970; undefined when the log tells no time (Rekor 2). Only the promise signs it. */
  readonly integratedTime: string | undefined
  /** The signature of Rekor 1 on the entry, "SignedEntryTimestamp". */
  readonly promise: Buffer | undefined
  readonly proof: InclusionProof | undefined
}

/** The way from the entry to the head of the log's tree, and the head as the log signed it (RFC 6962 2.1.1). */
export interface InclusionProof {
  readonly logIndex: string
  readonly treeSize: string
  readonly hashes: readonly Buffer[]
  readonly rootHash: Buffer
  readonly checkpoint: string
}

/** What an entry says was logged. Whether it truly was is another question, which needs a trusted root. */
export interface LoggedSignature {
  /** Undefined where only a digest of the whole envelope was logged. */
  readonly signature: Buffer | undefined
  readonly digest: { readonly algorithm: string; readonly value: Buffer; readonly of: 'signed' | 'payload' | 'envelope' }
  readonly verifier: LoggedVerifier
}

/** The key with which the logger verified: bare, or in a certificate. */
export type LoggedVerifier =
  | { readonly kind: 'key'; readonly key: PublicKey | undefined }
  | { readonly kind: 'certificate'; readonly der: Buffer }

/** @throws Malformed */
export const parseLogEntry = ({ kind, version, body }: LogEntry): LoggedSignature => {
  const json = strictJsonObject(body, 'the log entry')
  const written = `${asText(json.kind, 'kind')} ${asText(json.apiVersion, 'apiVersion')}`
  if (written !== `${kind} ${version}`) throw new Malformed(`the log entry is a ${written}, and the bundle says ${kind} ${version}`)
  const read = readers[written]
  if (read === undefined) throw new Malformed(`the log entry is a ${written}, which cannot be compared`)
  return read(asObject(json.spec, 'spec'))
}

/** By kind and version, as Rekor 1.5 (pkg/types) and Rekor 2 (api/proto/rekor/v2) define them. */
const readers: Readonly<Record<string, (spec: JsonObject) => LoggedSignature>> = {
  'hashedrekord 0.0.1': spec => recordOf(spec),
  'rekord 0.0.1': spec => recordOf(spec),
  'hashedrekord 0.0.2': spec => {
    const { data, signature } = fields(fields(spec, 'hashedRekordV002').hashedRekordV002, 'data', 'signature')
    const { verifier } = fields(signature, 'verifier')
    return {
      signature: asBase64(signature.content, 'signature.content'),
      digest: { ...protobufDigest(data), of: 'signed' },
      verifier: rawVerifier(verifier),
    }
  },
  'dsse 0.0.1': spec => {
    const signed = onlyOf(spec.signatures)
    return {
      signature: asBase64(signed.signature, 'signatures.signature'),
      digest: { ...hexDigest(fields(spec, 'payloadHash').payloadHash), of: 'payload' },
      verifier: pemVerifier(signed.verifier),
    }
  },
  'dsse 0.0.2': spec => {
    const { dsseV002 } = fields(spec, 'dsseV002')
    const signed = onlyOf(dsseV002.signatures)
    return {
      signature: asBase64(signed.content, 'signatures.content'),
      digest: { ...protobufDigest(fields(dsseV002, 'payloadHash').payloadHash), of: 'payload' },
      verifier: rawVerifier(fields(signed, 'verifier').verifier),
    }
  },
  'intoto 0.0.1': spec => ({
    signature: undefined,
    digest: { ...hexDigest(fields(fields(spec, 'content').content, 'hash').hash), of: 'envelope' },
    verifier: pemVerifier(spec.publicKey),
  }),
  'intoto 0.0.2': spec => {
    const { content } = fields(spec, 'content')
    const { envelope, payloadHash } = fields(content, 'envelope', 'payloadHash')
    const signed = onlyOf(envelope.signatures)
    return {
      // The signature is in base64 twice.
      signature: asBase64(asBase64(signed.sig, 'signatures.sig').toString('latin1'), 'signatures.sig'),
      digest: { ...hexDigest(payloadHash), of: 'payload' },
      verifier: pemVerifier(signed.publicKey),
    }
  },
}

const recordOf = (spec: JsonObject): LoggedSignature => {
  const { data, signature } = fields(spec, 'data', 'signature')
  return {
    signature: asBase64(signature.content, 'signature.content'),
    digest: { ...hexDigest(fields(data, 'hash').hash), of: 'signed' },
    verifier: pemVerifier(fields(signature, 'publicKey').publicKey.content),
  }
}

const fields = <K extends string>(value: Json | undefined, ...names: readonly K[]): JsonObject & Readonly<Record<K, JsonObject>> => {
  const object = asObject(value, 'a field of the log entry')
  for (const name of names) if (!isObject(object[name])) throw new Malformed(`the log entry has no ${name}`)
  return object as JsonObject & Readonly<Record<K, JsonObject>>
}

const onlyOf = (list: Json | undefined): JsonObject => {
  if (!Array.isArray(list) || list.length !== 1) throw new Malformed('the log entry has not exactly one signature')
  return asObject(list[0], 'the signature')
}

const algorithms = new Map([
  ['SHA2_256', 'sha256'],
  ['SHA2_384', 'sha384'],
  ['SHA2_512', 'sha512'],
])

const hexDigest = (hash: JsonObject) => ({
  algorithm: asText(hash.algorithm, 'hash.algorithm'),
  value: Buffer.from(asText(hash.value, 'hash.value'), 'hex'),
})

const protobufDigest = (data: JsonObject) => ({
  algorithm: algorithms.get(asText(data.algorithm, 'algorithm')) ?? 'unknown',
  value: asBase64(data.digest, 'digest'),
})

const pemVerifier = (base64: Json | undefined): LoggedVerifier => {
  const [block] = pemBlocks(asBase64(base64, 'the key of the log entry').toString('latin1'))
  if (block?.label === 'CERTIFICATE') return { kind: 'certificate', der: block.der }
  return { kind: 'key', key: block?.label === 'PUBLIC KEY' ? publicKeyFromSpki(block.der) : undefined }
}

const rawVerifier = (verifier: JsonObject): LoggedVerifier => {
  const { publicKey, x509Certificate } = verifier
  if (isObject(x509Certificate)) return { kind: 'certificate', der: asBase64(x509Certificate.rawBytes, 'the certificate') }
  return { kind: 'key', key: isObject(publicKey) ? publicKeyFromSpki(asBase64(publicKey.rawBytes, 'the key')) : undefined }
}
