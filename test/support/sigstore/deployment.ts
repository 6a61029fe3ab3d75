import type { KeyObject } from 'node:crypto'
import {
  authority,
  codeSigning,
  extension,
  generalName,
  type Issued,
  issue,
  type KeyKind,
  names,
  newKey,
  oidcIssuer,
  purpose,
  sha256,
  signWith,
  spkiOf,
  subjectKeyId,
  timeStamping,
  times,
} from './certificates.ts'
import { octets } from './der.ts'
import { type Log, newLog } from './logs.ts'

/** A Sigstore of its own: Fulcio with an intermediate, a CT log, Rekor 1 and 2, and a timestamp authority. */
export interface Deployment {
  readonly root: Issued
  readonly intermediate: Issued
  readonly ctLog: Log
  readonly rekor: Log
  readonly rekor2: Log
  readonly tsaRoot: Issued
  readonly tsa: Issued
}

export const newDeployment = (tsaKey: KeyKind = 'P-256'): Deployment => {
  const root = issue({ name: 'root', extensions: authority(1) })
  const tsaRoot = issue({ name: 'tsa root', extensions: authority(0) })
  return {
    root,
    intermediate: issue({ name: 'intermediate', issuer: root, extensions: [...authority(0), purpose([codeSigning])] }),
    ctLog: newLog('ct.example'),
    rekor: newLog('rekor.example'),
    rekor2: newLog('log2026.rekor.example', 'Ed25519'),
    tsaRoot,
    tsa: issueTsa(tsaRoot, newKey(tsaKey)),
  }
}

export const issueTsa = (issuer: Issued, key: KeyObject = newKey(), usage = purpose([timeStamping], true)): Issued =>
  issue({ name: 'tsa', issuer, key, extensions: [usage, subjectKeyId(key)] })

export const alice = { email: 'alice@example.com', issuer: 'https://accounts.example.com' } as const

export interface SigningOptions {
  readonly key?: KeyObject
  /** Default: alice's e-mail address, vouched for by her issuer. */
  readonly names?: readonly Buffer[]
  readonly issuer?: Buffer | undefined
  readonly usage?: Buffer | undefined
  readonly notBefore?: Date
  readonly notAfter?: Date
  readonly by?: Issued
  readonly extensions?: readonly Buffer[]
  /** Of the signed certificate timestamp; `none` for a certificate without one. */
  readonly sct?: Partial<SctOptions> | 'none'
}

/** A certificate as Fulcio issues it. */
export const issueSigner = (deployment: Deployment, options: SigningOptions = {}): Issued => {
  const by = options.by ?? deployment.intermediate
  const issuer = 'issuer' in options ? options.issuer : oidcIssuer(alice.issuer)
  const usage = 'usage' in options ? options.usage : purpose([codeSigning])
  return issue({
    name: 'signer',
    issuer: by,
    key: options.key ?? newKey(),
    notBefore: options.notBefore ?? times.signing[0],
    notAfter: options.notAfter ?? times.signing[1],
    extensions: [
      ...(usage === undefined ? [] : [usage]),
      names(...(options.names ?? [generalName.email(alice.email)])),
      ...(issuer === undefined ? [] : [issuer]),
      ...(options.extensions ?? []),
    ],
    precertificate: tbs =>
      options.sct === 'none' ? undefined : sctExtension(tbs, { log: deployment.ctLog, issuer: by, time: times.signed, ...options.sct }),
  })
}

interface SctOptions {
  readonly log: Log
  readonly issuer: Issued
  readonly time: Date
  /** As written: the hash and algorithm of TLS. */
  readonly algorithm: readonly [hash: number, signature: number]
  readonly extensions: Buffer
  /** Further ones, before it. */
  readonly others: readonly Log[]
}

const u16 = (value: number): Buffer => Buffer.from([value >> 8, value & 0xff])

/** RFC 6962 3.2 and 3.3. */
const sctExtension = (tbs: Buffer, options: Pick<SctOptions, 'log' | 'issuer' | 'time'> & Partial<SctOptions>): Buffer => {
  const { log, issuer, time, algorithm = [4, 3], extensions = Buffer.alloc(0), others = [] } = options
  const stamp = Buffer.alloc(8)
  stamp.writeBigUInt64BE(BigInt(time.getTime()))
  const written = Buffer.concat([u16(extensions.length), extensions])
  const length = Buffer.from([tbs.length >> 16, (tbs.length >> 8) & 0xff, tbs.length & 0xff])
  const signed = Buffer.concat([Buffer.from([0, 0]), stamp, Buffer.from([0, 1]), sha256(spkiOf(issuer.key)), length, tbs, written])
  const one = ({ key, id }: Log) => {
    const signature = signWith(key, signed)
    const sct = Buffer.concat([Buffer.from([0]), id, stamp, written, Buffer.from(algorithm), u16(signature.length), signature])
    return Buffer.concat([u16(sct.length), sct])
  }
  const list = Buffer.concat([...others, log].map(one))
  return extension('1.3.6.1.4.1.11129.2.4.2', octets(Buffer.concat([u16(list.length), list])))
}

const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64')
const forEver = { start: '2020-01-01T00:00:00Z' }

/** The deployment's `trusted_root.json` as an object: tests change it before they write it. */
export const trustedRootOf = ({ root, intermediate, ctLog, rekor, rekor2, tsaRoot, tsa }: Deployment) => {
  const log = ({ host, key, id }: Log, keyDetails: string) => ({
    baseUrl: `https://${host}`,
    hashAlgorithm: 'SHA2_256',
    publicKey: { rawBytes: base64(spkiOf(key)), keyDetails, validFor: forEver },
    logId: { keyId: base64(id) },
  })
  const chain = (...certificates: readonly Issued[]) => ({ certificates: certificates.map(({ der }) => ({ rawBytes: base64(der) })) })
  return {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [log(rekor, 'PKIX_ECDSA_P256_SHA_256'), log(rekor2, 'PKIX_ED25519')],
    certificateAuthorities: [
      {
        subject: { organization: 'example', commonName: 'fulcio' },
        uri: 'https://fulcio.example',
        certChain: chain(intermediate, root),
        validFor: forEver,
      },
    ],
    ctlogs: [log(ctLog, 'PKIX_ECDSA_P256_SHA_256')],
    timestampAuthorities: [
      {
        subject: { organization: 'example', commonName: 'tsa' },
        uri: 'https://tsa.example',
        certChain: chain(tsa, tsaRoot),
        validFor: forEver,
      },
    ],
  }
}
export type TrustedRootJson = ReturnType<typeof trustedRootOf>
