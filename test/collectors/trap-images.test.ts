import { expect } from 'chai'
import { createImageBuilder } from '../../src/oci/apply-layer.ts'
import { lookUp } from '../../src/oci/file-tree.ts'
import { readLayer } from '../../src/oci/read-layer.ts'
import { memoryCache } from '../support/memory-cache.ts'
import { trapImages } from '../support/trap-images.ts'
import { commands, landed, plainLayer, takeWay, writeTrap } from '../support/trap-paths.ts'
import { comparable, maySayElse, ways } from '../support/trap-ways.ts'
import { nameOf, type Trap } from '../support/traps/trap.ts'
import { chunks, walk } from '../support/unpack.ts'

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
