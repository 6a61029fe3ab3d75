const unitMs = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 } as const

/** Milliseconds of a Go duration (`90s`, `1m30s`, `1.5h`) or of a bare number of seconds, as kubectl takes them; undefined when it is none. */
export const durationMs = (text: string): number | undefined => {
  if (/^\d+$/.test(text)) return Number(text) * 1000
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) return undefined
  return parts.reduce((total, [, number, unit]) => total + Number(number) * unitMs[unit as keyof typeof unitMs], 0)
}

const longUnitMs = { w: 7 * 86_400_000, d: 86_400_000 } as const

/** Milliseconds of an age: days or weeks (`7d`, `2w`, `1d12h`) before or instead of a Go duration; undefined when it is none. */
export const ageMs = (text: string): number | undefined => {
  const [, weeks, days, rest = ''] = /^(?:(\d{1,6})w)?(?:(\d{1,6})d)?(.*)$/s.exec(text) ?? []
  const long = Number(weeks ?? 0) * longUnitMs.w + Number(days ?? 0) * longUnitMs.d
  if (rest === '') return weeks === undefined && days === undefined ? undefined : long
  // a bare number has seconds as its unit, which nobody means for an age
  const short = /^\d+$/.test(rest) ? undefined : durationMs(rest)
  return short === undefined ? undefined : long + short
}
