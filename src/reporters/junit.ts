import { type Finding, type NotChecked, type Result, type RunError, withHint } from '../outcome.ts'
import { plainText } from './plain-text.ts'
import type { Reporter } from './reporter.ts'
import { type Subject, subjectsOf, wholeTitle } from './subjects.ts'

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** XML 1.0 (section 2.2) has no way to write most control characters: they are shown as text. */
const escaped = (text: string): string => plainText(text).replace(/[&<>"']/g, character => entities[character] ?? '')

/** A reader may turn a plain line break of an attribute into a space (XML 1.0, 3.3.3). */
const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value)).replaceAll('\n', '&#10;')}"`)
    .join('')

const element = (name: string, values: Readonly<Record<string, string | number>>, content = ''): string =>
  content === '' ? `<${name}${attributes(values)}/>` : `<${name}${attributes(values)}>${content}</${name}>`

/** How a test case ended, as the counts of its suite have it. */
type Ending = 'passed' | 'failures' | 'errors' | 'skipped'

interface Case {
  readonly ending: Ending
  readonly xml: string
}

const findingText = ({ status, code, message, evidence = [], accepted }: Finding): string =>
  [`${status}${accepted === true ? ' (accepted)' : ''} ${code}: ${message}`, ...evidence.map(line => `- ${line}`)].join('\n')

/** Nothing here has a time of its own, and some readers want one. */
const caseOf = (suite: string, name: string, ending: Ending, content: string): Case => ({
  ending,
  xml: `    ${element('testcase', { classname: suite, name, time: 0 }, content)}`,
})

const resultCase = (suite: string, { check, status, code, message, findings }: Result): Case => {
  const all = escaped(findings.map(findingText).join('\n'))
  if (status === 'fail') return caseOf(suite, check, 'failures', element('failure', { message, type: code }, all))
  return caseOf(suite, check, 'passed', element('system-out', {}, all))
}

const skippedCase = (suite: string, { check, why }: NotChecked): Case =>
  caseOf(suite, check, 'skipped', element('skipped', { message: why }))

const errorCase = (suite: string, error: RunError): Case => {
  const text = withHint(error)
  return caseOf(suite, 'run', 'errors', element('error', { message: text, type: error.code }, escaped(text)))
}

const countsOf = (cases: readonly Case[]) => {
  const count = (ending: Ending) => cases.filter(one => one.ending === ending).length
  return { tests: cases.length, failures: count('failures'), errors: count('errors'), skipped: count('skipped'), time: 0 }
}

/**
 * JUnit's XML as GitLab, Jenkins and the test reports for GitHub read it: a suite for the Config and one for each plugin, a test
 * case for each check. A fail is a failure, what was not checked is skipped, why a run could not go on is an error. The format has
 * no warnings: a warn passes, with what it says as the output of the case.
 */
export const junit: Reporter = (report, { images, collectedAt }) => {
  const at = collectedAt === undefined ? {} : { timestamp: collectedAt }
  const suites = [
    ...subjectsOf(report, images).map((subject): readonly [string, readonly Case[]] => [nameOf(subject), casesOf(subject)]),
    ...(report.error === undefined ? [] : [['run', [errorCase('run', report.error)]] as const]),
  ]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'velero-plugin-preflight', ...countsOf(suites.flatMap(([, cases]) => cases)) })}>`,
    ...suites.flatMap(([name, cases]) => [
      `  <testsuite${attributes({ name, ...countsOf(cases), ...at })}>`,
      ...cases.map(({ xml }) => xml),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n')
}

const nameOf = (subject: Subject): string => subject.name ?? wholeTitle(subject)

const casesOf = (subject: Subject): readonly Case[] => {
  const suite = nameOf(subject)
  return [...subject.results.map(result => resultCase(suite, result)), ...subject.notChecked.map(one => skippedCase(suite, one))]
}
