import type { Report, Result, Status } from '../outcome.ts'

const severities = { pass: 'debug', warn: 'warn', fail: 'error' } as const satisfies Record<Status, string>

/** troubleshoot's `analysis.json` (replicatedhq/troubleshoot v0.131.1, pkg/convert/supportbundle.go): its readers show these. */
export const analysisDocument = ({ results }: Report): string => `${JSON.stringify(results.map(insightOf), null, 4)}\n`

const insightOf = ({ title, message, status }: Result, index: number) => {
  const severity = severities[status]
  const name = title.toLowerCase().replace(/[^a-z0-9]+/g, '.')
  const labels = { iconKey: '', iconUri: '' }
  return {
    name,
    labels: { desiredPosition: String(index + 1), ...labels },
    insight: { name, labels, primary: title, detail: message, severity },
    severity,
    analyzerSpec: '',
    ...(status === 'fail' ? { error: message } : {}),
  }
}
