import { PreflightError } from '../errors.ts'
import { type JsonObject, parseGoJson } from '../oci/go-json.ts'
import { isObject, objectField, textField } from '../oci/go-struct.ts'
import type { ImageReference } from '../oci/reference.ts'
import { nameOf } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import { decodeGoBase64 } from './base64.ts'

/** What a docker config gives for a registry. Never put into a fact or a message. */
export interface DockerLogin {
  readonly username: string
  readonly password: string
  /** OAuth2 refresh token instead of a password. */
  readonly identityToken?: string
  /** The entry that it came from, as written: `registry.example.com`, or with a helper: `credHelpers registry.example.com`. */
  readonly entry: string
}

/** The user's own docker config.json, or containers' auth.json. */
export interface DockerConfig {
  readonly logins: readonly DockerLogin[]
  /** Helper for each registry. */
  readonly credHelpers: readonly (readonly [registry: string, helper: string])[]
  readonly credsStore: string | undefined
}

/** A program to ask, `docker-credential-<helper>`, and what for. */
export interface HelperCall {
  readonly helper: string
  readonly server: string
  /** For messages and {@link DockerLogin.entry}. */
  readonly entry: string
}

/** @throws PreflightError DOCKER_CONFIG_INVALID, without any value of the file */
export const parseDockerConfig = (bytes: Uint8Array, file: string): DockerConfig => {
  try {
    const document = parseGoJson(bytes)
    if (!isObject(document)) throw new Error('it is not a JSON object')
    const helpers = objectField(document, 'credHelpers')?.members ?? []
    const credsStore = textField(document, 'credsStore')
    return {
      logins: (objectField(document, 'auths')?.members ?? []).flatMap(([entry, value]) => (isObject(value) ? readLogin(entry, value) : [])),
      credHelpers: helpers.map(([registry, helper]) => [registry, requireHelper(helper, registry)] as const),
      credsStore: credsStore === '' ? undefined : requireHelper(credsStore, 'credsStore'),
    }
  } catch (error) {
    if (error instanceof PreflightError) throw error
    const what = error instanceof Error ? error.message : String(error)
    throw new PreflightError('DOCKER_CONFIG_INVALID', `--docker-config ${printable(file)}: it is not a docker config.json: ${what}.`, {
      hint: 'Give the config.json that docker login or podman login wrote.',
    })
  }
}

/**
 * Where docker would look for the image's registry, in its order: the helper of this registry, the store of all, then `auths`,
 * there by path as podman and skopeo do (the longest that fits first).
 *
 * @see https://github.com/docker/cli/blob/v28.0.0/cli/config/configfile/file.go
 * @see https://github.com/containers/image/blob/v5.36.0/docs/containers-auth.json.5.md
 */
export const placesFor = (
  { logins, credHelpers, credsStore }: DockerConfig,
  image: ImageReference,
): readonly (HelperCall | DockerLogin)[] => {
  const registry = nameOf(image).split('/', 1)[0]!
  const server = registry === 'docker.io' ? dockerHubKey : registry
  const helpers = credHelpers
    .filter(([key]) => registryOf(key) === registry)
    .map(([key, helper]) => ({ helper, server, entry: `credHelpers ${key}` }))
  const store = credsStore === undefined ? [] : [{ helper: credsStore, server, entry: `credsStore ${credsStore}` }]
  const name = nameOf(image)
  const covering = logins.filter(({ entry }) => name === registryOf(entry) || name.startsWith(`${registryOf(entry)}/`))
  return [...helpers, ...store, ...covering.toSorted((a, b) => registryOf(b.entry).length - registryOf(a.entry).length)]
}

/** What docker login writes for Docker Hub. */
const dockerHubKey = 'https://index.docker.io/v1/'

/** An entry's registry and path: without scheme and API version, Docker Hub under its one name. */
const registryOf = (entry: string): string =>
  entry
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '')
    .replace(/^(?:index|registry-1)\.docker\.io(?=\/|$)/, 'docker.io')

/** The name goes into a program's name: nothing that could make a path of it. */
const requireHelper = (helper: unknown, of: string): string => {
  if (typeof helper === 'string' && /^[A-Za-z0-9_.-]+$/.test(helper)) return helper
  throw new Error(`the credential helper of "${printable(of, 80)}" has a name with other characters than letters, digits, ".", "_" and "-"`)
}

/** None for an entry without login: what stands in `auths` beside a helper. */
const readLogin = (entry: string, object: JsonObject): readonly DockerLogin[] => {
  const identityToken = textField(object, 'identitytoken')
  const auth = textField(object, 'auth')
  const [username, password] = auth === '' ? [textField(object, 'username'), textField(object, 'password')] : readAuth(auth, entry)
  if (username === '' && identityToken === '') return []
  return [{ username, password, ...(identityToken === '' ? {} : { identityToken }), entry }]
}

const readAuth = (auth: string, entry: string): readonly [username: string, password: string] => {
  const text = decodeGoBase64(auth, auth.endsWith('=') ? 'padded' : 'unpadded')?.toString() ?? ''
  const colon = text.indexOf(':')
  if (colon < 0) throw new Error(`"auth" of "${printable(entry, 80)}" is not base64 of username:password`)
  return [text.slice(0, colon), text.slice(colon + 1).replace(/\0+$/, '')]
}
