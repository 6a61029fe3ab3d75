import { expect } from 'chai'
import { createImageBuilder } from '../../src/oci/apply-layer.ts'
import { lookUp } from '../../src/oci/file-tree.ts'
import { readLayer } from '../../src/oci/read-layer.ts'
import { memoryCache } from '../support/memory-cache.ts'
import { eStargzLayer, zstdChunkedLayer } from '../support/tables-of-contents.ts'
import { trapImages } from '../support/trap-images.ts'
import { type Answer, commands, type LayerWriter, landed, plainLayer, takeWay, type Way, writeTrap } from '../support/trap-paths.ts'
import { nameOf, type Trap } from '../support/traps/trap.ts'
import { chunks, walk } from '../support/unpack.ts'

/** Pieces so small that every program is several. */
const chunkBytes = 1500
const withTable =
  (write: typeof eStargzLayer): LayerWriter =>
  (layer, lie) =>
    Buffer.isBuffer(layer) ? plainLayer(layer, lie) : write(layer, { chunkBytes, ...(lie && { lines: lie }) })

/** Who writes the layers, and how they are read. */
const ways: Readonly<Record<string, readonly [LayerWriter, Way]>> = {
  'all layers, beforehand': [plainLayer, {}],
  'an early stop': [plainLayer, { early: true }],
  'an eStargz table': [withTable(eStargzLayer), { tables: true }],
  'an eStargz table and an early stop': [withTable(eStargzLayer), { tables: true, early: true }],
  'a zstd:chunked table': [withTable(zstdChunkedLayer), { tables: true }],
  'a zstd:chunked table and an early stop': [withTable(zstdChunkedLayer), { tables: true, early: true }],
}

/** Every layer read, and put upon those below. */
const unpacked = async ({ layers }: Trap): Promise<readonly string[] | 'refused'> => {
  const builder = createImageBuilder()
  try {
    for (const layer of layers) builder.apply((await readLayer(chunks((await plainLayer(layer, undefined)).bytes), 'sniff')).entries)
  } catch {
    return 'refused'
  }
  const found = lookUp(builder.root, '/plugins', { last: 'follow' })
  if (typeof found === 'string' || found.node.kind !== 'directory') return []
  return walk(found.node).map(({ path, node }) => {
    if (node.kind === 'directory') return `${path}/`
    if (node.kind === 'symlink') return `${path} -> ${node.target}`
    const mode = (node.mode & 0o7777).toString(8).padStart(4, '0')
    return `${path}: ${node.kind === 'file' ? nameOf(node.content.sha256) : node.kind}${mode === '0755' ? '' : ` ${mode}`}`
  })
}

/** What does not depend on the way. */
const comparable = ({ told, findings }: Answer) => {
  if ('refused' in told) return told
  const { layers: _, proven: __, doubts: ___, digest: ____, ...rest } = told.said
  return { ...rest, findings: findings.filter(finding => !/BINARIES_DECLARED|LAYER_AMBIGUOUS/.test(finding)) }
}

/** Whether it may say something else than all layers do, because it says itself that it does not rest on them. */
const maySayElse = ({ told }: Answer, truth: Answer, { lie }: Trap): boolean => {
  if ('refused' in told) return false
  const { proven, layers } = told.said
  if ('refused' in truth.told && proven !== 'allLayers')
    return layers.slice(0, truth.told.layer).some(({ unread, declared }) => unread || declared)
  return lie !== undefined && proven === 'declared'
}

describe('images that are traps', () => {
  it('are many', () => expect(Object.keys(trapImages).length).to.be.above(70))

  for (const [what, trap] of Object.entries(trapImages)) {
    it(`${what}: no way through the code says other than a node has, and none passes what is not proven`, async () => {
      expect(await unpacked(trap)).to.deep.equal(trap.highestDiffId === undefined ? trap.plugins : ['a: old', 'b: new'])
      for (const command of Object.values(commands)) {
        const truth = await takeWay(await writeTrap(trap, plainLayer, command), { prove: true })
        if ('refused' in truth.told) expect(trap.plugins).to.equal('refused')
        else if (command === commands.folder) expect(landed(truth.told.said)).to.deep.equal(trap.plugins)
        for (const [name, [write, way]] of Object.entries(ways)) {
          const image = await writeTrap(trap, write, command)
          const cache = memoryCache()
          for (const run of ['first', 'second']) {
            const answer = await takeWay(image, { ...way, cache })
            const title = `${name}, ${run} run of ${command.join(' ')}`
            if (maySayElse(answer, truth, trap)) {
              if ('said' in answer.told && answer.told.said.proven === 'declared')
                expect(answer.findings, title).to.include('warn BINARIES_DECLARED')
            } else expect(comparable(answer), title).to.deep.equal(comparable(truth))
            if (run === 'second' && 'said' in answer.told) expect(answer.fetchedBytes, title).to.equal(0)
          }
        }
      }
    })
  }
})
