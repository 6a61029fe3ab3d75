import { type Artifact, payloadOf, type SignatureLayer, type Subject, signatureTagOf } from '../../support/cosign.ts'
import { tinyImage } from '../../support/signed-image.ts'
import { generalName, purpose, times } from '../../support/sigstore/certificates.ts'
import { alice } from '../../support/sigstore/deployment.ts'
import { pem } from '../../support/sigstore/der.ts'
import { newLog } from '../../support/sigstore/logs.ts'
import { bodyOf, logAnnotationOf, stampAnnotation } from '../../support/sigstore/signatures.ts'
import { type CosignCase, elsewhere, here, keylessLayer, keylessSigner, keylessTagLayer, type Trust } from './case.ts'

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
const changed = (layer: SignatureLayer, annotations: Readonly<Record<string, string | undefined>>): SignatureLayer => {
  const all = Object.entries({ ...layer.annotations, ...annotations }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  )
  return { ...layer, annotations: Object.fromEntries(all) }
}
/** The log entry of a tag, as an object. */
const entryIn = (layer: SignatureLayer) => JSON.parse(layer.annotations[log]!)
/** In cosign's tag, with certificates that live for ten minutes. */
export const keylessTagCases: readonly CosignCase[] = [
  {
    title: 'a tag with the promise of a log',
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner())),
    trust: byAlice,
    accepted: true,
  },
  {
    title: 'a tag without the chain of its certificate',
    hang: (image, name) => tag(image, changed(keylessLayer(image, name, keylessSigner()), { 'dev.sigstore.cosign/chain': undefined })),
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
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner())),
    trust: { ...byAlice, subject: 'mallory@example.com' },
    accepted: false,
    faults: ['otherIdentity'],
  },
  {
    title: 'a tag, with the beginning of the name trusted',
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner())),
    trust: { ...byAlice, subject: 'alice@example.co' },
    accepted: false,
    faults: ['otherIdentity'],
  },
  {
    title: 'a tag by the same name of another issuer',
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner({ issuer: 'https://evil.example' }))),
    trust: byAlice,
    accepted: false,
    faults: ['otherIdentity'],
  },
  {
    title: 'a tag without its log entry',
    hang: (image, name) => tag(image, changed(keylessLayer(image, name, keylessSigner()), { [log]: undefined })),
    trust: byAlice,
    accepted: false,
    faults: ['notLogged'],
  },
  {
    title: 'a tag with the promise for another time',
    hang: (image, name) => {
      const layer = keylessLayer(image, name, keylessSigner())
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
      const [layer, second] = [keylessLayer(image, name, keylessSigner()), keylessLayer(image, name, keylessSigner())]
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
      tag(
        image,
        changed(keylessLayer(image, name, keylessSigner()), { [log]: keylessLayer(image, name, keylessSigner()).annotations[log] }),
      ),
    trust: byAlice,
    accepted: false,
    faults: ['logEntry'],
  },
  {
    title: 'a tag with the promise of an unknown log',
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner(), {}, { ...here, rekor: newLog('rekor.example') })),
    trust: byAlice,
    accepted: false,
    faults: ['notLogged'],
  },
  {
    title: 'a tag with another certificate of the same person',
    hang: (image, name) => tag(image, changed(keylessLayer(image, name, keylessSigner()), { [certificate]: pem(keylessSigner().der) })),
    trust: byAlice,
    accepted: false,
    faults: ['altered'],
  },
  {
    title: 'a tag that was logged after its certificate had expired',
    hang: (image, name) => {
      const one = keylessSigner()
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
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner({}, elsewhere))),
    trust: byAlice,
    accepted: false,
    faults: ['certificate'],
  },
  {
    title: 'a tag with a certificate that no log has seen',
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner({ sct: 'none' }))),
    trust: byAlice,
    accepted: false,
    faults: ['sct'],
  },
  {
    title: 'a tag with a certificate for TLS',
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner({ usage: purpose(['1.3.6.1.5.5.7.3.1']) }))),
    trust: byAlice,
    accepted: false,
    faults: ['certificate'],
  },
  {
    title: "another image's tag, copied with all its proofs",
    hang: (image, name) => tag(image, keylessLayer(other, name, keylessSigner())),
    trust: byAlice,
    accepted: false,
    faults: ['otherImage'],
  },
  {
    title: 'a tag whose payload was changed',
    hang: (image, name) => tag(image, { ...keylessLayer(other, name, keylessSigner()), payload: payloadOf(image.digest, name) }),
    trust: byAlice,
    accepted: false,
    faults: ['altered'],
  },
  {
    title: 'a tag with a timestamp instead of a log entry',
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner(), { log: false, stamped: 'signature' })),
    trust: stamped,
    accepted: true,
  },
  {
    title: 'a tag with a timestamp of something else',
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner(), { log: false, stamped: Buffer.from('x') })),
    trust: stamped,
    accepted: false,
    faults: ['untimed'],
  },
  {
    title: 'a tag with a timestamp of an unknown authority',
    hang: (image, name) => {
      const layer = keylessLayer(image, name, keylessSigner(), { log: false })
      const signature = Buffer.from(layer.annotations['dev.cosignproject.cosign/signature']!, 'base64')
      return tag(image, changed(layer, { [stamp]: stampAnnotation(elsewhere, signature) }))
    },
    trust: stamped,
    accepted: false,
    faults: ['untimed'],
  },
  {
    title: 'a tag with a certificate that names its issuer in the new form alone',
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner({ extensions: [] }))),
    trust: byAlice,
    accepted: true,
    cosign: { accepted: false, because: 'cosign reads the old form alone for tags' },
  },
  {
    title: 'a tag of a workflow, by its address',
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner({ names: [generalName.uri('https://github.com/a/b')] }))),
    trust: { ...byAlice, subject: 'https://github.com/a/b' },
    accepted: true,
  },
  {
    title: 'a tag, with a pattern for the whole name',
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner())),
    trust: { issuer: alice.issuer, subjectRegExp: '^alice@example\\.com$' },
    accepted: true,
  },
  {
    title: 'a tag, with a pattern for another name',
    hang: (image, name) => tag(image, keylessLayer(image, name, keylessSigner())),
    trust: { issuer: alice.issuer, subjectRegExp: '^bob@example\\.com$' },
    accepted: false,
    faults: ['otherIdentity'],
  },
]
