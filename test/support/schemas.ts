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
  position: v.optional(v.strictObject({ file: text, line: v.number(), column: v.number() })),
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

const judged = {
  status: v.picklist(['pass', 'warn', 'fail']),
  code: v.pipe(text, v.regex(/^[A-Z][A-Z0-9_]*$/)),
  message: v.pipe(text, v.minLength(1)),
  findings: v.array(finding),
}
const step = v.strictObject({
  step: text,
  outcome: v.picklist(['ok', 'failed', 'notChecked']),
  expected: v.optional(text),
  found: v.optional(text),
  note: v.optional(text),
})
const candidate = v.strictObject({
  where: text,
  form: text,
  subject: text,
  signer: v.optional(text),
  proven: v.pipe(
    v.boolean(),
    v.description('Whether anybody trusted vouches for the signer; else it is what the signature says of itself.'),
  ),
  policy: v.optional(text),
  verdict: v.picklist(['verified', 'rejected', 'other', 'unreadable']),
  reason: v.optional(text),
  steps: v.array(step),
})

/** `verify --format json` and `yaml`. */
export const verificationSchema = v.strictObject({
  trustedRoot: v.optional(text),
  error: v.optional(v.strictObject({ code: text, message: text, hint: v.optional(text) })),
  images: v.array(
    v.strictObject({
      image: text,
      digest: v.optional(text),
      verified: v.boolean(),
      ...judged,
      attestation: v.optional(v.pipe(v.strictObject(judged), v.description('Where a flag or a policy asks for attestations.'))),
      candidates: v.array(candidate),
    }),
  ),
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

const velero = v.strictObject({
  plugins: v.optional(v.nullable(v.array(plugin))),
  pluginsEnabled: v.optional(
    v.pipe(v.boolean(), v.description("The proposal's switch (--stage beta): Embedded Cluster 2 does not know it.")),
  ),
})

const overrides = v.looseObject({
  builtInExtensions: v.optional(
    v.array(
      v.strictObject({
        name: v.pipe(text, v.minLength(1), v.description('As the Helm release is named: velero for Velero.')),
        values: v.pipe(
          text,
          v.description('YAML that is merged into the Helm values. Lists replace: initContainers would drop every plugin.'),
        ),
      }),
    ),
  ),
})

const domains = v.strictObject({
  replicatedAppDomain: v.optional(text),
  proxyRegistryDomain: v.optional(v.pipe(text, v.description('Takes the place of proxy.replicated.com in every image.'))),
  replicatedRegistryDomain: v.optional(text),
})

const configOf = <const T extends readonly [string, ...string[]]>(apiVersions: T) =>
  v.looseObject({
    apiVersion: v.picklist(apiVersions),
    kind: v.literal('Config'),
    spec: v.optional(
      v.looseObject({
        version: v.optional(v.pipe(text, v.description('Of Embedded Cluster and its Kubernetes: 2.19.4+k8s-1.36. Plugins since 2.13.0.'))),
        domains: v.optional(domains),
        extensions: v.optional(v.looseObject({ velero: v.optional(velero) })),
        unsupportedOverrides: v.optional(overrides),
      }),
    ),
  })

/** The part of an Embedded Cluster Config that we look at, in both shapes of plugin. */
export const configSchema = configOf(['embeddedcluster.replicated.com/v1beta1', 'v1beta1'])

/** The same fields under the version to come. */
export const configV1Schema = configOf(['embeddedcluster.replicated.com/v1'])
