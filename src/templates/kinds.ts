import { hostAnalyzers, hostRun } from './host-run.ts'
import { logAnalyzers, noLog, podSpec } from './pod.ts'
import { durationText, graceMs, name, type Template } from './template.ts'

const document = (kind: string, of: string, spec: object) => ({
  apiVersion: 'troubleshoot.sh/v1beta2',
  kind,
  metadata: { name: of },
  spec,
})

/** On a host, before an install: `preflight`, or as a document of a release. */
const hostPreflight: Template = options =>
  document('HostPreflight', 'velero-plugins', { collectors: [hostRun(options)], analyzers: hostAnalyzers(options) })

/** In a cluster, before an upgrade: a fail keeps KOTS from deploying. */
const preflight: Template = options => {
  const log = `cluster-resources/pods/logs/${options.namespace}/${name}/${name}.log`
  return document('Preflight', 'velero-plugins', {
    collectors: [
      // The pod's log takes its place. Of a log that never came troubleshoot would only warn (pkg/preflight/collect.go runs the kinds
      // of collectors in the order in which they stand here).
      { data: { name: log, data: noLog } },
      {
        runPod: {
          name,
          collectorName: name,
          namespace: options.namespace,
          timeout: durationText(options.timeoutMs + graceMs),
          podSpec: { restartPolicy: 'Never', ...podSpec(options) },
        },
      },
    ],
    analyzers: logAnalyzers(options, log, true),
  })
}

/** On a host, into a support bundle. */
const supportBundle: Template = options =>
  document('SupportBundle', 'velero-plugins', { hostCollectors: [hostRun(options)], hostAnalyzers: hostAnalyzers(options) })

/** On every node of a cluster, each of which answers for itself, into a support bundle. */
const supportBundleNodes: Template = options =>
  document('SupportBundle', 'velero-plugins-on-nodes', {
    collectors: [
      {
        runDaemonSet: {
          name,
          namespace: options.namespace,
          timeout: durationText(options.timeoutMs + graceMs),
          podSpec: { ...podSpec(options), tolerations: [{ operator: 'Exists' }] },
        },
      },
    ],
    analyzers: logAnalyzers(options, `${name}/*.log`, false),
  })

/** By the word on the command line: what `template` can print. */
export const templates: Readonly<Record<string, Template>> = {
  'host-preflight': hostPreflight,
  preflight,
  'support-bundle': supportBundle,
  'support-bundle-nodes': supportBundleNodes,
}
