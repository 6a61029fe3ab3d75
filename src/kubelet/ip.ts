/** Whether Go's netip.ParseAddr takes `text` for an IPv6 address without zone. */
export const isIPv6 = (text: string): boolean => {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.map(half => (half === '' ? [] : half.split(':')))
  const all = groups.flat()
  const v4 = all.at(-1)?.includes('.') ?? false
  const plain = v4 ? all.slice(0, -1) : all
  const count = plain.length + (v4 ? 2 : 0)
  // The dotted form may only end the address.
  const endsWithV4 = !v4 || (groups.at(-1)!.length > 0 && isIPv4(all.at(-1)!))
  return endsWithV4 && plain.every(group => /^[0-9A-Fa-f]{1,4}$/.test(group)) && (halves.length === 2 ? count < 8 : count === 8)
}

const isIPv4 = (text: string): boolean => {
  const parts = text.split('.')
  return parts.length === 4 && parts.every(part => /^(?:0|[1-9][0-9]{0,2})$/.test(part) && Number(part) <= 255)
}
