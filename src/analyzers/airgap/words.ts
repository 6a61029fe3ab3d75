import type { AirgapBundleFact } from '../../facts/airgap.ts'
import { printable } from '../../redact.ts'

export const list = (items: readonly string[]): string => items.join(', ')

/** What the bundle is, for evidence. */
export const bundleLines = ({ release, archives }: AirgapBundleFact): readonly string[] => [
  ...(release === undefined
    ? []
    : [`bundle of ${printable(release.app, 80)} ${printable(release.version, 80)}, channel ${printable(release.channel, 80)}`]),
  ...archives.map(({ file, format, names, fault }) => {
    const kind = format === 'oci' ? 'OCI layout' : 'docker archive'
    return `${printable(file)}: ${fault === undefined ? `${kind} with ${names} ${names === 1 ? 'name' : 'names'}` : printable(fault, 300)}`
  }),
]
