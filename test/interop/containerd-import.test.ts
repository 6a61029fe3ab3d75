// packages: golang-go

import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { containerdName, layoutTar, namedLayout } from '../support/airgap.ts'
import { configText, report, type Scratch, scratch } from '../support/command.ts'
import { buildIndex, pluginImage } from '../support/image-builder.ts'
import { blobPath, dockerFiles, type LocalFileMap, refName, tarFiles } from '../support/local-images.ts'
import { type TarFile, tar } from '../support/tar-writer.ts'
import { goProgram } from './go-program.ts'
import { succeed } from './peers.ts'

interface Imported {
  readonly images?: readonly { readonly name: string; readonly digest: string; readonly whole: boolean }[]
  readonly error?: string
}

const name = 'velero-plugin'
const image = 'registry.example.com/acme/velero-plugin:v1'
const amd64 = pluginImage({ name })
const arm64 = pluginImage({ name, platform: 'linux/arm64' })
const other = pluginImage({ name: 'other' })
const index = buildIndex([amd64, arm64])
const pinned = `registry.example.com/acme/velero-plugin@${amd64.manifest.digest}`
const layers: readonly { digest: string }[] = JSON.parse(Buffer.from(amd64.manifest.bytes).toString()).layers

const changed = (files: LocalFileMap, change: (files: LocalFileMap) => void): Buffer => {
  change(files)
  return tarFiles(files)
}
const entries = (files: LocalFileMap, change: (all: TarFile[]) => readonly TarFile[]): Buffer =>
  tar(change([...files].map(([name, data]) => ({ name, data }))))
const withIndex = (change: (document: { manifests: Record<string, unknown>[] }) => void): Buffer =>
  changed(namedLayout([image, amd64]), files => {
    const document = JSON.parse(Buffer.from(files.get('index.json')!).toString())
    change(document)
    files.set('index.json', Buffer.from(JSON.stringify(document)))
  })
const prefixed = (prefix: string) => (all: TarFile[]) => all.map(file => ({ ...file, name: `${prefix}${file.name}` }))
const docker = dockerFiles(amd64, [image])
const layerName = `${layers[0]!.digest.slice(7)}.tar`

/** Archives by what is special about them. Where containerd and this check differ on purpose, `stricter` says that we refuse. */
const archives: Readonly<Record<string, { readonly bytes: Buffer; readonly asked?: string; readonly stricter?: true }>> = {
  'a layout': { bytes: layoutTar([image, amd64]) },
  'a layout with an index': { bytes: layoutTar([image, index]) },
  'a layout with the name of image-spec': { bytes: withIndex(({ manifests: [first] }) => Object.assign(first!, refName(image))) },
  'a layout with both names': {
    bytes: withIndex(({ manifests: [first] }) =>
      Object.assign(first!, { annotations: { ...refName(image).annotations, ...containerdName('x.example.com/y:v1').annotations } }),
    ),
  },
  'a layout with an empty name before the other': {
    bytes: withIndex(({ manifests: [first] }) =>
      Object.assign(first!, { annotations: { ...refName(image).annotations, ...containerdName('').annotations } }),
    ),
  },
  'a layout with a name that is not complete': { bytes: layoutTar(['acme/velero-plugin:v1', amd64]), asked: 'acme/velero-plugin:v1' },
  'a layout with a tag': { bytes: layoutTar(['v1', amd64]) },
  'a layout without names': { bytes: withIndex(({ manifests: [first] }) => void delete first!.annotations) },
  'a layout with a digest': { bytes: layoutTar([pinned, amd64]), asked: pinned },
  'a layout with one name twice': { bytes: layoutTar([image, other], [image, amd64]) },
  // A single image is started whatever it is for.
  'a layout with one name twice, the other way round': { bytes: layoutTar([image, amd64], [image, arm64]), stricter: true },
  'a layout of another version': {
    bytes: changed(namedLayout([image, amd64]), files => files.set('oci-layout', Buffer.from('{"imageLayoutVersion":"1.0.1"}'))),
  },
  'a layout without a version': { bytes: changed(namedLayout([image, amd64]), files => files.set('oci-layout', Buffer.from('{}'))) },
  'a layout without oci-layout': { bytes: changed(namedLayout([image, amd64]), files => files.delete('oci-layout')) },
  'a layout without index.json': { bytes: changed(namedLayout([image, amd64]), files => files.delete('index.json')) },
  'a layout with index.json twice': {
    bytes: entries(namedLayout([image, amd64]), all => [{ name: 'index.json', data: '{"manifests":[]}' }, ...all]),
  },
  'a layout with index.json twice, the empty one last': {
    bytes: entries(namedLayout([image, amd64]), all => [...all, { name: 'index.json', data: '{"manifests":[]}' }]),
  },
  'a layout with oci-layout twice': {
    bytes: entries(namedLayout([image, amd64]), all => [...all, { name: 'oci-layout', data: '{}' }]),
    stricter: true,
  },
  'a layout whose names begin with ./': { bytes: entries(namedLayout([image, amd64]), prefixed('./')) },
  'a layout whose names begin with /': { bytes: entries(namedLayout([image, amd64]), prefixed('/')) },
  'a layout whose names lead astray and back': { bytes: entries(namedLayout([image, amd64]), prefixed('a/../')) },
  'a layout in a folder': { bytes: entries(namedLayout([image, amd64]), prefixed('layout/')) },
  'a layout that lacks a layer': { bytes: changed(namedLayout([image, amd64]), files => files.delete(blobPath(layers[0]!.digest))) },
  'a layout that lacks a manifest': { bytes: changed(namedLayout([image, amd64]), files => files.delete(blobPath(amd64.manifest.digest))) },
  'a layout for another platform': { bytes: layoutTar([image, buildIndex([arm64])]) },
  'a layout that is compressed': { bytes: gzipSync(layoutTar([image, amd64])) },
  'a layout that is cut off': { bytes: layoutTar([image, amd64]).subarray(0, 2000) },
  'a layout with a docker archive': {
    bytes: changed(new Map([...docker, ...namedLayout(['x.example.com/y:v1', amd64])]), () => undefined),
  },
  'a docker archive': { bytes: tarFiles(docker) },
  'a docker archive with a name that is not complete': {
    bytes: tarFiles(dockerFiles(amd64, ['acme/velero-plugin'])),
    asked: 'acme/velero-plugin',
  },
  'a docker archive with a digest': { bytes: tarFiles(dockerFiles(amd64, [image])), asked: pinned },
  'a docker archive without names': { bytes: tarFiles(dockerFiles(amd64, null)) },
  'a docker archive with a name that is none': { bytes: tarFiles(dockerFiles(amd64, [image, 'UPPER/x:1'])) },
  'a docker archive for another platform': { bytes: tarFiles(dockerFiles(arm64, [image])) },
  'a docker archive that lacks a layer': { bytes: changed(new Map(docker), files => files.delete(layerName)) },
  'a docker archive with a link to a layer': {
    bytes: entries(new Map(docker), all =>
      all.map(file => (file.name === layerName ? { ...file, name: 'real.tar' } : file)).concat({ name: layerName, link: 'real.tar' }),
    ),
  },
  'a docker archive with a link to nothing': { bytes: entries(new Map(docker), all => [...all, { name: 'link', link: 'nothing' }]) },
  'a docker archive with a hard link to a layer': {
    bytes: entries(new Map(docker), all =>
      all
        .map(file => (file.name === layerName ? { ...file, name: 'real.tar' } : file))
        .concat({ name: layerName, type: '1', link: 'real.tar' }),
    ),
  },
  'a docker archive with one image more': {
    bytes: changed(new Map(docker), files => {
      const [own] = JSON.parse(Buffer.from(files.get('manifest.json')!).toString())
      files.set('manifest.json', Buffer.from(JSON.stringify([own, { Config: 'gone.json', RepoTags: [], Layers: [] }])))
    }),
  },
  'a docker archive with manifest.json twice': {
    bytes: entries(new Map(docker), all => [{ name: 'manifest.json', data: '[]' }, ...all]),
    stricter: true,
  },
  'no archive of images': { bytes: tar([{ name: 'x', data: 'y' }]) },
  'an empty archive': { bytes: tar([]) },
}

describe('archives of images, as containerd imports them', () => {
  let folder: Scratch
  let imported: ReadonlyMap<string, Imported>
  before(async function () {
    const program = await goProgram(this, 'containerd-import', ['github.com/containerd/containerd/v2@v2.4.2'])
    const input = Object.values(archives)
      .map(({ bytes }) => `${bytes.toString('base64')}\n`)
      .join('')
    const answers = (await succeed(program, [], { input })).trimEnd().split('\n')
    imported = new Map(Object.keys(archives).map((title, number) => [title, JSON.parse(answers[number]!) as Imported]))
    folder = scratch()
  })
  after(() => folder?.remove())

  /** What a node looks for. */
  const wanted: Readonly<Record<string, string>> = {
    'acme/velero-plugin:v1': 'docker.io/acme/velero-plugin:v1',
    'acme/velero-plugin': 'docker.io/acme/velero-plugin:latest',
  }

  for (const [title, { bytes, asked = image, stricter }] of Object.entries(archives))
    it(`${title}: the plugin is there for us where it is there for a node`, async () => {
      const config = folder.file('config.yaml', configText({ name, image: asked }))
      const path = folder.file('images.tar', bytes)
      const { json } = await report(['run', '--no-bundle', '--no-cache', '--checks', 'airgap', '--config', config, '--airgap-bundle', path])
      const found = imported.get(title)?.images?.find(one => one.name === (wanted[asked] ?? asked))
      const taken = json.fail.length === 0
      const evidence = [...json.pass, ...json.warn][0]?.findings.flatMap(({ evidence = [] }) => evidence).join('\n') ?? ''
      if (stricter) expect(taken).to.equal(false)
      else expect(taken, JSON.stringify([imported.get(title), json.fail])).to.equal(found?.whole === true)
      if (taken && /points at/.test(evidence)) expect(evidence).to.include(`points at ${found?.digest}`)
    })

  it('are taken and refused, both', () => {
    const all = [...imported.values()]
    expect(all.filter(({ error }) => error !== undefined).length).to.be.above(8)
    expect(all.filter(({ images }) => images?.some(({ whole }) => whole)).length).to.be.above(12)
  })
})
