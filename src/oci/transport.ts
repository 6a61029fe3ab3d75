import { type Digest, isDigest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { parseReference } from './reference.ts'

/** An image in a folder or file of this machine, named as skopeo and podman name it (containers-transports(5)). */
export interface LocalReference {
  readonly transport: Transport
  /** As written: relative to the working directory, or absolute. */
  readonly path: string
  /** Of a layout the `org.opencontainers.image.ref.name`, of a docker archive one of its RepoTags. Absent: the only image that is there. */
  readonly name?: string
  readonly digest?: Digest
  /** `@N`: the image with this number, from 0. */
  readonly number?: number
  /** The whole as written, for people. */
  readonly text: string
}

/** `airgap`: in the bundle of `--airgap-bundle`; nobody can write that as a reference. */
export type Transport = 'oci' | 'oci-archive' | 'docker-archive' | 'airgap'

/** `oci://…` is how Helm writes the address of a registry, and no path. */
const form = /^(oci|oci-archive|docker-archive):(?!\/\/)(.*)$/s

export const isLocalReference = (text: string): boolean => form.test(text)

/** containers/image 5 oci/internal `refRegexp`; each part begins with another character than what stands before it. */
const isLayoutName = (text: string): boolean => text.length <= 4096 && /^\w(?:[\w.:@+/-]*\w)?$/.test(text)

/**
 * `oci:PATH[:NAME]`, `oci-archive:FILE[:NAME]`, `docker-archive:FILE[:REFERENCE]`; instead of a name `@N` (containers/image), or for
 * layouts `@sha256:…` right behind the path. The path ends at the first colon, as it does for skopeo.
 *
 * @throws PreflightError REFERENCE_INVALID
 */
export const parseLocalReference = (text: string): LocalReference => {
  const [, transport, rest = ''] = form.exec(text) ?? []
  if (transport === undefined) throw invalid(text, 'it does not begin with oci:, oci-archive: or docker-archive:')
  const colon = rest.indexOf(':')
  const [path, behind] = colon < 0 ? [rest, undefined] : [rest.slice(0, colon), rest.slice(colon + 1)]
  const shared = { transport: transport as Transport, text }
  if (rest.includes('\0') || rest.length > 8192) throw invalid(text, 'it is no path')
  const pinned = /^([^:]*)@((?:sha256|sha512):[0-9a-f]*)$/.exec(rest)
  if (pinned !== null && transport !== 'docker-archive') {
    const [, before = '', digest = ''] = pinned
    if (!isDigest(digest)) throw invalid(text, `"${printable(digest, 150)}" is not a digest`)
    return { ...shared, path: requirePath(text, before), digest }
  }
  const named = { ...shared, path: requirePath(text, path) }
  if (behind === undefined) return named
  if (behind === '') throw invalid(text, 'nothing follows the colon')
  if (behind.startsWith('@')) return { ...named, number: numberOf(text, behind.slice(1)) }
  return { ...named, name: nameIn(text, named.transport, behind) }
}

const requirePath = (text: string, path: string): string => {
  if (path === '') throw invalid(text, 'the path is missing')
  return path
}

const numberOf = (text: string, digits: string): number => {
  if (!/^[0-9]{1,6}$/.test(digits)) throw invalid(text, 'what follows "@" is neither a number nor a digest')
  return Number(digits)
}

const nameIn = (text: string, transport: Transport, name: string): string => {
  if (transport !== 'docker-archive') {
    if (!isLayoutName(name)) throw invalid(text, `"${printable(name)}" is not a name that a layout gives to an image`)
    return name
  }
  if (parseReference(name).digest !== undefined) throw invalid(text, 'a docker archive has names and no digests')
  return name
}

const invalid = (text: string, what: string): PreflightError =>
  new PreflightError('REFERENCE_INVALID', `"${printable(text)}" names no folder or archive: ${what}.`, {
    hint: 'Write oci:FOLDER[:TAG], oci-archive:FILE[:TAG] or docker-archive:FILE[:NAME:TAG].',
  })
