import { expect } from 'chai'
import type { KeylessAuthority } from '../../../src/signatures/authority.ts'
import { verifyBundle } from '../../../src/signatures/verify-bundle.ts'
import { bundleOf, newSigner, statementOf } from '../../support/cosign.ts'
import {
  authority,
  codeSigning,
  extension,
  generalName,
  issue,
  names,
  newKey,
  oidcIssuer,
  oldOidcIssuer,
  purpose,
  times,
} from '../../support/sigstore/certificates.ts'
import { alice, issueSigner, newDeployment, type SigningOptions } from '../../support/sigstore/deployment.ts'
import { bits } from '../../support/sigstore/der.ts'
import { identityOf } from '../../support/sigstore/identity.ts'
import { newLog } from '../../support/sigstore/logs.ts'
import { type Bundle, bodyOf, entryOf, type ProofOptions, signBundle } from '../../support/sigstore/signatures.ts'
import { failure, image, jsonBytes, manifest, otherImage, outcomes, rootWith, trustAlice } from '../../support/sigstore/trust.ts'

const here = newDeployment()
const elsewhere = newDeployment()
const root = rootWith(here)
const verify = (bundle: object, trust: KeylessAuthority = trustAlice(root)) =>
  verifyBundle(image, { bundle: jsonBytes(bundle), manifest: () => manifest }, trust)
const signed = (signing: SigningOptions = {}, proofs: ProofOptions = {}): Bundle =>
  signBundle(here, issueSigner(here, signing), statementOf(image), proofs).bundle
const minutes = (count: number) => new Date(times.signing[0].getTime() + count * 60_000)

describe('verifyBundle with a certificate', () => {
  it('takes every step, and says who signed, when, and which log saw it', () => {
    const verdict = verify(signed())
    expect(outcomes(verdict)).to.deep.equal(
      ['format', 'purpose', 'image', 'signature', 'logEntry', 'logInclusion', 'certificate', 'sct', 'identity'].map(step => `${step} ok`),
    )
    expect(verdict).to.deep.include({
      verified: true,
      fault: undefined,
      signer: 'alice@example.com (issuer https://accounts.example.com)',
      certified: { subject: alice.email, issuer: alice.issuer },
      witnesses: [{ kind: 'log', name: 'rekor.example', time: times.signed }],
    })
  })

  describe('verifies', () => {
    const right: readonly [title: string, bundle: object][] = [
      ...(['P-256', 'P-384', 'P-521', 'RSA', 'Ed25519'] as const).map((kind): [string, object] => [
        `a ${kind} key`,
        signed({ key: newKey(kind) }),
      ]),
      ['a message signature', signBundle(here, issueSigner(here), manifest).bundle],
      ['a Rekor 1 entry with the promise alone', v01(signed({}, { entry: { without: 'proof' } }))],
      ['a Rekor 1 entry with the proof alone and a timestamp', signed({}, { entry: { without: 'promise' }, stamps: [{}] })],
      ['an entry of Rekor 2 with a timestamp', signed({}, { logs: ['rekor2'], stamps: [{}] })],
      ['entries of both, with two timestamps', signed({}, { logs: ['rekor', 'rekor2'], stamps: [{}, { fraction: '.5' }] })],
      ...['dsse 0.0.1', 'intoto 0.0.2'].map((kind): [string, object] => [`an entry of the kind ${kind}`, signed({}, { kind })]),
      [
        'a certificate that says that its key may sign',
        signed({ extensions: [extension('2.5.29.15', bits(Buffer.from([0x80]), 7), true)] }),
      ],
      ['the issuer in the extension of the first years', signed({ issuer: oldOidcIssuer(alice.issuer) })],
      ['one of several names', signed({ names: [generalName.dns('build.example.com'), generalName.email(alice.email)] })],
      ['the first and last second of the certificate', signed({}, { entry: { time: minutes(10) }, stamps: [{ time: minutes(0) }] })],
      ['a chain that comes along, in a bundle of version 0.2', inChain(signed())],
    ]
    for (const [title, bundle] of right) {
      it(title, () => {
        expect(verify(bundle)).to.include({ verified: true, fault: undefined })
      })
    }
  })

  describe('rejects', () => {
    const stranger = issueSigner(here, { names: [generalName.email('mallory@example.com')] })
    const good = signBundle(here, issueSigner(here), statementOf(image))
    const other = signBundle(here, issueSigner(here), statementOf(image))
    const material = (change: object): object => ({
      ...good.bundle,
      verificationMaterial: { ...good.bundle.verificationMaterial, ...change },
    })
    const entry = (body: Buffer, options: object = {}) => material({ tlogEntries: [entryOf(here.rekor, body, options)] })
    const selfSigned = issue({ name: 'mallory', extensions: authority(0) })
    const wrong: readonly [title: string, bundle: object, failure: RegExp][] = [
      [
        'another image',
        signBundle(here, issueSigner(here), statementOf(otherImage)).bundle,
        /^otherImage at image: sha256:\w+ → sha256:cd/,
      ],
      [
        'an attestation',
        signBundle(here, issueSigner(here), statementOf(image, 'https://spdx.dev/Document')).bundle,
        /^notASignature at purpose/,
      ],
      [
        'a signature of another certificate',
        material({ certificate: { rawBytes: issueSigner(here).der.toString('base64') } }),
        /^altered at signature/,
      ],
      [
        'another identity',
        signBundle(here, stranger, statementOf(image)).bundle,
        /^otherIdentity at identity: alice@example\.com, issued by https:\/\/accounts\.example\.com → mallory@example\.com/,
      ],
      [
        'another issuer',
        signed({ issuer: oidcIssuer('https://evil.example') }),
        /^otherIdentity at identity: .* → alice@example\.com, issued by https:\/\/evil\.example$/,
      ],
      ['no issuer', signed({ issuer: undefined }), /^otherIdentity at identity: .* issued by nobody$/],
      [
        'a key instead of a certificate',
        bundleOf(newSigner(), statementOf(image)),
        /^otherIdentity at certificate: a certificate of alice.* → one by the key SHA256:/,
      ],
      [
        'a bare key in the place of the certificate',
        material({ certificate: { rawBytes: Buffer.from('302a300506032b6570', 'hex').toString('base64') } }),
        /^certificate at certificate/,
      ],
      [
        'a certificate of another Fulcio',
        signBundle(here, issueSigner(elsewhere), statementOf(image)).bundle,
        /^certificate at certificate: a certificate of https:\/\/fulcio\.example → a certificate that none of them issued/,
      ],
      [
        'a certificate that its holder issued',
        signBundle(here, issueSigner(here, { by: selfSigned }), statementOf(image)).bundle,
        /^certificate at certificate.*none of them issued/,
      ],
      [
        'a certificate for TLS',
        signed({ usage: purpose(['1.3.6.1.5.5.7.3.1']) }),
        /^certificate at certificate: .*code signing → one for TLS servers/,
      ],
      [
        'a certificate that does not say what it is for',
        signed({ usage: undefined }),
        /^certificate at certificate: one for code signing → one that does not say/,
      ],
      [
        'a certificate for any purpose',
        signed({ usage: purpose(['2.5.29.37.0']) }),
        /^certificate at certificate: .*code signing → one for any purpose/,
      ],
      [
        'a certificate of an authority, though it is for code signing too',
        signed({ extensions: authority() }),
        /^certificate at certificate: one of a signer → an authority's/,
      ],
      [
        'a certificate whose key may not sign',
        signed({ extensions: [extension('2.5.29.15', bits(Buffer.from([0x20]), 5), true)] }),
        /^certificate at certificate: .*digitalSignature.* → one for other uses/,
      ],
      [
        'a critical extension that is not understood',
        signed({ extensions: [extension('1.2.3.4', Buffer.from([5, 0]), true)] }),
        /^certificate at certificate: .*critical.* → 1\.2\.3\.4/,
      ],
      [
        'a certificate of an authority that may not issue any',
        signBundle(
          here,
          issueSigner(here, { by: issue({ name: 'below', issuer: here.intermediate, extensions: [purpose([codeSigning])] }) }),
          statementOf(image),
        ).bundle,
        /^certificate at certificate/,
      ],
      [
        'a log entry before the certificate',
        signed({}, { entry: { time: minutes(-1) } }),
        /^certificate at certificate: .* → signed at 2025-12-31T23:59:00/,
      ],
      [
        'a log entry after it',
        signed({}, { entry: { time: minutes(11) } }),
        /^certificate at certificate: .* → signed at 2026-01-01T00:11:00/,
      ],
      ['a timestamp after it, though the log was in time', signed({}, { stamps: [{ time: minutes(11) }] }), /^certificate at certificate/],
      [
        'no log entry',
        signed({}, { logs: [], stamps: [{}] }),
        /^notLogged at logInclusion: an entry in rekor\.example or log2026\.rekor\.example → none/,
      ],
      ['no log entry and no timestamp', signed({}, { logs: [] }), /^notLogged/],
      [
        'an entry of an unknown log',
        signBundle({ ...here, rekor: newLog('rekor.example') }, issueSigner(here), statementOf(image), { stamps: [{}] }).bundle,
        /^notLogged at logInclusion: .* → only such of others/,
      ],
      [
        'an entry of another signature',
        material({ tlogEntries: other.bundle.verificationMaterial.tlogEntries }),
        /^logEntry at logEntry: the signature that it came with → another/,
      ],
      [
        'an entry with another certificate',
        entry(bodyOf('hashedrekord 0.0.1', { ...good.logging, verifierPem: other.logging.verifierPem })),
        /^logEntry at logEntry: the certificate .* → another certificate/,
      ],
      [
        'an entry with the bare key',
        entry(bodyOf('hashedrekord 0.0.1', { ...good.logging, verifierPem: newSigner().publicPem })),
        /^logEntry at logEntry: the certificate .* → a key/,
      ],
      [
        'an entry over other bytes',
        entry(bodyOf('hashedrekord 0.0.1', { ...good.logging, signed: Buffer.from('x') })),
        /^logEntry at logEntry: sha256:/,
      ],
      [
        'a promise for another time',
        entry(bodyOf('hashedrekord 0.0.1', good.logging), { time: minutes(6), promised: minutes(5) }),
        /^notLogged at logInclusion: a promise that the key/,
      ],
      ['the time of an entry that nobody signed', signed({}, { entry: { without: 'promise' } }), /^untimed at timestamp: .* → none/],
      [
        'an entry of Rekor 2 under the origin of another log, which has the same key',
        signed({}, { logs: ['rekor2'], stamps: [{}], entry: { origin: 'log2025.rekor.example', name: 'log2025.rekor.example' } }),
        /^notLogged at logInclusion: a checkpoint that log2026\.rekor\.example signed → one of log2025\.rekor\.example/,
      ],
      ['an entry of Rekor 2 without a timestamp', signed({}, { logs: ['rekor2'] }), /^untimed at timestamp/],
      [
        'the same entry twice',
        material({ tlogEntries: [...good.bundle.verificationMaterial.tlogEntries, ...good.bundle.verificationMaterial.tlogEntries] }),
        /^malformed at format: .* a log entry twice/,
      ],
      ['a certificate without a certificate timestamp', signed({ sct: 'none' }), /^sct at sct: .* by ct\.example → a certificate without/],
      [
        'a certificate timestamp of an unknown log',
        signed({ sct: { log: newLog('ct.example') } }),
        /^sct at sct: .* → one of a log that is not in the trusted root/,
      ],
      [
        'a root certificate that comes along',
        inChain(signed(), here.root.der),
        /^malformed at format: .* → the bundle brings a root certificate/,
      ],
    ]
    for (const [title, bundle, expected] of wrong) {
      it(title, () => {
        const verdict = verify(bundle)
        expect(failure(verdict)).to.match(expected)
        expect(verdict).to.include({ verified: false })
        expect(verdict).to.not.have.any.keys('certified', 'witnesses')
      })
    }
    it('another workflow, and shows both to their end', async () => {
      const workflow = `https://github.com/acme/${'a-long-name-'.repeat(12)}/.github/workflows/release.yml@refs/heads/main`
      const trust = trustAlice(root, { identities: [identityOf({ subject: workflow, issuer: alice.issuer })] })
      const failed = failure(verify(signed({ names: [generalName.uri(workflow.replace('main', 'evil'))] }), trust))
      expect(failed)
        .to.include(`${workflow}, issued by ${alice.issuer}`)
        .and.match(/refs\/heads\/evil, issued by https:\/\/accounts\.example\.com$/)
    })
    it('everybody when nobody is trusted', () => {
      expect(failure(verify(signed(), trustAlice(root, { identities: [] })))).to.match(
        /^otherIdentity at identity: somebody who is trusted \(nobody is\)/,
      )
    })
  })

  it('rejects the certificate of the authority itself', () => {
    const own = issue({
      name: 'alice',
      extensions: [...authority(), purpose([codeSigning]), names(generalName.email(alice.email)), oidcIssuer(alice.issuer)],
    })
    const trustedRoot = rootWith({ ...here, intermediate: own, root: own })
    expect(failure(verify(signBundle(here, own, statementOf(image)).bundle, trustAlice(trustedRoot)))).to.match(
      /^certificate at certificate: .* → the authority's own/,
    )
  })

  describe('as the authority asks', () => {
    it('asks for the log unless told otherwise', () => {
      const unset = { log: undefined } as unknown as { log: boolean }
      for (const require of [{}, unset, { timestamp: true }]) {
        expect(verify(signed({}, { logs: [], stamps: [{}] }), trustAlice(root, { require })).fault).to.equal('notLogged')
      }
    })
    it('takes a timestamp in the place of the log', () => {
      const trust = trustAlice(root, { require: { log: false, timestamp: true } })
      expect(verify(signed({}, { logs: [], stamps: [{}] }), trust).verified).to.equal(true)
      expect(failure(verify(signed(), trust))).to.match(/^untimed at timestamp: a timestamp of https:\/\/tsa\.example → none/)
    })
    it('does not take a wrong entry of a known log, even where none is asked for', () => {
      const trust = trustAlice(root, { require: { log: false, timestamp: true } })
      const bundle = signed({}, { entry: { signer: newKey() }, stamps: [{}] })
      expect(failure(verify(bundle, trust))).to.match(/^notLogged at logInclusion: a checkpoint that rekor\.example signed/)
    })
    it('passes over what is by unknown logs and authorities beside what is by known ones', () => {
      const stranger = signBundle(elsewhere, issueSigner(here), statementOf(image), { stamps: [{}] }).bundle.verificationMaterial
      const mine = signed()
      const both = {
        ...mine.verificationMaterial,
        tlogEntries: [...stranger.tlogEntries, ...mine.verificationMaterial.tlogEntries],
        timestampVerificationData: stranger.timestampVerificationData,
      }
      const verdict = verify({ ...mine, verificationMaterial: both })
      expect(verdict.verified).to.equal(true)
      expect(outcomes(verdict)).to.include.members(['timestamp notChecked', 'logInclusion notChecked', 'logInclusion ok'])
      expect(verdict.witnesses).to.have.length(1)
    })
    it('does without certificate timestamps when told, and not because the trusted root has no such log', () => {
      const without = rootWith(here, json => ({ ...json, ctlogs: [] }))
      for (const bundle of [signed({ sct: 'none' }), signed()]) {
        for (const trusted of [root, without])
          expect(verify(bundle, trustAlice(trusted, { insecureIgnoreSct: true })).verified).to.equal(true)
        expect(failure(verify(bundle, trustAlice(without)))).to.match(
          /^sct at sct: .* by a log that the trusted root names \(it names none\) →/,
        )
      }
    })
    it('takes a bad certificate timestamp too when told to ignore them', () => {
      const bundle = signed({ sct: { log: newLog('x') } })
      expect(verify(bundle, trustAlice(root, { insecureIgnoreSct: true })).verified).to.equal(true)
    })
    describe('of an own PKI', () => {
      const lasting = issueSigner(here, { notAfter: new Date('2030-01-01T00:00:00Z'), sct: 'none', usage: undefined })
      const bundle = signBundle(here, lasting, statementOf(image), { logs: [] }).bundle
      const pki = (at: string) => trustAlice(root, { require: { log: false }, ownPki: { at: new Date(at) }, insecureIgnoreSct: true })
      it('takes the given time where none is proven', () => {
        expect(verify(bundle, pki('2027-01-01T00:00:00Z')).verified).to.equal(true)
      })
      it('rejects a certificate that is not valid then', () => {
        expect(failure(verify(bundle, pki('2031-01-01T00:00:00Z')))).to.match(/^certificate at certificate: .* → signed at 2031/)
      })
      it('takes the proven time where there is one', () => {
        const { bundle: logged } = signBundle(here, lasting, statementOf(image), { entry: { time: minutes(-60) } })
        expect(failure(verify(logged, pki('2027-01-01T00:00:00Z')))).to.match(/^certificate at certificate: .* → signed at 2025-12-31T23/)
      })
      it('rejects a certificate for something else', () => {
        const tls = issueSigner(here, { notAfter: new Date('2030-01-01T00:00:00Z'), usage: purpose(['1.3.6.1.5.5.7.3.1']) })
        const of = signBundle(here, tls, statementOf(image), { logs: [] }).bundle
        expect(failure(verify(of, pki('2027-01-01T00:00:00Z')))).to.match(/^certificate at certificate: .* → one for TLS servers/)
      })
    })
  })
})

/** A promise alone was enough in version 0.1. */
function v01({ verificationMaterial: { certificate, ...material }, ...bundle }: Bundle): object {
  const x509CertificateChain = { certificates: [certificate] }
  return {
    ...bundle,
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.1',
    verificationMaterial: { ...material, x509CertificateChain },
  }
}

function inChain({ verificationMaterial: { certificate, ...material }, ...bundle }: Bundle, ...more: readonly Buffer[]): object {
  const certificates = [certificate, ...[here.intermediate.der, ...more].map(der => ({ rawBytes: der.toString('base64') }))]
  return {
    ...bundle,
    mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.2',
    verificationMaterial: { ...material, x509CertificateChain: { certificates } },
  }
}
