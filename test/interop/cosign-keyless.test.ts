// peers: cosign
import { expect } from 'chai'
import { identityOf } from '../../src/signatures/sigstore/identity.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import { newKey, oidcIssuer, purpose, times } from '../support/sigstore/certificates.ts'
import { alice, issueSigner, newDeployment, type TrustedRootJson, trustedRootOf } from '../support/sigstore/deployment.ts'
import { newLog } from '../support/sigstore/logs.ts'
import { type Bundle, bodyOf, entryOf, signBundle } from '../support/sigstore/signatures.ts'
import { image, jsonBytes, manifest, parsedRoot, trustAlice } from '../support/sigstore/trust.ts'
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
    it(`${accepted ? 'accepts' : 'rejects'} ${title}${theirs === undefined ? ', as we do' : `: ${theirs.because}`}`, async () => {
      const json = root(trustedRootOf(here))
      const identities = [await identityOf({ subject: identity, issuer: alice.issuer })]
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
})
