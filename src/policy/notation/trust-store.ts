import { type Certificate, parseCertificate } from '../../x509/certificate.ts'
import { isIssuedBy, signedItself } from '../../x509/issuance.ts'
import { showName } from '../../x509/name.ts'
import { X509Error } from '../../x509/x509-error.ts'
import { pemBlocks, pemLabels } from '../pem.ts'

/** What a trust store is for: signers' authorities, signing services, timestamp authorities. */
export const storeTypes = ['ca', 'signingAuthority', 'tsa'] as const
export type StoreType = (typeof storeTypes)[number]

export interface StoreName {
  readonly type: StoreType
  readonly name: string
}

/** Certificates that a policy can name as `type:name`. */
export interface TrustStore extends StoreName {
  readonly certificates: readonly Certificate[]
  /** Why it cannot be used, as the end of a sentence; its certificates then count for nothing. */
  readonly fault: string | undefined
}

/** A file of a trust store; its name is for messages. */
export interface StoreFile {
  readonly file: string
  readonly bytes: Uint8Array
}

export const showStore = ({ type, name }: StoreName): string => `${type}:${name}`

/** `type:name`, or in a few words what is wrong with it. */
export const parseStoreName = (text: string): StoreName | string => {
  const colon = text.indexOf(':')
  if (colon < 0) return 'it is not TYPE:NAME'
  const type = storeTypes.find(one => one === text.slice(0, colon))
  const name = text.slice(colon + 1)
  if (type === undefined) return `its type is none of ${storeTypes.join(', ')}`
  // Notation's rule takes `.` and `..` too, which as names of folders lead elsewhere.
  if (!/^[a-zA-Z0-9_.-]+$/.test(name) || name === '.' || name === '..') return 'its name may have only letters, digits, _, . and -'
  return { type, name }
}

/**
 * A trust store of its files, as notation reads one (notation-go verifier/truststore): every certificate is an authority or
 * signed itself, one for timestamps is a root. A single wrong one makes the store unusable.
 */
export const openTrustStore = (store: StoreName, files: readonly StoreFile[]): TrustStore => {
  try {
    const certificates = files.flatMap(file => certificatesOf(file, store.type))
    if (certificates.length === 0) return unusableStore(store, 'it holds no certificate')
    return { ...store, certificates, fault: undefined }
  } catch (error) {
    if (error instanceof X509Error) return unusableStore(store, error.message)
    throw error
  }
}

/** A store that was named and cannot be used. */
export const unusableStore = (store: StoreName, fault: string): TrustStore => ({ ...store, certificates: [], fault })

const certificatesOf = ({ file, bytes }: StoreFile, type: StoreType): readonly Certificate[] => {
  const wrong = (why: string): X509Error => new X509Error(`${file}: ${why}`)
  const certificates = (() => {
    try {
      return dersOf(bytes).map(parseCertificate)
    } catch (error) {
      throw error instanceof X509Error ? wrong(error.message) : error
    }
  })()
  if (certificates.length === 0) throw wrong('it holds no certificate')
  for (const certificate of certificates) {
    const name = showName(certificate.subject)
    if (certificate.basicConstraints?.ca !== true && !signedItself(certificate))
      throw wrong(`the certificate of ${name} is neither an authority's nor signed by itself`)
    if (type === 'tsa' && !isIssuedBy(certificate, certificate)) throw wrong(`the certificate of ${name} is not that of a root authority`)
  }
  return certificates
}

/** The certificates of a PEM file, or of DER one after the other. @throws X509Error */
const dersOf = (bytes: Uint8Array): readonly Uint8Array[] => {
  const text = Buffer.from(bytes).toString('latin1')
  const labels = pemLabels(text)
  if (labels.length === 0) return concatenated(Buffer.from(bytes))
  const blocks = pemBlocks(text)
  if (blocks.length !== labels.length) throw new X509Error('a PEM block in it is damaged')
  // Notation parses a block whatever its label is, and a private key fails there as well.
  const other = blocks.find(({ label }) => label !== 'CERTIFICATE')
  if (other !== undefined) throw new X509Error(`it holds a ${other.label}`)
  return blocks.map(({ der }) => der)
}

const concatenated = (bytes: Buffer): readonly Buffer[] => {
  const ders: Buffer[] = []
  for (let at = 0; at < bytes.length; ) {
    // 0x30 0x82 and a length of two bytes: every certificate is between 256 bytes and 64 KiB.
    const announced = bytes[at] === 0x30 && bytes[at + 1] === 0x82 && at + 4 <= bytes.length ? 4 + bytes.readUInt16BE(at + 2) : bytes.length
    ders.push(bytes.subarray(at, at + announced))
    at += announced
  }
  return ders
}
