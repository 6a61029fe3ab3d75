import { showPosition } from '../position.ts'
import { printable } from '../redact.ts'
import { readAuthority } from './authority.ts'
import type { Fields } from './fields.ts'
import { compileGlob, type ImageGlob } from './glob.ts'
import type { SigstorePolicy } from './image-policy.ts'
import { unevaluatedPolicy } from './unevaluated.ts'

const specKeys = ['images', 'authorities', 'mode', 'policy', 'match'] as const

/**
 * A ClusterImagePolicy as policy-controller validates it (pkg/apis/policy/v1beta1 at f925c0c1; v1alpha1 has the same fields),
 * with two differences: what is not evaluated here is refused, and so is what policy-controller would silently not check.
 *
 * @param document its keys are known to be those of a Kubernetes object
 * @throws PreflightError POLICY_INVALID
 */
export const readClusterImagePolicy = (document: Fields, name: string): SigstorePolicy => {
  const spec = document.fields('spec', specKeys)
  if (spec === undefined) throw document.fault(document.map, 'spec is missing in the ClusterImagePolicy')
  refuseUnevaluated(spec)
  const images = spec.entries('images', ['glob']).map(readGlob)
  if (images.length === 0)
    throw spec.fault(spec.map, 'images is missing in spec', 'Write images: [{glob: "registry.example.com/team/**"}].')
  const authorities = spec.list('authorities')
  if (authorities.length === 0)
    throw spec.fault(
      spec.map,
      'authorities is missing in spec: it would be checked for nothing',
      'Write authorities with key, keyless or static.',
    )
  return {
    kind: 'sigstore',
    name,
    from: showPosition(document.map.position),
    images,
    authorities: authorities.map((node, index) => readAuthority(spec, node, index)),
    mode: spec.choice('mode', ['enforce', 'warn']) ?? 'enforce',
  }
}

const refuseUnevaluated = (spec: Fields): void => {
  const policy = spec.map.entries.get('policy')
  if (policy !== undefined && spec.node('policy') !== undefined) throw spec.fault({ position: policy.keyPosition }, ...unevaluatedPolicy)
  const match = spec.map.entries.get('match')
  if (match !== undefined && spec.list('match').length > 0)
    throw spec.fault(
      { position: match.keyPosition },
      'match is not evaluated: which resource will run the image is not known here',
      'Give a copy of the policy without match: it then holds for every image that its globs match.',
    )
}

const readGlob = (entry: Fields): ImageGlob => {
  const text = entry.requiredText('glob')
  const glob = compileGlob(text)
  if ('fault' in glob) throw entry.fault(entry.node('glob')!, `"${printable(text, 80)}" is not a glob: ${glob.fault}`)
  return glob
}
