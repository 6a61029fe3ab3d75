// peers: crane registry cosign velero-plugin-for-aws
// packages: skopeo docker-registry apache2-utils
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { type ConfigPluginText, command, configText, report, type Scratch, scratch, secretText, verdicts } from '../support/command.ts'
import { elf } from '../support/elf-writer.ts'
import { buildImage, buildIndex, pluginImage } from '../support/image-builder.ts'
import { type CosignCli, cosignCli, type KeyPair } from './cosign-cli.ts'
import { debian, peer, succeed } from './peers.ts'
import { endAll, temporaryFolder } from './processes.ts'
import { certificate, type RealRegistry, startDistribution, startDockerRegistry, writeLayout } from './registries.ts'

const password = 'interop-password'

/** The real plugin in an image as its own Dockerfile makes it, under the name that a vendor's copy would have. */
const realPlugin = (binary: Uint8Array) =>
  buildImage({
    entrypoint: ['cp-plugin', '/plugins/velero-plugin-for-aws', '/target/velero-plugin-for-aws'],
    user: '65532:65532',
    layers: [
      [{ name: 'bin/' }, { name: 'bin/cp-plugin', mode: 0o755, data: elf() }],
      [{ name: 'plugins/' }, { name: 'plugins/velero-plugin-for-aws', mode: 0o755, data: binary }],
    ],
  })

for (const [name, startReal] of [
  ["Debian's docker-registry", startDockerRegistry],
  ['distribution 3', startDistribution],
] as const)
  describe(`the whole run against ${name}`, () => {
    let registry: RealRegistry
    let guarded: RealRegistry
    let secured: RealRegistry
    let folder: Scratch
    let cosign: CosignCli
    let pair: KeyPair
    let foreign: KeyPair
    let crane: string
    let tls: ReturnType<typeof certificate>

    before(async function () {
      crane = await peer(this, 'crane')
      const skopeo = debian(this, 'skopeo')
      cosign = cosignCli(await peer(this, 'cosign'))
      const binary = readFileSync(await peer(this, 'velero-plugin-for-aws'))
      tls = certificate()
      registry = await startReal(this)
      guarded = await startReal(this, { users: { acme: password } })
      secured = await startReal(this, { tls })
      const [aws, acme, mongodb] = [
        writeLayout(realPlugin(binary), 'v1'),
        writeLayout(pluginImage({ name: 'velero-acme' }), 'v1'),
        writeLayout(
          buildIndex([pluginImage({ name: 'velero-mongodb' }), pluginImage({ name: 'velero-mongodb', platform: 'linux/arm64' })]),
          'v1',
        ),
      ]
      const byCrane = (layout: string, reference: string, more: readonly string[] = []) =>
        succeed(crane, ['push', ...more, layout, reference])
      const bySkopeo = (layout: string, reference: string, more: readonly string[]) =>
        succeed(skopeo, ['copy', '--quiet', '--all', ...more, `oci:${layout}:v1`, `docker://${reference}`])
      await byCrane(aws, `${registry.host}/library/velero-plugin-for-aws:v1`)
      await byCrane(acme, `${registry.host}/acme/velero-acme:v1`)
      await byCrane(mongodb, `${registry.host}/acme/velero-mongodb:v1`, ['--index'])
      await byCrane(acme, `${registry.host}/acme/velero-foreign:v1`)
      await bySkopeo(acme, `${guarded.host}/acme/velero-acme:v1`, ['--dest-tls-verify=false', '--dest-creds', `acme:${password}`])
      await bySkopeo(mongodb, `${secured.host}/acme/velero-mongodb:v1`, ['--dest-cert-dir', tls.folder])
      ;[pair, foreign] = [await cosign.generate(), await cosign.generate()]
      const digest = async (reference: string) => `${reference.replace(/:v1$/, '')}@${(await succeed(crane, ['digest', reference])).trim()}`
      const sign = async (by: KeyPair, repository: string, flags: readonly string[] = []) => {
        const signed = await cosign.sign(by, await digest(`${registry.host}/${repository}:v1`), flags)
        expect(signed.code, signed.stderr).to.equal(0)
      }
      await sign(pair, 'acme/velero-acme')
      await sign(pair, 'acme/velero-mongodb', ['--new-bundle-format=false'])
      await sign(foreign, 'acme/velero-foreign')
    })
    beforeEach(() => {
      folder = scratch()
    })
    afterEach(() => folder.remove())
    after(endAll)

    const config = (...plugins: readonly ConfigPluginText[]) => folder.file('config.yaml', configText(...plugins))
    const run = (...argv: readonly string[]) => report(['run', '--no-bundle', '--schema', 'proposal', ...argv])

    it('passes images that are pulled, run and signed as they should be', async () => {
      const file = config(
        { name: 'velero-acme', image: `${registry.host}/acme/velero-acme:v1` },
        { name: 'velero-mongodb', image: `${registry.host}/acme/velero-mongodb:v1` },
      )
      const { json, code, err } = await run('--config', file, '--key', pair.pub)
      expect(code, err + JSON.stringify(json.fail)).to.equal(0)
      expect(verdicts(json)).to.include.members(
        ['velero-acme', 'velero-mongodb'].flatMap(plugin => [
          `image ${plugin}: pass IMAGE_RESOLVED`,
          `pullSecret ${plugin}: pass PULL_SECRET_NOT_NEEDED`,
          `binaries ${plugin}: pass BINARIES_OK`,
          `signature ${plugin}: pass SIGNATURE_VERIFIED`,
        ]),
      )
    })

    it("reads the real AWS plugin's binary: Go version, module, Velero framework", async () => {
      const { json } = await run(
        '--config',
        config({ name: 'aws', image: `${registry.host}/library/velero-plugin-for-aws:v1` }),
        '--checks',
        'binaries',
      )
      const text = JSON.stringify(json)
      expect(text)
        .to.contain('github.com/vmware-tanzu/velero-plugin-for-aws')
        .and.to.match(/Velero framework v1\.\d+/)
      expect(text).to.match(/ELF amd64 static, go1\.\d+/)
    })

    it('fails a signature by another key, and an image that nobody signed', async () => {
      const file = config(
        { name: 'velero-foreign', image: `${registry.host}/acme/velero-foreign:v1` },
        { name: 'velero-aws', image: `${registry.host}/library/velero-plugin-for-aws:v1` },
      )
      const { json, code } = await run('--config', file, '--key', pair.pub, '--checks', 'signature')
      expect(code).to.equal(3)
      // One and the same image was signed by both, under two repositories.
      expect(verdicts(json)).to.deep.equal([
        'signature velero-foreign: fail SIGNATURE_KEY_MISMATCH',
        'signature velero-aws: fail SIGNATURE_NONE',
      ])
    })

    it('takes the pull secret as the kubelet would, and fails with a wrong password', async () => {
      const plugin = { name: 'velero-acme', image: `${guarded.host}/acme/velero-acme:v1`, imagePullSecret: 's' }
      const checks = ['--checks', 'image,pullSecret,binaries']
      const good = await run(
        '--config',
        config(plugin),
        '--secrets',
        folder.file('s.yaml', secretText('s', guarded.host, 'acme', password)),
        ...checks,
      )
      expect(verdicts(good.json)).to.deep.equal([
        'image velero-acme: pass IMAGE_RESOLVED',
        'pullSecret velero-acme: pass PULL_SECRET_OK',
        'binaries velero-acme: pass BINARIES_OK',
      ])
      const bad = await run(
        '--config',
        config(plugin),
        '--secrets',
        folder.file('s.yaml', secretText('s', guarded.host, 'acme', 'wrong')),
        ...checks,
      )
      expect(verdicts(bad.json)).to.include('pullSecret velero-acme: fail PULL_SECRET_REJECTED')
      expect(bad.code).to.equal(3)
      const none = await run('--config', config(plugin), ...checks)
      expect(verdicts(none.json)).to.include('pullSecret velero-acme: fail PULL_SECRETS_NOT_GIVEN')
    })

    it("goes on with the user's docker config, and says that nodes do not have it", async () => {
      const file = config({ name: 'velero-acme', image: `${guarded.host}/acme/velero-acme:v1` })
      const docker = folder.file(
        'config.json',
        JSON.stringify({ auths: { [guarded.host]: { auth: Buffer.from(`acme:${password}`).toString('base64') } } }),
      )
      const { json } = await run('--config', file, '--docker-config', docker, '--checks', 'image,binaries')
      expect(verdicts(json)).to.include.members([
        'binaries velero-acme: pass BINARIES_OK',
        'image velero-acme: fail IMAGE_NEEDS_DOCKER_CONFIG',
      ])
    })

    it('trusts a certificate of its own with --ca-file alone', async () => {
      const file = config({ name: 'velero-mongodb', image: `${secured.host}/acme/velero-mongodb:v1` })
      expect((await run('--config', file, '--ca-file', tls.file, '--checks', 'image,binaries')).code).to.equal(0)
      const { json, code } = await run('--config', file, '--checks', 'image')
      expect(code).to.equal(3)
      expect(verdicts(json)).to.deep.equal(['image velero-mongodb: fail IMAGE_TLS'])
    })

    it('analyzes what was collected after the registry is gone', async () => {
      const bundle = join(temporaryFolder('bundle'), 'b.tar.gz')
      const file = config({ name: 'velero-acme', image: `${registry.host}/acme/velero-acme:v1` })
      expect((await command(['collect', '--schema', 'proposal', '--config', file, '-o', bundle])).code).to.equal(0)
      await registry.close()
      expect((await report(['analyze', bundle, '--key', pair.pub])).code).to.equal(0)
      expect((await report(['analyze', bundle, '--key', foreign.pub])).code).to.equal(3)
    })
  })
