import type { Plugin } from '../../facts/fact.ts'
import type { Attempt } from '../../facts/image.ts'
import type { PullSecretFact, SecretFact } from '../../facts/pull-secret.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { loginWords, reason } from '../analyzer.ts'
import { acceptance } from './acceptance.ts'
import { attemptLines, type Case, secretName } from './case.ts'
import { type PullSecretCode, pullSecretCodes } from './codes.ts'
import { entryLines, noMatchWords } from './entries.ts'

/** Each question its own finding: is it there, readable, does it cover the image, is it accepted. */
export const pullSecretFindings = (plugin: Plugin, fact: PullSecretFact): readonly Finding[] => {
  const name = printable(plugin.plugin)
  const finding = (code: PullSecretCode, message: string, evidence: readonly string[] = []): Finding => ({
    status: pullSecretCodes[code].status,
    code,
    message: `${name}: ${message}`,
    ...(evidence.length === 0 ? {} : { evidence }),
  })
  if (!fact.ok) return [finding('PULL_SECRET_UNPROVEN', `nothing can be said of its pull secret. ${reason(fact)}`)]
  const about: Case = { plugin: name, image: printable(plugin.image), fact, pulled: fact.attempts.some(({ ok }) => ok), finding }
  const own = fact.secrets.find(({ namedBy }) => namedBy === 'plugin')
  const broken = fact.secrets
    .filter(({ problem, namedBy }) => problem?.code === 'BROKEN' && namedBy === 'pod')
    .map(secret => brokenFinding(about, secret))
  return [...broken, ...(own === undefined ? withoutSecret(about, broken.length > 0) : withSecret(about, own))]
}

const withSecret = (about: Case, secret: SecretFact): readonly Finding[] => {
  const { fact, finding } = about
  const named = secretName(secret)
  if (!fact.given) return [notGiven(about, named)]
  if (secret.from === undefined) return [missing(about, secret)]
  const found = finding('PULL_SECRET_FOUND', `the secret ${named} is there (${printable(secret.from)}).`)
  if (secret.problem?.code === 'BROKEN') return [brokenFinding(about, secret), found]
  if (secret.problem !== undefined)
    return [
      useless(
        about,
        secret.problem.code === 'TYPE' ? 'PULL_SECRET_TYPE' : 'PULL_SECRET_KEY',
        `the secret ${named} gives kubelet nothing: ${secret.problem.message}`,
      ),
      found,
    ]
  const readable = finding(
    'PULL_SECRET_READABLE',
    `the secret ${named} is of type ${printable(secret.type ?? '')} and its docker config can be read.`,
    entryLines(secret),
  )
  const matching = secret.entries.filter(({ matches }) => matches)
  if (matching.length === 0) return [useless(about, 'PULL_SECRET_NO_MATCH', noMatchWords(fact.name, secret)), found, readable]
  if (matching.every(({ username }) => username === ''))
    return [useless(about, 'PULL_SECRET_NO_LOGIN', noLoginWords(secret)), found, readable]
  const matches = finding(
    'PULL_SECRET_MATCHES',
    `the secret ${named} covers ${printable(fact.name)} with the entry ${matching.map(({ entry }) => `"${printable(entry, 120)}"`).join(', ')}.`,
  )
  return [...acceptance(about, secret), found, readable, matches]
}

const notGiven = ({ fact, image, finding }: Case, named: string): Finding => {
  const open = fact.anonymous?.ok
    ? ` The registry gives ${image} to anyone, so it needs no secret; but if the one in the cluster is wrong, the node cannot pull.`
    : ''
  return finding(
    'PULL_SECRETS_NOT_GIVEN',
    `the Config names the pull secret ${named}, but no Secrets were given to look in. Give its manifest with --secrets (kubectl get secret -n ${named.replace('/', ' ')} -o yaml writes it).${open}`,
    attemptLines(fact),
  )
}

const missing = (about: Case, secret: SecretFact): Finding => {
  const { fact, image, pulled, finding } = about
  const looked = fact.sources.length === 0 ? '' : ` (looked in ${fact.sources.map(source => printable(source)).join(', ')})`
  const elsewhere =
    secret.elsewhere.length === 0
      ? ''
      : ` There is one of this name in the namespace ${secret.elsewhere.map(text => printable(text)).join(', ')}; a pod uses only those of its own namespace.`
  if (pulled) {
    return finding(
      'PULL_SECRET_MISSING_OPTIONAL',
      `the secret ${secretName(secret)} is not there${looked}.${elsewhere} kubelet passes over it and pulls ${image} all the same. Create it, or take it out of the Config.`,
      attemptLines(fact),
    )
  }
  return finding(
    'PULL_SECRET_NOT_FOUND',
    `the secret ${secretName(secret)} is not there${looked}, and the node cannot pull ${image} without it.${elsewhere}${others(about)} Create it in the namespace ${printable(secret.namespace)}.`,
    attemptLines(fact),
  )
}

/** What kubelet makes no use of: a fail only where it needs it. */
const useless = ({ image, fact, pulled, finding }: Case, code: PullSecretCode, what: string): Finding =>
  pulled
    ? finding(
        'PULL_SECRET_UNUSED',
        `${what}. The node pulls ${image} all the same. Correct the secret, or take it out of the Config.`,
        attemptLines(fact),
      )
    : finding(
        code,
        `${what}. Without it the node cannot pull ${image}. Make it with: kubectl create secret docker-registry NAME -n ${printable(fact.namespace)} --docker-server=${printable(fact.name.split('/', 1)[0]!)} --docker-username=… --docker-password=…`,
        attemptLines(fact),
      )

const noLoginWords = (secret: SecretFact): string => {
  const { entry, ignored } = secret.entries.find(({ matches }) => matches)!
  const instead = ignored.length === 0 ? '' : `; of its ${ignored.map(field => `"${field}"`).join(' and ')} kubelet takes no notice`
  return `the entry "${printable(entry, 120)}" of the secret ${secretName(secret)} has no user name${instead}, so that kubelet asks without a login`
}

const brokenFinding = ({ image, finding }: Case, secret: SecretFact): Finding => {
  const whose = secret.namedBy === 'pod' ? ', which another plugin of the same pod names,' : ''
  return finding(
    'PULL_SECRET_MALFORMED',
    `the secret ${secretName(secret)} (${printable(secret.from ?? '')})${whose} is broken: ${printable(secret.problem?.message ?? '', 300)}. With one broken secret kubelet uses none of the pod, and does not pull ${image}. Make it anew with kubectl create secret docker-registry.`,
  )
}

/** A plugin that names none itself. */
const withoutSecret = (about: Case, broken: boolean): readonly Finding[] => {
  const { fact, image, finding } = about
  const last = fact.attempts.at(-1)
  const evidence = attemptLines(fact)
  if (broken || last === undefined)
    return broken ? [] : [finding('PULL_SECRET_UNPROVEN', `how the node would ask for ${image} was not collected. Collect again.`)]
  if (last.ok) {
    return last.credential.kind === 'anonymous'
      ? [finding('PULL_SECRET_NOT_NEEDED', `it names no pull secret and needs none: the registry gives ${image} to anyone.`, evidence)]
      : [
          finding(
            'PULL_SECRET_OF_POD',
            `it names no pull secret itself; ${loginWords(last.credential)}, which another plugin of the same pod names, covers ${image}, and the registry accepts it.`,
            evidence,
          ),
        ]
  }
  const source = fact.secrets.find(({ name }) => last.credential.kind === 'secret' && last.credential.name === name)
  if (source !== undefined) return acceptance(about, source)
  if (asksForLogin(last) || fact.dockerConfig?.ok) {
    return [
      finding(
        'PULL_SECRET_REQUIRED',
        `the registry does not give ${image} without a login, and the plugin names no pull secret.${others(about)} Create a pull secret in the namespace ${printable(fact.namespace)} and name it as imagePullSecret.`,
        evidence,
      ),
    ]
  }
  return [finding('PULL_SECRET_UNPROVEN', `whether ${image} needs a pull secret could not be seen. ${reason(last)}`, evidence)]
}

const asksForLogin = (attempt: Attempt): boolean =>
  !attempt.ok && (attempt.code === 'REGISTRY_UNAUTHORIZED' || attempt.code === 'REGISTRY_DENIED')

/** What is at hand that would help. */
const others = ({ fact }: Case): string => {
  const secrets =
    fact.candidates.length === 0
      ? ''
      : ` Among the Secrets that were given, ${fact.candidates.map(name => printable(name)).join(', ')} would cover it.`
  const docker = fact.dockerConfig?.ok ? ` With ${loginWords(fact.dockerConfig.credential)} it can be pulled, but no node has that.` : ''
  return `${secrets}${docker}`
}
