import { X509Certificate } from 'node:crypto'
import { createSecureContext } from 'node:tls'
import { PreflightError } from '../../errors.ts'
import { printable } from '../../redact.ts'
import { readBounded } from '../bounded-file.ts'

/** The certificate of a server and its private key, as node:tls takes them. */
export interface ServingPair {
  readonly cert: Buffer
  readonly key: Buffer
  /** Names and time of the certificate, for a log. */
  readonly description: string
  readonly notAfterMs: number
}

export interface PairFiles {
  readonly certFile: string
  readonly keyFile: string
}

/** A chain and a key have some KiB. */
const maxPemBytes = 256 << 10

/** @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE; SERVING_CERTIFICATE_INVALID */
export const readServingPair = async ({ certFile, keyFile }: PairFiles): Promise<ServingPair> => {
  const cert = Buffer.from(await readBounded(certFile, maxPemBytes, '--tls-cert-file'))
  const key = Buffer.from(await readBounded(keyFile, maxPemBytes, '--tls-private-key-file'))
  const first = usable(`--tls-cert-file ${printable(certFile)}: it is no certificate in PEM`, () => new X509Certificate(cert))
  usable(`--tls-private-key-file ${printable(keyFile)}: it is not the private key of --tls-cert-file`, () =>
    createSecureContext({ cert, key }),
  )
  return { cert, key, ...describe(first) }
}

/** OpenSSL's own words stay the cause: they tell of key material. */
const usable = <Made>(what: string, make: () => Made): Made => {
  try {
    return make()
  } catch (cause) {
    throw new PreflightError('SERVING_CERTIFICATE_INVALID', `${what}.`, {
      hint: 'Give a certificate and its unencrypted key, both in PEM; after the certificate may stand those of authorities.',
      cause,
    })
  }
}

const describe = ({ subjectAltName, subject, validTo, validToDate }: X509Certificate) => ({
  description: `for ${printable(subjectAltName ?? subject ?? 'no name')}, valid until ${printable(validTo)}`,
  notAfterMs: validToDate.getTime(),
})

export const samePair = (one: ServingPair, other: ServingPair): boolean => one.cert.equals(other.cert) && one.key.equals(other.key)
