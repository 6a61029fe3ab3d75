import { globMatches } from './glob.ts'
import { parseGoUrl, splitPort } from './go-url.ts'
import { isDefaultRegistry, keyOf } from './keyring.ts'

/**
 * Why kubelet does not use an entry for an image, when it looks as if someone had meant it to.
 *
 * @param image normalized name without tag
 * @returns the end of a sentence; undefined for an entry of some other registry
 */
export const nearMiss = (entry: string, image: string): string | undefined => {
  if (entry === 'auths') return 'the wrapper "auths" belongs into a .dockerconfigjson; a .dockercfg lists the registries themselves'
  const target = parseGoUrl(image)
  if (target === undefined) return undefined
  if (entry !== entry.trim()) return nearby(entry.trim(), image, target.host) ? 'it has white space at its start or end' : undefined
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(entry)?.[1]
  if (scheme !== undefined && !/^https?$/.test(scheme)) {
    const rest = entry.slice(scheme.length + 3)
    return nearby(rest, image, target.host)
      ? `kubelet knows no scheme but https:// and http:// there, in lower case, not ${scheme}://`
      : undefined
  }
  const key = keyOf(entry)
  if (key === undefined)
    return entry.includes(splitPort(target.host)[0]) ? 'kubelet cannot read it as a host, and passes it over' : undefined
  if (isDefaultRegistry(image)) return hubMiss(key) ?? pathMiss(key, target.host, target.path)
  return hostMiss(key, target.host) ?? pathMiss(key, target.host, target.path)
}

const hubMiss = (key: string): string | undefined => {
  if (key === 'index.docker.io') return 'kubelet takes it only when no other entry fits the image'
  return /^(?:(?:index|registry-1|registry|hub|registry\.hub)\.)?docker\.(?:io|com)(?:\/v[12])?$/.test(key) && key !== 'docker.io'
    ? 'for Docker Hub kubelet wants https://index.docker.io/v1/, with the slash at the end, or docker.io'
    : undefined
}

const hostMiss = (key: string, host: string): string | undefined => {
  const keyHost = key.split('/', 1)[0]!
  const [name, port] = splitPort(keyHost)
  const [wanted, wantedPort] = splitPort(host)
  if (matches(name, wanted) && port !== wantedPort) {
    const said = (p: string) => (p === '' ? 'no port' : `port ${p}`)
    return `it has ${said(port)}, the image ${said(wantedPort)}; kubelet compares ports as text, also 443`
  }
  if (name !== wanted && name.toLowerCase() === wanted.toLowerCase()) return 'kubelet compares upper and lower case'
  const suffix = name.replace(/^\*+/, '')
  if (suffix !== name && (wanted.endsWith(suffix) || `.${wanted}` === suffix)) {
    return 'each "*" stands for one part of a host name between dots, not for several and not for none'
  }
  if (name.includes('.') && wanted.endsWith(`.${name}`)) return 'it does not cover hosts below it; for one level write *. in front'
  return undefined
}

const pathMiss = (key: string, host: string, path: string): string | undefined => {
  const slash = key.indexOf('/')
  if (slash < 0 || key.slice(0, slash) !== host) return undefined
  const keyPath = key.slice(slash)
  return path.startsWith(keyPath) ? undefined : `it covers only what starts with ${host}${keyPath}`
}

const nearby = (entry: string, image: string, host: string): boolean => {
  const key = keyOf(entry)
  return key !== undefined && (key.split('/', 1)[0] === host || nearMiss(entry, image) !== undefined)
}

const matches = (glob: string, name: string): boolean => {
  const [labels, wanted] = [glob.split('.'), name.split('.')]
  return labels.length === wanted.length && labels.every((label, i) => globMatches(label, wanted[i]!))
}
