import { createHash } from 'node:crypto'
import type { Report } from '../outcome.ts'
import { type Content, element, type Html } from './html/element.ts'
import { badge, matrix, section } from './html/sections.ts'
import { style } from './html/style.ts'
import type { ReportContext, Reporter } from './reporter.ts'
import { countOf, errorText, subjectsOf, summaryOf, verdictOf } from './subjects.ts'

/** Nothing is loaded and nothing runs: this one style sheet, named by its digest, is all that a browser may use (CSP 3). */
const contentPolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`

const whence = { flag: '', nodes: ' (of the nodes)', default: ' (by default)' } as const

const fact = (name: string, value: Content): Html => element('div', {}, element('dt', {}, name), element('dd', {}, value))

const head = (report: Report, { subject, platforms, platformsFrom = 'flag', collectedAt, version }: ReportContext): Html => {
  const { status, words } = verdictOf(report)
  return element(
    'header',
    { class: `card ${status}` },
    element('p', { class: 'product' }, 'velero-plugin-preflight'),
    element('h1', {}, words),
    element(
      'dl',
      { class: 'facts' },
      fact('Result', summaryOf(report)),
      subject === '' ? '' : fact('Checked', element('code', {}, subject)),
      platforms.length === 0 ? '' : fact('Platforms', `${platforms.join(', ')}${whence[platformsFrom]}`),
      collectedAt === undefined ? '' : fact('Collected', element('time', { datetime: collectedAt }, timeWords(collectedAt))),
      fact('Version', version),
    ),
    report.error === undefined ? '' : element('p', { class: 'error', role: 'alert' }, errorText(report.error)),
  )
}

const timeWords = (time: string): string => time.replace(/^(\d{4}-\d\d-\d\d)T(\d\d:\d\d):\d\d(?:\.\d+)?Z$/, '$1 $2 UTC')

const filter = (report: Report): Html => {
  const choice = (id: string, words: string, count: number, shown: Content, checked: boolean) => [
    element('input', { type: 'radio', name: 'only', id: `only-${id}`, checked, disabled: count === 0 && !checked }),
    element('label', { for: `only-${id}` }, shown, words, ' ', element('b', {}, String(count))),
  ]
  const dot = (status: string) => element('span', { class: `dot ${status}`, 'aria-hidden': 'true' })
  const left = report.notChecked.length
  return element(
    'fieldset',
    {},
    element('legend', {}, 'Show'),
    choice('all', 'All', report.results.length + left, '', true),
    choice('fail', 'Failed', countOf(report, 'fail'), dot('fail'), false),
    choice('warn', 'Warned', countOf(report, 'warn'), dot('warn'), false),
    choice('pass', 'Passed', countOf(report, 'pass'), dot('pass'), false),
    choice('none', 'Not checked', left, dot('none'), false),
  )
}

/** One page that stands alone: to be mailed, kept, printed; it asks nobody for anything. */
export const html: Reporter = (report, context) => {
  const subjects = subjectsOf(report, context.images)
  const { words } = verdictOf(report)
  const page = element(
    'html',
    { lang: 'en' },
    element(
      'head',
      {},
      element('meta', { charset: 'utf-8' }),
      element('meta', { 'http-equiv': 'Content-Security-Policy', content: contentPolicy }),
      element('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      element('meta', { name: 'referrer', content: 'no-referrer' }),
      element('title', {}, `Velero plugins: ${words}`),
      element('style', {}, { html: style }),
    ),
    element(
      'body',
      {},
      element(
        'div',
        { class: 'page' },
        head(report, context),
        element(
          'main',
          {},
          subjects.length === 0 ? '' : [element('div', { class: 'card scroll' }, matrix(subjects)), filter(report)],
          subjects.map(section),
        ),
        element(
          'footer',
          {},
          subjects.length === 0 ? '' : [badge('none'), ' a check that could not be made or has its cause in another one; it is no pass. '],
          `velero-plugin-preflight ${context.version}`,
        ),
      ),
    ),
  )
  return `<!doctype html>\n${page.html}\n`
}
