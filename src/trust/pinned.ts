import { PreflightError } from '../errors.ts'
import { parseReference } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import type { Collected } from './where.ts'

/**
 * Facts of another image than the reference pins are none of this one, whatever a bundle says.
 *
 * @param image as the node is told to run it
 * @throws PreflightError FACT_ALTERED
 */
export const requirePinned = (fact: Collected, image: string): void => {
  const pinned = fact.local === undefined ? pinnedDigest(image) : undefined
  if (pinned === undefined || pinned === fact.digest) return
  throw new PreflightError('FACT_ALTERED', `${printable(image)}: the facts are about ${fact.digest}, which is another image.`, {
    hint: 'Analyze the bundle as it was written, or collect again.',
  })
}

/** Undefined where a tag alone is named. */
const pinnedDigest = (image: string): string | undefined => {
  try {
    return parseReference(image).digest
  } catch {
    return undefined
  }
}
