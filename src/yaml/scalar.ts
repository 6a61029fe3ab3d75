/**
 * Scalars as Kubernetes and Embedded Cluster read them: by the rules of go-yaml v2 (resolve.go at v2.4), which are YAML 1.1's
 * for booleans (`yes`, `on`, `n`) and octal numbers (`010`), with sigs.k8s.io/yaml 1.6 on top.
 */
export type ScalarValue = string | bigint | number | boolean | null

const words = new Map<string, ScalarValue>([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map(word => [word, true] as const),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map(word => [word, false] as const),
  ...['', '~', 'null', 'Null', 'NULL'].map(word => [word, null] as const),
  ...['.nan', '.NaN', '.NAN'].map(word => [word, Number.NaN] as const),
  ...['.inf', '.Inf', '.INF', '+.inf', '+.Inf', '+.INF'].map(word => [word, Number.POSITIVE_INFINITY] as const),
  ...['-.inf', '-.Inf', '-.INF'].map(word => [word, Number.NEGATIVE_INFINITY] as const),
])

const float = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/
/** Longer ones are no number that a double or int64 holds; BigInt and Number would take quadratic time. */
const longestNumber = 400

/** `text` of an unquoted scalar, resolved: whole numbers are bigints, all others numbers. */
export const resolvePlain = (text: string): ScalarValue => {
  const word = words.get(text)
  if (word !== undefined) return word
  if (!/^[-+.0-9]/.test(text) || text.length > longestNumber) return text
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '')
  const number = float.test(plain) ? Number(plain) : Number.NaN
  return parseInteger(plain) ?? (Number.isFinite(number) ? number : text)
}

/** Go's strconv.ParseInt with base 0 (`0x`, `0o`, `0b` and `0` prefixes), within int64, without a sign within uint64. */
const parseInteger = (text: string): bigint | undefined => {
  const sign = /^[-+]?/.exec(text)![0]
  const digits = text.slice(sign.length)
  const octal = /^0[0-7]+$/.test(digits)
  if (!octal && !/^(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0|[1-9][0-9]*)$/.test(digits)) return undefined
  const value = BigInt(octal ? `0o${digits}` : digits)
  if (sign === '-') return value <= 2n ** 63n ? -value : undefined
  return value < (sign === '+' ? 2n ** 63n : 2n ** 64n) ? value : undefined
}

/** What sigs.k8s.io/yaml makes of a scalar where a string is wanted: `yes` becomes `true`, `1.50` becomes `1.5`. */
export const asText = (value: ScalarValue): string => {
  if (value === null) return ''
  return typeof value === 'number' ? formatFloat32(value) : String(value)
}

/** Go's strconv.FormatFloat(value, 'g', -1, 32): the fewest digits that give the same float32; `e` outside 1e-4…1e6. */
const formatFloat32 = (value: number): string => {
  const rounded = Math.fround(value)
  if (Number.isNaN(rounded)) return 'NaN'
  if (!Number.isFinite(rounded)) return rounded > 0 ? '+Inf' : '-Inf'
  const digits = [1, 2, 3, 4, 5, 6, 7, 8, 9].find(count => Math.fround(Number(rounded.toPrecision(count))) === rounded) ?? 9
  const [mantissa = '', exponent = '0'] = rounded.toExponential(digits - 1).split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 6) return Number(`${mantissa}e${exponent}`).toString()
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}
