import type { Plugin } from '../../facts/fact.ts'
import { readFrom } from '../../facts/image.ts'
import type { PullSecretFact, SecretFact } from '../../facts/pull-secret.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { reason } from '../analyzer.ts'
import { acceptance } from './acceptance.ts'
import { atHand, attemptLines, type Case, makeIt, secretName } from './case.ts'
import { type PullSecretCode, pullSecretCodes } from './codes.ts'
import { entryLines, noLoginWords, noMatchWords } from './entries.ts'
import { notInPod } from './not-in-pod.ts'
import { notGiven, unread, withoutSecret } from './without-secret.ts'

/** Each question its own finding: is it there, readable, does it cover the image, is it accepted. The worst stands first. */
export const pullSecretFindings = (plugin: Plugin, fact: PullSecretFact, namable: boolean): readonly Finding[] => {
  const name = printable(plugin.plugin)
  const finding = (code: PullSecretCode, message: string, evidence: readonly string[] = []): Finding => ({
    status: pullSecretCodes[code].status,
    code,
    message: `${name}: ${message}`,
    ...(evidence.length === 0 ? {} : { evidence }),
  })
  if (!fact.ok) return [finding('PULL_SECRET_UNPROVEN', `nothing can be said of its pull secret. ${reason(fact)}`)]
  const local = readFrom(fact.attempts)
  const about: Case = {
    image: printable(plugin.image),
    fact,
    pulled: local === undefined && fact.attempts.some(({ ok }) => ok),
    local,
    namable,
    finding,
  }
  const own = fact.secrets.find(({ namedBy }) => namedBy === 'plugin')
  const broken = fact.secrets.filter(({ problem, namedBy }) => problem?.code === 'BROKEN' && namedBy === 'pod')
  const harm = broken.map(secret => brokenFinding(about, secret))
  if (own !== undefined) return [...harm, ...withSecret(about, own)]
  return broken.length > 0 ? harm : withoutSecret(about)
}

const withSecret = (about: Case, secret: SecretFact): readonly Finding[] => {
  const { fact } = about
  if (!fact.given) return [notGiven(about, secret)]
  if (secret.unread !== undefined) return [unread(about, secret)]
  if (secret.from === undefined) return [missing(about, secret)]
  const away = notInPod(about, secret)
  return [...(away === undefined ? [] : [away]), ...ofItself(about, secret)]
}

/** What is to be said of a Secret that is there, wherever it is used. */
const ofItself = (about: Case, secret: SecretFact): readonly Finding[] => {
  const { fact, finding } = about
  const named = secretName(secret)
  const found = finding('PULL_SECRET_FOUND', `the secret ${named} is there (${printable(secret.from ?? '')}).`)
  if (secret.problem?.code === 'BROKEN') return [brokenFinding(about, secret), found]
  if (secret.problem !== undefined) {
    const code = secret.problem.code === 'TYPE' ? 'PULL_SECRET_TYPE' : 'PULL_SECRET_KEY'
    return [useless(about, secret, code, `the secret ${named} gives kubelet no login: ${printable(secret.problem.message, 400)}`), found]
  }
  const kind = `of type ${printable(secret.type ?? 'unknown')}`
  const readable = finding('PULL_SECRET_READABLE', `the secret ${named} is ${kind}, and its docker config can be read.`, entryLines(secret))
  const matching = secret.entries.filter(({ matches }) => matches)
  if (matching.length === 0) return [useless(about, secret, 'PULL_SECRET_NO_MATCH', noMatchWords(fact.name, secret)), found, readable]
  if (matching.every(({ username }) => username === '')) {
    return [useless(about, secret, 'PULL_SECRET_NO_LOGIN', noLoginWords(secret)), found, readable]
  }
  const entries = matching.map(({ entry }) => `"${printable(entry, 120)}"`).join(' and ')
  const matches = finding('PULL_SECRET_MATCHES', `the secret ${named} covers ${printable(fact.name)} with its entry ${entries}.`)
  return [...(about.local === undefined ? acceptance(about, secret) : [notAsked(about, secret)]), found, readable, matches]
}

const missing = (about: Case, secret: SecretFact): Finding => {
  const { fact, image, pulled, local, finding } = about
  const looked = fact.sources.length === 0 ? '' : ` (looked in ${fact.sources.map(source => printable(source)).join(', ')})`
  const places = secret.elsewhere.map(text => printable(text)).join(', ')
  const elsewhere = places === '' ? '' : ` There is one of this name in the namespace ${places}; a pod uses only those of its own.`
  const lead = `the secret ${secretName(secret)} is not there${looked}`
  return pulled
    ? finding(
        'PULL_SECRET_MISSING_OPTIONAL',
        `${lead}.${elsewhere} kubelet passes over it and pulls ${image} all the same. Create it, or take its name out of the Config.`,
        attemptLines(fact),
      )
    : finding(
        'PULL_SECRET_NOT_FOUND',
        `${lead}${local === undefined ? `, and the node cannot pull ${image} without it` : `. ${unknown(about)}`}.${elsewhere}${atHand(about)} Create it: ${makeIt(fact, secret.name)}`,
        attemptLines(fact),
      )
}

/** What kubelet makes no use of: a fail only where it needs it. */
const useless = (about: Case, secret: SecretFact, code: PullSecretCode, what: string): Finding => {
  const { image, fact, pulled, local, finding } = about
  return pulled
    ? finding(
        'PULL_SECRET_UNUSED',
        `${what}. The node pulls ${image} all the same. Correct it, or take its name out of the Config.`,
        attemptLines(fact),
      )
    : finding(
        code,
        `${what}. ${local === undefined ? `Without it the node cannot pull ${image}` : unknown(about)}. Make it anew: ${makeIt(fact, secret.name)}`,
        attemptLines(fact),
      )
}

const unknown = ({ image, local = '' }: Case): string =>
  `Whether the node can pull ${image} without it is not known, for the image was read from ${printable(local)}`

/** Half of the check is no pass. */
const notAsked = ({ local = '', image, fact, finding }: Case, secret: SecretFact): Finding =>
  finding(
    'PULL_SECRET_NOT_ASKED',
    `whether the registry gives ${image} to a login of the secret ${secretName(secret)} is not known: the image was read from ${printable(local)}. Push it and check again without --image.`,
    attemptLines(fact),
  )

const brokenFinding = ({ image, fact, finding }: Case, secret: SecretFact): Finding => {
  const whose = secret.namedBy === 'pod' ? ', another one of the same pod,' : ''
  const what = printable(secret.problem?.message ?? '', 300)
  return finding(
    'PULL_SECRET_MALFORMED',
    `the secret ${secretName(secret)} (${printable(secret.from ?? '')})${whose} is broken: ${what}. With one broken secret kubelet uses none of the pod, and does not pull ${image}. Make it anew: ${makeIt(fact, secret.name)}`,
  )
}
