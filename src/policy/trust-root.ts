import { X509Certificate } from 'node:crypto'
import { PreflightError } from '../errors.ts'
import { showPosition } from '../position.ts'
import { printable } from '../redact.ts'
import type { Fields } from './fields.ts'
import { type PublicKey, publicKeyFromPem } from './keys.ts'
import { checkUrl } from './log-rule.ts'
import { pemBlocks, pemLabels } from './pem.ts'

/** A Sigstore deployment that the user trusts: TrustRoot with `sigstoreKeys` (policy.sigstore.dev v1alpha1). */
export interface TrustRoot {
  readonly name: string
  /** Where it was read, `file:line:column`. */
  readonly from: string
  readonly certificateAuthorities: readonly CertificateAuthority[]
  /** Transparency logs (Rekor). */
  readonly tLogs: readonly LogInstance[]
  /** Certificate transparency logs. */
  readonly ctLogs: readonly LogInstance[]
  readonly timestampAuthorities: readonly CertificateAuthority[]
}

export interface CertificateAuthority {
  readonly subject: { readonly organization: string; readonly commonName: string }
  readonly uri: string
  /** Each issued by the next; the last is the root. */
  readonly chain: readonly X509Certificate[]
}

export interface LogInstance {
  readonly baseUrl: string
  readonly hashAlgorithm: 'SHA2_256' | 'SHA2_384' | 'SHA2_512'
  readonly publicKey: PublicKey
}

const maxChain = 10
const specKeys = ['sigstoreKeys', 'remote', 'repository'] as const

/**
 * A TrustRoot as policy-controller validates it (pkg/apis/policy/v1alpha1/trustroot_validation.go at f925c0c1), with certificates
 * and keys looked at here instead of at the first signature.
 *
 * @throws PreflightError POLICY_INVALID
 */
export const readTrustRoot = (document: Fields, name: string): TrustRoot => {
  const spec = document.fields('spec', specKeys)
  if (spec === undefined) throw document.fault(document.map, 'spec is missing in the TrustRoot')
  const remote = (['remote', 'repository'] as const).find(key => spec.node(key) !== undefined)
  if (remote !== undefined)
    throw spec.fault(
      { position: spec.map.entries.get(remote)!.keyPosition },
      `${remote} is not evaluated: no TUF repository is read for a policy`,
      'Write its keys into sigstoreKeys, or give its trusted_root.json with --trusted-root and leave trustRootRef out.',
    )
  const keys = spec.fields('sigstoreKeys', ['certificateAuthorities', 'tLogs', 'ctLogs', 'timestampAuthorities'])
  if (keys === undefined) throw spec.fault(spec.map, 'sigstoreKeys is missing in spec')
  const authorities = (key: string) => keys.entries(key, ['subject', 'uri', 'certChain'])
  const logs = (key: string) => keys.entries(key, ['baseURL', 'hashAlgorithm', 'publicKey']).map(readLogInstance)
  const root = {
    name,
    from: showPosition(document.map.position),
    certificateAuthorities: authorities('certificateAuthorities').map(readAuthority),
    tLogs: logs('tLogs'),
    ctLogs: logs('ctLogs'),
    timestampAuthorities: authorities('timestampAuthorities').map(readTimestampAuthority),
  }
  if (root.certificateAuthorities.length === 0 && root.timestampAuthorities.length === 0)
    throw keys.fault(keys.map, 'sigstoreKeys has neither certificateAuthorities nor timestampAuthorities')
  return root
}

const readAuthority = (fields: Fields): CertificateAuthority => {
  const subject = fields.fields('subject', ['organization', 'commonName'])
  if (subject === undefined) throw fields.fault(fields.map, `subject is missing in ${fields.what}`)
  const uri = fields.requiredText('uri')
  checkUrl(fields, 'uri', uri)
  return {
    subject: { organization: subject.requiredText('organization'), commonName: subject.requiredText('commonName') },
    uri,
    chain: readChain(fields),
  }
}

const readTimestampAuthority = (fields: Fields): CertificateAuthority => {
  const authority = readAuthority(fields)
  if (authority.chain.filter(({ ca }) => !ca).length <= 1) return authority
  throw fields.fault(fields.node('certChain')!, 'certChain has more than one certificate that is no authority: at most one timestamps')
}

const readChain = (fields: Fields): readonly X509Certificate[] => {
  const pem = readBase64Pem(fields, 'certChain')
  const invalid = (what: string, hint?: string) => fields.fault(fields.node('certChain')!, `certChain ${what}`, hint)
  const blocks = pemBlocks(pem)
  if (blocks.length === 0 || blocks.length !== pemLabels(pem).length || blocks.some(({ label }) => label !== 'CERTIFICATE'))
    throw invalid('is not a list of certificates in PEM')
  if (blocks.length > maxChain) throw invalid(`has more than ${maxChain} certificates`)
  const certificates = blocks.map(({ der }) => {
    try {
      return new X509Certificate(der)
    } catch {
      throw invalid('has a certificate that cannot be read')
    }
  })
  const rootFirst = isRoot(certificates[0]!) && !isRoot(certificates.at(-1)!)
  const chain = rootFirst ? certificates.toReversed() : certificates
  const broken = chain.findIndex((certificate, index) => index < chain.length - 1 && !isIssuedBy(certificate, chain[index + 1]!))
  if (broken >= 0)
    throw invalid(`is no chain: certificate ${broken + 1} was not issued by the next one`, 'Write an entry of its own for each root.')
  if (!isRoot(chain.at(-1)!)) throw invalid('does not end in a root certificate, one that signed itself')
  return chain
}

const isIssuedBy = (certificate: X509Certificate, issuer: X509Certificate): boolean =>
  certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)

const isRoot = (certificate: X509Certificate): boolean => isIssuedBy(certificate, certificate)

/** Base64 of a `[]byte` as Go's encoding/json reads it: line breaks are skipped. */
const readBase64Pem = (fields: Fields, key: string): string => {
  const text = fields.requiredText(key).replace(/[\r\n]/g, '')
  if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return Buffer.from(text, 'base64').toString('latin1')
  throw fields.fault(fields.node(key)!, `${key} is not base64`, 'It holds PEM, once more in base64: `base64 -w0 FILE` prints it.')
}

const hashes = { 256: 'SHA2_256', 384: 'SHA2_384', 512: 'SHA2_512' } as const

const readLogInstance = (fields: Fields): LogInstance => {
  const baseUrl = fields.requiredText('baseURL')
  checkUrl(fields, 'baseURL', baseUrl)
  const written = fields.requiredText('hashAlgorithm')
  const bits = /^sha-?(256|384|512)$/.exec(written)?.[1] as '256' | '384' | '512' | undefined
  if (bits === undefined)
    throw fields.fault(
      fields.node('hashAlgorithm')!,
      `hashAlgorithm "${printable(written, 40)}" is not known`,
      'It is sha-256, sha-384 or sha-512.',
    )
  try {
    return { baseUrl, hashAlgorithm: hashes[bits], publicKey: publicKeyFromPem(readBase64Pem(fields, 'publicKey'), 'publicKey') }
  } catch (error) {
    if (!(error instanceof PreflightError) || error.code !== 'KEY_INVALID') throw error
    throw fields.fault(fields.node('publicKey')!, error.message.replace(/\.$/, '').replace('that cosign uses', 'of a log'))
  }
}
