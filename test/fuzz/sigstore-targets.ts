import { publicKeyFromPem } from '../../src/policy/keys.ts'
import { type Authority, keysOnly } from '../../src/signatures/authority.ts'
import { parseTrustedRoot } from '../../src/signatures/sigstore/trusted-root.ts'
import { verifySimpleSigning } from '../../src/signatures/simple-signing.ts'
import type { Verdict } from '../../src/signatures/verdict.ts'
import { verifyBundleAttestation, verifyEnvelope } from '../../src/signatures/verify-attestation.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import { envelopeOf } from '../support/attached.ts'
import {
  bundleBytes,
  bundleOf,
  inTotoType,
  layerOf,
  newSigner,
  paeOf,
  payloadOf,
  signBytes,
  signPredicate,
  statementOf,
} from '../support/cosign.ts'
import { issueSigner, newDeployment, trustedRootOf } from '../support/sigstore/deployment.ts'
import { annotationsOf, type Bundle, signBundle } from '../support/sigstore/signatures.ts'
import { image, jsonBytes, manifest, parsedRoot, trustAlice } from '../support/sigstore/trust.ts'
import { codeOr, decoded, type FuzzTarget, justified, lenient, within } from './target.ts'

const here = newDeployment()
const elsewhere = newDeployment()
const trust = trustAlice(parsedRoot(trustedRootOf(here)))
const signer = issueSigner(here)
const key = newSigner()
const byKey = keysOnly([{ name: 'cosign.pub', ...publicKeyFromPem(key.publicPem, 'cosign.pub') }])
const spdx = 'https://spdx.dev/Document'

const wordOf = ({ verified, fault }: Verdict): string => (verified ? 'pass' : fault!)
const verify = (bundle: Uint8Array, authority: Authority) => verifyBundle(image, { bundle, manifest: () => manifest }, authority)
const signed = (what: object | Uint8Array, proofs: Parameters<typeof signBundle>[3] = {}) => signBundle(here, signer, what, proofs).bundle

/** What a signature in a bundle rests on. */
const groundsOf = (bundle: unknown): string =>
  [
    JSON.stringify(within(bundle, 'dsseEnvelope', 'payloadType')),
    decoded(within(bundle, 'dsseEnvelope', 'payload')),
    decoded(within(bundle, 'dsseEnvelope', 'signatures', 0, 'sig')),
    decoded(within(bundle, 'messageSignature', 'signature')),
    decoded(within(bundle, 'verificationMaterial', 'certificate', 'rawBytes')),
  ].join()

const keyless: readonly Bundle[] = [
  signed(statementOf(image)),
  signed(statementOf(image), { kind: 'dsse 0.0.1' }),
  signed(statementOf(image), { logs: ['rekor2'], stamps: [{ certificates: [here.tsa.der] }] }),
  signed(manifest),
  signed(manifest, { logs: ['rekor', 'rekor2'], stamps: [{}] }),
]
const keyed = bundleOf(key, statementOf(image))
const attested = [signed(statementOf(image, spdx)), signed(statementOf(image, spdx), { kind: 'intoto 0.0.2' })]
const allGrounds = new Set([...keyless, keyed, ...attested].map(groundsOf))
const witnessed = new Set(keyless.map(bundle => JSON.stringify(verify(jsonBytes(bundle), trust).witnesses)))
const judged = (input: Buffer, verdict: Verdict, grounds: string): string => {
  if (verdict.verified) justified(allGrounds.has(grounds), 'another payload, signature or certificate')
  if (verdict.verified && verdict.certified !== undefined)
    justified(verdict.certified.subject === 'alice@example.com' && input.length > 0, 'somebody else')
  return wordOf(verdict)
}

const bundles: readonly FuzzTarget[] = [
  {
    name: 'keyless bundle',
    samples: keyless.map(jsonBytes),
    sound: 'pass',
    run(input) {
      const verdict = verify(input, trust)
      // Two entries prove as much as one of them.
      if (verdict.verified && verdict.witnesses?.length === 1)
        justified(
          [...witnessed].some(all => all.includes(JSON.stringify(verdict.witnesses![0]))),
          'a time that no witness named',
        )
      return judged(input, verdict, groundsOf(lenient(input)))
    },
  },
  {
    name: 'bundle by a key',
    samples: [bundleBytes(keyed)],
    sound: 'pass',
    run: input => judged(input, verify(input, byKey), groundsOf(lenient(input))),
  },
  {
    name: 'attestation bundle',
    samples: attested.map(jsonBytes),
    sound: 'pass',
    run: input => judged(input, verifyBundleAttestation(image, input, trust), groundsOf(lenient(input))),
  },
  {
    name: 'DSSE envelope',
    samples: [envelopeOf(key, image, spdx)],
    sound: 'pass',
    run(input) {
      const verdict = verifyEnvelope(image, { envelope: input, annotations: {} }, byKey)
      const envelope = lenient(input)
      const same = (name: string, ...path: readonly (string | number)[]) =>
        decoded(within(envelope, name, ...path)) === decoded(within(lenient(envelopes[0]!), name, ...path))
      if (verdict.verified) justified(same('payload') && within(envelope, 'payloadType') === inTotoType, 'another payload')
      return wordOf(verdict)
    },
  },
]
const envelopes = bundles[3]!.samples

const tsaToken = keyless[2]!.verificationMaterial.timestampVerificationData.rfc3161Timestamps[0]!.signedTimestamp
const rekor2Witnesses = JSON.stringify(verify(jsonBytes(keyless[2]!), trust).witnesses)
const payload = payloadOf(image, 'registry.example.com/plugin')
const tagLayers = [
  { payload: payload.toString('base64'), annotations: annotationsOf(here, signer, payload, { stamped: 'signature' }) },
  { payload: payload.toString('base64'), annotations: layerOf(key, payload).annotations },
]
const signatureName = 'dev.cosignproject.cosign/signature'
const signatures = new Set(tagLayers.map(({ annotations }) => decoded(annotations[signatureName])))

const others: readonly FuzzTarget[] = [
  {
    name: 'timestamp token',
    samples: [Buffer.from(tsaToken, 'base64')],
    sound: 'pass',
    run(input) {
      const { verificationMaterial, ...rest } = keyless[2]!
      const timestampVerificationData = { rfc3161Timestamps: [{ signedTimestamp: input.toString('base64') }] }
      const verdict = verify(jsonBytes({ ...rest, verificationMaterial: { ...verificationMaterial, timestampVerificationData } }), trust)
      if (verdict.verified) justified(JSON.stringify(verdict.witnesses) === rekor2Witnesses, 'another time')
      return wordOf(verdict)
    },
  },
  {
    name: 'layer of a tag',
    samples: tagLayers.map(jsonBytes),
    sound: 'pass',
    run(input) {
      const layer = lenient(input)
      const annotations = within(layer, 'annotations')
      if (typeof annotations !== 'object' || annotations === null) return 'no annotations'
      const texts = Object.entries(annotations).filter((entry): entry is [string, string] => typeof entry[1] === 'string')
      const found = { payload: Buffer.from(decoded(within(layer, 'payload')), 'hex'), annotations: Object.fromEntries(texts) }
      const verdicts = [trust, byKey].map(authority => verifySimpleSigning(image, found, authority))
      const passed = verdicts.find(({ verified }) => verified)
      if (passed === undefined) return verdicts.map(wordOf).join(' ')
      justified(found.payload.equals(payload) && signatures.has(decoded(found.annotations[signatureName])), 'another payload or signature')
      return 'pass'
    },
  },
  {
    name: 'payload of a tag, signed',
    samples: [payload],
    sound: 'pass',
    run(input) {
      const verdict = verifySimpleSigning(image, layerOf(key, input), byKey)
      const critical = within(lenient(input), 'critical')
      const same =
        within(critical, 'image', 'docker-manifest-digest') === image && within(critical, 'type') === 'cosign container image signature'
      if (verdict.verified) justified(same, 'another image or type')
      return wordOf(verdict)
    },
  },
  {
    name: 'statement, signed',
    samples: [jsonBytes(statementOf(image)), jsonBytes({ ...statementOf(image), predicate: { a: [1, { b: 'c' }] } })],
    sound: 'pass',
    run(input) {
      const sig = signBytes(key, paeOf(inTotoType, input)).toString('base64')
      const dsseEnvelope = { payload: input.toString('base64'), payloadType: inTotoType, signatures: [{ sig }] }
      const verdict = verify(jsonBytes({ ...keyed, dsseEnvelope }), byKey)
      const statement = lenient(input)
      const subjects = within(statement, 'subject')
      const isImage = (hex: unknown) => typeof hex === 'string' && `sha256:${hex}`.toLowerCase() === image
      const named = Array.isArray(subjects) && subjects.some(one => isImage(within(one, 'digest', 'sha256')))
      if (verdict.verified) justified(named && within(statement, 'predicateType') === signPredicate, 'another image or purpose')
      return wordOf(verdict)
    },
  },
  {
    name: 'trusted_root.json',
    samples: [jsonBytes(trustedRootOf(here))],
    sound: 'pass',
    run: input =>
      codeOr(() => {
        const authority = trustAlice(parseTrustedRoot(input, 'trusted_root.json'))
        justified(!verify(strangers, authority).verified, 'somebody whom no root names')
        return wordOf(verify(jsonBytes(keyless[2]!), authority))
      }),
  },
]
const strangers = jsonBytes(
  signBundle(elsewhere, issueSigner(elsewhere), statementOf(image), { logs: ['rekor', 'rekor2'], stamps: [{}] }).bundle,
)

export const sigstoreTargets: readonly FuzzTarget[] = [...bundles, ...others]
