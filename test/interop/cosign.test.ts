// peers: cosign crane referrers-registry registry
import { expect } from 'chai'
import type { Context } from 'mocha'
import { cosignBundle, cosignTag, newSigner, type SignerKind } from '../support/cosign.ts'
import type { PushedImage } from '../support/registry.ts'
import { closeAll, newClient, startAnother } from '../support/registry-client.ts'
import { collectSignatures, findingOf, type JudgeOptions, judgeSignatures } from '../support/signature-check.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'
import { type CosignCli, cosignCli, type KeyPair } from './cosign-cli.ts'
import { type Ended, peer, succeed } from './peers.ts'
import { endAll } from './processes.ts'
import { type RealRegistry, startDistribution, startReferrersRegistry, writeLayout } from './registries.ts'

const kinds: readonly SignerKind[] = ['P-256', 'P-384', 'P-521', 'RSA', 'Ed25519']
const forms = [
  { form: "cosign's tag", flag: '--new-bundle-format=false' },
  { form: 'a bundle', flag: '--new-bundle-format=true' },
]
const both = ['linux/amd64', 'linux/arm64']
const trusting = (...pairs: readonly Pick<KeyPair, 'publicPem'>[]): JudgeOptions => ({
  keys: pairs.map(({ publicPem }, i) => ({ name: `key${i}.pub`, pem: publicPem })),
})

describe('real cosign 3', () => {
  let cosign: CosignCli
  before(async function () {
    cosign = cosignCli(await peer(this, 'cosign'))
  })
  after(endAll)
  afterEach(closeAll)

  const judge = async (reference: string, options: JudgeOptions, platforms: readonly string[] = ['linux/amd64']) =>
    findingOf(judgeSignatures(await collectSignatures(newClient(), [reference], platforms), { ...options, platforms }))
  const must = async (ended: Promise<Ended>) => {
    const { code, stderr } = await ended
    expect(code, stderr).to.equal(0)
  }

  const signs = (start: (test: Context) => Promise<RealRegistry>) => () => {
    let registry: RealRegistry
    let crane: string
    const pairs = new Map<SignerKind, KeyPair>()
    let stranger: KeyPair
    let repositories = 0
    // biome-ignore lint/suspicious/noDuplicateTestHooks: this is the body of suites of their own
    before(async function () {
      crane = await peer(this, 'crane')
      registry = await start(this)
      pairs.set('P-256', await cosign.generate())
      stranger = await cosign.generate()
      for (const kind of kinds.slice(1)) pairs.set(kind, await cosign.import(newSigner(kind)))
    })

    const push = (image: PushedImage, reference: string) => succeed(crane, ['push', writeLayout(image, 'x'), reference])
    const pushed = async (image: { digest: string; pushed: PushedImage }) => {
      const repository = `acme/plugin-${repositories++}`
      await push(image.pushed, `${registry.host}/${repository}:v1`)
      return { repository, reference: `${registry.host}/${repository}:v1`, exact: `${registry.host}/${repository}@${image.digest}` }
    }

    for (const { form, flag } of forms) {
      for (const kind of kinds) {
        it(`with ${kind} into ${form}`, async () => {
          const { reference, exact } = await pushed(tinyImage('plugin'))
          const pair = pairs.get(kind)!
          await must(cosign.sign(pair, exact, [flag]))
          const finding = await judge(reference, trusting(stranger, pair))
          expect(finding, JSON.stringify(finding)).to.include({ status: 'pass', code: 'SIGNATURE_VERIFIED' })
          expect(finding.message).to.include('signed by the key in key1.pub')
          expect(await judge(reference, trusting(stranger))).to.include({ status: 'fail', code: 'SIGNATURE_KEY_MISMATCH' })
          expect(await judge(reference, {})).to.include({ status: 'warn', code: 'SIGNATURE_UNTRUSTED' })
        })
      }

      it(`with annotations into ${form}`, async () => {
        const { reference, exact } = await pushed(tinyImage('plugin'))
        await must(cosign.sign(pairs.get('P-256')!, exact, [flag, '-a', 'build=<1 & 2>', '-a', 'team=öß']))
        expect((await judge(reference, trusting(pairs.get('P-256')!))).status).to.equal('pass')
      })

      it(`an index into ${form}, which covers its platforms`, async () => {
        const { reference, exact } = await pushed(tinyIndex('plugin'))
        await must(cosign.sign(pairs.get('P-256')!, exact, [flag]))
        expect(await judge(reference, trusting(pairs.get('P-256')!), both)).to.include({ status: 'pass' })
      })

      it(`one platform of an index into ${form}, which does not cover the other`, async () => {
        const index = tinyIndex('plugin')
        const { reference, repository } = await pushed(index)
        await must(cosign.sign(pairs.get('P-256')!, `${registry.host}/${repository}@${index.child('linux/arm64').digest}`, [flag]))
        expect(await judge(reference, trusting(pairs.get('P-256')!), both)).to.include({ status: 'fail', code: 'SIGNATURE_PARTIAL' })
        expect(await judge(reference, trusting(pairs.get('P-256')!), ['linux/arm64'])).to.include({ status: 'pass' })
      })

      it(`by two signers into ${form}, of whom one is trusted`, async () => {
        const { reference, exact } = await pushed(tinyImage('plugin'))
        await must(cosign.sign(stranger, exact, [flag]))
        await must(cosign.sign(pairs.get('RSA')!, exact, [flag]))
        expect((await judge(reference, trusting(pairs.get('RSA')!))).status).to.equal('pass')
        expect((await judge(reference, trusting(stranger))).status).to.equal('pass')
      })

      it(`into ${form}, copied by cosign, which leaves bundles behind`, async () => {
        const { exact } = await pushed(tinyImage('plugin'))
        await must(cosign.sign(pairs.get('P-256')!, exact, [flag]))
        const target = `${registry.host}/mirror/plugin-${repositories++}:v1`
        await must(cosign.run(['copy', '--allow-http-registry', exact, target]))
        const finding = await judge(target, trusting(pairs.get('P-256')!))
        expect(finding.code, JSON.stringify(finding)).to.equal(flag.endsWith('true') ? 'SIGNATURE_NONE' : 'SIGNATURE_VERIFIED')
      })

      it(`into ${form}, but the tag points at another image now`, async () => {
        const { reference, exact } = await pushed(tinyImage('plugin'))
        await must(cosign.sign(pairs.get('P-256')!, exact, [flag]))
        await push(tinyImage('replaced').pushed, reference)
        expect(await judge(reference, trusting(pairs.get('P-256')!))).to.include({ status: 'fail', code: 'SIGNATURE_NONE' })
      })
    }

    it('an index and all in it, so that the image of one platform is covered by itself', async () => {
      const index = tinyIndex('plugin')
      const { repository, exact } = await pushed(index)
      await must(cosign.sign(pairs.get('P-256')!, exact, ['--recursive']))
      const one = `${registry.host}/${repository}@${index.child('linux/arm64').digest}`
      expect(await judge(one, trusting(pairs.get('P-256')!))).to.include({ status: 'pass' })
    })

    it('but somebody changes the signature in the tag', async () => {
      const image = tinyImage('plugin')
      const { repository, reference, exact } = await pushed(image)
      await must(cosign.sign(pairs.get('P-256')!, exact, ['--new-bundle-format=false']))
      const tag = `${registry.host}/${repository}:${image.digest.replace(':', '-')}.sig`
      const manifest = JSON.parse(await succeed(crane, ['manifest', tag]))
      const name = 'dev.cosignproject.cosign/signature'
      const changed = Buffer.from(manifest.layers[0].annotations[name], 'base64')
      changed[40]! ^= 1
      manifest.layers[0].annotations[name] = changed.toString('base64')
      const answer = await fetch(`http://${tag.replace('/', '/v2/').replace(/:(?=sha256-)/, '/manifests/')}`, {
        method: 'PUT',
        headers: { 'content-type': 'application/vnd.oci.image.manifest.v1+json' },
        body: JSON.stringify(manifest),
      })
      expect(answer.status).to.equal(201)
      expect(await judge(reference, trusting(pairs.get('P-256')!))).to.include({ status: 'fail', code: 'SIGNATURE_KEY_MISMATCH' })
      expect((await cosign.verify(pairs.get('P-256')!.pub, exact)).code).to.not.equal(0)
    })

    it("a signature that somebody copied to another image's tag", async () => {
      const image = tinyImage('plugin')
      const other = tinyImage('other')
      const { repository, exact } = await pushed(image)
      await push(other.pushed, `${registry.host}/${repository}:v2`)
      await must(cosign.sign(pairs.get('P-256')!, exact, ['--new-bundle-format=false']))
      const tagOf = (digest: string) => `${digest.replace(':', '-')}.sig`
      await succeed(crane, ['tag', `${registry.host}/${repository}:${tagOf(image.digest)}`, tagOf(other.digest)])
      const finding = await judge(`${registry.host}/${repository}:v2`, trusting(pairs.get('P-256')!))
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_SUBJECT_MISMATCH' })
    })

    it('an attestation, which is no signature', async () => {
      const { reference, exact } = await pushed(tinyImage('plugin'))
      const predicate = cosign.file('{"packages":[]}')
      const { key } = pairs.get('P-256')!
      await must(
        cosign.run([
          'attest',
          '--key',
          key,
          '--type',
          'spdxjson',
          '--predicate',
          predicate,
          '--tlog-upload=false',
          '--use-signing-config=false',
          '--allow-http-registry',
          '-y',
          exact,
        ]),
      )
      const finding = await judge(reference, trusting(pairs.get('P-256')!))
      expect(finding).to.include({ status: 'fail', code: 'SIGNATURE_NONE' })
      expect(finding.message).to.include('https://spdx.dev/Document')
    })
  }
  describe('signs on distribution 3, and we verify', signs(startDistribution))
  describe('signs on a registry with the referrers API, and we verify', signs(startReferrersRegistry))

  for (const referrers of [true, false]) {
    describe(`verifies our test signatures on a registry ${referrers ? 'with' : 'without'} the referrers API`, () => {
      for (const kind of ['P-256', 'RSA', 'P-384'] satisfies SignerKind[]) {
        for (const { form, flag } of forms) {
          it(`of ${kind} in ${form}, and not with another key`, async () => {
            const registry = await startAnother({ referrers })
            const image = tinyImage('plugin')
            const signer = newSigner(kind)
            registry.push('acme/plugin', 'v1', image.pushed)
            const reference = `${registry.host}/acme/plugin@${image.digest}`
            const { tag, ...artifact } = flag.endsWith('true')
              ? { ...cosignBundle(image, signer), tag: undefined }
              : cosignTag(image, reference, signer)
            registry.push('acme/plugin', tag, artifact)
            // cosign verifies with SHA-256 unless it is told.
            const flags = [flag, ...(kind === 'P-384' ? ['--signature-digest-algorithm', 'sha384'] : [])]
            await must(cosign.verify(cosign.file(signer.publicPem), reference, flags))
            expect((await cosign.verify(cosign.file(newSigner(kind).publicPem), reference, flags)).code).to.not.equal(0)
          })
        }
      }
    })
  }
})
