import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { listed } from '../../trust/verdict-words.ts'
import { short } from '../../trust/where.ts'
import { gapsOf, judgedOf, type RequiredImage, type SignatureCase } from './case.ts'
import type { Reach } from './decide.ts'
import { falling, imageName, rejectedFinding } from './rejected.ts'

/** Why an image is not held to be signed, the most telling first; never empty. */
export const shortfalls = (found: SignatureCase, reach: Reach = { kind: 'none' }): readonly Finding[] => {
  const reasons = [
    reach.kind === 'some' ? partialFinding(found, reach) : (rejectedFinding(found) ?? notationFinding(found)),
    alteredFinding(found),
    gapFinding(found),
  ].filter(finding => finding !== undefined)
  return reasons.length === 0 ? [noneFinding(found)] : reasons
}

const partialFinding = (found: SignatureCase, { signed, unsigned }: Extract<Reach, { kind: 'some' }>): Finding => {
  const name = ({ platform, digest }: RequiredImage) => `${platform} (${digest === undefined ? 'not known' : short(digest)})`
  const isKey = found.wantedKeys.length > 0
  return falling(
    found,
    'SIGNATURE_PARTIAL',
    `${imageName(found)} is signed by ${isKey ? 'a trusted key' : 'somebody trusted'} for ${listed(signed.map(name))} only, not for ${listed(unsigned.map(name))}, and its index is not signed. Sign the index: ${signCommand(found)}`,
  )
}

const signCommand = ({ candidates, wantedKeys, repository, digest }: SignatureCase): string => {
  if (candidates.some(({ state }) => state === 'notation')) return `notation sign ${repository}@${digest}`
  return `cosign sign ${wantedKeys.length > 0 ? '--key cosign.key ' : ''}${repository}@${digest}`
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

/** A signature of the Notary Project that the trust policy does not accept. */
const notationFinding = (found: SignatureCase): Finding | undefined => {
  const rejected = found.candidates.flatMap(candidate => (candidate.state === 'notation' && !candidate.verified ? [candidate] : []))
  const [first] = rejected.toSorted((a, b) => b.holds - a.holds)
  if (first === undefined) return undefined
  return falling(
    found,
    'SIGNATURE_NOTATION',
    `${imageName(found)} has no signature that the trust policy accepts. ${first.words.replace(/^./, c => c.toUpperCase())}. It is ${first.where}. ${first.remedy}`,
  )
}

const noneFinding = (found: SignatureCase): Finding => {
  const { candidates, places, repository, digest, root, required, local, wants = 'cosign' } = found
  const seen = [...new Set(candidates.flatMap(candidate => (candidate.state === 'seen' ? [candidate.what] : [])))].slice(0, 3)
  const others = seen.length === 0 ? '' : ` What there is does not count as a signature: ${listed(seen)}.`
  const of = root === 'manifest' ? '' : `, for the index and ${listed(required.map(({ platform }) => `its image for ${platform}`))}`
  const looked = listed(places.filter(({ subject, forSignatures }) => subject === digest && forSignatures).map(({ name }) => name))
  return falling(
    found,
    'SIGNATURE_NONE',
    `${imageName(found)} is not signed with ${wants}. Looked at ${looked}${of}.${others} ${local === undefined ? signIt(found, repository, digest) : signLater(local)}`,
  )
}

const signIt = ({ wants, wantedKeys, keyless }: SignatureCase, repository: string, digest: string): string => {
  if (wants === 'notation')
    return `Sign it (notation sign ${repository}@${digest}), or, if it was copied from where it is signed, copy the signatures too: oras copy -r SOURCE TARGET.`
  const key = keyless === true && wantedKeys.length === 0 ? '' : '--key cosign.key '
  return `Sign it (cosign sign ${key}${repository}@${digest}), or, if it was copied from where it is signed, copy the signatures too: oras copy -r SOURCE TARGET brings bundles, cosign copy SOURCE TARGET brings tags.`
}

/** cosign signs nothing that is not in a registry. */
const signLater = (local: string): string =>
  local.startsWith('docker-archive:')
    ? 'It was read from a docker archive, which holds no signatures: sign it when it is pushed, or read it from what cosign save wrote (oci:FOLDER).'
    : `It was read from ${printable(local)}: sign it when it is pushed, or bring its signatures along with cosign save or oras copy -r.`

/** How many there are, of whatever worth. */
export const countSignatures = (found: SignatureCase): number =>
  judgedOf(found).length + found.candidates.filter(({ state }) => state === 'notation').length
