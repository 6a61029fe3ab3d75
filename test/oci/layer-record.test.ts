import { expect } from 'chai'
import fc from 'fast-check'
import { sha256 } from '../../src/digest.ts'
import { blobName, contentOf, type LayerKey, layerReaderVersion, recordName, recordOf } from '../../src/oci/layer-record.ts'
import { type LayerContent, readLayer } from '../../src/oci/read-layer.ts'
import { pluginBinary } from '../support/image-builder.ts'
import { tar } from '../support/tar-writer.ts'
import { chunks } from '../support/unpack.ts'

const everything = tar([
  { name: 'plugins/', mode: 0o1777, uid: 5 },
  { name: 'plugins/velero-x', mode: 0o4755, data: pluginBinary({ name: 'velero-x', elf: { interpreter: '/lib/ld.so' } }, 'amd64') },
  { name: 'plugins/gr\u00fc\u00df', data: '#!/bin/sh -e\n' },
  { name: 'plugins/empty', data: '' },
  { name: 'link', link: '/plugins/velero-x' },
  { name: 'hard', type: '1', link: 'plugins/velero-x' },
  { name: 'null', type: '3' },
  { name: 'pipe', type: '6' },
  { name: 'etc/passwd', data: 'root:x:0:0\n' },
  { name: 'gone/.wh.old', data: '' },
])
const read = (bytes: Uint8Array): Promise<LayerContent> => readLayer(chunks(bytes), 'sniff')
const keyOf = ({ diffId }: LayerContent, change: Partial<LayerKey> = {}): LayerKey => ({
  digest: sha256('compressed'),
  sizeBytes: 7,
  diffId,
  handling: 'sniff',
  ...change,
})

describe('the record of a layer', () => {
  let content: LayerContent
  let record: Buffer
  before(async () => {
    content = await read(everything)
    record = recordOf(keyOf(content), content)!
  })

  it('gives back all that was found in the layer', () => {
    expect(content.entries).to.have.length(10)
    expect(contentOf(keyOf(content), record)).to.deep.equal(content)
  })

  it('is another record once the reader finds other things in a layer: then raise layerReaderVersion, and this number', () => {
    expect([layerReaderVersion, sha256(JSON.stringify(content))]).to.deep.equal([
      2,
      'sha256:b73b6d7fcd0fda311124d0a7323d13dd8b4f9f7202827410aef08d161c4f89eb',
    ])
  })

  it('has another name, and is none, where the diff_id is another', () => {
    const other = keyOf(content, { diffId: sha256('other') })
    expect(recordName(other)).to.not.equal(recordName(keyOf(content)))
    expect(contentOf(other, record)).to.equal(undefined)
  })

  for (const [what, change] of Object.entries({
    'the digest': { digest: sha256('other') },
    'the size': { sizeBytes: 8 },
    'the way to read it': { handling: 'plain' },
  } satisfies Record<string, Partial<LayerKey>>)) {
    it(`is the same where ${what} is another, of which another mark says whether it was read`, () => {
      expect(contentOf(keyOf(content, change), record)).to.deep.equal(content)
      expect(blobName(keyOf(content, change))).to.not.equal(blobName(keyOf(content)))
    })
  }

  it('is another one of a table of contents, and of each blob its own', () => {
    const table = keyOf(content, { handling: 'table eStargz' })
    expect(contentOf(table, record)).to.equal(undefined)
    expect(recordName({ ...table, digest: sha256('other') })).to.not.equal(recordName(table))
  })

  it('is not made of a layer that has not its diff_id', () => {
    expect(recordOf(keyOf(content, { diffId: sha256('other') }), content)).to.equal(undefined)
  })

  it('is not made of a layer that is quicker read again', () => {
    const entry = content.entries[0]!
    expect(recordOf(keyOf(content), { ...content, entries: Array.from({ length: 100_001 }, () => entry) })).to.equal(undefined)
  })

  it('is none after any byte was changed, and none when it is cut short', () => {
    fc.assert(
      fc.property(fc.nat(record.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(record)
        other[at] = other[at]! ^ change
        expect(contentOf(keyOf(content), other)).to.equal(undefined)
        expect(contentOf(keyOf(content), record.subarray(0, at))).to.equal(undefined)
      }),
      { numRuns: 300 },
    )
  })

  it('is none where something else stands in the file', () => {
    for (const text of ['', '\n', 'preflight-layer', '{}', '\0'.repeat(100)]) {
      expect(contentOf(keyOf(content), Buffer.from(text)), text).to.equal(undefined)
    }
  })
})
