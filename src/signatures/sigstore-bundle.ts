import { type Envelope, readEnvelope } from './dsse.ts'
import { asCount } from './json-numbers.ts'
import type { InclusionProof, SealedLogEntry } from './log-entry.ts'
import { Malformed } from './malformed.ts'
import { asBase64, asObject, asText, isObject, type Json, type JsonObject, strictJsonObject } from './strict-json.ts'

/** The versions there are (protobuf-specs 0.5 sigstore_bundle.proto), in both ways to write the last. */
const versions: ReadonlyMap<string, '0.1' | '0.2' | '0.3'> = new Map([
  ['application/vnd.dev.sigstore.bundle+json;version=0.1', '0.1'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.2', '0.2'],
  ['application/vnd.dev.sigstore.bundle+json;version=0.3', '0.3'],
  ['application/vnd.dev.sigstore.bundle.v0.3+json', '0.3'],
])
/** Node's names for the hashes of protobuf-specs 0.5 sigstore_common.proto. */
export const messageHashes: ReadonlyMap<string, string> = new Map([
  ['SHA2_256', 'sha256'],
  ['SHA2_384', 'sha384'],
  ['SHA2_512', 'sha512'],
])
/** As sigstore-go 1.2 bounds them (pkg/verify/tlog.go, tsa.go); chains and proofs by what can be. */
const limits = { logEntries: 32, timestamps: 32, certificates: 8, hashes: 64 }

/** By whom a bundle says that it was signed. */
export type BundleSigner =
  | { readonly kind: 'key'; readonly hint: string }
  | { readonly kind: 'certificate'; readonly der: Buffer; readonly chain: readonly Buffer[] }

export type BundleContent =
  | ({ readonly kind: 'envelope' } & Envelope)
  | { readonly kind: 'message'; readonly digestAlgorithm: string; readonly digest: Buffer; readonly signature: Buffer }

export interface ParsedBundle {
  readonly mediaType: string
  readonly signer: BundleSigner
  readonly content: BundleContent
  readonly logEntries: readonly SealedLogEntry[]
  /** RFC 3161 timestamps that came along: TimeStampResp, DER. */
  readonly timestamps: readonly Buffer[]
}

/**
 * A sigstore bundle in its JSON form, at most one of each alternative in it and all base64 strict, which @sigstore/bundle does not ask for.
 *
 * @throws Malformed, whatever is wrong with it
 */
export const parseBundle = (bytes: Uint8Array): ParsedBundle => {
  const json = strictJsonObject(bytes, 'the bundle')
  const mediaType = asText(json.mediaType, 'mediaType')
  const version = versions.get(mediaType)
  if (version === undefined) throw new Malformed(`the bundle is a ${JSON.stringify(mediaType)}, which is no known version`)
  const material = asObject(json.verificationMaterial, 'verificationMaterial')
  const parsed = {
    mediaType,
    signer: signerOf(material),
    content: contentOf(json),
    logEntries: listOf(material.tlogEntries, limits.logEntries, 'log entries').map(logEntryOf),
    timestamps: timestampsOf(material),
  }
  const names = parsed.logEntries.map(({ logId, logIndex, body }) => [logId.toString('hex'), logIndex, body.toString('base64')].join())
  if (new Set(names).size < names.length) throw new Malformed('the bundle has a log entry twice')
  checkVersion(version, material, parsed.logEntries)
  return parsed
}

const listOf = (value: Json | undefined, most: number, what: string): readonly Json[] => {
  const list = value ?? []
  if (!Array.isArray(list)) throw new Malformed(`what should be ${what} is not a list`)
  if (list.length > most) throw new Malformed(`the bundle has more than ${most} ${what}`)
  return list
}

/** What each version asks of its material (protobuf-specs 0.5 sigstore_bundle.proto). */
const checkVersion = (version: '0.1' | '0.2' | '0.3', material: JsonObject, entries: readonly SealedLogEntry[]) => {
  const missing = (what: string) => new Malformed(`the bundle is incomplete: version ${version} needs ${what}`)
  if (version === '0.1' && entries.some(({ promise }) => promise === undefined)) throw missing('an inclusionPromise in each log entry')
  if (version !== '0.1' && entries.some(({ proof }) => proof === undefined)) throw missing('an inclusionProof in each log entry')
  if (version === '0.3' && isObject(material.x509CertificateChain)) throw missing('a certificate without a chain')
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
  if (name === 'certificate') return { kind: 'certificate', der: asBase64(value.rawBytes, 'the certificate'), chain: [] }
  const [der, ...chain] = listOf(value.certificates, limits.certificates, 'certificates').map(one =>
    asBase64(asObject(one, 'a certificate').rawBytes, 'a certificate'),
  )
  if (der === undefined) throw new Malformed('x509CertificateChain has no certificates')
  return { kind: 'certificate', der, chain }
}

const contentOf = (json: JsonObject): BundleContent => {
  const name = oneOf(json, ['dsseEnvelope', 'messageSignature'], 'the bundle')
  const value = asObject(json[name], name)
  if (name === 'messageSignature') {
    const digest = asObject(value.messageDigest, 'messageDigest')
    const algorithm = asText(digest.algorithm, 'messageDigest.algorithm')
    if (!messageHashes.has(algorithm)) throw new Malformed(`the digest of the message is a ${JSON.stringify(algorithm)}`)
    return {
      kind: 'message',
      digestAlgorithm: algorithm,
      digest: asBase64(digest.digest, 'messageDigest.digest'),
      signature: asBase64(value.signature, 'the signature'),
    }
  }
  return { kind: 'envelope', ...readEnvelope(value) }
}

const logEntryOf = (value: Json): SealedLogEntry => {
  const entry = asObject(value, 'a log entry')
  const version = asObject(entry.kindVersion, 'kindVersion')
  const time = asCount(entry.integratedTime, 'integratedTime')
  const promise = entry.inclusionPromise ?? undefined
  const proof = entry.inclusionProof ?? undefined
  return {
    kind: asText(version.kind, 'kindVersion.kind'),
    version: asText(version.version, 'kindVersion.version'),
    body: asBase64(entry.canonicalizedBody, 'canonicalizedBody'),
    logId: asBase64(asObject(entry.logId, 'logId').keyId, 'logId.keyId'),
    logIndex: asCount(entry.logIndex, 'logIndex'),
    integratedTime: time === '0' ? undefined : time,
    promise:
      promise === undefined
        ? undefined
        : asBase64(asObject(promise, 'inclusionPromise').signedEntryTimestamp, 'inclusionPromise.signedEntryTimestamp'),
    proof: proof === undefined ? undefined : proofOf(asObject(proof, 'inclusionProof')),
  }
}

const proofOf = (proof: JsonObject): InclusionProof => ({
  logIndex: asCount(proof.logIndex, 'inclusionProof.logIndex'),
  treeSize: asCount(proof.treeSize, 'inclusionProof.treeSize'),
  hashes: listOf(proof.hashes, limits.hashes, 'hashes of a proof').map(hash => asBase64(hash, 'a hash of the proof')),
  rootHash: asBase64(proof.rootHash, 'inclusionProof.rootHash'),
  checkpoint: asText(asObject(proof.checkpoint, 'inclusionProof.checkpoint').envelope, 'inclusionProof.checkpoint.envelope'),
})

const timestampsOf = (material: JsonObject): readonly Buffer[] => {
  const data = material.timestampVerificationData ?? {}
  const stamps = asObject(data, 'timestampVerificationData').rfc3161Timestamps
  return listOf(stamps, limits.timestamps, 'timestamps').map(stamp =>
    asBase64(asObject(stamp, 'a timestamp').signedTimestamp, 'signedTimestamp'),
  )
}
