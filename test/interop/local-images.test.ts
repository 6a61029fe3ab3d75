// peers: crane cosign registry
// packages: skopeo docker-registry apache2-utils

import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { configText, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { buildIndex, pluginImage } from '../support/image-builder.ts'
import { type CosignCli, cosignCli, type KeyPair } from './cosign-cli.ts'
import { debian, peer, succeed } from './peers.ts'
import { endAll } from './processes.ts'
import { type RealRegistry, startDistribution, writeLayout } from './registries.ts'

const name = 'velero-plugin'
const images = {
  good: buildIndex([pluginImage({ name }), pluginImage({ name, platform: 'linux/arm64' })]),
  'of another machine': pluginImage({ name, architecture: 'arm64' }),
  'of docker media types': pluginImage({ name, docker: true }),
} as const

/** What the checks say that do not ask where the image comes from. */
const same = (all: readonly string[]) => all.filter(verdict => /^(binaries|config|signature) /.test(verdict)).toSorted()

describe('images of folders and archives that real programs wrote', () => {
  let registry: RealRegistry
  let skopeo: string
  let crane: string
  let cosign: CosignCli
  let pair: KeyPair
  let folder: Scratch

  before(async function () {
    skopeo = debian(this, 'skopeo')
    crane = await peer(this, 'crane')
    cosign = cosignCli(await peer(this, 'cosign'))
    registry = await startDistribution(this)
    pair = await cosign.generate()
    folder = scratch()
    for (const [index, image] of Object.values(images).entries()) await succeed(crane, ['push', writeLayout(image, 'x'), reference(index)])
  })
  after(async () => {
    folder.remove()
    await endAll()
  })

  const reference = (index: number) => `${registry.host}/acme/plugin-${index}:v1`
  const path = (file: string) => join(folder.path, file)
  const check = async (image: string, ...more: readonly string[]) => {
    const config = folder.file('config.yaml', configText({ name, image }))
    return (await report(['run', '--no-bundle', '--no-cache', '--config', config, ...more])).json
  }
  const skopeoTo = (index: number, target: string, ...flags: readonly string[]) =>
    succeed(skopeo, ['copy', ...flags, '--insecure-policy', '--src-tls-verify=false', `docker://${reference(index)}`, target])

  /** Writes the image to a file or folder of this name, and gives its reference. */
  const writers: Readonly<Record<string, (index: number, file: string) => Promise<string>>> = {
    async 'skopeo oci:'(index, file) {
      await skopeoTo(index, `oci:${file}:v1`, '--all')
      return `oci:${file}:v1`
    },
    async 'skopeo oci-archive:'(index, file) {
      await skopeoTo(index, `oci-archive:${file}:v1`, '--all')
      return `oci-archive:${file}`
    },
    async 'skopeo docker-archive:'(index, file) {
      await skopeoTo(index, `docker-archive:${file}:acme/plugin:v1`)
      return `docker-archive:${file}:acme/plugin:v1`
    },
    async 'skopeo docker-archive: and gzip'(index, file) {
      await skopeoTo(index, `docker-archive:${file}:acme/plugin:v1`)
      writeFileSync(`${file}.gz`, gzipSync(readFileSync(file)))
      return `docker-archive:${file}.gz`
    },
    async 'crane pull --format=oci'(index, file) {
      await succeed(crane, ['pull', '--format=oci', reference(index), file])
      return `oci:${file}`
    },
    async 'crane pull --format=tarball'(index, file) {
      await succeed(crane, ['pull', '--format=tarball', '--platform=linux/amd64', reference(index), file])
      return `docker-archive:${file}`
    },
  }

  let files = 0
  for (const [title, write] of Object.entries(writers))
    for (const [index, what] of Object.keys(images).entries())
      it(`${title}: an image ${what} has the outcomes that it has in the registry`, async () => {
        const local = await check(reference(index), '--image', `${name}=${await write(index, path(`file${files++}`))}`)
        const remote = await check(reference(index))
        expect(same(verdicts(local))).to.deep.equal(same(verdicts(remote)))
        expect(same(verdicts(local))).to.have.length(4)
        expect(verdicts(local)).to.include(`image ${name}: warn IMAGE_LOCAL`)
      })

  it("has skopeo's digest of a docker archive that skopeo wrote", async () => {
    const file = path('digest.tar')
    await skopeoTo(0, `docker-archive:${file}:acme/plugin:v1`)
    const { Digest } = JSON.parse(await succeed(skopeo, ['inspect', `docker-archive:${file}`]))
    const { warn } = await check(reference(0), '--image', `${name}=docker-archive:${file}`, '--checks', 'image')
    expect(warn[0]?.findings[0]?.evidence?.join('\n')).to.include(Digest)
  })

  for (const bundle of [false, true])
    it(`finds the signature in what cosign save wrote (${bundle ? 'a bundle' : "cosign's tag"})`, async () => {
      const repository = `${registry.host}/acme/signed-${bundle}:v1`
      await succeed(crane, ['push', writeLayout(images.good, 'x'), repository])
      const { code, stderr } = await cosign.sign(pair, repository, [`--new-bundle-format=${bundle}`])
      expect(code, stderr).to.equal(0)
      const saved = path(`saved-${bundle}`)
      const ended = await cosign.run(['save', '--allow-http-registry', '--dir', saved, repository])
      expect(ended.code, ended.stderr).to.equal(0)
      const key = folder.file('cosign.pub', pair.publicPem)
      expect(verdicts(await check(repository, '--key', key))).to.include(`signature ${name}: pass SIGNATURE_VERIFIED`)
      const local = await check(repository, '--image', `${name}=oci:${saved}`, '--key', key)
      expect(verdicts(local)).to.include(`signature ${name}: pass SIGNATURE_VERIFIED`)
    })
})
