import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { cosignBundle, cosignTag, newSigner, type SignerKind } from '../support/cosign.ts'
import type { PushedImage } from '../support/registry.ts'
import { closeAll, newClient, startAnother } from '../support/registry-client.ts'
import { collectSignatures, findingOf, type JudgeOptions, judgeSignatures } from '../support/signature-check.ts'
import { tinyImage, tinyIndex } from '../support/signed-image.ts'
import { type CosignCli, cosignCli, type KeyPair } from './cosign-cli.ts'

const kinds: readonly SignerKind[] = ['P-256', 'P-384', 'P-521', 'RSA', 'Ed25519']
const forms = [
  { form: "cosign's tag", flag: '--new-bundle-format=false' },
  { form: 'a bundle', flag: '--new-bundle-format=true' },
]
const both = ['linux/amd64', 'linux/arm64']
const trusting = (...pairs: readonly Pick<KeyPair, 'publicPem'>[]): JudgeOptions => ({
  keys: pairs.map(({ publicPem }, i) => ({ name: `key${i}.pub`, pem: publicPem })),
})

const bin = join(homedir(), '.cache/vpp-peers/bin')

/** distribution 3, which has no referrers API. */
const startDistribution = async () => {
  const folder = mkdtempSync(join(tmpdir(), 'distribution-'))
  const port = await new Promise<number>(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })
  const config = join(folder, 'config.yml')
  writeFileSync(
    config,
    `version: 0.1\nstorage: {filesystem: {rootdirectory: ${folder}/data}}\nhttp: {addr: 127.0.0.1:${port}}\nlog: {level: error}\n`,
  )
  const child = spawn(join(bin, 'registry'), ['serve', config], { stdio: 'ignore' })
  const host = `127.0.0.1:${port}`
  for (let tries = 0; tries < 100; tries++) {
    const up = await fetch(`http://${host}/v2/`).then(
      answer => answer.ok,
      () => false,
    )
    if (up) break
    await new Promise(resolve => setTimeout(resolve, 50))
  }
  const put = async (path: string, type: string, body: Uint8Array) => {
    const answer = await fetch(`http://${host}/v2/${path}`, { method: 'PUT', headers: { 'content-type': type }, body: Buffer.from(body) })
    if (!answer.ok) throw new Error(`PUT ${path}: ${answer.status} ${await answer.text()}`)
  }
  return {
    host,
    get: (path: string) =>
      fetch(`http://${host}/v2/${path}`, {
        headers: { accept: 'application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json' },
      }),
    put,
    async push(repository: string, tag: string, { blobs, manifest }: PushedImage) {
      const children = (JSON.parse(Buffer.from(manifest.bytes).toString()).manifests ?? []) as { digest: string; mediaType: string }[]
      for (const [digest, bytes] of blobs) {
        if (children.some(child => child.digest === digest)) continue
        const start = await fetch(`http://${host}/v2/${repository}/blobs/uploads/`, { method: 'POST' })
        const location = new URL(start.headers.get('location') ?? '')
        location.searchParams.set('digest', digest)
        const answer = await fetch(location, {
          method: 'PUT',
          headers: { 'content-type': 'application/octet-stream' },
          body: Buffer.from(bytes),
        })
        if (!answer.ok) throw new Error(`blob ${digest}: ${answer.status}`)
      }
      for (const { digest, mediaType } of children) await put(`${repository}/manifests/${digest}`, mediaType, blobs.get(digest)!)
      await put(`${repository}/manifests/${tag}`, manifest.mediaType, manifest.bytes)
    },
    async close() {
      child.kill()
      await new Promise(resolve => child.once('exit', resolve))
      rmSync(folder, { recursive: true })
    },
  }
}

describe('real cosign 3', function () {
  this.timeout(120_000)
  let cosign: CosignCli
  before(function () {
    if (!existsSync(join(bin, 'cosign3')) || !existsSync(join(bin, 'registry'))) {
      console.log('      skipped: cosign3 and registry are not built')
      this.skip()
    }
    cosign = cosignCli(join(bin, 'cosign3'))
  })
  after(() => cosign?.remove())
  afterEach(closeAll)

  const judge = async (reference: string, options: JudgeOptions, platforms: readonly string[] = ['linux/amd64']) =>
    findingOf(judgeSignatures(await collectSignatures(newClient(), [reference], platforms), { ...options, platforms }))
  const must = async (ended: Promise<{ code: number; output: string }>) => {
    const { code, output } = await ended
    expect(code, output).to.equal(0)
  }

  describe('signs on distribution 3, and we verify', () => {
    let registry: Awaited<ReturnType<typeof startDistribution>>
    const pairs = new Map<SignerKind, KeyPair>()
    let stranger: KeyPair
    let repositories = 0
    before(async () => {
      registry = await startDistribution()
      pairs.set('P-256', await cosign.generate())
      stranger = await cosign.generate()
      for (const kind of kinds.slice(1)) pairs.set(kind, await cosign.import(newSigner(kind)))
    })
    after(() => registry?.close())

    const pushed = async (image: { digest: string; pushed: PushedImage }) => {
      const repository = `acme/plugin-${repositories++}`
      await registry.push(repository, 'v1', image.pushed)
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
        const { reference, exact, repository } = await pushed(tinyImage('plugin'))
        await must(cosign.sign(pairs.get('P-256')!, exact, [flag]))
        await registry.push(repository, 'v1', tinyImage('replaced').pushed)
        expect(await judge(reference, trusting(pairs.get('P-256')!))).to.include({ status: 'fail', code: 'SIGNATURE_NONE' })
      })
    }

    it("a signature that somebody copied to another image's tag", async () => {
      const image = tinyImage('plugin')
      const other = tinyImage('other')
      const { repository, exact } = await pushed(image)
      await registry.push(repository, 'v2', other.pushed)
      await must(cosign.sign(pairs.get('P-256')!, exact, ['--new-bundle-format=false']))
      const tagOf = (digest: string) => `${repository}/manifests/${digest.replace(':', '-')}.sig`
      const signature = Buffer.from(await (await registry.get(tagOf(image.digest))).arrayBuffer())
      await registry.put(tagOf(other.digest), 'application/vnd.oci.image.manifest.v1+json', signature)
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
  })

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
