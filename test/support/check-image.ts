import type { AnalyzeInput, Analyzer, Judgement } from '../../src/analyzers/analyzer.ts'
import { image as imageAnalyzer } from '../../src/analyzers/image.ts'
import { pullSecret as pullSecretAnalyzer } from '../../src/analyzers/pull-secret.ts'
import type { CollectContext } from '../../src/collectors/collector.ts'
import { image as imageCollector } from '../../src/collectors/image.ts'
import { pullSecret as pullSecretCollector } from '../../src/collectors/pull-secret.ts'
import { sha256 } from '../../src/digest.ts'
import type { PodFact } from '../../src/facts/cluster.ts'
import type { Failure, Plugin } from '../../src/facts/fact.ts'
import type { CheckKind, FactKind, Facts } from '../../src/facts.ts'
import { parseReference } from '../../src/oci/reference.ts'
import { parseLocalReference } from '../../src/oci/transport.ts'
import { imageAccess } from '../../src/world/image-access.ts'
import type { LocalImages } from '../../src/world/local-images.ts'
import type { DockerConfigStore, SecretStore } from '../../src/world/world.ts'
import { type FakeRegistry, type FakeRegistryOptions, fakeRegistry } from './fake-registry.ts'

export interface CheckOptions {
  readonly plugins: readonly Plugin[]
  readonly registry: FakeRegistryOptions
  readonly secrets?: SecretStore
  readonly dockerConfig?: DockerConfigStore
  readonly platforms?: readonly string[]
  /** By plugin, what is read instead of the registry; the registry's own documents, whatever the reference says. */
  readonly images?: Readonly<Record<string, string>>
  /** The running pod, as it was seen in a cluster. */
  readonly pod?: PodFact
  /** Why it was not seen. */
  readonly podUnread?: Failure
}

export interface Checked {
  readonly image: readonly Facts['image'][]
  readonly pullSecret: readonly Facts['pullSecret'][]
  readonly registry: FakeRegistry
  /** What the analyzers make of it. */
  judge(kind: 'image' | 'pullSecret'): readonly Judgement[]
}

/** Collects both facts from a registry without network, and judges them. */
export const check = async ({
  plugins,
  registry: served,
  secrets,
  dockerConfig,
  platforms = ['linux/amd64'],
  images = {},
  pod,
  podUnread,
}: CheckOptions): Promise<Checked> => {
  const registry = fakeRegistry(served)
  const podSecrets =
    podUnread !== undefined ? [] : (pod?.secrets ?? [...new Set(plugins.flatMap(({ imagePullSecret }) => imagePullSecret ?? []))])
  const podIsKnown = pod !== undefined || podUnread !== undefined
  const shared = { registry, secrets, dockerConfig, namespace: 'velero' }
  const local: LocalImages = {
    root: async () => registry.manifest(parseReference('r.io/local:v1'), 'v1', undefined),
    before: client => client,
  }
  const named = new Map(Object.entries(images).map(([name, text]) => [name, parseLocalReference(text)]))
  const open = imageAccess({ ...shared, podSecrets, podIsKnown, podUnread, images: named, local })
  const world = { ...shared, now: new Date(0), open, ...(pod && { pod }), ...(podUnread && { podUnread }) }
  const context: CollectContext = {
    configs: [],
    plugins,
    platforms,
    world,
    keep: sha256,
    signal: new AbortController().signal,
    progress: () => undefined,
  }
  const [image, pullSecret] = [await imageCollector.collect(context), await pullSecretCollector.collect(context)]
  const facts = { image, pullSecret }
  return {
    image,
    pullSecret,
    registry,
    judge: kind =>
      kind === 'image' ? judgeFacts(imageAnalyzer, facts, plugins, platforms) : judgeFacts(pullSecretAnalyzer, facts, plugins, platforms),
  }
}

/** An analyzer over facts that are plain objects. */
export const judgeFacts = <K extends CheckKind>(
  analyzer: Analyzer<K>,
  facts: Partial<Record<FactKind, unknown>>,
  plugins: readonly Plugin[],
  platforms: readonly string[] = ['linux/amd64'],
  schema: AnalyzeInput['schema'] = 'proposal',
  more: Pick<AnalyzeInput, 'veleroVersion' | 'pullBytesPerSecond'> = {},
): readonly Judgement[] => {
  const input: AnalyzeInput = {
    plugins,
    platforms,
    schema,
    policy: { keys: [], requireSignatures: false },
    at: new Date(0),
    ...more,
    read: kind => (facts[kind] ?? []) as never,
    blob: () => {
      throw new Error('no blob is needed')
    },
  }
  return analyzer.analyze(input)
}
