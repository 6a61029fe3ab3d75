import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { attestationTag, notationReferrer } from '../support/attached.ts'
import { type ConfigPluginText, command, configText, report, type Scratch, scratch, secretText, verdicts } from '../support/command.ts'
import { cosignBundle, cosignTag, newSigner } from '../support/cosign.ts'
import { buildIndex, pluginImage } from '../support/image-builder.ts'
import { blobPath, dockerFiles, layoutFiles, refName, tarFiles, writeFiles } from '../support/local-images.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

const name = 'velero-postgresql'
const image = 'registry.invalid/acme/velero-postgresql:v1'
const amd64 = pluginImage({ name })
const index = buildIndex([amd64, pluginImage({ name, platform: 'linux/arm64' })])
const signer = newSigner()
const tag = cosignTag(index.manifest, image, signer)

describe('images before they are pushed', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())

  const config = (...plugins: readonly ConfigPluginText[]) => ['--config', folder.file('config.yaml', configText(...plugins))]
  const run = (...argv: readonly string[]) => report(['run', '--no-bundle', '--no-cache', ...argv], { cwd: folder.path })
  const layout = (files = layoutFiles({ image: index })) => writeFiles(join(folder.path, 'layout'), files)
  const judged = [`config ${name}: pass PLUGIN_OK`, `binaries ${name}: pass BINARIES_OK`]

  for (const [kind, make] of [
    ['oci', () => layout()],
    ['oci-archive', () => folder.file('x.tar', tarFiles(layoutFiles({ image: index })))],
    ['oci-archive', () => folder.file('x.tar.gz', gzipSync(tarFiles(layoutFiles({ image: index }))))],
    ['docker-archive', () => folder.file('x.tar', tarFiles(dockerFiles(amd64)))],
    ['docker-archive', () => folder.file('x.tgz', gzipSync(tarFiles(dockerFiles(amd64))))],
  ] as const)
    it(`are read from ${kind}, and no registry is asked`, async () => {
      const { json, code } = await run(...config({ name, image }), '--image', `${name}=${kind}:${make()}`)
      expect(verdicts(json)).to.include.members([
        ...judged,
        `image ${name}: warn IMAGE_LOCAL`,
        `signature ${name}: warn SIGNATURE_NONE`,
        `pullSecret ${name}: not checked`,
      ])
      expect(code).to.equal(4)
    })

  it('end with 0 when what nobody can know yet is accepted', async () => {
    const named = ['--image', `${name}=oci:${layout()}`, '--accept', 'IMAGE_LOCAL', '--accept', 'SIGNATURE_NONE']
    expect((await run(...config({ name, image }), ...named)).code).to.equal(0)
  })

  it('bring the signatures that hang on them', async () => {
    const key = folder.file('cosign.pub', signer.publicPem)
    for (const signed of [
      layoutFiles({ image: index }, { image: tag, more: refName(tag.tag!) }),
      layoutFiles({ image: index }, { image: cosignBundle(index.manifest, signer) }),
    ]) {
      const { json } = await run(...config({ name, image }), '--image', `${name}=oci:${layout(signed)}`, '--key', key)
      expect(verdicts(json)).to.include(`signature ${name}: pass SIGNATURE_VERIFIED`)
      rmSync(join(folder.path, 'layout'), { recursive: true })
    }
    const { json } = await run(...config({ name, image }), '--image', `${name}=oci:${layout()}`, '--key', key)
    expect(verdicts(json)).to.include(`signature ${name}: fail SIGNATURE_NONE`)
    const unsigned = json.fail.find(({ check }) => check === 'signature')?.message
    expect(unsigned)
      .to.include('sign it when it is pushed')
      .and.not.match(/referrers API|cosign sign/)
  })

  it('bring what else hangs on them, and what cosign save marks so', async () => {
    const attestations = attestationTag(index.manifest, signer, 'https://spdx.dev/Document')
    const kind = (name: string) => ({ annotations: { kind: `dev.cosignproject.cosign/${name}` } })
    for (const files of [
      layoutFiles({ image: index }, { image: attestations, more: refName(attestations.tag!) }, { image: notationReferrer(index.manifest) }),
      layoutFiles(
        { image: index, more: kind('imageIndex') },
        { image: attestations, more: kind('atts') },
        { image: notationReferrer(index.manifest), listed: false },
      ),
    ]) {
      const { json } = await run(...config({ name, image }), '--image', `${name}=oci:${layout(files)}`)
      const { code, message, findings } = json.warn.find(({ check }) => check === 'signature')!
      expect(code).to.equal('SIGNATURE_UNTRUSTED')
      expect(message).to.include('has a signature of the Notary Project by an unknown key, but nothing was given that says whom to trust')
      expect(findings[0]?.evidence?.join('\n')).to.include('an attestation (https://spdx.dev/Document): does not count as a signature')
      rmSync(join(folder.path, 'layout'), { recursive: true })
    }
  })

  it('have their signatures in the repository that COSIGN_REPOSITORY names', async () => {
    const registry = await startRegistry()
    try {
      registry.push('signatures', tag.tag, tag)
      const argv = [...config({ name, image }), '--image', `${name}=oci:${layout()}`, '--key', folder.file('cosign.pub', signer.publicPem)]
      const env = { COSIGN_REPOSITORY: `${registry.host}/signatures` }
      const { json } = await report(['run', '--no-bundle', '--no-cache', ...argv], { cwd: folder.path, env })
      expect(verdicts(json)).to.include(`signature ${name}: pass SIGNATURE_VERIFIED`)
      expect(registry.requests.length).to.equal(9)
      const wrong = await report(['run', '--no-bundle', '--no-cache', ...argv], { cwd: folder.path, env: { COSIGN_REPOSITORY: 'a:b' } })
      expect(wrong.code).to.equal(2)
    } finally {
      await registry.close()
    }
  })

  it('have their pull secret judged as far as that goes without the registry', async () => {
    const secrets = folder.file('secret.json', secretText('regcred', 'registry.invalid', 'bob', 'pw'))
    const plugin = { name, image, imagePullSecret: 'regcred' }
    const { json } = await run(...config(plugin), '--image', `${name}=oci:${layout()}`, '--secrets', secrets)
    expect(verdicts(json)).to.include(`pullSecret ${name}: warn PULL_SECRET_NOT_ASKED`)
  })

  it('fail a pull secret check that is made alone', async () => {
    const { json, code } = await run(...config({ name, image }), '--image', `${name}=oci:${layout()}`, '--checks', 'pullSecret')
    expect(verdicts(json)).to.deep.equal([`pullSecret ${name}: fail PULL_SECRET_UNPROVEN`])
    expect(code).to.equal(3)
  })

  it('are judged, and the Config fails, when it names one itself', async () => {
    const { json, code } = await run(...config({ name, image: `oci:${layout()}` }))
    expect(verdicts(json)).to.include.members([
      `config ${name}: fail PLUGIN_IMAGE_LOCAL`,
      `binaries ${name}: pass BINARIES_OK`,
      `image ${name}: warn IMAGE_LOCAL`,
      `pullSecret ${name}: not checked`,
    ])
    expect(code).to.equal(3)
  })

  it('leave the images of other plugins to their registry', async () => {
    const registry: TestRegistry = await startRegistry()
    try {
      registry.push('other', 'v1', pluginImage({ name: 'other' }))
      const { json } = await run(
        ...config({ name, image }, { name: 'other', image: `${registry.host}/other:v1` }),
        '--image',
        `${name}=oci:${layout()}`,
      )
      expect(verdicts(json)).to.include.members([`image ${name}: warn IMAGE_LOCAL`, 'image other: pass IMAGE_RESOLVED'])
    } finally {
      await registry.close()
    }
  })

  it('are judged from the bundle again to the same', async () => {
    const bundle = join(folder.path, 'bundle.tar.gz')
    const named = [...config({ name, image }), '--image', `${name}=oci:${layout()}`]
    await command(['collect', '--no-cache', ...named, '-o', bundle])
    expect((await report(['analyze', bundle])).json).to.deep.equal((await run(...named)).json)
  })

  it('fail with a code when something is wrong in them, and the other checks are not made', async () => {
    const files = layoutFiles({ image: index })
    files.set('index.json', Buffer.from('{'))
    const { json, code } = await run(...config({ name, image }), '--image', `${name}=oci:${layout(files)}`)
    expect(verdicts(json)).to.include.members([
      `image ${name}: fail IMAGE_LOCAL_INVALID`,
      `binaries ${name}: not checked`,
      `signature ${name}: not checked`,
      `pullSecret ${name}: not checked`,
    ])
    expect(code).to.equal(3)
  })

  it('fail the platform whose image is not in them', async () => {
    const files = layoutFiles({ image: index })
    files.delete(blobPath(amd64.manifest.digest))
    const { json } = await run(...config({ name, image }), '--image', `${name}=oci:${layout(files)}`)
    expect(verdicts(json)).to.include.members([`image ${name}: fail IMAGE_NOT_FOUND`, `binaries ${name}: not checked`])
  })

  it('fail the binaries too where only one of two platforms is not in them', async () => {
    const files = layoutFiles({ image: index })
    files.delete(blobPath(amd64.manifest.digest))
    const platforms = ['--platform', 'linux/amd64', '--platform', 'linux/arm64']
    const { json } = await run(...config({ name, image }), '--image', `${name}=oci:${layout(files)}`, ...platforms)
    expect(verdicts(json)).to.include.members([`image ${name}: fail IMAGE_NOT_FOUND`, `binaries ${name}: fail BINARIES_UNREADABLE`])
  })

  for (const [what, lost, verdict] of [
    ['config', 'config', 'not checked'],
    ['layer, which the check of the image does not read', 'layer', 'fail BINARIES_UNREADABLE'],
  ] as const)
    it(`have their binaries judged by themselves only where the image holds: a lost ${what}`, async () => {
      const { config: described, layers } = JSON.parse(Buffer.from(amd64.manifest.bytes).toString())
      const files = layoutFiles({ image: amd64 })
      files.delete(blobPath(lost === 'config' ? described.digest : layers[0].digest))
      const { json } = await run(...config({ name, image }), '--image', `${name}=oci:${layout(files)}`)
      expect(verdicts(json)).to.include(`binaries ${name}: ${verdict}`)
    })

  for (const [argv, error, words] of [
    [['velero-postgres=oci:layout'], 'USAGE', 'Was velero-postgresql meant?'],
    [['other=oci:layout'], 'USAGE', 'Its plugins are velero-postgresql.'],
    [[`${name}=oci:/nowhere/layout`], 'FILE_NOT_FOUND', '--image /nowhere/layout: there is no such file or folder.'],
    [[`${name}=layout`], 'USAGE', 'PLUGIN=oci:FOLDER'],
    [[`${name}=oci:a`, `${name}=oci:b`], 'USAGE', 'named twice'],
  ] as const)
    it(`--image ${argv.join(' ')} is ${error}, exit 2`, async () => {
      const { code, err } = await command(['run', '--no-bundle', ...config({ name, image }), ...argv.flatMap(text => ['--image', text])])
      expect(err).to.include(error).and.include(words)
      expect(code).to.equal(2)
    })
})
