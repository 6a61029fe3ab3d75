import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import {
  type AirgapOptions,
  airgapBundle,
  airgapTar,
  airgapYaml,
  containerdName,
  layoutTar,
  namedLayout,
  releaseArchive,
} from '../support/airgap.ts'
import { type ConfigPluginText, command, configText, report, type Scratch, scratch, secretText, verdicts } from '../support/command.ts'
import { cosignBundle, cosignTag, newSigner } from '../support/cosign.ts'
import { buildIndex, pluginImage } from '../support/image-builder.ts'
import { blobPath, dockerFiles, refName, tarFiles, writeFiles } from '../support/local-images.ts'
import { tar } from '../support/tar-writer.ts'

const name = 'velero-postgresql'
const image = 'registry.invalid/acme/velero-postgresql:v1'
const amd64 = pluginImage({ name })
const arm64 = pluginImage({ name, platform: 'linux/arm64' })
const index = buildIndex([amd64, arm64])
const other = pluginImage({ name: 'other' })
const release = (...plugins: readonly ConfigPluginText[]) => ({ 'config.yaml': configText(...plugins) })

describe('images in an air gap', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())

  const config = (...plugins: readonly (ConfigPluginText & { readonly imagePullPolicy?: string })[]) => [
    '--config',
    folder.file('config.yaml', configText(...plugins)),
  ]
  const run = (...argv: readonly string[]) => report(['run', '--no-bundle', '--no-cache', ...argv], { cwd: folder.path })
  const bundle = (options: AirgapOptions) => ['--airgap-bundle', folder.file('app.airgap', airgapBundle(options))]
  const check = (options: AirgapOptions, plugin: ConfigPluginText & { readonly imagePullPolicy?: string } = { name, image }) =>
    run(...config(plugin), ...bundle(options))
  const messageOf = ({ json }: Awaited<ReturnType<typeof run>>, check = 'airgap') =>
    [...json.fail, ...json.warn, ...json.pass].find(result => result.check === check)?.message

  const whole = [
    `airgap ${name}: pass AIRGAP_PRESENT`,
    `image ${name}: pass IMAGE_IN_BUNDLE`,
    `binaries ${name}: pass BINARIES_OK`,
    `signature ${name}: warn SIGNATURE_NONE`,
    `pullSecret ${name}: not checked`,
  ]

  for (const [what, images] of [
    ['an OCI layout', layoutTar([image, amd64])],
    ['an OCI layout with an index', layoutTar(['registry.invalid/acme/other:v1', other], [image, index])],
    ['a docker archive', tarFiles(dockerFiles(amd64, [image]))],
  ] as const) {
    it(`are found and checked in ${what}`, async () => {
      const { json, code } = await check({ images })
      expect(verdicts(json)).to.include.members(whole)
      expect(code).to.equal(4)
    })
    it(`are found and checked in ${what}, in a bundle that is not compressed, which Embedded Cluster does not open`, async () => {
      const { json } = await run(...config({ name, image }), '--airgap-bundle', folder.file('app.airgap', airgapTar({ images })))
      expect(verdicts(json)).to.include.members([`airgap ${name}: fail AIRGAP_BUNDLE_UNUSABLE`, ...whole.slice(1)])
    })
    it(`are found and checked in ${what} in the images folder of a node`, async () => {
      for (const path of ['k0s/images', 'images']) mkdirSync(join(folder.path, 'data', path), { recursive: true })
      folder.file('data/k0s/images/ec-images-amd64.tar', images)
      for (const where of ['data', 'data/k0s/images', 'data/k0s/images/ec-images-amd64.tar']) {
        const { json } = await run(...config({ name, image }), '--airgap-bundle', join(folder.path, where))
        expect(verdicts(json)).to.include.members(whole)
      }
    })
  }

  it('are found in a bundle that was unpacked', async () => {
    const files = new Map<string, Uint8Array>([
      ['airgap.yaml', Buffer.from(airgapYaml())],
      ['app.tar.gz', Buffer.from('')],
      ['embedded-cluster/images-amd64.tar', layoutTar([image, amd64])],
      ['embedded-cluster/charts.tar.gz', Buffer.from('')],
    ])
    const { json } = await run(...config({ name, image }), '--airgap-bundle', writeFiles(join(folder.path, 'unpacked'), files))
    expect(verdicts(json)).to.include.members(whole)
  })

  it('have the Config of the release that is in the bundle, without --config', async () => {
    const { json, code } = await run(...bundle({ images: layoutTar([image, amd64]), release: release({ name, image }) }))
    expect(verdicts(json)).to.include.members([`config ${name}: pass PLUGIN_OK`, ...whole])
    expect(code).to.equal(4)
  })

  it('have signatures that are in the bundle too', async () => {
    const signer = newSigner()
    const key = folder.file('cosign.pub', signer.publicPem)
    const tag = cosignTag(index.manifest, image, signer)
    const referrer = cosignBundle(index.manifest, signer)
    for (const images of [
      tarFiles(namedLayout([image, index], [`registry.invalid/acme/velero-postgresql:${tag.tag}`, tag])),
      tarFiles(namedLayout([image, index], ['', referrer])),
    ]) {
      const { json } = await run(...config({ name, image }), ...bundle({ images }), '--key', key)
      expect(verdicts(json)).to.include(`signature ${name}: pass SIGNATURE_VERIFIED`)
    }
    const { json } = await run(...config({ name, image }), ...bundle({ images: layoutTar([image, index]) }), '--key', key)
    expect(verdicts(json)).to.include(`signature ${name}: fail SIGNATURE_NONE`)
  })

  it('need no login, whatever secret is named', async () => {
    const plugin = { name, image, imagePullSecret: 'regcred' }
    const secrets = folder.file('secret.json', secretText('regcred', 'registry.invalid', 'bob', 'pw'))
    const { json } = await run(...config(plugin), ...bundle({ images: layoutTar([image, amd64]) }), '--secrets', secrets)
    expect(json.notChecked.find(({ check }) => check === 'pullSecret')?.why)
      .to.include('no registry is asked')
      .and.include('check airgap')
  })

  describe('in a bundle that is compared with the release of the Config', () => {
    const ofRelease = (said: string) => [
      '--config',
      folder.file('release.tgz', releaseArchive({ ...release({ name, image }), 'release.yaml': `# channel release object\n${said}` })),
    ]
    const same = 'channelID: c1\nchannelSlug: stable\nappSlug: my-app\nversionLabel: 1.0.0\n'
    const whole = () => bundle({ images: layoutTar([image, amd64]), release: release({ name, image }) })
    for (const [what, said, words] of [
      [
        'application',
        same.replace('my-app', 'other-app'),
        'its airgap.yaml has the application "my-app", and the other the application "other-app"',
      ],
      ['channel', same.replace('c1', 'c2'), 'its airgap.yaml has the channel "c1", and the other the channel "c2"'],
      ['version', same.replace('1.0.0', '1.0'), 'its airgap.yaml has the version "1.0.0", and the other the version "1.0"'],
      [
        'version, which the release does not say,',
        'channelID: c1\nappSlug: my-app\n',
        'its airgap.yaml has the version "1.0.0", and the other no version',
      ],
    ] as const)
      it(`are refused where it is of another ${what} as Embedded Cluster does`, async () => {
        const found = await run(...ofRelease(said), ...whole())
        expect(verdicts(found.json)).to.include(`airgap ${name}: fail AIRGAP_OTHER_RELEASE`)
        expect(messageOf(found)).to.include(`app.airgap does not belong to `).and.include(`release.tgz/release.yaml: ${words}. `)
        expect(found.code).to.equal(3)
      })
    it('are judged as ever where it is the same', async () => {
      expect(verdicts((await run(...ofRelease(same), ...whole())).json)).to.include(`airgap ${name}: pass AIRGAP_PRESENT`)
    })
    it('are judged as ever where no Config is given, or one without a release', async () => {
      const other = { 'release.yaml': `# channel release object\n${same.replace('c1', 'c2')}`, ...release({ name, image }) }
      const itself = bundle({ images: layoutTar([image, amd64]), release: other })
      expect(verdicts((await run(...itself)).json)).to.include(`airgap ${name}: pass AIRGAP_PRESENT`)
      expect(verdicts((await run(...config({ name, image }), ...itself)).json)).to.include(`airgap ${name}: pass AIRGAP_PRESENT`)
    })
  })

  it('are judged from the bundle of facts again to the same', async () => {
    const facts = join(folder.path, 'facts.tar.gz')
    const named = [...config({ name, image }), ...bundle({ images: layoutTar([image, amd64]) })]
    await command(['collect', '--no-cache', ...named, '-o', facts])
    expect((await report(['analyze', facts])).json).to.deep.equal((await run(...named)).json)
  })

  const digest = amd64.manifest.digest
  const pinned = `registry.invalid/acme/velero-postgresql@${digest}`
  const without = (path: string) => {
    const files = namedLayout([image, amd64])
    files.delete(path)
    return tarFiles(files)
  }
  const layer = JSON.parse(Buffer.from(amd64.manifest.bytes).toString()).layers[0].digest

  for (const [title, options, code, words] of [
    [
      'is missing',
      { images: layoutTar(['registry.invalid/acme/other:v1', other]) },
      'AIRGAP_MISSING',
      'looks for registry.invalid/acme/velero-postgresql:v1',
    ],
    [
      'is there with another tag',
      { images: layoutTar(['registry.invalid/acme/velero-postgresql:v2', amd64]) },
      'AIRGAP_MISSING',
      'There is registry.invalid/acme/velero-postgresql:v2',
    ],
    ['is there by its tag alone', { images: layoutTar(['v1', amd64]) }, 'AIRGAP_MISNAMED', 'in the archive of images as "v1"'],
    [
      'is only among the images of the application',
      { images: layoutTar(), savedImages: [image] },
      'AIRGAP_ELSEWHERE',
      'naming it in additionalImages does not do that',
    ],
    [
      'is only in the folder of a registry',
      {
        images: layoutTar(),
        more: [{ name: 'images/docker/registry/v2/repositories/velero-postgresql/_manifests/tags/v1/current/link', data: digest }],
      },
      'AIRGAP_ELSEWHERE',
      'the folder images/',
    ],
    [
      'is only among the images of the registry itself',
      {
        images: layoutTar(),
        more: [
          {
            name: 'embedded-cluster/registry/docker/registry/v2/repositories/velero-postgresql/_manifests/tags/v1/current/link',
            data: digest,
          },
        ],
      },
      'AIRGAP_ELSEWHERE',
      'the images of the registry',
    ],
    [
      'is only an archive for each image',
      { images: layoutTar(), more: [{ name: 'images/docker-archive/registry.invalid/acme/velero-postgresql/v1', data: 'x' }] },
      'AIRGAP_ELSEWHERE',
      'the folder images/',
    ],
    ['is for another platform', { images: layoutTar([image, arm64]) }, 'AIRGAP_PLATFORM_MISSING', 'it is for linux/arm64'],
    [
      'is an index without the platform',
      { images: layoutTar([image, buildIndex([arm64])]) },
      'AIRGAP_PLATFORM_MISSING',
      'its index offers linux/arm64',
    ],
    ['lacks a layer', { images: without(blobPath(layer)) }, 'AIRGAP_INCOMPLETE', 'lacks 1 of the 2 layers'],
    [
      'is in an archive that is compressed',
      { images: gzipSync(layoutTar([image, amd64])) },
      'AIRGAP_IMAGES_UNUSABLE',
      'it is compressed (gzip)',
    ],
    [
      'is in an archive that is cut off',
      { images: layoutTar([image, amd64]).subarray(0, 1700) },
      'AIRGAP_IMAGES_UNUSABLE',
      'not a whole tar archive',
    ],
    [
      'is in a layout of another version',
      { images: tarFiles(new Map([...namedLayout([image, amd64]), ['oci-layout', Buffer.from('{"imageLayoutVersion":"1.1.0"}')]])) },
      'AIRGAP_IMAGES_UNUSABLE',
      'version "1.1.0"',
    ],
    [
      'is in no archive of images',
      { images: tar([{ name: 'x', data: 'y' }]) },
      'AIRGAP_IMAGES_UNUSABLE',
      'neither oci-layout nor manifest.json',
    ],
    [
      'is in a docker archive of which another image is not whole',
      { images: tar([{ name: 'manifest.json', data: JSON.stringify([{ Config: 'gone.json', RepoTags: ['a:1'], Layers: [] }]) }]) },
      'AIRGAP_IMAGES_UNUSABLE',
      'names gone.json, which it does not have',
    ],
    ['is in a bundle without images', { images: undefined }, 'AIRGAP_BUNDLE_UNUSABLE', 'It has no embedded-cluster/images-amd64.tar.'],
    [
      'is in a bundle without charts',
      { images: layoutTar([image, amd64]), charts: false },
      'AIRGAP_BUNDLE_UNUSABLE',
      'It has no embedded-cluster/charts.tar.gz.',
    ],
    [
      'is in a bundle whose names begin with ./',
      { images: layoutTar([image, amd64]), prefix: './' },
      'AIRGAP_BUNDLE_UNUSABLE',
      'It has ./embedded-cluster/images-amd64.tar, and Embedded Cluster looks for',
    ],
    [
      'is in a bundle without airgap.yaml',
      { images: layoutTar([image, amd64]), metadata: null },
      'AIRGAP_BUNDLE_UNUSABLE',
      'It has no airgap.yaml.',
    ],
  ] as const)
    it(`${code} when it ${title}`, async () => {
      const ran = await check(options)
      expect(verdicts(ran.json).filter(verdict => /fail/.test(verdict) && verdict.startsWith('airgap'))).to.deep.equal([
        `airgap ${name}: fail ${code}`,
      ])
      expect(messageOf(ran))
        .to.include(words)
        .and.match(new RegExp(`^${name}: `))
      expect(ran.code).to.equal(3)
    })

  it('that are missing are one fail, and the checks that needed them are not made', async () => {
    const { json } = await check({ images: layoutTar() })
    expect(verdicts(json).filter(verdict => !verdict.startsWith('config'))).to.deep.equal([
      `airgap ${name}: fail AIRGAP_MISSING`,
      ...['image', 'pullSecret', 'binaries', 'signature'].map(check => `${check} ${name}: not checked`),
    ])
    expect(json.notChecked.find(({ check }) => check === 'image')?.why).to.include('see the check airgap')
  })

  it('are named as containerd completes the names of a docker archive, and as they stand in a layout', async () => {
    const short = 'acme/velero-postgresql:v1'
    const docker = await check({ images: tarFiles(dockerFiles(amd64, [short])) }, { name, image: short })
    expect(verdicts(docker.json)).to.include(`airgap ${name}: pass AIRGAP_PRESENT`)
    const layout = await check({ images: layoutTar([short, amd64]) }, { name, image: short })
    expect(messageOf(layout)).to.include('as "acme/velero-postgresql:v1"').and.include('looks for docker.io/acme/velero-postgresql:v1')
  })

  it('may have the name that image-spec gives them, where containerd has none', async () => {
    const files = namedLayout([image, amd64])
    const document = JSON.parse(Buffer.from(files.get('index.json')!).toString())
    document.manifests[0].annotations = refName(image).annotations
    files.set('index.json', Buffer.from(JSON.stringify(document)))
    expect(verdicts((await check({ images: tarFiles(files) })).json)).to.include(`airgap ${name}: pass AIRGAP_PRESENT`)
    document.manifests[0].annotations = { ...containerdName('docker.io/acme/x:v1').annotations, ...refName(image).annotations }
    files.set('index.json', Buffer.from(JSON.stringify(document)))
    expect(verdicts((await check({ images: tarFiles(files) })).json)).to.include(`airgap ${name}: fail AIRGAP_MISSING`)
  })

  it('fail with the pull policy Always, and pass without one beside the tag latest', async () => {
    const images = layoutTar([image, amd64], ['registry.invalid/acme/velero-postgresql:latest', amd64])
    const always = await check({ images }, { name, image, imagePullPolicy: 'Always' })
    expect(verdicts(always.json)).to.include(`airgap ${name}: fail AIRGAP_PULL_ALWAYS`)
    const latest = await check({ images }, { name, image: 'registry.invalid/acme/velero-postgresql' })
    expect(verdicts(latest.json)).to.include(`airgap ${name}: pass AIRGAP_PRESENT`)
  })

  it('that are named by their digest need exactly that name', async () => {
    const named = await check({ images: layoutTar([pinned, amd64]) }, { name, image: pinned })
    expect(verdicts(named.json)).to.include.members([`airgap ${name}: warn AIRGAP_DIGEST`, `image ${name}: pass IMAGE_IN_BUNDLE`])
    const tagged = await check({ images: layoutTar([image, amd64]) }, { name, image: pinned.replace('@', ':v1@') })
    expect(verdicts(tagged.json)).to.include(`airgap ${name}: fail AIRGAP_DIGEST_UNNAMED`)
    const wrong = await check({ images: layoutTar([pinned, other]) }, { name, image: pinned })
    expect(verdicts(wrong.json)).to.include(`airgap ${name}: fail AIRGAP_DIGEST_DIFFERS`)
    const docker = await check({ images: tarFiles(dockerFiles(amd64, [pinned])) }, { name, image: pinned })
    expect(messageOf(docker)).to.include('is a docker archive, in which images have no digest')
  })

  it('that have one name twice are the last one, with a warn', async () => {
    const { json } = await check({ images: layoutTar([image, other], [image, amd64]) })
    expect(verdicts(json)).to.include.members([`airgap ${name}: warn AIRGAP_NAME_TWICE`, `image ${name}: pass IMAGE_IN_BUNDLE`])
    const evidence = json.pass.find(({ check }) => check === 'image')?.findings[0]?.evidence?.join('\n')
    expect(evidence).to.include(digest)
  })

  it('fail for a platform on which Embedded Cluster does not install without a network', async () => {
    const { json } = await run(
      ...config({ name, image }),
      ...bundle({ images: layoutTar([image, index]) }),
      '--platform',
      'linux/amd64,linux/arm64',
    )
    expect(json.fail.find(({ check }) => check === 'airgap')?.findings.map(({ code }) => code)).to.deep.equal(['AIRGAP_AMD64_ONLY'])
  })

  it('warn of another image that gets the same name in the registry of the cluster', async () => {
    const savedImages = [image, 'registry.invalid/else/velero-postgresql:v1']
    const { json } = await check({ images: layoutTar([image, amd64]), savedImages })
    expect(verdicts(json)).to.include(`airgap ${name}: warn AIRGAP_COLLISION`)
  })

  it('are read from a folder where --image names one', async () => {
    const layout = writeFiles(join(folder.path, 'layout'), namedLayout([image, amd64]))
    const { json } = await run(...config({ name, image }), ...bundle({ images: layoutTar() }), '--image', `${name}=oci:${layout}`)
    expect(verdicts(json)).to.include.members([
      `airgap ${name}: fail AIRGAP_MISSING`,
      `image ${name}: warn IMAGE_LOCAL`,
      `binaries ${name}: pass BINARIES_OK`,
    ])
  })

  for (const [title, bytes, words] of [
    ['is cut off', airgapBundle({ images: layoutTar([image, amd64]) }).subarray(0, 900), 'damaged'],
    ['is cut off and not compressed', airgapTar({ images: layoutTar([image, amd64]) }).subarray(0, 9000), 'cut off'],
    ['is no archive', Buffer.from('hello'.repeat(400)), 'not a whole tar archive'],
    ['is an archive of something else', gzipSync(tar([{ name: 'x', data: 'y' }])), 'holds neither airgap.yaml nor images'],
    [
      'has other bytes than its checksum says',
      (() => {
        const bytes = airgapBundle({ images: layoutTar([image, amd64]) })
        bytes[bytes.length - 6] = bytes[bytes.length - 6]! ^ 1
        return bytes
      })(),
      'damaged',
    ],
  ] as const)
    it(`AIRGAP_BUNDLE_UNREADABLE when the bundle ${title}`, async () => {
      const ran = await run(...config({ name, image }), '--airgap-bundle', folder.file('app.airgap', bytes))
      expect(verdicts(ran.json)).to.include.members([`airgap ${name}: fail AIRGAP_BUNDLE_UNREADABLE`, `binaries ${name}: not checked`])
      expect(messageOf(ran)).to.include(words)
      expect(ran.code).to.equal(3)
    })

  for (const [argv, error, words] of [
    [['--airgap-bundle', '/nowhere/app.airgap'], 'FILE_NOT_FOUND', '--airgap-bundle /nowhere/app.airgap: there is no such file'],
    [['--airgap-bundle', ''], 'USAGE', 'names no file'],
    [['--checks', 'airgap'], 'USAGE', 'Add --airgap-bundle FILE.'],
  ] as const)
    it(`${argv.join(' ')} is ${error}, exit 2`, async () => {
      const { code, err } = await command(['run', '--no-bundle', ...config({ name, image }), ...argv])
      expect(err).to.include(error).and.include(words)
      expect(code).to.equal(2)
    })

  it('are nothing that a Config could name so', async () => {
    const { json } = await check({ images: layoutTar() }, { name, image: `airgap:app.airgap:${image}` })
    expect(verdicts(json)).to.include(`config ${name}: fail PLUGIN_IMAGE_INVALID`)
  })
})
