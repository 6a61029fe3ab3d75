import type { KubeObject } from '../kubernetes.ts'

/** An init container as Embedded Cluster makes it of a plugin. */
export interface InitContainer {
  readonly name: string
  readonly image: string
  readonly more?: object
}

export interface DeploymentOptions {
  readonly namespace: string
  readonly serverImage: string
  /** Where pods reach the API server: there is no kube-proxy. */
  readonly api: { readonly host: string; readonly port: number }
  readonly plugins: readonly InitContainer[]
  readonly pullSecrets?: readonly string[]
  readonly args?: readonly string[]
  /** Of the container `velero`. */
  readonly container?: object
  /** Of the pod. */
  readonly pod?: object
}

const labels = { name: 'velero', 'app.kubernetes.io/name': 'velero', 'app.kubernetes.io/instance': 'velero' }
const target = { mountPath: '/target', name: 'plugins' }

/** Velero's Deployment as its Helm chart makes it, with the values that Embedded Cluster gives it. */
export const realVelero = (options: DeploymentOptions): KubeObject => {
  const { namespace, serverImage, api, plugins, pullSecrets = [], args = [], container, pod } = options
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'velero', namespace },
    spec: {
      replicas: 1,
      strategy: { type: 'Recreate' },
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          serviceAccountName: 'velero-server',
          terminationGracePeriodSeconds: 0,
          imagePullSecrets: pullSecrets.map(name => ({ name })),
          initContainers: plugins.map(({ name, image, more }) => ({
            name,
            image,
            imagePullPolicy: 'IfNotPresent',
            volumeMounts: [target],
            ...more,
          })),
          containers: [
            {
              name: 'velero',
              image: serverImage,
              imagePullPolicy: 'IfNotPresent',
              command: ['/velero'],
              args: ['server', '--uploader-type=kopia', ...args],
              ports: [{ name: 'http-monitoring', containerPort: 8085 }],
              volumeMounts: [
                { name: 'plugins', mountPath: '/plugins' },
                { name: 'scratch', mountPath: '/scratch' },
              ],
              env: [
                { name: 'VELERO_SCRATCH_DIR', value: '/scratch' },
                { name: 'VELERO_NAMESPACE', valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } },
                { name: 'LD_LIBRARY_PATH', value: '/plugins' },
                { name: 'KUBERNETES_SERVICE_HOST', value: api.host },
                { name: 'KUBERNETES_SERVICE_PORT', value: String(api.port) },
              ],
              ...container,
            },
          ],
          volumes: [
            { name: 'plugins', emptyDir: {} },
            { name: 'scratch', emptyDir: {} },
          ],
          ...pod,
        },
      },
    },
  }
}
