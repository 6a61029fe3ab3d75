import { styleText } from 'node:util'
import type { Finding, NotChecked, Report, Result } from '../outcome.ts'
import { printable } from '../redact.ts'
import { plainText, withoutName } from './plain-text.ts'
import type { ReportContext, Reporter } from './reporter.ts'
import { detailsOf, errorText, summaryOf, wholeTitle } from './subjects.ts'
import { wrap as wrapText } from './wrap.ts'

const words = { pass: 'PASS', warn: 'WARN', fail: 'FAIL' } as const
const colours = { pass: 'green', warn: 'yellow', fail: 'red' } as const

/** For which platforms is a question that the user need not have answered. */
const whence = { flag: '', nodes: ", as the cluster's nodes", default: ', by default' } as const

/** Columns of `  FAIL  pullSecret  `. */
const indent = 20

type Style = Parameters<typeof styleText>[0]
const styled = (colour: boolean, style: Style, text: string): string => (colour ? styleText(style, text, { validateStream: false }) : text)

/** Further findings and the evidence; the worst finding's message is the result's own and stands above. Of a pass only when asked. */
const details = (result: Result, { width, verbose }: ReportContext): string[] => {
  const { status, plugin } = result
  if (status === 'pass' && !verbose) return []
  const line = (text: string, mark: string) => wrap(text, width, ' '.repeat(indent + mark.length), `${' '.repeat(indent)}${mark}`)
  const evidence = (finding: Finding) => (finding.evidence ?? []).flatMap(text => line(text, '- '))
  const { evidence: own, others } = detailsOf(result, { passes: verbose })
  return [
    ...own.flatMap(text => line(text, '- ')),
    ...others.flatMap(finding => [...line(withoutName(finding.message, plugin), `${words[finding.status]}: `), ...evidence(finding)]),
  ]
}

/** Whatever would drive the terminal is not let through. */
const wrap: typeof wrapText = (text, ...how) => wrapText(plainText(text), ...how)

/** Names and images are as they stand in a file: none of them may drive the terminal, or look like a line of ours. */
const shown = (text: string, limit?: number): string => printable(text, limit)

/** A name that is longer than its column keeps its distance. */
const label = (check: string): string => `${check.padEnd(indent - 9)} `

const resultLines = (result: Result, context: ReportContext): string[] => {
  const { width, colour } = context
  const word = styled(colour, ['bold', colours[result.status]], words[result.status])
  const [head = '', ...rest] = wrap(
    `${result.accepted === true ? '(accepted) ' : ''}${withoutName(result.message, result.plugin)}`,
    width,
    ' '.repeat(indent),
    ' '.repeat(indent),
  )
  const more = details(result, context).map(line => styled(colour, 'dim', line))
  const link = result.uri === undefined ? [] : [`${' '.repeat(indent)}${shown(result.uri, 1000)}`]
  return [`  ${word}  ${label(result.check)}${head.slice(indent)}`, ...rest, ...more, ...link]
}

const notCheckedLines = ({ check, why }: NotChecked, { width, colour }: ReportContext): string[] => {
  const [head = '', ...rest] = wrap(`not checked: ${why}`, width, ' '.repeat(indent), ' '.repeat(indent))
  return [`  ${styled(colour, 'bold', '--')}    ${label(check)}${head.slice(indent)}`, ...rest]
}

/** `velero-mysql: image, pullSecret`: where to scroll to. */
const failures = (report: Report): string[] => {
  const { results } = report
  const failed = results.filter(({ status }) => status === 'fail')
  const names = [...new Set(failed.map(({ plugin }) => plugin))]
  return names.map(
    name =>
      `  ${name === undefined ? wholeTitle(report) : shown(name)}: ${failed
        .filter(({ plugin }) => plugin === name)
        .map(({ check }) => check)
        .join(', ')}`,
  )
}

/** For people: a block for the Config and one for each plugin, worst news in full sentences. */
export const human: Reporter = (report, context) => {
  const { colour, images, platforms, platformsFrom = 'flag', subject, version } = context
  const head = `velero-plugin-preflight ${version}: ${shown(subject, 400)}${platforms.length > 0 ? ` (${platforms.join(', ')}${whence[platformsFrom]})` : ''}`
  const names = [...new Set([...report.results, ...report.notChecked].map(({ plugin }) => plugin))]
  const blocks = names.map(name => {
    const image = name === undefined ? undefined : images[name]
    const title =
      name === undefined
        ? wholeTitle(report)
        : `${shown(name)}${image === undefined ? '' : `  ${styled(colour, 'dim', shown(image, 400))}`}`
    return [
      '',
      styled(colour, 'bold', title),
      ...report.results.filter(({ plugin }) => plugin === name).flatMap(result => resultLines(result, context)),
      ...report.notChecked.filter(({ plugin }) => plugin === name).flatMap(item => notCheckedLines(item, context)),
    ]
  })
  const { error } = report
  const failed = failures(report)
  const end = error === undefined ? [] : ['', ...wrap(errorText(error), context.width, '', '')]
  return `${[head, ...blocks.flat(), ...end, '', `${summaryOf(report)}${failed.length > 0 ? ':' : ''}`, ...failed].join('\n')}\n`
}
