import { type Artifact, bundleBytes, bundleReferrer, cosignBundle, newSigner, type Subject } from '../../support/cosign.ts'
import { tinyImage } from '../../support/signed-image.ts'
import { times } from '../../support/sigstore/certificates.ts'
import { alice } from '../../support/sigstore/deployment.ts'
import type { Bundle } from '../../support/sigstore/signatures.ts'
import { type CosignCase, elsewhere, keylessBundle, keylessSigner, type Trust } from './case.ts'

const byAlice: Trust = { subject: alice.email, issuer: alice.issuer }
const other = tinyImage('another')
const later = new Date(times.signing[0].getTime() + 11 * 60_000)

const bundled = (image: Subject, bundle: object): readonly Artifact[] => [bundleReferrer(image, bundleBytes(bundle))]
const withMaterial = (bundle: Bundle, change: object): object => ({
  ...bundle,
  verificationMaterial: { ...bundle.verificationMaterial, ...change },
})

/** The same as bundles. */
export const keylessBundleCases: readonly CosignCase[] = [
  { title: 'a bundle with an entry of Rekor 1', hang: image => bundled(image, keylessBundle(image)), trust: byAlice, accepted: true },
  {
    title: 'a bundle with a field that nobody knows',
    hang: image => bundled(image, withMaterial(keylessBundle(image), { more: [] })),
    trust: byAlice,
    accepted: true,
    cosign: { accepted: false, because: 'cosign takes no field that it does not know' },
  },
  {
    title: 'a bundle with an entry of Rekor 1 of its signed bytes',
    hang: image => bundled(image, keylessBundle(image, { kind: 'hashedrekord 0.0.1' })),
    trust: byAlice,
    accepted: true,
    cosign: { accepted: false, because: 'cosign wants entries of Rekor 1 to be of envelopes' },
  },
  {
    title: 'a bundle with an entry of Rekor 2 and a timestamp',
    hang: image => bundled(image, keylessBundle(image, { logs: ['rekor2'], stamps: [{}] })),
    trust: byAlice,
    accepted: true,
  },
  {
    title: 'a bundle with an entry of Rekor 2 and no timestamp',
    hang: image => bundled(image, keylessBundle(image, { logs: ['rekor2'] })),
    trust: byAlice,
    accepted: false,
    faults: ['untimed'],
  },
  {
    title: 'a bundle without an entry',
    hang: image => bundled(image, keylessBundle(image, { logs: [], stamps: [{}] })),
    trust: byAlice,
    accepted: false,
    faults: ['notLogged'],
  },
  {
    title: 'a bundle, with the beginning of the name trusted',
    hang: image => bundled(image, keylessBundle(image)),
    trust: { ...byAlice, subject: 'alice' },
    accepted: false,
    faults: ['otherIdentity'],
  },
  {
    title: 'a bundle by the same name of another issuer',
    hang: image => bundled(image, keylessBundle(image, {}, keylessSigner({ issuer: 'https://evil.example' }))),
    trust: byAlice,
    accepted: false,
    faults: ['otherIdentity'],
  },
  {
    title: "another image's bundle, copied with all its proofs",
    hang: image => bundled(image, keylessBundle(other)),
    trust: byAlice,
    accepted: false,
    faults: ['otherImage'],
  },
  {
    title: 'a bundle with another certificate of the same person',
    hang: image =>
      bundled(image, withMaterial(keylessBundle(image), { certificate: { rawBytes: keylessSigner().der.toString('base64') } })),
    trust: byAlice,
    accepted: false,
    faults: ['altered'],
  },
  {
    title: 'a bundle with the entry of another signature',
    hang: image => {
      const { tlogEntries } = keylessBundle(image).verificationMaterial
      return bundled(image, withMaterial(keylessBundle(image), { tlogEntries }))
    },
    trust: byAlice,
    accepted: false,
    faults: ['logEntry'],
  },
  {
    title: 'a bundle with a timestamp of another signature',
    hang: image => {
      const proofs = { logs: ['rekor2'], stamps: [{}] } as const
      const { timestampVerificationData } = keylessBundle(image, proofs).verificationMaterial
      return bundled(image, withMaterial(keylessBundle(image, proofs), { timestampVerificationData }))
    },
    trust: byAlice,
    accepted: false,
    faults: ['untimed'],
  },
  {
    title: 'a bundle that was logged after its certificate had expired',
    hang: image => bundled(image, keylessBundle(image, { entry: { time: later } })),
    trust: byAlice,
    accepted: false,
    faults: ['certificate'],
  },
  {
    title: 'a bundle of another Sigstore',
    hang: image => bundled(image, keylessBundle(image, {}, keylessSigner({}, elsewhere), elsewhere)),
    trust: byAlice,
    accepted: false,
    faults: ['notLogged'],
  },
  {
    title: 'a bundle by a key, where a name is asked for',
    hang: image => [cosignBundle(image, newSigner())],
    trust: byAlice,
    accepted: false,
    faults: ['otherIdentity'],
  },
  {
    title: 'a bundle by a certificate, where a key is asked for',
    hang: image => bundled(image, keylessBundle(image)),
    trust: { key: newSigner() },
    accepted: false,
    faults: ['otherKey'],
  },
]
