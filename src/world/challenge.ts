/** One way to log in that a registry offers (RFC 9110 11.6.1). */
export interface Challenge {
  /** Lower case: `bearer`, `basic`. */
  readonly scheme: string
  /** By lower-case name. */
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Every challenge of the WWW-Authenticate headers: a header may come twice, and hold several. Written by many hands, so
 * read leniently: any case, spaces around commas and equals signs, trailing commas, values with and without quotes.
 */
export const parseChallenges = (headers: readonly string[]): readonly Challenge[] => headers.flatMap(parseHeader)

/** What this client can do: Bearer with a realm before Basic; undefined when the registry offers neither. */
export const usableChallenge = (headers: readonly string[]): Challenge | undefined => {
  const challenges = parseChallenges(headers)
  return (
    challenges.find(({ scheme, parameters }) => scheme === 'bearer' && parameters.realm !== undefined) ??
    challenges.find(({ scheme }) => scheme === 'basic')
  )
}

const parseHeader = (header: string): readonly Challenge[] => {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  const part = /\s*([^\s,="]+)\s*(=\s*(?:"((?:[^"\\]|\\.)*)"?|([^\s,"]*)))?|[\s,="]/gy
  for (let match = part.exec(header); match !== null; match = part.exec(header)) {
    const [, word, assigned, quoted, plain] = match
    if (word === undefined) continue
    if (assigned === undefined) challenges.push({ scheme: word.toLowerCase(), parameters: Object.create(null) as Record<string, string> })
    // The first of two wins: a second one may come from what was reflected into the header.
    else if (challenges.length > 0) challenges.at(-1)!.parameters[word.toLowerCase()] ??= quoted?.replace(/\\(.)/g, '$1') ?? plain ?? ''
  }
  return challenges
}
