import type { Digest } from '../digest.ts'
import type { OpenVex, VexProduct, VexStatement, VexStatus } from './open-vex.ts'
import { parsePurl, purlMatches } from './purl.ts'
import type { Vulnerability } from './vulnerability.ts'

/** The image that a VEX statement has to speak of. */
export interface VexImage {
  /** `registry/repository`, as the image was pulled. */
  readonly repository: string
  /** Of the index and of each platform's image. */
  readonly digests: readonly Digest[]
}

/** A VEX document, and what it is attested for where its statements name no product. */
export interface AttestedVex {
  readonly vex: OpenVex
  /** The attestation's subjects hold one of the image's digests. */
  readonly ofImage: boolean
}

/** A vulnerability that VEX takes out of the count, and why. */
export interface Correction {
  readonly vulnerability: Vulnerability
  readonly status: Extract<VexStatus, 'not_affected' | 'fixed'>
  readonly author: string
  readonly reason: string
}

export interface Corrected {
  readonly remaining: readonly Vulnerability[]
  readonly corrections: readonly Correction[]
}

/**
 * What remains when the statements of VEX are taken into account: `not_affected` and `fixed` take a vulnerability out, and
 * `affected` and `under_investigation` do not. Of several statements about the same, the latest counts; of the same time, the worse.
 */
export const correctByVex = (vulnerabilities: readonly Vulnerability[], documents: readonly AttestedVex[], image: VexImage): Corrected => {
  const byName = indexByName(documents)
  const remaining: Vulnerability[] = []
  const corrections: Correction[] = []
  for (const vulnerability of vulnerabilities) {
    const about = [...new Set([vulnerability.id, ...vulnerability.aliases].flatMap(name => byName.get(nameKey(name)) ?? []))].filter(
      statement => speaksOf(statement, vulnerability, image),
    )
    const last = about.toSorted(
      (a, b) => b.statement.at.getTime() - a.statement.at.getTime() || risk[b.statement.status] - risk[a.statement.status],
    )[0]
    const status = last?.statement.status
    if (last !== undefined && (status === 'not_affected' || status === 'fixed'))
      corrections.push({ vulnerability, status, author: last.author, reason: last.statement.reason })
    else remaining.push(vulnerability)
  }
  return { remaining, corrections }
}

const risk: Readonly<Record<VexStatus, number>> = { fixed: 0, not_affected: 1, under_investigation: 2, affected: 3 }

interface Said {
  readonly statement: VexStatement
  readonly author: string
  readonly ofImage: boolean
}

const indexByName = (documents: readonly AttestedVex[]): ReadonlyMap<string, readonly Said[]> => {
  const byName = new Map<string, Said[]>()
  for (const { vex, ofImage } of documents) {
    for (const statement of vex.statements) {
      const said: Said = { statement, author: vex.author, ofImage }
      for (const name of new Set(statement.vulnerabilities.map(nameKey))) {
        const list = byName.get(name)
        if (list === undefined) byName.set(name, [said])
        else list.push(said)
      }
    }
  }
  return byName
}

/** An `@id` is often an address that ends in the name. */
const nameKey = (name: string): string => name.slice(name.lastIndexOf('/') + 1).toUpperCase()

const speaksOf = ({ statement, ofImage }: Said, vulnerability: Vulnerability, image: VexImage): boolean => {
  if (statement.products === undefined) return ofImage
  return statement.products.some(product =>
    isImage(product, image)
      ? product.subcomponents.length === 0 || product.subcomponents.some(id => isPackage(id, vulnerability))
      : product.subcomponents.length === 0 && product.ids.some(id => isPackage(id, vulnerability)),
  )
}

const isImage = ({ ids, digests }: VexProduct, image: VexImage): boolean =>
  digests.some(digest => image.digests.includes(digest)) || ids.some(id => isImageId(id, image))

/** `pkg:oci` (purl-types oci): the name is the last part of the repository, the version the digest. A name alone is any image of that name. */
const isImageId = (id: string, { repository, digests }: VexImage): boolean => {
  const purl = parsePurl(id)
  if (purl === undefined) return digests.some(digest => id.endsWith(`@${digest}`))
  if (purl.type !== 'oci' || purl.namespace !== '' || purl.name !== repository.slice(repository.lastIndexOf('/') + 1).toLowerCase())
    return false
  const where = purl.qualifiers.get('repository_url')
  if (where !== undefined && where.toLowerCase() !== repository.toLowerCase()) return false
  return purl.version === undefined ? where !== undefined : digests.includes(purl.version)
}

const isPackage = (id: string, { purl }: Vulnerability): boolean => {
  const [wanted, found] = [parsePurl(id), purl === undefined ? undefined : parsePurl(purl)]
  return wanted !== undefined && found !== undefined && purlMatches(wanted, found)
}
