import { join } from 'node:path'
import { expect } from 'chai'
import * as v from 'valibot'
import { parse } from 'yaml'
import type { TableRow } from '../../src/analyzers/signature/table.ts'
import { attestationTag, notationReferrer, sbomTag } from '../support/attached.ts'
import { inTag, spdxDocument, types } from '../support/attestations.ts'
import { command, type Scratch, scratch, secretText } from '../support/command.ts'
import { type Artifact, cosignTag, newSigner } from '../support/cosign.ts'
import { layoutFiles, writeFiles } from '../support/local-images.ts'
import { policyText } from '../support/notation.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { verificationSchema } from '../support/schemas.ts'
import { rootFile, signer, signings, trustStore } from '../support/signed-by.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'

const image = tinyImage('plugin')
const at = ['--at', '2026-06-01T00:00:00Z', '--quiet']

interface Verified {
  readonly image: string
  readonly digest?: string
  readonly status: string
  readonly verified: boolean
  readonly attestation?: { readonly status: string; readonly code: string }
  readonly code: string
  readonly message: string
  readonly candidates: readonly TableRow[]
}

describe('verify', () => {
  let folder: Scratch
  let registry: TestRegistry
  let reference: string
  beforeEach(async () => {
    folder = scratch()
    registry = await startRegistry()
    registry.push('acme/plugin', 'v1', image.pushed)
    reference = `${registry.host}/acme/plugin:v1`
  })
  afterEach(async () => {
    await registry.close()
    folder.remove()
  })
  const hang = (...all: readonly Artifact[]) => {
    for (const { tag, ...artifact } of all) registry.push('acme/plugin', tag, artifact)
  }
  const verify = async (flags: readonly string[], images: readonly string[] = [reference]) => {
    const { code, out } = await command(['verify', ...images, ...at, ...flags, '--format', 'json'])
    return { code, images: (JSON.parse(out) as { images: readonly Verified[] }).images }
  }

  for (const { name, good, byAnother, tampered, trust } of signings) {
    it(`ends with 0 for what ${name} verifies and 3 for everything else, and shows why in the table`, async () => {
      hang(byAnother(image))
      const flags = trust(folder)
      expect((await verify(flags)).code).to.equal(3)
      hang(tampered(image), good(image))
      const { code, images } = await verify(flags)
      expect([code, images[0]?.status, images[0]?.digest]).to.deep.equal([0, 'pass', image.digest])
      expect(images[0]?.candidates.map(({ verdict }) => verdict).toSorted()).to.deep.equal(['rejected', 'rejected', 'verified'])
      for (const { verdict, steps } of images[0]?.candidates ?? []) {
        const failed = steps.filter(({ outcome }) => outcome === 'failed')
        expect(failed.length > 0, verdict).to.equal(verdict === 'rejected')
        for (const step of failed) expect([step.expected, step.found].every(text => (text ?? '') !== '')).to.equal(true)
      }
    })
  }

  it('prints each candidate with where it is, its form, its signer and each step', async () => {
    hang(
      signings[0]!.good(image),
      signings[0]!.byAnother(image),
      attestationTag(image, signer, 'https://spdx.dev/Document'),
      sbomTag(image),
    )
    const { code, out } = await command(['verify', reference, ...at, ...signings[0]!.trust(folder)])
    expect(code).to.equal(0)
    expect(out).to.match(new RegExp(`^${reference}\n  ${image.digest}\n  VERIFIED: the image .* is signed by the key in .*cosign\\.pub`))
    for (const line of [
      /^ {2}in the referrers API, manifest sha256:[0-9a-f]{12}…$/m,
      /^ {4}form {5}sigstore bundle$/m,
      /^ {4}signer {3}the key in .*cosign\.pub \(ECDSA P-256\)$/m,
      /^ {4}for {6}--key$/m,
      /^ {4}verdict {2}verified$/m,
      /^ {4}ok {10} signature: ECDSA P-256 with SHA-256$/m,
      /^ {4}failed {6} signature: expected one by the key in .*, found one by the key SHA256:.*$/m,
      /^ {4}verdict {2}not what is asked for: an attestation \(https:\/\/spdx\.dev\/Document\)$/m,
      /^ {4}verdict {2}not what is asked for: an SBOM that nobody signed/m,
    ])
      expect(out).to.match(line)
  })

  it('shows steps that were not made as not checked', async () => {
    hang(cosignTag(tinyImage('other'), reference, signer))
    registry.putManifest(
      'acme/plugin',
      `${image.digest.replace(':', '-')}.sig`,
      image.mediaType,
      cosignTag(tinyImage('other'), reference, signer).manifest.bytes,
    )
    const { images } = await verify(signings[0]!.trust(folder))
    const [row] = images[0]?.candidates ?? []
    expect(row?.steps.map(({ step, outcome }) => `${step} ${outcome}`)).to.deep.equal([
      'format ok',
      'purpose ok',
      'image failed',
      'signature notChecked',
    ])
  })

  it("shows notation's steps, with what the trust policy makes of each", async () => {
    hang(signings[6]!.good(image))
    const audit = ['--policy', folder.file('trustpolicy.json', policyText({ level: 'audit' })), ...trustStore(folder)]
    const { images } = await verify(audit)
    expect(images[0]?.candidates[0]?.steps.map(({ step }) => step)).to.deep.equal([
      'integrity',
      'authenticity',
      'authenticTimestamp',
      'expiry',
      'revocation',
      'artifact',
    ])
    expect(images[0]?.candidates[0]?.steps[1]?.note).to.include('only logged')
    expect(images[0]?.candidates[0]?.signer).to.include('CN=release')
  })

  it('does not let one that cannot be read hide the others', async () => {
    hang(signings[6]!.good(image), notationReferrer(image))
    const { code, images } = await verify(trustStore(folder))
    expect(code).to.equal(0)
    expect(images[0]?.candidates.map(({ verdict }) => verdict).toSorted()).to.deep.equal(['rejected', 'verified'])
  })

  it('ends with 3 where nobody is trusted: a warning is not verified', async () => {
    hang(signings[1]!.good(image))
    const { code, images } = await verify(rootFile(folder))
    expect([code, images[0]?.code, images[0]?.verified]).to.deep.equal([3, 'SIGNATURE_UNTRUSTED', false])
    expect(images[0]?.candidates[0]).to.include({ signer: 'alice@example.com (issuer https://accounts.example.com)', verdict: 'rejected' })
    expect((await verify([...rootFile(folder), '--require-signatures'])).code).to.equal(3)
  })

  it('ends with 3 where a policy of notation skips, and says that nothing was verified', async () => {
    hang(signings[6]!.good(image))
    const skip = ['--policy', folder.file('trustpolicy.json', policyText({ level: 'skip' })), ...trustStore(folder)]
    expect((await verify(skip)).code).to.equal(3)
    expect((await command(['verify', reference, ...at, ...skip])).out).to.include('NOT VERIFIED: ')
  })

  it('ends with 0 beside a warning of what is verified all the same, and tells of both', async () => {
    hang(signings[1]!.good(image))
    const loose = ['--certificate-identity-regexp', 'alice@example.com', '--certificate-oidc-issuer', 'https://accounts.example.com']
    const { code, images } = await verify([...rootFile(folder), ...loose])
    expect([code, images[0]?.status, images[0]?.code]).to.deep.equal([0, 'warn', 'SIGNATURE_IDENTITY_LOOSE'])
    const { out } = await command(['verify', reference, ...at, ...rootFile(folder), ...loose])
    expect(out).to.match(/^ {2}VERIFIED: the image .* is signed by alice/m)
    expect(out).to.match(/^ {2}warn: /m)
  })

  it('says once what a policy misses that asks for attestations instead of a signature', async () => {
    const { trust, good, byAnother } = signings.find(({ name }) => name === 'a ClusterImagePolicy with an attestation')!
    hang(byAnother(image))
    const flags = trust(folder)
    const { code, images } = await verify(flags)
    expect([code, images[0]?.verified, images[0]?.status, images[0]?.code]).to.deep.equal([3, false, 'fail', 'ATTESTATION_POLICY_UNMET'])
    expect(images[0]?.attestation?.code).to.equal('ATTESTATION_POLICY_UNMET')
    expect(images[0]?.candidates.map(({ verdict }) => verdict)).to.deep.equal(['rejected'])
    const { out } = await command(['verify', reference, ...at, ...flags])
    expect(out.match(/NOT VERIFIED: .* lacks what the policy "/g)).to.have.length(1)
    expect(out).to.not.include('NOT ATTESTED')
    hang(good(image))
    expect((await command(['verify', reference, ...at, ...flags])).out)
      .to.match(/^ {2}VERIFIED: /m)
      .and.to.match(/^ {2}ATTESTED: /m)
  })

  it('asks for the attestations that a flag names', async () => {
    hang(signings[0]!.good(image))
    const flags = [...signings[0]!.trust(folder), '--require-attestation', 'spdxjson']
    const without = await verify(flags)
    expect([without.code, without.images[0]?.status, without.images[0]?.attestation?.status]).to.deep.equal([3, 'pass', 'fail'])
    expect((await command(['verify', reference, ...at, ...flags])).out).to.include('NOT ATTESTED: ')
    hang(inTag(image, signer, { type: types.spdxjson, predicate: spdxDocument }))
    const { code, images } = await verify(flags)
    expect([code, images[0]?.attestation?.status]).to.deep.equal([0, 'pass'])
    expect((await command(['verify', reference, ...at, ...flags])).out).to.match(/^ {2}ATTESTED: /m)
  })

  it('reads images of folders and archives, and says which are not there', async () => {
    const { image: alone, good, trust } = { ...signings[0]!, image: image.pushed }
    const { tag: _, ...bundle } = good(image)
    const layout = `oci:${writeFiles(join(folder.path, 'layout'), layoutFiles({ image: alone }, { image: bundle }))}`
    expect((await verify(trust(folder), [layout])).code).to.equal(0)
    const { code, err } = await command(['verify', `oci:${join(folder.path, 'none')}`])
    expect([code, err.includes('none')]).to.deep.equal([2, true])
  })

  it('writes what its schema says, also when it was stopped', async () => {
    hang(signings[0]!.good(image))
    const { out } = await command(['verify', reference, ...at, ...signings[0]!.trust(folder), '--format', 'json'])
    expect(v.is(verificationSchema, JSON.parse(out))).to.equal(true)
    registry.fault('/referrers/', { kind: 'hang' })
    const stopped = await command(['verify', reference, '--quiet', '--timeout', '300ms', '--format', 'json'])
    expect(stopped.code).to.equal(1)
    expect(v.is(verificationSchema, JSON.parse(stopped.out))).to.equal(true)
    expect(JSON.parse(stopped.out)).to.include.keys('error', 'images')
  })

  it('ends with 3 for an image that is not there or no reference, and says so', async () => {
    const { code, images } = await verify([], [`${registry.host}/acme/none:v1`, 'Not A Reference'])
    expect(code).to.equal(3)
    expect(images.map(({ status }) => status)).to.deep.equal(['fail', 'fail'])
    expect(images[0]?.message).to.include('could not be looked for')
  })

  it('says that nothing hangs on an image only where it could look', async () => {
    const text = async (name: string) => (await command(['verify', name, ...at])).out
    expect(await text(reference)).to.include('Nothing hangs on it.')
    expect(await text(`${registry.host}/acme/none:v1`)).to.not.include('Nothing hangs on it.')
  })

  it('tells on standard error what it is at, and of no Config', async () => {
    const { err } = await command(['verify', reference])
    expect(err).to.equal('signature: collected\n')
  })

  it('says of each image what holds for it, and ends with the worst', async () => {
    registry.push('acme/other', 'v1', tinyImage('other').pushed)
    hang(signings[0]!.good(image))
    const other = `${registry.host}/acme/other:v1`
    const { code, images } = await verify(signings[0]!.trust(folder), [reference, other, reference])
    expect([code, images.map(one => [one.image, one.status])]).to.deep.equal([
      3,
      [
        [reference, 'pass'],
        [other, 'fail'],
      ],
    ])
  })

  it('takes an index, and each platform that is asked for', async () => {
    const index = tinyIndex('index')
    registry.push('acme/index', 'v1', index.pushed)
    const name = `${registry.host}/acme/index:v1`
    for (const platform of ['linux/amd64', 'linux/arm64']) {
      const { tag: _, ...artifact } = signings[0]!.good(index.child(platform))
      registry.push('acme/index', undefined, artifact)
      const both = ['--platform', 'linux/amd64', '--platform', 'linux/arm64']
      expect((await verify([...signings[0]!.trust(folder), ...both], [name])).code).to.equal(platform === 'linux/amd64' ? 3 : 0)
    }
  })

  it('logs in with any Secret that is given', async () => {
    await registry.close()
    registry = await startRegistry({ auth: { scheme: 'basic', users: { bob: { password: 'b' } } } })
    registry.push('acme/plugin', 'v1', image.pushed)
    hang(signings[0]!.good(image))
    const name = `${registry.host}/acme/plugin:v1`
    expect((await verify(signings[0]!.trust(folder), [name])).code).to.equal(3)
    const secrets = ['--secrets', folder.file('secret.json', secretText('any', registry.host, 'bob', 'b'))]
    expect((await verify([...signings[0]!.trust(folder), ...secrets], [name])).code).to.equal(0)
  })

  it('tells once of what means something to one of several policies, and names each policy', async () => {
    hang(signings[2]!.good(image), signings[6]!.good(image), signings[5]!.good(image))
    const { code, images } = await verify([...signings[2]!.trust(folder), ...signings[6]!.trust(folder)])
    expect(code).to.equal(0)
    const rows = images[0]?.candidates.map(({ form, verdict, policy }) => [form, verdict, policy?.replace(/\(?\/.*\//, '')])
    expect(rows).to.deep.equal([
      ['sigstore bundle', 'verified', 'the policy plugins policy.yaml:1:1)'],
      ['sigstore bundle', 'other', 'the policy plugins policy.yaml:1:1)'],
      ['Notary Project signature', 'verified', 'the trust policy trustpolicy.json'],
    ])
  })

  it('prints YAML of the same', async () => {
    const { out } = await command(['verify', reference, ...at, '--format', 'yaml'])
    expect(parse(out)).to.deep.equal(JSON.parse((await command(['verify', reference, ...at, '--format', 'json'])).out))
  })

  for (const [title, argv] of [
    ['no image', []],
    ['an empty image', ['']],
    ['another format', ['a/b:c', '--format', 'human']],
    ['half an identity', ['a/b:c', '--certificate-identity', 'a']],
  ] as const) {
    it(`ends with 2 for ${title}`, async () => {
      expect((await command(['verify', ...argv])).code).to.equal(2)
    })
  }

  it('asks nobody but the registry, and reads no layer', async () => {
    hang(signings[0]!.good(image))
    await verify(signings[0]!.trust(folder))
    expect(registry.requests.every(({ method }) => method === 'GET' || method === 'HEAD')).to.equal(true)
    const layers = [...image.pushed.blobs.keys()]
    expect(registry.requests.filter(({ path }) => layers.some(digest => path.includes(digest)))).to.deep.equal([])
  })

  it('knows other signers apart', async () => {
    hang(cosignTag(image, reference, newSigner()))
    expect((await verify(signings[0]!.trust(folder))).images[0]?.code).to.equal('SIGNATURE_KEY_MISMATCH')
  })
})
