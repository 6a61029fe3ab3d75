import { maxPlugins, numberOf, recordText } from '../reporters/records.ts'
import { checkTitle, configVariable, durationText, name, readRecord, type TemplateOptions, textAnalyze, unreadable } from './template.ts'
import { configInside } from './write.ts'

/** `$(NAME)` is the kubelet's, also where no variable has this name and it stays (Kubernetes 1.34 third_party/forked/golang/expansion). */
const literally = (text: string): string => text.replaceAll('$(', '$$$$(')

const nodeName = { name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }

/** Without a Config to put in: that of a ConfigMap, if there is one, else the installed one. */
const configOf = ({ config }: TemplateOptions) =>
  config === undefined
    ? { name: configVariable, valueFrom: { configMapKeyRef: { name, key: 'config.yaml', optional: true } } }
    : { name: configVariable, value: configInside(literally(config)) }

/** A pod of this program: not root, and nothing to write but a folder for what it unpacks. */
export const podSpec = (options: TemplateOptions) => {
  const { image, config, serviceAccount, hostNetwork, timeoutMs, arguments: args } = options
  const needsApi = config === undefined || args.includes('--from-cluster')
  return {
    // Nothing is left to clean up, and the next run wants the same name.
    terminationGracePeriodSeconds: 5,
    ...(serviceAccount === undefined ? {} : { serviceAccountName: serviceAccount }),
    ...(hostNetwork ? { hostNetwork, dnsPolicy: 'ClusterFirstWithHostNet' } : {}),
    ...(needsApi ? {} : { automountServiceAccountToken: false }),
    securityContext: { runAsNonRoot: true, runAsUser: 65532, runAsGroup: 65532, seccompProfile: { type: 'RuntimeDefault' } },
    containers: [
      {
        name,
        image,
        imagePullPolicy: 'IfNotPresent',
        args: [
          'run',
          ...(config === undefined ? ['--from-cluster'] : []),
          '--no-bundle',
          '--quiet',
          '--format',
          'troubleshoot',
          '--timeout',
          durationText(timeoutMs),
          ...args.map(literally),
        ],
        env: [configOf(options), nodeName],
        securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
        volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
      },
    ],
    volumes: [{ name: 'tmp', emptyDir: {} }],
  }
}

/** In the place of a log that never comes: the image could not be pulled, the pod was not allowed, or the program hung. */
export const noLog = `result=run run\n${recordText({
  index: 0,
  plugin: '',
  check: 'run',
  status: 'fail',
  message:
    'No Velero plugin was checked: the pod of velero-plugin-preflight gave no log. Check that its image can be pulled, and that pods may run in its namespace.',
})}`

/**
 * Results of a pod's log: troubleshoot makes one of each file and analyzer, so each plugin has its number in the log and analyzers of its
 * own. One whose number is not there says nothing.
 */
export const logAnalyzers = ({ checks }: TemplateOptions, fileName: string, strict: boolean) => [
  textAnalyze({
    title: 'Velero plugins: the checks ran',
    fileName,
    regexGroups: readRecord('result=run run\\nplugin=\\ncheck=run'),
    fallback: unreadable,
    ignoreIfNoFiles: false,
    strict,
  }),
  ...checks.flatMap(check =>
    Array.from({ length: maxPlugins + 2 }, (_, index) =>
      textAnalyze({
        title: checkTitle(check),
        fileName,
        regexGroups: readRecord(`result=${numberOf(index)} ${check.kind}\\nplugin=[^\\n]*\\ncheck=${check.kind}`),
        fallback: undefined,
        ignoreIfNoFiles: true,
        strict,
      }),
    ),
  ),
]
