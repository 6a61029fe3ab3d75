import { printable, redact } from '../../redact.ts'
import type { PlainValue } from '../../yaml-source.ts'
import type { HelmValues } from './helm-values.ts'

/** Where values are not what this Config needs. */
export interface ValuesDifference {
  readonly path: string
  /** Absent: there is nothing at this path. */
  readonly wanted?: string
  readonly found?: string
}

type Container = { readonly name: string; readonly value: HelmValues }

const isMap = (value: PlainValue | undefined): value is HelmValues => typeof value === 'object' && value !== null && !Array.isArray(value)

const containersIn = (values: HelmValues): readonly Container[] => {
  const list = values.initContainers
  if (!Array.isArray(list)) return []
  return (list as readonly PlainValue[]).filter(isMap).map(value => ({ name: typeof value.name === 'string' ? value.name : '', value }))
}

/**
 * What is wanted and found otherwise: the init containers one by one, then all else that is wanted. Of a value that is neither
 * of an image nor of a container nothing is shown: it may be a secret.
 */
export const differences = (wanted: HelmValues, found: HelmValues): readonly ValuesDifference[] => {
  const { initContainers: _, ...rest } = wanted
  return [...containerDifferences(containersIn(wanted), containersIn(found)), ...compare('', rest, found)]
}

const containerDifferences = (wanted: readonly Container[], found: readonly Container[]): readonly ValuesDifference[] => {
  const path = ({ name }: Container) => `initContainers[${printable(name, 63)}]`
  const image = ({ value }: Container) => show(value.image)
  const other = (list: readonly Container[], one: Container) => list.find(({ name }) => name === one.name)
  const missing = wanted.filter(one => other(found, one) === undefined).map(one => ({ path: path(one), wanted: image(one) }))
  const added = found.filter(one => other(wanted, one) === undefined).map(one => ({ path: path(one), found: image(one) }))
  const both = wanted.flatMap(one => {
    const match = other(found, one)
    return match === undefined ? [] : compare(`${path(one)}.`, one.value, match.value)
  })
  return [...missing, ...added, ...both, ...orderDifference(wanted, found)]
}

/** Of two files of one name in the plugins' volume the later container's stays. */
const orderDifference = (wanted: readonly Container[], found: readonly Container[]): readonly ValuesDifference[] => {
  const names = (list: readonly Container[], others: readonly Container[]) =>
    list.map(({ name }) => name).filter(name => others.some(other => other.name === name))
  const [ours, theirs] = [names(wanted, found), names(found, wanted)]
  if (ours.join('\n') === theirs.join('\n')) return []
  return [{ path: 'initContainers (order)', wanted: printable(ours.join(', ')), found: printable(theirs.join(', ')) }]
}

const compare = (prefix: string, wanted: HelmValues, found: HelmValues): readonly ValuesDifference[] =>
  Object.entries(wanted).flatMap(([key, value]): readonly ValuesDifference[] => {
    const path = `${prefix}${printable(key, 60)}`
    const other = found[key]
    if (isMap(value)) return compare(`${path}.`, value, isMap(other) ? other : {})
    if (JSON.stringify(value) === JSON.stringify(other)) return []
    const shown = (one: PlainValue) => (/^(?:image|initContainers)\b/.test(path) ? show(one) : '(not shown)')
    return [{ path, wanted: shown(value), ...(other === undefined ? {} : { found: shown(other) }) }]
  })

const show = (value: PlainValue | undefined): string =>
  printable(redact(typeof value === 'string' ? value : (JSON.stringify(value) ?? '')), 300)
