import { readAuths } from './docker-auths.ts'
import { globMatches } from './glob.ts'
import { parseGoUrl, splitPort } from './go-url.ts'

/** What of a Secret kubelet looks at. */
export interface KeyringSecret {
  readonly type: string
  readonly data: Readonly<Record<string, string>>
}

/** A login that kubelet would try. An empty username means anonymous to containerd. */
export interface KeyringCredential {
  readonly username: string
  readonly password: string
  /** Which of the secrets it came from, by place. */
  readonly secret: number
  /** The entry as written. */
  readonly entry: string
}

/** kubelet's keyring for one image; with one broken secret it uses none and pulls nothing. */
export type Keyring =
  | { readonly credentials: readonly KeyringCredential[] }
  /** `secret`: place of the broken one; `fault`: the end of a sentence. */
  | { readonly secret: number; readonly fault: string }

/**
 * The logins that kubelet 1.34 tries for an image, in its order (pkg/credentialprovider/keyring.go, secrets/secrets.go).
 *
 * @param image normalized name without tag: `docker.io/library/x`
 * @param secrets in the order of the pod's imagePullSecrets
 */
export const lookUp = (image: string, secrets: readonly KeyringSecret[]): Keyring => {
  const index: (KeyringCredential & { readonly key: string })[] = []
  for (const [secret, given] of secrets.entries()) {
    const document = dockerConfigOf(given)
    if (document === undefined) continue
    const auths = readAuths(document.text, document.kind)
    if ('fault' in auths) return { secret, fault: auths.fault }
    for (const { key: entry, username, password } of auths.entries) {
      const key = keyOf(entry)
      if (key !== undefined) index.push({ key, username, password, secret, entry })
    }
  }
  const matching = index.filter(({ key }) => keyMatches(key, image))
  const found = matching.length > 0 || !isDefaultRegistry(image) ? matching : index.filter(({ key }) => key === 'index.docker.io')
  return { credentials: found.toSorted((a, b) => descending(a.key, b.key)).map(({ key: _, ...credential }) => credential) }
}

/** The document that kubelet reads from a Secret: type and key must go together. */
export const dockerConfigOf = ({
  type,
  data,
}: KeyringSecret): { readonly text: string; readonly kind: 'dockerconfigjson' | 'dockercfg' } | undefined => {
  for (const kind of ['dockerconfigjson', 'dockercfg'] as const) {
    const text = data[`.${kind}`] ?? ''
    if (type === `kubernetes.io/${kind}` && text !== '') return { text, kind }
  }
  return undefined
}

/** What kubelet makes of an entry's name: host and path, without scheme and without `/v1` or `/v2` in front of a longer path. */
export const keyOf = (entry: string): string | undefined => {
  const url = parseGoUrl(entry.replace(/^https?:\/\//, ''))
  if (url === undefined) return undefined
  const path = /^\/v[12]\//.test(url.path) ? url.path.slice(3) : url.path
  return path === '/' ? url.host : url.host + path
}

/** Ports equal, as many labels, each label matched as a glob; the path is a plain prefix, also of half a word. */
export const keyMatches = (key: string, image: string): boolean => {
  const [glob, target] = [parseGoUrl(key), parseGoUrl(image)]
  if (glob === undefined || target === undefined) return false
  const [globName, globPort] = splitPort(glob.host)
  const [targetName, targetPort] = splitPort(target.host)
  const [globLabels, labels] = [globName.split('.'), targetName.split('.')]
  if (globPort !== targetPort || globLabels.length !== labels.length || !target.path.startsWith(glob.path)) return false
  return globLabels.every((label, i) => globMatches(label, labels[i]!))
}

/** keyring.go `isDefaultRegistryMatch`: Docker Hub, by the look of the name. */
export const isDefaultRegistry = (image: string): boolean => {
  const slash = image.indexOf('/')
  const first = slash < 0 ? image : image.slice(0, slash)
  if (first === '') return false
  return slash < 0 || first === 'docker.io' || first === 'index.docker.io' || !/[.:]/.test(first)
}

/** By bytes, as Go compares strings. */
const descending = (a: string, b: string): number => Buffer.compare(Buffer.from(b), Buffer.from(a))
