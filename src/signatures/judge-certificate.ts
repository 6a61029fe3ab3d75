import { type IdentityRule, matchIdentity, showRule } from '../policy/identity.ts'
import { publicKeyFromSpki } from '../policy/keys.ts'
import { printable } from '../redact.ts'
import { type KeylessAuthority, requirementsOf } from './authority.ts'
import { claimsOf, type MadeSignature } from './made-signature.ts'
import { Malformed } from './malformed.ts'
import { findChain, otherPurpose } from './sigstore/certificate-chain.ts'
import { type CertificateNames, namesOf } from './sigstore/certificate-names.ts'
import { loggedBy } from './sigstore/sct.ts'
import { type Certificate, purposes, readableCertificates, readCertificate } from './sigstore/x509.ts'
import { type Fault, failed, notChecked, ok, type Step, type Verdict, type Witness } from './verdict.ts'
import { howSigned } from './verify-key.ts'
import { witnessesOf } from './witnesses.ts'

/** What was found so far; a `fault` ends it. */
interface Found {
  readonly steps: readonly Step[]
  readonly fault?: Fault
}
const stop = (fault: Fault, step: Step): Found => ({ steps: [step], fault })

/**
 * Whether the certificate that came with the signature is for somebody who is trusted, was good when it signed, and made the
 * signature (sigstore client-spec 4). No clock is asked: what counts is when it was signed, as trusted witnesses prove.
 */
export const judgeWithCertificate = (made: MadeSignature, authority: KeylessAuthority, before: readonly Step[]): Verdict => {
  const steps: Step[] = [...before]
  // What it says of itself is asked for only when it is not believed: to read it takes as long as a step.
  const claimed = () => claimsOf(made).signer
  const rejected = (found: Found): Verdict => ({
    steps: [...steps, ...found.steps],
    verified: false,
    fault: found.fault,
    signer: claimed(),
    key: undefined,
  })
  try {
    const expected = `a certificate of ${authority.identities.map(showRule).join(' or ')}`
    if (made.certificate === undefined) return rejected(stop('otherIdentity', failed('certificate', expected, `one by ${claimed()}`)))
    const certificate = readCertificate(made.certificate)
    const key = publicKeyFromSpki(certificate.spki)
    if (key === undefined)
      return rejected(stop('certificate', failed('certificate', 'one for a key of ECDSA, RSA or Ed25519', 'another kind of key')))
    const how = howSigned(key, made.signed, made.signature)
    if (how === undefined)
      return rejected(stop('altered', failed('signature', `one by ${claimed()}, as it says`, 'one that its key does not verify')))
    steps.push(ok('signature', how))

    const seen = witnessesOf({ ...made, key, certificate: made.certificate }, authority.trustedRoot, requirementsOf(authority))
    steps.push(...seen.steps)
    if (seen.fault !== undefined) return rejected({ steps: [], fault: seen.fault })
    for (const check of [checkCertificate, checkIdentity]) {
      const found = check(certificate, made, authority, seen.witnesses)
      if (found.fault !== undefined) return rejected(found)
      steps.push(...found.steps)
    }
    const { subjects, issuer } = namesOf(certificate)
    const subject = metBy({ subjects, issuer }, authority.identities) ?? ''
    return {
      steps,
      verified: true,
      fault: undefined,
      signer: `${printable(subject)} (issuer ${printable(issuer ?? 'unknown')})`,
      key: undefined,
      certified: { subject, issuer },
      witnesses: seen.witnesses,
    }
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return rejected(stop('certificate', failed('certificate', 'a certificate that can be read', error.message)))
  }
}

/** Issued by a trusted authority for signing code, good at every proven time, and known to a certificate log. */
const checkCertificate = (
  certificate: Certificate,
  { chain }: MadeSignature,
  { trustedRoot, ownPki, insecureIgnoreSct }: KeylessAuthority,
  witnesses: readonly Witness[],
): Found => {
  const proven = witnesses.flatMap(({ time }) => (time === undefined ? [] : [time]))
  const times = proven.length === 0 && ownPki !== undefined ? [ownPki.at] : proven
  if (times.length === 0) {
    return stop(
      'untimed',
      failed('timestamp', 'a time that a trusted log or timestamp authority signed: the certificate is short-lived', 'none'),
    )
  }
  const found = findChain(certificate, trustedRoot.certificateAuthorities, readableCertificates(chain), times, purposes.codeSigning)
  if (!found.ok) return stop('certificate', failed('certificate', found.expected, found.actual))
  const [, issuer] = found.path
  if (issuer === undefined)
    return stop('certificate', failed('certificate', `one that ${found.authority.name} issued`, "the authority's own"))
  const other = otherPurpose(certificate, purposes.codeSigning)
  if (other !== undefined && !(ownPki !== undefined && certificate.extendedKeyUsage === undefined)) {
    return stop('certificate', failed('certificate', 'one for code signing', other))
  }
  // Who may issue certificates is no signer, though an own PKI may think otherwise.
  if (certificate.isAuthority && ownPki === undefined)
    return stop('certificate', failed('certificate', 'one of a signer', "an authority's, which may issue others"))
  if (!certificate.maySign)
    return stop('certificate', failed('certificate', 'one whose key may sign (digitalSignature)', 'one for other uses'))
  const issued = ok('certificate', `issued by ${found.authority.name}`)
  if (insecureIgnoreSct === true) return { steps: [issued, notChecked('sct', 'the policy says not to')] }
  const logged = loggedBy(certificate, issuer, trustedRoot.certificateLogs)
  if (logged.ok) return { steps: [issued, ok('sct', `seen by ${logged.log.name}`)] }
  // Also where the root names no log: an authority whose certificates nobody has seen must be said to be one (cosign 3, policy-controller).
  const logs =
    [...new Set(trustedRoot.certificateLogs.map(({ name }) => name))].join(' or ') || 'a log that the trusted root names (it names none)'
  return { steps: [issued, failed('sct', `a timestamp for the certificate by ${logs}`, logged.actual)], fault: 'sct' }
}

const checkIdentity = (certificate: Certificate, _: MadeSignature, { identities }: KeylessAuthority): Found => {
  const names = namesOf(certificate)
  const who = `${names.subjects.join(', ') || 'nobody'}, issued by ${names.issuer ?? 'nobody'}`
  if (metBy(names, identities) !== undefined) return { steps: [ok('identity', who)] }
  const trusted = identities.map(showRule).join(' or ') || 'somebody who is trusted (nobody is)'
  return stop('otherIdentity', failed('identity', trusted, who))
}

/** The subject by which one of the identities is met, with its issuer; undefined when none is. */
const metBy = (names: CertificateNames, identities: readonly IdentityRule[]): string | undefined => {
  for (const rule of identities) {
    const { matched, subject } = matchIdentity(names, rule)
    if (matched) return subject
  }
  return undefined
}
