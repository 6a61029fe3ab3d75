import * as v from 'valibot'
import { analyzers } from '../../src/analyze.ts'
import type { CheckKind } from '../../src/facts.ts'

/** What our files look like, for editors and for readers of our output; the strict word on a spec has `parseSpec`. */

const text = v.string()
const boolOrString = v.pipe(v.union([v.boolean(), v.picklist(['true', 'false'])]), v.description('true or false'))
const kinds = Object.keys(analyzers) as CheckKind[]

const decision = v.strictObject({
  when: v.optional(v.pipe(text, v.description('`value operator literal`; absent: always. The last outcome has none.'))),
  message: v.pipe(text, v.description('May have fields: {{ .plugin }}, {{ .message }}, and the values of the check.')),
  uri: v.optional(text),
})
const outcome = v.union([v.strictObject({ fail: decision }), v.strictObject({ warn: decision }), v.strictObject({ pass: decision })])

const analyzer = (kind: CheckKind) =>
  v.pipe(
    v.strictObject({
      checkName: v.optional(v.pipe(text, v.description('Title of its results.'))),
      collectorName: v.optional(text),
      exclude: v.optional(boolOrString),
      strict: v.optional(boolOrString),
      annotations: v.optional(v.record(text, text)),
      outcomes: v.optional(v.pipe(v.array(outcome), v.minLength(1), v.description('The first whose `when` holds decides.'))),
    }),
    v.description(
      `${analyzers[kind].title}. Values for \`when\`: ${[...Object.keys(analyzers[kind].values), 'status', 'code', 'message', 'check', 'plugin'].join(', ')}.`,
    ),
  )
const collector = v.strictObject({ collectorName: v.optional(text), exclude: v.optional(boolOrString) })

const analyzerList = v.array(v.union(kinds.map(kind => v.strictObject({ [kind]: v.nullable(analyzer(kind)) }))))
const collectorList = v.array(v.union(kinds.map(kind => v.strictObject({ [kind]: v.nullable(collector) }))))

export const specSchema = v.object({
  apiVersion: v.picklist(['velero-plugin-preflight/v1beta1', 'troubleshoot.sh/v1beta2', 'troubleshoot.sh/v1beta3']),
  kind: v.picklist(['Preflight', 'HostPreflight', 'SupportBundle']),
  metadata: v.optional(v.looseObject({ name: v.optional(text) })),
  spec: v.strictObject({
    collectors: v.optional(collectorList),
    hostCollectors: v.optional(collectorList),
    analyzers: v.optional(analyzerList),
    hostAnalyzers: v.optional(analyzerList),
  }),
})

const finding = v.strictObject({
  status: v.picklist(['pass', 'warn', 'fail']),
  code: v.pipe(text, v.regex(/^[A-Z][A-Z0-9_]*$/), v.description('Stable; docs/errors.md lists all.')),
  message: text,
  evidence: v.optional(v.array(text)),
  accepted: v.optional(v.literal(true)),
})
const result = v.strictObject({
  title: text,
  message: v.pipe(text, v.minLength(1)),
  uri: v.optional(text),
  strict: v.optional(v.literal(true)),
  check: v.pipe(text, v.description('A check, or `run` for why the run could not go on.')),
  plugin: v.optional(text),
  code: v.pipe(text, v.regex(/^[A-Z][A-Z0-9_]*$/)),
  accepted: v.optional(v.literal(true)),
  findings: v.pipe(v.array(finding), v.minLength(1)),
})
const notChecked = v.strictObject({ check: text, plugin: v.optional(text), why: v.pipe(text, v.minLength(1)) })

/** `--format json` and `yaml`. */
export const reportSchema = v.strictObject({
  pass: v.array(result),
  warn: v.array(result),
  fail: v.array(result),
  notChecked: v.array(notChecked),
})

const plugin = v.strictObject({
  name: v.optional(
    v.pipe(
      text,
      v.regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/),
      v.description('Name of the init container. Embedded Cluster requires it.'),
    ),
  ),
  image: v.pipe(text, v.minLength(1), v.description('registry/repository:tag, best with @sha256:…')),
  imagePullPolicy: v.optional(v.picklist(['Always', 'IfNotPresent', 'Never', ''])),
  imagePullSecret: v.optional(v.pipe(text, v.description("A Secret's name (the proposal's field): Embedded Cluster 2 ignores it."))),
})

/** The part of an Embedded Cluster Config that we look at, in both shapes of plugin. */
export const configSchema = v.looseObject({
  apiVersion: v.picklist(['embeddedcluster.replicated.com/v1beta1', 'v1beta1']),
  kind: v.literal('Config'),
  spec: v.optional(
    v.looseObject({
      extensions: v.optional(v.looseObject({ velero: v.optional(v.strictObject({ plugins: v.optional(v.nullable(v.array(plugin))) })) })),
    }),
  ),
})
