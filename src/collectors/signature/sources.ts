import { PreflightError } from '../../errors.ts'
import type { SignatureHome } from '../../facts/signature.ts'
import { lookUp } from '../../kubelet/keyring.ts'
import type { PullSecret } from '../../kubelet/secret.ts'
import { type ImageReference, nameOf, parseReference } from '../../oci/reference.ts'
import { printable } from '../../redact.ts'
import type { Credential, ImageAccess } from '../../world/world.ts'
import type { CollectContext, SignatureSource } from '../collector.ts'
import type { Budget } from './budget.ts'
import { type AskAs, createRepository, ownRepository, type Repository } from './repository.ts'

/** Every repository to look in: the image's own first, and each once, however many sources name it. */
export const repositoriesOf = (
  context: CollectContext,
  access: ImageAccess,
  sources: readonly SignatureSource[],
  budget: Budget,
): readonly Repository[] => {
  const parsed = sources.map(source => ({ source, image: repositoryImage(source.repository) }))
  const isOwn = ({ image }: (typeof parsed)[number]) => access.image.local === undefined && isSame(image, access.image)
  const own = ownRepository(context, access, homesOf(parsed.filter(isOwn).map(one => one.source)), budget)
  const others = Map.groupBy(
    parsed.filter(one => !isOwn(one)),
    ({ image }) => nameOf(image),
  )
  return [
    own,
    ...[...others].map(([name, all]) => {
      const { image } = all[0]!
      const secrets = all.flatMap(({ source }) => source.pullSecrets ?? [])
      const homes = prefixesOf(all.map(one => one.source)).map(prefix => ({ source: name, ...withPrefix(prefix) }))
      const askAs = inTurn(loginsFor(context, access, image, secrets))
      return createRepository(context, { image, homes, askAs, budget, keepSubject: own.keepSubject })
    }),
  ]
}

/** @throws PreflightError REFERENCE_INVALID */
const repositoryImage = (text: string): ImageReference => {
  const image = parseReference(text)
  if (image.tag === undefined && image.digest === undefined) return image
  throw new PreflightError('REFERENCE_INVALID', `"${printable(text)}" is not a repository: it has a tag or a digest.`, {
    hint: 'Write registry/repository.',
  })
}

const isSame = (a: ImageReference, b: ImageReference): boolean => a.host === b.host && a.repository === b.repository

const prefixesOf = (sources: readonly SignatureSource[]): readonly string[] => [...new Set(sources.map(({ tagPrefix = '' }) => tagPrefix))]

const withPrefix = (prefix: string): SignatureHome => (prefix === '' ? {} : { tagPrefix: prefix })

/** In the image's own repository tags without a prefix are looked for in any case. */
const homesOf = (sources: readonly SignatureSource[]): readonly SignatureHome[] =>
  [...new Set(['', ...prefixesOf(sources)])].map(withPrefix)

type Login = () => Promise<Credential | undefined>

/**
 * No node pulls from there, so that every login counts that was given: the named Secrets, the pod's, that of the image where it is the
 * same registry, the user's docker config, and none.
 */
const loginsFor = (
  context: CollectContext,
  access: ImageAccess,
  image: ImageReference,
  secretNames: readonly string[],
): readonly Login[] => {
  const { secrets, namespace, dockerConfig } = context.world
  const found = [...new Set([...secretNames, ...access.podSecrets])].flatMap(name => secrets?.find(namespace, name) ?? [])
  const sameHost = access.image.local === undefined && access.image.host === image.host ? access.opened?.as : undefined
  return [
    ...found.flatMap(secret => loginsIn(secret, namespace, image)),
    ...(sameHost === undefined ? [] : [async () => sameHost]),
    ...(dockerConfig === undefined ? [] : [() => dockerLogin(dockerConfig, image)]),
    async () => undefined,
  ]
}

/** A broken Secret keeps a pod from all of them; here it has no login, and that is all. */
const loginsIn = (secret: PullSecret, namespace: string, image: ImageReference): readonly Login[] => {
  const keyring = lookUp(nameOf(image), [secret])
  if ('fault' in keyring) return []
  return keyring.credentials.map(({ username, password, entry }): Login => {
    const source = { kind: 'secret', namespace, name: secret.name, entry, username } as const
    return async () => ({ username, password, source })
  })
}

const dockerLogin = async (
  store: NonNullable<CollectContext['world']['dockerConfig']>,
  image: ImageReference,
): Promise<Credential | undefined> => {
  const login = await store.login(image)
  return login && { ...login, source: { kind: 'dockerConfig', file: store.file, entry: login.entry, username: login.username } }
}

/** Goes on with the next login when one is refused, and stays with that; what the first was told is what is said in the end. */
const inTurn = (logins: readonly Login[]): AskAs => {
  const known = logins.map(() => undefined as Promise<Credential | undefined> | undefined)
  let current = 0
  return async ask => {
    let first: unknown
    for (let index = current; index < logins.length; index++) {
      try {
        known[index] ??= logins[index]!()
        return await ask(await known[index])
      } catch (error) {
        if (!isRefused(error)) throw error
        first ??= error
        current = Math.max(current, Math.min(index + 1, logins.length - 1))
      }
    }
    throw first
  }
}

const isRefused = (error: unknown): boolean =>
  error instanceof PreflightError && (error.code === 'REGISTRY_UNAUTHORIZED' || error.code === 'REGISTRY_DENIED')
