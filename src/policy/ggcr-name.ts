import { isDigest } from '../digest.ts'

const dockerHub = 'index.docker.io'
/** Releases up to 0.21.9 want two characters, 4cb35833 takes one. */
const repositoryOf = /^[a-z0-9_\-./]{1,255}$/
const tagOf = /^[A-Za-z0-9_\-.]{1,128}$/
/** What net/url takes as an authority without escapes. */
const authorityOf = /^(?:[A-Za-z0-9._~!$&'()*+,;=:-]*:[0-9]*|[A-Za-z0-9._~!$&'()*+,;=-]*|\[[0-9A-Fa-f:.]+\](?::[0-9]*)?)$/

/**
 * The full name of an image as go-containerregistry 0.21 pkg/name gives it under weak validation: Docker Hub is
 * `index.docker.io`, `library/` and `:latest` are filled in, and beside a digest the tag is dropped. It is not
 * distribution/reference's: other names are taken and refused. Undefined for what is no reference to it.
 */
export const ggcrName = (image: string): string | undefined => taggedName(image) ?? digestedName(image)

/** Without the tag or digest of a full name. */
export const ggcrRepository = (name: string): string =>
  name.includes('@') ? name.slice(0, name.indexOf('@')) : name.slice(0, name.lastIndexOf(':'))

const taggedName = (image: string): string | undefined => {
  const colon = image.lastIndexOf(':')
  const tagged = colon >= 0 && !image.slice(colon + 1).includes('/')
  const tag = tagged ? image.slice(colon + 1) : 'latest'
  if (!tagOf.test(tag)) return undefined
  const repository = repositoryName(tagged ? image.slice(0, colon) : image)
  return repository === undefined ? undefined : `${repository}:${tag}`
}

const digestedName = (image: string): string | undefined => {
  const [base = '', digest = '', ...rest] = image.split('@')
  if (rest.length > 0 || !digest.startsWith('sha256:') || !isDigest(digest)) return undefined
  const tagged = taggedName(base)
  const repository = tagged === undefined ? repositoryName(base) : tagged.slice(0, tagged.lastIndexOf(':'))
  return repository === undefined ? undefined : `${repository}@${digest}`
}

/** `registry/repository`: the first part is a registry when it is `localhost` or has a `.` or `:`. */
export const repositoryName = (name: string): string | undefined => {
  const slash = name.indexOf('/')
  const first = name.slice(0, Math.max(slash, 0))
  const hasRegistry = slash >= 0 && (first === 'localhost' || /[.:]/.test(first))
  const repository = hasRegistry ? name.slice(slash + 1) : name
  if (!repositoryOf.test(repository) || (hasRegistry && !authorityOf.test(first))) return undefined
  const registry = hasRegistry && first !== 'docker.io' ? first : dockerHub
  return `${registry}/${registry === dockerHub && !repository.includes('/') ? `library/${repository}` : repository}`
}
