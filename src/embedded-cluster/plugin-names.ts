import type { ConfigFact } from '../facts/config.ts'

/** The name that a plugin without one gets: the last component of its image, made a container name. Empty when there is none. */
export const deriveName = (image: string): string =>
  (image.split('@')[0]!.split('/').at(-1) ?? '')
    .split(':')[0]!
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+/, '')
    .slice(0, 63)
    .replace(/-+$/, '')

/** Gives a plugin whose name another has a number, so that results can be told apart: the fault itself is a finding. */
export const nameUniquely = (configs: readonly ConfigFact[]): readonly ConfigFact[] => {
  const taken = new Set<string>()
  const counts = new Map<string, number>()
  const free = (name: string): string => {
    let unique = name
    for (let count = counts.get(name) ?? 1; taken.has(unique); unique = `${name}#${count}`) {
      count += 1
      counts.set(name, count)
    }
    taken.add(unique)
    return unique
  }
  return configs.map(config => ({ ...config, plugins: config.plugins.map(plugin => ({ ...plugin, plugin: free(plugin.plugin) })) }))
}
