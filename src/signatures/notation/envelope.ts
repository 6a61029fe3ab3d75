import { Malformed } from '../malformed.ts'
import { checkChain } from './certificate-chain.ts'
import { coseMediaType, readCose } from './cose-envelope.ts'
import type { EnvelopeParts } from './envelope-parts.ts'
import { jwsMediaType, readJws } from './jws-envelope.ts'
import { parsePayload, type SignedTarget } from './payload.ts'
import { readSignedAttributes, type SignedAttributes } from './signed-attributes.ts'

/** An envelope whose integrity is proven: its certificate, whosever it is, signed this target with these attributes. */
export interface SignedEnvelope extends EnvelopeParts, SignedAttributes {
  readonly target: SignedTarget
}

/** As notation bounds it. */
export const maxEnvelopeBytes = 32 << 20

/** Notation's check of integrity, whole. @throws Malformed, X509Error */
export const openEnvelope = (bytes: Uint8Array, mediaType: string): SignedEnvelope => {
  if (bytes.length > maxEnvelopeBytes) throw new Malformed(`an envelope of ${bytes.length} bytes is larger than any`)
  const parts = readParts(bytes, mediaType)
  const signed = readSignedAttributes(parts.header)
  checkChain(parts.chain, 'codeSigning')
  return { ...parts, ...signed, target: parsePayload(parts.payload) }
}

const readParts = (bytes: Uint8Array, mediaType: string): EnvelopeParts => {
  if (mediaType === jwsMediaType) return readJws(bytes)
  if (mediaType === coseMediaType) return readCose(bytes)
  throw new Malformed(`the media type ${JSON.stringify(mediaType)} is neither ${jwsMediaType} nor ${coseMediaType}`)
}
