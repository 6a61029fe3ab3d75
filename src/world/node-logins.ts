import { PreflightError } from '../errors.ts'
import { type CredentialSource, failure, type Plugin } from '../facts/fact.ts'
import type { Attempt } from '../facts/image.ts'
import { type KeyringCredential, lookUp } from '../kubelet/keyring.ts'
import type { PullSecret } from '../kubelet/secret.ts'
import { type ImageReference, nameOf } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import type { ImageAccessOptions } from './image-access.ts'
import type { Credential } from './world.ts'

/** A login to try: `as` undefined is anonymous. */
export interface Login {
  readonly as: Credential | undefined
  readonly source: CredentialSource
}

export const anonymous: Login = { as: undefined, source: { kind: 'anonymous' } }

export const namesOf = ({ podSecrets, podIsKnown = false }: ImageAccessOptions, { imagePullSecret: own }: Plugin): readonly string[] =>
  own === undefined || podIsKnown ? podSecrets : [...new Set([...podSecrets, own])]

/** Of a secret that the plugin names and its pod does not have; undefined when the pod has it. */
export const besideOf = (
  { secrets, namespace }: ImageAccessOptions,
  { imagePullSecret: own }: Plugin,
  names: readonly string[],
  image: ImageReference,
) => {
  if (own === undefined || names.includes(own)) return undefined
  const secret = secrets?.find(namespace, own)
  const keyring = secret === undefined || secret.problems.length > 0 ? undefined : lookUp(nameOf(image), [secret])
  if (secret === undefined || keyring === undefined || 'fault' in keyring) return []
  return credentialsOf(namespace, keyring.credentials, [secret]).filter(({ username }) => username !== '')
}

/** What kubelet would try, or the reason why it could try nothing or why nobody can say. */
export type NodeLogins = { readonly logins: readonly Login[]; readonly keyring: readonly Credential[] } | { readonly unable: Attempt }

export const nodeLogins = (
  { secrets, namespace, license, podUnread }: ImageAccessOptions,
  { imagePullSecret }: Plugin,
  names: readonly string[],
  image: ImageReference,
): NodeLogins => {
  if (podUnread !== undefined) return { unable: { credential: anonymous.source, ...podUnread } }
  // kubelet tries a node's own logins after those of the pod.
  const own = loginsOf(license?.onNodes ? license.login(image) : undefined)
  if (secrets === undefined) {
    return imagePullSecret === undefined
      ? { logins: own.length === 0 ? [anonymous] : own, keyring: [] }
      : { unable: notGiven(namespace, imagePullSecret) }
  }
  const unread = names.find(name => secrets.unread?.(namespace, name) !== undefined)
  if (unread !== undefined) return { unable: { credential: ofSecret(namespace, unread), ...secrets.unread!(namespace, unread)! } }
  // kubelet passes over a secret that is not there (kubelet_pods.go `getPullSecretsForPod`).
  const found = names.flatMap(name => secrets.find(namespace, name) ?? [])
  const broken = found.find(({ problems }) => problems.length > 0)
  if (broken !== undefined) return { unable: unusable(namespace, broken, broken.problems[0]!.message) }
  const keyring = lookUp(nameOf(image), found)
  if ('fault' in keyring) return { unable: unusable(namespace, found[keyring.secret]!, keyring.fault) }
  const credentials = credentialsOf(namespace, keyring.credentials, found)
  // containerd takes a login without username for none (internal/cri/server/images/image_pull.go `ParseAuth`).
  const ofPod = credentials.map((as): Login => ({ as: as.username === '' ? undefined : as, source: as.source }))
  const logins = [...ofPod, ...own]
  return { logins: logins.length === 0 ? [anonymous] : logins, keyring: credentials }
}

const credentialsOf = (namespace: string, found: readonly KeyringCredential[], secrets: readonly PullSecret[]): readonly Credential[] =>
  found.map(({ username, password, secret, entry }) => {
    const source = { kind: 'secret', namespace, name: secrets[secret]!.name, entry, username } as const
    return { username, password, source }
  })

export const loginsOf = (as: Credential | undefined): readonly Login[] => (as === undefined ? [] : [{ as, source: as.source }])

const ofSecret = (namespace: string, name: string) => ({ kind: 'secret', namespace, name, entry: '', username: '' }) as const

export const notGiven = (namespace: string, name: string): Attempt => ({
  credential: ofSecret(namespace, name),
  ...failure(
    new PreflightError(
      'SECRETS_NOT_GIVEN',
      `The pull secret ${namespace}/${printable(name)} is named, but no Secrets were given to look in.`,
      {
        hint: `Give its manifest with --secrets (kubectl get secret -n ${namespace} ${printable(name)} -o yaml), or read the cluster with --from-cluster.`,
      },
    ),
  ),
})

const unusable = (namespace: string, { name, from }: PullSecret, fault: string): Attempt => ({
  credential: ofSecret(namespace, name),
  ...failure(
    new PreflightError(
      'SECRET_UNUSABLE',
      `The pull secret ${namespace}/${printable(name)} (${printable(from)}) is broken: ${fault}. With one broken secret in a pod, kubelet uses none and pulls nothing.`,
      { hint: 'Make it anew with kubectl create secret docker-registry.' },
    ),
  ),
})
