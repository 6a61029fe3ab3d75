import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { type Fault, nobody, type Verdict } from '../../signatures/verdict.ts'
import { type Coverage, coverageOf, gapsOf, judgedOf, type SignatureCase, short } from './case.ts'
import type { SignatureCode } from './codes.ts'
import { byWhom, candidateRow, imageRows, listed, placeRow } from './rows.ts'

/** What is to be said of one plugin's signatures, the most telling first; every candidate and every place is in the evidence. */
export const signatureFindings = (found: SignatureCase): readonly Finding[] => {
  const coverage = coverageOf(found)
  const evidence = [...imageRows(found), ...found.candidates.map(candidateRow), ...found.places.map(placeRow)]
  const covered = coveredFinding(found, coverage)
  if (covered !== undefined) return [{ ...covered, evidence }]
  const reasons = [
    coverage.kind === 'some' ? partialFinding(found, coverage) : rejectedFinding(found),
    alteredFinding(found),
    gapFinding(found),
  ]
  const [first = noneFinding(found), ...more] = reasons.filter(finding => finding !== undefined)
  return [{ ...first, evidence }, ...more]
}

const imageName = ({ image }: SignatureCase): string => `the image ${printable(image)}`

const coveredFinding = (found: SignatureCase, coverage: Coverage): Finding | undefined => {
  const pass = (message: string): Finding => ({ status: 'pass', code: 'SIGNATURE_VERIFIED', message: `${found.plugin}: ${message}` })
  if (coverage.kind === 'root') {
    return pass(`${imageName(found)} is signed by ${coverage.by.verdict.signer}. The signature is ${coverage.by.where}.`)
  }
  if (coverage.kind !== 'images') return undefined
  const each = coverage.by.map(({ platform, signature }) => `${platform} by ${signature.verdict.signer}`)
  return pass(`the index of ${imageName(found)} is not signed, but each of its images that is needed is: ${listed(each)}.`)
}

const falling = ({ plugin, strict }: SignatureCase, code: SignatureCode, message: string): Finding => ({
  status: strict ? 'fail' : 'warn',
  code,
  message: `${plugin}: ${message}`,
})

const partialFinding = (found: SignatureCase, { signed, unsigned }: Extract<Coverage, { kind: 'some' }>): Finding => {
  const name = ({ platform, digest }: (typeof signed)[number]) => `${platform} (${digest === undefined ? 'not known' : short(digest)})`
  return falling(
    found,
    'SIGNATURE_PARTIAL',
    `${imageName(found)} is signed by a trusted key for ${listed(signed.map(name))} only, not for ${listed(unsigned.map(name))}, and its index is not signed. Sign the index: cosign sign --key cosign.key ${found.repository}@${found.digest}`,
  )
}

/** The most telling first: what a trusted key has to do with before what anybody may have put there. */
const order: readonly (Fault | 'trustedSignedOther')[] = [
  'nobodyTrusted',
  'altered',
  'logEntry',
  'notLogged',
  'untimed',
  'certificate',
  'sct',
  'trustedSignedOther',
  'otherKey',
  'otherIdentity',
  'otherImage',
  'malformed',
]

const rankOf = ({ fault, key }: Verdict): number =>
  order.indexOf(fault === 'otherImage' && key !== undefined ? 'trustedSignedOther' : (fault ?? 'malformed'))

/** For signatures that are there and do not suffice. */
const rejectedFinding = (found: SignatureCase): Finding | undefined => {
  const judged = judgedOf(found).toSorted((a, b) => rankOf(a.verdict) - rankOf(b.verdict))
  const [telling] = judged
  if (telling === undefined) return undefined
  const { verdict, where } = telling
  const { expected = 'a signature', actual = 'none' } = verdict.steps.find(({ outcome }) => outcome === 'failed') ?? {}
  const signers = signersOf(judged.filter(other => other.verdict.fault === verdict.fault).map(other => other.verdict.signer))
  switch (verdict.fault) {
    case 'nobodyTrusted':
      return falling(
        found,
        'SIGNATURE_UNTRUSTED',
        `${imageName(found)} has a signature by ${listed(signers)}${signers[0] === nobody.signer ? '' : ', as it says'}, but no key was given to trust, so that proves nothing yet. Get the signer's public key by a way that you trust, and give it with --key.`,
      )
    case 'otherKey':
      return falling(
        found,
        'SIGNATURE_KEY_MISMATCH',
        `${imageName(found)} is signed, but not with a key that was given: expected ${found.keys.map(({ name, fingerprint }) => `the key in ${printable(name)} (SHA256:${fingerprint})`).join(' or ')}, found ${listed(signers)}.${signers.includes(nobody.signer) ? ' It does not say whose key it is, and one that was changed looks the same.' : ''} Ask the signer which key is current, or sign the image with yours.`,
      )
    case 'otherImage':
      return falling(
        found,
        'SIGNATURE_SUBJECT_MISMATCH',
        `the signature that is kept for ${imageName(found)} is of another one: expected ${expected}, found ${actual}. It is ${where}, ${byWhom(verdict)}. The image was replaced after it was signed, or the signature was copied from another. Deploy the image that was signed, or sign this one.`,
      )
    default:
      return falling(
        found,
        'SIGNATURE_INVALID',
        `the signature of ${imageName(found)} is not valid: expected ${expected}, found ${actual}. It is ${where}, ${byWhom(verdict)}. It was damaged or changed after signing, or belongs to something else. Sign the image again.`,
      )
  }
}

/** Those that are known, of which three suffice; else that nobody is. */
const signersOf = (signers: readonly string[]): readonly string[] => {
  const known = [...new Set(signers)].filter(signer => signer !== nobody.signer)
  return known.length === 0 ? [nobody.signer] : known.slice(0, 3)
}

/** Bytes of the bundle that are gone or changed say nothing of the signature. */
const alteredFinding = (found: SignatureCase): Finding | undefined => {
  const altered = found.candidates.find(
    candidate => candidate.state === 'unreadable' && (candidate.code === 'FACT_ALTERED' || candidate.code === 'FACT_MISSING'),
  )
  if (altered?.state !== 'unreadable') return undefined
  return {
    status: 'fail',
    code: altered.code,
    message: `${found.plugin}: a signature could not be judged (${altered.where}): ${altered.why}`,
  }
}

const gapFinding = (found: SignatureCase): Finding | undefined => {
  const gaps = gapsOf(found)
  if (gaps.length === 0) return undefined
  const more = gaps.length > 2 ? `; and ${gaps.length - 2} more` : ''
  return falling(
    found,
    'SIGNATURE_UNREACHABLE',
    `not everything could be looked at, so nobody can say whether ${imageName(found)} is signed. ${gaps.slice(0, 2).join('; ')}${more}`,
  )
}

const noneFinding = (found: SignatureCase): Finding => {
  const { candidates, places, repository, digest, root, required, local } = found
  const seen = [...new Set(candidates.flatMap(candidate => (candidate.state === 'seen' ? [candidate.what] : [])))].slice(0, 3)
  const others = seen.length === 0 ? '' : ` What there is does not count as a signature: ${listed(seen)}.`
  const of = root === 'manifest' ? '' : `, for the index and ${listed(required.map(({ platform }) => `its image for ${platform}`))}`
  const looked = listed(places.filter(({ subject, forSignatures }) => subject === digest && forSignatures).map(({ name }) => name))
  return falling(
    found,
    'SIGNATURE_NONE',
    `${imageName(found)} is not signed with cosign. Looked at ${looked}${of}.${others} ${local === undefined ? signIt(repository, digest) : signLater(local)}`,
  )
}

const signIt = (repository: string, digest: string): string =>
  `Sign it (cosign sign --key cosign.key ${repository}@${digest}), or, if it was copied from where it is signed, copy the signatures too: oras copy -r SOURCE TARGET brings bundles, cosign copy SOURCE TARGET brings tags.`

/** cosign signs nothing that is not in a registry. */
const signLater = (local: string): string =>
  local.startsWith('docker-archive:')
    ? 'It was read from a docker archive, which holds no signatures: sign it when it is pushed, or read it from what cosign save wrote (oci:FOLDER).'
    : `It was read from ${printable(local)}: sign it when it is pushed, or bring its signatures along with cosign save or oras copy -r.`
