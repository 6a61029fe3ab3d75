import type { PlainValue } from '../../yaml-source.ts'

type PlainMap = { readonly [key: string]: PlainValue }

const isMap = (value: PlainValue | undefined): value is PlainMap => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Without a prototype, so that no key of a file is one of JavaScript's own. */
export const mapOf = (entries: Iterable<readonly [string, PlainValue]>): PlainMap => {
  const map: Record<string, PlainValue> = Object.create(null)
  for (const [key, value] of entries) map[key] = value
  return map
}

/**
 * Helm values with an override merged in, as Embedded Cluster does (pkg/helm/values.go, with evanphx/json-patch 5.9): a merge
 * patch of RFC 7396, whose lists replace and whose nulls take away; beyond the RFC, nulls in the mappings of a list go too, but not
 * of one that replaces a mapping.
 */
export const mergePatch = (target: PlainMap, patch: PlainMap): PlainMap => {
  const merged = new Map(Object.entries(target))
  for (const [key, value] of Object.entries(patch)) {
    const before = merged.get(key)
    if (value === null) merged.delete(key)
    else if (isMap(before)) merged.set(key, isMap(value) ? mergePatch(before, value) : value)
    else merged.set(key, withoutNulls(value))
  }
  return mapOf(merged)
}

const withoutNulls = (value: PlainValue): PlainValue => {
  if (Array.isArray(value)) return (value as readonly PlainValue[]).map(withoutNulls)
  if (!isMap(value)) return value
  return mapOf(Object.entries(value).flatMap(([key, inner]) => (inner === null ? [] : [[key, withoutNulls(inner)] as const])))
}
