import type { BuildSource } from './provenance.ts'
import { asText, optional, type Shape } from './shape.ts'

/**
 * `git+https://github.com/acme/plugin@refs/tags/v1.0.0` (SPDX download location, as SLSA's build types write it) with its commit.
 *
 * @param digests `sha1` or `gitCommit`; `sha256` where the repository has such names
 */
export const sourceOf = (uri: string, digests: Shape | undefined, place: string): BuildSource | undefined => {
  const plain = uri.replace(/^git\+/, '')
  if (!/^(?:https?|ssh|git):\/\//.test(plain)) return undefined
  const at = plain.lastIndexOf('@')
  const named = at > plain.indexOf('/', plain.indexOf('://') + 3)
  const repository = plainRepository(named ? plain.slice(0, at) : plain)
  const digest = ['gitCommit', 'sha1', 'sha256']
    .map(name => optional(digests?.[name], `${place}.${name}`, asText))
    .find(hex => hex !== undefined)
  return {
    repository,
    ...(named ? { ref: plain.slice(at + 1) } : {}),
    ...(digest === undefined ? {} : { digest }),
  }
}

/** Without what makes no difference: `git+`, `.git` and `/` at the end. */
export const plainRepository = (uri: string): string =>
  uri
    .replace(/^git\+/, '')
    .replace(/[?#].*$/s, '')
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
