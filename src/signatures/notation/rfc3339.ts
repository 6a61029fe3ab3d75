const pattern = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.\d{1,9})?(?:Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/

/** Milliseconds since 1970 of a time in RFC 3339, as Go's encoding/json takes it; undefined for everything else. */
export const parseRfc3339 = (text: string): number | undefined => {
  const [, year, month, day, hour, minute, second] = pattern.exec(text) ?? []
  if (year === undefined || Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59) return undefined
  // Date.parse takes a 31st of any month.
  const date = Date.parse(`${year}-${month}-${day}T00:00:00Z`)
  if (Number.isNaN(date) || new Date(date).toISOString().slice(0, 10) !== `${year}-${month}-${day}`) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}
