import { PreflightError } from '../errors.ts'
import { parseReference } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import type { Environment } from '../settings.ts'
import { usage } from './flag-text.ts'

/** cosign's own variable (cosign 3.1 pkg/cosign/env): where it keeps signatures, instead of beside the image. @throws PreflightError USAGE */
export const signatureRepositoryOf = ({ COSIGN_REPOSITORY: text }: Environment): string | undefined => {
  if (text === undefined || text === '') return undefined
  const hint = 'It is a repository with its registry, as in registry.example.com/signatures, or unset.'
  try {
    const { tag, digest } = parseReference(text)
    if (tag === undefined && digest === undefined) return text
  } catch (error) {
    if (error instanceof PreflightError) throw usage(`COSIGN_REPOSITORY: ${error.message}`, hint)
    throw error
  }
  throw usage(`COSIGN_REPOSITORY: "${printable(text)}" is not a repository: it has a tag or a digest.`, hint)
}
