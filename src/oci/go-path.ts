/** Go's filepath.Clean for `/`: no `.`, no empty component, `..` only at the start of a relative path; never empty. */
export const cleanPath = (path: string): string => {
  if (!/(^|\/)(\.{0,2})(\/|$)/.test(path)) return path
  const absolute = path.startsWith('/')
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else if (!absolute) parts.push('..')
  }
  const joined = parts.join('/')
  return absolute ? `/${joined}` : joined === '' ? '.' : joined
}

/** Go's filepath.Join. */
export const joinPath = (...parts: readonly string[]): string => {
  const given = parts.filter(part => part !== '')
  return given.length === 0 ? '' : cleanPath(given.join('/'))
}

/** Go's filepath.Split: `directory` ends in `/` or is empty. */
export const splitPath = (path: string): { readonly directory: string; readonly base: string } => {
  const slash = path.lastIndexOf('/') + 1
  return { directory: path.slice(0, slash), base: path.slice(slash) }
}
