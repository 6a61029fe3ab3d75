import { createPublicKey, sign } from 'node:crypto'
import type { Signer } from './cosign.ts'

export interface SigningCertificateOptions {
  readonly signer: Signer
  readonly email?: string
  readonly uri?: string
  /** OIDC issuer, as Fulcio writes it; `old` in the extension of its first years. */
  readonly issuer?: string
  readonly old?: boolean
}

// DER (X.690): tag, length, content.
const der = (tag: number, ...content: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(content)
  const digits = body.length.toString(16)
  const size = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')
  return Buffer.concat([Buffer.from([tag, ...(body.length < 128 ? [] : [0x80 + size.length]), ...size]), body])
}
const hex = (text: string): Buffer => Buffer.from(text, 'hex')
const ecdsaWithSha256 = hex('300a06082a8648ce3d040302')
const oids = {
  commonName: hex('0603550403'),
  san: hex('0603551d11'),
  issuer: hex('060a2b0601040183bf300108'),
  oldIssuer: hex('060a2b0601040183bf300101'),
}

/** A code signing certificate for the signer's P-256 key, signed by itself: for what it says, not for its chain. */
export const issueCertificate = ({
  signer,
  email,
  uri,
  issuer,
  old = false,
}: SigningCertificateOptions): { readonly der: Buffer; readonly pem: string } => {
  const name = der(0x30, der(0x31, der(0x30, oids.commonName, der(0x0c, Buffer.from('sigstore-intermediate')))))
  const names = [
    ...(email === undefined ? [] : [der(0x81, Buffer.from(email))]),
    ...(uri === undefined ? [] : [der(0x86, Buffer.from(uri))]),
  ]
  const text = Buffer.from(issuer ?? '')
  const extensions = [
    ...(names.length === 0 ? [] : [der(0x30, oids.san, der(0x04, der(0x30, ...names)))]),
    ...(issuer === undefined
      ? []
      : [old ? der(0x30, oids.oldIssuer, der(0x04, text)) : der(0x30, oids.issuer, der(0x04, der(0x0c, text)))]),
  ]
  const body = der(
    0x30,
    der(0xa0, hex('020102')),
    hex('020101'),
    ecdsaWithSha256,
    name,
    der(0x30, der(0x17, Buffer.from('260101000000Z')), der(0x17, Buffer.from('360101000000Z'))),
    name,
    createPublicKey(signer.privateKey).export({ type: 'spki', format: 'der' }),
    ...(extensions.length === 0 ? [] : [der(0xa3, der(0x30, ...extensions))]),
  )
  const signature = sign('sha256', body, signer.privateKey)
  const bytes = der(0x30, body, ecdsaWithSha256, der(0x03, Buffer.from([0]), signature))
  const base64 = bytes.toString('base64').match(/.{1,64}/g) ?? []
  return { der: bytes, pem: ['-----BEGIN CERTIFICATE-----', ...base64, '-----END CERTIFICATE-----', ''].join('\n') }
}
