import type { Finding, NotChecked, Result, Status } from '../../outcome.ts'
import { withoutName } from '../plain-text.ts'
import { detailsOf, type Subject, wholeTitle } from '../subjects.ts'
import { type Content, element, type Html, isWebAddress } from './element.ts'

const words = { pass: 'PASS', warn: 'WARN', fail: 'FAIL', none: 'UNCHECKED' } as const

export const badge = (status: Status | 'none'): Html => element('span', { class: `badge ${status}` }, words[status])

const titleOf = (subject: Subject): string => subject.name ?? wholeTitle(subject)

/** By number: a plugin may have any name. */
const idOf = (index: number, check?: string): string =>
  `s${index}${check === undefined ? '' : `-${check.replace(/[^A-Za-z0-9]/g, '').slice(0, 40)}`}`

/** A row for each plugin, a column for each check, each cell a way to what is said there. */
export const matrix = (subjects: readonly Subject[]): Html => {
  const checks = [...new Set(subjects.flatMap(({ results, notChecked }) => [...results, ...notChecked].map(({ check }) => check)))]
  const row = (subject: Subject, index: number) =>
    element(
      'tr',
      {},
      element('th', { scope: 'row' }, element('a', { href: `#${idOf(index)}` }, titleOf(subject))),
      checks.map(check => element('td', {}, cellOf(subject, index, check))),
    )
  return element(
    'table',
    {},
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        element('th', { scope: 'col' }, 'Plugin'),
        checks.map(check => element('th', { scope: 'col' }, check)),
      ),
    ),
    element('tbody', {}, subjects.map(row)),
  )
}

const cellOf = ({ results, notChecked }: Subject, index: number, check: string): Content => {
  const status =
    results.find(result => result.check === check)?.status ?? (notChecked.some(one => one.check === check) ? 'none' : undefined)
  return status === undefined ? '' : element('a', { href: `#${idOf(index, check)}` }, badge(status))
}

const evidenceList = (lines: readonly string[]): Content =>
  lines.length === 0
    ? ''
    : element(
        'ul',
        { class: 'evidence' },
        lines.map(line => element('li', {}, line)),
      )

const otherFinding = ({ status, code, message, evidence = [] }: Finding, plugin: string | undefined): Html =>
  element(
    'div',
    { class: 'other' },
    badge(status),
    element('span', { class: 'message' }, withoutName(message, plugin)),
    element('div', { class: 'code' }, code),
    evidenceList(evidence),
  )

const unfoldable = (result: Result): Content => {
  const { evidence, others } = detailsOf(result, { passes: true })
  const count = evidence.length + others.length
  if (count === 0) return ''
  const head = element(
    'summary',
    {},
    evidence.length === 0 ? 'More findings' : others.length === 0 ? 'Evidence' : 'Evidence and more findings',
  )
  const body = [evidenceList(evidence), ...others.map(finding => otherFinding(finding, result.plugin))]
  return element('details', { open: result.status !== 'pass' }, head, body)
}

/** A link where it is one: what a spec calls a uri may be anything. */
const linkOf = ({ uri }: Result): Content => {
  if (uri === undefined) return ''
  return element('div', {}, isWebAddress(uri) ? element('a', { href: uri, rel: 'noreferrer noopener' }, uri) : element('code', {}, uri))
}

const resultRow = (result: Result, index: number): Html => {
  const { status, check, code, message, plugin, accepted } = result
  return element(
    'div',
    { class: `result ${status}`, id: idOf(index, check) },
    element('div', {}, badge(status)),
    element('div', { class: 'check' }, check),
    element(
      'div',
      {},
      element('p', { class: 'message' }, withoutName(message, plugin)),
      element('div', { class: 'code' }, code, accepted === true ? ' · accepted' : ''),
      linkOf(result),
      unfoldable(result),
    ),
  )
}

const notCheckedRow = ({ check, why }: NotChecked, index: number): Html =>
  element(
    'div',
    { class: 'result none', id: idOf(index, check) },
    element('div', {}, badge('none')),
    element('div', { class: 'check' }, check),
    element('div', {}, element('p', { class: 'message' }, 'Not checked: ', why)),
  )

export const section = (subject: Subject, index: number): Html =>
  element(
    'section',
    { class: 'card subject', id: idOf(index), 'aria-labelledby': `${idOf(index)}-title` },
    element(
      'div',
      { class: 'head' },
      element(
        'div',
        {},
        element('h2', { id: `${idOf(index)}-title` }, titleOf(subject)),
        subject.image === undefined ? '' : element('div', { class: 'image' }, element('code', {}, subject.image)),
      ),
      element('label', { class: 'unfold' }, element('input', { type: 'checkbox' }), ' All evidence'),
    ),
    subject.results.map(result => resultRow(result, index)),
    subject.notChecked.map(one => notCheckedRow(one, index)),
  )
