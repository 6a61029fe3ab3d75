import fc from 'fast-check'
import { sha256 } from '../../../src/digest.ts'
import { mediaTypes } from '../../../src/oci/media-types.ts'
import { one, type Question } from './question.ts'

const wants = one(
  'linux/amd64',
  'linux/amd64/v1',
  'linux/amd64/v2',
  'linux/amd64/v3',
  'linux/amd64/v4',
  'linux/x86_64',
  'linux/arm64',
  'linux/arm64/v8',
  'linux/arm64/v8.2',
  'linux/arm64/v9',
  'linux/arm64/v9.3',
  'linux/aarch64',
  'linux/arm',
  'linux/arm/v5',
  'linux/arm/v6',
  'linux/arm/v7',
  'linux/arm/v8',
  'linux/armhf',
  'linux/386',
  'linux/ppc64le',
  'linux/s390x',
  'linux/riscv64',
)
const os = one('linux', 'linux', 'linux', 'linux', 'Linux', '', 'windows', 'macos', 'unknown', 'ſinux', 1, null)
const architecture = one(
  'amd64',
  'amd64',
  'arm64',
  'arm',
  'AMD64',
  'x86_64',
  'x86-64',
  'aarch64',
  'armhf',
  'armel',
  'i386',
  '386',
  '',
  'arm64be',
  'unknown',
)
const variant = one(
  undefined,
  undefined,
  '',
  'v1',
  'V2',
  'v3',
  '2',
  'v4',
  'v5',
  'v6',
  '6',
  '7',
  'v7',
  'v8',
  '8',
  'v8.0',
  'v8.1',
  'V8',
  'v8.9',
  'v9',
  '9',
  '9.0',
  'v9.0',
  'v9.1',
  'v9.9',
  'v10',
  'v+2',
  'v02',
  'vv2',
  '-1',
  null,
  8,
)
/** Without what we refuse and containerd takes: the same key twice. */
const platform = fc
  .record({
    os,
    architecture,
    variant,
    'os.version': one(undefined, undefined, undefined, '10.0', ''),
    'os.features': one(undefined, undefined, undefined, [], ['sse4'], null, ''),
  })
  .map(given => Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)))

/** Of a wrong type in a config containerd takes notice later than it chooses. */
const soundPlatform = platform.filter(
  ({ os, variant, 'os.features': features }) => typeof os !== 'number' && typeof variant !== 'number' && typeof features !== 'string',
)

interface Child {
  readonly descriptor: object
  readonly blobs: readonly string[]
}
let counted = 0
const described = (text: string, mediaType: string) => ({ mediaType, digest: sha256(Buffer.from(text)), size: Buffer.byteLength(text) })
const image = fc
  .record({
    config: fc.oneof({ weight: 5, arbitrary: soundPlatform }, { weight: 1, arbitrary: one({ Os: 'linux', Architecture: 'arm64' }, {}) }),
    own: one(undefined, undefined, mediaTypes.ociManifest, mediaTypes.dockerManifest, mediaTypes.ociIndex),
    type: one(mediaTypes.ociManifest, mediaTypes.ociManifest, mediaTypes.dockerManifest),
    configType: one(mediaTypes.ociConfig, mediaTypes.ociConfig, mediaTypes.dockerConfig),
    extra: one({}, {}, {}, {}, { manifests: [] }, { fsLayers: [] }, { layers: null }),
  })
  .map(({ config, own, type, configType, extra }): Child => {
    const configText = JSON.stringify({ ...config, rootfs: { type: 'layers', diff_ids: [] } })
    const text = JSON.stringify({
      schemaVersion: 2,
      mediaType: own,
      config: described(configText, configType),
      layers: [],
      annotations: { n: `${counted++}` },
      ...extra,
    })
    return { descriptor: described(text, type), blobs: [configText, text] }
  })

const indexOf = (children: fc.Arbitrary<Child>): fc.Arbitrary<Child> =>
  fc
    .record({
      children: fc.array(fc.tuple(children, fc.option(platform, { freq: 5 }), one('', '', '', '', '', '', 'text/plain', 'null')), {
        maxLength: 5,
      }),
      own: one(undefined, mediaTypes.ociIndex, mediaTypes.dockerIndex, mediaTypes.ociManifest),
      type: one(mediaTypes.ociIndex, mediaTypes.dockerIndex),
    })
    .map(({ children, own, type }) => {
      const manifests = children.map(([{ descriptor }, its, odd]) => ({
        ...descriptor,
        ...(its === null ? {} : { platform: its }),
        ...(odd === 'null' ? { platform: null } : odd === '' ? {} : { mediaType: odd }),
      }))
      const text = JSON.stringify({ schemaVersion: 2, mediaType: own, manifests })
      return { descriptor: described(text, type), blobs: [...children.flatMap(([child]) => child.blobs), text] }
    })

export const platforms: fc.Arbitrary<Question> = fc
  .tuple(
    wants,
    fc.oneof(
      { weight: 6, arbitrary: indexOf(image) },
      { weight: 2, arbitrary: indexOf(fc.oneof(image, indexOf(image))) },
      { weight: 1, arbitrary: image },
    ),
  )
  .map(([want, { descriptor, blobs }]) => ({ kind: 'platform', want, root: descriptor as never, blobs }))
