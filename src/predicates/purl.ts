/** A package URL, decoded (package-url/purl-spec). */
export interface Purl {
  readonly type: string
  /** Parts joined by `/`; empty where there is none. */
  readonly namespace: string
  readonly name: string
  readonly version: string | undefined
  readonly qualifiers: ReadonlyMap<string, string>
}

/** Undefined for what is no package URL. */
export const parsePurl = (text: string): Purl | undefined => {
  const [, type, path, query] = /^pkg:\/{0,2}([A-Za-z][A-Za-z0-9.+-]*)\/([^?#]+)(?:\?([^#]*))?(?:#.*)?$/.exec(text) ?? []
  if (type === undefined || path === undefined) return undefined
  const at = path.lastIndexOf('@')
  const versioned = at > path.lastIndexOf('/') && at > 0
  const parts = (versioned ? path.slice(0, at) : path).split('/').filter(part => part !== '')
  try {
    const decoded = parts.map(decodeURIComponent)
    const qualifiers = (query ?? '').split('&').flatMap(pair => {
      const equals = pair.indexOf('=')
      return equals < 1 ? [] : [[pair.slice(0, equals).toLowerCase(), decodeURIComponent(pair.slice(equals + 1))] as const]
    })
    const name = decoded.at(-1)
    if (name === undefined || name === '') return undefined
    return {
      type: type.toLowerCase(),
      namespace: decoded.slice(0, -1).join('/'),
      name,
      version: versioned ? decodeURIComponent(path.slice(at + 1)) : undefined,
      qualifiers: new Map(qualifiers),
    }
  } catch {
    return undefined
  }
}

/** Whether all that `pattern` says is so of `found`: a version or qualifier that it does not have may be any. */
export const purlMatches = (pattern: Purl, found: Purl): boolean =>
  pattern.type === found.type &&
  pattern.namespace === found.namespace &&
  pattern.name === found.name &&
  (pattern.version === undefined || pattern.version === found.version) &&
  [...pattern.qualifiers].every(([key, value]) => found.qualifiers.get(key) === value)
