import { Malformed } from './malformed.ts'
import { asObject, asText, isObject, type JsonObject, strictJsonObject } from './strict-json.ts'

/** `critical.type` (github.com/sigstore/sigstore 1.10 pkg/signature/payload). */
export const cosignSignatureType = 'cosign container image signature'

/** What a cosign signature in a `.sig` tag says. */
export interface CosignPayload {
  readonly type: string
  /** Digest of the image, as written. */
  readonly imageDigest: string
  /** Repository where it was signed; a copy elsewhere keeps it, so it is told and not judged. */
  readonly dockerReference: string
}

/**
 * The simple signing document. What is `critical` must be understood in full, so no other field is let through there;
 * `optional` holds the signer's annotations and may be anything.
 *
 * @throws Malformed
 * @see https://github.com/containers/image/blob/v5.36.0/docs/containers-signature.5.md
 */
export const parseCosignPayload = (bytes: Uint8Array): CosignPayload => {
  const payload = strictJsonObject(bytes, 'the payload')
  only(payload, ['critical', 'optional'], 'the payload')
  const critical = asObject(payload.critical, 'critical')
  only(critical, ['type', 'image', 'identity'], 'critical')
  const image = asObject(critical.image, 'critical.image')
  only(image, ['docker-manifest-digest'], 'critical.image')
  const identity = asObject(critical.identity, 'critical.identity')
  only(identity, ['docker-reference'], 'critical.identity')
  const optional = payload.optional ?? null
  if (optional !== null && !isObject(optional)) throw new Malformed('optional is not a JSON object')
  return {
    type: asText(critical.type, 'critical.type'),
    imageDigest: asText(image['docker-manifest-digest'], 'critical.image.docker-manifest-digest'),
    dockerReference: asText(identity['docker-reference'], 'critical.identity.docker-reference'),
  }
}

const only = (object: JsonObject, known: readonly string[], what: string) => {
  const unknown = Object.keys(object).find(key => !known.includes(key))
  if (unknown !== undefined) throw new Malformed(`${what} has the unknown field ${JSON.stringify(unknown)}`)
}
