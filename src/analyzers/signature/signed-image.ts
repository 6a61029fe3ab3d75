import type { SignaturePlace } from '../../facts/signature.ts'
import { printable } from '../../redact.ts'
import { type Collected, placeName } from '../../trust/where.ts'
import { reason } from '../analyzer.ts'
import type { AskedPlace, RequiredImage, SignedImage } from './case.ts'

/** What was collected, in the words of findings. */
export const signedImageOf = (plugin: string, fact: Collected, platforms: readonly string[]): SignedImage => ({
  plugin: printable(plugin),
  image: fact.image,
  repository: fact.repository,
  local: fact.local,
  digest: fact.digest,
  root: fact.root,
  required: fact.root === 'index' ? platforms.map(platform => requiredImage(fact, platform)) : [],
  places: fact.places.map(place => askedPlace(place, fact.local)),
})

const requiredImage = ({ platforms }: Collected, platform: string): RequiredImage => {
  const known = platforms.find(other => other.platform === platform)
  if (known === undefined) return { platform, digest: undefined, gap: 'it was not looked for when the facts were collected' }
  if (known.ok) return { platform, digest: known.digest }
  return { platform, digest: undefined, ...(known.code === 'PLATFORM_NOT_FOUND' ? {} : { gap: reason(known) }) }
}

const askedPlace = (place: SignaturePlace, local: string | undefined): AskedPlace => {
  const { at, subject } = place
  const forSignatures = mayHoldSignatures(place)
  const shared = { at, subject, name: placeName(place, local), forSignatures, gap: false }
  if (place.state === 'absent') return { ...shared, answer: 'nothing there' }
  const gap = forSignatures
  if (place.state === 'error') return { ...shared, answer: `could not be asked (${place.code}): ${reason({ ...place, ok: false })}`, gap }
  if (place.unread === 0) return { ...shared, answer: 'found' }
  return { ...shared, answer: `found, and ${place.unread} more that were not read`, gap }
}

/** Attestations and SBOMs are looked for in the same go, and are no signatures. */
const mayHoldSignatures = ({ kind }: SignaturePlace): boolean => kind !== 'attTag' && kind !== 'sbomTag'
