import type { GivenTrustedRoot } from '../policy/policy.ts'

/** A Sigstore changes its keys some times a year; the public one has done so about every six months. */
const oldDays = 180

/** The trusted root that was used, with its date, and what was passed over for it. */
export const rootWords = ({ name, description = name, notes = [], ...root }: GivenTrustedRoot, at: Date): string =>
  [`The trusted root is ${description}.`, ...(oldNote(root, at) ?? []), ...notes].join(' ')

const oldNote = ({ origin, date }: Pick<GivenTrustedRoot, 'origin' | 'date'>, at: Date): readonly string[] | undefined => {
  if (origin !== 'shipped' || date === undefined) return undefined
  const days = Math.floor((at.getTime() - date.getTime()) / 86_400_000)
  if (days <= oldDays) return undefined
  return [
    `It is ${days} days old, and may lack newer logs and authorities: get a newer one with --refresh-trusted-root, or give one with --trusted-root.`,
  ]
}
