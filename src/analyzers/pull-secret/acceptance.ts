import type { Attempt } from '../../facts/image.ts'
import type { SecretFact } from '../../facts/pull-secret.ts'
import type { Finding } from '../../outcome.ts'
import { attemptLine, loginWords, reason, refusalWords } from '../analyzer.ts'
import type { Case } from './case.ts'

type Refused = Extract<Attempt, { ok: false }>

/** What the registry says to the logins of one secret. */
export const acceptance = (about: Case, secret: SecretFact): readonly Finding[] => {
  const { fact, image, finding } = about
  const own = [...fact.attempts, ...fact.further].filter(
    ({ credential }) => credential.kind === 'secret' && credential.name === secret.name && credential.username !== '',
  )
  const evidence = [...own, ...(fact.anonymous ? [fact.anonymous] : [])].map(attemptLine)
  const accepted = own.find(({ ok }) => ok)
  const refused = own.filter((attempt): attempt is Refused => !attempt.ok)
  const open = fact.anonymous?.ok === true
  if (accepted === undefined)
    return [about.pulled ? harmless(about, refused.at(-1), evidence) : rejection(about, refused.at(-1), open, evidence)]
  const login = loginWords(accepted.credential)
  const good = open
    ? finding('PULL_SECRET_OK_OPTIONAL', `the registry gives ${image} to ${login}; it would give it to anyone.`, evidence)
    : finding('PULL_SECRET_OK', `the registry gives ${image} to ${login}.`, evidence)
  const stale = refused.find(({ code }) => code === 'REGISTRY_UNAUTHORIZED' || code === 'REGISTRY_DENIED')
  if (stale === undefined) return [good]
  const message = `the registry rejects ${loginWords(stale.credential)} and accepts ${login}. The node pulls ${image} with the second; remove the entry that is out of date.`
  return [finding('PULL_SECRET_PARTLY_REJECTED', message, evidence), good]
}

/** Another login of the pod brings the image: the one that the plugin names is of no use, and no harm. */
const harmless = ({ fact, image, finding }: Case, last: Refused | undefined, evidence: readonly string[]): Finding => {
  const works = fact.attempts.find(({ ok }) => ok)
  const login = works === undefined ? 'another login' : loginWords(works.credential)
  const useless =
    last === undefined
      ? 'no login of the secret was tried'
      : `${loginWords(last.credential)} is of no use: the registry ${refusalWords(last)}`
  const message = `${useless}. The node pulls ${image} all the same, with ${login}. Correct the secret, or take its name out of the Config.`
  return finding('PULL_SECRET_PARTLY_REJECTED', message, evidence)
}

const rejection = ({ image, finding }: Case, last: Refused | undefined, open: boolean, evidence: readonly string[]): Finding => {
  if (last === undefined)
    return finding(
      'PULL_SECRET_UNPROVEN',
      `whether the registry accepts the secret for ${image} was not asked. See the check image.`,
      evidence,
    )
  const login = loginWords(last.credential)
  const anyway = open
    ? ` It gives ${image} to anyone, but kubelet does not ask without a login once it has one: take the secret out of the Config, or correct it.`
    : ''
  switch (last.code) {
    case 'REGISTRY_UNAUTHORIZED':
      return finding('PULL_SECRET_REJECTED', `the registry rejects ${login} for ${image}.${anyway} ${reason(last)}`, evidence)
    case 'REGISTRY_DENIED':
      return finding('PULL_SECRET_DENIED', `the registry does not let ${login} pull ${image}.${anyway} ${reason(last)}`, evidence)
    default:
      return finding(
        'PULL_SECRET_UNPROVEN',
        `whether the registry accepts ${login} for ${image} could not be seen.${anyway} ${reason(last)}`,
        evidence,
      )
  }
}
