import { constants, createHash, verify } from 'node:crypto'
import { type CertificateAuthority, findChain, otherPurpose } from './certificate-chain.ts'
import { readDer, tags } from './der.ts'
import { parseTimestamp, type SignerId, type TimestampToken } from './timestamp-token.ts'
import { type Certificate, extensionOids, purposes, readableCertificates } from './x509.ts'

/** Whether a trusted authority stamped something. A timestamp of an unknown authority says nothing, for or against. */
export type Stamped =
  | { readonly state: 'unknown' }
  | { readonly state: 'failed'; readonly expected: string; readonly actual: string }
  | { readonly state: 'proven'; readonly authority: CertificateAuthority; readonly time: Date }

/**
 * @param der TimeStampResp
 * @param over what may have been stamped: the signature; cosign 2 stamped the whole envelope of attestations
 * @throws Malformed
 */
export const stampOf = (der: Uint8Array, over: readonly Uint8Array[], authorities: readonly CertificateAuthority[]): Stamped => {
  const token = parseTimestamp(der)
  const results = authorities.map(authority => stampBy(token, over, authority))
  return results.find(({ state }) => state === 'proven') ?? results.find(({ state }) => state === 'failed') ?? { state: 'unknown' }
}

const stampBy = (token: TimestampToken, over: readonly Uint8Array[], authority: CertificateAuthority): Stamped => {
  const own = authority.chain.find(certificate => isOf(token.signer, certificate))
  // A root that lists no certificate of the signer's trusts one that came along, if it leads to the authority.
  const brought = own === undefined ? readableCertificates(token.certificates) : []
  const signer = own ?? brought.find(certificate => isOf(token.signer, certificate))
  if (signer === undefined) return { state: 'unknown' }
  const chain = findChain(signer, [authority], brought, [token.time], purposes.timeStamping)
  if (!chain.ok && own === undefined) return { state: 'unknown' }
  if (!chain.ok) return { state: 'failed', expected: chain.expected, actual: chain.actual }
  const wrong = wrongWith(token, signer, over)
  if (wrong !== undefined) return { state: 'failed', ...wrong }
  return { state: 'proven', authority, time: token.time }
}

const isOf = (id: SignerId, certificate: Certificate): boolean => {
  if (id.kind === 'serial') return certificate.serial.equals(id.serial) && certificate.issuer.equals(id.issuer)
  const own = certificate.extensions.get(extensionOids.subjectKeyIdentifier)
  if (own === undefined) return false
  const { tag, content } = readDer(own.value, 'the subject key identifier')
  return tag === tags.octetString && content.equals(id.id)
}

const wrongWith = (
  token: TimestampToken,
  signer: Certificate,
  over: readonly Uint8Array[],
): { readonly expected: string; readonly actual: string } | undefined => {
  const other = otherPurpose(signer, purposes.timeStamping)
  if (other !== undefined) return { expected: 'a certificate for timestamps alone', actual: other }
  const { certificateHash, imprint } = token
  if (certificateHash !== undefined && !digest(certificateHash.hash, signer.der).equals(certificateHash.digest)) {
    return { expected: 'the certificate that the timestamp names as its own', actual: 'another certificate for the same key' }
  }
  if (!isSigned(token, signer)) return { expected: "a timestamp that its authority's key verifies", actual: 'one that it does not verify' }
  if (!over.some(bytes => digest(imprint.hash, bytes).equals(imprint.digest))) {
    return { expected: 'a timestamp of this signature', actual: 'one of something else' }
  }
  return undefined
}

const digest = (hash: string, bytes: Uint8Array): Buffer => createHash(hash).update(bytes).digest()

const isSigned = ({ signed, signature, algorithm }: TimestampToken, { publicKey }: Certificate): boolean => {
  const keyTypes = { ecdsa: ['ec'], rsa: ['rsa'], rsaPss: ['rsa', 'rsa-pss'], ed25519: ['ed25519'] }[algorithm.kind]
  if (!keyTypes.includes(publicKey.asymmetricKeyType ?? '')) return false
  const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO }
  try {
    const key = { key: publicKey, ...(algorithm.kind === 'rsaPss' ? pss : {}) }
    return verify(algorithm.kind === 'ed25519' ? null : algorithm.hash, signed, key, signature)
  } catch {
    return false
  }
}
