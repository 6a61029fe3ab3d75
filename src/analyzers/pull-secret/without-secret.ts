import type { Attempt } from '../../facts/image.ts'
import type { SecretFact } from '../../facts/pull-secret.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { loginWords, reason } from '../analyzer.ts'
import { acceptance } from './acceptance.ts'
import { atHand, attemptLines, type Case, makeIt, secretName } from './case.ts'

/** Of a plugin that names no secret itself. */
export const withoutSecret = (about: Case): readonly Finding[] => {
  const { fact, image, finding } = about
  const last = fact.attempts.at(-1)
  const evidence = attemptLines(fact)
  if (last === undefined) return [finding('PULL_SECRET_UNPROVEN', `how the node would ask for ${image} was not collected. Collect again.`)]
  if (last.ok) return [unneeded(about, last, evidence)]
  const { credential, code } = last
  const source = credential.kind === 'secret' ? fact.secrets.find(({ name }) => name === credential.name) : undefined
  if (source?.unread !== undefined) return [unread(about, source)]
  if (source !== undefined) return code === 'SECRETS_NOT_GIVEN' ? [notGiven(about, source)] : acceptance(about, source)
  if (!asksForLogin(last) && fact.dockerConfig?.ok !== true) {
    return [finding('PULL_SECRET_UNPROVEN', `whether ${image} needs a pull secret could not be seen. ${reason(last)}`, evidence)]
  }
  const refused = `the registry does not give ${image} without a login`
  const text = about.namable
    ? `${refused}, and the plugin names no pull secret.${atHand(about)} Create one and name it as imagePullSecret`
    : `${refused}, and Velero's pod has none that fits; Embedded Cluster takes no imagePullSecret of a plugin.${atHand(about)} Make the image public, or create a secret and give it to the pod with an override of the built-in extension velero (image.imagePullSecrets)`
  return [finding('PULL_SECRET_REQUIRED', `${text}: ${makeIt(fact, 'NAME')}`, evidence)]
}

/** A secret that is named while there is nowhere to look for it. */
export const notGiven = ({ fact, image, finding }: Case, secret: SecretFact): Finding => {
  const named = secretName(secret)
  const who = secret.namedBy === 'plugin' ? 'it names the pull secret' : 'it names no pull secret itself, but the pod has'
  const open = fact.anonymous?.ok
    ? ` The registry gives ${image} to anyone, so that it needs no secret; but a wrong one would keep the node from pulling.`
    : ''
  const command = `kubectl get secret -n ${printable(secret.namespace)} ${printable(secret.name)} -o yaml`
  return finding(
    'PULL_SECRETS_NOT_GIVEN',
    `${who} ${named}, and no Secrets were given to look in. Give its manifest with --secrets (${command} writes it), or read the cluster with --from-cluster.${open}`,
    attemptLines(fact),
  )
}

/** A secret that is named and could not be read in the cluster. */
export const unread = ({ fact, finding }: Case, secret: SecretFact): Finding =>
  finding(
    'PULL_SECRET_UNREAD',
    `whether the secret ${secretName(secret)} is there is not known. ${secret.unread === undefined ? '' : reason(secret.unread)}`,
    attemptLines(fact),
  )

const unneeded = ({ fact, image, finding }: Case, { credential }: Attempt, evidence: readonly string[]): Finding => {
  if (credential.kind === 'node' || credential.kind === 'license')
    return finding(
      'PULL_SECRET_NOT_NEEDED',
      `it names no pull secret, and a node that has ${loginWords(credential)} needs none: the registry gives it ${image}. Every node has to have it.`,
      evidence,
    )
  if (credential.kind !== 'anonymous') {
    return finding(
      'PULL_SECRET_OF_POD',
      `it names no pull secret itself; the registry gives ${image} to ${loginWords(credential)}, which is in the same pod.`,
      evidence,
    )
  }
  const lead = `it names no pull secret and needs none: the registry gives ${image} to anyone`
  if (fact.given || fact.secrets.length === 0) return finding('PULL_SECRET_NOT_NEEDED', `${lead}.`, evidence)
  const others = fact.secrets.map(secretName).join(', ')
  return finding(
    'PULL_SECRET_OTHERS_UNKNOWN',
    `${lead}. But a pod's secrets count for all of its containers, this one has ${others} too, and no Secrets were given to look in: one that covers this registry and is wrong keeps the node from pulling. Give their manifests with --secrets.`,
    evidence,
  )
}

const asksForLogin = (attempt: Attempt): boolean =>
  !attempt.ok && (attempt.code === 'REGISTRY_UNAUTHORIZED' || attempt.code === 'REGISTRY_DENIED')
