import type { Call } from './calls.ts'
import type { KubernetesObject } from './objects.ts'
import { roleObjects } from './roles.ts'

/** What every node is to check, and with which image of this program. */
export interface NodeChecks {
  /** Of everything that is created, and of the namespace in which the pods are. */
  readonly name: string
  /** This program, as built by `npm run build:image`. */
  readonly image: string
  /** Where Velero and its pull secrets are. */
  readonly veleroNamespace: string
  /** Pull secrets that are read, in Velero's namespace. */
  readonly secrets: readonly string[]
  /** The Config, as the program reads it. */
  readonly config: string
  /** Of the command `node`, behind those that are the same for all. */
  readonly arguments: readonly string[]
}

/** By which what was left behind is found: `kubectl delete namespace,clusterrole,clusterrolebinding -l …`. */
export const nodeChecksLabel = 'app.kubernetes.io/managed-by'

const program = 'velero-plugin-preflight'

/** Where the node's `/etc` is in the pod, below the root folder that is told to the program. */
export const nodeRoot = '/host'

/**
 * A DaemonSet whose pods make the checks on every node and log what came out, with all that it needs, in the order in which it is
 * to be created. The pods run as root without any capability, for containerd's settings and its keys are root's; they see `/etc` of
 * the node and cannot write anywhere. It is mounted whole: of a folder that is not there containerd would make an empty one.
 */
export const nodeCheckObjects = (checks: NodeChecks): readonly KubernetesObject[] => {
  const { name } = checks
  const labels = { 'app.kubernetes.io/name': program, [nodeChecksLabel]: program, 'app.kubernetes.io/instance': name }
  const own = { name, namespace: name, labels }
  const account = { kind: 'ServiceAccount', name, namespace: name } as const
  return [
    // hostPath and hostNetwork are for privileged namespaces alone (Pod Security Standards).
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels: { ...labels, 'pod-security.kubernetes.io/enforce': 'privileged' } } },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: own, automountServiceAccountToken: false },
    ...roleObjects(callsOf(checks), account, { name, labels }),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: own, data: { 'config.yaml': checks.config } },
    { apiVersion: 'apps/v1', kind: 'DaemonSet', metadata: own, spec: daemonSetOf(checks, labels) },
  ]
}

/** What `--from-cluster` asks in the pods: the platform is the node's own, and the Config is given. */
const callsOf = ({ veleroNamespace: namespace, secrets }: NodeChecks): readonly Call[] => [
  { call: 'installations' },
  { call: 'deployment', namespace, name: 'velero' },
  { call: 'serviceAccount', namespace },
  ...secrets.map((name): Call => ({ call: 'pullSecret', namespace, name })),
]

const daemonSetOf = (checks: NodeChecks, labels: Readonly<Record<string, string>>) => ({
  selector: { matchLabels: { 'app.kubernetes.io/instance': checks.name } },
  template: {
    metadata: { labels },
    spec: {
      serviceAccountName: checks.name,
      automountServiceAccountToken: true,
      enableServiceLinks: false,
      // Registries are reached as containerd reaches them, with the node's own names.
      hostNetwork: true,
      dnsPolicy: 'Default',
      nodeSelector: { 'kubernetes.io/os': 'linux' },
      // Control-plane nodes run Velero too, and what is tainted now may not be tomorrow.
      tolerations: [{ operator: 'Exists' }],
      terminationGracePeriodSeconds: 5,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' } },
      containers: [containerOf(checks)],
      volumes: [
        { name: 'config', configMap: { name: checks.name } },
        { name: 'node', hostPath: { path: '/etc', type: 'Directory' } },
      ],
    },
  },
})

const containerOf = ({ image, veleroNamespace, arguments: more }: NodeChecks) => ({
  name: 'checks',
  image,
  imagePullPolicy: 'IfNotPresent',
  args: ['node', '--config', '/config/config.yaml', '--node-root', nodeRoot, '--namespace', veleroNamespace, ...more],
  env: [{ name: 'NODE_NAME', valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }],
  resources: { requests: { cpu: '10m', memory: '64Mi' }, limits: { memory: '512Mi' } },
  securityContext: {
    runAsUser: 0,
    runAsGroup: 0,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ['ALL'] },
  },
  volumeMounts: [
    { name: 'config', mountPath: '/config', readOnly: true },
    { name: 'node', mountPath: `${nodeRoot}/etc`, readOnly: true },
  ],
})
