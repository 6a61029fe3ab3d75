import { createHash } from 'node:crypto'
import { context, contextPrimitive, cursorOf, type Der, readDer, tags } from '../../x509/der.ts'
import { booleanOf, fineTimeOf, integerOf, oidOf, smallIntegerOf } from '../../x509/der-values.ts'
import { type Hash, hashOf } from '../../x509/signature-algorithm.ts'
import { X509Error } from '../../x509/x509-error.ts'
import { Malformed } from '../malformed.ts'

/** When something was timestamped: between `time - accuracyMs` and `time + accuracyMs`. */
export interface Timestamp {
  /** Milliseconds since 1970, with a fraction where the token has one. */
  readonly time: number
  readonly accuracyMs: number
}

/** ETSI's policy for timestamps within a second (EN 319 421), which is what notation assumes where no accuracy stands. */
const baselinePolicy = '0.4.0.2023.1.1'
const what = 'TSTInfo'

/** What a TSTInfo says, and of which message: by its digest. */
export interface TstInfo extends Timestamp {
  readonly hash: Hash
  readonly digest: Buffer
}

/**
 * A TSTInfo (RFC 3161 2.4.2).
 *
 * @throws X509Error, Malformed
 */
export const parseTstInfo = (content: Uint8Array): TstInfo => {
  const fields = cursorOf(readDer(content, tags.sequence, what))
  const version = smallIntegerOf(fields.next(tags.integer, what), what)
  if (version !== 1) throw new X509Error(`${what} is of version ${version}, not 1`)
  const policy = oidOf(fields.next(tags.oid, what), what)
  const imprint = cursorOf(fields.next(tags.sequence, what))
  const algorithm = imprint.next(tags.sequence, what)
  const digest = imprint.next(tags.octetString, what).content
  imprint.end(what)
  integerOf(fields.next(tags.integer, what), what)
  const time = fineTimeOf(fields.next(tags.generalizedTime, 'genTime'), 'genTime')
  const accuracy = readAccuracy(fields.optional(tags.sequence))
  const ordering = fields.optional(tags.boolean)
  if (ordering !== undefined) booleanOf(ordering, what)
  fields.optional(tags.integer)
  fields.optional(context(0))
  fields.optional(context(1))
  fields.end(what)
  const hash = hashOf(algorithm)
  if (hash === undefined) throw new Malformed('the hash of the timestamped message is none of SHA-256, SHA-384, SHA-512')
  return { time, accuracyMs: accuracy === 0 && policy === baselinePolicy ? 1000 : accuracy, hash, digest }
}

/** Whether it is a timestamp of this message. */
export const isOf = ({ hash, digest }: TstInfo, message: Uint8Array): boolean => createHash(hash).update(message).digest().equals(digest)

/** Seconds, milliseconds and microseconds, in milliseconds; 0 where nothing stands. */
const readAccuracy = (der: Der | undefined): number => {
  if (der === undefined) return 0
  const fields = cursorOf(der)
  const number = (tag: number): number => {
    const field = fields.optional(tag)
    return field === undefined ? 0 : smallIntegerOf(field, 'the accuracy')
  }
  const [seconds, millis, micros] = [number(tags.integer), number(contextPrimitive(0)), number(contextPrimitive(1))]
  fields.end('the accuracy')
  return seconds * 1000 + millis + micros / 1000
}
