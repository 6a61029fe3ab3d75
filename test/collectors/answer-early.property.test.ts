import { expect } from 'chai'
import fc from 'fast-check'
import { bothWays, disagreement, unreadOf } from '../support/both-ways.ts'
import { entrypoints, file, marker, pieces } from '../support/random-image.ts'
import { tar } from '../support/tar-writer.ts'

const layer = fc.array(fc.constantFrom(...pieces), { maxLength: 6 })
/** Often what an answer needs, in the way of an image builder. */
const top = fc
  .tuple(fc.subarray(['plugins', 'copier', 'shell', 'opaque'] as const), layer)
  .map(([parts, more]) => [
    ...(parts.includes('copier') ? [{ name: 'bin/' }, file('bin/cp'), file('bin/cp-plugin')] : []),
    ...(parts.includes('shell') ? [{ name: 'bin/' }, file('bin/sh')] : []),
    ...(parts.includes('plugins') ? [{ name: 'plugins/' }, file('plugins/a')] : []),
    ...(parts.includes('opaque') ? [{ name: 'plugins/' }, marker('plugins/.wh..wh..opq')] : []),
    ...more,
  ])

describe('the answer from the upper layers of any image', () => {
  it('is the one from all layers, or comes from all layers', async () => {
    let stopped = 0
    let withFiles = 0
    await fc.assert(
      fc.asyncProperty(
        fc.tuple(fc.array(layer, { minLength: 1, maxLength: 3 }), top),
        fc.constantFrom(...entrypoints),
        fc.constantFrom('', '0', '65532', '5:6', 'app'),
        async ([lower, upper], entrypoint, user) => {
          const { full, early } = await bothWays({ layers: [...lower, upper].map(tar), entrypoint, user })
          if (unreadOf(early) > 0) stopped++
          if (unreadOf(early) > 0 && 'files' in early.said && early.said.files.length > 0) withFiles++
          expect(disagreement({ full, early })).to.equal(undefined)
        },
      ),
      { numRuns: 1200 },
    )
    // Else this test would prove nothing
    expect(stopped).to.be.above(100)
    expect(withFiles).to.be.above(30)
  }).timeout(120_000)
})
