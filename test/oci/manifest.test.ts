import { expect } from 'chai'
import fc from 'fast-check'
import { type ErrorCode, PreflightError } from '../../src/errors.ts'
import { type ImageIndex, type ImageManifest, parseManifest, requireImage, unpackedLayers } from '../../src/oci/manifest.ts'
import { mediaTypes } from '../../src/oci/media-types.ts'
import { descriptorOf, document, imageFor, indexOf } from '../support/image-documents.ts'

const { ociIndex, ociManifest, dockerIndex, dockerManifest, dockerConfig } = mediaTypes
const image = imageFor('linux/amd64')
const imageJson = JSON.parse(image.manifest.bytes.toString()) as Record<string, unknown>
const parse = (value: unknown, mediaType: string) => parseManifest(document(mediaType, value).bytes, mediaType)

describe('manifest', () => {
  it('reads an OCI image manifest', () => {
    const manifest = parseManifest(image.manifest.bytes, ociManifest) as ImageManifest
    expect(manifest.kind).to.equal('manifest')
    expect(manifest.config).to.deep.equal({
      mediaType: mediaTypes.ociConfig,
      digest: image.config.digest,
      sizeBytes: image.config.bytes.length,
    })
    expect(manifest.layers.map(({ sizeBytes }) => sizeBytes)).to.deep.equal([3 << 20])
  })

  it('reads a Docker manifest and a Docker list alike', () => {
    expect(parse({ ...imageJson, mediaType: dockerManifest }, dockerManifest).kind).to.equal('manifest')
    expect(parse({ manifests: [], mediaType: dockerIndex }, dockerIndex).kind).to.equal('index')
  })

  it('takes the media type that it was served with, when the document says none', () => {
    const { mediaType: _, ...silent } = imageJson
    expect(parse(silent, ociManifest).mediaType).to.equal(ociManifest)
  })

  it('reads an index with platforms, annotations and artifact types', () => {
    const entry = descriptorOf(image.manifest, {
      platform: { os: 'linux', architecture: 'arm', variant: 'v7', 'os.version': '1', 'os.features': ['a'] },
      annotations: { a: 'b' },
      artifactType: 'application/x',
    })
    const index = parse({ manifests: [entry], subject: descriptorOf(image.manifest) }, ociIndex) as ImageIndex
    expect(index.manifests).to.deep.equal([
      {
        mediaType: ociManifest,
        digest: image.manifest.digest,
        sizeBytes: image.manifest.bytes.length,
        platform: { os: 'linux', architecture: 'arm', variant: 'v7', osVersion: '1', osFeatures: ['a'] },
        annotations: { a: 'b' },
        artifactType: 'application/x',
      },
    ])
    expect(index.subject?.digest).to.equal(image.manifest.digest)
  })

  it('keeps an entry that cannot be fetched apart, and the others whole', () => {
    const bad = { mediaType: ociManifest, digest: 'sha256:../../etc', size: 3, platform: { os: 'linux', architecture: 'arm64' } }
    const index = parse({ manifests: [bad, descriptorOf(image.manifest)] }, ociIndex) as ImageIndex
    expect(index.manifests.map(({ digest }) => digest)).to.deep.equal([image.manifest.digest])
    expect(index.entries[0]).to.deep.equal({
      mediaType: ociManifest,
      platform: { os: 'linux', architecture: 'arm64' },
      fault: '"sha256:../../etc" is not a digest',
    })
  })

  const refused: readonly (readonly [what: string, value: unknown, mediaType: string, code: ErrorCode, message: string])[] = [
    [
      'an image manifest with manifests',
      { ...imageJson, manifests: [] },
      ociManifest,
      'MANIFEST_INVALID',
      'an image manifest and an index at once',
    ],
    [
      'one where manifests is null',
      { ...imageJson, manifests: null },
      ociManifest,
      'MANIFEST_INVALID',
      'an image manifest and an index at once',
    ],
    [
      'one where it is written Manifests',
      { ...imageJson, Manifests: [] },
      ociManifest,
      'MANIFEST_INVALID',
      'an image manifest and an index at once',
    ],
    ['an index with layers', { manifests: [], layers: [] }, ociIndex, 'MANIFEST_INVALID', 'an index and an image manifest at once'],
    ['an index with a config', { manifests: [], config: {} }, ociIndex, 'MANIFEST_INVALID', 'an index and an image manifest at once'],
    [
      'an image that calls itself an index',
      { ...imageJson, mediaType: ociIndex },
      ociManifest,
      'MANIFEST_INVALID',
      `says of itself "${ociIndex}"`,
    ],
    [
      'an index that calls itself an image',
      { manifests: [], mediaType: ociManifest },
      ociIndex,
      'MANIFEST_INVALID',
      `but is served as "${ociIndex}"`,
    ],
    ['schema 1 by its content type', '{}', 'application/vnd.docker.distribution.manifest.v1+prettyjws', 'MANIFEST_UNSUPPORTED', 'schema 1'],
    ['schema 1 by text/plain, as containerd takes it', '{}', 'text/plain', 'MANIFEST_UNSUPPORTED', 'schema 1'],
    ['schema 1 by fsLayers', { fsLayers: [] }, dockerManifest, 'MANIFEST_UNSUPPORTED', 'schema 1'],
    [
      'another content type',
      imageJson,
      'application/json',
      'MANIFEST_UNSUPPORTED',
      'content type "application/json", although it looks like an image manifest',
    ],
    ['no content type', { manifests: [] }, '', 'MANIFEST_UNSUPPORTED', 'content type "", although it looks like an image index'],
    ['HTML', '<!DOCTYPE html><p>log in</p>', ociManifest, 'MANIFEST_INVALID', 'it is an HTML page'],
    ['what is not JSON', '{"layers": [', ociManifest, 'MANIFEST_INVALID', 'it ends too early'],
    ['a list', '[]', ociManifest, 'MANIFEST_INVALID', 'not a JSON object'],
    ['a config that comes twice', '{"config": {}, "config": {}}', ociManifest, 'MANIFEST_INVALID', '"config" is there twice'],
    ['no config', { layers: [] }, ociManifest, 'MANIFEST_INVALID', 'it has no config'],
    ['a layer without digest', { ...imageJson, layers: [{ size: 1 }] }, ociManifest, 'MANIFEST_INVALID', 'layers[0]: it has no digest'],
    [
      'a layer with a negative size',
      { ...imageJson, layers: [{ ...descriptorOf(image.config), size: -1 }] },
      ociManifest,
      'MANIFEST_INVALID',
      'its size is -1',
    ],
    [
      'a size that is a text',
      { ...imageJson, config: { ...descriptorOf(image.config), size: '5' } },
      ociManifest,
      'MANIFEST_INVALID',
      '"size" must be an integer',
    ],
    [
      '10,001 entries',
      { manifests: Array.from({ length: 10_001 }, () => ({})) },
      ociIndex,
      'MANIFEST_INVALID',
      'containerd takes at most 10000',
    ],
    [
      '10,000 layers',
      { ...imageJson, layers: Array.from({ length: 10_000 }, () => descriptorOf(image.config)) },
      ociManifest,
      'MANIFEST_INVALID',
      'at most 9999',
    ],
  ]
  for (const [what, value, mediaType, code, message] of refused) {
    it(`refuses ${what}`, () => {
      expect(() => parse(value, mediaType))
        .to.throw(PreflightError, message)
        .with.property('code', code)
    })
  }

  it('never fails in another way than with a PreflightError, whatever the bytes', () => {
    const digest = image.config.digest
    const piece = fc.constantFrom<unknown>(null, 0, -1, '', 'x', [], {}, digest, { digest, size: 1 }, [{ digest, size: 1 }], [null], {
      manifests: [],
    })
    const keys = fc.constantFrom(
      'mediaType',
      'config',
      'layers',
      'manifests',
      'fsLayers',
      'subject',
      'annotations',
      'artifactType',
      'Config',
    )
    fc.assert(
      fc.property(fc.dictionary(keys, piece), fc.constantFrom(ociIndex, ociManifest, dockerIndex, 'x'), (value, mediaType) => {
        try {
          parse(value, mediaType)
        } catch (error) {
          expect(error).to.be.instanceOf(PreflightError)
        }
      }),
    )
  })
})

describe('image manifest', () => {
  const withConfig = (mediaType: string, more: object = {}) =>
    parse({ ...imageJson, config: { ...descriptorOf(image.config), mediaType }, ...more }, ociManifest) as ImageManifest

  it('is one when its config is an image config of OCI or Docker', () => {
    expect(requireImage(withConfig(dockerConfig)).kind).to.equal('manifest')
    expect(requireImage(withConfig(mediaTypes.ociConfig)).kind).to.equal('manifest')
  })

  for (const [type, more, what] of [
    ['application/vnd.cncf.helm.config.v1+json', {}, 'a Helm chart'],
    ['application/vnd.oci.empty.v1+json', { artifactType: 'application/spdx+json' }, 'an artifact (application/spdx+json)'],
    ['', {}, 'an artifact (its config has no type)'],
  ] as const) {
    it(`is ${what} with the config type "${type}"`, () => {
      expect(() => requireImage(withConfig(type, more)))
        .to.throw(PreflightError, what)
        .with.property('code', 'MANIFEST_UNSUPPORTED')
    })
  }

  it('has the layers that containerd unpacks, not every blob', () => {
    const blob = (mediaType: string) => ({ ...descriptorOf(image.config), mediaType })
    const types = [
      'application/vnd.oci.image.layer.v1.tar',
      'application/vnd.docker.image.rootfs.diff.tar.gzip',
      'application/vnd.docker.image.rootfs.diff.tar.gzip+encrypted',
      'application/vnd.in-toto+json',
      'text/plain',
    ]
    const manifest = parse({ ...imageJson, layers: types.map(blob) }, ociManifest) as ImageManifest
    expect(unpackedLayers(manifest).map(({ mediaType }) => mediaType)).to.deep.equal(types.slice(0, 3))
  })

  it('counts an index by its children, not by attestations', () => {
    expect((parseManifest(indexOf(image).bytes, ociIndex) as ImageIndex).manifests).to.have.length(1)
  })
})
