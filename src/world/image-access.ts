import { type CredentialSource, type Failure, failure, loginUnknown, type Plugin } from '../facts/fact.ts'
import type { Attempt, NetworkSource } from '../facts/image.ts'
import { type ImageReference, parseReference, pulledAs } from '../oci/reference.ts'
import { isLocalReference, type LocalReference, parseLocalReference } from '../oci/transport.ts'
import { printable } from '../redact.ts'
import type { LocalImages } from './local-images.ts'
import { anonymous, besideOf, type Login, loginsOf, type NodeLogins, namesOf, nodeLogins, notGiven } from './node-logins.ts'
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
  /** The pod was seen and has no other secrets: what a plugin names is not added. */
  readonly podIsKnown?: boolean
  /** Why nobody can say which secrets the pod has. */
  readonly podUnread?: Failure | undefined
  readonly network?: NetworkSource | undefined
  readonly license?: LicenseStore | undefined
  /** By plugin, what to read instead of its image (`--image`). */
  readonly images?: ReadonlyMap<string, LocalReference>
  /** Folders and archives; `registry` reads what is in them. */
  readonly local?: LocalImages
}

/** kubelet would go on for ever; nobody has so many logins for one registry. */
const maxLogins = 50

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
  const beside = besideOf(options, plugin, podSecrets, image)
  const shared = {
    image,
    podSecrets,
    ...(node && { node }),
    ...(options.network && { network: options.network }),
    keyring: 'unable' in logins ? [] : logins.keyring,
    ...(beside && { beside }),
    attempts: kubelet.attempts,
  }
  if (kubelet.opened !== undefined) return { ...shared, otherAttempts: [], opened: kubelet.opened }
  // The next login would meet the same dead name, certificate or silence.
  if (!loginMayHelp(kubelet.attempts)) return { ...shared, otherAttempts: [] }
  const others = await tryOthers(options, image, 'unable' in logins ? [] : logins.logins, beside)
  return { ...shared, otherAttempts: others.attempts, ...(others.opened && { opened: others.opened }) }
}

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

/** What the node does not have: a secret that does not reach the pod, the lack of a login, a customer's licence, the user's docker config. */
const tryOthers = async (
  options: ImageAccessOptions,
  image: ImageReference,
  tried: readonly Login[],
  beside: readonly Credential[] = [],
): Promise<Tried> => {
  const { license } = options
  const isTried = ({ as }: Login) => tried.some(login => login.as === as || (as !== undefined && login.source.kind === as.source.kind))
  const others = [anonymous, ...loginsOf(license?.login(image))].filter(login => !isTried(login))
  const logins = [...beside.flatMap(loginsOf), ...others]
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
  'SECRET_UNUSABLE',
  'REGISTRY_UNAUTHORIZED',
  'REGISTRY_DENIED',
  'REGISTRY_RATE_LIMITED',
  'REGISTRY_REALM',
  'MANIFEST_NOT_FOUND',
])

const loginMayHelp = (attempts: readonly Attempt[]): boolean =>
  attempts.every(one => one.ok || loginRelated.has(one.code) || loginUnknown(one.code))
