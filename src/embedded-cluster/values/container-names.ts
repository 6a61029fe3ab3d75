import type { ConfigPlugin } from '../../facts/config.ts'
import { containersOfEmbeddedCluster } from '../name-findings.ts'
import { deriveName } from '../plugin-names.ts'
import type { KnownSchema } from '../plugins.ts'

/**
 * The name of each plugin's init container: the one of the Config as it stands; with the proposal's schema, where there is
 * none, the last component of the image, with a number where another container has it already.
 */
export const containerNames = (plugins: readonly ConfigPlugin[], schema: KnownSchema): readonly string[] => {
  const written = plugins.map(({ name }) => name?.text ?? '')
  if (schema !== 'proposal') return written
  const taken = new Set([...containersOfEmbeddedCluster, ...written])
  return plugins.map(({ image, index }, at) => {
    if (written[at] !== '') return written[at] ?? ''
    const free = freeName(deriveName(image?.text ?? '') || `velero-plugin-${index + 1}`, taken)
    taken.add(free)
    return free
  })
}

const freeName = (name: string, taken: ReadonlySet<string>): string => {
  for (let count = 1; ; count += 1) {
    const suffix = count === 1 ? '' : `-${count}`
    const candidate = `${name.slice(0, 63 - suffix.length).replace(/-+$/, '')}${suffix}`
    if (!taken.has(candidate)) return candidate
  }
}
