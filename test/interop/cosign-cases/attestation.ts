import { attestationTag, envelopeOf } from '../../support/attached.ts'
import { type Artifact, newSigner, type Subject, signatureTagOf } from '../../support/cosign.ts'
import { tinyImage } from '../../support/signed-image.ts'
import type { CosignCase, Trust } from './case.ts'

const alice = newSigner()
const stranger = newSigner()
const byAlice: Trust = { key: alice }
const spdx = 'https://spdx.dev/Document'
const other = tinyImage('another')
const signature = 'dev.cosignproject.cosign/signature'

const attestations = (image: Pick<Subject, 'digest'>, payload: Buffer): readonly Artifact[] => {
  const layer = { payload, annotations: { [signature]: '', predicateType: spdx }, mediaType: 'application/vnd.dsse.envelope.v1+json' }
  return [{ ...signatureTagOf(image.digest, [layer]), tag: `${image.digest.replace(':', '-')}.att` }]
}

/** SBOMs by a key, in the tag for attestations. */
export const attestationCases: readonly CosignCase[] = [
  {
    title: 'an SBOM in the tag for attestations',
    hang: image => [attestationTag(image, alice, spdx)],
    attestation: spdx,
    trust: byAlice,
    accepted: true,
  },
  {
    title: 'an SBOM by another key',
    hang: image => [attestationTag(image, stranger, spdx)],
    attestation: spdx,
    trust: byAlice,
    accepted: false,
    faults: ['otherKey'],
  },
  {
    title: 'an SBOM of something else',
    hang: image => attestations(image, envelopeOf(alice, other.digest, spdx)),
    attestation: spdx,
    trust: byAlice,
    accepted: false,
    faults: ['otherImage'],
  },
  {
    title: 'an SBOM where provenance is asked for',
    hang: image => [attestationTag(image, alice, spdx)],
    attestation: 'https://slsa.dev/provenance/v1',
    trust: byAlice,
    accepted: false,
  },
  {
    title: 'an SBOM whose statement was changed after it was signed',
    hang: image => {
      const [theirs, ours] = [other, image].map(one => JSON.parse(envelopeOf(alice, one.digest, spdx).toString()))
      return attestations(image, Buffer.from(JSON.stringify({ ...theirs, payload: ours.payload })))
    },
    attestation: spdx,
    trust: byAlice,
    accepted: false,
    faults: ['otherKey'],
  },
]
