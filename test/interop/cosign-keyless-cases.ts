import {
  type Artifact,
  bundleBytes,
  bundleReferrer,
  cosignBundle,
  newSigner,
  payloadOf,
  type SignatureLayer,
  type Subject,
  signatureTagOf,
} from '../support/cosign.ts'
import { tinyImage } from '../support/signed-image.ts'
import { generalName, type Issued, oidcIssuer, oldOidcIssuer, purpose, times } from '../support/sigstore/certificates.ts'
import { alice, issueSigner, type SigningOptions } from '../support/sigstore/deployment.ts'
import { pem } from '../support/sigstore/der.ts'
import { newLog } from '../support/sigstore/logs.ts'
import { type Bundle, bodyOf, logAnnotationOf, stampAnnotation } from '../support/sigstore/signatures.ts'
import { type CosignCase, elsewhere, here, keylessBundle, keylessLayer, type Trust } from './cosign-cases.ts'

/** With its issuer in the old form too, as Fulcio writes it: cosign reads that one alone for tags. */
const signer = (
  { issuer = alice.issuer, ...options }: Omit<SigningOptions, 'issuer'> & { readonly issuer?: string } = {},
  by = here,
): Issued => issueSigner(by, { issuer: oidcIssuer(issuer), extensions: [oldOidcIssuer(issuer)], ...options })

/** A good one of cosign's tag, by alice. */
export const keylessTagLayer = (image: Pick<Subject, 'digest'>, name: string): SignatureLayer => keylessLayer(image, name, signer())

const byAlice: Trust = { subject: alice.email, issuer: alice.issuer }
const stamped: Trust = { ...byAlice, stampedOnly: true }
const other = tinyImage('another')
const later = new Date(times.signing[0].getTime() + 11 * 60_000)

const certificate = 'dev.sigstore.cosign/certificate'
const log = 'dev.sigstore.cosign/bundle'
const stamp = 'dev.sigstore.cosign/rfc3161timestamp'

const tag = (image: Pick<Subject, 'digest'>, ...layers: readonly SignatureLayer[]): readonly Artifact[] => [
  signatureTagOf(image.digest, layers),
]
const bundled = (image: Subject, bundle: object): readonly Artifact[] => [bundleReferrer(image, bundleBytes(bundle))]
const changed = (layer: SignatureLayer, annotations: Readonly<Record<string, string | undefined>>): SignatureLayer => {
  const all = Object.entries({ ...layer.annotations, ...annotations }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  return { ...layer, annotations: Object.fromEntries(all) }
}
/** The log entry of a tag, as an object. */
const entryIn = (layer: SignatureLayer) => JSON.parse(layer.annotations[log]!)
const withMaterial = (bundle: Bundle, change: object): object => ({
  ...bundle,
  verificationMaterial: { ...bundle.verificationMaterial, ...change },
})

const tagCases: readonly CosignCase[] = [
  {
    title: 'a tag with the promise of a log',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer())),
    trust: byAlice,
    accepted: true,
  },
  {
    title: 'a tag without the chain of its certificate',
    hang: (image, name) => tag(image, changed(keylessLayer(image, name, signer()), { 'dev.sigstore.cosign/chain': undefined })),
    trust: byAlice,
    accepted: true,
  },
  {
    title: 'a tag with a chain of something that is no certificate',
    hang: (image, name) => tag(image, changed(keylessTagLayer(image, name), { 'dev.sigstore.cosign/chain': pem(Buffer.from('x')) })),
    trust: byAlice,
    accepted: true,
    cosign: { accepted: false, because: 'the chain that comes along counts for nothing here, and cosign reads it all the same' },
  },
  {
    title: 'a tag, with somebody else trusted',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer())),
    trust: { ...byAlice, subject: 'mallory@example.com' },
    accepted: false,
    faults: ['otherIdentity'],
  },
  {
    title: 'a tag, with the beginning of the name trusted',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer())),
    trust: { ...byAlice, subject: 'alice@example.co' },
    accepted: false,
    faults: ['otherIdentity'],
  },
  {
    title: 'a tag by the same name of another issuer',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer({ issuer: 'https://evil.example' }))),
    trust: byAlice,
    accepted: false,
    faults: ['otherIdentity'],
  },
  {
    title: 'a tag without its log entry',
    hang: (image, name) => tag(image, changed(keylessLayer(image, name, signer()), { [log]: undefined })),
    trust: byAlice,
    accepted: false,
    faults: ['notLogged'],
  },
  {
    title: 'a tag with the promise for another time',
    hang: (image, name) => {
      const layer = keylessLayer(image, name, signer())
      const entry = entryIn(layer)
      const Payload = { ...entry.Payload, integratedTime: entry.Payload.integratedTime + 1 }
      return tag(image, changed(layer, { [log]: JSON.stringify({ ...entry, Payload }) }))
    },
    trust: byAlice,
    accepted: false,
    faults: ['notLogged'],
  },
  {
    title: 'a tag with the promise of another entry',
    hang: (image, name) => {
      const [layer, second] = [keylessLayer(image, name, signer()), keylessLayer(image, name, signer())]
      const { SignedEntryTimestamp } = entryIn(second)
      return tag(image, changed(layer, { [log]: JSON.stringify({ ...entryIn(layer), SignedEntryTimestamp }) }))
    },
    trust: byAlice,
    accepted: false,
    faults: ['notLogged'],
  },
  {
    title: 'a tag with the whole log entry of another signature',
    hang: (image, name) =>
      tag(image, changed(keylessLayer(image, name, signer()), { [log]: keylessLayer(image, name, signer()).annotations[log] })),
    trust: byAlice,
    accepted: false,
    faults: ['logEntry'],
  },
  {
    title: 'a tag with the promise of an unknown log',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer(), {}, { ...here, rekor: newLog('rekor.example') })),
    trust: byAlice,
    accepted: false,
    faults: ['notLogged'],
  },
  {
    title: 'a tag with another certificate of the same person',
    hang: (image, name) => tag(image, changed(keylessLayer(image, name, signer()), { [certificate]: pem(signer().der) })),
    trust: byAlice,
    accepted: false,
    faults: ['altered'],
  },
  {
    title: 'a tag that was logged after its certificate had expired',
    hang: (image, name) => {
      const one = signer()
      const layer = keylessLayer(image, name, one)
      const signature = Buffer.from(layer.annotations['dev.cosignproject.cosign/signature']!, 'base64')
      const body = bodyOf('hashedrekord 0.0.1', { signed: layer.payload, payload: layer.payload, signature, verifierPem: pem(one.der) })
      return tag(image, changed(layer, { [log]: logAnnotationOf(here, body, later) }))
    },
    trust: byAlice,
    accepted: false,
    faults: ['certificate'],
  },
  {
    title: 'a tag with a certificate of another authority',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer({}, elsewhere))),
    trust: byAlice,
    accepted: false,
    faults: ['certificate'],
  },
  {
    title: 'a tag with a certificate that no log has seen',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer({ sct: 'none' }))),
    trust: byAlice,
    accepted: false,
    faults: ['sct'],
  },
  {
    title: 'a tag with a certificate for TLS',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer({ usage: purpose(['1.3.6.1.5.5.7.3.1']) }))),
    trust: byAlice,
    accepted: false,
    faults: ['certificate'],
  },
  {
    title: "another image's tag, copied with all its proofs",
    hang: (image, name) => tag(image, keylessLayer(other, name, signer())),
    trust: byAlice,
    accepted: false,
    faults: ['otherImage'],
  },
  {
    title: 'a tag whose payload was changed',
    hang: (image, name) => tag(image, { ...keylessLayer(other, name, signer()), payload: payloadOf(image.digest, name) }),
    trust: byAlice,
    accepted: false,
    faults: ['altered'],
  },
  {
    title: 'a tag with a timestamp instead of a log entry',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer(), { log: false, stamped: 'signature' })),
    trust: stamped,
    accepted: true,
  },
  {
    title: 'a tag with a timestamp of something else',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer(), { log: false, stamped: Buffer.from('x') })),
    trust: stamped,
    accepted: false,
    faults: ['untimed'],
  },
  {
    title: 'a tag with a timestamp of an unknown authority',
    hang: (image, name) => {
      const layer = keylessLayer(image, name, signer(), { log: false })
      const signature = Buffer.from(layer.annotations['dev.cosignproject.cosign/signature']!, 'base64')
      return tag(image, changed(layer, { [stamp]: stampAnnotation(elsewhere, signature) }))
    },
    trust: stamped,
    accepted: false,
    faults: ['untimed'],
  },
  {
    title: 'a tag with a certificate that names its issuer in the new form alone',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer({ extensions: [] }))),
    trust: byAlice,
    accepted: true,
    cosign: { accepted: false, because: 'cosign reads the old form alone for tags' },
  },
  {
    title: 'a tag of a workflow, by its address',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer({ names: [generalName.uri('https://github.com/a/b')] }))),
    trust: { ...byAlice, subject: 'https://github.com/a/b' },
    accepted: true,
  },
  {
    title: 'a tag, with a pattern for the whole name',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer())),
    trust: { issuer: alice.issuer, subjectRegExp: '^alice@example\\.com$' },
    accepted: true,
  },
  {
    title: 'a tag, with a pattern for another name',
    hang: (image, name) => tag(image, keylessLayer(image, name, signer())),
    trust: { issuer: alice.issuer, subjectRegExp: '^bob@example\\.com$' },
    accepted: false,
    faults: ['otherIdentity'],
  },
]

const bundleCases: readonly CosignCase[] = [
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
    hang: image => bundled(image, keylessBundle(image, {}, signer({ issuer: 'https://evil.example' }))),
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
    hang: image => bundled(image, withMaterial(keylessBundle(image), { certificate: { rawBytes: signer().der.toString('base64') } })),
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
    hang: image => bundled(image, keylessBundle(image, {}, signer({}, elsewhere), elsewhere)),
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

/** With certificates that live for ten minutes, as of a Sigstore of our own. */
export const keylessCases: readonly CosignCase[] = [...tagCases, ...bundleCases]
