import type { Digest } from '../digest.ts'
import type { Authority } from './authority.ts'
import { type Annotations, annotationNames, proofsIn } from './cosign-annotations.ts'
import { cosignSignatureType, parseCosignPayload } from './cosign-payload.ts'
import { judgeSignature } from './judge-signature.ts'
import type { MadeSignature } from './made-signature.ts'
import { Malformed } from './malformed.ts'
import { asBase64 } from './strict-json.ts'
import { failed, nobody, ok, rejected, type Step, type Verdict } from './verdict.ts'

/** One layer of a `.sig` tag or of an OCI 1.1 referrer of that kind. */
export interface SimpleSigningSignature {
  readonly payload: Uint8Array
  readonly annotations: Annotations
}

/**
 * Whether somebody whom the authority trusts signed for `image` what stands in the layer. cosign compares neither `critical.type` nor
 * unknown critical fields; both are compared here.
 */
export const verifySimpleSigning = (image: Digest, { payload, annotations }: SimpleSigningSignature, authority: Authority): Verdict => {
  let parsed: ReturnType<typeof parse>
  try {
    parsed = parse(payload, annotations)
  } catch (error) {
    if (!(error instanceof Malformed)) throw error
    return rejected('malformed', nobody, failed('format', 'a cosign signature', error.message))
  }
  const { said, made } = parsed
  const steps: Step[] = [ok('format')]
  if (said.type !== cosignSignatureType) {
    return rejected('malformed', judgeSignature(made, authority, []), ...steps, failed('purpose', cosignSignatureType, said.type))
  }
  steps.push(ok('purpose'))
  if (said.imageDigest !== image)
    return rejected('otherImage', judgeSignature(made, authority, []), ...steps, failed('image', image, said.imageDigest))
  steps.push(ok('image', `signed as ${said.dockerReference}`))
  return judgeSignature(made, authority, steps)
}

const parse = (payload: Uint8Array, annotations: Annotations) => {
  const made: MadeSignature = {
    signature: asBase64(annotations[annotationNames.signature], `the annotation ${annotationNames.signature}`),
    signed: payload,
    payload,
    ...proofsIn(annotations),
  }
  return { said: parseCosignPayload(payload), made }
}
