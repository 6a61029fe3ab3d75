import { showName } from '../../x509/name.ts'
import { X509Error } from '../../x509/x509-error.ts'
import { Malformed } from '../malformed.ts'
import { openEnvelope } from './envelope.ts'

/** Whose certificate the envelope brings; its key signed it, and nobody else vouches for it. Undefined where it cannot be read. */
export const claimedSigner = (envelope: Uint8Array, mediaType: string): string | undefined => {
  try {
    const [leaf] = openEnvelope(envelope, mediaType).chain
    return leaf === undefined ? undefined : `the certificate of ${showName(leaf.subject)}`
  } catch (error) {
    if (error instanceof Malformed || error instanceof X509Error) return undefined
    throw error
  }
}
