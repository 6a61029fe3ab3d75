import { type Digest, sha256 } from '../../src/digest.ts'
import { type Artifact, bundleOf, inTotoType, type Signer, type Subject, signatureTagOf, statementOf } from './cosign.ts'

/** The DSSE envelope of `cosign attest`, as its older storage keeps it. */
export const envelopeOf = (signer: Signer, digest: Digest, predicateType: string): Buffer =>
  Buffer.from(JSON.stringify(bundleOf(signer, statementOf(digest, predicateType)).dsseEnvelope))

export const dsseType = 'application/vnd.dsse.envelope.v1+json'

/** A layer of the `.att` tag: its signature stands in the envelope, and the annotation for it is empty. */
const attestationLayer = (signer: Signer, digest: Digest, predicateType: string) => ({
  payload: envelopeOf(signer, digest, predicateType),
  annotations: { 'dev.cosignproject.cosign/signature': '', predicateType },
  mediaType: dsseType,
})

/** `cosign attest --new-bundle-format=false`, once for each predicate type. */
export const attestationTag = ({ digest }: Pick<Subject, 'digest'>, signer: Signer, ...predicateTypes: readonly string[]): Artifact => {
  const layers = predicateTypes.map(type => attestationLayer(signer, digest, type))
  return { ...signatureTagOf(digest, layers), tag: `${digest.replace(':', '-')}.att` }
}

/** The same manifest as a referrer, as programs on cosign's library write it. */
export const inTotoReferrer = (subject: Subject, signer: Signer, ...predicateTypes: readonly string[]): Artifact => {
  const layers = predicateTypes.map(type => attestationLayer(signer, subject.digest, type))
  const { tag: _, ...made } = signatureTagOf(subject.digest, layers, { artifactType: inTotoType, subject: descriptorOf(subject) })
  return made
}

/** `cosign attach sbom`, which signs nothing. */
export const sbomTag = ({ digest }: Pick<Subject, 'digest'>, mediaType = 'text/spdx+json'): Artifact => ({
  ...signatureTagOf(digest, [{ payload: Buffer.from('{"spdxVersion":"SPDX-2.3"}'), annotations: {}, mediaType }]),
  tag: `${digest.replace(':', '-')}.sbom`,
})

export const notaryType = 'application/vnd.cncf.notary.signature'

export interface NotationOptions {
  /** Where the type stands: in the config (notation 1), or in the artifact type (notation 2). */
  readonly shape?: 'config' | 'artifactType'
  /** Of the layer. */
  readonly mediaType?: string
  readonly envelope?: Uint8Array
  /** Over the manifest's own fields. */
  readonly extra?: object
}

/** The manifest with which notation hangs an envelope on an image (specifications v1.1 signature-specification.md); the envelope is none. */
export const notationReferrer = (subject: Subject, options: NotationOptions = {}): Artifact => {
  const { shape = 'config', mediaType = 'application/jose+json', envelope = Buffer.from('{"payload":""}'), extra = {} } = options
  const empty = Buffer.from('{}')
  const [configType, type] = shape === 'config' ? [notaryType, {}] : ['application/vnd.oci.empty.v1+json', { artifactType: notaryType }]
  const document = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    ...type,
    config: { mediaType: configType, digest: sha256(empty), size: empty.length },
    layers: [{ mediaType, digest: sha256(envelope), size: envelope.length }],
    subject: descriptorOf(subject),
    annotations: { 'io.cncf.notary.x509chain.thumbprint#S256': '["00"]', 'org.opencontainers.image.created': '2026-11-22T10:00:00Z' },
    ...extra,
  }
  const bytes = Buffer.from(JSON.stringify(document))
  return {
    blobs: new Map([empty, envelope].map(blob => [sha256(blob), blob])),
    manifest: { digest: sha256(bytes), mediaType: document.mediaType, bytes },
  }
}

const descriptorOf = ({ digest, mediaType, bytes }: Subject) => ({ mediaType, digest, size: bytes.length })
