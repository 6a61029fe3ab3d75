// peers: cosign cosign2 crane referrers-registry registry fulcio rekor-server timestamp-server
import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import type { KeylessAuthority } from '../../src/signatures/authority.ts'
import { parseTrustedRoot, type TrustedRoot } from '../../src/signatures/sigstore/trusted-root.ts'
import type { Verdict } from '../../src/signatures/verdict.ts'
import { closeAll } from '../support/registry-client.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'
import { identityOf } from '../support/sigstore/identity.ts'
import { type CosignCli, cosignCli } from './cosign-cli.ts'
import { type LocalSigstore, startLocalSigstore } from './local-sigstore.ts'
import { attestationVerdicts, fetchSignatures, signatureVerdicts, stampedPolicy, verifyExit } from './our-verdict.ts'
import { type Ended, peer, succeed } from './peers.ts'
import { endAll } from './processes.ts'
import { type RealRegistry, startDistribution, startReferrersRegistry, writeLayout } from './registries.ts'

const alice = 'alice@example.com'
const predicates = {
  spdxjson: '{"spdxVersion":"SPDX-2.3","packages":[]}',
  slsaprovenance1: JSON.stringify({
    buildDefinition: { buildType: 'https://example.com/build', externalParameters: {} },
    runDetails: { builder: { id: 'https://example.com/builder' } },
  }),
}

for (const { registryName, startRegistry } of [
  { registryName: 'distribution 3, which has no referrers API', startRegistry: startDistribution },
  { registryName: 'a registry with the referrers API', startRegistry: startReferrersRegistry },
] as const) {
  describe(`images signed without keys, in a Sigstore of our own, on ${registryName}`, () => {
    let registry: RealRegistry
    let crane: string
    let cosign: CosignCli
    let cosign2: CosignCli
    let sigstore: LocalSigstore
    let trustedRoot: TrustedRoot
    let number = 0
    before(async function () {
      crane = await peer(this, 'crane')
      cosign = cosignCli(await peer(this, 'cosign'))
      cosign2 = cosignCli(await peer(this, 'cosign2'))
      registry = await startRegistry(this)
      sigstore = await startLocalSigstore(this, cosign)
      trustedRoot = parseTrustedRoot(readFileSync(sigstore.trustedRoot), 'trusted_root.json')
    })
    after(async () => {
      await sigstore?.close()
      await endAll()
    })
    afterEach(closeAll)

    const pushed = async (image: Pick<ReturnType<typeof tinyImage>, 'digest' | 'pushed'> = tinyImage('plugin')) => {
      const repository = `${registry.host}/acme/keyless-${number++}`
      await succeed(crane, ['push', writeLayout(image.pushed, 'x'), `${repository}:v1`])
      return `${repository}@${image.digest}`
    }
    const must = async (ended: Promise<Ended>) => {
      const { code, stderr } = await ended
      expect(code, stderr).to.equal(0)
    }
    const trusting = async (subject = alice, more: Partial<KeylessAuthority> = {}): Promise<KeylessAuthority> => ({
      kind: 'keyless',
      identities: [await identityOf({ subject, issuer: sigstore.issuer })],
      trustedRoot,
      ...more,
    })
    const verified = (verdicts: readonly Verdict[]) =>
      verdicts.map(({ verified: is, certified, steps }) => (is ? certified?.subject : steps))
    const asAlice = () => ['--identity-token', sigstore.token(alice), '--allow-http-registry', '-y']
    const byServices = () => ['--signing-config', sigstore.signingConfig, '--trusted-root', sigstore.trustedRoot, ...asAlice()]
    const byUrls = () => ['--fulcio-url', sigstore.fulcioUrl, '--rekor-url', sigstore.oldRekorUrl, ...asAlice()]
    const oldKeys = () => ({
      SIGSTORE_ROOT_FILE: sigstore.files.fulcioRoot,
      SIGSTORE_CT_LOG_PUBLIC_KEY_FILE: sigstore.files.ctKey,
      SIGSTORE_REKOR_PUBLIC_KEY: sigstore.files.oldRekorKey,
    })
    const identity = (subject = alice) => ['--certificate-identity', subject, '--certificate-oidc-issuer', sigstore.issuer]
    const trust = () => ['--trusted-root', sigstore.trustedRoot, '--allow-http-registry']

    /** Both say yes for alice, and no for bob. */
    const agree = async (exact: string, flags: readonly string[] = [], more: Partial<KeylessAuthority> = {}) => {
      const found = await fetchSignatures(exact)
      expect(verified(signatureVerdicts(found, await trusting(alice, more)))).to.deep.equal([alice])
      const [other] = signatureVerdicts(found, await trusting('bob@example.com', more))
      expect(other).to.include({ verified: false, fault: 'otherIdentity' })
      if (more.require === undefined) {
        const root = ['--trusted-root', sigstore.trustedRoot]
        expect(await verifyExit(exact, [...identity(), ...root])).to.equal(0)
        expect(await verifyExit(exact, [...identity('bob@example.com'), ...root])).to.equal(3)
      } else {
        const { fulcioRoot, tsaChain, ctKey } = sigstore.files
        const [fulcio, tsa, ctLog] = [fulcioRoot, tsaChain, ctKey].map(file => readFileSync(file, 'utf8'))
        const policy = (subject: string) =>
          cosign.file(stampedPolicy(subject, sigstore.issuer, { fulcio: fulcio!, tsa: tsa!, ctLog: ctLog! }))
        expect(await verifyExit(exact, ['--policy', policy(alice)])).to.equal(0)
        expect(await verifyExit(exact, ['--policy', policy('bob@example.com')])).to.equal(3)
      }
      await must(cosign.run(['verify', ...identity(), ...trust(), ...flags, exact]))
      expect((await cosign.run(['verify', ...identity('bob@example.com'), ...trust(), ...flags, exact])).code).to.not.equal(0)
    }

    it('by cosign 3 into a bundle, with Rekor 2 and a timestamp', async () => {
      const exact = await pushed()
      await must(cosign.run(['sign', ...byServices(), exact]))
      await agree(exact)
      const [verdict] = signatureVerdicts(await fetchSignatures(exact), await trusting())
      expect(verdict?.witnesses?.map(({ kind }) => kind).toSorted()).to.deep.equal(['log', 'timestampAuthority'])
      expect(verdict?.steps.map(({ step, outcome }) => `${step} ${outcome}`)).to.include.members([
        'sct ok',
        'logInclusion ok',
        'timestamp ok',
      ])
    })

    it('by cosign 3, an index of two platforms', async () => {
      const exact = await pushed(tinyIndex('plugin'))
      await must(cosign.run(['sign', ...byServices(), exact]))
      await agree(exact)
    })

    it('by cosign 2.6 into a bundle, with Rekor 1', async () => {
      const exact = await pushed()
      await must(cosign2.run(['sign', '--new-bundle-format', ...byUrls(), exact], oldKeys()))
      await agree(exact)
      const [verdict] = signatureVerdicts(await fetchSignatures(exact), await trusting())
      expect(verdict?.steps.find(({ step }) => step === 'logInclusion')?.outcome).to.equal('ok')
    })

    it('by cosign 2.6 into its tag, with the promise of Rekor 1', async () => {
      const exact = await pushed()
      await must(cosign2.run(['sign', ...byUrls(), exact], oldKeys()))
      await agree(exact, ['--new-bundle-format=false'])
      const [verdict] = signatureVerdicts(await fetchSignatures(exact), await trusting())
      expect(verdict?.witnesses?.map(({ kind }) => kind)).to.deep.equal(['log'])
    })

    it('by cosign 2.6 into its tag, with a timestamp and no log', async () => {
      const exact = await pushed()
      const stamped = ['--timestamp-server-url', sigstore.tsaUrl, '--tlog-upload=false']
      await must(cosign2.run(['sign', ...byUrls(), ...stamped, exact], oldKeys()))
      await agree(exact, ['--new-bundle-format=false', '--use-signed-timestamps', '--insecure-ignore-tlog'], {
        require: { log: false, timestamp: true },
      })
      const [verdict] = signatureVerdicts(await fetchSignatures(exact), await trusting())
      expect(verdict).to.include({ verified: false, fault: 'notLogged' })
    })

    for (const [title, program, form] of [
      ['by cosign 3 into a bundle', () => cosign, ['--new-bundle-format=true']],
      ['by cosign 2.6 into its tag', () => cosign2, []],
    ] as const)
      for (const [type, predicateType] of [
        ['spdxjson', 'https://spdx.dev/Document'],
        ['slsaprovenance1', 'https://slsa.dev/provenance/v1'],
      ] as const)
        it(`attestations of type ${type} ${title}`, async () => {
          const exact = await pushed()
          const stated = ['--type', type, '--predicate', program().file(predicates[type])]
          const services = form.length === 0 ? byUrls() : byServices()
          await must(program().run(['attest', ...stated, ...form, ...services, exact], oldKeys()))
          const found = await fetchSignatures(exact)
          const verdicts = attestationVerdicts(found, await trusting())
          expect(verified(verdicts)).to.deep.equal([alice])
          expect(verdicts.map(({ statement }) => statement?.predicateType)).to.deep.equal([predicateType])
          expect(attestationVerdicts(found, await trusting('bob@example.com'))[0]).to.include({ verified: false, statement: undefined })
          expect(signatureVerdicts(found, await trusting()).filter(one => one.verified)).to.deep.equal([])
          const flags = [...trust(), ...(form.length === 0 ? ['--new-bundle-format=false'] : []), '--type', type]
          await must(cosign.run(['verify-attestation', ...identity(), ...flags, exact]))
        })
  })
}
