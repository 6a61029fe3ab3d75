/** An init container, or whatever else brings files into `/plugins`. */
export interface Owner {
  readonly name: string
  readonly image: string
  /** What it is known to copy, below `/plugins`; absent: nobody looked into the image. */
  readonly files?: readonly string[]
}

const directory = '/plugins/'

const below = (command: string): string => (command.startsWith(directory) ? command.slice(directory.length) : command)

/** The words by which a file, an image or a container is called, without what all of them have in common. */
const wordsOf = (text: string): readonly string[] =>
  text
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(word => word.length > 1 && !['velero', 'plugin', 'plugins', 'for', 'exe', 'io', 'com'].includes(word))

const lastOf = (image: string): string => (image.split('@')[0]!.split('/').at(-1) ?? '').split(':')[0]!

/**
 * Which init container brought each of the files that Velero runs: nothing in a cluster says so. What is known of the images
 * decides; then the same name; then a name that is a part of the other; then what is left over, if that is one. Several where
 * more than one may have brought it, none where nobody can have.
 */
export const ownersOf = (commands: readonly string[], owners: readonly Owner[]): ReadonlyMap<string, readonly Owner[]> => {
  const found = new Map<string, readonly Owner[]>()
  const rest = () => commands.filter(command => !found.has(command))
  for (const command of commands) {
    const known = owners.filter(({ files }) => files?.includes(below(command)))
    // The last one to copy overwrites what the others have.
    if (known.length > 0) found.set(command, known)
  }
  const unknown = owners.filter(({ files }) => files === undefined)
  const taken = new Set<Owner>()
  const rules: readonly ((command: string, owner: Owner) => boolean)[] = [
    (command, { name }) => below(command) === name,
    (command, { image }) => below(command) === lastOf(image),
    (command, { name, image }) => sharesWords(below(command), `${name} ${lastOf(image)}`),
  ]
  for (const rule of rules) {
    for (const command of rest()) {
      const free = unknown.filter(owner => !taken.has(owner) && rule(command, owner))
      if (free.length === 1) found.set(command, free)
    }
    for (const list of found.values()) for (const owner of list) taken.add(owner)
  }
  const left = unknown.filter(owner => !taken.has(owner))
  for (const command of rest()) found.set(command, left)
  return found
}

const sharesWords = (file: string, other: string): boolean => {
  const words = wordsOf(other)
  return wordsOf(file).some(word => words.includes(word))
}

/** Plugins of other images that have the server's own prefix. */
const official = new Set(['velero.io/aws', 'velero.io/gcp', 'velero.io/azure'])

/**
 * Of the names that a server says it has those that are an init container's, by a word that they share with its name or image:
 * a ServerStatusRequest tells no files. The server's own plugins are `velero.io/…`.
 */
export const namesOf = <T extends { readonly name: string }>(plugins: readonly T[], { name, image }: Owner): readonly T[] =>
  plugins.filter(
    plugin =>
      (official.has(plugin.name) || !plugin.name.startsWith('velero.io/')) &&
      sharesWords(plugin.name.split('/').at(-1) ?? '', `${name} ${lastOf(image)}`),
  )
