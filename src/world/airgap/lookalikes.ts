import type { AirgapMetadata } from '../../embedded-cluster/airgap-metadata.ts'
import type { AirgapFact } from '../../facts/airgap.ts'
import { means, nodeName } from '../../oci/imported-names.ts'

type Found = Extract<AirgapFact, { ok: true }>

const maxListed = 10

/** `registry/repository` of a name that a node looks for. */
const repositoryOf = (name: string): string => name.replace(/@.*$/, '').replace(/:[^:/]*$/, '')
const lastOf = (name: string): string => repositoryOf(name).split('/').at(-1) ?? ''
/** As the registry in the cluster gets it: of the repository the last component alone (kots pkg/imageutil/image.go DestImage). */
const inClusterName = (name: string): string => name.slice(repositoryOf(name).lastIndexOf('/') + 1)

/** What an archive holds that was meant for this image, or that is nearly it. */
export const lookalikes = (wanted: string, names: Iterable<string>): Pick<Found, 'misnamed' | 'near'> => {
  const tag = /[:@]([^:@/]+|sha256:[^/]+)$/.exec(wanted)?.[1]
  const [misnamed, sameRepository, sameLast]: [string[], string[], string[]] = [[], [], []]
  for (const name of names) {
    if (name === wanted) continue
    if (means(name, wanted) || name === tag) misnamed.push(name)
    else if (repositoryOf(normal(name)) === repositoryOf(wanted)) sameRepository.push(name)
    else if (lastOf(normal(name)) === lastOf(wanted)) sameLast.push(name)
  }
  const near = sameRepository.length > 0 ? sameRepository : sameLast
  return { misnamed: misnamed.slice(0, maxListed), near: near.slice(0, maxListed) }
}

const normal = (name: string): string => {
  try {
    return nodeName(name)
  } catch {
    return name
  }
}

/** Where else in a bundle the image is: in what goes to the registry in the cluster, under another name, where no node looks for it. */
export const elsewhereIn = (
  wanted: string,
  metadata: AirgapMetadata | undefined,
  tags: readonly { readonly folder: string; readonly name: string }[],
): Pick<Found, 'elsewhere' | 'collides'> => {
  const saved = metadata?.savedImages ?? []
  const ofRegistry = metadata?.registryImages ?? []
  const short = inClusterName(wanted)
  const registryDir = metadata?.registryDir.replace(/\/+$/, '')
  const same = (name: string) => means(name, wanted)
  const elsewhere = [
    ...saved.filter(same).map(name => ({ kind: 'savedImages' as const, name })),
    ...ofRegistry.filter(same).map(name => ({ kind: 'registry' as const, name })),
    ...tags
      .filter(({ name }) => name === short || same(name))
      .map(({ folder, name }) => ({ kind: folder === registryDir ? ('registry' as const) : ('images' as const), name })),
  ].slice(0, maxListed)
  const collides = saved.filter(name => !same(name) && inClusterName(normal(name)) === short).slice(0, maxListed)
  return { elsewhere, collides }
}
