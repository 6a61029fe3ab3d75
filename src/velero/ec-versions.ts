import { PreflightError } from '../errors.ts'

/** From which Embedded Cluster version on which Velero is shipped (replicatedhq/embedded-cluster, pkg/addons/velero/static/metadata.yaml). Newest first. */
const shipped: readonly (readonly [ec: string, velero: string])[] = [
  ['2.19.2', '1.18.2'],
  ['2.16.0', '1.18.0'],
  ['2.13.0', '1.17.1'],
]

const numbers = (version: string) => version.split('.').map(Number)

const atLeast = (version: readonly number[], other: readonly number[]): boolean => {
  const index = other.findIndex((number, i) => (version[i] ?? 0) !== number)
  return index === -1 || (version[index] ?? 0) > (other[index] ?? 0)
}

/**
 * The Velero version that an Embedded Cluster version (`2.19.4+k8s-1.36`, with or without `v`) brings.
 * @throws PreflightError USAGE for a version that has no custom Velero plugins, or is none
 */
export const veleroOf = (ecVersion: string): string => {
  const core = /^v?(\d+\.\d+\.\d+)(?:[-+].*)?$/.exec(ecVersion)?.[1]
  if (core === undefined) throw new PreflightError('USAGE', `--ec-version ${ecVersion}: it is a version such as 2.19.4+k8s-1.36.`)
  if (numbers(core)[0] !== 2) {
    throw new PreflightError('USAGE', `--ec-version ${ecVersion}: only Embedded Cluster 2 brings a Velero of its own.`, {
      hint: 'Give --velero-version: with Embedded Cluster 3 the vendor ships the Velero chart.',
    })
  }
  const found = shipped.find(([ec]) => atLeast(numbers(core), numbers(ec)))
  if (found !== undefined) return found[1]
  throw new PreflightError('USAGE', `--ec-version ${ecVersion}: Embedded Cluster has custom Velero plugins since 2.13.0.`, {
    hint: 'Give --velero-version instead if the plugins are meant for another Velero.',
  })
}
