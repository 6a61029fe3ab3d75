import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import type { BuiltImage } from '../support/image-builder.ts'
import { programBytes } from './content.ts'
import { benchImage, largeLayerImage, withWholePath } from './images.ts'

describe('benchmark images', () => {
  it('are the same every time, and different from each other', () => {
    const digest = (index: number) => benchImage(index, 0.01).manifest.digest
    expect(digest(1)).to.equal(digest(1))
    expect(digest(1)).to.not.equal(digest(2))
  })

  it('hold bytes that gzip makes two to three times smaller', () => {
    const bytes = programBytes(1 << 20, 3)
    expect(bytes.length / gzipSync(bytes).length)
      .to.be.at.least(2)
      .and.at.most(3.5)
  })

  it('name their program by its whole path where that is wanted, and change nothing else', () => {
    const read = ({ blobs, manifest }: BuiltImage) => {
      const document = JSON.parse(Buffer.from(manifest.bytes).toString())
      return { layers: document.layers, config: JSON.parse(Buffer.from(blobs.get(document.config.digest)!).toString()) }
    }
    const image = benchImage(1, 0.01)
    const [before, after] = [read(image), read(withWholePath(image))]
    expect(after.config.config.Entrypoint[0]).to.equal('/bin/cp-plugin')
    expect(sha256(withWholePath(image).manifest.bytes)).to.equal(withWholePath(image).manifest.digest)
    after.config.config.Entrypoint[0] = 'cp-plugin'
    expect(after).to.deep.equal(before)
  })

  it('with a large layer name its digest, size and diff_id', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-test-'))
    try {
      const { image, file, digest, rawBytes } = await largeLayerImage('velero-plugin-x', 3 << 20, folder)
      const layer = readFileSync(file)
      const raw = gunzipSync(layer)
      expect(raw.length).to.equal(rawBytes)
      expect(sha256(layer)).to.equal(digest)
      const manifest = JSON.parse(Buffer.from(image.manifest.bytes).toString())
      expect(manifest.layers.at(-1)).to.include({ digest, size: layer.length })
      const config = JSON.parse(Buffer.from(image.blobs.get(manifest.config.digest)!).toString())
      expect(config.rootfs.diff_ids).to.have.length(3)
      expect(config.rootfs.diff_ids[2]).to.equal(sha256(raw))
    } finally {
      rmSync(folder, { recursive: true })
    }
  })
})
