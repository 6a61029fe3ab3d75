/** Values that an analyzer gives, by name: what `when` compares. */
export type WhenValues = Readonly<Record<string, string | number | boolean>>

const operators = ['<', '<=', '>', '>=', '=', '==', '===', '!='] as const
type Operator = (typeof operators)[number]

/** A condition that has been read: a value alone, which must be true, or `<value> <operator> <literal>`. */
export type When = { readonly value: string } | { readonly value: string; readonly operator: Operator; readonly literal: string }

/** What is wrong with a condition. */
export interface WhenFault {
  readonly fault: string
}

/**
 * Reads a condition in troubleshoot's form: `missing > 0`, `status == fail`, `resolved`. The three parts are separated by
 * spaces; the literal may stand in quotes.
 *
 * @param known the names that the analyzer has
 */
export const parseWhen = (text: string, known: readonly string[]): When | WhenFault => {
  const match = /^\s*(?<value>[A-Za-z][A-Za-z0-9]*)(?:\s+(?<operator>\S+)\s+(?<literal>"[^"]*"|'[^']*'|\S+))?\s*$/.exec(text)
  const { value, operator, literal } = match?.groups ?? {}
  if (value === undefined) return { fault: 'it is written `value`, or `value operator literal` with spaces between' }
  if (!known.includes(value)) return { fault: `there is no value ${value}; there are ${known.join(', ')}` }
  if (operator === undefined || literal === undefined) return { value }
  const found = operators.find(one => one === operator)
  if (found === undefined) return { fault: `${operator} is no operator; there are ${operators.join(' ')}` }
  const ordered = found.startsWith('<') || found.startsWith('>')
  if (ordered && !isNumber(literal)) return { fault: `${found} compares numbers, and ${literal} is none` }
  return { value, operator: found, literal: /^["']/.test(literal) ? literal.slice(1, -1) : literal }
}

const isNumber = (text: string) => /^-?\d+(?:\.\d+)?$/.test(text)

/** Whether the condition holds. A value that is not there holds nothing but `!=`. */
export const holds = (when: When, values: WhenValues): boolean => {
  const actual = values[when.value]
  if (!('operator' in when)) return actual === true
  const { operator, literal } = when
  if (operator === '!=') return actual === undefined || String(actual) !== literal
  if (actual === undefined) return false
  if (operator === '=' || operator === '==' || operator === '===') {
    return typeof actual === 'number' && isNumber(literal) ? actual === Number(literal) : String(actual) === literal
  }
  if (typeof actual !== 'number') return false
  const expected = Number(literal)
  return operator === '<'
    ? actual < expected
    : operator === '<='
      ? actual <= expected
      : operator === '>'
        ? actual > expected
        : actual >= expected
}
