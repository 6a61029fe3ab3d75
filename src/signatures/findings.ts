import type { Finding } from '../outcome.ts'
import { printable } from '../redact.ts'
import { type Coverage, coverageOf, gapsOf, judgedOf, type SignatureCase } from './case.ts'
import type { SignatureCode } from './codes.ts'
import { candidateRow, listed, placeRow } from './rows.ts'
import type { Fault, Verdict } from './verdict.ts'

/** What is to be said of one plugin's signatures, the most telling first; every candidate and every place is in the evidence. */
export const signatureFindings = (found: SignatureCase): readonly Finding[] => {
  const coverage = coverageOf(found)
  const evidence = [...found.candidates.map(candidateRow), ...found.places.map(placeRow)]
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

const coveredFinding = (found: SignatureCase, coverage: Coverage): Finding | undefined => {
  const pass = (message: string): Finding => ({ status: 'pass', code: 'SIGNATURE_VERIFIED', message: `${found.plugin}: ${message}` })
  if (coverage.kind === 'root') return pass(`signed by ${coverage.by.verdict.signer}. The signature is ${coverage.by.where}.`)
  if (coverage.kind !== 'images') return undefined
  const each = coverage.by.map(({ platform, signature }) => `that for ${platform} by ${signature.verdict.signer}`)
  return pass(`the index ${found.digest} is not signed, but the image of every required platform is: ${listed(each)}.`)
}

const falling = ({ plugin, strict }: SignatureCase, code: SignatureCode, message: string): Finding => ({
  status: strict ? 'fail' : 'warn',
  code,
  message: `${plugin}: ${message}`,
})

const partialFinding = (found: SignatureCase, { signed, unsigned }: Extract<Coverage, { kind: 'some' }>): Finding => {
  const name = ({ platform, digest }: (typeof signed)[number]) => `${platform} (${digest ?? 'no such image is known'})`
  return falling(
    found,
    'SIGNATURE_PARTIAL',
    `not all of it is signed by a trusted key: the image for ${listed(signed.map(name))} is, that for ${listed(unsigned.map(name))} is not, nor is the index. Sign the index: cosign sign --key cosign.key ${found.repository}@${found.digest}`,
  )
}

/** The most telling first: what a trusted key has to do with before what anybody may have put there. */
const order: readonly (Fault | 'trustedSignedOther')[] = [
  'nobodyTrusted',
  'altered',
  'logEntry',
  'trustedSignedOther',
  'otherKey',
  'otherImage',
  'malformed',
]

const rankOf = ({ fault, key }: Verdict): number =>
  order.indexOf(fault === 'otherImage' && key !== undefined ? 'trustedSignedOther' : (fault ?? 'malformed'))

/** For signatures that are there and do not suffice. */
const rejectedFinding = (found: SignatureCase): Finding | undefined => {
  const [telling] = judgedOf(found).toSorted((a, b) => rankOf(a.verdict) - rankOf(b.verdict))
  if (telling === undefined) return undefined
  const { verdict, where } = telling
  const { expected = 'a signature', actual = 'none' } = verdict.steps.find(({ outcome }) => outcome === 'failed') ?? {}
  switch (verdict.fault) {
    case 'nobodyTrusted':
      return falling(
        found,
        'SIGNATURE_UNTRUSTED',
        `signed by ${verdict.signer}, but nobody was told to be trusted, so that proves nothing yet. The signature is ${where}. Get the signer's public key by a way that you trust and give it with --key.`,
      )
    case 'otherKey': {
      const keys = found.keys.map(({ name, fingerprint }) => `the key in ${printable(name)} (SHA256:${fingerprint})`)
      return falling(
        found,
        'SIGNATURE_KEY_MISMATCH',
        `signed, but not with ${keys.length === 1 ? 'the key that was' : 'any of the keys that were'} given: expected a signature by ${keys.join(' or ')}, found one by ${verdict.signer}, ${where}. Ask the signer which key is current, or sign the image with yours.`,
      )
    }
    case 'otherImage':
      return falling(
        found,
        'SIGNATURE_SUBJECT_MISMATCH',
        `the signature by ${verdict.signer}, ${where}, is of another image: expected ${expected}, found ${actual}. The image was replaced after it was signed, or the signature was copied from another one. Deploy the image that was signed, or sign this one.`,
      )
    default:
      return falling(
        found,
        'SIGNATURE_INVALID',
        `the signature by ${verdict.signer}, ${where}, is not valid: expected ${expected}, found ${actual}. It was damaged or changed after signing, or belongs to something else. Sign the image again.`,
      )
  }
}

/** Bytes of the bundle that are gone or changed say nothing of the signature. */
const alteredFinding = ({ plugin, candidates }: SignatureCase): Finding | undefined => {
  const altered = candidates.find(
    candidate => candidate.state === 'unreadable' && (candidate.code === 'FACT_ALTERED' || candidate.code === 'FACT_MISSING'),
  )
  if (altered?.state !== 'unreadable') return undefined
  return { status: 'fail', code: altered.code, message: `${plugin}: the signature ${altered.where}, could not be judged: ${altered.why}` }
}

const gapFinding = (found: SignatureCase): Finding | undefined => {
  const gaps = gapsOf(found)
  if (gaps.length === 0) return undefined
  const shown = gaps.length > 3 ? [...gaps.slice(0, 3), `${gaps.length - 3} more, listed below`] : gaps
  return falling(
    found,
    'SIGNATURE_UNREACHABLE',
    `signatures could not be looked for everywhere, so a good one may be there: ${shown.join('; ')}`,
  )
}

const noneFinding = (found: SignatureCase): Finding => {
  const { candidates, places, repository, digest } = found
  const seen = candidates.flatMap(candidate => (candidate.state === 'seen' ? [candidate.what] : []))
  const others = seen.length === 0 ? '' : ` What does hang on it does not count as one: ${listed([...new Set(seen)].slice(0, 5))}.`
  return falling(
    found,
    'SIGNATURE_NONE',
    `not signed: there is no cosign signature at ${listed(places.map(({ at }) => at))}.${others} Sign it (cosign sign --key cosign.key ${repository}@${digest}), or, if it was signed where it was copied from, copy it with its signatures (cosign copy SOURCE TARGET).`,
  )
}
