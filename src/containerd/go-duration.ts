const unitNs: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n], // the micro sign
  ['\u03bcs', 1_000n], // the Greek letter
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])
const largestNs = 2n ** 63n
/** Far more digits than a duration has; bounds the arithmetic. */
const longestText = 256

/**
 * Milliseconds of what Go's time.ParseDuration takes: `5s`, `1.5h`, `-1m30s`, `0`; undefined where it gives an error. Not
 * what a flag of ours takes: a number needs its unit here, and may be negative.
 *
 * @see https://pkg.go.dev/time#ParseDuration
 */
export const goDurationMs = (text: string): number | undefined => {
  const [, sign, rest] = /^([-+]?)(.*)$/s.exec(text) ?? []
  if (rest === undefined || rest === '' || text.length > longestText) return undefined
  if (rest === '0') return 0
  const total = [...rest.matchAll(/(\d*)(?:\.(\d*))?([^\d.]+)|./gs)].reduce<bigint | undefined>((sum, [, whole, fraction, unit]) => {
    const factor = unitNs.get(unit ?? '')
    if (sum === undefined || factor === undefined || `${whole}${fraction ?? ''}` === '') return undefined
    const next = sum + BigInt(whole || '0') * factor + fractionOf(fraction ?? '', factor)
    return next > largestNs ? undefined : next
  }, 0n)
  if (total === undefined || (sign !== '-' && total === largestNs)) return undefined
  return (Number(total) / 1e6) * (sign === '-' ? -1 : 1)
}

const fractionOf = (digits: string, factor: bigint): bigint =>
  digits === '' ? 0n : (BigInt(digits) * factor) / 10n ** BigInt(digits.length)
