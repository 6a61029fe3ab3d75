// peers: cosign
import { createPublicKey } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { parseTrustedRoot } from '../../src/signatures/sigstore/trusted-root.ts'
import { verifyBundleAttestation } from '../../src/signatures/verify-attestation.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import { statementOf } from '../support/cosign.ts'
import { newKey, oidcIssuer, purpose, times } from '../support/sigstore/certificates.ts'
import { alice, issueSigner, issueTsa, newDeployment, type TrustedRootJson, trustedRootOf } from '../support/sigstore/deployment.ts'
import { pem } from '../support/sigstore/der.ts'
import { identityOf } from '../support/sigstore/identity.ts'
import { type Log, newLog } from '../support/sigstore/logs.ts'
import { type Bundle, bodyOf, entryOf, signBundle } from '../support/sigstore/signatures.ts'
import { image, jsonBytes, manifest, otherImage, parsedRoot, trustAlice } from '../support/sigstore/trust.ts'
import { type CosignCli, cosignCli } from './cosign-cli.ts'
import { peer } from './peers.ts'
import { endAll } from './processes.ts'

const here = newDeployment()
const elsewhere = newDeployment()
const signed = (signing: Parameters<typeof issueSigner>[1] = {}, proofs: Parameters<typeof signBundle>[3] = {}, by = here) =>
  signBundle(by, issueSigner(here, signing), manifest, proofs)
const good = signed()
const withEntry = (body: Buffer): Bundle => ({
  ...good.bundle,
  verificationMaterial: { ...good.bundle.verificationMaterial, tlogEntries: [entryOf(here.rekor, body)] },
})
const withEntries = (...tlogEntries: readonly object[]): Bundle => ({
  ...good.bundle,
  verificationMaterial: { ...good.bundle.verificationMaterial, tlogEntries },
})
const tsaOf = (json: TrustedRootJson, ...certificates: readonly Buffer[]): object => ({
  ...json,
  timestampAuthorities: json.timestampAuthorities.map(tsa => ({
    ...tsa,
    certChain: { certificates: certificates.map(der => ({ rawBytes: der.toString('base64') })) },
  })),
})
const logsUntil = (json: TrustedRootJson, end: string): object => ({
  ...json,
  tlogs: json.tlogs.map(log => ({ ...log, publicKey: { ...log.publicKey, validFor: { ...log.publicKey.validFor, end } } })),
})
const minutes = (count: number) => new Date(times.signing[0].getTime() + count * 60_000)
const rekor2 = signed({}, { logs: ['rekor2'], stamps: [{}] }).bundle

interface Case {
  readonly title: string
  readonly bundle: object
  readonly root?: (json: TrustedRootJson) => object
  readonly identity?: string
  readonly accepted: boolean
  /** Where cosign decides otherwise, and why that is as it should be. */
  readonly cosign?: { readonly accepted: boolean; readonly because: string }
}
const cases: readonly Case[] = [
  { title: 'Rekor 1', bundle: good.bundle, accepted: true },
  { title: 'Rekor 2 and a timestamp', bundle: rekor2, accepted: true },
  { title: 'Rekor 1, Rekor 2 and a timestamp', bundle: signed({}, { logs: ['rekor', 'rekor2'], stamps: [{}] }).bundle, accepted: true },
  { title: 'a P-384 key', bundle: signed({ key: newKey('P-384') }).bundle, accepted: true },
  {
    title: 'a timestamp with half a second',
    bundle: signed({}, { logs: ['rekor2'], stamps: [{ fraction: '.5' }] }).bundle,
    accepted: true,
  },
  { title: 'a certificate timestamp with extensions', bundle: signed({ sct: { extensions: Buffer.from('abc') } }).bundle, accepted: true },
  { title: 'a certificate timestamp of a further log', bundle: signed({ sct: { others: [newLog('x')] } }).bundle, accepted: true },
  { title: 'another identity', bundle: good.bundle, identity: 'mallory@example.com', accepted: false },
  { title: 'the beginning of the identity', bundle: good.bundle, identity: 'alice', accepted: false },
  { title: 'another issuer', bundle: signed({ issuer: oidcIssuer('https://evil.example') }).bundle, accepted: false },
  { title: 'a certificate of another Fulcio', bundle: signBundle(here, issueSigner(elsewhere), manifest).bundle, accepted: false },
  { title: 'a certificate for TLS', bundle: signed({ usage: purpose(['1.3.6.1.5.5.7.3.1']) }).bundle, accepted: false },
  { title: 'no certificate timestamp', bundle: signed({ sct: 'none' }).bundle, accepted: false },
  { title: 'a certificate timestamp of an unknown log', bundle: signed({ sct: { log: newLog('x') } }).bundle, accepted: false },
  { title: 'an entry of an unknown log', bundle: signed({}, {}, { ...here, rekor: newLog('rekor.example') }).bundle, accepted: false },
  { title: 'no entry', bundle: signed({}, { logs: [], stamps: [{}] }).bundle, accepted: false },
  { title: 'an entry after the certificate', bundle: signed({}, { entry: { time: minutes(11) } }).bundle, accepted: false },
  { title: 'a checkpoint of another key', bundle: signed({}, { entry: { signer: newKey() } }).bundle, accepted: false },
  { title: 'Rekor 2 without a timestamp', bundle: signed({}, { logs: ['rekor2'] }).bundle, accepted: false },
  {
    title: 'a timestamp of an unknown authority',
    bundle: signed({}, { logs: ['rekor2'], stamps: [{ signer: elsewhere.tsa }] }).bundle,
    accepted: false,
  },
  {
    title: 'a timestamp by another key',
    bundle: signed({}, { logs: ['rekor2'], stamps: [{ signer: { ...here.tsa, key: newKey() } }] }).bundle,
    accepted: false,
  },
  {
    title: 'an entry over other bytes',
    bundle: withEntry(bodyOf('hashedrekord 0.0.1', { ...good.logging, signed: Buffer.from('x') })),
    accepted: false,
  },
  { title: 'an entry of another signature', bundle: withEntry(bodyOf('hashedrekord 0.0.1', signed().logging)), accepted: false },
  {
    title: 'an entry with another certificate',
    bundle: withEntry(bodyOf('hashedrekord 0.0.1', { ...good.logging, verifierPem: signed().logging.verifierPem })),
    accepted: false,
  },
  ...(['P-521', 'RSA', 'Ed25519'] as const).map(
    (kind): Case => ({ title: `a ${kind} key`, bundle: signed({ key: newKey(kind) }).bundle, accepted: true }),
  ),
  ...(['P-384', 'RSA', 'Ed25519'] as const).map((kind): Case => {
    const tsa = issueTsa(here.tsaRoot, newKey(kind))
    const hash = { 'P-384': 'sha384', RSA: 'sha512', Ed25519: 'sha512' }[kind]
    return {
      title: `a timestamp with ${kind} and ${hash}`,
      bundle: signed({}, { logs: ['rekor2'], stamps: [{ signer: tsa, hash }] }).bundle,
      root: json => tsaOf(json, tsa.der, here.tsaRoot.der),
      accepted: true,
    }
  }),
  {
    title: 'a certificate that does not say what it is for',
    bundle: signed({ usage: undefined }).bundle,
    accepted: false,
    cosign: { accepted: true, because: 'cosign takes a certificate without a purpose for one of any' },
  },
  {
    title: 'a timestamp of something else',
    bundle: {
      ...rekor2,
      verificationMaterial: {
        ...rekor2.verificationMaterial,
        timestampVerificationData: signed({}, { stamps: [{}] }).bundle.verificationMaterial.timestampVerificationData,
      },
    },
    accepted: false,
  },
  {
    title: 'a timestamp that came with its certificate',
    bundle: signed({}, { logs: ['rekor2'], stamps: [{ certificates: [here.tsa.der] }] }).bundle,
    accepted: true,
  },
  { title: 'a timestamp that was not granted', bundle: signed({}, { logs: ['rekor2'], stamps: [{ status: 2 }] }).bundle, accepted: false },
  {
    title: 'an entry of an unknown log beside a known one',
    bundle: withEntries(
      entryOf(elsewhere.rekor, bodyOf('hashedrekord 0.0.1', good.logging)),
      ...good.bundle.verificationMaterial.tlogEntries,
    ),
    accepted: true,
  },
  {
    title: 'an entry twice',
    bundle: withEntries(...good.bundle.verificationMaterial.tlogEntries, ...good.bundle.verificationMaterial.tlogEntries),
    accepted: false,
  },
  {
    title: 'another message digest',
    bundle: {
      ...good.bundle,
      messageSignature: {
        ...good.bundle.messageSignature,
        messageDigest: { algorithm: 'SHA2_256', digest: Buffer.alloc(32).toString('base64') },
      },
    },
    accepted: false,
  },
  { title: 'a log that is no longer trusted', bundle: good.bundle, root: json => logsUntil(json, '2026-01-01T00:04:59Z'), accepted: false },
  {
    title: 'a log in the last second in which it is trusted',
    bundle: good.bundle,
    root: json => logsUntil(json, '2026-01-01T00:05:00Z'),
    accepted: true,
  },
  {
    title: 'a Rekor 2 that is no longer trusted',
    bundle: rekor2,
    root: json => logsUntil(json, '2026-01-01T00:04:59Z'),
    accepted: false,
    cosign: { accepted: true, because: 'cosign does not ask when the key of a checkpoint ended' },
  },
  { title: 'a trusted root whose intermediate is the end', bundle: good.bundle, root: json => chainOf(json, 0, 1), accepted: true },
]
const chainOf = (json: TrustedRootJson, from: number, to: number): object => ({
  ...json,
  certificateAuthorities: json.certificateAuthorities.map(ca => ({
    ...ca,
    certChain: { certificates: ca.certChain.certificates.slice(from, to) },
  })),
})

describe('real cosign 3 and certificates of a Sigstore of our own', () => {
  let cosign: CosignCli
  before(async function () {
    cosign = cosignCli(await peer(this, 'cosign'))
  })
  after(endAll)

  for (const { title, bundle, root = (json: TrustedRootJson): object => json, identity = alice.email, accepted, cosign: theirs } of cases) {
    it(`${(theirs?.accepted ?? accepted) ? 'accepts' : 'rejects'} ${title}${theirs === undefined ? ', as we do' : `, as we do not: ${theirs.because}`}`, async () => {
      const json = root(trustedRootOf(here))
      const identities = [identityOf({ subject: identity, issuer: alice.issuer })]
      const ours = verifyBundle(
        image,
        { bundle: jsonBytes(bundle), manifest: () => manifest },
        trustAlice(parsedRoot(json), { identities }),
      )
      const { code, stderr } = await cosign.run([
        'verify-blob',
        ...['--bundle', cosign.file(JSON.stringify(bundle)), '--trusted-root', cosign.file(JSON.stringify(json))],
        ...['--certificate-identity', identity, '--certificate-oidc-issuer', alice.issuer],
        cosign.file(manifest.toString()),
      ])
      expect(ours.verified, JSON.stringify(ours.steps)).to.equal(accepted)
      expect(code === 0, stderr).to.equal(theirs?.accepted ?? accepted)
    })
  }

  describe('of attestations', () => {
    const spdx = 'https://spdx.dev/Document'
    const stated = (digest = image, proofs: Parameters<typeof signBundle>[3] = {}, predicateType = spdx) =>
      signBundle(here, issueSigner(here), { ...statementOf(digest, predicateType), predicate: { packages: [] } }, proofs)
    const one = stated()
    const envelopeOf = (change: object): Bundle => ({ ...one.bundle, dsseEnvelope: { ...one.bundle.dsseEnvelope!, ...change } })
    const table: readonly [title: string, bundle: object, accepted: boolean, notByCosign?: string][] = [
      ['an SBOM with an entry of its bytes', one.bundle, true, 'cosign wants entries of Rekor 1 to be of envelopes'],
      ['an SBOM with an entry of the kind dsse', stated(image, { kind: 'dsse 0.0.1' }).bundle, true],
      ['an SBOM in Rekor 2', stated(image, { logs: ['rekor2'], stamps: [{}] }).bundle, true],
      ['an SBOM of something else', stated(otherImage).bundle, false],
      ['an SBOM with the signature of another', envelopeOf({ signatures: stated().bundle.dsseEnvelope?.signatures }), false],
      [
        'an SBOM with the entry of another',
        {
          ...one.bundle,
          verificationMaterial: {
            ...one.bundle.verificationMaterial,
            tlogEntries: stated(otherImage).bundle.verificationMaterial.tlogEntries,
          },
        },
        false,
      ],
      ['another payload type', envelopeOf({ payloadType: 'text/plain' }), false],
      [
        'two signatures',
        envelopeOf({ signatures: [...one.bundle.dsseEnvelope!.signatures, ...one.bundle.dsseEnvelope!.signatures] }),
        false,
      ],
    ]
    for (const [title, bundle, accepted, notByCosign] of table) {
      const theirs = accepted && notByCosign === undefined
      it(`${theirs ? 'accepts' : 'rejects'} ${title}, as we do${notByCosign === undefined ? '' : ` not: ${notByCosign}`}`, async () => {
        const json = trustedRootOf(here)
        const ours = verifyBundleAttestation(image, jsonBytes(bundle), trustAlice(parsedRoot(json)))
        const { code, stderr } = await cosign.run([
          'verify-blob-attestation',
          ...['--bundle', cosign.file(JSON.stringify(bundle)), '--trusted-root', cosign.file(JSON.stringify(json)), '--type', spdx],
          ...['--certificate-identity', alice.email, '--certificate-oidc-issuer', alice.issuer],
          cosign.file(manifest.toString()),
        ])
        expect(ours.verified, JSON.stringify(ours.steps)).to.equal(accepted)
        expect(code === 0, stderr).to.equal(theirs)
      })
    }
  })

  it('writes trusted roots that we read', async () => {
    const pems = (...all: readonly Buffer[]) => cosign.file(all.map(pem).join(''))
    const key = (log: Log) => cosign.file(createPublicKey(log.key).export({ type: 'spki', format: 'pem' }).toString())
    const out = cosign.file('')
    const { code, stderr } = await cosign.run([
      'trusted-root',
      'create',
      `--fulcio=url=https://fulcio.example,certificate-chain=${pems(here.intermediate.der, here.root.der)}`,
      `--ctfe=url=https://ct.example,public-key=${key(here.ctLog)},start-time=2020-01-01T00:00:00Z`,
      `--rekor=url=https://rekor.example,public-key=${key(here.rekor)},start-time=2020-01-01T00:00:00Z`,
      `--rekor=url=https://log2026.rekor.example,public-key=${key(here.rekor2)},start-time=2020-01-01T00:00:00Z,origin=log2026.rekor.example`,
      `--tsa=url=https://tsa.example,certificate-chain=${pems(here.tsa.der, here.tsaRoot.der)}`,
      `--out=${out}`,
    ])
    expect(code, stderr).to.equal(0)
    const trust = trustAlice(parseTrustedRoot(readFileSync(out), 'cosign'))
    for (const bundle of [good.bundle, rekor2]) {
      expect(verifyBundle(image, { bundle: jsonBytes(bundle), manifest: () => manifest }, trust)).to.include({ verified: true })
    }
  })
})
