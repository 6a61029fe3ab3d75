import { bundleFromJSON } from '@sigstore/bundle'
import { TrustedRoot } from '@sigstore/protobuf-specs'
import { toSignedEntity, toTrustMaterial, type VerificationPolicy, Verifier, type VerifierOptions } from '@sigstore/verify'
import { expect } from 'chai'
import type { KeylessAuthority } from '../../src/signatures/authority.ts'
import { parseTrustedRoot } from '../../src/signatures/sigstore/trusted-root.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import { statementOf } from '../support/cosign.ts'
import { generalName, issue, newKey, purpose, subjectKeyId, times } from '../support/sigstore/certificates.ts'
import { alice, issueSigner, issueTsa, newDeployment, trustedRootOf } from '../support/sigstore/deployment.ts'
import { identityOf } from '../support/sigstore/identity.ts'
import { newLog } from '../support/sigstore/logs.ts'
import { type Bundle, bodyOf, entryOf, signBundle } from '../support/sigstore/signatures.ts'
import { image, jsonBytes, manifest, parsedRoot, trustAlice } from '../support/sigstore/trust.ts'

const here = newDeployment()
const rootJson = trustedRootOf(here)
const statement = statementOf(image)
const good = signBundle(here, issueSigner(here), statement)

interface LibraryOptions {
  readonly root?: object
  readonly options?: VerifierOptions
  readonly policy?: VerificationPolicy
}
/** @sigstore/verify as its callers use it: the whole of it is `throws or not`. */
const library = (bundle: object, { root = rootJson, options = {}, policy }: LibraryOptions = {}): true | string => {
  try {
    const trust = toTrustMaterial(TrustedRoot.fromJSON(root))
    new Verifier(trust, options).verify(toSignedEntity(bundleFromJSON(bundle)), policy)
    return true
  } catch (error) {
    return error instanceof Error ? error.name : 'something'
  }
}
const us = (bundle: object, root: object = rootJson, more: Partial<KeylessAuthority> = {}): boolean =>
  verifyBundle(image, { bundle: jsonBytes(bundle), manifest: () => manifest }, trustAlice(parsedRoot(root), more)).verified

const withMaterial = (change: object, { bundle }: { bundle: Bundle } = good): object => ({
  ...bundle,
  verificationMaterial: { ...bundle.verificationMaterial, ...change },
})
const firstOf = <T>(list: readonly T[]): T => list[0]!
const rootWith = (change: object): object => ({ ...rootJson, ...change })
const tsaRoot = (...certificates: readonly { readonly der: Buffer }[]) =>
  rootWith({
    timestampAuthorities: [
      {
        ...firstOf(rootJson.timestampAuthorities),
        certChain: { certificates: certificates.map(({ der }) => ({ rawBytes: der.toString('base64') })) },
      },
    ],
  })
const caRoot = (...certificates: readonly { readonly der: Buffer }[]) =>
  rootWith({
    certificateAuthorities: [
      {
        ...firstOf(rootJson.certificateAuthorities),
        certChain: { certificates: certificates.map(({ der }) => ({ rawBytes: der.toString('base64') })) },
      },
    ],
  })
const stamped = (options: Parameters<typeof signBundle>[3], by = here) => signBundle(by, issueSigner(here), statement, options).bundle

/**
 * Numbers as in the research on version 4.1.3: why every line inside is our own. Each row fails with the library alone; where it
 * agrees it is the judge of our fixtures instead.
 */
describe('what @sigstore/verify leaves open of certificates, logs and timestamps', () => {
  it('agrees on what is right', () => {
    for (const bundle of [
      good.bundle,
      stamped({ logs: ['rekor2'], stamps: [{}] }),
      stamped({ logs: ['rekor', 'rekor2'], stamps: [{}] }),
      stamped({ kind: 'dsse 0.0.1' }),
      stamped({ kind: 'intoto 0.0.2' }),
    ]) {
      expect([library(bundle), us(bundle)]).to.deep.equal([true, true])
    }
  })
  it('agrees on what is wrong', () => {
    const wrong = [
      stamped({ logs: [] }),
      stamped({ logs: ['rekor2'] }),
      stamped({ entry: { signer: newKey() } }),
      signBundle(here, issueSigner(newDeployment()), statement).bundle,
      signBundle(here, issueSigner(here, { sct: { log: newLog('x') } }), statement).bundle,
      stamped({ entry: { time: new Date('2026-01-01T01:00:00Z') } }),
    ]
    for (const bundle of wrong) expect([library(bundle) === true, us(bundle)]).to.deep.equal([false, false])
  })

  it('2: takes an identity for a pattern that fits anywhere, and no policy for everybody', async () => {
    for (const subjectAlternativeName of ['alice', 'example', 'alice@example.co', 'alice@exampleXcom'.replace('X', '.')]) {
      expect(library(good.bundle, { policy: { subjectAlternativeName, extensions: { issuer: alice.issuer } } })).to.equal(true)
    }
    const lookalike = signBundle(here, issueSigner(here, { names: [generalName.email('alice@exampleXcom')] }), statement).bundle
    expect(library(lookalike, { policy: { subjectAlternativeName: alice.email, extensions: { issuer: alice.issuer } } })).to.equal(true)
    expect(us(lookalike)).to.equal(false)
    expect(us(good.bundle, rootJson, { identities: [identityOf({ subject: 'alice', issuer: alice.issuer })] })).to.equal(false)
    expect([library(good.bundle, { policy: {} }), us(good.bundle, rootJson, { identities: [] })]).to.deep.equal([true, false])
  })

  it('3: knows no names but the first URI or address', async () => {
    const names = [generalName.dns('build.example.com')]
    const { bundle } = signBundle(here, issueSigner(here, { names }), statement)
    const identities = [identityOf({ subject: 'build.example.com', issuer: alice.issuer })]
    expect(library(bundle, { policy: { subjectAlternativeName: 'build.example.com' } })).to.not.equal(true)
    expect(us(bundle, rootJson, { identities })).to.equal(true)
  })

  it('4: compares neither the certificate of an entry nor the name of its hash', () => {
    const other = signBundle(here, issueSigner(here), statement).logging.verifierPem
    const theirs = bodyOf('hashedrekord 0.0.1', { ...good.logging, verifierPem: other })
    const renamed = Buffer.from(bodyOf('hashedrekord 0.0.1', good.logging).toString().replace('"sha256"', '"sha512"'))
    for (const body of [theirs, renamed]) {
      const bundle = withMaterial({ tlogEntries: [entryOf(here.rekor, body)] })
      expect([library(bundle), us(bundle)]).to.deep.equal([true, false])
    }
  })

  it('7: dies where no time is proven and none is asked for', () => {
    const lasting = issueSigner(here, { notAfter: new Date('2030-01-01T00:00:00Z') })
    const { bundle } = signBundle(here, lasting, statement, { logs: [] })
    expect(library(bundle, { options: { tlogThreshold: 0, timestampThreshold: 0 } })).to.equal('TypeError')
    expect(us(bundle, rootJson, { require: { log: false }, ownPki: { at: times.signed } })).to.equal(true)
  })

  describe('8: gives up where one of several is unknown', () => {
    const stranger = newDeployment()
    it('certificate timestamps', () => {
      const { bundle } = signBundle(here, issueSigner(here, { sct: { others: [newLog('x')] } }), statement)
      expect([library(bundle) === true, us(bundle)]).to.deep.equal([false, true])
    })
    it('certificate timestamps that nobody asks for', () => {
      const { bundle } = signBundle(here, issueSigner(here, { sct: { log: newLog('x') } }), statement)
      expect(library(bundle, { options: { ctlogThreshold: 0 } })).to.not.equal(true)
      expect(us(bundle, rootJson, { insecureIgnoreSct: true })).to.equal(true)
    })
    it('log entries', () => {
      const entries = [entryOf(stranger.rekor, bodyOf('hashedrekord 0.0.1', good.logging)), ...good.bundle.verificationMaterial.tlogEntries]
      const bundle = withMaterial({ tlogEntries: entries })
      expect([library(bundle) === true, us(bundle)]).to.deep.equal([false, true])
    })
    it('timestamps', () => {
      const bundle = stamped({ stamps: [{ signer: stranger.tsa }, {}] })
      expect([library(bundle) === true, us(bundle)]).to.deep.equal([false, true])
    })
  })

  describe('9: of timestamp authorities', () => {
    const ofKind = (kind: 'RSA' | 'P-256', hash: string) => {
      const tsa = issueTsa(here.tsaRoot, newKey(kind))
      return [stamped({ logs: ['rekor2'], stamps: [{ signer: tsa, hash }] }), tsaRoot(tsa, here.tsaRoot)] as const
    }
    for (const hash of ['sha384', 'sha512']) {
      it(`refuses RSA with ${hash}`, () => {
        const [bundle, root] = ofKind('RSA', hash)
        expect([library(bundle, { root }) === true, us(bundle, root)]).to.deep.equal([false, true])
      })
    }
    it('refuses a signer that is named by its key', () => {
      const bundle = stamped({ logs: ['rekor2'], stamps: [{ bySubjectKey: true }] })
      expect([library(bundle) === true, us(bundle)]).to.deep.equal([false, true])
    })
    it('refuses a signer whose certificate came along', () => {
      const bundle = stamped({ logs: ['rekor2'], stamps: [{ certificates: [here.tsa.der] }] })
      const root = tsaRoot(here.tsaRoot)
      expect([library(bundle, { root }) === true, us(bundle, root)]).to.deep.equal([false, true])
    })
    it('takes a certificate that is for something else', () => {
      const key = newKey()
      const tsa = issue({
        name: 'tls',
        issuer: here.tsaRoot,
        key,
        extensions: [purpose(['1.3.6.1.5.5.7.3.1'], true), subjectKeyId(key)],
      })
      const bundle = stamped({ logs: ['rekor2'], stamps: [{ signer: tsa }] })
      const root = tsaRoot(tsa, here.tsaRoot)
      expect([library(bundle, { root }), us(bundle, root)]).to.deep.equal([true, false])
    })
    it('takes what was not granted, and what was signed as something else', () => {
      for (const wrong of [{ status: 2 }, { contentType: '1.2.840.113549.1.7.1' }]) {
        const bundle = stamped({ logs: ['rekor2'], stamps: [wrong] })
        expect([library(bundle), us(bundle)], JSON.stringify(wrong)).to.deep.equal([true, false])
      }
    })
    it('takes one that names another certificate as its own', () => {
      const bundle = stamped({ logs: ['rekor2'], stamps: [{ ownCertificate: Buffer.alloc(32) }] })
      expect([library(bundle), us(bundle)]).to.deep.equal([true, false])
    })
  })

  it('10: refuses fractions of a second unless they have three digits', () => {
    for (const fraction of ['.5', '.96']) {
      const bundle = stamped({ logs: ['rekor2'], stamps: [{ fraction }] })
      expect([library(bundle) === true, us(bundle)], fraction).to.deep.equal([false, true])
    }
  })

  it('11: refuses authorities whose listed chain is not whole', () => {
    const onlyIntermediate = caRoot(here.intermediate)
    expect([library(good.bundle, { root: onlyIntermediate }) === true, us(good.bundle, onlyIntermediate)]).to.deep.equal([false, true])
    const { certificate, ...material } = good.bundle.verificationMaterial
    const chain = { certificates: [certificate, { rawBytes: here.intermediate.der.toString('base64') }] }
    const chained = {
      ...good.bundle,
      mediaType: 'application/vnd.dev.sigstore.bundle+json;version=0.2',
      verificationMaterial: { ...material, x509CertificateChain: chain },
    }
    const onlyRoot = caRoot(here.root)
    expect([library(chained, { root: onlyRoot }) === true, us(chained, onlyRoot)]).to.deep.equal([false, true])
  })
  it('11: does not ask what a certificate is for', () => {
    const { bundle } = signBundle(here, issueSigner(here, { usage: purpose(['1.3.6.1.5.5.7.3.1']) }), statement)
    expect([library(bundle), us(bundle)]).to.deep.equal([true, false])
  })

  describe('12: of logs', () => {
    const tlogs = (change: (log: (typeof rootJson.tlogs)[number]) => object) => rootWith({ tlogs: rootJson.tlogs.map(change) })
    const rekor2 = stamped({ logs: ['rekor2'], stamps: [{}] })
    it('trusts the key of a checkpoint for ever', () => {
      const root = tlogs(({ publicKey, ...log }) => ({
        ...log,
        publicKey: { ...publicKey, validFor: { start: '2000-01-01T00:00:00Z', end: '2001-01-01T00:00:00Z' } },
      }))
      expect([library(rekor2, { root }), us(rekor2, root)]).to.deep.equal([true, false])
    })
    it('trusts a log without a beginning for ever', () => {
      const root = tlogs(({ publicKey, ...log }) => ({ ...log, publicKey: { ...publicKey, validFor: {} } }))
      expect(library(good.bundle, { root })).to.equal(true)
      expect(() => us(good.bundle, root)).to.throw(/start is missing/)
    })
    it('does not find one without an address', () => {
      const root = tlogs(({ baseUrl: _, ...log }) => log)
      expect([library(rekor2, { root }) === true, us(rekor2, root)]).to.deep.equal([false, true])
    })
    it('does not find one that has a checkpointKeyId too', () => {
      const root = tlogs(log => ({
        ...log,
        checkpointKeyId: { keyId: Buffer.from(log.logId.keyId, 'base64').subarray(0, 4).toString('base64') },
      }))
      for (const bundle of [good.bundle, rekor2])
        expect([library(bundle, { root }) === true, us(bundle, root)]).to.deep.equal([false, true])
    })
  })

  it('13: does not know old entries of the kind rekord', () => {
    const body = Buffer.from(bodyOf('hashedrekord 0.0.1', good.logging).toString().replace('hashedrekord', 'rekord'))
    const bundle = withMaterial({ tlogEntries: [entryOf(here.rekor, body)] })
    expect([library(bundle) === true, us(bundle)]).to.deep.equal([false, true])
  })

  it('15: takes a trusted root that is none', () => {
    const { mediaType } = rootJson
    for (const json of [{ mediaType, tlogs: 'x' }, { mediaType, tlog: [] }, { mediaType: 'text/plain' }]) {
      expect(() => TrustedRoot.fromJSON(json)).to.not.throw()
      expect(() => parseTrustedRoot(jsonBytes(json), 'r')).to.throw(/is not a trusted root/)
    }
  })
})
