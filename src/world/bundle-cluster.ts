import { basename } from 'node:path'
import type { BundleContent } from '../bundle/content.ts'
import { currentInstallation, listAt, textAt, valueAt } from '../kubernetes/objects.ts'
import { hiddenIn } from './bundle-objects.ts'
import { createBundleReader } from './bundle-reader.ts'
import { type Cluster, type ReadOptions, readCluster } from './cluster.ts'
import type { ClusterReader } from './world.ts'

const maxRedacted = 20

/** The cluster as a support bundle tells of it. What the bundle lacks is in the facts. @param path of the bundle, for messages */
export const openBundleCluster = async (content: BundleContent, path: string, options: ReadOptions): Promise<Cluster> => {
  const reader = createBundleReader(content)
  const redacted = await redactedIn(reader, options.namespace)
  const about = { context: '', server: '', unverified: false, bundle: basename(path), ...(redacted.length > 0 && { redacted }) }
  return readCluster(reader, about, options, async () => {})
}

/** Of what is judged, what redaction has destroyed. What cannot be read at all is told of where it is read. */
const redactedIn = async (reader: ClusterReader, namespace: string): Promise<readonly string[]> => {
  const nothing = () => undefined
  const installation = currentInstallation((await reader.list({ call: 'installations' }).catch(nothing)) ?? [])
  const deployment = await reader.get({ call: 'deployment', namespace, name: 'velero' }).catch(nothing)
  const config = valueAt(installation, 'spec', 'config')
  const pod = valueAt(deployment, 'spec', 'template', 'spec')
  // Values of other charts, and what a container is started with, say nothing of plugins.
  const ofConfig = ['version', 'domains', 'unsupportedOverrides'].flatMap(key => hiddenIn(valueAt(config, key), [], key))
  const ofPlugins = hiddenIn(valueAt(config, 'extensions', 'velero'), [], 'extensions.velero')
  const ofPod = hiddenIn(listAt(pod, 'initContainers'), ['env', 'args'], 'initContainers')
  const ofServer = hiddenIn(listAt(pod, 'containers'), ['env', 'args'], 'containers')
  return [
    ...[...ofConfig, ...ofPlugins].map(at => `Installation ${textAt(installation, 'metadata', 'name') ?? ''}: ${at}`),
    ...[...ofPod, ...ofServer].map(at => `Deployment velero: ${at}`),
  ].slice(0, maxRedacted)
}
