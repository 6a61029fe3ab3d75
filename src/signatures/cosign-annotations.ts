import { pemBlocks } from '../policy/pem.ts'
import { asCount } from './json-numbers.ts'
import type { SealedLogEntry } from './log-entry.ts'
import type { MadeSignature } from './made-signature.ts'
import { Malformed } from './malformed.ts'
import { asBase64, asObject, asText, strictJsonObject } from './strict-json.ts'

/** Annotations of a signature's layer (cosign 3.1 pkg/oci/static/signature.go; the first alone has the old prefix). */
export const annotationNames = {
  signature: 'dev.cosignproject.cosign/signature',
  certificate: 'dev.sigstore.cosign/certificate',
  chain: 'dev.sigstore.cosign/chain',
  logEntry: 'dev.sigstore.cosign/bundle',
  timestamp: 'dev.sigstore.cosign/rfc3161timestamp',
} as const

export type Annotations = Readonly<Record<string, string>>

/** As bundles may have (sigstore-bundle.ts). */
const maxCertificates = 8

/** What cosign 1 and 2 keep beside a signature or attestation to prove it. @throws Malformed */
export const proofsIn = (annotations: Annotations): Pick<MadeSignature, 'certificate' | 'chain' | 'logEntries' | 'timestamps'> => {
  const [certificate, ...more] = certificatesIn(annotations[annotationNames.certificate], 'its certificate')
  if (more.length > 0) throw new Malformed('its certificate is more than one')
  return {
    ...(certificate === undefined ? {} : { certificate }),
    chain: certificatesIn(annotations[annotationNames.chain], 'its chain'),
    logEntries: logEntriesIn(annotations[annotationNames.logEntry]),
    timestamps: timestampsIn(annotations[annotationNames.timestamp]),
  }
}

/** An annotation that cosign has nothing for is empty. */
const certificatesIn = (pem: string | undefined, what: string): readonly Buffer[] => {
  if (pem === undefined || pem === '') return []
  const blocks = pemBlocks(pem)
  // A bare key in the place of a certificate was taken for one (GHSA-fx35-mq7g-6g98).
  if (blocks.length === 0 || blocks.some(({ label }) => label !== 'CERTIFICATE')) throw new Malformed(`${what} is not one`)
  if (blocks.length > maxCertificates) throw new Malformed(`${what} has more than ${maxCertificates} certificates`)
  return blocks.map(({ der }) => der)
}

/** The entry's body, and the log's promise for it; there is no proof of inclusion in this form. */
const logEntriesIn = (annotation: string | undefined): readonly SealedLogEntry[] => {
  if (annotation === undefined || annotation === '') return []
  const bundle = strictJsonObject(Buffer.from(annotation), `the annotation ${annotationNames.logEntry}`)
  const payload = asObject(bundle.Payload, 'Payload')
  const body = asBase64(payload.body, 'Payload.body')
  const { kind, apiVersion } = strictJsonObject(body, 'the log entry')
  const logId = asText(payload.logID, 'Payload.logID')
  if (!/^(?:[0-9a-f]{2})+$/.test(logId)) throw new Malformed('Payload.logID is not in hexadecimal')
  return [
    {
      kind: asText(kind, 'kind'),
      version: asText(apiVersion, 'apiVersion'),
      body,
      logId: Buffer.from(logId, 'hex'),
      logIndex: asCount(payload.logIndex, 'Payload.logIndex'),
      integratedTime: asCount(payload.integratedTime, 'Payload.integratedTime'),
      promise: asBase64(bundle.SignedEntryTimestamp, 'SignedEntryTimestamp'),
      proof: undefined,
    },
  ]
}

const timestampsIn = (annotation: string | undefined): readonly Buffer[] => {
  if (annotation === undefined || annotation === '') return []
  const stamp = strictJsonObject(Buffer.from(annotation), `the annotation ${annotationNames.timestamp}`)
  return [asBase64(stamp.SignedRFC3161Timestamp, 'SignedRFC3161Timestamp')]
}
