import { createHash } from 'node:crypto'
import { type Finding, type Report, type Result, type RunError, withHint } from '../outcome.ts'
import { plainText } from './plain-text.ts'
import type { ReportContext, Reporter } from './reporter.ts'
import { locationsOf } from './sarif/locations.ts'
import { ruleIdOf, rulesOf } from './sarif/rules.ts'

/** GitHub shows no more of one run, and refuses five times as many. */
const maxResults = 5000

const levels = { pass: 'none', warn: 'warning', fail: 'error' } as const

/** One finding with the result that it stands in; also an error of the run. */
interface Said {
  readonly check: string
  readonly plugin?: string | undefined
  readonly finding: Finding
}

/** What is a pass needs no alert, and some readers would make one of it. */
const saidOf = ({ check, plugin, findings, status, code, message }: Result): readonly Said[] => {
  const open = findings.filter(finding => finding.status !== 'pass')
  // A spec's outcomes may fail what no finding does.
  const own = open.some(finding => finding.status === status) || status === 'pass' ? [] : [{ status, code, message }]
  return [...own, ...open].map(finding => ({ check, plugin, finding }))
}

const errorOf = (error: RunError): Said => ({
  check: 'run',
  finding: { status: 'fail', code: error.code, message: withHint(error) },
})

/**
 * The same for the same problem of the same plugin in every run, wherever in the Config it then stands. GitHub takes this name
 * alone, and compares `hash:count`.
 */
const fingerprints = (said: readonly Said[]): readonly string[] => {
  const seen = new Map<string, number>()
  return said.map(({ check, plugin = '', finding }) => {
    const hash = createHash('sha256')
      .update(JSON.stringify([check, plugin, finding.code]))
      .digest('hex')
      .slice(0, 32)
    seen.set(hash, (seen.get(hash) ?? 0) + 1)
    return `${hash}:${seen.get(hash)}`
  })
}

/** A viewer makes links of `[text](address)` (SARIF 2.1.0, 3.11.6); none of ours has one. */
const messageText = (text: string): string => plainText(text).replaceAll('](', '] (')

const resultOf = ({ check, plugin, finding }: Said, fingerprint: string, ruleIndex: number, context: ReportContext) => ({
  ruleId: ruleIdOf({ check, code: finding.code }),
  ruleIndex,
  level: levels[finding.status],
  message: { text: messageText([finding.message, ...(finding.evidence ?? []).map(line => `- ${line}`)].join('\n')) },
  locations: locationsOf(finding, plugin, context),
  partialFingerprints: { primaryLocationLineHash: fingerprint },
  ...(finding.accepted === true ? { suppressions: [{ kind: 'external', justification: 'taken with --accept' }] } : {}),
  properties: { check, ...(plugin === undefined ? {} : { plugin: plainText(plugin) }) },
})

/** That something was not checked is no problem of the image, but nobody may take it for a pass. */
const notificationsOf = (report: Report, left: number) => {
  const { notChecked, error } = report
  return [
    ...(error === undefined ? [] : [{ level: 'error', message: { text: messageText(errorOf(error).finding.message) } }]),
    ...notChecked.map(({ check, plugin, why }) => ({
      level: 'warning',
      message: { text: messageText(`${plugin === undefined ? '' : `${plugin}: `}the check ${check} was not made. ${why}`) },
    })),
    ...(left > 0 ? [{ level: 'error', message: { text: `${left} more results are not in this file; see --format json.` } }] : []),
  ]
}

/** SARIF 2.1.0, with the parts that GitHub's code scanning reads, and within its limits. */
export const sarif: Reporter = (report, context) => {
  const all = [...(report.error === undefined ? [] : [errorOf(report.error)]), ...report.results.flatMap(saidOf)]
  const rank = ({ finding }: Said) => (finding.status === 'fail' ? 0 : 1)
  const said = all.toSorted((a, b) => rank(a) - rank(b)).slice(0, maxResults)
  const rules = rulesOf(
    said.map(({ check, finding }) => ({ check, code: finding.code })),
    context,
  )
  const index = new Map(rules.map(({ id }, at) => [id, at]))
  const prints = fingerprints(said)
  const run = {
    tool: { driver: { name: 'velero-plugin-preflight', version: context.version, semanticVersion: context.version, rules } },
    columnKind: 'utf16CodeUnits',
    invocations: [
      {
        executionSuccessful: report.error === undefined,
        ...(context.collectedAt === undefined ? {} : { endTimeUtc: context.collectedAt }),
        toolExecutionNotifications: notificationsOf(report, all.length - said.length),
      },
    ],
    results: said.map((one, at) =>
      resultOf(one, prints[at] ?? '', index.get(ruleIdOf({ check: one.check, code: one.finding.code })) ?? 0, context),
    ),
  }
  const document = { $schema: 'https://json.schemastore.org/sarif-2.1.0.json', version: '2.1.0', runs: [run] }
  return `${JSON.stringify(document, null, 2)}\n`
}
