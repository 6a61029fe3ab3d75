import { type Bundle, bundleFromJSON } from '@sigstore/bundle'
import type { Envelope } from './dsse.ts'
import type { LogEntry } from './log-entry.ts'
import { Malformed } from './malformed.ts'
import { asBase64, asObject, asText, isObject, type JsonObject, strictJsonObject } from './strict-json.ts'

/** The versions there are (protobuf-specs 0.5 sigstore_bundle.proto); the library takes any pair of digits. */
const mediaTypes = [
  'application/vnd.dev.sigstore.bundle+json;version=0.1',
  'application/vnd.dev.sigstore.bundle+json;version=0.2',
  'application/vnd.dev.sigstore.bundle+json;version=0.3',
  'application/vnd.dev.sigstore.bundle.v0.3+json',
]
/** As sigstore-go 1.2 bounds it (pkg/verify/tlog.go). */
const maxLogEntries = 32

/** By whom a bundle says that it was signed. */
export type BundleSigner = { readonly kind: 'key'; readonly hint: string } | { readonly kind: 'certificate'; readonly der: Buffer }

export type BundleContent =
  | ({ readonly kind: 'envelope' } & Envelope)
  | { readonly kind: 'message'; readonly digestAlgorithm: string; readonly digest: Buffer; readonly signature: Buffer }

export interface ParsedBundle {
  readonly mediaType: string
  readonly signer: BundleSigner
  readonly content: BundleContent
  readonly logEntries: readonly LogEntry[]
  /** RFC 3161 timestamps that came along. */
  readonly timestamps: number
  /** As @sigstore/verify takes it. */
  readonly bundle: Bundle
}

/**
 * A sigstore bundle in its JSON form, at most one of each alternative in it and all base64 strict, which the library does not ask for.
 *
 * @throws Malformed, whatever is wrong with it
 */
export const parseBundle = (bytes: Uint8Array): ParsedBundle => {
  const json = strictJsonObject(bytes, 'the bundle')
  const mediaType = asText(json.mediaType, 'mediaType')
  if (!mediaTypes.includes(mediaType)) throw new Malformed(`the bundle is a ${JSON.stringify(mediaType)}, which is no known version`)
  const material = asObject(json.verificationMaterial, 'verificationMaterial')
  const entries = material.tlogEntries ?? []
  if (!Array.isArray(entries)) throw new Malformed('tlogEntries is not a list')
  if (entries.length > maxLogEntries) throw new Malformed(`the bundle has more than ${maxLogEntries} log entries`)
  return {
    mediaType,
    signer: signerOf(material),
    content: contentOf(json),
    logEntries: entries.map(logEntryOf),
    timestamps: timestampsOf(material),
    bundle: fromLibrary(json),
  }
}

/** What the library finds wrong by itself: missing proofs, chains where there must be none. It throws many kinds of errors. */
const fromLibrary = (json: JsonObject): Bundle => {
  try {
    return bundleFromJSON(json)
  } catch (error) {
    const fields = error instanceof Error && 'fields' in error && Array.isArray(error.fields) ? `: ${error.fields.join(', ')}` : ''
    throw new Malformed(`the bundle is incomplete${fields}`)
  }
}

const oneOf = (object: JsonObject, names: readonly string[], what: string): string => {
  const [name, ...more] = names.filter(candidate => object[candidate] !== undefined && object[candidate] !== null)
  if (name === undefined || more.length > 0) throw new Malformed(`${what} has not exactly one of ${names.join(', ')}`)
  return name
}

const signerOf = (material: JsonObject): BundleSigner => {
  const name = oneOf(material, ['publicKey', 'certificate', 'x509CertificateChain'], 'verificationMaterial')
  const value = asObject(material[name], name)
  if (name === 'publicKey') return { kind: 'key', hint: value.hint === undefined ? '' : asText(value.hint, 'publicKey.hint') }
  if (name === 'certificate') return { kind: 'certificate', der: asBase64(value.rawBytes, 'the certificate') }
  const chain = value.certificates
  if (!Array.isArray(chain)) throw new Malformed('x509CertificateChain has no certificates')
  return { kind: 'certificate', der: asBase64(asObject(chain[0], 'the first certificate').rawBytes, 'the first certificate') }
}

const contentOf = (json: JsonObject): BundleContent => {
  const name = oneOf(json, ['dsseEnvelope', 'messageSignature'], 'the bundle')
  const value = asObject(json[name], name)
  if (name === 'messageSignature') {
    const digest = asObject(value.messageDigest, 'messageDigest')
    return {
      kind: 'message',
      digestAlgorithm: asText(digest.algorithm, 'messageDigest.algorithm'),
      digest: asBase64(digest.digest, 'messageDigest.digest'),
      signature: asBase64(value.signature, 'the signature'),
    }
  }
  const signatures = value.signatures
  if (!Array.isArray(signatures) || signatures.length !== 1) throw new Malformed('the envelope has not exactly one signature')
  return {
    kind: 'envelope',
    payloadType: asText(value.payloadType, 'payloadType'),
    payload: asBase64(value.payload, 'the payload'),
    signature: asBase64(asObject(signatures[0], 'the signature').sig, 'the signature'),
  }
}

const logEntryOf = (value: JsonObject[string]): LogEntry => {
  const entry = asObject(value, 'a log entry')
  const version = asObject(entry.kindVersion, 'kindVersion')
  return {
    kind: asText(version.kind, 'kindVersion.kind'),
    version: asText(version.version, 'kindVersion.version'),
    body: asBase64(entry.canonicalizedBody, 'canonicalizedBody'),
  }
}

const timestampsOf = (material: JsonObject): number => {
  const data = material.timestampVerificationData
  const stamps = isObject(data) ? data.rfc3161Timestamps : undefined
  return Array.isArray(stamps) ? stamps.length : 0
}
