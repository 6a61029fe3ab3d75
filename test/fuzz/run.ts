import { parseArgs } from 'node:util'
import { fuzz } from './fuzz.ts'

const usage = `Usage: npm run fuzz -- [--runs N] [--seed S] [--only TARGET]

Changes bundles, envelopes, policies and the like in N ways (100,000) that S chooses (the clock), and looks for crashes without a
code, cases that never end, and passes that nothing justifies. Exit 0: none; 1: some; 2: usage.
`

const options = { runs: { type: 'string' }, seed: { type: 'string' }, only: { type: 'string' } } as const

const numberOf = (flag: string, text: string | undefined, otherwise: number): number => {
  const value = text === undefined ? otherwise : Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`${flag} ${text} is not a number`)
}

const main = async (): Promise<number> => {
  let order: { runs: number; seed: number; only: string }
  try {
    const { values } = parseArgs({ options, strict: true })
    order = {
      runs: numberOf('--runs', values.runs, 100_000),
      seed: numberOf('--seed', values.seed, Date.now() % 2 ** 31),
      only: values.only ?? '',
    }
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n\n${usage}`)
    return 2
  }
  const { targets, failures } = await fuzz(order)
  for (const { name, outcomes, slowestMs } of targets) {
    const counted = Object.entries(outcomes).toSorted(([, a], [, b]) => b - a)
    process.stdout.write(`${name} (slowest ${slowestMs} ms): ${counted.map(([word, count]) => `${count} ${word}`).join(', ')}\n`)
  }
  for (const { target, kind, what, input } of failures)
    process.stdout.write(`\n${kind}: ${target}: ${what}\ninput: ${input.slice(0, 20_000)}\n`)
  process.stdout.write(
    `\n${order.runs} runs of seed ${order.seed}: ${failures.length === 0 ? 'nothing found' : `${failures.length} found`}\n`,
  )
  return failures.length === 0 ? 0 : 1
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  return 1
})
