import type { DeploymentOptions } from './deployment.ts'

/** What a Deployment has, and what is said of it. */
export interface VeleroCase {
  /** Also its namespace and its fixture. */
  readonly name: string
  /** Plugins that the Config declares: a tag by name, or a whole image. `REGISTRY` and `PRIVATE` stand for hosts. */
  readonly plugins: Readonly<Record<string, string>>
  /** Embedded Cluster's own plugin for AWS, which no Config declares, comes before them. */
  readonly own?: true
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
  /** Codes of the check velero that are no pass, `plugin CODE`, with `-` for Velero itself. */
  readonly says: readonly string[]
  /** What is quoted: of every fail one message matches. */
  readonly proof?: RegExp
  /** The code by which a check before the deployment fails or warns of it; absent: none of them can know. */
  readonly before?: string
}

const login = (password: string) => JSON.stringify({ auths: { PRIVATE: { username: 'bob', password } } })

export const cases: readonly VeleroCase[] = [
  { name: 'healthy', says: [], plugins: { 'velero-plugin-for-aws': 'aws', 'acme-good': 'acme-good' }, always: true },
  { name: 'healthy-json', says: [], own: true, plugins: { 'acme-other': 'acme-other' }, options: { args: ['--log-format=json'] } },
  {
    name: 'healthy-private',
    says: [],
    own: true,
    plugins: { 'acme-good': 'PRIVATE/acme/plugins:acme-good' },
    secrets: { regcred: login('pw-of-bob') },
    options: { pullSecrets: ['regcred'] },
  },

  {
    name: 'image-missing',
    says: ['- VELERO_DOWN', 'acme VELERO_IMAGE_NOT_FOUND'],
    proof: /v404: not found/,
    before: 'IMAGE_NOT_FOUND',
    own: true,
    plugins: { acme: 'v404' },
    always: true,
  },
  {
    name: 'no-login',
    says: ['- VELERO_DOWN', 'acme VELERO_IMAGE_DENIED'],
    proof: /401 Unauthorized/,
    before: 'IMAGE_UNAUTHORIZED',
    plugins: { acme: 'PRIVATE/acme/plugins:acme-panic' },
  },
  {
    name: 'wrong-password',
    says: ['- VELERO_DOWN', 'acme VELERO_IMAGE_DENIED'],
    proof: /401 Unauthorized/,
    before: 'PULL_SECRET_REJECTED',
    plugins: { acme: 'PRIVATE/acme/plugins:acme-panic' },
    secrets: { regcred: login('wrong') },
    options: { pullSecrets: ['regcred'] },
  },
  {
    name: 'secret-missing',
    says: ['- VELERO_DOWN', '- VELERO_SECRET_MISSING', 'acme VELERO_IMAGE_DENIED'],
    proof: /401 Unauthorized/,
    before: 'PULL_SECRET_REQUIRED',
    plugins: { acme: 'PRIVATE/acme/plugins:acme-panic' },
    options: { pullSecrets: ['regcred'] },
    always: true,
  },
  {
    name: 'nobody-listens',
    says: ['- VELERO_DOWN', 'acme VELERO_IMAGE_UNREACHABLE'],
    proof: /connection refused/,
    before: 'IMAGE_UNREACHABLE',
    plugins: { acme: '127.0.0.1:9/acme/plugins:v1' },
  },
  {
    name: 'unknown-host',
    says: ['- VELERO_DOWN', 'acme VELERO_IMAGE_UNREACHABLE'],
    proof: /no such host|server misbehaving|i\/o timeout/,
    before: 'IMAGE_NAME_UNRESOLVED',
    plugins: { acme: 'registry.invalid/acme/plugins:v1' },
  },
  {
    name: 'other-platform',
    says: ['- VELERO_DOWN', 'acme VELERO_IMAGE_PLATFORM'],
    proof: /no match for platform/,
    before: 'IMAGE_PLATFORM_MISSING',
    own: true,
    plugins: { acme: 'other-platform' },
    always: true,
  },
  {
    name: 'image-name',
    says: ['- VELERO_DOWN', 'acme VELERO_IMAGE_NAME'],
    proof: /must be lowercase/,
    before: 'PLUGIN_IMAGE_INVALID',
    plugins: { acme: 'REGISTRY/acme/Plugins:v1' },
  },
  {
    name: 'never-pulled',
    says: ['- VELERO_DOWN', 'acme VELERO_IMAGE_NEVER'],
    proof: /pull policy of Never/,
    before: 'IMAGE_NOT_FOUND',
    plugins: { acme: 'v405' },
    init: { imagePullPolicy: 'Never' },
  },
  {
    name: 'wrong-diff-id',
    says: ['- VELERO_DOWN', 'acme VELERO_IMAGE_BROKEN'],
    proof: /wrong diff id/,
    before: 'LAYER_DIFF_ID',
    plugins: { acme: 'wrong-diff-id' },
  },

  {
    name: 'no-copier',
    says: ['- VELERO_DOWN', 'acme VELERO_INIT_PROGRAM'],
    proof: /executable file not found/,
    before: 'COPY_PROGRAM_MISSING',
    plugins: { acme: 'no-copier' },
  },
  {
    name: 'copier-of-arm64',
    says: ['- VELERO_DOWN', 'acme VELERO_INIT_MACHINE'],
    proof: /exec format error/,
    before: 'COPY_PROGRAM_MACHINE',
    plugins: { acme: 'copier-of-arm64' },
    always: true,
  },
  {
    name: 'no-command',
    says: ['- VELERO_DOWN', 'acme VELERO_INIT_NO_COMMAND'],
    proof: /no command specified/,
    before: 'COPY_NO_COMMAND',
    plugins: { acme: 'no-command' },
  },
  {
    name: 'unknown-user',
    says: ['- VELERO_DOWN', 'acme VELERO_INIT_USER'],
    proof: /no users found/,
    before: 'USER_UNKNOWN',
    plugins: { acme: 'unknown-user' },
  },
  {
    name: 'root-forbidden',
    says: ['- VELERO_DOWN', 'acme VELERO_INIT_USER'],
    proof: /runAsNonRoot/,
    plugins: { acme: 'named-user' },
    init: { securityContext: { runAsNonRoot: true } },
  },
  {
    name: 'nothing-in-plugins',
    says: ['- VELERO_DOWN', 'acme VELERO_INIT_NOTHING'],
    proof: /can't stat/,
    before: 'COPY_FAILS',
    own: true,
    plugins: { acme: 'nothing-in-plugins' },
  },
  {
    name: 'unreadable',
    says: ['- VELERO_DOWN', 'acme VELERO_INIT_PERMISSION'],
    proof: /Permission denied/,
    before: 'COPY_FAILS',
    plugins: { acme: 'unreadable' },
  },
  {
    name: 'exit-3',
    says: ['- VELERO_DOWN', 'acme VELERO_INIT_FAILED'],
    proof: /exit code 3.*licence expired/,
    before: 'COPY_COMMAND_UNKNOWN',
    plugins: { acme: 'exit-3' },
  },
  {
    name: 'never-ends',
    says: ['- VELERO_DOWN', 'acme VELERO_INIT_RUNS'],
    proof: /has not ended/,
    before: 'COPY_COMMAND_UNKNOWN',
    own: true,
    plugins: { acme: 'never-ends' },
  },
  {
    name: 'target-read-only',
    says: ['- VELERO_DOWN', 'acme VELERO_INIT_READ_ONLY'],
    proof: /Read-only file system/,
    plugins: { acme: 'acme-good' },
    init: { volumeMounts: [{ mountPath: '/target', name: 'plugins', readOnly: true }] },
  },

  {
    name: 'arm64',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_MACHINE'],
    proof: /\/plugins\/acme-arm64/,
    before: 'BINARY_MACHINE',
    own: true,
    plugins: { acme: 'arm64' },
  },
  {
    name: 'not-executable',
    says: ['acme VELERO_PLUGIN_MODE'],
    proof: /no execute bit/,
    before: 'BINARY_NOT_EXECUTABLE',
    own: true,
    plugins: { acme: 'not-executable' },
    always: true,
  },
  {
    name: 'for-root',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_MODE'],
    proof: /may not be run/,
    before: 'BINARY_MODE',
    own: true,
    plugins: { acme: 'for-root' },
  },
  {
    name: 'script',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_INTERPRETER'],
    proof: /\/plugins\/acme-script/,
    before: 'BINARY_SCRIPT',
    own: true,
    plugins: { acme: 'script' },
  },
  {
    name: 'musl',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_INTERPRETER'],
    proof: /\/plugins\/acme-musl/,
    before: 'BINARY_DYNAMIC_LOADER_MISSING',
    own: true,
    plugins: { acme: 'musl' },
  },
  {
    name: 'truncated',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_NO_HANDSHAKE'],
    proof: /\/plugins\/acme-truncated/,
    before: 'BINARY_TRUNCATED',
    own: true,
    plugins: { acme: 'truncated' },
  },
  {
    name: 'empty',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_MACHINE'],
    proof: /\/plugins\/acme-empty/,
    before: 'BINARY_NOT_ELF',
    own: true,
    plugins: { acme: 'empty' },
  },
  {
    name: 'helper',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_NO_HANDSHAKE'],
    proof: /\/plugins\/acme-helper/,
    before: 'BINARY_NOT_A_PLUGIN',
    own: true,
    plugins: { acme: 'helper' },
  },
  {
    name: 'panic',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_PANIC'],
    proof: /panic: no database at 10.0.0.7/,
    own: true,
    plugins: { acme: 'acme-panic' },
    always: true,
  },
  {
    name: 'exits',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_NO_HANDSHAKE'],
    proof: /\/plugins\/acme-exits/,
    own: true,
    plugins: { acme: 'acme-exits' },
  },
  {
    name: 'prints',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_PRINTS'],
    proof: /acme plugin starting, version 1.2.3/,
    own: true,
    plugins: { acme: 'acme-prints' },
  },
  {
    name: 'hangs',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_HANGS'],
    proof: /within the minute/,
    own: true,
    plugins: { acme: 'acme-hangs' },
  },
  {
    name: 'ancient',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_PROTOCOL'],
    proof: /Plugin version: 1/,
    own: true,
    plugins: { acme: 'acme-ancient' },
  },
  {
    name: 'killed',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_NO_HANDSHAKE'],
    proof: /\/plugins\/acme-killed/,
    own: true,
    plugins: { acme: 'acme-killed' },
  },
  {
    name: 'hungry',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_MEMORY'],
    proof: /was killed/,
    own: true,
    plugins: { acme: 'acme-hungry' },
    options: { container: { resources: { limits: { memory: '300Mi' } } } },
  },
  {
    name: 'strict',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_NO_HANDSHAKE'],
    proof: /\/plugins\/acme-strict/,
    own: true,
    plugins: { acme: 'acme-strict' },
  },
  {
    name: 'twin',
    says: ['- VELERO_DOWN', 'acme-good VELERO_PLUGIN_DUPLICATE', 'acme-twin VELERO_PLUGIN_DUPLICATE'],
    proof: /ObjectStore example.com\/acme-good/,
    before: 'BINARY_TWIN',
    plugins: { 'acme-good': 'acme-good', 'acme-twin': 'acme-twin' },
    always: true,
  },
  {
    name: 'second-aws',
    says: ['- VELERO_DOWN', 'acme VELERO_PLUGIN_DUPLICATE'],
    proof: /ObjectStore velero.io\/aws/,
    own: true,
    plugins: { acme: 'acme-aws' },
  },
  {
    name: 'nameless',
    says: ['acme VELERO_PLUGIN_NAME'],
    proof: /invalid plugin name "acme"/,
    own: true,
    plugins: { acme: 'acme-nameless' },
  },
  {
    name: 'collision',
    says: ['- VELERO_DOWN', 'acme-good VELERO_PLUGIN_NO_HANDSHAKE', 'acme VELERO_PLUGIN_WAITS'],
    proof: /\/plugins\/acme-good/,
    before: 'BINARY_COLLISION',
    plugins: { 'acme-good': 'acme-good', acme: 'collision' },
  },
  {
    name: 'tmp-read-only',
    says: ['- VELERO_PLUGIN_TEMPORARY', 'acme VELERO_PLUGIN_WAITS'],
    proof: /read-only file system/,
    plugins: { acme: 'acme-good' },
    options: { container: { securityContext: { readOnlyRootFilesystem: true } } },
  },

  {
    name: 'not-deployed',
    says: ['acme VELERO_PLUGIN_ABSENT'],
    proof: /no init container/,
    own: true,
    plugins: { acme: 'acme-good' },
    deployed: {},
  },
  {
    name: 'other-image',
    says: ['acme-good VELERO_OTHER_IMAGE'],
    plugins: { 'acme-good': 'acme-other' },
    deployed: { 'acme-good': 'acme-good' },
  },
  {
    name: 'other-culprit',
    says: ['- VELERO_UNDECLARED', 'acme-good VELERO_PLUGIN_WAITS'],
    proof: /acme-panic.*panic: no database/,
    plugins: { 'acme-good': 'acme-good' },
    deployed: { 'acme-good': 'acme-good', 'acme-panic': 'acme-panic' },
  },
  {
    name: 'rightless',
    says: ['- VELERO_SERVER_FAILED', 'acme-good VELERO_PLUGIN_WAITS'],
    proof: /cannot get resource/,
    own: true,
    plugins: { 'acme-good': 'acme-good' },
    rightless: true,
  },
  {
    name: 'nowhere',
    says: ['- VELERO_UNSCHEDULED', 'acme-good VELERO_PLUGIN_WAITS'],
    proof: /node affinity\/selector/,
    own: true,
    plugins: { 'acme-good': 'acme-good' },
    options: { pod: { nodeSelector: { disk: 'ssd' } } },
  },
  {
    name: 'no-account',
    says: ['- VELERO_NO_POD', 'acme-good VELERO_PLUGIN_WAITS'],
    proof: /serviceaccount "nobody" not found/,
    own: true,
    plugins: { 'acme-good': 'acme-good' },
    options: { pod: { serviceAccountName: 'nobody' } },
  },
]
