interface TagVersion {
  readonly numbers: readonly number[]
  /** What follows the numbers, without the sign before it. */
  readonly suffix: string
}

/** `v1.2.3`, `1.2.3-rc.1`, `2026.11.2`; undefined for `latest`, a commit, and what else says no version. */
const parseTag = (tag: string): TagVersion | undefined => {
  const [, core, suffix = ''] = /^v?(\d{1,9}(?:\.\d{1,9}){0,3})(?:[-_+](.*))?$/.exec(tag) ?? []
  return core === undefined ? undefined : { numbers: core.split('.').map(Number), suffix }
}

/** Words of what is before a release; others name a build of the same one (`-amd64`, `-alpine`). */
const beforeRelease = /^(?:alpha|beta|rc|pre|preview|dev|snapshot)(?:$|[.\d-])/i

/**
 * How two tags of one repository stand to each other as versions: negative when `a` is the earlier one, 0 when they say the same.
 * Undefined when that cannot be told: a tag is no version, or one that moves with others (`v1` and `v1.2.3`).
 */
export const compareTags = (a: string, b: string): number | undefined => {
  if (a === b) return 0
  const [left, right] = [parseTag(a), parseTag(b)]
  if (left === undefined || right === undefined) return undefined
  const shorter = Math.min(left.numbers.length, right.numbers.length)
  for (let i = 0; i < shorter; i++) {
    const difference = (left.numbers[i] ?? 0) - (right.numbers[i] ?? 0)
    if (difference !== 0) return difference
  }
  if (left.numbers.length !== right.numbers.length) return undefined
  return compareSuffixes(left.suffix, right.suffix)
}

/** Semantic Versioning 2.0.0, 11: a release is after all that is before it. */
const compareSuffixes = (a: string, b: string): number | undefined => {
  if (a === b) return 0
  const [early, late] = [beforeRelease.test(a), beforeRelease.test(b)]
  if (early && b === '') return -1
  if (late && a === '') return 1
  return early && late ? comparePrereleases(a.split(/[.-]/), b.split(/[.-]/)) : undefined
}

const comparePrereleases = (a: readonly string[], b: readonly string[]): number => {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [left, right] = [a[i], b[i]]
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1
    const [x, y] = [Number(left), Number(right)]
    if (left === right) continue
    if (!Number.isNaN(x) && !Number.isNaN(y)) return x - y
    return left < right ? -1 : 1
  }
  return 0
}
