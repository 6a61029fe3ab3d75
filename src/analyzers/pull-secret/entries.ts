import type { SecretFact } from '../../facts/pull-secret.ts'
import { printable } from '../../redact.ts'

/** Every entry of the docker config on a line, with why kubelet uses it for this image or not. */
export const entryLines = (secret: SecretFact): readonly string[] => [
  ...secret.entries.map(({ entry, username, matches, nearMiss, ignored }) => {
    const login = username === '' ? 'no user name' : `user name "${printable(username, 80)}"`
    const verdict = matches ? 'covers the image' : nearMiss === undefined ? 'another registry' : `does not cover the image: ${nearMiss}`
    const unused = ignored.length === 0 ? '' : `; kubelet ignores its ${ignored.join(' and ')}`
    return `entry "${printable(entry, 120)}", ${login}: ${verdict}${unused}`
  }),
  ...(secret.omitted === 0 ? [] : [`${secret.omitted} more entries, of other registries`]),
  ...secret.ignored.map(field => `kubelet ignores "${field}" in a secret`),
]

/** Why no entry covers the image: the closest one, else what there is. */
export const noMatchWords = (image: string, secret: SecretFact): string => {
  const named = `the secret ${printable(`${secret.namespace}/${secret.name}`)}`
  const near = secret.entries.find(({ nearMiss }) => nearMiss !== undefined)
  const lead = `${named} has no entry that kubelet uses for ${printable(image)}`
  if (near !== undefined) return `${lead}; its entry "${printable(near.entry, 120)}" is not one: ${near.nearMiss}`
  const others = secret.entries.slice(0, 5).map(({ entry }) => `"${printable(entry, 120)}"`)
  if (others.length > 0) return `${lead}; it has ${others.join(', ')}${secret.entries.length + secret.omitted > 5 ? ' and more' : ''}`
  if (secret.omitted > 0) return `${lead}; its ${secret.omitted} entries are of other registries`
  const ignored = secret.ignored.map(field => `"${field}"`).join(' and ')
  return ignored === ''
    ? `${lead}; it has none at all`
    : `${lead}; it has only ${ignored}, which means something to docker but nothing to kubelet`
}

/** Why an entry that covers the image brings no login. */
export const noLoginWords = (secret: SecretFact): string => {
  const { entry, ignored } = secret.entries.find(({ matches }) => matches)!
  const instead = ignored.length === 0 ? '' : ` (of its ${ignored.map(field => `"${field}"`).join(' and ')} kubelet takes no notice)`
  return `the entry "${printable(entry, 120)}" of the secret ${printable(`${secret.namespace}/${secret.name}`)} has no user name${instead}, so that kubelet asks without a login`
}
