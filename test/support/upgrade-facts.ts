import type { Judgement } from '../../src/analyzers/analyzer.ts'
import { upgrade } from '../../src/analyzers/upgrade.ts'
import { type Digest, sha256 } from '../../src/digest.ts'
import { pluginsOf } from '../../src/embedded-cluster/plugins.ts'
import type { ErrorCode } from '../../src/errors.ts'
import type { BinariesFact } from '../../src/facts/binaries.ts'
import type { CallFact, ClusterFact } from '../../src/facts/cluster.ts'
import type { Failure } from '../../src/facts/fact.ts'
import type { InstalledFact } from '../../src/facts/installed.ts'
import type { PlatformBytes, UpgradeFact } from '../../src/facts/upgrade.ts'
import type { CallName } from '../../src/kubernetes/calls.ts'
import type { NodeFact } from '../../src/kubernetes/objects.ts'
import { judgeFacts } from './check-image.ts'
import { configFacts, configOf } from './config-facts.ts'

/** A digest that a word stands for. */
export const digest = (word: string): Digest => sha256(word)

export const failed = (code: ErrorCode, message = `It says ${code}.`): Failure => ({ ok: false, code, message, hint: 'Do something.' })

/** What a node of the platform gets of an image of this word: two layers, of which the lower one is `base`. */
export const bytesOf = (word: string, platform = 'linux/amd64', sizeBytes = 1_000_000): PlatformBytes => ({
  platform,
  ok: true,
  digest: digest(`${word} ${platform}`),
  config: digest(`config ${word} ${platform}`),
  layers: [
    { digest: digest(`base ${platform}`), sizeBytes: 20_000_000 },
    { digest: digest(`layer ${word} ${platform}`), sizeBytes },
  ],
})

/** The plugin's image as the registry has it: an index of this word. */
export const served = (plugin: string, image: string, word: string, more: Partial<UpgradeFact & { ok: true }> = {}): UpgradeFact => ({
  plugin,
  image,
  ok: true,
  digest: digest(word),
  platforms: [bytesOf(word)],
  others: [],
  ...more,
})

/** A plugin's binary that was built with this framework, copied to this name. */
export const built = (plugin: string, image: string, framework: string, path = plugin): BinariesFact => ({
  plugin,
  image,
  platform: 'linux/amd64',
  ok: true,
  digest: digest('x'),
  configPlatform: 'linux/amd64',
  proven: 'allLayers',
  layers: [],
  doubts: [],
  user: { configured: '' },
  argv: [],
  copy: { state: 'done' },
  filesFrom: 'target',
  files: [
    {
      path,
      from: `/plugins/${path}`,
      mode: '0755',
      kind: 'file',
      runs: true,
      file: {
        sizeBytes: 1,
        sha256: digest('x'),
        kind: 'elf',
        go: { version: 'go1.25.1', modules: 1, framework: { path: 'github.com/vmware-tanzu/velero', version: framework } },
      },
    },
  ],
  moreFiles: 0,
})

const answered = (['nodes', 'installations', 'deployment', 'serviceAccount', 'pods'] as const).map(
  (call): CallFact => ({ call, ok: true, found: true }),
)

/** A node of the control plane with these images, each a list of names. */
export const node = (name: string, ...images: readonly (readonly string[])[]): NodeFact => ({
  name,
  platform: 'linux/amd64',
  ready: true,
  controlPlane: true,
  images: images.map(names => ({ names, sizeBytes: 1 })),
})

/** A cluster in which these init containers run, `name image imageID`, beside Embedded Cluster's own. */
export const clusterOf = (containers: readonly string[], more: Partial<ClusterFact> = {}): ClusterFact => {
  const all = containers.map(text => text.split(' '))
  const own = { name: 'velero-plugin-for-aws', image: 'proxy.replicated.com/library/velero-plugin-for-aws:v1.14.2-amd64' }
  return {
    ok: true,
    context: 'site',
    server: 'https://10.0.0.1:6443',
    unverified: false,
    namespace: 'velero',
    calls: answered,
    nodes: [node('a')],
    deployment: {
      serviceAccount: 'velero-server',
      imagePullSecrets: [],
      initContainers: [own, ...all.map(([name = '', image = '']) => ({ name, image }))],
      serverImage:
        'proxy.replicated.com/library/velero:v1.18.2-amd64@sha256:0000000000000000000000000000000000000000000000000000000000000000',
    },
    pods: [
      {
        name: 'velero-1',
        node: 'a',
        initContainers: [{ ...own, imageId: '' }, ...all.map(([name = '', image = '', imageId = '']) => ({ name, image, imageId }))],
      },
    ],
    installation: { name: '20260301', state: 'Installed' },
    secretsFromFiles: [],
    ...more,
  }
}

/** Calls of which these were refused. */
export const refusing = (code: ErrorCode, ...names: readonly CallName[]): readonly CallFact[] =>
  answered.map(call => (names.includes(call.call) ? { call: call.call, ...failed(code, `RBAC does not allow ${call.call}.`) } : call))

/** The installed Config with these plugins, `name image`. */
export const installedOf = (plugins: readonly string[], more = 'version: 2.19.4+k8s-1.36', rest: object = {}): InstalledFact => ({
  from: 'the cluster site',
  ok: true,
  installation: '20260301',
  config: configFacts(configOf(plugins.map(flow), `  ${more}\n`))[0]!,
  ...rest,
})

const flow = (text: string): string => {
  const [name, image, policy] = text.split(' ')
  return `{name: ${name}, image: "${image}"${policy === undefined ? '' : `, imagePullPolicy: ${policy}`}}`
}

export interface UpgradeCase {
  /** Of the new Config, `name image`, with or without a pull policy. */
  readonly plugins: readonly string[]
  /** Further lines of its spec. */
  readonly more?: string
  readonly installed?: InstalledFact
  /** Null: no cluster was read. */
  readonly cluster?: ClusterFact | null
  /** Default: each image is an index of the word that is its reference, without others. */
  readonly served?: readonly UpgradeFact[]
  /** Default: each is built with the framework 1.16.0, and copied to its name. */
  readonly binaries?: readonly BinariesFact[]
  readonly veleroVersion?: string
  readonly pullBytesPerSecond?: number
  readonly platforms?: readonly string[]
}

export const judgeUpgrade = (given: UpgradeCase): readonly Judgement[] => {
  const { plugins: texts, more = 'version: 2.19.4+k8s-1.36', installed = installedOf(texts), cluster } = given
  const config = configFacts(configOf(texts.map(flow), `  ${more}\n`))
  const plugins = pluginsOf(config, 'embedded-cluster')
  const facts = {
    config,
    installed: [installed],
    ...(cluster === null ? {} : { cluster: [cluster ?? clusterOf(texts)] }),
    upgrade: given.served ?? plugins.map(({ plugin, image }) => served(plugin, image, image)),
    binaries: given.binaries ?? plugins.map(({ plugin, image }) => built(plugin, image, 'v1.16.0')),
  }
  const { platforms = ['linux/amd64'], veleroVersion, pullBytesPerSecond } = given
  // The facts as they come back from a bundle.
  return judgeFacts(upgrade, JSON.parse(JSON.stringify(facts)), plugins, platforms, 'embedded-cluster', {
    ...(veleroVersion === undefined ? {} : { veleroVersion }),
    ...(pullBytesPerSecond === undefined ? {} : { pullBytesPerSecond }),
  })
}
