import { expect } from 'chai'
import fc from 'fast-check'
import { memoryCache } from '../support/memory-cache.ts'
import { tar } from '../support/tar-writer.ts'
import { commands, isBelow, landed, takeWay, writeTrap } from '../support/trap-paths.ts'
import { copier } from '../support/traps/trap.ts'
import { endAll } from './processes.ts'
import { randomFile } from './random-layers.ts'
import { type RealWriter, realTableWriter, type TableFormat } from './table-writers.ts'

const count = 500
const layers = fc.array(fc.array(randomFile, { maxLength: 8 }), { minLength: 1, maxLength: 3 })

describe('tables of contents of random layers, by those who defined them', () => {
  let write: RealWriter
  before(async function () {
    write = await realTableWriter(this)
  })
  after(endAll)

  const formats: readonly TableFormat[] = ['estargz', 'estargz-lossless', 'zstd:chunked']
  for (const [seed, format] of formats.entries())
    it(`${format}: say what the layers say (${count} images)`, async function () {
      this.timeout(10 * 60_000)
      let declared = 0
      const wrong: unknown[] = []
      for (const files of fc.sample(layers, { seed, numRuns: count })) {
        const made = await Promise.all([copier, ...files].map(layer => write(format, tar(layer)))).catch(() => undefined)
        // What no writer takes, or no node unpacks
        if (made === undefined) continue
        for (const command of Object.values(commands)) {
          const image = await writeTrap(
            { layers: made.map(({ bytes }) => bytes), plugins: [] },
            bytes => made.find(one => one.bytes === bytes)!,
            command,
          )
          const [truth, answer] = [
            await takeWay(image, { prove: true }),
            await takeWay(image, { tables: true, early: true, cache: memoryCache() }),
          ]
          if ('said' in answer.told && answer.told.said.proven === 'declared') declared++
          const [expected, said] = [truth.told, answer.told].map(told =>
            'refused' in told ? 'refused' : JSON.stringify([told.said.copy, landed(told.said)]),
          )
          if (expected !== said && !isBelow(answer, truth)) wrong.push({ files, expected, said })
        }
      }
      expect(wrong).to.deep.equal([])
      expect(declared).to.be.above(count / 5)
    })
})
