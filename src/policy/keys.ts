import { createHash, createPublicKey, type KeyObject } from 'node:crypto'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { pemBlocks, pemLabels } from './pem.ts'

export type KeyAlgorithm = 'ecdsa-p256' | 'ecdsa-p384' | 'ecdsa-p521' | 'rsa' | 'ed25519'

/** A public key with which cosign verifies. */
export interface PublicKey {
  readonly key: KeyObject
  readonly algorithm: KeyAlgorithm
  /** For people: `ECDSA P-256`, `RSA 3072`, `Ed25519`. */
  readonly description: string
  /** DER of the SubjectPublicKeyInfo (RFC 5280 4.1.2.7). */
  readonly spki: Buffer
  /** Base64 of the SHA-256 of `spki`: what cosign writes into a bundle as `publicKey.hint`. */
  readonly fingerprint: string
}

/** The SubjectPublicKeyInfo of an uncompressed point has a fixed length for each curve (RFC 5480 2.2). */
const curves: Readonly<Record<string, { algorithm: KeyAlgorithm; description: string; spkiBytes: number; pointBytes: number }>> = {
  prime256v1: { algorithm: 'ecdsa-p256', description: 'ECDSA P-256', spkiBytes: 91, pointBytes: 65 },
  secp384r1: { algorithm: 'ecdsa-p384', description: 'ECDSA P-384', spkiBytes: 120, pointBytes: 97 },
  secp521r1: { algorithm: 'ecdsa-p521', description: 'ECDSA P-521', spkiBytes: 158, pointBytes: 133 },
}
/** The first byte of a point (SEC 1 2.3.3). OpenSSL also takes the hybrid form, with 6 or 7, which Go refuses. */
const uncompressed = 4
const rsaBits = { min: 2048, max: 16_384 }

/** What people hand over instead of a public key, most telling first. `{file}` becomes the file's name. */
const mistakes: readonly { readonly seen: RegExp; readonly is: string; readonly hint: string }[] = [
  {
    seen: /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/,
    is: 'it holds a private key, which belongs to the signer alone',
    hint: 'Give the public half: `cosign public-key --key {file}` prints it.',
  },
  {
    // Before any key in it: who trusts a policy means more than the first of its keys.
    seen: /^[ \t{]*"?(?:apiVersion|mediaType)"?[ \t]*:/m,
    is: 'it is a document in YAML or JSON',
    hint: 'Give a policy with --policy, and a trusted_root.json with --trusted-root.',
  },
  { seen: /-----BEGIN CERTIFICATE-----/, is: 'it is a certificate', hint: 'Take its key out: `openssl x509 -in {file} -pubkey -noout`.' },
  {
    seen: /-----BEGIN PGP /,
    is: 'it is a PGP key, with which cosign does not sign',
    hint: 'Give the cosign.pub that the signer publishes.',
  },
  { seen: /^\s*ssh-|BEGIN SSH2 /, is: 'it is an SSH key', hint: 'Convert it: `ssh-keygen -e -m PKCS8 -f {file}`.' },
  {
    seen: /[\ufffd[\p{Cc}--[\t\r\n]]]/v,
    is: 'it is not ASCII text',
    hint: 'Is it DER, convert it: `openssl pkey -pubin -inform DER -in {file}`. Is it UTF-16, as PowerShell writes it, save it as ASCII.',
  },
]

const cosignPub = 'Give the cosign.pub that the signer publishes; it begins with -----BEGIN PUBLIC KEY-----.'

/**
 * The one public key in `pem`, as cosign 3 takes it: `PUBLIC KEY` (SubjectPublicKeyInfo) or `RSA PUBLIC KEY` (PKCS #1), with LF or CRLF.
 * Of several keys cosign would silently take the first; here they are refused.
 *
 * @param name the file, for messages; what is in it is never repeated
 * @throws PreflightError KEY_INVALID
 */
export const publicKeyFromPem = (pem: string, name: string): PublicKey => {
  const invalid = (problem: string, hint = cosignPub) =>
    new PreflightError('KEY_INVALID', `${printable(name)} is not a public key that cosign uses: ${problem}.`, { hint })
  const text = pem.replace(/^\ufeff/, '')
  const mistake = mistakes.find(({ seen }) => seen.test(text))
  if (mistake !== undefined) throw invalid(mistake.is, mistake.hint.replace('{file}', printable(name)))
  const labels = pemLabels(text)
  const blocks = pemBlocks(text)
  const [block] = blocks
  if (labels.length > 1)
    throw invalid(`it holds ${labels.length} keys`, 'Put each key into a file of its own and give --key once for each.')
  if (labels.length === 0) throw invalid('it holds no PEM block')
  if (block === undefined) throw invalid('its PEM block is damaged', `Get the file again. ${cosignPub}`)
  if (block.label !== 'PUBLIC KEY' && block.label !== 'RSA PUBLIC KEY') throw invalid(`it holds "${printable(block.label)}"`)
  const key = parse(block.der, block.label === 'PUBLIC KEY' ? 'spki' : 'pkcs1')
  if (typeof key === 'string') throw invalid(key)
  return key
}

/** A key that somebody else wrote down, such as a log entry; undefined when it is none that cosign uses. */
export const publicKeyFromSpki = (der: Buffer): PublicKey | undefined => {
  const key = parse(der, 'spki')
  return typeof key === 'string' ? undefined : key
}

/** The key, or in a few words what is wrong with it. */
const parse = (der: Buffer, type: 'spki' | 'pkcs1'): PublicKey | string => {
  try {
    const key = createPublicKey({ key: der, format: 'der', type })
    // OpenSSL skips what follows the key; Go's crypto/x509, on which cosign rests, refuses it.
    if (!key.export({ format: 'der', type }).equals(der)) return 'there is data after the key, or it is not in DER'
    const spki = key.export({ format: 'der', type: 'spki' })
    const kind = kindOf(key, spki)
    if (typeof kind === 'string') return kind
    return { key, ...kind, spki, fingerprint: createHash('sha256').update(spki).digest('base64') }
  } catch {
    return 'its PEM block does not hold a public key'
  }
}

const kindOf = (key: KeyObject, spki: Buffer): Pick<PublicKey, 'algorithm' | 'description'> | string => {
  const { namedCurve = '', modulusLength = 0 } = key.asymmetricKeyDetails ?? {}
  switch (key.asymmetricKeyType) {
    case 'ec': {
      const curve = curves[namedCurve]
      if (curve === undefined) return `its curve is ${printable(namedCurve)}, and cosign uses P-256, P-384 and P-521`
      if (curve.spkiBytes !== spki.length || spki[spki.length - curve.pointBytes] !== uncompressed)
        return 'its point is not in the uncompressed form or its curve is spelled out, which cosign does not read'
      return { algorithm: curve.algorithm, description: curve.description }
    }
    case 'rsa':
      if (modulusLength < rsaBits.min) return `it is an RSA key of ${modulusLength} bits, and less than ${rsaBits.min} are not safe`
      if (modulusLength > rsaBits.max) return `it is an RSA key of ${modulusLength} bits, and at most ${rsaBits.max} are read`
      return { algorithm: 'rsa', description: `RSA ${modulusLength}` }
    case 'ed25519':
      return { algorithm: 'ed25519', description: 'Ed25519' }
    default:
      return `its algorithm is ${printable(key.asymmetricKeyType ?? 'unknown')}, and cosign uses ECDSA, RSA and Ed25519`
  }
}
