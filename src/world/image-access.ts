import { PreflightError } from '../errors.ts'
import { type CredentialSource, failure, type Plugin } from '../facts/fact.ts'
import type { Attempt, NetworkSource } from '../facts/image.ts'
import { lookUp } from '../kubelet/keyring.ts'
import type { PullSecret } from '../kubelet/secret.ts'
import { type ImageReference, nameOf, parseReference, pulledAs } from '../oci/reference.ts'
import { isLocalReference, type LocalReference, parseLocalReference } from '../oci/transport.ts'
import { printable } from '../redact.ts'
import type { LocalImages } from './local-images.ts'
import type { Credential, DockerConfigStore, ImageAccess, LicenseStore, RegistryClient, SecretStore, ServedManifest } from './world.ts'

export interface ImageAccessOptions {
  readonly registry: RegistryClient
  /** Undefined when no Secrets were given. */
  readonly secrets: SecretStore | undefined
  readonly dockerConfig: DockerConfigStore | undefined
  readonly namespace: string
  /**
   * Names of the pod's pull secrets in their order. Kubernetes knows none of a single container, so that what one plugin names
   * counts for all: give the secrets of all plugins here.
   */
  readonly podSecrets: readonly string[]
  readonly network?: NetworkSource | undefined
  readonly license?: LicenseStore | undefined
  /** By plugin, what to read instead of its image (`--image`). */
  readonly images?: ReadonlyMap<string, LocalReference>
  /** Folders and archives; `registry` reads what is in them. */
  readonly local?: LocalImages
}

/** A login to try: `as` undefined is anonymous. */
interface Login {
  readonly as: Credential | undefined
  readonly source: CredentialSource
}

/** kubelet would go on for ever; nobody has so many logins for one registry. */
const maxLogins = 50

const anonymous: Login = { as: undefined, source: { kind: 'anonymous' } }

/** Makes `World.open`: each plugin's image is opened once, however many checks ask. */
export const imageAccess = (options: ImageAccessOptions): ((plugin: Plugin) => Promise<ImageAccess>) => {
  const opened = new Map<string, Promise<ImageAccess>>()
  return async plugin => {
    const local = localOf(options, plugin)
    const id = JSON.stringify([plugin.image, plugin.imagePullSecret ?? null, local?.text ?? null])
    const access = opened.get(id) ?? (local === undefined ? open(options, plugin) : openLocal(options, plugin, local))
    opened.set(id, access)
    return access
  }
}

/** What `--image` names, or the image of the Config itself where it is a folder or archive. */
const localOf = ({ images }: ImageAccessOptions, { plugin, image }: Plugin): LocalReference | undefined =>
  images?.get(plugin) ?? (isLocalReference(image) ? parseLocalReference(image) : undefined)

/** No registry is asked, and so no login is tried; which ones kubelet would try is known all the same. */
const openLocal = async (options: ImageAccessOptions, plugin: Plugin, local: LocalReference): Promise<ImageAccess> => {
  const image = { ...namedInConfig(plugin), local }
  const podSecrets = namesOf(options, plugin)
  const logins = image.host === '' ? { keyring: [] } : nodeLogins(options, plugin, podSecrets, image)
  const source: CredentialSource = { kind: 'local', reference: printable(local.text) }
  const shared = { image, podSecrets, keyring: 'unable' in logins ? [] : logins.keyring, otherAttempts: [] }
  try {
    if (options.local === undefined) throw new TypeError('folders and archives cannot be read here')
    const served = await options.local.root(local)
    return { ...shared, attempts: [attempt(source, served)], opened: { as: undefined, source, served } }
  } catch (error) {
    return { ...shared, attempts: [{ credential: source, ...failure(error) }] }
  }
}

/** Under which name a node would ask for it; without a host where the Config names none. */
const namedInConfig = ({ image }: Plugin): ImageReference => {
  try {
    if (!isLocalReference(image)) return parseReference(image)
  } catch {
    // What is wrong with it is for the check of the Config to say.
  }
  return { domain: '', path: image, host: '', repository: image }
}

const open = async (options: ImageAccessOptions, plugin: Plugin): Promise<ImageAccess> => {
  const image = parseReference(plugin.image)
  const podSecrets = namesOf(options, plugin)
  const logins = nodeLogins(options, plugin, podSecrets, image)
  const kubelet = await asKubelet(options, image, logins, podSecrets)
  const node = options.registry.route?.(image)
  const shared = {
    image,
    podSecrets,
    ...(node && { node }),
    ...(options.network && { network: options.network }),
    keyring: 'unable' in logins ? [] : logins.keyring,
    attempts: kubelet.attempts,
  }
  if (kubelet.opened !== undefined) return { ...shared, otherAttempts: [], opened: kubelet.opened }
  // The next login would meet the same dead name, certificate or silence.
  if (!loginMayHelp(kubelet.attempts)) return { ...shared, otherAttempts: [] }
  const others = await tryOthers(options, image, 'unable' in logins ? [] : logins.logins)
  return { ...shared, otherAttempts: others.attempts, ...(others.opened && { opened: others.opened }) }
}

const namesOf = ({ podSecrets }: ImageAccessOptions, { imagePullSecret }: Plugin): readonly string[] => [
  ...new Set([...podSecrets, ...(imagePullSecret === undefined ? [] : [imagePullSecret])]),
]

/** What kubelet would get; of a pod's secret that is not known, only that it may be what is missing. */
const asKubelet = async (
  { registry, secrets, namespace }: ImageAccessOptions,
  image: ImageReference,
  node: NodeLogins,
  [podSecret]: readonly string[],
): Promise<Tried> => {
  if ('unable' in node) return { attempts: [node.unable] }
  const tried = await tryAll(registry, image, node.logins)
  const unknown = secrets === undefined && podSecret !== undefined && tried.opened === undefined && loginMayHelp(tried.attempts)
  return unknown ? { attempts: [...tried.attempts, notGiven(namespace, podSecret)] } : tried
}

interface Tried {
  readonly attempts: readonly Attempt[]
  readonly opened?: NonNullable<ImageAccess['opened']> | undefined
}

/** What kubelet would try, or the reason why it could try nothing or why nobody can say. */
type NodeLogins = { readonly logins: readonly Login[]; readonly keyring: readonly Credential[] } | { readonly unable: Attempt }

const nodeLogins = (
  { secrets, namespace, license }: ImageAccessOptions,
  { imagePullSecret }: Plugin,
  names: readonly string[],
  image: ImageReference,
): NodeLogins => {
  // kubelet tries a node's own logins after those of the pod.
  const own = loginsOf(license?.onNodes ? license.login(image) : undefined)
  if (secrets === undefined) {
    return imagePullSecret === undefined
      ? { logins: own.length === 0 ? [anonymous] : own, keyring: [] }
      : { unable: notGiven(namespace, imagePullSecret) }
  }
  // kubelet passes over a secret that is not there (kubelet_pods.go `getPullSecretsForPod`).
  const found = names.flatMap(name => secrets.find(namespace, name) ?? [])
  const broken = found.find(({ problems }) => problems.length > 0)
  if (broken !== undefined) return { unable: unusable(namespace, broken, broken.problems[0]!.message) }
  const keyring = lookUp(nameOf(image), found)
  if ('fault' in keyring) return { unable: unusable(namespace, found[keyring.secret]!, keyring.fault) }
  const credentials = keyring.credentials.map(({ username, password, secret, entry }): Credential => {
    const source = { kind: 'secret', namespace, name: found[secret]!.name, entry, username } as const
    return { username, password, source }
  })
  // containerd takes a login without username for none (internal/cri/server/images/image_pull.go `ParseAuth`).
  const ofPod = credentials.map((as): Login => ({ as: as.username === '' ? undefined : as, source: as.source }))
  const logins = [...ofPod, ...own]
  return { logins: logins.length === 0 ? [anonymous] : logins, keyring: credentials }
}

const loginsOf = (as: Credential | undefined): readonly Login[] => (as === undefined ? [] : [{ as, source: as.source }])

const tryAll = async (registry: RegistryClient, image: ImageReference, logins: readonly Login[]): Promise<Tried> => {
  const attempts: Attempt[] = []
  for (const { as, source } of logins.slice(0, maxLogins)) {
    const served = await ask(registry, image, as)
    const used = ('ok' in served ? undefined : served.login) ?? source
    attempts.push(attempt(used, served))
    if (!('ok' in served)) return { attempts, opened: { as, source: used, served } }
    if (!loginMayHelp(attempts)) break
  }
  return { attempts }
}

/** What no node has: the lack of a login, where it has one, a customer's licence, and the user's own docker config. */
const tryOthers = async (options: ImageAccessOptions, image: ImageReference, tried: readonly Login[]): Promise<Tried> => {
  const { license } = options
  const isTried = ({ as }: Login) => tried.some(login => login.as === as || (as !== undefined && login.source.kind === as.source.kind))
  const logins = [anonymous, ...loginsOf(license?.login(image))].filter(login => !isTried(login))
  const first = await tryAll(options.registry, image, logins)
  if (first.opened !== undefined || options.dockerConfig === undefined || !loginMayHelp(first.attempts)) return first
  const { file } = options.dockerConfig
  try {
    const login = await options.dockerConfig.login(image)
    if (login === undefined) return first
    const source: CredentialSource = { kind: 'dockerConfig', file, entry: login.entry, username: login.username }
    const { attempts, opened } = await tryAll(options.registry, image, [{ as: { ...login, source }, source }])
    return { attempts: [...first.attempts, ...attempts], opened }
  } catch (error) {
    const source: CredentialSource = { kind: 'dockerConfig', file, entry: '', username: '' }
    return { attempts: [...first.attempts, { credential: source, ...failure(error) }] }
  }
}

const ask = async (registry: RegistryClient, image: ImageReference, as: Credential | undefined) => {
  try {
    return await registry.manifest(image, pulledAs(image), as)
  } catch (error) {
    return failure(error)
  }
}

const attempt = (credential: CredentialSource, answer: ServedManifest | ReturnType<typeof failure>): Attempt =>
  'ok' in answer ? { credential, ...answer } : { credential, ok: true, digest: answer.digest }

/** What another login may turn into a success. Registries say 404 of what a login may not see. */
const loginRelated = new Set([
  'SECRETS_NOT_GIVEN',
  'SECRET_UNUSABLE',
  'REGISTRY_UNAUTHORIZED',
  'REGISTRY_DENIED',
  'REGISTRY_RATE_LIMITED',
  'REGISTRY_REALM',
  'MANIFEST_NOT_FOUND',
])

const loginMayHelp = (attempts: readonly Attempt[]): boolean => attempts.every(one => one.ok || loginRelated.has(one.code))

const notGiven = (namespace: string, name: string): Attempt => ({
  credential: { kind: 'secret', namespace, name, entry: '', username: '' },
  ...failure(
    new PreflightError(
      'SECRETS_NOT_GIVEN',
      `The pull secret ${namespace}/${printable(name)} is named, but no Secrets were given to look in.`,
      {
        hint: `Give its manifest with --secrets: kubectl get secret -n ${namespace} ${printable(name)} -o yaml.`,
      },
    ),
  ),
})

const unusable = (namespace: string, { name, from }: PullSecret, fault: string): Attempt => ({
  credential: { kind: 'secret', namespace, name, entry: '', username: '' },
  ...failure(
    new PreflightError(
      'SECRET_UNUSABLE',
      `The pull secret ${namespace}/${printable(name)} (${printable(from)}) is broken: ${fault}. With one broken secret in a pod, kubelet uses none and pulls nothing.`,
      { hint: 'Make it anew with kubectl create secret docker-registry.' },
    ),
  ),
})
