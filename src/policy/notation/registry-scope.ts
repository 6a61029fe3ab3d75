import { isPath } from '../../oci/reference-grammar.ts'

/** Everything that no other statement names. */
export const wildcard = '*'

/**
 * What is wrong with a registry scope, in words that fit after "it"; undefined for `domain/repository` without scheme, tag and
 * wildcard, as notation wants it (notation-go verifier/trustpolicy/oci.go).
 */
export const scopeFault = (scope: string): string | undefined => {
  if (scope.length > 1 && scope.includes(wildcard)) return 'has a wildcard inside: notation knows no patterns, only a lone *'
  const slash = scope.indexOf('/')
  if (slash < 0 || !isScopeDomain(scope.slice(0, slash)) || !isPath(scope.slice(slash + 1)))
    return 'is not domain/repository, without scheme and tag, in lower case'
  return undefined
}

/** A host name and perhaps a port; IPv6 addresses are none for notation. */
const isScopeDomain = (text: string): boolean => {
  const [host = '', port, ...rest] = text.split(':')
  if (rest.length > 0 || (port !== undefined && !/^[0-9]+$/.test(port))) return false
  return host.split('.').every(label => /^[a-zA-Z0-9-]+$/.test(label) && !label.startsWith('-') && !label.endsWith('-'))
}
