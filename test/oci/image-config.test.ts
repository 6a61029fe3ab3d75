import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { parseImageConfig, requireDiffIds } from '../../src/oci/image-config.ts'
import { type ImageManifest, parseManifest } from '../../src/oci/manifest.ts'
import { mediaTypes } from '../../src/oci/media-types.ts'
import { imageFor } from '../support/image-documents.ts'

const parse = (value: unknown) => parseImageConfig(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))
const id = sha256('a layer')

describe('image config', () => {
  it('gives what a node uses to run the image', () => {
    const config = parse({
      os: 'linux',
      architecture: 'arm64',
      variant: 'v8',
      'os.version': '1',
      config: {
        Entrypoint: ['/bin/cp-plugin'],
        Cmd: ['/plugins/x', '/target/x'],
        Env: ['PATH=/bin'],
        User: '65532:65532',
        WorkingDir: '/',
      },
      rootfs: { type: 'layers', diff_ids: [id] },
      history: [{ created_by: 'COPY x /plugins/' }, { comment: 'c', empty_layer: true }],
    })
    expect(config).to.deep.equal({
      platform: { os: 'linux', architecture: 'arm64', variant: 'v8', osVersion: '1' },
      entrypoint: ['/bin/cp-plugin'],
      cmd: ['/plugins/x', '/target/x'],
      env: ['PATH=/bin'],
      user: '65532:65532',
      workingDir: '/',
      diffIds: [id],
      history: [
        { createdBy: 'COPY x /plugins/', comment: '', emptyLayer: false },
        { createdBy: '', comment: 'c', emptyLayer: true },
      ],
    })
  })

  it('has empty lists where the config says nothing or null', () => {
    expect(parse({ config: { Entrypoint: null } }))
      .to.include({ user: '', workingDir: '' })
      .and.to.deep.include({ entrypoint: [], cmd: [], env: [], diffIds: [], history: [] })
  })

  for (const [what, value, message] of [
    ['what is not JSON', 'x', 'a value belongs here'],
    ['a list', '[]', 'not a JSON object'],
    ['an entrypoint that is a text', { config: { Entrypoint: 'cp' } }, '"Entrypoint" must be a list'],
    ['a diff_id that is no digest', { rootfs: { diff_ids: ['../x'] } }, '"../x" in rootfs.diff_ids is not a digest'],
    ['a rootfs that comes twice', '{"rootfs": {}, "rootfs": {}}', '"rootfs" is there twice'],
  ] as const) {
    it(`refuses ${what}`, () => {
      expect(() => parse(value))
        .to.throw(PreflightError, message)
        .with.property('code', 'IMAGE_CONFIG_INVALID')
    })
  }

  it('needs a diff_id for each layer that containerd unpacks', () => {
    const manifest = parseManifest(imageFor('linux/amd64').manifest.bytes, mediaTypes.ociManifest) as ImageManifest
    expect(() => requireDiffIds(parse({ rootfs: { diff_ids: [id] } }), manifest)).to.not.throw()
    expect(() => requireDiffIds(parse({ rootfs: { diff_ids: [id, id] } }), manifest))
      .to.throw(PreflightError, 'it lists 2 diff_ids, but the manifest has 1 layers')
      .with.property('code', 'IMAGE_CONFIG_INVALID')
  })
})
