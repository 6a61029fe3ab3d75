import { printable } from '../../redact.ts'
import type { ReadBundle } from './read-bundle.ts'
import { chartsFile, imagesFile, metadataFile, releaseFile } from './scan-bundle.ts'

/** Why Embedded Cluster 2.19 (pkg/airgap) or KOTS would not install from a bundle, each a sentence. */
export const problemsOf = ({ kind, scanned, gzip, archives }: ReadBundle): readonly string[] => {
  if (kind !== 'bundle' || scanned === undefined) return []
  const counts = [
    [metadataFile, scanned.metadata.length],
    [releaseFile, scanned.release.length],
    [chartsFile, scanned.charts],
    [imagesFile, archives.length],
  ] as const
  const misnamed = (name: string) => scanned.misnamed.find(other => other.endsWith(name))
  return [
    ...(gzip ? [] : ['It is not compressed with gzip, and Embedded Cluster opens no other bundle.']),
    ...counts.flatMap(([name, count]) => {
      const other = count === 0 ? misnamed(name) : undefined
      if (other !== undefined) return [`It has ${printable(other, 100)}, and Embedded Cluster looks for ${name} and nothing else.`]
      if (count === 0) return [`It has no ${name}.`]
      return count > 1 ? [`It has ${name} ${count} times, and who reads it does not always take the same one.`] : []
    }),
  ]
}
