import type { Digest } from '../../src/digest.ts'
import type { FoundSignature, SignatureFact } from '../../src/facts/signature.ts'
import { parseManifest } from '../../src/oci/manifest.ts'
import { mediaTypes } from '../../src/oci/media-types.ts'
import { parseTrustPolicy, storesIn } from '../../src/policy/notation/trust-policy.ts'
import type { Authority } from '../../src/signatures/authority.ts'
import type { NotationOutcome } from '../../src/signatures/notation/outcome.ts'
import { verifyNotation } from '../../src/signatures/notation/verify-notation.ts'
import { verifySimpleSigning } from '../../src/signatures/simple-signing.ts'
import type { Verdict } from '../../src/signatures/verdict.ts'
import { type AttestationVerdict, verifyBundleAttestation, verifyEnvelope } from '../../src/signatures/verify-attestation.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import { readTrustStores } from '../../src/world/notation-files.ts'
import { command } from '../support/command.ts'
import { newClient } from '../support/registry-client.ts'
import { type Collected, collectSignatures } from '../support/signature-check.ts'

/** What hangs on an image, with the bytes that it is judged by. */
interface Hanging {
  readonly found: FoundSignature
  readonly bytes: Uint8Array
  readonly annotations: Readonly<Record<string, string>>
}

export type Fetched = Extract<SignatureFact, { ok: true }> & { readonly blobs: Collected['blobs'] }

/** Everything that hangs on the image in its registry; a place that cannot be asked is an error here. */
export const fetchSignatures = async (reference: string): Promise<Fetched> => {
  const { facts, blobs } = await collectSignatures(newClient(), [reference])
  const [fact] = facts
  if (fact?.ok !== true) throw new Error(fact?.message)
  const failed = fact.places.find(place => place.state === 'error')
  if (failed !== undefined) throw new Error(JSON.stringify(failed))
  return { ...fact, blobs }
}

/** A tag is bound to the image by its name, a referrer by what it says of itself. */
const hanging = ({ signatures, blobs, digest }: Fetched, ...kinds: readonly FoundSignature['kind'][]): readonly Hanging[] =>
  signatures.flatMap(found => {
    if (!kinds.includes(found.kind) || found.subject !== digest || found.content?.ok !== true) return []
    const manifest = parseManifest(blobs.get(found.manifest)!, mediaTypes.ociManifest)
    if (manifest.kind !== 'manifest') return []
    const isTag = found.kind === 'cosign' || found.kind === 'cosignAttestation'
    if (!isTag && manifest.subject?.digest !== digest) return []
    return [{ found, bytes: blobs.get(found.content.blob)!, annotations: manifest.layers[found.layer]?.annotations ?? {} }]
  })

/** Of each that may be a signature of cosign. */
export const signatureVerdicts = (fetched: Fetched, authority: Authority): readonly Verdict[] =>
  hanging(fetched, 'cosign', 'cosignReferrer', 'sigstoreBundle').map(({ found, bytes, annotations }) =>
    found.kind === 'sigstoreBundle'
      ? verifyBundle(fetched.digest, { bundle: bytes, manifest: () => subjectBytes(fetched) }, authority)
      : verifySimpleSigning(fetched.digest, { payload: bytes, annotations }, authority),
  )

/** Of each that may be an attestation; a signature is one in this form too. */
export const attestationVerdicts = (fetched: Fetched, authority: Authority): readonly AttestationVerdict[] =>
  hanging(fetched, 'cosignAttestation', 'inTotoReferrer', 'sigstoreBundle').map(({ found, bytes, annotations }) =>
    found.kind === 'sigstoreBundle'
      ? verifyBundleAttestation(fetched.digest, bytes, authority)
      : verifyEnvelope(fetched.digest, { envelope: bytes, annotations }, authority),
  )

const subjectBytes = ({ blobs, digest }: Fetched): Uint8Array => blobs.get(digest)!

/** Of each signature of notation, with the policy and trust stores of a folder as notation's configuration is. */
export const notationOutcomes = async (
  fetched: Fetched,
  { policy: text, folder, at = new Date() }: { readonly policy: string | Uint8Array; readonly folder: string; readonly at?: Date },
): Promise<readonly NotationOutcome[]> => {
  const policy = parseTrustPolicy(text, 'trustpolicy.json')
  const trustStores = await readTrustStores(folder, storesIn(policy))
  const { digest, repository, mediaType = '', sizeBytes = 0 } = fetched
  const target = { digest: digest as Digest, mediaType, sizeBytes }
  return hanging(fetched, 'notation').map(({ found, bytes }) =>
    verifyNotation({
      ...{ envelope: bytes, mediaType: found.mediaType, reference: `${repository}@${digest}`, target },
      ...{ policy, trustStores, crls: [], at },
    }),
  )
}

/** How `verify` ends for the image: 0 verified, 3 not. */
export const verifyExit = async (reference: string, flags: readonly string[]): Promise<number> =>
  (await command(['verify', reference, '--quiet', ...flags])).code

export interface StampingSigstore {
  /** PEM, each issued by the next. */
  readonly fulcio: string
  readonly tsa: string
  /** PEM. */
  readonly ctLog: string
}

/** A ClusterImagePolicy that asks for a timestamp instead of a log entry, with its TrustRoot. */
export const stampedPolicy = (subject: string, issuer: string, { fulcio, tsa, ctLog }: StampingSigstore): string => {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const authority = (certChain: string) => ({
    subject: { organization: 'example', commonName: 'example' },
    uri: 'https://example.com',
    certChain: base64(certChain),
  })
  const sigstoreKeys = {
    certificateAuthorities: [authority(fulcio)],
    timestampAuthorities: [authority(tsa)],
    ctLogs: [{ baseURL: 'https://example.com', hashAlgorithm: 'sha-256', publicKey: base64(ctLog) }],
  }
  const keyless = { identities: [{ subject, issuer }], trustRootRef: 'ours' }
  const documents = [
    policyOf('ClusterImagePolicy', 'stamped', {
      images: [{ glob: '**' }],
      authorities: [{ keyless, rfc3161timestamp: { trustRootRef: 'ours' } }],
    }),
    policyOf('TrustRoot', 'ours', { sigstoreKeys }),
  ]
  return documents.join('\n---\n')
}

/** A ClusterImagePolicy that asks for an attestation by a key. */
export const attestationPolicy = (publicPem: string, predicateType: string): string =>
  policyOf('ClusterImagePolicy', 'attested', {
    images: [{ glob: '**' }],
    authorities: [{ key: { data: publicPem }, attestations: [{ name: 'wanted', predicateType }] }],
  })

/** JSON is YAML. */
const policyOf = (kind: string, name: string, spec: object): string =>
  JSON.stringify({ apiVersion: 'policy.sigstore.dev/v1alpha1', kind, metadata: { name }, spec })
