import { writeFileSync } from 'node:fs'
import { cpus, loadavg } from 'node:os'
import { parseOptions } from './options.ts'
import { cleanUp } from './processes.ts'
import { airgap } from './rows/airgap.ts'
import { binaries } from './rows/binaries.ts'
import { hundred, image, registryImages } from './rows/image.ts'
import { largeLayer } from './rows/large-layer.ts'
import type { Rows } from './rows/row.ts'
import { shellLoop } from './rows/shell-loop.ts'
import { signatures, verifyCommand, verifyOne } from './rows/signatures.ts'
import { cache, tablesOfContents } from './rows/sources.ts'
import { standAlone } from './rows/stand-alone.ts'
import { start } from './rows/start.ts'
import { prepare } from './setting.ts'
import { document, type Row, skipped, table } from './table.ts'

const groups: readonly Rows[] = [
  start,
  standAlone,
  image,
  hundred,
  registryImages,
  binaries,
  tablesOfContents,
  cache,
  shellLoop,
  verifyOne,
  signatures,
  verifyCommand,
  largeLayer,
  airgap,
]

process.once('exit', cleanUp)
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(1))

const options = parseOptions(process.argv.slice(2))
const chosen = groups.filter(({ name }) => options.only.length === 0 || options.only.some(only => name.startsWith(only)))
const setting = await prepare(options)
const loadBefore = loadavg()[0]!
const rows: Row[] = []
for (const group of chosen) {
  process.stderr.write(`measuring: ${group.name}\n`)
  try {
    rows.push(...(await group.measure(setting)))
  } catch (error) {
    rows.push(skipped(group.name, `it failed: ${error instanceof Error ? error.message.replaceAll(/\s+/g, ' ') : String(error)}`))
    process.exitCode = 1
  }
}
const { runs, scale, delayMs } = options
const about = {
  node: process.versions.node,
  processors: cpus().length,
  registry: setting.registry.name,
  roundTripMs: 2 * delayMs,
  imagesMB: Math.round(setting.imagesBytes / 1e5) / 10,
  runs,
  scale,
  /** Of the last minute; well above one for each processor: others worked here too, and what costs work looks dearer than it is. */
  load: [loadBefore, loadavg()[0]!].map(value => Math.round(value * 10) / 10),
}
const json = `${JSON.stringify(document(rows, about), null, 2)}\n`
process.stdout.write(`${table(rows)}\n`)
if (options.json === undefined) process.stdout.write(json)
else writeFileSync(options.json, json)
process.exit()
