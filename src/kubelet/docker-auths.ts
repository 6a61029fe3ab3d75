import { type Json, type JsonObject, parseGoJson } from '../oci/go-json.ts'
import { isObject, valuesOf } from '../oci/go-struct.ts'
import { decodeGoBase64 } from './base64.ts'

/** One entry of a docker config, as kubelet 1.34 reads it from a pull secret (pkg/credentialprovider/config.go). */
export interface AuthEntry {
  /** The registry as written. */
  readonly key: string
  readonly username: string
  readonly password: string
  /** Fields that mean a login to docker and nothing to kubelet: `identitytoken`, `registrytoken`. */
  readonly ignored: readonly string[]
}

/** The entries of a docker config and what beside them kubelet ignores; or the error upon which it uses no secret at all. */
export type AuthsOrFault =
  | {
      readonly entries: readonly AuthEntry[]
      /** `credHelpers`, `credsStore`. */
      readonly ignored: readonly string[]
      /** Registries beside "auths" instead of in it, which kubelet does not see. */
      readonly misplaced: readonly string[]
    }
  /** As the end of a sentence, without any value of the document. */
  | { readonly fault: string }

/** Of the document in a `kubernetes.io/dockerconfigjson` secret (`auths` inside) or a `kubernetes.io/dockercfg` one (bare). */
export const readAuths = (text: string, kind: 'dockerconfigjson' | 'dockercfg'): AuthsOrFault => {
  try {
    const document = parseGoJson(text)
    if (document === null) return { entries: [], ignored: [], misplaced: [] }
    if (!isObject(document)) throw new Error('it is not a JSON object')
    if (kind === 'dockercfg') return { entries: readEntries([document]), ignored: [], misplaced: [] }
    checkHeaders(valuesOf(document, 'HttpHeaders'))
    const ignored = ['credHelpers', 'credsStore'].filter(name => valuesOf(document, name).some(value => value !== null))
    return { entries: readEntries(valuesOf(document, 'auths')), ignored, misplaced: misplacedIn(document) }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) }
  }
}

const misplacedIn = ({ members }: JsonObject): readonly string[] =>
  members.flatMap(([key, value]) =>
    value !== null && isObject(value) && loginFields.some(name => valuesOf(value, name).length > 0) ? [key] : [],
  )

const loginFields = ['auth', 'username', 'password']

/** Maps merge when their key comes twice, `null` empties what was there, and the later of two equal keys wins. */
const readEntries = (maps: readonly Json[]): readonly AuthEntry[] => {
  const entries = new Map<string, AuthEntry>()
  for (const map of maps) {
    if (map === null) entries.clear()
    else if (!isObject(map)) throw new Error('"auths" is not an object')
    else for (const [key, value] of map.members) entries.set(key, readEntry(key, value))
  }
  return [...entries.values()]
}

const readEntry = (key: string, value: Json): AuthEntry => {
  const object: JsonObject = value === null ? { members: [] } : isObject(value) ? value : fail(`the entry of "${key}" is not an object`)
  const text = (name: string) => lastText(object, name, key)
  const [username, password, auth] = [text('username'), text('password'), text('auth')]
  text('email')
  const ignored = ['identitytoken', 'registrytoken'].filter(name =>
    valuesOf(object, name).some(token => typeof token === 'string' && token !== ''),
  )
  return { key, ...(auth === '' ? { username, password } : readAuth(auth, key)), ignored }
}

const lastText = (object: JsonObject, name: string, key: string): string => {
  let text = ''
  for (const value of valuesOf(object, name)) {
    if (value === null) continue
    text = typeof value === 'string' ? value : fail(`"${name}" of "${key}" is not a text`)
  }
  return text
}

/** `auth` overrules `username` and `password`; the password may hold colons. */
const readAuth = (auth: string, key: string): { readonly username: string; readonly password: string } => {
  const decoded = decodeGoBase64(auth, auth.trim().endsWith('=') ? 'padded' : 'unpadded')?.toString()
  if (decoded === undefined) return fail(`"auth" of "${key}" is not base64`)
  const colon = decoded.indexOf(':')
  if (colon < 0) return fail(`"auth" of "${key}" has no ":" between username and password once decoded`)
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }
}

/** kubelet does not use them, but a wrong type there makes the whole document an error. */
const checkHeaders = (values: readonly Json[]): void => {
  for (const value of values) {
    if (value === null) continue
    const texts = isObject(value) && value.members.every(([, header]) => header === null || typeof header === 'string')
    if (!texts) fail('"HttpHeaders" is not an object of texts')
  }
}

const fail = (what: string): never => {
  throw new Error(what)
}
