import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { parseManifest } from '../../src/oci/manifest.ts'
import { mediaTypes } from '../../src/oci/media-types.ts'
import { parsePlatform } from '../../src/oci/platform.ts'
import { imageForPlatform } from '../../src/oci/platform-image.ts'
import { oracle, rowsOrSkip } from './oracle.ts'

interface Row {
  readonly want: string
  readonly manifests: readonly { readonly platform: object | null; readonly config: object }[]
  readonly manifest?: number
  readonly error?: string
}

/** The index of the row with bytes for every child; each manifest is told apart by an annotation. */
const layout = (row: Row) => {
  const blobs = new Map<string, Uint8Array>()
  const put = (document: object, mediaType: string) => {
    const bytes = Buffer.from(JSON.stringify(document))
    const digest = sha256(bytes)
    blobs.set(digest, bytes)
    return { mediaType, digest, size: bytes.length }
  }
  const children = row.manifests.map(({ platform, config }, n) => {
    const image = {
      config: put({ ...config, rootfs: { type: 'layers', diff_ids: [] } }, mediaTypes.ociConfig),
      layers: [],
      annotations: { n: `${n}` },
    }
    return { ...put(image, mediaTypes.ociManifest), ...(platform === null ? {} : { platform }) }
  })
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: children }))
  return { bytes, digest: sha256(bytes), children, read: async ({ digest }: { digest: string }) => blobs.get(digest)! }
}

const answer = async (row: Row): Promise<number | 'error'> => {
  const { bytes, digest, children, read } = layout(row)
  try {
    const root = { digest, manifest: parseManifest(bytes, mediaTypes.ociIndex) }
    const image = await imageForPlatform(root, parsePlatform(row.want), { manifest: read, blob: read })
    return children.findIndex(child => child.digest === image.digest)
  } catch (error) {
    if (error instanceof PreflightError && error.code === 'PLATFORM_NOT_FOUND') return 'error'
    throw error
  }
}

describe('the child of an index that containerd 2.4 takes', () => {
  it('is the same in every case of the oracle', async function () {
    const differences = []
    for (const row of rowsOrSkip(this, oracle<Row>('platforms'))) {
      const actual = await answer(row)
      if (actual !== (row.manifest ?? 'error')) differences.push({ row, actual })
    }
    expect(differences).to.deep.equal([])
  })
})
