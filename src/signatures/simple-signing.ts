import type { Digest } from '../digest.ts'
import { pemBlocks } from '../policy/pem.ts'
import { cosignSignatureType, parseCosignPayload } from './cosign-payload.ts'
import { judgeSignature } from './judge-signature.ts'
import type { LogEntry } from './log-entry.ts'
import { Malformed } from './malformed.ts'
import { asBase64, asObject, asText, strictJsonObject } from './strict-json.ts'
import { failed, nobody, ok, rejected, type Step, type TrustedPublicKey, type Verdict } from './verdict.ts'

export const simpleSigningMediaType = 'application/vnd.dev.cosign.simplesigning.v1+json'

/** Annotations of a signature's layer (cosign 3.1 pkg/oci/static/signature.go; the first alone has the old prefix). */
export const annotationNames = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  logEntry: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const

/** One layer of a `.sig` tag or of an OCI 1.1 referrer of that kind. */
export interface SimpleSigningSignature {
  readonly payload: Uint8Array
  readonly annotations: Readonly<Record<string, string>>
}

/**
 * Whether one of `keys` signed for `image` what stands in the layer. cosign compares neither `critical.type` nor unknown critical
 * fields; both are compared here.
 */
export const verifySimpleSigning = (
  image: Digest,
  { payload, annotations }: SimpleSigningSignature,
  keys: readonly TrustedPublicKey[],
): Verdict => {
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
    return rejected('malformed', judgeSignature(made, keys, []), ...steps, failed('purpose', cosignSignatureType, said.type))
  }
  steps.push(ok('purpose'))
  if (said.imageDigest !== image)
    return rejected('otherImage', judgeSignature(made, keys, []), ...steps, failed('image', image, said.imageDigest))
  steps.push(ok('image', `signed as ${said.dockerReference}`))
  return judgeSignature(made, keys, steps)
}

const parse = (payload: Uint8Array, annotations: Readonly<Record<string, string>>) => {
  const { [annotationNames.signature]: signature, [annotationNames.certificate]: certificate = '' } = annotations
  const [block] = pemBlocks(certificate)
  if (certificate !== '' && block?.label !== 'CERTIFICATE') throw new Malformed('its certificate is not one')
  return {
    said: parseCosignPayload(payload),
    made: {
      signature: asBase64(signature, `the annotation ${annotationNames.signature}`),
      signed: payload,
      payload,
      ...(block === undefined ? {} : { certificate: block.der }),
      logEntries: logEntriesOf(annotations[annotationNames.logEntry]),
      timestamps: (annotations[annotationNames.timestamp] ?? '') === '' ? 0 : 1,
    },
  }
}

/** The annotation holds the entry's body, and the log's promise for it, which a trusted root is needed to check. */
const logEntriesOf = (annotation: string | undefined): readonly LogEntry[] => {
  if (annotation === undefined || annotation === '') return []
  const bundle = strictJsonObject(Buffer.from(annotation), `the annotation ${annotationNames.logEntry}`)
  const body = asBase64(asObject(bundle.Payload, 'Payload').body, 'Payload.body')
  const { kind, apiVersion } = strictJsonObject(body, 'the log entry')
  return [{ kind: asText(kind, 'kind'), version: asText(apiVersion, 'apiVersion'), body }]
}
