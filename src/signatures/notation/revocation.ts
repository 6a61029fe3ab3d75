import { createHash } from 'node:crypto'
import type { CrlSource } from '../../policy/notation/crl-source.ts'
import type { Certificate } from '../../x509/certificate.ts'
import { type Crl, type CrlEntry, entriesOf, isSignedBy, parseCrl } from '../../x509/crl.ts'
import { extensionOids } from '../../x509/extensions.ts'
import { showName } from '../../x509/name.ts'
import { X509Error } from '../../x509/x509-error.ts'
import { showTime } from './certificate-chain.ts'
import { type Finding, failed, notChecked, ok } from './outcome.ts'

export interface RevocationQuestion {
  /** Leaf first, already checked. */
  readonly chain: readonly Certificate[]
  readonly crls: readonly CrlSource[]
  readonly at: number
  /** When a trusted service says that it was signed: a key that became bad later was good then. */
  readonly signedAt: number | undefined
  /** Whose chain, for messages: `signing`, `timestamping`. */
  readonly whose: string
}

/**
 * Whether a certificate of the chain, its root aside, is revoked. One without any way to ask counts as good, as for notation; one
 * that names a list which was not handed in, or an OCSP responder alone, is not checked.
 */
export const checkRevocation = ({ chain, crls, at, signedAt, whose }: RevocationQuestion): Finding => {
  const lists = openLists(crls)
  const answers = chain.slice(0, -1).map((certificate, index) => {
    const answer = statusOf({ certificate, issuer: chain[index + 1]!, lists, at, signedAt })
    return { name: `the ${whose} certificate of ${showName(certificate.subject)}`, ...answer }
  })
  const revoked = answers.find(({ status }) => status === 'revoked')
  if (revoked !== undefined) return failed('no certificate of the chain is revoked', `${revoked.name} ${revoked.why}`)
  const unknown = answers.find(({ status }) => status === 'unknown')
  if (unknown !== undefined) return notChecked('a current revocation list of every authority', `for ${unknown.name} ${unknown.why}`)
  return ok(
    answers.some(({ status }) => status === 'good') ? 'no certificate is in its revocation list' : 'no certificate names a revocation list',
  )
}

interface Answer {
  readonly status: 'good' | 'notRevocable' | 'revoked' | 'unknown'
  /** After the name of the certificate. */
  readonly why: string
}

interface Question {
  readonly certificate: Certificate
  readonly issuer: Certificate
  readonly lists: readonly List[]
  readonly at: number
  readonly signedAt: number | undefined
}

interface List {
  readonly source: CrlSource
  readonly base: Crl
  readonly delta: Crl | undefined
}

/** What cannot be read says nothing of any certificate. Deltas in files of their own complete the bases of their issuer. */
const openLists = (sources: readonly CrlSource[]): readonly List[] => {
  const lists = sources.flatMap(source => {
    try {
      return [{ source, base: parseCrl(source.base), delta: source.delta && parseCrl(source.delta) }]
    } catch (error) {
      if (error instanceof X509Error) return []
      throw error
    }
  })
  const loose = lists.filter(({ base }) => base.deltaOf !== undefined)
  return lists
    .filter(({ base }) => base.deltaOf === undefined)
    .map(list => ({
      ...list,
      delta: list.delta ?? loose.find(({ base }) => completes(base, list.base) && base.issuer.bytes.equals(list.base.issuer.bytes))?.base,
    }))
}

const statusOf = (question: Question): Answer => {
  const { certificate } = question
  if (!certificate.extensions.has(extensionOids.crlDistributionPoints)) {
    if (!certificate.hasOcsp) return { status: 'notRevocable', why: 'cannot be revoked' }
    return { status: 'unknown', why: 'only an OCSP responder could say, and none is asked here' }
  }
  // A list may hold some reasons, or some certificates: every one that is named must be there, as for notation.
  const urls = certificate.crlUrls.length === 0 ? [undefined] : certificate.crlUrls
  const answers = urls.map(url => answerOf(question, url))
  return answers.find(({ status }) => status === 'revoked') ?? answers.find(({ status }) => status === 'unknown') ?? answers[0]!
}

/** The answer of the newest usable list for one URL. */
const answerOf = (question: Question, url: string | undefined): Answer => {
  const place = url === undefined ? 'the distribution point without a URL' : url
  const candidates = question.lists.filter(list => covers(list, question, url)).toSorted((a, b) => b.base.thisUpdate - a.base.thisUpdate)
  let why = `the list of ${place} was not handed in`
  for (const list of candidates) {
    const unusable = unusability(list, question)
    if (unusable !== undefined) {
      why = `the list of ${place} (${list.source.file}) ${unusable}`
      continue
    }
    try {
      return judge([...entriesOf(list.base, question.certificate.serial), ...deltaEntries(list, question.certificate)], question.signedAt)
    } catch (error) {
      if (!(error instanceof X509Error)) throw error
      why = `the list of ${place} (${list.source.file}) cannot be read: ${error.message}`
    }
  }
  return { status: 'unknown', why }
}

const deltaEntries = ({ delta }: List, { serial }: Certificate): readonly CrlEntry[] =>
  delta === undefined ? [] : entriesOf(delta, serial)

/** Whether the list is that of the URL: by its file's name, or by what it says of itself. */
const covers = ({ source, base }: List, { certificate, issuer }: Question, url: string | undefined): boolean => {
  if (source.urlHash !== undefined) return url !== undefined && createHash('sha256').update(url, 'latin1').digest('hex') === source.urlHash
  if (!base.issuer.bytes.equals(issuer.subject.bytes)) return false
  if (base.scope === undefined) return true
  const { urls, only, partial } = base.scope
  if (partial || (urls.length > 0 && (url === undefined || !urls.includes(url)))) return false
  return only === undefined || (only === 'authorities') === (certificate.basicConstraints?.ca === true)
}

/** Why a list says nothing of the certificate, after its name. */
const unusability = ({ base, delta }: List, { certificate, issuer, at }: Question): string | undefined => {
  const wanted = base.freshestUrls.length > 0 || certificate.extensions.has(extensionOids.freshestCrl)
  if (wanted && delta === undefined) return 'has changes in another list, which was not handed in'
  if (delta !== undefined && !completes(delta, base)) return 'and the list of its changes do not belong together'
  for (const list of delta === undefined ? [base] : [base, delta]) {
    if (!isSignedBy(list, issuer)) return `is not signed by ${showName(issuer.subject)}`
    if (list.nextUpdate === undefined) return 'does not say until when it is current'
    if (at > list.nextUpdate) return `was current until ${showTime(list.nextUpdate)}`
    if (list.unknownCritical.length > 0) return `has the critical extension ${list.unknownCritical[0]}, which is not understood`
  }
  return undefined
}

/** RFC 5280 5.2.4. */
const completes = (delta: Crl, base: Crl): boolean =>
  delta.deltaOf !== undefined &&
  delta.number !== undefined &&
  base.number !== undefined &&
  delta.number > base.number &&
  delta.deltaOf <= base.number

/** Reasons (RFC 5280 5.3.1) that can be taken back. */
const reasons = { certificateHold: 6, removeFromCrl: 8 }

const judge = (entries: readonly CrlEntry[], signedAt: number | undefined): Answer => {
  let last: CrlEntry | undefined
  for (const entry of entries) {
    if (signedAt !== undefined && entry.invalidSince !== undefined && signedAt < entry.invalidSince)
      return { status: 'good', why: 'was signed with before it became invalid' }
    if (entry.reason !== reasons.certificateHold && entry.reason !== reasons.removeFromCrl)
      return { status: 'revoked', why: `was revoked at ${showTime(entry.revokedAt)}` }
    if (last === undefined || last.revokedAt < entry.revokedAt) last = entry
  }
  if (last?.reason === reasons.certificateHold) return { status: 'revoked', why: `is on hold since ${showTime(last.revokedAt)}` }
  return { status: 'good', why: 'is not in its list' }
}
