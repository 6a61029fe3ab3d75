import { type Certificate, parseCertificate } from '../../x509/certificate.ts'
import { Malformed } from '../malformed.ts'
import { byteString, type Cbor, type CborKey, type CborMap, isFloat, isMap, isTag, readCbor } from './cbor.ts'
import { type EnvelopeParts, maxChain, verifyParts } from './envelope-parts.ts'
import { attributes, type ProtectedHeader } from './signed-attributes.ts'

export const coseMediaType = 'application/cose'

/** Labels of header parameters (RFC 9052 3.1, RFC 9360 2). */
const labels = { alg: 1, crit: 2, contentType: 3, kid: 4, x5chain: 33 } as const
/** Initialization vectors and countersignatures: nothing that a signature of notation has, and nothing that is read here. */
const refusedLabels: readonly CborKey[] = [5, 6, 7, 9, 11, 12]
/** Tag 18 in one byte and an array of four: go-cose takes no other beginning. */
const prefix = Buffer.from([0xd2, 0x84])

/**
 * A tagged COSE_Sign1, with the parts that its certificate signed verified.
 *
 * @throws Malformed, X509Error
 * @see https://github.com/notaryproject/specifications/blob/v1.1.0/specs/signature-envelope-cose.md
 */
export const readCose = (bytes: Uint8Array): EnvelopeParts => {
  if (!Buffer.from(bytes.subarray(0, 2)).equals(prefix)) throw new Malformed('the envelope is not a tagged COSE_Sign1')
  const message = readCbor(bytes, 'the envelope')
  const [protectedBytes, unsigned, payload, signature] = isTag(message) && Array.isArray(message.value) ? (message.value as Cbor[]) : []
  if (!Buffer.isBuffer(protectedBytes)) throw new Malformed('the protected header is not a byte string')
  if (unsigned === undefined || !isMap(unsigned)) throw new Malformed('the unprotected header is not a map')
  if (!Buffer.isBuffer(payload) || payload.length === 0) throw new Malformed('the payload is not in the envelope')
  if (!Buffer.isBuffer(signature) || signature.length === 0) throw new Malformed('the signature is not in the envelope')
  const header = readProtected(protectedBytes)
  refuseUnsigned(unsigned, header)
  const token = unsigned.get('io.cncf.notary.timestampSignature')
  if (token !== undefined && !Buffer.isBuffer(token)) throw new Malformed('the timestamp token is not a byte string')
  const agent = unsigned.get('io.cncf.notary.signingAgent')
  const parts: EnvelopeParts = {
    payload,
    signature,
    chain: readChain(unsigned.get(labels.x5chain)),
    timestampToken: token === undefined || token.length === 0 ? undefined : token,
    signingAgent: typeof agent === 'string' ? agent : undefined,
    header,
  }
  verifyParts(parts, {
    signed: signedBytes(protectedBytes, payload),
    isAlgorithm: ({ cose }) => cose === header.algorithm,
    algorithm: String(header.algorithm),
  })
  return parts
}

/** The array `["Signature1", protected, empty, payload]` (RFC 9052 4.4), the protected header as it came. */
const signedBytes = (protectedBytes: Buffer, payload: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from([0x84, 0x6a]),
    Buffer.from('Signature1'),
    byteString(protectedBytes),
    Buffer.from([0x40]),
    byteString(payload),
  ])

interface CoseHeader extends ProtectedHeader {
  readonly algorithm: number | undefined
  readonly keys: readonly CborKey[]
}

const readProtected = (bytes: Buffer): CoseHeader => {
  const what = 'the protected header'
  const map = readCbor(bytes, what)
  if (!isMap(map)) throw new Malformed(`${what} is not a map`)
  const algorithm = map.get(labels.alg)
  const contentType = map.get(labels.contentType)
  if (typeof contentType !== 'string') throw new Malformed('the content type is not text')
  const crit = map.get(labels.crit) ?? []
  if (!Array.isArray(crit)) throw new Malformed('crit is not a list')
  const own: readonly CborKey[] = [labels.alg, labels.crit, labels.contentType]
  return {
    algorithm: typeof algorithm === 'number' ? algorithm : undefined,
    contentType,
    keys: [...map.keys()],
    names: [...map.keys()].filter(key => !own.includes(key)).map(nameOf),
    critical: crit.map((label: Cbor) => {
      if (typeof label !== 'number' && typeof label !== 'bigint' && typeof label !== 'string')
        throw new Malformed('crit names something that is no label')
      return nameOf(label)
    }),
    // It is there and understood; notation's reader of JWS refuses it, the one of COSE does not.
    mayBeCritical: [attributes.signingTime],
    text: name => {
      const value = map.get(name)
      if (value !== undefined && typeof value !== 'string') throw new Malformed(`${name} is not text`)
      return value
    },
    time: name => (map.has(name) ? timeOf(map.get(name), name) : undefined),
  }
}

const nameOf = (key: CborKey): string => (typeof key === 'string' ? key : `label ${key}`)

/** Epoch time in tag 1 (RFC 8949 3.4.2), whole or not, in milliseconds. */
const timeOf = (value: Cbor, name: string): number => {
  const seconds = isTag(value) && value.tag === 1 ? (isFloat(value.value) ? value.value.float : value.value) : undefined
  if (typeof seconds !== 'number' || !Number.isFinite(seconds) || Math.abs(seconds) > maxSeconds)
    throw new Malformed(`${name} is not a time in tag 1`)
  return Math.floor(seconds * 1000)
}
/** The last second that JavaScript's dates know. */
const maxSeconds = 8.64e12

/** What is signed and what is not must not speak of the same (RFC 9052 3). */
const refuseUnsigned = (unsigned: CborMap, { keys }: CoseHeader): void => {
  if (unsigned.has(labels.crit)) throw new Malformed('crit is not in the protected header')
  for (const key of unsigned.keys()) if (keys.includes(key)) throw new Malformed(`the label ${key} is in both headers`)
  for (const key of [...keys, ...unsigned.keys()]) if (refusedLabels.includes(key)) throw new Malformed(`the label ${key} is not read here`)
  if (unsigned.has(labels.kid) && !Buffer.isBuffer(unsigned.get(labels.kid))) throw new Malformed('kid is not a byte string')
}

/** An array even for one certificate: the bare byte string of RFC 9360 is not notation's. */
const readChain = (chain: Cbor): readonly Certificate[] => {
  if (!Array.isArray(chain)) throw new Malformed('x5chain is not a list')
  if (chain.length > maxChain) throw new Malformed(`x5chain has more than ${maxChain} certificates`)
  return chain.map((item: Cbor) => {
    if (!Buffer.isBuffer(item)) throw new Malformed('x5chain holds something that is not a byte string')
    return parseCertificate(item)
  })
}
