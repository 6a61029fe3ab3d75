import type { AirgapFact, BundledPlatform } from '../../facts/airgap.ts'
import type { Plugin } from '../../facts/fact.ts'
import { pinnedDigest } from '../../oci/imported-names.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { reason } from '../analyzer.ts'
import { absentFindings } from './absent.ts'
import { type AirgapCase, finding } from './case.ts'
import { bundleLines, list } from './words.ts'

type Found = NonNullable<AirgapCase['fact']['found']>

/** What is to be said of one plugin in an air gap, fails first. */
export const airgapFindings = (plugin: Plugin, fact: AirgapFact, platforms: readonly string[]): readonly Finding[] => {
  const name = printable(plugin.plugin)
  const image = printable(plugin.image)
  if (!fact.ok) {
    const code = fact.code === 'REFERENCE_INVALID' ? 'AIRGAP_UNCHECKED' : 'AIRGAP_BUNDLE_UNREADABLE'
    return [finding(code, `${name}: whether ${image || 'its image'} is in the air-gap bundle is not known. ${reason(fact)}`)]
  }
  const one: AirgapCase = { name, image, wanted: printable(fact.name, 300), fact }
  const faults = [
    ...unusable(one),
    ...otherRelease(one),
    ...(fact.found === undefined ? absentFindings(one) : foundFaults(one, fact.found, platforms)),
    ...pullAlways(one, plugin),
    ...platforms.filter(platform => platform !== 'linux/amd64').map(platform => amd64Only(one, platform)),
  ]
  const all = [...faults, ...doubts(one)]
  return all.length > 0 ? all.toSorted(bySeverity) : [present(one)]
}

const bySeverity = (a: Finding, b: Finding): number => Number(a.status === 'warn') - Number(b.status === 'warn')

const present = ({ name, image, wanted, fact }: AirgapCase): Finding => {
  const { found } = fact
  const held = (found?.platforms ?? []).flatMap(one =>
    one.ok ? [`${one.platform}: ${one.digest ?? 'no digest'}, ${one.layers} ${one.layers === 1 ? 'layer' : 'layers'}`] : [],
  )
  const where = printable(found?.archive ?? '', 200)
  return finding(
    'AIRGAP_PRESENT',
    `${name}: ${image} is in ${where} under the name that a node looks for${wanted === image ? '' : `, ${wanted}`}, for ${list(found?.platforms.map(({ platform }) => platform) ?? [])}; no registry is asked for it.`,
    [...(found?.digest === undefined ? [] : [`it points at ${found.digest}`]), ...held, ...bundleLines(fact.bundle)],
  )
}

/** Of the whole bundle; each plugin fails with it. */
const unusable = ({ name, fact: { bundle } }: AirgapCase): readonly Finding[] => {
  const [first] = bundle.problems
  if (first === undefined) return []
  const message = `${name}: Embedded Cluster cannot install from ${printable(bundle.path)}. ${bundle.problems.join(' ')}`
  return [finding('AIRGAP_BUNDLE_UNUSABLE', message, bundleLines(bundle))]
}

/** In the order and by the rules of EC 2.19 cmd/installer/cli/install.go, checkAirgapMatches, which ends with the first. */
const otherRelease = ({ name, fact: { bundle } }: AirgapCase): readonly Finding[] => {
  const { installer, release, kind } = bundle
  if (kind !== 'bundle' || installer === undefined || release?.channelId === undefined) return []
  const pairs = [
    ['application', release.app, installer.appSlug],
    ['channel', release.channelId, installer.channelId],
    ['version', release.version, installer.versionLabel],
  ] as const
  const differing = pairs.filter(([, ofBundle, ofInstaller]) => ofBundle !== ofInstaller)
  if (differing.length === 0) return []
  const said = differing.map(([what, ...texts]) => {
    const [ofBundle, ofInstaller] = texts.map(text => (text === '' ? `no ${what}` : `the ${what} "${printable(text, 100)}"`))
    return `its airgap.yaml has ${ofBundle}, and the other ${ofInstaller}`
  })
  const message = `${name}: ${printable(bundle.path)} does not belong to ${printable(installer.file)}: ${said.join('; ')}. Embedded Cluster refuses to install, restore or update with it. Take both from the same download.`
  return [finding('AIRGAP_OTHER_RELEASE', message, bundleLines(bundle))]
}

const foundFaults = (one: AirgapCase, found: Found, platforms: readonly string[]): readonly Finding[] => [
  ...digestFaults(one, found),
  ...platforms.flatMap(platform => platformFault(one, found.platforms.find(each => each.platform === platform) ?? notLooked(platform))),
]

const digestFaults = ({ name, image, fact }: AirgapCase, { digest, archive }: Found): readonly Finding[] => {
  const pinned = pinnedDigest(fact.name)
  if (pinned === undefined) return []
  const where = printable(archive, 200)
  if (digest === undefined) {
    const message = `${name}: ${where} gives an image the name with the digest of ${image}, but is a docker archive, in which images have no digest: which one it is nobody can see. Write the archive as an OCI layout.`
    return [finding('AIRGAP_DIGEST_DIFFERS', message)]
  }
  if (digest !== pinned) {
    const message = `${name}: what ${where} has under the digest of ${image} is ${digest}, and a node would run it without comparing. Put the image that the Config names into the bundle.`
    return [finding('AIRGAP_DIGEST_DIFFERS', message)]
  }
  const message = `${name}: ${image} is in ${where} under its digest, and a node finds it. Tools that build air-gap bundles often pull by tag alone and leave such a name out: check every bundle, or name the image by its tag alone.`
  return [finding('AIRGAP_DIGEST', message)]
}

const platformFault = ({ name, image, fact }: AirgapCase, one: BundledPlatform): readonly Finding[] => {
  const where = printable(fact.found?.archive ?? '', 200)
  if (one.ok) {
    if (one.missing.length === 0) return []
    const message = `${name}: ${where} lacks ${one.missing.length} of the ${one.layers} layers of ${image} for ${one.platform}. containerd imports the rest and says nothing, and the container then does not start. Build the bundle again.`
    return [
      finding(
        'AIRGAP_INCOMPLETE',
        message,
        one.missing.slice(0, 10).map(layer => `not there: ${printable(layer)}`),
      ),
    ]
  }
  const platform = printable(one.platform, 60)
  if (one.code === 'PLATFORM_NOT_FOUND' || one.code === 'MANIFEST_NOT_FOUND') {
    const message = `${name}: ${where} does not have ${image} for ${platform}, the platform of its nodes: they find nothing under its name that they could start. Put it for ${platform} into the bundle. ${one.message}`
    return [finding('AIRGAP_PLATFORM_MISSING', message)]
  }
  const code = one.code === 'BLOB_NOT_FOUND' ? 'AIRGAP_INCOMPLETE' : 'AIRGAP_UNCHECKED'
  return [finding(code, `${name}: ${image} in ${where} cannot be used on ${platform}. ${reason(one)}`)]
}

const notLooked = (platform: string): BundledPlatform => ({
  platform,
  ok: false,
  code: 'FACT_MISSING',
  message: 'Nothing was collected for this platform.',
  hint: `Collect again with --platform ${platform}.`,
})

/** Embedded Cluster writes IfNotPresent where the Config says nothing, also beside `latest`. */
const pullAlways = ({ name, image }: AirgapCase, { imagePullPolicy }: Plugin): readonly Finding[] => {
  if (imagePullPolicy !== 'Always') return []
  const message = `${name}: imagePullPolicy is Always, so that a node asks the registry for ${image} although it has the image, gets no answer, and Velero does not start. Take IfNotPresent, or leave the field out.`
  return [finding('AIRGAP_PULL_ALWAYS', message)]
}

const amd64Only = ({ name }: AirgapCase, platform: string): Finding =>
  finding(
    'AIRGAP_AMD64_ONLY',
    `${name}: Embedded Cluster installs without a network on linux/amd64 alone, and ${printable(platform, 60)} was asked for. Leave that platform out.`,
  )

const doubts = ({ name, image, wanted, fact }: AirgapCase): readonly Finding[] => {
  const { found, collides, elsewhere } = fact
  const twice =
    found !== undefined && found.images > 1
      ? [
          finding(
            'AIRGAP_NAME_TWICE',
            `${name}: ${found.images} different images have the name ${wanted} in what a node imports. containerd keeps the last, which is the one that was checked. Leave only the one that is meant.`,
          ),
        ]
      : []
  if (collides.length === 0 || !elsewhere.some(({ kind }) => kind === 'savedImages')) return twice
  const others = list(collides.map(other => printable(other)))
  const message = `${name}: in the registry of the cluster ${image} and ${others} have one name, so that one of them replaces the other. Nodes take the plugin from elsewhere; rename an image if both are meant to be there.`
  return [...twice, finding('AIRGAP_COLLISION', message)]
}
