import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { nobody, type Verdict } from '../../signatures/verdict.ts'
import { byWhom, listed } from '../../trust/verdict-words.ts'
import { rankOf } from './candidates.ts'
import { judgedOf, type SignatureCase } from './case.ts'
import type { SignatureCode } from './codes.ts'

export const imageName = ({ image }: Pick<SignatureCase, 'image'>): string => `the image ${printable(image)}`

type Falling = Pick<SignatureCase, 'plugin' | 'status' | 'decidedBy'>

export const falling = ({ plugin, status, decidedBy }: Falling, code: SignatureCode, message: string): Finding => ({
  status,
  code,
  message: `${plugin}: ${message}${decidedBy === '' ? '' : ` ${decidedBy}`}`,
})

/** For signatures that are there and do not suffice: what is to be said of the most telling one. */
export const rejectedFinding = (found: SignatureCase): Finding | undefined => {
  const judged = judgedOf(found).toSorted((a, b) => rankOf(a.verdict) - rankOf(b.verdict) || passed(b.verdict) - passed(a.verdict))
  const [telling] = judged
  if (telling === undefined) return undefined
  const { verdict, where } = telling
  const { expected = 'a signature', actual = 'none' } = verdict.steps.find(({ outcome }) => outcome === 'failed') ?? {}
  const name = imageName(found)
  const both = `expected ${expected}, found ${actual}`
  const root = found.rootNote === '' ? '' : ` ${found.rootNote}`
  switch (verdict.fault) {
    case 'nobodyTrusted':
      return falling(found, 'SIGNATURE_UNTRUSTED', untrusted(found))
    case 'otherKey': {
      const signers = signersOf(judged.filter(other => other.verdict.fault === 'otherKey').map(other => other.verdict.signer))
      return falling(
        found,
        'SIGNATURE_KEY_MISMATCH',
        `${name} is signed, but not with a key that was given: expected ${found.wantedKeys.join(' or ') || expected}, found ${listed(signers)}.${signers.includes(nobody.signer) ? ' It does not say whose key it is, and one that was changed looks the same.' : ''} Ask the signer which key is current, or sign the image with yours.`,
      )
    }
    case 'otherIdentity':
      return falling(
        found,
        'SIGNATURE_IDENTITY_MISMATCH',
        `${name} is signed, but by somebody else: ${both}. The signature is ${where}. Ask the signer under which identity they sign, or sign the image under the one that you trust.`,
      )
    case 'otherImage':
      return falling(
        found,
        'SIGNATURE_SUBJECT_MISMATCH',
        `the signature that is kept for ${name} is of another one: ${both}. It is ${where}, ${byWhom(verdict)}. The image was replaced after it was signed, or the signature was copied from another. Deploy the image that was signed, or sign this one.`,
      )
    case 'notLogged':
      return falling(
        found,
        'SIGNATURE_NOT_LOGGED',
        `no log that is trusted proves that it has the signature of ${name} ${byWhom(verdict)}: ${both}. It is ${where}.${root} Sign again with a log that is trusted; for a Sigstore of your own, give its trusted_root.json with --trusted-root.`,
      )
    case 'untimed':
      return falling(
        found,
        'SIGNATURE_UNTIMED',
        `nothing that is trusted proves when the signature of ${name} ${byWhom(verdict)} was made: ${both}. It is ${where}.${root} Sign again with a timestamp authority or a log that is trusted; for a Sigstore of your own, give its trusted_root.json with --trusted-root.`,
      )
    case 'certificate':
      return falling(
        found,
        'SIGNATURE_CERTIFICATE',
        `the certificate of the signature of ${name} ${byWhom(verdict)} does not hold: ${both}. It is ${where}.${root} Sign again with a certificate of an authority that is trusted; for a Sigstore of your own, give its trusted_root.json with --trusted-root.`,
      )
    case 'sct':
      return falling(
        found,
        'SIGNATURE_SCT',
        `no certificate log that is trusted has seen the certificate of the signature of ${name} ${byWhom(verdict)}: ${both}. It is ${where}.${root} Sign again with an authority that submits its certificates; for a Sigstore of your own, give the trusted_root.json that names its certificate log with --trusted-root.`,
      )
    default:
      return falling(
        found,
        'SIGNATURE_INVALID',
        `the signature of ${name} is not valid: ${both}. It is ${where}, ${byWhom(verdict)}. It was damaged or changed after signing, or belongs to something else. Sign the image again.`,
      )
  }
}

/** Of those that fail alike the one of which most holds tells most: it is nearest to what is asked for. */
const passed = ({ steps }: Verdict): number => steps.filter(({ outcome }) => outcome === 'ok').length

/** Those that are known, of which three suffice; else that nobody is. */
const signersOf = (signers: readonly string[]): readonly string[] => {
  const known = [...new Set(signers)].filter(signer => signer !== nobody.signer)
  return known.length === 0 ? [nobody.signer] : known.slice(0, 3)
}

/** Who signed, as far as it is known, where nobody was told to be trusted. */
const untrusted = (found: SignatureCase): string => {
  const all = judgedOf(found).filter(({ verdict }) => verdict.fault === 'nobodyTrusted')
  const proven = all.find(({ verdict }) => verdict.certified !== undefined)
  const name = imageName(found)
  if (proven?.verdict.certified !== undefined) {
    const { subject, issuer = '' } = proven.verdict.certified
    const asFlags =
      isPlain(subject) && isPlain(issuer)
        ? `: --certificate-identity ${subject} --certificate-oidc-issuer ${issuer}`
        : ' with --certificate-identity and --certificate-oidc-issuer'
    return `${name} is signed by ${proven.verdict.signer}, but you told nobody to trust them. ${found.rootNote} If they should have signed it, say so${asFlags}.`
  }
  const signers = signersOf(all.map(({ verdict }) => verdict.signer))
  const says = signers[0] === nobody.signer ? '' : ', as it says'
  if (all.every(({ notation }) => notation === true))
    return `${name} has a signature of the Notary Project by ${listed(signers)}${says}, but nothing was given that says whom to trust, so that proves nothing yet. Give notation's trust policy with --policy and its trust stores with --trust-store.`
  const isCertified = all.some(({ verdict, notation }) => notation !== true && verdict.signer.startsWith('the certificate of '))
  const how = isCertified ? ', or say who is to sign with --certificate-identity and --certificate-oidc-issuer' : ''
  return `${name} has a signature by ${listed(signers)}${says}, but nobody was named who is to be trusted, so that proves nothing yet. Get the signer's public key by a way that you trust, and give it with --key${how}.`
}

/** What a shell takes as one word. */
const isPlain = (text: string): boolean => /^[A-Za-z0-9@%+=:,./_-]+$/.test(text)
