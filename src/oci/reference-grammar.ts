/**
 * The grammar of image references, distribution/reference 0.6 regexp.go, with expressions that cannot backtrack far: every
 * alternative starts with another character than what stands before it.
 */

/** Of the path without the domain (reference.go `RepositoryNameTotalLengthMax`). */
export const maxPathLength = 255
export const maxTagLength = 128

/** One component of a repository's path: letters and digits, joined by `.`, `_`, `__` or dashes. */
export const isPathComponent = (text: string): boolean => /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/.test(text)

export const isPath = (text: string): boolean => text.length <= maxPathLength * 2 && text.split('/').every(isPathComponent)

export const isTag = (text: string): boolean => /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/.test(text)

/** Host name, IPv4 or bracketed IPv6 address without zone, then an optional port. */
export const isDomain = (text: string): boolean => {
  const ipv6 = /^\[[a-fA-F0-9:]+\](?::[0-9]+)?$/
  if (text.startsWith('[')) return ipv6.test(text)
  const colon = text.indexOf(':')
  if (colon >= 0 && !/^[0-9]+$/.test(text.slice(colon + 1))) return false
  return (colon < 0 ? text : text.slice(0, colon)).split('.').every(isHostLabel)
}

const isHostLabel = (text: string): boolean => /^[a-zA-Z0-9-]+$/.test(text) && !text.startsWith('-') && !text.endsWith('-')
