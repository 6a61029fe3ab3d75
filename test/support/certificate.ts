import { generateKeyPairSync, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

/** A private key with its X.509 certificate, both PEM, as node:tls takes them. */
export interface Certificate {
  readonly key: string
  readonly cert: string
}

export interface CertificateOptions {
  /** DNS names and IP addresses of the subject alternative name; default 127.0.0.1, ::1 and localhost. */
  readonly names?: readonly string[]
  readonly commonName?: string
  /** Signs it; without one it signs itself. */
  readonly issuer?: Certificate
  /** May sign others. */
  readonly ca?: boolean
  readonly notBefore?: Date
  readonly notAfter?: Date
}

const dayMs = 86_400_000

/** A fresh P-256 key and a certificate for it (RFC 5280), made here because Node reads certificates but writes none. */
export const makeCertificate = (options: CertificateOptions = {}): Certificate => {
  const { names = ['127.0.0.1', '::1', 'localhost'], commonName = names[0] ?? 'test', issuer, ca = false } = options
  const notBefore = options.notBefore ?? new Date(Date.now() - dayMs)
  const notAfter = options.notAfter ?? new Date(Date.now() + 30 * dayMs)
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const issuerName = issuer === undefined ? nameOf(commonName) : nameOf(/CN=(.*)/.exec(new X509Certificate(issuer.cert).subject)?.[1] ?? '')
  const body = sequence(
    tagged(0xa0, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ecdsaWithSha256,
    issuerName,
    sequence(time(notBefore), time(notAfter)),
    nameOf(commonName),
    spki(publicKey),
    tagged(
      0xa3,
      sequence(
        extension(oidSubjectAltName, sequence(...names.map(alternativeName))),
        extension(oidBasicConstraints, sequence(...(ca ? [yes] : []))),
      ),
    ),
  )
  const signature = sign('sha256', body, issuer?.key ?? key)
  return { key, cert: pem(sequence(body, ecdsaWithSha256, bits(signature))) }
}

// DER (X.690): tag, length, content.
const tagged = (tag: number, ...content: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(content)
  const length = body.length < 128 ? [body.length] : body.length < 256 ? [0x81, body.length] : [0x82, body.length >> 8, body.length & 255]
  return Buffer.concat([Buffer.from([tag, ...length]), body])
}
const sequence = (...content: readonly Buffer[]): Buffer => tagged(0x30, ...content)
const integer = (bytes: Buffer): Buffer => tagged(0x02, bytes)
const bits = (bytes: Buffer): Buffer => tagged(0x03, Buffer.from([0]), bytes)
const octets = (bytes: Buffer): Buffer => tagged(0x04, bytes)
const yes = Buffer.from([0x01, 0x01, 0xff])
/** GeneralizedTime, which also holds years past 2049. */
const time = (date: Date): Buffer => tagged(0x18, Buffer.from(`${date.toISOString().replace(/[-:T]|\..*/g, '')}Z`))

const oidCommonName = Buffer.from([0x06, 3, 0x55, 0x04, 0x03])
const oidSubjectAltName = Buffer.from([0x06, 3, 0x55, 0x1d, 0x11])
const oidBasicConstraints = Buffer.from([0x06, 3, 0x55, 0x1d, 0x13])
const ecdsaWithSha256 = sequence(Buffer.from([0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02]))

const nameOf = (commonName: string): Buffer => sequence(tagged(0x31, sequence(oidCommonName, tagged(0x0c, Buffer.from(commonName)))))
const extension = (oid: Buffer, value: Buffer): Buffer => sequence(oid, octets(value))
const spki = (key: KeyObject): Buffer => key.export({ type: 'spki', format: 'der' })

const alternativeName = (name: string): Buffer =>
  isIP(name) === 0
    ? tagged(0x82, Buffer.from(name))
    : tagged(0x87, isIP(name) === 4 ? Buffer.from(name.split('.').map(Number)) : ipv6(name))

/** Sixteen bytes of an address without an embedded IPv4 part. */
const ipv6 = (text: string): Buffer => {
  const [head = [], tail = []] = text.split('::').map(part => part.split(':').filter(group => group !== ''))
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
  return Buffer.from(groups.flatMap(group => [Number.parseInt(group, 16) >> 8, Number.parseInt(group, 16) & 255]))
}

const pem = (der: Buffer): string =>
  `-----BEGIN CERTIFICATE-----\n${der.toString('base64').replace(/.{64}/g, '$&\n').trimEnd()}\n-----END CERTIFICATE-----\n`
