import type { FoundSignature, SignatureFact, SignaturePlace } from '../facts/signature.ts'
import { nameOf, parseReference } from '../oci/reference.ts'
import { printable } from '../redact.ts'

/** What was collected of an image. */
export type Collected = Extract<SignatureFact, { ok: true }>

/** Of the image as it is named to the node: a bundle does not choose which statement speaks of it. */
export const repositoryOf = ({ image, repository }: Collected): string => {
  try {
    return nameOf(parseReference(image))
  } catch {
    return repository
  }
}

/** Enough of a digest to tell it from others, for sentences. */
export const short = (digest: string): string => digest.replace(/([0-9a-f]{12})[0-9a-f]{20,}/, '$1…')

const suffixes = { sigTag: '.sig', attTag: '.att', sbomTag: '.sbom', referrersTag: '' } as const

/** As in `the tag sha256-0a1b….sig`. */
export const placeName = (
  { kind, subject, source, tagPrefix = '' }: Pick<SignaturePlace, 'kind' | 'subject' | 'source' | 'tagPrefix'>,
  local: string | undefined,
): string => {
  const [folder, inSource] = source === undefined ? [local, ''] : [undefined, ` in ${printable(source)}`]
  if (kind === 'referrersApi')
    return folder === undefined ? `the referrers API${inSource}` : `the manifests in ${folder} that name it as their subject`
  const tag = `${printable(tagPrefix)}${short(subject.replace(':', '-'))}${suffixes[kind]}`
  return `the ${folder === undefined ? 'tag' : 'name'} ${tag}${inSource}`
}

/** Where it was found and on what it hangs. */
export const whereOf = (fact: Collected, { subject, places, manifest, layer, source, tagPrefix }: FoundSignature): string => {
  const home = { ...(source === undefined ? {} : { source }), ...(tagPrefix === undefined ? {} : { tagPrefix }) }
  const platforms = fact.platforms.filter(platform => platform.ok && platform.digest === subject).map(({ platform }) => platform)
  const root = fact.root === 'index' ? ', of the index' : ''
  const of = subject === fact.digest ? root : `, of the image for ${platforms.join(', ')}`
  const names = places.map(place => placeName({ ...home, kind: place, subject }, fact.local)).join(' and ')
  return `in ${names}${isCosignTag(places) ? `, number ${layer + 1}` : `, manifest ${short(manifest)}`}${of}`
}

const isCosignTag = (places: FoundSignature['places']): boolean => places.some(place => /^(?:sig|att|sbom)Tag$/.test(place))
