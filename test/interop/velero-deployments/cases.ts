import type { DeploymentOptions } from './deployment.ts'

/** What a Deployment has, and what is said of it. */
export interface VeleroCase {
  /** Also its namespace and its fixture. */
  readonly name: string
  /** Plugins that the Config declares: `name: tag`, or a whole image. `REGISTRY` and `PRIVATE` stand for hosts. */
  readonly plugins: Readonly<Record<string, string>>
  /** Init containers, where they are others than the plugins. */
  readonly deployed?: Readonly<Record<string, string>>
  /** Of every init container. */
  readonly init?: object
  readonly options?: Partial<Pick<DeploymentOptions, 'args' | 'container' | 'pod' | 'pullSecrets'>>
  /** Made in its namespace before: docker configs by the name of their Secret. */
  readonly secrets?: Readonly<Record<string, string>>
  /** No rights in the cluster for Velero. */
  readonly rightless?: true
  /** Also without INTEROP=full. */
  readonly always?: true
}

const login = (password: string) => JSON.stringify({ auths: { PRIVATE: { username: 'bob', password } } })

const aws = { 'velero-plugin-for-aws': 'aws' }

export const cases: readonly VeleroCase[] = [
  { name: 'healthy', plugins: { ...aws, 'acme-good': 'acme-good' }, always: true },
  { name: 'healthy-json', plugins: { ...aws, 'acme-other': 'acme-other' }, options: { args: ['--log-format=json'] } },
  {
    name: 'healthy-private',
    plugins: { ...aws, 'acme-good': 'PRIVATE/acme/plugins:acme-good' },
    secrets: { regcred: login('pw-of-bob') },
    options: { pullSecrets: ['regcred'] },
  },

  { name: 'image-missing', plugins: { ...aws, acme: 'v404' }, always: true },
  { name: 'no-login', plugins: { acme: 'PRIVATE/acme/plugins:acme-panic' } },
  {
    name: 'wrong-password',
    plugins: { acme: 'PRIVATE/acme/plugins:acme-panic' },
    secrets: { regcred: login('wrong') },
    options: { pullSecrets: ['regcred'] },
  },
  { name: 'secret-missing', plugins: { acme: 'PRIVATE/acme/plugins:acme-panic' }, options: { pullSecrets: ['regcred'] }, always: true },
  { name: 'nobody-listens', plugins: { acme: '127.0.0.1:9/acme/plugins:v1' } },
  { name: 'unknown-host', plugins: { acme: 'registry.invalid/acme/plugins:v1' } },
  { name: 'other-platform', plugins: { ...aws, acme: 'other-platform' }, always: true },
  { name: 'image-name', plugins: { acme: 'REGISTRY/acme/Plugins:v1' } },
  { name: 'never-pulled', plugins: { acme: 'v405' }, init: { imagePullPolicy: 'Never' } },
  { name: 'wrong-diff-id', plugins: { acme: 'wrong-diff-id' } },

  { name: 'no-copier', plugins: { acme: 'no-copier' } },
  { name: 'copier-of-arm64', plugins: { acme: 'copier-of-arm64' }, always: true },
  { name: 'no-command', plugins: { acme: 'no-command' } },
  { name: 'unknown-user', plugins: { acme: 'unknown-user' } },
  { name: 'root-forbidden', plugins: { acme: 'named-user' }, init: { securityContext: { runAsNonRoot: true } } },
  { name: 'nothing-in-plugins', plugins: { ...aws, acme: 'nothing-in-plugins' } },
  { name: 'unreadable', plugins: { acme: 'unreadable' } },
  { name: 'exit-3', plugins: { acme: 'exit-3' } },
  { name: 'never-ends', plugins: { ...aws, acme: 'never-ends' } },
  {
    name: 'target-read-only',
    plugins: { acme: 'acme-good' },
    init: { volumeMounts: [{ mountPath: '/target', name: 'plugins', readOnly: true }] },
  },

  { name: 'arm64', plugins: { ...aws, acme: 'arm64' } },
  { name: 'not-executable', plugins: { ...aws, acme: 'not-executable' }, always: true },
  { name: 'for-root', plugins: { ...aws, acme: 'for-root' } },
  { name: 'script', plugins: { ...aws, acme: 'script' } },
  { name: 'musl', plugins: { ...aws, acme: 'musl' } },
  { name: 'truncated', plugins: { ...aws, acme: 'truncated' } },
  { name: 'empty', plugins: { ...aws, acme: 'empty' } },
  { name: 'helper', plugins: { ...aws, acme: 'helper' } },
  { name: 'panic', plugins: { ...aws, acme: 'acme-panic' }, always: true },
  { name: 'exits', plugins: { ...aws, acme: 'acme-exits' } },
  { name: 'prints', plugins: { ...aws, acme: 'acme-prints' } },
  { name: 'hangs', plugins: { ...aws, acme: 'acme-hangs' } },
  { name: 'ancient', plugins: { ...aws, acme: 'acme-ancient' } },
  { name: 'killed', plugins: { ...aws, acme: 'acme-killed' } },
  {
    name: 'hungry',
    plugins: { ...aws, acme: 'acme-hungry' },
    options: { container: { resources: { limits: { memory: '300Mi' } } } },
  },
  { name: 'strict', plugins: { ...aws, acme: 'acme-strict' } },
  { name: 'twin', plugins: { 'acme-good': 'acme-good', 'acme-twin': 'acme-twin' }, always: true },
  { name: 'second-aws', plugins: { ...aws, acme: 'acme-aws' } },
  { name: 'nameless', plugins: { ...aws, acme: 'acme-nameless' } },
  { name: 'collision', plugins: { 'acme-good': 'acme-good', acme: 'collision' } },
  {
    name: 'tmp-read-only',
    plugins: { acme: 'acme-good' },
    options: { container: { securityContext: { readOnlyRootFilesystem: true } } },
  },

  { name: 'not-deployed', plugins: { ...aws, acme: 'acme-good' }, deployed: aws },
  { name: 'other-image', plugins: { 'acme-good': 'acme-other' }, deployed: { 'acme-good': 'acme-good' } },
  { name: 'other-culprit', plugins: { 'acme-good': 'acme-good' }, deployed: { 'acme-good': 'acme-good', 'acme-panic': 'acme-panic' } },
  { name: 'rightless', plugins: aws, rightless: true },
  { name: 'nowhere', plugins: aws, options: { pod: { nodeSelector: { disk: 'ssd' } } } },
  { name: 'no-account', plugins: aws, options: { pod: { serviceAccountName: 'nobody' } } },
]
