import type { BundleContent } from '../bundle/content.ts'
import type { KeptFile } from '../bundle/kept-file.ts'
import type { LogCall } from '../kubernetes/calls.ts'
import { printable, redact } from '../redact.ts'
import { documentAt, lacks } from './bundle-objects.ts'
import { logPaths } from './bundle-paths.ts'
import type { LogPart, LogText } from './world.ts'

/** Of collectors that are told no other limits (troubleshoot v0.133.0 pkg/collect/logs.go, cluster_resources.go). */
const defaultLines = [500, 10_000]
const defaultBytes = 5_000_000

/** What an API server says of a container that has no log (Kubernetes 1.34 pkg/registry/core/pod, pkg/kubelet). */
const noLog =
  /is waiting to start|is not available|previous terminated container .* not found|pods? "?[^"]*"? not found|is not valid for pod/

/**
 * A container's log as the bundle has it; undefined when the bundle says that there was none.
 *
 * @throws PreflightError BUNDLE_LACKS when nobody collected it
 */
export const bundleLog = (content: BundleContent, call: LogCall, part: LogPart): LogText | undefined => {
  const { name: pod, container, previous } = call
  const found = longest(content, call, `${container}${previous === true ? '-previous' : ''}.log`)
  if (found !== undefined) return partOf(found, part)
  // A log before the last one is there whenever there was one and the last one could be had.
  if (previous === true && longest(content, call, `${container}.log`) !== undefined) return undefined
  const error = errorOf(content, call)
  if (error !== undefined && noLog.test(error)) return undefined
  const where = `${call.namespace}/${pod}/${container}`
  if (error !== undefined)
    throw lacks(
      `The support bundle has no log of ${printable(where)}: the collector could not have it. It says: ${printable(redact(error), 300)}`,
      'Collect again with a login that may read logs.',
    )
  throw lacks(
    `The support bundle has no log of ${printable(where)}, which a collector logs of troubleshoot writes, and clusterResources for pods that are not well.`,
    `Collect again with a collector logs for the namespace ${printable(call.namespace)}.`,
  )
}

const candidates = ({ names }: BundleContent, { namespace, name, container }: LogCall, file: string): readonly string[] => {
  const known = logPaths(namespace, name, file).filter(path => names.includes(path))
  // A collector's own folder does not say of which namespace: names of pods are made at random.
  const own = names.filter(path => path.endsWith(`/${name}/${file}`) && !path.startsWith('cluster-resources/'))
  return container === '' ? [] : [...known, ...own]
}

/** Of a log that two collectors took with different limits, the longer one. */
const longest = (content: BundleContent, call: LogCall, file: string): KeptFile | undefined =>
  candidates(content, call, file)
    .flatMap(path => content.find(path) ?? [])
    .toSorted((a, b) => b.sizeBytes - a.sizeBytes)[0]

const errorOf = (content: BundleContent, call: LogCall): string | undefined => {
  const files = [`${call.container}-logs-errors.log`, `${call.container}-errors.json`].flatMap(file => candidates(content, call, file))
  return files
    .map(path => {
      if (path.endsWith('.log')) return content.find(path)?.bytes.toString('utf8')
      const errors = documentAt(content, path)
      return Array.isArray(errors) ? errors.join(' ') : JSON.stringify(errors)
    })
    .find(text => text !== undefined && text !== '')
}

const partOf = ({ bytes, sizeBytes, cutAt }: KeptFile, { from, limitBytes }: LogPart): LogText => {
  const [start, end] = cutAt === undefined ? [bytes, bytes] : [bytes.subarray(0, cutAt), bytes.subarray(cutAt)]
  const kept = from === 'start' ? start.subarray(0, limitBytes) : end.subarray(Math.max(0, end.length - limitBytes))
  return { text: kept.toString('utf8'), cut: kept.length < sizeBytes || wasLimited(bytes, sizeBytes) }
}

/** A log that is exactly as long as a collector's limit was most likely longer. */
const wasLimited = (bytes: Buffer, sizeBytes: number): boolean => {
  if (sizeBytes >= defaultBytes) return true
  let lines = 0
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines++
  return defaultLines.includes(lines)
}
