import { createHash } from 'node:crypto'
import { PreflightError } from '../../errors.ts'
import { type PublicKey, publicKeyFromSpki } from '../../policy/keys.ts'
import { printable } from '../../redact.ts'
import { Malformed } from '../malformed.ts'
import { type JsonObject, strictJsonObject } from '../strict-json.ts'
import type { CertificateAuthority, Period } from './certificate-chain.ts'
import { encodeDer, tags } from './der.ts'
import { type Fields, fieldsAt } from './trusted-root-fields.ts'

/** A log of certificates (CT) or signatures (Rekor) that is trusted. */
export interface TransparencyLog {
  /** For people: its address, else the beginning of its ID. */
  readonly name: string
  readonly key: PublicKey
  /** By any of these entries, timestamps and checkpoints name it. */
  readonly ids: readonly Buffer[]
  /** Names that its address gives it, of which its checkpoints have one where it is a Rekor 2; empty: it has no address. */
  readonly origins: readonly string[]
  readonly validFor: Period
}

/** Whom a Sigstore deployment trusts. Read once: keys and certificates are ready for use. */
export interface TrustedRoot {
  /** For messages. */
  readonly name: string
  readonly certificateAuthorities: readonly CertificateAuthority[]
  readonly timestampAuthorities: readonly CertificateAuthority[]
  /** Rekor. */
  readonly logs: readonly TransparencyLog[]
  readonly certificateLogs: readonly TransparencyLog[]
  /** The newest beginning of anything in it: it is not older than this. */
  readonly newest: Date | undefined
}

/** protobuf-specs 0.5 sigstore_trustroot.proto; all three ways to write it are in use. */
const mediaTypes = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot+json;version=0.2',
  'application/vnd.dev.sigstore.trustedroot.v0.1+json',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
]
/** Of each kind; the public good instance has two of most. */
const maxInstances = 64

/**
 * A `trusted_root.json`. What is not understood is refused, by its place: a misspelt name would silently trust nobody, and a
 * time without a beginning would trust a key for ever (which @sigstore/verify does).
 *
 * @param name the file, for messages
 * @throws PreflightError TRUSTED_ROOT_INVALID
 */
export const parseTrustedRoot = (bytes: Uint8Array, name: string): TrustedRoot => {
  try {
    return read(strictJsonObject(bytes, 'the file'), name)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    throw new PreflightError('TRUSTED_ROOT_INVALID', `${printable(name)} is not a trusted root of Sigstore: ${printable(error.message)}.`, {
      hint: 'Get the trusted_root.json of the deployment that signs; `cosign trusted-root create` writes one for a deployment of your own.',
    })
  }
}

const read = (json: JsonObject, name: string): TrustedRoot => {
  const root = fieldsAt(json, '', ['mediaType', 'tlogs', 'certificateAuthorities', 'ctlogs', 'timestampAuthorities'])
  const mediaType = root.text('mediaType') ?? ''
  if (!mediaTypes.includes(mediaType)) throw new Malformed(`mediaType is ${JSON.stringify(mediaType)}, which is none that is read here`)
  const lists = {
    certificateAuthorities: root.list('certificateAuthorities', maxInstances, authorityFields).map(authorityOf),
    timestampAuthorities: root.list('timestampAuthorities', maxInstances, authorityFields).map(authorityOf),
    logs: root.list('tlogs', maxInstances, logFields).map(logOf),
    certificateLogs: root.list('ctlogs', maxInstances, logFields).map(logOf),
  }
  const starts = Object.values(lists).flatMap(list => list.map(({ validFor }) => validFor.start))
  return { name, ...lists, newest: starts.toSorted((a, b) => Number(b) - Number(a))[0] }
}

const authorityFields = ['subject', 'uri', 'certChain', 'validFor', 'operator']
const logFields = ['baseUrl', 'hashAlgorithm', 'publicKey', 'logId', 'checkpointKeyId', 'operator']

const authorityOf = (fields: Fields): CertificateAuthority => {
  const subject = fields.object('subject', ['organization', 'commonName'])
  const chain = fields.required('certChain', ['certificates']).list('certificates', 8, ['rawBytes'])
  if (chain.length === 0) throw new Malformed(`${fields.at}certChain.certificates is empty`)
  const written = fields.text('uri') ?? [subject?.text('organization'), subject?.text('commonName')].filter(part => part).join(' ')
  return {
    name: written === '' ? 'an authority without a name' : printable(written, 100),
    chain: chain.map(link => link.certificate('rawBytes')),
    validFor: fields.period('validFor'),
  }
}

const logOf = (fields: Fields): TransparencyLog => {
  const written = fields.required('publicKey', ['rawBytes', 'keyDetails', 'validFor'])
  const baseUrl = fields.text('baseUrl') ?? ''
  // Its hash for leaves: others than SHA-256 are defined nowhere.
  const hash = fields.text('hashAlgorithm') ?? 'SHA2_256'
  if (hash !== 'SHA2_256') throw new Malformed(`${fields.at}hashAlgorithm is ${JSON.stringify(hash)}, and logs use SHA2_256`)
  const key = keyOf(written)
  const ids = idsOf(fields, key, baseUrl)
  return {
    name: baseUrl === '' ? `the log ${ids[0]?.toString('hex').slice(0, 16)}` : printable(baseUrl.replace(/^https?:\/\//, ''), 100),
    key,
    ids,
    origins: originsOf(baseUrl),
    validFor: written.period('validFor'),
  }
}

/** With its path (c2sp.org/tlog-checkpoint, "Note text"), and the bare host, as Rekor 2 and sigstore-go 1.2 take it. */
const originsOf = (baseUrl: string): readonly string[] => {
  if (!URL.canParse(baseUrl)) return []
  const { host, hostname } = new URL(baseUrl)
  return [...new Set([withoutScheme(baseUrl), host, hostname])].filter(name => name !== '')
}

const withoutScheme = (baseUrl: string): string => baseUrl.replace(/^https?:\/\//, '').replace(/\/$/, '')

const keyOf = (written: Fields): PublicKey => {
  const der = written.bytes('rawBytes')
  const pkcs1 = (written.text('keyDetails') ?? '').startsWith('PKCS1_')
  const key = publicKeyFromSpki(pkcs1 ? spkiOfPkcs1(der) : der)
  if (key === undefined) throw new Malformed(`${written.at}rawBytes is not a public key of ECDSA, RSA or Ed25519`)
  return key
}

/** rsaEncryption around an RSAPublicKey (RFC 8017 A.1.1). */
const spkiOfPkcs1 = (pkcs1: Buffer): Buffer =>
  encodeDer(tags.sequence, Buffer.from('300d06092a864886f70d0101010500', 'hex'), encodeDer(tags.bitString, Buffer.from([0]), pkcs1))

/**
 * The IDs that are written, and the one that follows from the key: of version 0.2 the short `checkpointKeyId` may be the only one,
 * which the library then takes for the log's ID and so finds no entry.
 */
const idsOf = (fields: Fields, key: PublicKey, baseUrl: string): readonly Buffer[] => {
  const [logId, checkpointKeyId] = ['logId', 'checkpointKeyId'].map(name => fields.object(name, ['keyId'])?.bytes('keyId'))
  const derived: Buffer[] = [createHash('sha256').update(key.spki).digest()]
  const origin = withoutScheme(baseUrl)
  const named = origin === '' ? undefined : noteId(origin, key)
  if (named !== undefined) derived.unshift(named)
  const all = [...(logId === undefined ? derived : [logId]), ...(checkpointKeyId === undefined ? [] : [checkpointKeyId])]
  const short = all.find(id => id.length !== 32 && id.length !== 4)
  if (short !== undefined) throw new Malformed(`${fields.at}logId or checkpointKeyId has ${short.length} bytes instead of 32 or 4`)
  return all
}

/** Of the two lengths that IDs have, four bytes are the beginning of 32. Whether it signed is for its key to say. */
export const isNamed = ({ ids }: TransparencyLog, id: Buffer): boolean =>
  ids.some(own => own.equals(id) || (Math.min(own.length, id.length) === 4 && own.subarray(0, 4).equals(id.subarray(0, 4))))

/**
 * Of which a signature in a checkpoint has the first four bytes; undefined for ECDSA, whose ID has no name in it
 * (c2sp.org/signed-note, types 0x01 and 0xff; rekor-tiles 2.3 pkg/note for RSA).
 */
export const noteId = (origin: string, { key, algorithm, spki }: PublicKey): Buffer | undefined => {
  const of = (type: string, bytes: Buffer) => createHash('sha256').update(`${origin}\n`).update(type, 'latin1').update(bytes).digest()
  if (algorithm === 'ed25519') return of('\x01', Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'))
  return algorithm === 'rsa' ? of('\xffPKIX-RSA-PKCS#1v1.5', spki) : undefined
}
