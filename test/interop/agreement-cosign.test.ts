// peers: cosign
import { createPublicKey } from 'node:crypto'
import { expect } from 'chai'
import type { Authority } from '../../src/signatures/authority.ts'
import type { Verdict } from '../../src/signatures/verdict.ts'
import { type Artifact, bundleBytes, bundleReferrer, signatureTagOf } from '../support/cosign.ts'
import { numbers } from '../support/numbers.ts'
import type { TestRegistry } from '../support/registry.ts'
import { closeAll, startAnother } from '../support/registry-client.ts'
import { tinyImage } from '../support/signed-image.ts'
import { alice, trustedRootOf } from '../support/sigstore/deployment.ts'
import { pem } from '../support/sigstore/der.ts'
import { identityOf } from '../support/sigstore/identity.ts'
import type { ProofOptions } from '../support/sigstore/signatures.ts'
import { parsedRoot } from '../support/sigstore/trust.ts'
import { attestationCases } from './cosign-cases/attestation.ts'
import { asAuthority, type CosignCase, here, keylessBundle, keylessTagLayer, type Trust } from './cosign-cases/case.ts'
import { keyCases } from './cosign-cases/key.ts'
import { keyKindCases } from './cosign-cases/key-kinds.ts'
import { keylessBundleCases } from './cosign-cases/keyless-bundle.ts'
import { keylessTagCases } from './cosign-cases/keyless-tag.ts'
import { type CosignCli, cosignCli } from './cosign-cli.ts'
import { attestationPolicy, attestationVerdicts, fetchSignatures, signatureVerdicts, stampedPolicy, verifyExit } from './our-verdict.ts'
import { peer } from './peers.ts'
import { endAll } from './processes.ts'

const rootJson = trustedRootOf(here)
const root = parsedRoot(rootJson)

const stamping = {
  fulcio: pem(here.intermediate.der) + pem(here.root.der),
  tsa: pem(here.tsa.der) + pem(here.tsaRoot.der),
  ctLog: createPublicKey(here.ctLog.key).export({ type: 'spki', format: 'pem' }).toString(),
}

const authorityOf = (trust: Trust): Authority => {
  if ('key' in trust) return asAuthority(trust.key)
  const require = trust.stampedOnly === true ? { require: { log: false, timestamp: true } } : {}
  return { kind: 'keyless', identities: [identityOf(trust)], trustedRoot: root, ...require }
}

describe('images, good and tampered with, and real cosign 3', () => {
  let cosign: CosignCli
  let rootFile: string
  before(async function () {
    cosign = cosignCli(await peer(this, 'cosign'))
    rootFile = cosign.file(JSON.stringify(rootJson))
  })
  after(endAll)
  afterEach(closeAll)

  const flagsOf = (trust: Trust): readonly string[] => {
    if ('key' in trust) return ['--key', cosign.file(trust.key.publicPem), '--insecure-ignore-tlog']
    const { subject, subjectRegExp, issuer, issuerRegExp, stampedOnly } = trust
    const pair = (flag: string, exact: string | undefined, pattern: string | undefined) =>
      exact === undefined ? [`--${flag}-regexp`, pattern ?? ''] : [`--${flag}`, exact]
    return [
      ...['--trusted-root', rootFile, '--offline'],
      ...pair('certificate-identity', subject, subjectRegExp),
      ...pair('certificate-oidc-issuer', issuer, issuerRegExp),
      ...(stampedOnly === true ? ['--use-signed-timestamps', '--insecure-ignore-tlog'] : []),
    ]
  }
  const askCosign = async (
    reference: string,
    { trust, flags = [], attestation }: Pick<CosignCase, 'trust' | 'flags' | 'attestation'>,
    hung: readonly Artifact[],
  ) => {
    const inTag = hung.some(({ tag }) => tag?.endsWith('.sig') === true || tag?.endsWith('.att') === true)
    const command = attestation === undefined ? ['verify'] : ['verify-attestation', '--type', attestation]
    const form = inTag || flags.includes('--experimental-oci11') ? ['--new-bundle-format=false'] : []
    return cosign.run([...command, ...flagsOf(trust), ...form, ...flags, '--allow-http-registry', reference])
  }
  const askUs = async (reference: string, { trust, attestation }: Pick<CosignCase, 'trust' | 'attestation'>) => {
    const fetched = await fetchSignatures(reference)
    const faultsOf = (verdicts: readonly Verdict[]) => verdicts.flatMap(({ fault }) => (fault === undefined ? [] : [fault]))
    if (attestation === undefined) {
      const verdicts = signatureVerdicts(fetched, authorityOf(trust))
      return { accepted: verdicts.some(({ verified }) => verified), faults: faultsOf(verdicts) }
    }
    const verdicts = attestationVerdicts(fetched, authorityOf(trust))
    return { accepted: verdicts.some(({ statement }) => statement?.predicateType === attestation), faults: faultsOf(verdicts) }
  }
  /** Of the command line, for the same trust. */
  const ourFlags = ({ trust, attestation }: Pick<CosignCase, 'trust' | 'attestation'>): readonly string[] => {
    if ('key' in trust) {
      if (attestation === undefined) return ['--key', cosign.file(trust.key.publicPem)]
      return ['--policy', cosign.file(attestationPolicy(trust.key.publicPem, attestation))]
    }
    const { subject, subjectRegExp, issuer, issuerRegExp, stampedOnly } = trust
    if (stampedOnly === true) return ['--policy', cosign.file(stampedPolicy(subject ?? '', issuer ?? '', stamping))]
    const named = { 'certificate-identity': subject, 'certificate-identity-regexp': subjectRegExp }
    const vouching = { 'certificate-oidc-issuer': issuer, 'certificate-oidc-issuer-regexp': issuerRegExp }
    const pairs = Object.entries({ ...named, ...vouching }).flatMap(([flag, value]) => (value === undefined ? [] : [`--${flag}`, value]))
    return [...pairs, '--trusted-root', rootFile]
  }
  const push = (registry: TestRegistry, { title, image = tinyImage(title), hang }: Pick<CosignCase, 'title' | 'image' | 'hang'>) => {
    registry.push('acme/plugin', 'v1', image.pushed)
    const reference = `${registry.host}/acme/plugin@${image.digest}`
    const hung = hang(image, `${registry.host}/acme/plugin`)
    for (const { tag, ...artifact } of hung) registry.push('acme/plugin', tag, artifact)
    return { reference, hung }
  }

  for (const [index, one] of [...keyCases, ...keyKindCases, ...attestationCases, ...keylessTagCases, ...keylessBundleCases].entries()) {
    const theirs = one.cosign?.accepted ?? one.accepted
    const why = one.cosign === undefined ? '' : `, as we do not: ${one.cosign.because}`
    it(`${theirs ? 'accepts' : 'rejects'} ${one.title}${why}`, async () => {
      // Both kinds of registry have their turn; a list that lies can only be at the tag.
      const registry = await startAnother({ referrers: index % 2 === 0 && !one.title.includes('names another image') })
      const { reference, hung } = push(registry, one)
      const ours = await askUs(reference, one)
      const { code, stderr } = await askCosign(reference, one, hung)
      expect(await verifyExit(reference, ourFlags(one)), 'verify').to.equal(one.accepted ? 0 : 3)
      expect(ours).to.deep.equal({ accepted: one.accepted, faults: one.faults ?? [] })
      expect(code === 0, stderr).to.equal(theirs)
    })
  }

  describe('with one bit changed', () => {
    const byAlice: Trust = { subject: alice.email, issuer: alice.issuer }
    const image = tinyImage('flipped')
    const tagLayer = keylessTagLayer(image, 'x')
    const namesIn = (bytes: Buffer): string => [...bytes.toString('latin1').matchAll(/"([^"]*)":/g)].map(([, name]) => name).join()
    const chain = 'dev.sigstore.cosign/chain'
    const bundle = (proofs?: ProofOptions) => bundleBytes(keylessBundle(image, proofs))
    // Not the chain that comes along: nothing rests on it here, and cosign must be able to read it.
    const bases: readonly [title: string, bytes: Buffer, hang: (bytes: Buffer) => readonly Artifact[]][] = [
      ['a bundle with Rekor 1', bundle(), bytes => [bundleReferrer(image, bytes)]],
      ['a bundle with Rekor 2', bundle({ logs: ['rekor2'], stamps: [{}] }), bytes => [bundleReferrer(image, bytes)]],
      ['a payload', Buffer.from(tagLayer.payload), payload => [signatureTagOf(image.digest, [{ ...tagLayer, payload }])]],
      ...Object.entries(tagLayer.annotations)
        .filter(([name]) => name !== chain)
        .map(([name, value]): (typeof bases)[number] => [
          `the annotation ${name}`,
          Buffer.from(value),
          bytes => [signatureTagOf(image.digest, [{ ...tagLayer, annotations: { ...tagLayer.annotations, [name]: bytes.toString() } }])],
        ]),
    ]
    for (const [title, bytes, hang] of bases)
      it(`${title}: nothing passes here that cosign refuses, and little that it takes is refused`, async function () {
        this.timeout(30 * 60_000)
        const count = process.env.INTEROP === 'full' ? 200 : 10
        const below = numbers(bytes.length)
        let stricter = 0
        for (let run = 0; run < count; run++) {
          const flipped = Buffer.from(bytes)
          const bit = below(bytes.length * 8)
          flipped[bit >> 3]! ^= 1 << (bit & 7)
          // Fields that nobody knows have a case of their own.
          if (namesIn(flipped) !== namesIn(bytes)) continue
          const registry = await startAnother()
          const { reference, hung } = push(registry, { title, image, hang: () => hang(flipped) })
          const ours = await askUs(reference, { trust: byAlice })
          const { code } = await askCosign(reference, { trust: byAlice }, hung)
          if (ours.accepted) expect(code, `bit ${bit}`).to.equal(0)
          else if (code === 0) stricter++
          await closeAll()
        }
        expect(stricter / count, 'refused here alone').to.be.at.most(0.3)
      })
  })
})
