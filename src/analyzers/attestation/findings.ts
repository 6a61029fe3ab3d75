import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { type Cover, coverOf, type Required } from '../../trust/cover.ts'
import type { JudgedStatement, Statements } from '../../trust/statements.ts'
import { byWhom, failedStep, listed } from '../../trust/verdict-words.ts'
import { short } from '../../trust/where.ts'
import type { AttestationCode } from './codes.ts'
import { type Content, contentOf } from './content.ts'
import { fulfils, type Requirement } from './requirements.ts'

/** All that is known of one plugin's attestations. */
export interface AttestationCase extends Statements {
  readonly plugin: string
  /** As written in the Config. */
  readonly image: string
  readonly repository: string
  readonly digest: string
  /** Empty for a single manifest. */
  readonly required: readonly Required[]
}

type Told = JudgedStatement & Content

/** What is said of one requirement. */
export const requirementFinding = (found: AttestationCase, wanted: Requirement): Finding => {
  const told = found.judged.map((one): Told => ({ ...one, ...contentFor(one, wanted) }))
  const fitting = told.filter(({ predicateType }) => fulfils(wanted, predicateType))
  const good = fitting.filter(({ verdict, fault }) => verdict.verified && fault === undefined)
  const cover = coverOf(found.digest, found.required, good)
  if (cover.kind === 'root' || cover.kind === 'images') return passing(found, wanted, cover)
  if (!found.trusts) return untrusted(found, wanted, fitting)
  if (cover.kind === 'some') return partial(found, wanted, cover)
  // What cannot be read does not say of which type it is.
  const rejected = [...fitting, ...told.filter(({ predicateType }) => predicateType === undefined)]
  const [telling] = rejected.toSorted((a, b) => tellingness(b) - tellingness(a))
  if (telling !== undefined) return rejection(found, wanted, telling)
  return unseen(found, wanted)
}

const contentFor = ({ statement }: JudgedStatement, { provenance }: Requirement): Content =>
  statement === undefined ? {} : contentOf(statement, provenance)

const tellingness = ({ verdict, predicateType, fault }: Told): number => {
  if (fault !== undefined) return 4
  if (verdict.key !== undefined) return 3
  if (predicateType === undefined) return 0
  return verdict.fault === 'otherKey' || verdict.fault === 'otherIdentity' ? 1 : 2
}

const of = ({ image }: AttestationCase): string => `the image ${printable(image)}`

const fail = ({ plugin }: AttestationCase, code: AttestationCode, message: string): Finding => ({
  status: 'fail',
  code,
  message: `${plugin}: ${message}`,
})

const passing = (found: AttestationCase, { name }: Requirement, cover: Extract<Cover<Told>, { kind: 'root' | 'images' }>): Finding => {
  const one = ({ verdict, words }: Told) => `by ${verdict.signer}${words === undefined ? '' : ` (${words})`}`
  const by = cover.kind === 'root' ? one(cover.by) : listed(cover.by.map(image => `${image.platform} ${one(image.with)}`))
  return {
    status: 'pass',
    code: 'ATTESTATION_VERIFIED',
    message: `${found.plugin}: ${of(found)} has the attestation ${name}, ${by}.`,
  }
}

const untrusted = (found: AttestationCase, { name }: Requirement, fitting: readonly Told[]): Finding => {
  const seen = fitting[0] === undefined ? 'there is none' : `there is one ${byWhom(fitting[0].verdict)}, ${fitting[0].where}`
  return fail(
    found,
    'ATTESTATION_UNTRUSTED',
    `the attestation ${name} is required of ${of(found)}, and nobody was told to be trusted for it (${seen}). Say by whom it has to be: --key FILE, --certificate-identity with --certificate-oidc-issuer, or --policy FILE.`,
  )
}

const partial = (found: AttestationCase, { name }: Requirement, { by, without }: Extract<Cover<Told>, { kind: 'some' }>): Finding => {
  const shown = ({ platform, digest }: Required) => `${platform} (${digest === undefined ? 'not known' : short(digest)})`
  return fail(
    found,
    'ATTESTATION_PARTIAL',
    `${of(found)} has the attestation ${name} for ${listed(by.map(shown))} only, not for ${listed(without.map(shown))}, and its index has none. Attest the index ${found.repository}@${found.digest}, or each image in it.`,
  )
}

const rejection = (found: AttestationCase, { name }: Requirement, { verdict, where, predicateType, fault, differs }: Told): Finding => {
  const it = `the attestation ${name} of ${of(found)}`
  const by = byWhom(verdict)
  if (fault !== undefined) {
    return differs
      ? fail(found, 'ATTESTATION_PROVENANCE_MISMATCH', `${it} says something else than expected: ${fault}. It is ${where}, ${by}.`)
      : fail(found, 'ATTESTATION_CONTENT_INVALID', `${it} is verified, but cannot be used: ${fault}. It is ${where}, ${by}.`)
  }
  const step = failedStep(verdict)
  if (verdict.fault === 'otherImage')
    return fail(found, 'ATTESTATION_SUBJECT_MISMATCH', `${it} is about another image: ${step}. It is ${where}, ${by}. Attest this one.`)
  if (verdict.fault === 'otherKey' || verdict.fault === 'otherIdentity')
    return fail(found, 'ATTESTATION_SIGNER_MISMATCH', `${it} is by nobody who is trusted: ${step}. It is ${where}, ${by}.`)
  const what = predicateType === undefined ? `an attestation of ${of(found)}, perhaps ${name},` : it
  return fail(found, 'ATTESTATION_INVALID', `${what} does not verify: ${step}. It is ${where}, ${by}. Attest the image again.`)
}

/** Nothing of that type was seen: because it could not be looked for, or because there is none. */
const unseen = (found: AttestationCase, { name, type }: Requirement): Finding => {
  const altered = found.unreadable.find(({ code }) => code === 'FACT_ALTERED' || code === 'FACT_MISSING')
  if (altered !== undefined) {
    const message = `${found.plugin}: an attestation could not be judged (${altered.where}): ${altered.why}`
    return { status: 'fail', code: altered.code, message }
  }
  const gaps = [
    ...found.gaps,
    ...found.unreadable.map(({ where, why }) => `${where}: ${why}`),
    ...found.required.flatMap(({ platform, gap }) => (gap === undefined ? [] : [`the image for ${platform}: ${gap}`])),
  ]
  if (gaps.length > 0) {
    const more = gaps.length > 2 ? `; and ${gaps.length - 2} more` : ''
    return fail(
      found,
      'ATTESTATION_UNREACHABLE',
      `not everything could be looked at, so nobody can say whether ${of(found)} has the attestation ${name}. ${gaps.slice(0, 2).join('; ')}${more}`,
    )
  }
  const types = [...new Set(found.judged.map(({ predicateType }) => printable(predicateType ?? 'something unreadable', 120)))]
  const others = types.length === 0 ? 'It has no attestation at all.' : `It has ${listed(types.slice(0, 5))}.`
  const whole =
    found.required.length === 0
      ? ''
      : `, neither on its index nor on ${listed(found.required.map(({ platform }) => `its image for ${platform}`))}`
  return fail(
    found,
    'ATTESTATION_MISSING',
    `${of(found)} has no attestation ${name}${whole}. ${others} Attest it (cosign attest --type ${type} --predicate FILE ${found.repository}@${found.digest}), or copy it from where it was attested: oras copy -r SOURCE TARGET.`,
  )
}
