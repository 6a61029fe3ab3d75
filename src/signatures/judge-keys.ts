import { printable } from '../redact.ts'
import { type KeyAuthority, requirementsOf } from './authority.ts'
import { claimOf } from './certificate.ts'
import { type Claims, claimsOf, type MadeSignature } from './made-signature.ts'
import { type Fault, failed, notChecked, ok, type Step, type TrustedPublicKey, type Verdict } from './verdict.ts'
import { howSigned } from './verify-key.ts'
import { entryStep, type Witnessed, witnessesOf } from './witnesses.ts'

/**
 * Whether a trusted key made the signature. One without a log entry counts unless the authority asks for it: who trusts a key trusts
 * what it signs, and signers with keys of their own often sign with --tlog-upload=false. An entry that is there must be of this
 * signature, though.
 */
export const judgeWithKeys = (made: MadeSignature, authority: KeyAuthority, steps: readonly Step[]): Verdict => {
  const { keys } = authority
  for (const key of made.certificateOnly === true ? [] : keys) {
    const how = howSigned(key, made.signed, made.signature)
    if (how === undefined) continue
    const { fault, witnesses, steps: more } = proofsOf(made, key, authority)
    return {
      steps: [...steps, ok('signature', how), ...more],
      verified: fault === undefined,
      fault,
      signer: `the key in ${printable(key.name)} (${key.description})`,
      key,
      ...(witnesses.length === 0 ? {} : { witnesses }),
    }
  }
  const claims = claimsOf(made)
  const { fault, step } = whyNot(made, keys, claims)
  return { steps: [...steps, step], verified: false, fault, signer: claims.signer, key: undefined }
}

const whyNot = (made: MadeSignature, keys: readonly TrustedPublicKey[], claims: Claims): { readonly fault: Fault; readonly step: Step } => {
  const named = keys.find(key => key.fingerprint === made.hint || claims.keys.some(claimed => claimed.spki.equals(key.spki)))
  const byItsOwn = claims.keys.some(key => howSigned(key, made.signed, made.signature) !== undefined)
  if (claims.keys.length > 0 && !byItsOwn) {
    return {
      fault: 'altered',
      step: failed('signature', `one by ${claims.signer}, as it says`, 'one that this key does not verify'),
    }
  }
  if (named !== undefined && made.certificateOnly !== true) {
    return {
      fault: 'altered',
      step: failed('signature', `one by the key in ${printable(named.name)}, as it says`, 'one that this key does not verify'),
    }
  }
  if (keys.length === 0) return { fault: 'nobodyTrusted', step: notChecked('signature', 'nobody was named who is to be trusted') }
  const names = keys.map(({ name }) => `the key in ${printable(name)}`).join(' or ')
  return { fault: 'otherKey', step: failed('signature', `one by ${names}`, `one by ${claims.signer}`) }
}

const proofsOf = (made: MadeSignature, key: TrustedPublicKey, authority: KeyAuthority): Witnessed => {
  const require = requirementsOf(authority)
  // cosign logs a certificate for the key in its place, where it signs with both; one for another key says nothing of this signature.
  const { certificate, ...rest } = made
  const isOfKey = certificate !== undefined && claimOf(certificate)?.key?.spki.equals(key.spki) === true
  const about = { ...rest, key, ...(isOfKey ? { certificate, orKey: true } : {}) }
  if (authority.trustedRoot !== undefined) return witnessesOf(about, authority.trustedRoot, require)
  const entries = made.logEntries.flatMap((entry): readonly Step[] => {
    const step = entryStep(entry, about)
    return step.outcome === 'failed' ? [step] : [step, notChecked('logInclusion', without)]
  })
  const contradicted = entries.some(({ outcome }) => outcome === 'failed')
  const steps = [...entries, ...(made.timestamps.length > 0 ? [notChecked('timestamp', without)] : [])]
  if (contradicted || (!require.log && !require.timestamp)) return { steps, witnesses: [], fault: contradicted ? 'logEntry' : undefined }
  const missing = failed(require.log ? 'logInclusion' : 'timestamp', 'a proof that a trusted root can check', 'no trusted root')
  return { steps: [...steps, missing], witnesses: [], fault: require.log ? 'notLogged' : 'untimed' }
}
const without = 'needs a trusted root; the key alone decides'
