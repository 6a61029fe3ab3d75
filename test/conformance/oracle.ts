import { existsSync, readFileSync } from 'node:fs'
import type { Context } from 'mocha'

const folder = new URL('../../../shared/conformance/oracles/', import.meta.url)

/** The rows of an oracle (`../shared/conformance/oracles/<name>.jsonl`); undefined when the folder is not there. */
export const oracle = <Row>(name: string): readonly Row[] | undefined => {
  const file = new URL(`${name}.jsonl`, folder)
  if (!existsSync(file)) return undefined
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(line => line !== '')
    .map(line => JSON.parse(line) as Row)
}

/** Skips the test with its reason when there are no rows. */
export const rowsOrSkip = <Row>(test: Context, rows: readonly Row[] | undefined): readonly Row[] => {
  if (rows !== undefined) return rows
  console.log('      skipped: ../shared/conformance is not there')
  return test.skip()
}
