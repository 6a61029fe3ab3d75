import { type Digest, isDigest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { referenceFault } from './reference-fault.ts'
import { isDomain, isPath, isTag, maxPathLength } from './reference-grammar.ts'
import type { LocalReference } from './transport.ts'

/** An image reference as distribution/reference 0.6 `ParseNormalizedNamed` splits it, with what to ask whom. */
export interface ImageReference {
  /** `docker.io` where none was written; empty in one case that distribution/reference has too: `under_score.com/name`. */
  readonly domain: string
  readonly path: string
  /** As written; `latest` is not filled in (see {@link tagOf}). */
  readonly tag?: string
  readonly digest?: Digest
  /** Registry to contact, with port: `registry-1.docker.io` for docker.io, else the first component of the name. */
  readonly host: string
  /** Repository on that registry: what stands between `/v2/` and `/manifests/`. */
  readonly repository: string
  /** Where the image is read from instead of the registry. */
  readonly local?: LocalReference
}

const defaultDomain = 'docker.io'
const legacyDomain = 'index.docker.io'
/** Docker Hub's registry; `docker.io` itself serves web pages (containerd 2.4 core/remotes/docker/registry.go DefaultHost). */
const dockerHubHost = 'registry-1.docker.io'
const official = 'library/'

/**
 * Splits and normalizes `text` as kubelet and containerd do, in linear time.
 *
 * @throws PreflightError REFERENCE_INVALID with the text and what is wrong with it
 * @see https://github.com/distribution/reference/blob/v0.6.0/normalize.go
 */
export const parseReference = (text: string): ImageReference => {
  const [domain, remainder] = splitDomain(text)
  const parsed = parseFull(`${domain}/${remainder}`)
  if (parsed === undefined || isIdentifier(text)) {
    throw new PreflightError('REFERENCE_INVALID', `"${printable(text)}" is not an image reference: ${referenceFault(text)}.`, {
      hint: 'Write registry/repository:tag or registry/repository@sha256:<64 hex>, in lower case.',
    })
  }
  return parsed
}

/** `domain/path`, what kubelet looks up in pull secrets. */
export const nameOf = ({ domain, path }: Pick<ImageReference, 'domain' | 'path'>): string => (domain === '' ? path : `${domain}/${path}`)

/** The tag that is asked for: as written, `latest` when neither tag nor digest is; undefined beside a digest alone. */
export const tagOf = ({ tag, digest }: ImageReference): string | undefined => tag ?? (digest === undefined ? 'latest' : undefined)

/** What a node asks the registry for: the digest when there is one (containerd drops the tag beside it), else the tag. */
export const pulledAs = (image: ImageReference): string => image.digest ?? image.tag ?? 'latest'

/** `domain/path[:tag][@digest]`, with `latest` where neither tag nor digest was written. */
export const fullReference = (image: ImageReference): string => suffixed(nameOf(image), tagOf(image), image.digest)

/** As people write it: without `docker.io/library/`, and without a tag that was not written. */
export const familiarReference = ({ domain, path, tag, digest }: ImageReference): string => {
  const officialName = path.startsWith(official) && !path.slice(official.length).includes('/')
  const name = domain === defaultDomain ? (officialName ? path.slice(official.length) : path) : nameOf({ domain, path })
  return suffixed(name, tag, digest)
}

const suffixed = (name: string, tag: string | undefined, digest: Digest | undefined): string =>
  `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`

const isIdentifier = (text: string): boolean => /^[a-f0-9]{64}$/.test(text)

/** normalize.go `splitDockerDomain`: the first component is a registry when it looks like a host. */
const splitDomain = (text: string): readonly [domain: string, remainder: string] => {
  const slash = text.indexOf('/')
  if (slash < 0) return [defaultDomain, official + text]
  const first = text.slice(0, slash)
  const rest = text.slice(slash + 1)
  const isHost = first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first
  const domain = first === legacyDomain || !isHost ? defaultDomain : first
  const remainder = isHost ? rest : text
  return [domain, domain === defaultDomain && !remainder.includes('/') ? official + remainder : remainder]
}

/** reference.go `Parse`: name, then an optional tag, then an optional digest. */
const parseFull = (text: string): ImageReference | undefined => {
  const at = text.indexOf('@')
  const digest = at < 0 ? undefined : text.slice(at + 1)
  // Of the algorithms that go-digest knows, distribution/reference links SHA-256 alone.
  if (digest !== undefined && !(digest.startsWith('sha256:') && isDigest(digest))) return undefined
  const named = at < 0 ? text : text.slice(0, at)
  const colon = named.lastIndexOf(':')
  const tagged = colon > named.lastIndexOf('/')
  const tag = tagged ? named.slice(colon + 1) : undefined
  if (tag !== undefined && !isTag(tag)) return undefined
  const name = tagged ? named.slice(0, colon) : named
  const slash = name.indexOf('/')
  const first = name.slice(0, slash)
  const rest = name.slice(slash + 1)
  if (!isPath(rest)) return undefined
  const domain = isDomain(first) ? first : ''
  const path = domain === '' ? name : rest
  if (!isPath(path) || path.length > maxPathLength) return undefined
  return {
    domain,
    path,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
    host: domain === defaultDomain ? dockerHubHost : first,
    repository: rest,
  }
}
