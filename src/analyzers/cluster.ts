import { PreflightError } from '../errors.ts'
import type { ClusterFact } from '../facts/cluster.ts'
import { nodePlatforms } from '../kubernetes/platforms.ts'
import type { AnalyzeInput, Analyzer, Judgement } from './analyzer.ts'
import { clusterCheck } from './cluster/check.ts'
import { clusterFindings } from './cluster/findings.ts'

/** Whether the cluster could be read, and what in it holds for all plugins. */
export const cluster: Analyzer<'cluster'> = {
  ...clusterCheck,
  analyze: input => {
    const facts = input.read('cluster')
    if (facts.length === 0) throw new PreflightError('FACT_MISSING', 'No cluster was read.', { hint: 'Collect with --from-cluster.' })
    return facts.map(fact => judge(input, fact))
  },
}

const judge = ({ platforms }: AnalyzeInput, fact: ClusterFact): Judgement => {
  const refused = fact.calls.flatMap(call => (call.ok ? [] : [call.code]))
  return {
    findings: clusterFindings(fact, platforms),
    values: {
      forbidden: refused.filter(code => code === 'CLUSTER_FORBIDDEN').length,
      failed: refused.filter(code => code !== 'CLUSTER_FORBIDDEN').length,
      nodes: fact.nodes?.length ?? 0,
      platforms: nodePlatforms(fact.nodes ?? []).join(','),
      velero: fact.deployment !== undefined,
      installation: fact.installation?.name ?? '',
    },
  }
}
