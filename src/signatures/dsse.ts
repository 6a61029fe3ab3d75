import type { Digest } from '../digest.ts'
import { Malformed } from './malformed.ts'
import { inTotoPayloadType } from './media-types.ts'
import { asBase64, asObject, asText, isObject, type Json, type JsonObject, strictJsonObject } from './strict-json.ts'

/** What makes a statement a signature of an image; every other predicate is an attestation (cosign 3 pkg/types/predicate.go). */
export const cosignSignPredicate = 'https://sigstore.dev/cosign/sign/v1'

const statementTypes = ['https://in-toto.io/Statement/v1', 'https://in-toto.io/Statement/v0.1']
/** As sigstore-go 1.2 bounds them (pkg/verify/signature.go). */
const limits = { subjects: 1024, digests: 32 }

/** A DSSE envelope with its one signature. */
export interface Envelope {
  readonly payloadType: string
  readonly payload: Buffer
  readonly signature: Buffer
}

/** An in-toto statement: what is said, and of which artifacts. */
export interface Statement {
  readonly predicateType: string
  /** Every `algorithm:hex` of every subject, as written. */
  readonly subjects: readonly Digest[]
  /** What is said; anything, also a text. */
  readonly predicate: Json | undefined
}

/** An envelope that is stored by itself. @throws Malformed */
export const parseEnvelope = (bytes: Uint8Array): Envelope => readEnvelope(strictJsonObject(bytes, 'the envelope'))

/** @throws Malformed */
export const readEnvelope = ({ signatures, payloadType, payload }: JsonObject): Envelope => {
  if (!Array.isArray(signatures) || signatures.length !== 1) throw new Malformed('the envelope has not exactly one signature')
  return {
    payloadType: asText(payloadType, 'payloadType'),
    payload: asBase64(payload, 'the payload'),
    signature: asBase64(asObject(signatures[0], 'the signature').sig, 'the signature'),
  }
}

/** What is signed: DSSEv1 pre-authentication encoding (github.com/secure-systems-lab/dsse v1.0.2 protocol.md). */
export const signedBytes = ({ payloadType, payload }: Envelope): Buffer =>
  Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(payloadType)} ${payloadType} ${payload.length} `), payload])

/**
 * The statement in the envelope. cosign 3.0.0 to 3.0.4 left `predicate` out, so it is not asked for.
 *
 * @throws Malformed
 * @see https://github.com/in-toto/attestation/blob/v1.1.2/spec/v1/statement.md
 */
export const parseStatement = ({ payloadType, payload }: Envelope): Statement => {
  if (payloadType !== inTotoPayloadType) throw new Malformed(`the envelope holds ${JSON.stringify(payloadType)}, not ${inTotoPayloadType}`)
  const statement = strictJsonObject(payload, 'the statement')
  const type = asText(statement._type, '_type')
  if (!statementTypes.includes(type)) throw new Malformed(`the statement is a ${JSON.stringify(type)}`)
  const subject = statement.subject
  if (!Array.isArray(subject) || subject.length === 0) throw new Malformed('the statement has no subject')
  if (subject.length > limits.subjects) throw new Malformed(`the statement has more than ${limits.subjects} subjects`)
  return {
    predicateType: asText(statement.predicateType, 'predicateType'),
    subjects: subject.flatMap(digestsOf),
    predicate: statement.predicate,
  }
}

const digestsOf = (subject: Json): readonly Digest[] => {
  const digests = asObject(subject, 'a subject').digest
  if (!isObject(digests)) throw new Malformed('a subject has no digest')
  const entries = Object.entries(digests)
  if (entries.length > limits.digests) throw new Malformed(`a subject has more than ${limits.digests} digests`)
  return entries.map(([algorithm, hex]) => `${algorithm}:${asText(hex, `a subject's ${algorithm}`)}`)
}
