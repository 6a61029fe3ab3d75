import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { command, configText, type JsonReport, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { type Artifact, bundleBytes, bundleReferrer, newSigner, statementOf } from '../support/cosign.ts'
import { policyText } from '../support/notation.ts'
import { document } from '../support/policies.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { here, rootFile, signer, signings, trustStore } from '../support/signed-by.ts'
import { tinyImage } from '../support/signed-image.ts'
import { oidcIssuer } from '../support/sigstore/certificates.ts'
import { alice, issueSigner, newDeployment, type SigningOptions } from '../support/sigstore/deployment.ts'
import { type ProofOptions, signBundle } from '../support/sigstore/signatures.ts'

const name = 'velero-postgresql'
const image = tinyImage('plugin')
const other = tinyImage('other')
/** Certificates of the tests are valid then. */
const at = ['--at', '2026-06-01T00:00:00Z']

/** `status CODE, …` of the one result, and its message and evidence. */
const resultOf = ({ pass, warn, fail }: JsonReport) => {
  const [result] = [...pass, ...warn, ...fail]
  if (result === undefined) throw new Error('there is no result')
  const evidence = result.findings.flatMap(finding => finding.evidence ?? []).join('\n')
  return { ...result, all: result.findings.map(({ status, code }) => `${status} ${code}`).join(', '), evidence }
}

const spec = (...analyzers: readonly string[]): string =>
  `apiVersion: velero-plugin-preflight/v1beta1\nkind: Preflight\nspec: {analyzers: [${analyzers.join(', ')}]}\n`

describe('policies', () => {
  let folder: Scratch
  let registry: TestRegistry
  let argv: readonly string[]
  beforeEach(async () => {
    folder = scratch()
    registry = await startRegistry()
    registry.push('acme/plugin', 'v1', image.pushed)
    argv = ['--checks', 'signature', '--config', folder.file('config.yaml', configText({ name, image: `${registry.host}/acme/plugin:v1` }))]
  })
  afterEach(async () => {
    await registry.close()
    folder.remove()
  })
  const hang = (...all: readonly Artifact[]) => {
    for (const { tag, ...artifact } of all) registry.push('acme/plugin', tag, artifact)
  }
  const run = async (...flags: readonly string[]) => {
    const { code, json } = await report(['run', '--no-bundle', ...argv, ...at, ...flags])
    return { exit: code, ...resultOf(json) }
  }

  describe('that ask for attestations instead of signatures', () => {
    const attested = signings.find(({ name: kind }) => kind === 'a ClusterImagePolicy with an attestation')!
    const judge = async (...flags: readonly string[]) => {
      const { code, json } = await report(['run', '--no-bundle', ...flags, ...argv, ...at, ...attested.trust(folder)])
      return { exit: code, verdicts: verdicts(json), notChecked: json.notChecked.map(({ check, why }) => `${check}: ${why}`) }
    }
    it('fail once for what is missing: the check of signatures points at that of attestations', async () => {
      const found = await judge()
      expect([found.exit, found.verdicts]).to.deep.equal([
        3,
        [`attestation ${name}: fail ATTESTATION_POLICY_UNMET`, `signature ${name}: not checked`],
      ])
      expect(found.notChecked.join('\n')).to.match(/^signature: The policy asks for attestations instead .*see the check attestation/)
      hang(attested.good(image))
      expect((await judge()).verdicts).to.deep.equal([
        `signature ${name}: pass SIGNATURE_VERIFIED`,
        `attestation ${name}: pass ATTESTATION_VERIFIED`,
      ])
    })
    it('leave what a spec says in its own words or more strictly, or makes less of', async () => {
      for (const [analyzers, expected] of [
        [
          ['{signature: {}}', '{attestation: {exclude: true}}'],
          [`attestation ${name}: fail ATTESTATION_POLICY_UNMET`, `signature ${name}: not checked`],
        ],
        [
          ['{signature: {}}', '{attestation: {outcomes: [{warn: {message: later}}]}}'],
          [`attestation ${name}: warn ATTESTATION_POLICY_UNMET`, `signature ${name}: fail SIGNATURE_ATTESTATION`],
        ],
        [
          ['{signature: {strict: true}}', '{attestation: {}}'],
          [`signature ${name}: fail SIGNATURE_ATTESTATION`, `attestation ${name}: fail ATTESTATION_POLICY_UNMET`],
        ],
        [
          ['{signature: {outcomes: [{fail: {message: my own words}}]}}', '{attestation: {}}'],
          [`signature ${name}: fail SIGNATURE_ATTESTATION`, `attestation ${name}: fail ATTESTATION_POLICY_UNMET`],
        ],
      ] as const) {
        const found = await judge(folder.file('spec.yaml', spec(...analyzers)))
        expect([found.exit, found.verdicts], analyzers.join()).to.deep.equal([3, expected])
      }
    })
  })

  for (const { name: kind, good, byAnother, tampered, trust, codes, forEveryImage } of signings) {
    describe(`of the kind ${kind}`, () => {
      it('passes what is signed by whom it trusts', async () => {
        hang(byAnother(image), good(image))
        expect(await run(...trust(folder))).to.include({ exit: 0, all: 'pass SIGNATURE_VERIFIED' })
      })

      it('fails what somebody else signed', async () => {
        hang(byAnother(image))
        expect(await run(...trust(folder))).to.include({ exit: 3, all: `fail ${codes.byAnother}` })
      })

      it('fails what was tampered with', async () => {
        hang(tampered(image))
        expect(await run(...trust(folder))).to.include({ exit: 3, all: `fail ${codes.tampered}` })
      })

      it('fails what nobody signed, and says what to do', async () => {
        const found = await run(...trust(folder))
        expect(found).to.include({ exit: 3, all: `fail ${codes.none}` })
        expect(found.message).to.match(/^velero-postgresql: /)
      })

      it('fails what is signed for another image', async () => {
        const { blobs, manifest } = good(other)
        const subject = { mediaType: image.mediaType, digest: image.digest, size: image.bytes.length }
        const bytes = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(manifest.bytes).toString()), subject }))
        hang({ blobs, manifest: { ...manifest, digest: '', bytes } })
        const found = await run(...trust(folder))
        expect(found.exit).to.equal(3)
        expect(found.code).to.match(/SIGNATURE_(SUBJECT_MISMATCH|NOTATION)|ATTESTATION_POLICY_UNMET/)
        expect(found.evidence).to.include(other.digest)
      })

      it('never says "unsigned" where the registry could not be asked', async () => {
        registry.fault('/referrers/', { kind: 'answer', status: 403 })
        expect(await run(...trust(folder))).to.include({ exit: 3, code: 'SIGNATURE_UNREACHABLE' })
      })

      it('is judged from a bundle as from the registry', async () => {
        hang(byAnother(image), good(image))
        const flags = trust(folder)
        const bundle = join(folder.path, 'bundle.tar.gz')
        await command(['collect', ...argv, '-o', bundle])
        const live = await report(['run', '--no-bundle', ...argv, ...at, ...flags])
        expect((await report(['analyze', bundle, ...at, ...flags])).json).to.deep.equal(live.json)
      })

      if (forEveryImage !== true) {
        it('warns where it does not speak of the image, and fails where signatures are required', async () => {
          hang(good(image))
          const flags = trust(folder, 'ghcr.io/other/**')
          const found = await run(...flags)
          expect(found).to.include({ exit: 4, all: 'warn SIGNATURE_NO_POLICY' })
          expect(found.message).to.include('no policy speaks of the image')
          expect(await run(...flags, '--require-signatures')).to.include({ exit: 3, all: 'fail SIGNATURE_NO_POLICY' })
        })
      }
    })
  }
  describe('of several', () => {
    const [byKey, byIdentity, , , , attested, notation] = signings
    const policyWith = (file: string, spec: object, more: object = {}) => [
      '--policy',
      folder.file(
        file,
        document({ images: [{ glob: '**' }], authorities: [{ key: { data: signer.publicPem } }], ...spec }, { name: file, ...more }),
      ),
    ]

    it('all must hold, ClusterImagePolicy and notation alike, and the evidence says which decided', async () => {
      hang(byKey!.good(image))
      const flags = [...policyWith('a.yaml', {}), ...notation!.trust(folder)]
      const found = await run(...flags)
      expect(found.all).to.equal('fail SIGNATURE_NONE, pass SIGNATURE_VERIFIED')
      expect(found.exit).to.equal(3)
      expect(found.message)
        .to.include('is not signed with notation')
        .and.match(/So the trust policy .*trustpolicy\.json wants it\.$/)
      expect(found.evidence).to.match(
        /^policy a\.yaml \(.*a\.yaml:1:1, authority-0\): holds: a signature by the key in the authority authority-0/m,
      )
      expect(found.evidence).to.match(/^policy .*trustpolicy\.json \(.*, plugins\): does not hold/m)
      hang(notation!.good(image))
      const both = await run(...flags)
      expect(both).to.include({ exit: 0, all: 'pass SIGNATURE_VERIFIED' })
      expect(both.message).to.match(
        /is signed by the key in .*, as the policy a\.yaml .* wants\..* is signed by .*CN=release.*, as the trust policy/,
      )
    })

    it('the keys of --key and a policy both must hold', async () => {
      hang(byKey!.good(image))
      const stranger = ['--key', folder.file('other.pub', newSigner().publicPem)]
      expect(await run(...policyWith('a.yaml', {}), ...stranger)).to.include({
        exit: 3,
        all: 'fail SIGNATURE_KEY_MISMATCH, pass SIGNATURE_VERIFIED',
      })
      expect((await run(...policyWith('a.yaml', {}), ...byKey!.trust(folder))).exit).to.equal(0)
    })

    it('those that are about other images are named', async () => {
      hang(byKey!.good(image))
      const found = await run(...policyWith('a.yaml', {}), ...policyWith('b.yaml', { images: [{ glob: 'ghcr.io/**' }] }))
      expect(found.exit).to.equal(0)
      expect(found.evidence).to.include('about other images: b.yaml')
    })

    it('any authority of one suffices', async () => {
      const spec = {
        authorities: [
          { name: 'old', key: { data: newSigner().publicPem } },
          { name: 'new', key: { data: signer.publicPem } },
        ],
      }
      hang(byKey!.good(image))
      const found = await run(...policyWith('a.yaml', spec))
      expect(found.exit).to.equal(0)
      expect(found.evidence).to.include(', new): holds')
    })

    it('one in mode warn warns, and fails where signatures are required and none is verified', async () => {
      const warn = policyWith('a.yaml', { mode: 'warn' })
      expect(await run(...warn)).to.include({ exit: 4, all: 'warn SIGNATURE_NONE' })
      expect(await run(...warn, '--require-signatures')).to.include({ exit: 3, all: 'fail SIGNATURE_NONE' })
    })

    it('one that accepts none of several signatures tells of the one that comes nearest, and what to do about it', async () => {
      hang(notation!.tampered(image), notation!.good(image))
      const trust = (change: object = {}) => ['--policy', folder.file('tp.json', policyText(change)), ...trustStore(folder)]
      const stranger = await run(...trust({ trustedIdentities: ['x509.subject: C=US, ST=WA, O=other'] }))
      expect(stranger).to.include({ exit: 3, all: 'fail SIGNATURE_NOTATION' })
      expect(stranger.message).to.match(
        /authenticity failed: expected .*O=other.* Sign the image as somebody whom the policy's trust stores/,
      )
      hang(notation!.byAnother(image))
      const late = await run(...trust(), '--at', '2030-01-01T00:00:00Z')
      expect(late.message).to.match(/authentic timestamp failed: .* Sign the image again with a certificate that is valid/)
    })

    it('one that skips warns, and fails where signatures are required', async () => {
      const skip = ['--policy', folder.file('trustpolicy.json', policyText({ level: 'skip' }))]
      hang(notation!.good(image))
      expect(await run(...skip)).to.include({ exit: 4, all: 'warn SIGNATURE_SKIPPED' })
      expect(await run(...skip, '--require-signatures')).to.include({ exit: 3, all: 'fail SIGNATURE_SKIPPED' })
      hang(byKey!.good(image))
      expect(await run(...skip, ...byKey!.trust(folder))).to.include({ exit: 4, all: 'warn SIGNATURE_SKIPPED, pass SIGNATURE_VERIFIED' })
    })

    it('what a trust policy only logs is a warn, and nobody trusted has signed where that is who signed', async () => {
      const level = (name: string) => ['--policy', folder.file(`${name}.json`, policyText({ level: name })), ...trustStore(folder)]
      hang(notation!.byAnother(image))
      const audit = await run(...level('audit'))
      expect(audit).to.include({ exit: 4, all: 'warn SIGNATURE_LOGGED' })
      expect(audit.message).to.match(/authenticity failed: expected a certificate of the trust stores ca:acme, found/)
      expect(await run(...level('audit'), '--require-signatures')).to.include({ exit: 3, all: 'fail SIGNATURE_LOGGED' })
      expect((await command(['run', '--no-bundle', ...argv, ...at, ...level('audit'), 'specs/strict.yaml'])).code).to.equal(3)
      expect(await run(...level('permissive'))).to.include({ exit: 3, all: 'fail SIGNATURE_NOTATION' })
      hang(notation!.good(image))
      expect(await run(...level('audit'))).to.include({ exit: 0, all: 'pass SIGNATURE_VERIFIED' })
      const later = await run(...level('permissive'), '--at', '2030-01-01T00:00:00Z')
      expect(later).to.include({ exit: 4, all: 'warn SIGNATURE_LOGGED, pass SIGNATURE_VERIFIED' })
    })

    it('an authority that accepts everything is none that verified, whatever its name is', async () => {
      const authorities = [
        { name: 'a', static: { action: 'pass' } },
        { name: 'a', key: { data: newSigner().publicPem } },
      ]
      expect(await run(...policyWith('a.yaml', { authorities }), '--require-signatures')).to.include({
        exit: 3,
        all: 'fail SIGNATURE_SKIPPED',
      })
    })

    it('a bundle does not choose which statement of a trust policy speaks of an image', async () => {
      const own = { name: 'own', registryScopes: [`${registry.host}/acme/plugin`] }
      const text = JSON.parse(policyText({ ...own }))
      text.trustPolicies.push({ name: 'lax', registryScopes: ['registry.example.com/lax'], signatureVerification: { level: 'skip' } })
      const flags = ['--policy', folder.file('trustpolicy.json', JSON.stringify(text)), ...trustStore(folder)]
      const bundle = join(folder.path, 'bundle')
      await command(['collect', ...argv, '-o', bundle])
      const facts = join(bundle, readdirSync(bundle)[0] ?? '', 'velero-plugins/facts/signature.json')
      const file = existsSync(facts) ? facts : join(bundle, 'velero-plugins/facts/signature.json')
      writeFileSync(
        file,
        readFileSync(file, 'utf8').replace(`"repository": "${registry.host}/acme/plugin"`, '"repository": "registry.example.com/lax"'),
      )
      expect(readFileSync(file, 'utf8')).to.include('registry.example.com/lax')
      expect((await report(['analyze', bundle, ...at, ...flags])).code).to.equal(3)
    })

    it('what a bundle no longer holds as it was is told so, and never passes', async () => {
      hang(byKey!.good(image))
      const bundle = join(folder.path, 'bundle')
      await command(['collect', ...argv, '-o', bundle])
      const codes: string[] = []
      for (const name of readdirSync(bundle, { recursive: true, encoding: 'utf8' })) {
        if (!/blobs\/sha256\/[0-9a-f]{64}$/.test(name)) continue
        const file = join(bundle, name)
        const whole = readFileSync(file, 'utf8')
        writeFileSync(file, `${Buffer.from(`${Buffer.from(whole, 'base64')} `).toString('base64')}\n`)
        codes.push(resultOf((await report(['analyze', bundle, ...at, ...byKey!.trust(folder)])).json).code)
        writeFileSync(file, whole)
      }
      // The image's own manifest is not needed for it; the bundle and the manifest that holds it are.
      expect(codes.toSorted()).to.deep.equal(['FACT_ALTERED', 'FACT_ALTERED', 'SIGNATURE_VERIFIED'])
    })

    it('one that accepts everything warns alone, and takes nothing from another', async () => {
      const pass = policyWith('a.yaml', { authorities: [{ static: { action: 'pass' } }] })
      expect(await run(...pass)).to.include({ exit: 4, all: 'warn SIGNATURE_SKIPPED' })
      hang(byKey!.good(image))
      expect(await run(...pass, ...byKey!.trust(folder))).to.include({ exit: 0, all: 'pass SIGNATURE_VERIFIED' })
    })

    it('one that forbids an image fails whoever signed it, with its words', async () => {
      hang(byKey!.good(image))
      const found = await run(...policyWith('a.yaml', { authorities: [{ static: { action: 'fail', message: 'mirror it first' } }] }))
      expect(found).to.include({ exit: 3, all: 'fail SIGNATURE_FORBIDDEN' })
      expect(found.message).to.include('mirror it first')
    })

    it('an attestation never counts as a signature, nor a signature as an attestation', async () => {
      hang(attested!.good(image))
      expect((await run(...byKey!.trust(folder))).all).to.equal('fail SIGNATURE_NONE')
      expect((await run(...attested!.trust(folder))).all).to.equal('pass SIGNATURE_VERIFIED')
    })

    it('a pattern that is not anchored, and certificates that no log has seen, are warns', async () => {
      hang(byIdentity!.good(image))
      const loose = ['--certificate-identity-regexp', 'alice@example.com', '--certificate-oidc-issuer', alice.issuer, ...rootFile(folder)]
      const found = await run(...loose)
      expect(found).to.include({ exit: 4, all: 'warn SIGNATURE_IDENTITY_LOOSE, pass SIGNATURE_VERIFIED' })
      expect(found.message).to.include('put it between ^ and $').and.include('write \\. for a dot')
      const anchored = [
        '--certificate-identity-regexp',
        '^alice@example\\.com$',
        '--certificate-oidc-issuer',
        alice.issuer,
        ...rootFile(folder),
      ]
      expect((await run(...anchored)).all).to.equal('pass SIGNATURE_VERIFIED')
      expect((await run(...anchored, '--insecure-ignore-sct')).all).to.equal('warn SIGNATURE_SCT_IGNORED, pass SIGNATURE_VERIFIED')
    })

    it('signatures are looked for where a policy says that they are kept', async () => {
      const { tag: _, ...kept } = byKey!.good(image)
      registry.push('signatures', undefined, kept)
      const source = [{ oci: `${registry.host}/signatures` }]
      const flags = policyWith('a.yaml', { authorities: [{ key: { data: signer.publicPem }, source }] })
      const found = await run(...flags)
      expect([found.exit, found.all]).to.deep.equal([0, 'pass SIGNATURE_VERIFIED'])
      expect(found.message).to.include(`in ${registry.host}/signatures`)
      expect((await run(...byKey!.trust(folder))).all).to.equal('fail SIGNATURE_NONE')
      const bundle = join(folder.path, 'bundle')
      await command(['collect', ...argv, '-o', bundle, ...flags])
      expect((await report(['analyze', bundle, ...at, ...flags])).code).to.equal(0)
    })
  })

  describe('of nobody', () => {
    const [byKey, byIdentity, , , , , notation] = signings

    it('warn of what is not signed', async () => {
      expect(await run()).to.include({ exit: 4, all: 'warn SIGNATURE_NONE' })
      expect(await run('--require-signatures')).to.include({ exit: 3, all: 'fail SIGNATURE_NONE' })
    })

    it('warn of what is signed, and say who signed where a trusted root proves it', async () => {
      hang(byIdentity!.good(image))
      const proven = await run(...rootFile(folder))
      expect(proven).to.include({ exit: 4, all: 'warn SIGNATURE_UNTRUSTED' })
      expect(proven.message)
        .to.include('is signed by alice@example.com (issuer https://accounts.example.com), but you told nobody to trust them')
        .and.include(`--certificate-identity ${alice.email} --certificate-oidc-issuer ${alice.issuer}`)
        .and.include('The trusted root is ')
      const claimed = await run()
      expect(claimed.message).to.include('alice@example.com (issuer https://accounts.example.com), as it says')
      expect(await run(...rootFile(folder), '--require-signatures')).to.include({ exit: 3, all: 'fail SIGNATURE_UNTRUSTED' })
    })

    it('warn of what a key signed, and of what notation signed', async () => {
      hang(byKey!.good(image))
      expect((await run()).message).to.include('has a signature by the key SHA256:')
      registry.push('acme/plugin', 'v1', other.pushed)
      hang(notation!.good(other))
      expect((await run()).message).to.match(
        /has a signature of the Notary Project by the certificate of .*CN=release.*, as it says, but nothing was given/,
      )
    })

    it('fail under specs/strict.yaml, whatever is signed, and pass there with a policy that holds', async () => {
      hang(byIdentity!.good(image))
      const strict = async (...flags: readonly string[]) =>
        (await command(['run', '--no-bundle', ...argv, ...at, ...flags, 'specs/strict.yaml'])).code
      expect(await strict(...rootFile(folder))).to.equal(3)
      expect(await strict(...byIdentity!.trust(folder))).to.equal(0)
      expect(await strict('--policy', folder.file('trustpolicy.json', policyText({ level: 'skip' })))).to.equal(3)
    })
  })

  describe('of certificates', () => {
    const trusting = () => signings[1]!.trust(folder)
    const signed = (signing: SigningOptions = {}, proofs: ProofOptions = {}, by = here) =>
      bundleReferrer(image, bundleBytes(signBundle(by, issueSigner(by, signing), statementOf(image.digest), proofs).bundle))
    const faults: readonly [title: string, artifact: () => Artifact, code: string][] = [
      ['is in no log', () => signed({}, { logs: [], stamps: [{}] }), 'SIGNATURE_NOT_LOGGED'],
      [
        'was logged after the certificate had ended',
        () => signed({}, { entry: { time: new Date('2026-02-01T00:00:00Z') } }),
        'SIGNATURE_CERTIFICATE',
      ],
      ['has a certificate of another Sigstore', () => signed({ by: newDeployment().intermediate }), 'SIGNATURE_CERTIFICATE'],
      ['has a certificate that no log has seen', () => signed({ sct: 'none' }), 'SIGNATURE_SCT'],
      ['has an entry without a time, and no timestamp', () => signed({}, { logs: ['rekor2'] }), 'SIGNATURE_UNTIMED'],
      ['has a certificate of another issuer', () => signed({ issuer: oidcIssuer('https://evil.example') }), 'SIGNATURE_IDENTITY_MISMATCH'],
    ]
    for (const [title, artifact, code] of faults) {
      it(`fail what ${title}, with expected and found`, async () => {
        hang(artifact())
        const found = await run(...trusting())
        expect(found).to.include({ exit: 3, all: `fail ${code}` })
        expect(found.message).to.match(/^velero-postgresql: .*expected .+, found .+/)
        expect(found.message).to.not.match(/insecure|ignore|skip/i)
      })
    }
  })

  describe('that cannot be used', () => {
    for (const [title, flags, message] of [
      ['an identity without an issuer', () => ['--certificate-identity', 'a'], '--certificate-oidc-issuer'],
      [
        'a key and an identity',
        () => ['--certificate-identity', 'a', '--certificate-oidc-issuer', 'b', ...signings[0]!.trust(folder)],
        'Exactly one of key',
      ],
      [
        'a pattern that is none',
        () => ['--certificate-identity-regexp', '(', '--certificate-oidc-issuer', 'b'],
        'not a regular expression',
      ],
      ['a trust policy without its stores', () => ['--policy', folder.file('trustpolicy.json', policyText())], '--trust-store'],
      ['lists without anybody to trust', () => ['--crl', folder.file('a.crl', '')], '--crl'],
      ['a trusted root that is none', () => ['--trusted-root', folder.file('root.json', '{}')], 'root.json is not a trusted root'],
      ['a policy that is none', () => ['--policy', folder.file('a.yaml', 'a: b')], 'a.yaml:1:1'],
      [
        'a policy with what is not evaluated',
        () => ['--policy', folder.file('a.yaml', document({ images: [{ glob: '**' }], authorities: [{ key: { kms: 'awskms://x' } }] }))],
        'kms is not evaluated',
      ],
      ['no file', () => ['--policy', join(folder.path, 'none.yaml')], '--policy'],
    ] as const) {
      it(`end with 2 before anything is asked: ${title}`, async () => {
        const ran = await command(['run', '--no-bundle', ...argv, ...flags()])
        expect(ran.code).to.equal(2)
        expect(ran.err).to.include(message)
        expect(registry.requests).to.deep.equal([])
      })
    }
  })
})
