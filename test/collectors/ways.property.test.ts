import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect } from 'chai'
import fc from 'fast-check'
import { memoryCache } from '../support/memory-cache.ts'
import { entrypoints, file, pieces } from '../support/random-image.ts'
import { type TarFile, tar, tarEntry, zeroBlocks } from '../support/tar-writer.ts'
import { type Answer, plainLayer, takeWay, writeTrap } from '../support/trap-paths.ts'
import { comparable, maySayElse, ways } from '../support/trap-ways.ts'
import type { Trap } from '../support/traps/trap.ts'

const files = fc.array(fc.constantFrom(...pieces), { maxLength: 5 })

/** The same entry, its name in a header before it. */
const longNamed =
  (style: 'pax' | 'gnu') =>
  (entry: TarFile): readonly TarFile[] =>
    style === 'pax'
      ? [
          {
            ...entry,
            type: typeOf(entry),
            name: 'harmless',
            pax: { path: entry.name, ...(entry.link === undefined ? {} : { linkpath: entry.link }) },
          },
        ]
      : [
          { name: '././@LongLink', type: 'L', format: 'gnu', data: `${entry.name}\0` },
          { ...entry, type: typeOf(entry), name: 'harmless', format: 'gnu' },
        ]
const typeOf = ({ type, name, link }: TarFile): string => type ?? (link !== undefined ? '2' : name.endsWith('/') ? '5' : '0')

const archive = fc
  .tuple(files, fc.constantFrom('plain', 'plain', 'pax', 'gnu', 'behind the end', 'no end', 'one block of zeros', 'cut'), files)
  .map(([given, how, more]) => {
    if (how === 'pax' || how === 'gnu') return tar(given.flatMap(longNamed(how)))
    const bytes = Buffer.concat(given.map(tarEntry))
    if (how === 'behind the end') return Buffer.concat([bytes, zeroBlocks(2), tar(more)])
    if (how === 'one block of zeros') return Buffer.concat([bytes, zeroBlocks(1), tar(more)])
    if (how === 'no end') return bytes
    return how === 'cut' ? tar(given).subarray(0, -1100) : tar(given)
  })

const skippable = Buffer.from('502a4d1803000000616263', 'hex')
const bytes = fc
  .tuple(
    archive,
    fc.array(fc.nat(4000), { maxLength: 2 }),
    fc.constantFrom('gzip', 'gzip', 'gzip', 'zstd', 'zstd', 'zstd, skipped frames', 'none', 'gzip and more', 'gzip, cut'),
  )
  .map(([whole, cuts, how]) => {
    const places = [0, ...cuts.map(cut => cut % (whole.length + 1)).sort((a, b) => a - b), whole.length]
    const parts = places.slice(1).map((end, index) => whole.subarray(places[index], end))
    if (how === 'none') return whole
    if (how === 'gzip and more') return Buffer.concat([gzipSync(whole), Buffer.from('more')])
    if (how === 'gzip, cut') return gzipSync(whole).subarray(0, -3)
    if (how === 'gzip') return Buffer.concat(parts.map(part => gzipSync(part)))
    return Buffer.concat(parts.flatMap(part => (how === 'zstd' ? [zstdCompressSync(part)] : [skippable, zstdCompressSync(part)])))
  })

const layer = fc.oneof({ weight: 4, arbitrary: files }, { weight: 1, arbitrary: bytes })
const empty = fc.constantFrom<readonly TarFile[] | Buffer>([], gzipSync(tar([])), gzipSync(''), zstdCompressSync(''), zeroBlocks(2))
/** Often what an answer needs, in the way of an image builder. */
const top = fc
  .tuple(fc.subarray(['copier', 'shell', 'plugins', 'opaque'] as const), files)
  .map(([parts, more]): readonly TarFile[] => [
    ...(parts.includes('copier') ? [{ name: 'bin/' }, file('bin/cp'), file('bin/cp-plugin')] : []),
    ...(parts.includes('shell') ? [{ name: 'bin/' }, file('bin/sh')] : []),
    ...(parts.includes('plugins') ? [{ name: 'plugins/' }, file('plugins/a')] : []),
    ...(parts.includes('opaque') ? [{ name: 'plugins/' }, { name: 'plugins/.wh..wh..opq', data: '' }] : []),
    ...more,
  ])
const layers = fc
  .tuple(
    fc.array(fc.oneof({ weight: 6, arbitrary: layer }, { weight: 1, arbitrary: empty }), { maxLength: 3 }),
    top,
    fc.option(empty, { freq: 5 }),
    fc.nat(30),
  )
  .map(([lower, upper, highest, many]) => [
    ...Array.from({ length: many === 30 ? 40 : 0 }, () => []),
    ...lower,
    upper,
    ...(highest === null ? [] : [highest]),
  ])

type Lie = NonNullable<Trap['lie']>
const lies = fc
  .tuple(fc.nat(20), fc.constantFrom('left out', 'twice', 'renamed', 'executable', 'first', 'another type', 'offset', 'longer'), fc.nat(20))
  .map(
    ([at, how, other]): Lie =>
      lines => {
        const index = at % Math.max(1, lines.length)
        const line = lines[index]
        if (line === undefined) return lines
        const rest = lines.filter(one => one !== line)
        if (how === 'left out') return rest
        if (how === 'twice') return [...lines, line]
        if (how === 'first') return [line, ...rest]
        const change = {
          renamed: { name: lines[other % lines.length]!.name },
          executable: { mode: 0o755 },
          'another type': { type: ['reg', 'dir', 'symlink', 'hardlink', 'chunk', 'fifo'][other % 6], linkName: 'a' },
          offset: { offset: other },
          longer: { size: Number(line.size ?? 0) + 1 },
        }[how]
        return lines.map(one => (one === line ? { ...one, ...change } : one))
      },
  )
/** Of what no table has a line for, ours has another one. */
const hasNoLine = (given: Trap['layers'][number]): boolean => !Buffer.isBuffer(given) && given.some(({ type }) => type === 'g')

/** Where the group of a user who is a number does not matter, it may stay unknown. */
const withoutGroup = (truth: Answer, { told }: Answer): Answer => {
  if ('refused' in told || 'refused' in truth.told || told.said.user.gid !== undefined) return truth
  const { gid: _, ...user } = truth.told.said.user
  return { ...truth, told: { said: { ...truth.told.said, user } } }
}

/** More images than a run of all tests has time for: RUNS=5000 SEED=1. */
const { RUNS: runs, SEED: seed } = process.env

describe('the answer of an image, by any way through the code', () => {
  it('is the one of reading every layer, or says on what else it rests', async () => {
    const seen = { refused: 0, files: 0, unread: 0, declared: 0, differing: 0 }
    await fc.assert(
      fc.asyncProperty(
        layers,
        fc.constantFrom(...entrypoints),
        fc.constantFrom(undefined, undefined, '0', '65532', '5:6', 'app'),
        fc.option(lies, { freq: 4 }),
        async (given, command, user, lie) => {
          const made = given.some(hasNoLine)
          const trap: Trap = { layers: given, plugins: [], ...(lie !== null ? { lie } : made ? { lie: lines => lines } : {}) }
          const truth = await takeWay(await writeTrap(trap, plainLayer, command, user), { prove: true })
          if ('refused' in truth.told) seen.refused++
          else if (truth.told.said.files.length > 0) seen.files++
          const shared = memoryCache()
          for (const [name, [write, way]] of Object.entries(ways)) {
            const image = await writeTrap(trap, write, command, user)
            const own = memoryCache()
            for (const [run, cache] of [
              ['no cache', undefined],
              ['first run', own],
              ['second run', own],
              ['the cache of other ways', shared],
            ] as const) {
              const answer = await takeWay(image, { ...way, ...(cache && { cache }) })
              const title = `${name}, ${run}`
              const said = 'said' in answer.told ? answer.told.said : undefined
              if (said?.proven === 'upperLayers') seen.unread++
              if (said?.proven === 'declared') {
                seen.declared++
                expect(answer.findings, title).to.include('warn BINARIES_DECLARED')
              }
              if (maySayElse(answer, truth, trap)) seen.differing++
              else expect(comparable(answer), title).to.deep.equal(comparable(withoutGroup(truth, answer)))
              if (run === 'second run' && said !== undefined) expect(answer.fetchedBytes, title).to.equal(0)
            }
          }
        },
      ),
      { numRuns: Number(runs ?? 100), ...(seed === undefined ? {} : { seed: Number(seed) }) },
    )
    if (runs !== undefined) console.log(seen)
    // Else this test would prove nothing
    for (const [what, count] of Object.entries(seen)) expect(count, what).to.be.above(5)
  }).timeout(600_000)
})
