import { pinnedDigest } from '../../oci/imported-names.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { type AirgapCase, finding } from './case.ts'
import { bundleLines, list } from './words.ts'

const places = {
  savedImages: 'the savedImages of airgap.yaml',
  registry: 'the images of the registry',
  images: 'the folder images/',
} as const

/** Why a node does not find the image: one cause, the most telling. */
export const absentFindings = (one: AirgapCase): readonly Finding[] => {
  const { bundle, misnamed, elsewhere } = one.fact
  if (bundle.archives.length === 0) return bundle.problems.length > 0 ? [] : [missing(one)]
  const broken = bundle.archives.filter(({ fault }) => fault !== undefined)
  if (broken.length > 0) return [unimportable(one, broken)]
  if (misnamed.length > 0) return [wronglyNamed(one)]
  if (elsewhere.length > 0) return [trapped(one)]
  return [pinnedDigest(one.fact.name) === undefined ? missing(one) : unnamed(one)]
}

const evidence = ({ fact }: AirgapCase): readonly string[] => [
  ...fact.near.map(name => `there is ${printable(name)}`),
  ...bundleLines(fact.bundle),
]

const unimportable = ({ name, image, fact }: AirgapCase, broken: AirgapCase['fact']['bundle']['archives']): Finding => {
  const faults = broken.map(({ file, fault }) => `${printable(file)}: ${printable(fault ?? '', 400)}.`).join(' ')
  const what = broken.length === 1 ? 'an archive of images' : 'archives of images'
  const message = `${name}: ${image} is not among the images that a node imports, and ${what} cannot be imported at all. ${faults}`
  return finding('AIRGAP_IMAGES_UNUSABLE', message, bundleLines(fact.bundle))
}

const wronglyNamed = (one: AirgapCase): Finding => {
  const { name, image, wanted, fact } = one
  const there = list(fact.misnamed.map(other => `"${printable(other)}"`))
  const message = `${name}: ${image} is in the archive of images as ${there}, and containerd keeps that name as it is. A node looks for ${wanted}, does not find it, and asks its registry. Give the image the name ${wanted} (annotation io.containerd.image.name).`
  return finding('AIRGAP_MISNAMED', message, evidence(one))
}

const trapped = (one: AirgapCase): Finding => {
  const { name, image, wanted, fact } = one
  const kinds = [...new Set(fact.elsewhere.map(({ kind }) => places[kind]))]
  const message = `${name}: ${image} is in the bundle, but only among ${list(kinds)}. From there images go to the registry in the cluster, under another name and after Velero has been installed; a node asks for ${wanted} and finds nothing. It has to be in embedded-cluster/images-amd64.tar too, under ${wanted}: naming it in additionalImages does not do that.`
  const found = fact.elsewhere.map(({ kind, name }) => `in ${places[kind]}: ${printable(name)}`)
  return finding('AIRGAP_ELSEWHERE', message, [...found, ...evidence(one)])
}

const unnamed = (one: AirgapCase): Finding => {
  const { name, image, wanted } = one
  const message = `${name}: ${image} names a digest, and in the archive of images nothing has the name ${wanted}. Tools that build air-gap bundles pull by tag and leave such names out; a node then does not find the image under its tag either. Name it by its tag alone.`
  return finding('AIRGAP_DIGEST_UNNAMED', message, evidence(one))
}

const missing = (one: AirgapCase): Finding => {
  const { name, image, wanted, fact } = one
  const near = fact.near.length === 0 ? '' : ` There is ${list(fact.near.slice(0, 3).map(other => printable(other)))}.`
  const message = `${name}: ${image} is not in ${printable(fact.bundle.path)} among the images that a node imports. The node looks for ${wanted}, does not find it, and asks its registry, which an air gap keeps it from: Velero does not start.${near} Put the image into ${fact.bundle.kind === 'bundle' ? 'embedded-cluster/images-amd64.tar' : 'the archive'} under ${wanted}.`
  return finding('AIRGAP_MISSING', message, evidence(one))
}
