import { printable } from '../redact.ts'
import { readAuths } from './docker-auths.ts'
import { dockerConfigOf, type KeyringCredential, lookUp } from './keyring.ts'
import { nearMiss } from './near-miss.ts'
import type { PullSecret } from './secret.ts'

/** What kubelet makes of one Secret for one image; holds no password. */
export interface Inspection {
  readonly type: string
  readonly keys: readonly string[]
  readonly problem?: { readonly code: 'TYPE' | 'KEY' | 'BROKEN'; readonly message: string }
  readonly entries: readonly {
    readonly entry: string
    readonly username: string
    readonly matches: boolean
    readonly nearMiss?: string
    readonly ignored: readonly string[]
  }[]
  /** Entries of other registries beyond those that are listed. */
  readonly omitted: number
  readonly ignored: readonly string[]
}

const maxEntries = 100

/** @param image normalized name without tag */
export const inspectSecret = (secret: PullSecret, image: string): Inspection => {
  const shape = { type: secret.type, keys: Object.keys(secret.data) }
  const nothing = { ...shape, entries: [], omitted: 0, ignored: [] }
  const [broken] = secret.problems
  if (broken !== undefined) return { ...nothing, problem: { code: 'BROKEN', message: broken.message } }
  const document = dockerConfigOf(secret)
  if (document === undefined) return { ...nothing, problem: wrongKind(secret) }
  const auths = readAuths(document.text, document.kind)
  if ('fault' in auths)
    return { ...nothing, problem: { code: 'BROKEN', message: `the docker config under ".${document.kind}" is broken: ${auths.fault}` } }
  const matching = new Set(loginsOf(secret, image).map(({ entry }) => entry))
  const entries = auths.entries.map(({ key, username, ignored }) => {
    const near = matching.has(key) ? undefined : nearMiss(key, image)
    return { entry: key, username, matches: matching.has(key), ...(near === undefined ? {} : { nearMiss: near }), ignored }
  })
  const misplaced = auths.misplaced.map(entry => ({
    entry,
    username: '',
    matches: false,
    nearMiss: 'it stands beside "auths", not in it',
    ignored: [],
  }))
  const all = [...entries, ...misplaced]
  const telling = all.filter(({ matches, nearMiss: near }) => matches || near !== undefined)
  const listed = all.length <= maxEntries ? all : telling.slice(0, maxEntries)
  return { ...shape, entries: listed, omitted: all.length - listed.length, ignored: auths.ignored }
}

/** Whether kubelet would use the Secret for the image, were it named. */
export const covers = (secret: PullSecret, image: string): boolean =>
  secret.problems.length === 0 && loginsOf(secret, image).some(({ username }) => username !== '')

const wrongKind = ({ type, data }: PullSecret): NonNullable<Inspection['problem']> => {
  const there = Object.keys(data)
  const has =
    there.length === 0
      ? 'no keys'
      : `the keys ${there
          .slice(0, 10)
          .map(key => `"${printable(key, 60)}"`)
          .join(', ')}`
  const kind = /^kubernetes\.io\/(dockerconfigjson|dockercfg)$/.exec(type)?.[1]
  if (kind === undefined) {
    return {
      code: 'TYPE',
      message: `it is of type ${printable(type, 80)}; kubelet reads logins only from type kubernetes.io/dockerconfigjson (and the old kubernetes.io/dockercfg)`,
    }
  }
  const empty =
    data[`.${kind}`] === '' ? `its key ".${kind}" is empty` : `a Secret of type ${type} needs the key ".${kind}", and it has ${has}`
  return { code: 'KEY', message: empty }
}

const loginsOf = (secret: PullSecret, image: string): readonly KeyringCredential[] => {
  const keyring = lookUp(image, [secret])
  return 'fault' in keyring ? [] : keyring.credentials
}
