import { printable } from '../../redact.ts'

/** At most ten of them. */
export const nameList = (names: readonly string[]): string => {
  const shown = names.slice(0, 10).map(name => printable(name, 80))
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ')
}
