import { type ErrorCode, PreflightError } from '../errors.ts'
import type { CredentialSource, Plugin } from '../facts/fact.ts'
import { failure, loginUnknown } from '../facts/fact.ts'
import { type Attempt, lastFailure } from '../facts/image.ts'
import type { PullSecretFact, SecretFact } from '../facts/pull-secret.ts'
import { covers, inspectSecret } from '../kubelet/inspect-secret.ts'
import { type ImageReference, nameOf, pulledAs } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import type { Credential, ImageAccess, World } from '../world/world.ts'
import { type CollectContext, type Collector, eachPlugin } from './collector.ts'

/** What the Secrets are that the pod names, what kubelet makes of them for each image, and what the registry says to it. */
export const pullSecret: Collector<'pullSecret'> = {
  kind: 'pullSecret',
  collect: context => eachPlugin(context, async plugin => [await collectOne(context, plugin)]),
}

/** Logins beyond those that kubelet would come to. */
const maxFurther = 5

const collectOne = async (context: CollectContext, plugin: Plugin): Promise<PullSecretFact> => {
  const { world } = context
  const access = await world.open(plugin)
  const local = access.image.local !== undefined
  // There is no registry where a folder is named in its place; and without a secret there is nothing else to look at.
  if (access.image.local?.transport === 'airgap') throw inBundle(access.image)
  if (local && (plugin.imagePullSecret === undefined || access.image.host === '')) throw notAsked(access.image)
  const identity = { plugin: plugin.plugin, image: plugin.image }
  const name = nameOf(access.image)
  const own = plugin.imagePullSecret
  const names = [...new Set([...(own === undefined ? [] : [own]), ...access.podSecrets])]
  // Of a plugin without a secret of its own there is nothing to say then that the check of the image does not.
  if (own === undefined && access.opened === undefined && !aboutLogins(lastFailure(access.attempts).code)) {
    return { ...identity, ...lastFailure(access.attempts) }
  }
  const anonymous = local ? undefined : await anonymousAttempt(world, access)
  const dockerConfig = access.otherAttempts.find(({ credential }) => credential.kind === 'dockerConfig')
  return {
    ...identity,
    ok: true,
    name,
    namespace: world.namespace,
    secrets: names.map(secret => secretFact(world, name, secret, secret === own ? 'plugin' : 'pod')),
    given: world.secrets !== undefined,
    sources: world.secrets?.sources ?? [],
    ...(world.pod && { pod: world.pod }),
    ...(world.podUnread && { podUnread: world.podUnread }),
    candidates: candidates(world, name, names),
    credentials: access.keyring.map(({ source }) => source),
    attempts: access.attempts,
    further: local ? [] : await furtherAttempts(world, access, plugin),
    ...(anonymous && { anonymous }),
    ...(dockerConfig && { dockerConfig }),
  }
}

const notAsked = ({ local }: ImageReference): PreflightError =>
  new PreflightError('REGISTRY_NOT_ASKED', `The image was read from ${printable(local?.text ?? '')}, so that no registry was asked.`, {
    hint: 'Push the image and check again without --image.',
  })

/** No login is needed for what is not pulled. */
const inBundle = ({ local }: ImageReference): PreflightError =>
  new PreflightError(
    'REGISTRY_NOT_ASKED',
    `In an air gap nodes take images from the bundle alone (${printable(local?.path ?? '')}), and no registry is asked.`,
  )

const aboutLogins = (code: ErrorCode): boolean =>
  loginUnknown(code) || code === 'REGISTRY_UNAUTHORIZED' || code === 'REGISTRY_DENIED' || code === 'SECRET_UNUSABLE'

const secretFact = ({ secrets, namespace }: World, image: string, name: string, namedBy: 'plugin' | 'pod'): SecretFact => {
  const identity = { namespace, name, namedBy }
  const secret = secrets?.find(namespace, name)
  if (secret !== undefined) return { ...identity, from: secret.from, elsewhere: [], ...inspectSecret(secret, image) }
  const unread = secrets?.unread?.(namespace, name)
  const elsewhere = (secrets?.all ?? []).filter(other => other.name === name).map(other => `${other.namespace} (${other.from})`)
  return { ...identity, ...(unread && { unread }), elsewhere, keys: [], entries: [], omitted: 0, ignored: [] }
}

const candidates = ({ secrets }: World, image: string, named: readonly string[]): readonly string[] =>
  (secrets?.all ?? [])
    .filter(secret => !named.includes(secret.name) && covers(secret, image))
    .map(({ namespace, name }) => (namespace === undefined ? name : `${namespace}/${name}`))
    .slice(0, 5)

/** Asks once more without login where kubelet had one, to see whether it needs one. */
const anonymousAttempt = async (world: World, access: ImageAccess): Promise<Attempt | undefined> => {
  const { attempts, otherAttempts, opened } = access
  const made = [...attempts, ...otherAttempts].find(({ credential }) => credential.kind === 'anonymous')
  if (made !== undefined || opened === undefined) return made
  const asked = await tryLogin(world, access, undefined, { kind: 'anonymous' })
  // A login of the node's own tells nothing of who has none.
  return asked.credential.kind === 'anonymous' ? asked : undefined
}

/** kubelet stops at the first login that works, and has none that does not reach it; whether the plugin's own works is asked all the same. */
const furtherAttempts = async (world: World, access: ImageAccess, { imagePullSecret }: Plugin): Promise<readonly Attempt[]> => {
  const tried = access.otherAttempts.filter(({ credential }) => credential.kind === 'secret')
  if (tried.length > 0) return tried
  if (access.opened === undefined || access.otherAttempts.length > 0) return []
  const left = (access.beside ?? access.keyring.slice(access.attempts.length)).filter(
    ({ source, username }) => source.kind === 'secret' && source.name === imagePullSecret && username !== '',
  )
  return Promise.all(left.slice(0, maxFurther).map(as => tryLogin(world, access, as, as.source)))
}

const tryLogin = async (
  { registry }: World,
  { image }: ImageAccess,
  as: Credential | undefined,
  credential: CredentialSource,
): Promise<Attempt> => {
  try {
    const { digest, login } = await registry.manifest(image, pulledAs(image), as)
    return { credential: login ?? credential, ok: true, digest }
  } catch (error) {
    return { credential, ...failure(error) }
  }
}
