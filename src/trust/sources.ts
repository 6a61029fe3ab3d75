import type { Plugin } from '../facts/fact.ts'
import { nameOf, parseReference } from '../oci/reference.ts'
import { mayMatchImage } from '../policy/evaluate.ts'
import type { ImagePolicy } from '../policy/image-policy.ts'

/** Another repository in which signatures are kept, and of which plugins. */
export interface PolicySource {
  readonly repository: string
  readonly tagPrefix?: string
  readonly pullSecrets: readonly string[]
  readonly plugins: readonly string[]
}

/** Every place beside the images that policies name with `source`, for the plugins of which they speak. */
export const sourcesOf = (policies: readonly ImagePolicy[], plugins: readonly Plugin[]): readonly PolicySource[] =>
  policies.flatMap(policy => {
    if (policy.kind !== 'sigstore') return []
    const spokenOf = plugins.filter(({ image }) => mayMatchImage(policy, image))
    return policy.authorities.flatMap(authority => {
      if (authority.kind === 'static' || authority.source === undefined) return []
      const { oci, tagPrefix, signaturePullSecrets: pullSecrets } = authority.source
      const more = { ...(tagPrefix === undefined ? {} : { tagPrefix }), pullSecrets }
      if (oci !== undefined) return [{ repository: oci, ...more, plugins: spokenOf.map(({ plugin }) => plugin) }]
      // A prefix alone: in the repository of each image.
      return spokenOf.flatMap(({ plugin, image }) => {
        const repository = repositoryOf(image)
        return repository === undefined ? [] : [{ repository, ...more, plugins: [plugin] }]
      })
    })
  })

const repositoryOf = (image: string): string | undefined => {
  try {
    return nameOf(parseReference(image))
  } catch {
    return undefined
  }
}
