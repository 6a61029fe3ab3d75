import type { ImageFact, NodeRoute, Quota } from '../../facts/image.ts'
import type { Finding } from '../../outcome.ts'
import { printable } from '../../redact.ts'
import { type ImageCode, imageCodes } from './codes.ts'

const warn = (code: ImageCode, message: string): Finding => ({ status: imageCodes[code].status, code, message })

/** What is to be said of the way on which a node comes to the image: its mirrors, and what is left to pull. */
export const nodeFindings = (name: string, image: string, fact: ImageFact): readonly Finding[] => [
  ...problemFindings(name, image, fact.node),
  ...hostFindings(name, image, fact.node),
  ...(fact.ok
    ? [...failedHosts(name, image, fact), ...differing(name, image, fact), ...quotaFindings(name, image, fact.host, fact.quota)]
    : []),
]

const problemFindings = (name: string, image: string, node: NodeRoute | undefined): readonly Finding[] =>
  (node?.problems ?? []).map(({ effect, message }) =>
    effect === 'off'
      ? warn('IMAGE_MIRRORS_OFF', `${name}: for ${image} a node does not ask whom it is meant to ask. ${message} Correct it on every node.`)
      : warn('IMAGE_NODE_SETTINGS', `${name}: the node's settings for ${image} do not do all that they say. ${message}`),
  )

const hostFindings = (name: string, image: string, node: NodeRoute | undefined): readonly Finding[] => {
  const files = filesOf(node)
  const unverified = (node?.hosts ?? []).filter(host => host.unverified)
  const plain = (node?.hosts ?? []).filter(host => host.plain)
  return [
    ...(unverified.length === 0
      ? []
      : [
          warn(
            'IMAGE_HOST_UNVERIFIED',
            `${name}: a node asks ${listed(unverified)} for ${image} without checking the certificate, as ${files} says (skip_verify). Whoever stands between can give it another image and read its logins. Name the authority with ca in that file instead.`,
          ),
        ]),
    ...(plain.length === 0
      ? []
      : [
          warn(
            'IMAGE_HOST_PLAIN',
            `${name}: a node asks ${listed(plain)} for ${image} in plain HTTP, as ${files} says. Whoever stands between can give it another image and read its logins. Give that host a certificate, and write it as https://.`,
          ),
        ]),
  ]
}

/** A mirror that lacks an image is what mirrors are like; one that does not answer makes every pull wait. */
const failedHosts = (name: string, image: string, fact: Extract<ImageFact, { ok: true }>): readonly Finding[] => {
  const failed = (fact.passedOver ?? []).filter(({ status }) => status !== 404)
  if (failed.length === 0) return []
  const said = failed.map(({ host, message }) => `${printable(host)}: ${printable(message, 400)}`).join(' ')
  return [
    warn(
      'IMAGE_MIRROR_FAILED',
      `${name}: a node that pulls ${image} first asks in vain, and then takes it from ${printable(fact.host)}. ${said} Repair that host, or take it out of ${filesOf(fact.node)}: without ${printable(fact.host)} nothing could be pulled.`,
    ),
  ]
}

const differing = (name: string, image: string, { host, digest, upstream }: Extract<ImageFact, { ok: true }>): readonly Finding[] => {
  if (upstream === undefined || upstream === digest) return []
  return [
    warn(
      'IMAGE_MIRROR_DIFFERS',
      `${name}: a node gets another image for ${image} than the registry has: the mirror ${printable(host)} says that the tag points at ${digest}, the registry itself says ${upstream}. The mirror may hold an older one. Let it fetch the tag anew, or name the image with the digest that is meant.`,
    ),
  ]
}

const quotaFindings = (name: string, image: string, host: string, quota: Quota | undefined): readonly Finding[] => {
  if (quota === undefined || quota.remaining > Math.max(5, (quota.limit ?? 0) / 10)) return []
  return [
    warn(
      'IMAGE_QUOTA_LOW',
      `${name}: ${quotaLine(host, quota)} for the address or login that was used here. Every node that pulls ${image} takes at least one of them, and with none left it gets an error (429). Wait until they are renewed, or give a pull secret with a larger quota.`,
    ),
  ]
}

const quotaLine = (host: string, { remaining, limit, windowSeconds }: Quota): string => {
  const window = windowSeconds === undefined ? '' : ` in ${Math.round(windowSeconds / 360) / 10} h`
  return `${printable(host)} says that ${remaining}${limit === undefined ? '' : ` of ${limit}`} pulls are left${window}`
}

/** Lines of evidence: from where the settings of the network are, also where nothing was had. */
export const networkLines = ({ network }: ImageFact): readonly string[] =>
  network === undefined
    ? []
    : [
        network.proxy === undefined ? 'proxy: none' : `proxy: as ${printable(network.proxy)} says`,
        `authorities: ${network.authorities === undefined ? 'those of this machine' : printable(network.authorities)}`,
      ]

/** Lines of evidence: by which way the image was had. */
export const wayLines = (fact: Extract<ImageFact, { ok: true }>): readonly string[] => {
  const { node, host, fetchedFrom, passedOver = [], quota, proxy } = fact
  const order = (node?.hosts ?? []).map(one => (one.resolves ? printable(one.host) : `${printable(one.host)} (digests alone)`))
  return [
    ...(order.length === 0 ? [] : [`a node asks ${order.join(', then ')}, as ${filesOf(node)} says`]),
    ...passedOver.map(one => `passed over: ${printable(one.host)}: ${printable(one.message, 400)}`),
    ...(order.length === 0
      ? []
      : [`answered by ${printable(host)}${fetchedFrom === undefined ? '' : `, manifest from ${printable(fetchedFrom)}`}`]),
    ...(proxy === undefined ? [] : [`through the proxy ${printable(proxy)}`]),
    ...(quota === undefined ? [] : [quotaLine(host, quota)]),
    ...networkLines(fact),
  ]
}

const filesOf = (node: NodeRoute | undefined): string => (node?.files ?? []).map(file => printable(file)).join(', ') || 'its configuration'

const listed = (hosts: NodeRoute['hosts']): string => hosts.map(({ host }) => printable(host)).join(', ')
