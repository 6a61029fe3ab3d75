import {
  type Artifact,
  bundleBytes,
  bundleOf,
  bundleReferrer,
  bundleType,
  cosignBundle,
  cosignReferrer,
  cosignTag,
  layerOf,
  newSigner,
  payloadOf,
  type SignatureLayer,
  type Subject,
  signatureTagOf,
  signBytes,
  statementOf,
} from '../../support/cosign.ts'
import { tinyImage, tinyIndex } from '../../support/signed-image.ts'
import type { CosignCase, Trust } from './case.ts'

const alice = newSigner()
const stranger = newSigner()
const byAlice: Trust = { key: alice }
const spdx = 'https://spdx.dev/Document'
const other = tinyImage('another')

const tagOf = (image: Pick<Subject, 'digest'>, ...layers: readonly SignatureLayer[]): readonly Artifact[] => [
  signatureTagOf(image.digest, layers),
]
const bundled = (image: Subject, bundle: object, extra: object = {}): readonly Artifact[] => [
  bundleReferrer(image, bundleBytes(bundle), undefined, extra),
]
const good = (image: Subject): ReturnType<typeof bundleOf> => bundleOf(alice, statementOf(image.digest))
const withEnvelope = (image: Subject, change: object): object => ({
  ...good(image),
  dsseEnvelope: { ...good(image).dsseEnvelope, ...change },
})
const flipped = (text: string): string => {
  const bytes = Buffer.from(text, 'base64')
  bytes[bytes.length >> 1]! ^= 1
  return bytes.toString('base64')
}
const signature = 'dev.cosignproject.cosign/signature'

/** With a key, which nobody logged. */
export const keyCases: readonly CosignCase[] = [
  { title: 'a good tag', hang: (image, name) => [cosignTag(image, name, alice)], trust: byAlice, accepted: true },
  { title: 'a good bundle', hang: image => [cosignBundle(image, alice)], trust: byAlice, accepted: true },
  {
    title: 'a tag by another key',
    hang: (image, name) => [cosignTag(image, name, stranger)],
    trust: byAlice,
    accepted: false,
    faults: ['otherKey'],
  },
  {
    title: 'a bundle by another key',
    hang: image => [cosignBundle(image, stranger)],
    trust: byAlice,
    accepted: false,
    faults: ['otherKey'],
  },
  {
    title: 'a tag by two, of whom the second is trusted',
    hang: (image, name) => [cosignTag(image, name, stranger, alice)],
    trust: byAlice,
    accepted: true,
    faults: ['otherKey'],
  },
  {
    title: 'two bundles, of which one is trusted',
    hang: image => [cosignBundle(image, stranger), cosignBundle(image, alice)],
    trust: byAlice,
    accepted: true,
    faults: ['otherKey'],
  },
  { title: 'nothing: the signature was deleted', hang: () => [], trust: byAlice, accepted: false },
  {
    title: "another image's tag, copied",
    hang: (image, name) => tagOf(image, layerOf(alice, payloadOf(other.digest, name))),
    trust: byAlice,
    accepted: false,
    faults: ['otherImage'],
  },
  {
    title: "another image's bundle, copied",
    hang: image => bundled(image, good(other)),
    trust: byAlice,
    accepted: false,
    faults: ['otherImage'],
  },
  {
    title: 'a payload that was changed after it was signed',
    hang: (image, name) => tagOf(image, { ...layerOf(alice, payloadOf(other.digest, name)), payload: payloadOf(image.digest, name) }),
    trust: byAlice,
    accepted: false,
    faults: ['otherKey'],
  },
  {
    title: 'a statement that was changed after it was signed',
    hang: image =>
      bundled(image, { ...good(other), dsseEnvelope: { ...good(other).dsseEnvelope, payload: good(image).dsseEnvelope.payload } }),
    trust: byAlice,
    accepted: false,
    faults: ['altered'],
  },
  {
    title: 'a signature with one bit changed',
    hang: (image, name) => {
      const layer = layerOf(alice, payloadOf(image.digest, name))
      return tagOf(image, { ...layer, annotations: { [signature]: flipped(layer.annotations[signature]!) } })
    },
    trust: byAlice,
    accepted: false,
    faults: ['otherKey'],
  },
  {
    title: 'an envelope with one bit of its signature changed',
    hang: image => bundled(image, withEnvelope(image, { signatures: [{ sig: flipped(good(image).dsseEnvelope.signatures[0]!.sig) }] })),
    trust: byAlice,
    accepted: false,
    faults: ['altered'],
  },
  {
    title: 'a signature that is no base64',
    hang: (image, name) => tagOf(image, { payload: payloadOf(image.digest, name), annotations: { [signature]: '!' } }),
    trust: byAlice,
    accepted: false,
    faults: ['malformed'],
  },
  {
    title: 'an envelope of another type',
    hang: image => bundled(image, withEnvelope(image, { payloadType: 'text/plain' })),
    trust: byAlice,
    accepted: false,
    faults: ['malformed'],
  },
  {
    title: 'an envelope with the same signature twice',
    hang: image => {
      const [one] = good(image).dsseEnvelope.signatures
      return bundled(image, withEnvelope(image, { signatures: [one, one] }))
    },
    trust: byAlice,
    accepted: false,
    faults: ['malformed'],
  },
  {
    title: 'a name of another repository in the payload',
    hang: image => [cosignTag(image, 'ghcr.io/somebody/else', alice)],
    trust: byAlice,
    accepted: true,
  },
  {
    title: 'a payload of another type, signed',
    hang: (image, name) => {
      const said = JSON.parse(payloadOf(image.digest, name).toString())
      return tagOf(
        image,
        layerOf(alice, Buffer.from(JSON.stringify({ ...said, critical: { ...said.critical, type: 'atomic container signature' } }))),
      )
    },
    trust: byAlice,
    accepted: false,
    faults: ['malformed'],
    cosign: { accepted: true, because: 'cosign does not look at critical.type' },
  },
  {
    title: 'an SBOM and no signature',
    hang: image => [bundleReferrer(image, bundleBytes(bundleOf(alice, statementOf(image.digest, spdx))), spdx)],
    trust: byAlice,
    accepted: false,
    faults: ['notASignature'],
    cosign: { accepted: true, because: 'cosign takes any statement by the signer for a signature' },
  },
  {
    title: "a bundle over the manifest's bytes",
    hang: image => {
      const messageDigest = { algorithm: 'SHA2_256', digest: Buffer.from(image.digest.slice(7), 'hex').toString('base64') }
      const { dsseEnvelope: _, ...rest } = good(image)
      return bundled(image, { ...rest, messageSignature: { messageDigest, signature: signBytes(alice, image.bytes).toString('base64') } })
    },
    trust: byAlice,
    accepted: true,
    cosign: { accepted: false, because: 'cosign takes envelopes alone for images' },
  },
  {
    title: 'a good bundle in a manifest that names another image',
    hang: image => {
      const subject = { mediaType: other.mediaType, size: other.bytes.length, digest: other.digest }
      const made = bundleReferrer(image, bundleBytes(good(image)), undefined, { subject })
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests: [descriptorOf(made)] }))
      return [
        made,
        { blobs: new Map(), manifest: { digest: image.digest, mediaType: indexType, bytes }, tag: image.digest.replace(':', '-') },
      ]
    },
    trust: byAlice,
    accepted: false,
    cosign: { accepted: true, because: 'cosign does not compare the subject of a manifest that a list names' },
  },
  {
    title: "a good bundle in a manifest that is wrong about the image's size",
    hang: image => bundled(image, good(image), { subject: { mediaType: image.mediaType, size: 1, digest: image.digest } }),
    trust: byAlice,
    accepted: true,
  },
  {
    title: 'a good bundle whose manifest is wrong about its size',
    hang: image => {
      const bytes = bundleBytes(good(image))
      const made = bundleReferrer(image, bytes)
      const document = JSON.parse(Buffer.from(made.manifest.bytes).toString())
      const changed = bundleReferrer(image, bytes, undefined, { layers: [{ ...document.layers[0], size: bytes.length - 1 }] })
      return [changed]
    },
    trust: byAlice,
    accepted: false,
  },
  {
    title: 'a bundle of a version that is not known',
    hang: image => bundled(image, { ...good(image), mediaType: bundleType.replace('v0.3', 'v0.9') }),
    trust: byAlice,
    accepted: false,
    faults: ['malformed'],
  },
  {
    title: 'a referrer as of cosign 2',
    hang: (image, name) => [cosignReferrer(image, name, alice)],
    flags: ['--experimental-oci11'],
    trust: byAlice,
    accepted: true,
  },
  { title: 'an index', image: tinyIndex('index'), hang: image => [cosignBundle(image, alice)], trust: byAlice, accepted: true },
]

const indexType = 'application/vnd.oci.image.index.v1+json'
const descriptorOf = ({ manifest: { digest, mediaType, bytes } }: Artifact) => ({
  mediaType,
  digest,
  size: bytes.length,
  artifactType: bundleType,
})
