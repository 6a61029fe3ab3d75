import { PreflightError } from '../errors.ts'
import type { Plugin } from '../facts/fact.ts'
import type { NodeResult, NodesFact } from '../facts/nodes.ts'
import type { Finding } from '../outcome.ts'
import { printable } from '../redact.ts'
import { type Analyzer, type Judgement, reason } from './analyzer.ts'
import { nodesCheck } from './nodes/check.ts'
import { type NodesCode, nodesCodes } from './nodes/codes.ts'

/** What the nodes say, each for itself: of the whole, and of each plugin. */
export const nodes: Analyzer<'nodes'> = {
  ...nodesCheck,
  analyze: input => {
    const facts = input.read('nodes')
    if (facts.length === 0)
      throw new PreflightError('FACT_MISSING', 'No node was asked.', {
        hint: 'Collect with --from-cluster --nodes; the cluster needs Linux nodes.',
      })
    const told = facts.flatMap(fact => (fact.ok ? [fact] : []))
    const silent = facts.flatMap(fact => (fact.ok ? [] : [fact]))
    const common = { nodes: facts.filter(({ node }) => node !== '').length, silent: silent.length }
    return [
      { findings: wholeFindings(told, silent), values: { ...common, failed: 0 } },
      ...(told.length === 0 ? [] : input.plugins.map(plugin => judge(plugin, told, common))),
    ]
  },
}

type Told = Extract<NodesFact, { ok: true }>
type Silent = Extract<NodesFact, { ok: false }>

const finding = (code: NodesCode, message: string, evidence?: readonly string[]): Finding => ({
  status: nodesCodes[code].status,
  code,
  message,
  ...(evidence === undefined ? {} : { evidence }),
})

const maxNames = 10

const names = (all: readonly { readonly node: string }[]): string => {
  const shown = all.slice(0, maxNames).map(({ node }) => printable(node, 80))
  const more = all.length - shown.length
  return `${all.length === 1 ? 'the node' : 'the nodes'} ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`
}

const wholeFindings = (told: readonly Told[], silent: readonly Silent[]): readonly Finding[] => [
  ...silent.map(fact =>
    finding(
      'NODE_SILENT',
      `${fact.node === '' ? 'The nodes' : `The node ${printable(fact.node, 80)}`} could not be asked. ${reason(fact)}`,
    ),
  ),
  ...(told.length === 0
    ? []
    : [
        finding(
          'NODES_TOLD',
          `The checks were made by ${names(told)}.`,
          told.map(
            ({ node, platform, version }) => `${printable(node, 80)}: ${printable(platform, 40)}, version ${printable(version, 40)}`,
          ),
        ),
      ]),
]

/** What every node looks at: only what depends on where it is asked from. */
const expected = ['image', 'pullSecret'] as const

const judge = ({ plugin, image }: Plugin, told: readonly Told[], common: Readonly<Record<string, number>>): Judgement => {
  const name = printable(plugin)
  const results = told.flatMap(fact => resultsOf(fact, plugin).map(result => ({ node: fact.node, ...result })))
  const failed = results.filter(({ status }) => status === 'fail')
  const worse = groups(results.filter(({ status }) => status !== 'pass')).map(([first, all]) =>
    finding(
      first.status === 'fail' ? 'NODES_FAILED' : 'NODES_WARNED',
      `${name}: on ${names(all)}: ${withoutName(first.message, plugin)}`,
      all.map(({ node, check, code }) => `${printable(node, 80)}: ${check} ${first.status} ${printable(code, 60)}`),
    ),
  )
  const missing = told.flatMap(fact => missingOf(fact, plugin, results).map(why => ({ node: fact.node, why })))
  const findings = [
    ...worse,
    ...groups(missing.map(one => ({ ...one, message: one.why }))).map(([first, all]) =>
      finding('NODE_RESULT_MISSING', `${name}: on ${names(all)}: ${first.why}`),
    ),
  ]
  const ok = finding('NODES_OK', `${name}: ${names(told)} can pull ${printable(image)}.`)
  return {
    plugin,
    findings: findings.some(({ status }) => status === 'fail') ? findings : [...findings, ok],
    values: { ...common, failed: new Set(failed.map(({ node }) => node)).size },
  }
}

const resultsOf = ({ results }: Told, plugin: string): readonly NodeResult[] => results.filter(result => result.plugin === plugin)

/** A check that failed may leave another without an object; one that passed may not. */
const missingOf = (
  { node, notChecked }: Told,
  plugin: string,
  results: readonly (NodeResult & { readonly node: string })[],
): readonly string[] => {
  const own = results.filter(result => result.node === node)
  if (own.some(({ status }) => status === 'fail')) return []
  return expected
    .filter(check => !own.some(result => result.check === check))
    .map(check => {
      const why = notChecked.find(one => one.check === check && one.plugin === plugin)?.why
      return why === undefined ? `the check ${check} told nothing.` : `the check ${check} was not made: ${printable(why, 400)}`
    })
}

/** Those that say the same, in the order of the first. */
const groups = <T extends { readonly message: string }>(all: readonly T[]): readonly (readonly [T, readonly T[]])[] =>
  [...Map.groupBy(all, ({ message }) => message).values()].map(group => [group[0]!, group] as const)

const withoutName = (message: string, plugin: string): string => {
  const text = printable(message, 1500)
  const prefix = `${printable(plugin)}: `
  return text.startsWith(prefix) ? text.slice(prefix.length) : text
}
