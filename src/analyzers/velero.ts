import { PreflightError } from '../errors.ts'
import type { BinariesFact } from '../facts/binaries.ts'
import type { SeenVelero } from '../facts/velero.ts'
import type { AnalyzeInput, Analyzer, Judgement } from './analyzer.ts'
import { veleroCheck } from './velero/check.ts'
import { containerOf, isLoaded, pluginFindings } from './velero/plugin.ts'
import { serverFindings } from './velero/server.ts'
import { type Situation, situationOf } from './velero/situation.ts'

/** Whether the running Velero has loaded each declared plugin, and if not, why. */
export const velero: Analyzer<'velero'> = {
  ...veleroCheck,
  analyze: input => {
    const situation = situationOf(seenOf(input), filesIn(input))
    const containers = situation.fact.deployment?.initContainers ?? []
    const others = new Map(
      input.plugins.flatMap(plugin => {
        const container = containerOf(plugin, containers)
        return container === undefined ? [] : [[container.name, plugin.plugin] as const]
      }),
    )
    const whole = serverFindings(situation, others)
    return [
      ...(whole.length === 0 ? [] : [{ findings: whole, values: valuesOf(situation, false) }]),
      ...input.plugins.map((plugin): Judgement => {
        const findings = pluginFindings(plugin, situation, others)
        return { plugin: plugin.plugin, findings, values: valuesOf(situation, isLoaded(findings)) }
      }),
    ]
  },
}

/** @throws PreflightError FACT_MISSING, or why it could not be collected */
const seenOf = (input: AnalyzeInput): SeenVelero => {
  const [fact] = input.read('velero')
  if (fact === undefined) throw new PreflightError('FACT_MISSING', 'No cluster was read.', { hint: 'Collect with --from-cluster.' })
  if (fact.ok) return fact
  throw new PreflightError(fact.code, fact.message, { hint: fact.hint })
}

/** What images copy, where the check binaries was made beside. */
const filesIn = (input: AnalyzeInput): ((image: string) => readonly string[] | undefined) => {
  let facts: readonly BinariesFact[] = []
  try {
    facts = input.read('binaries')
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
  }
  return image => {
    const copied = facts.flatMap(fact =>
      fact.ok && fact.image === image && fact.filesFrom === 'target' && fact.copy.state === 'done' && fact.moreFiles === 0 ? [fact] : [],
    )
    return copied.length === 0
      ? undefined
      : [...new Set(copied.flatMap(({ files }) => files.filter(({ kind }) => kind !== 'directory').map(({ path }) => path)))]
  }
}

const valuesOf = ({ state, log, server }: Situation, loaded: boolean): Judgement['values'] => ({
  loaded,
  runs: state === 'runs',
  server: log?.version ?? '',
  restarts: server?.restarts ?? 0,
})
