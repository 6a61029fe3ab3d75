import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { sha256, signWith } from '../support/sigstore/certificates.ts'
import { der, explicit, sequence } from '../support/sigstore/der.ts'
import { type Log, newLog, promiseOf, proofOf } from '../support/sigstore/logs.ts'

/**
 * Two logs that need a database to run for real, as much of them as signing asks for: one of certificates (RFC 6962 4.2), which Fulcio
 * asks, and Rekor 1, which promises entries at once and of which cosign 2 keeps the promise.
 */
export interface OldLogs {
  /** For Fulcio's `--ct-log-url`. */
  readonly ctUrl: string
  readonly ct: Log
  /** For cosign 2's `--rekor-url`. */
  readonly rekorUrl: string
  readonly rekor: Log
  close(): Promise<void>
}

export const startOldLogs = async (): Promise<OldLogs> => {
  const ct = newLog('ct')
  const rekor = newLog('rekor')
  let entries = 1000
  const answers: Readonly<Record<string, (body: Buffer) => readonly [status: number, answer: object]>> = {
    '/ct/ct/v1/add-pre-chain': body => [200, certificateTimestamp(ct, JSON.parse(body.toString()).chain)],
    '/api/v1/log/entries': body => {
      const logIndex = entries++
      const integratedTime = Math.floor(Date.now() / 1000)
      const canonical = Buffer.from(canonicalJson(entryOf(JSON.parse(body.toString()))))
      const signedEntryTimestamp = promiseOf(rekor, canonical, integratedTime, logIndex).toString('base64')
      const entry = { body: canonical.toString('base64'), integratedTime, logIndex, logID: rekor.id.toString('hex') }
      const verification = { signedEntryTimestamp, inclusionProof: inclusionOf(rekor, canonical) }
      return [201, { [sha256(canonical).toString('hex')]: { ...entry, verification } }]
    },
  }
  const server = createServer(async (request, response) => {
    const answer = request.method === 'POST' ? answers[request.url ?? ''] : undefined
    const [status, document] = answer === undefined ? [404, {}] : answer(await bodyOf(request))
    const location = status === 201 ? { location: `${request.url}/${Object.keys(document)[0]}` } : {}
    response.writeHead(status, { 'content-type': 'application/json', ...location }).end(JSON.stringify(document))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ctUrl: `${url}/ct`,
    ct,
    rekorUrl: url,
    rekor,
    close: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

const bodyOf = async (request: IncomingMessage): Promise<Buffer> => {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

interface Proposal {
  readonly kind: string
  readonly spec: { readonly proposedContent?: { readonly envelope: string; readonly verifiers: readonly string[] } }
}

/** What Rekor makes of what it was sent: of an envelope it keeps hashes (rekor 1.4 pkg/types/dsse/v0.0.1/entry.go). */
const entryOf = (proposal: Proposal): object => {
  const { proposedContent } = proposal.spec
  if (proposedContent === undefined) return proposal
  const { envelope, verifiers } = proposedContent
  const { payload, signatures } = JSON.parse(envelope) as { payload: string; signatures: readonly { sig: string }[] }
  const hash = (bytes: Buffer) => ({ algorithm: 'sha256', value: sha256(bytes).toString('hex') })
  const spec = {
    envelopeHash: hash(Buffer.from(envelope)),
    payloadHash: hash(Buffer.from(payload, 'base64')),
    signatures: signatures.map(({ sig }, index) => ({ signature: sig, verifier: verifiers[index] })),
  }
  return { ...proposal, spec }
}

/** As Rekor's API says it: hashes in hex. */
const inclusionOf = (log: Log, body: Buffer): object => {
  const { checkpoint, hashes, rootHash, logIndex, treeSize } = proofOf(log, body, { origin: `${log.host} - 1234` })
  const hex = (text: string) => Buffer.from(text, 'base64').toString('hex')
  const tree = { logIndex: Number(logIndex), treeSize: Number(treeSize), rootHash: hex(rootHash), hashes: hashes.map(hex) }
  return { ...tree, checkpoint: checkpoint.envelope }
}

/** RFC 8785, as far as entries need it: Rekor signs the canonical form of what it was sent. */
const canonicalJson = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )

/** RFC 6962 3.2 and 4.2: over the certificate without its poison and the hash of its issuer's key. */
const certificateTimestamp = (log: Log, chain: readonly string[]): object => {
  const [certificate, issuer] = chain.map(text => Buffer.from(text, 'base64'))
  const tbs = withoutPoison(certificate!)
  const timestamp = Date.now()
  const time = Buffer.alloc(8)
  time.writeBigUInt64BE(BigInt(timestamp))
  const length = Buffer.from([tbs.length >> 16, (tbs.length >> 8) & 0xff, tbs.length & 0xff])
  const start = [Buffer.from([0, 0]), time, Buffer.from([0, 1]), sha256(keyOf(issuer!)), length, tbs, Buffer.from([0, 0])]
  const signature = signWith(log.key, Buffer.concat(start))
  const written = Buffer.concat([Buffer.from([4, 3, signature.length >> 8, signature.length & 0xff]), signature])
  return { sct_version: 0, id: log.id.toString('base64'), timestamp, extensions: '', signature: written.toString('base64') }
}

interface Part {
  readonly tag: number
  /** With tag and length. */
  readonly whole: Buffer
  readonly content: Buffer
}

const partsOf = (bytes: Buffer): readonly Part[] => {
  const parts: Part[] = []
  for (let at = 0; at < bytes.length; ) {
    const first = bytes[at + 1]!
    const digits = first < 0x80 ? 0 : first & 0x7f
    const size = digits === 0 ? first : bytes.readUIntBE(at + 2, digits)
    const start = at + 2 + digits
    parts.push({ tag: bytes[at]!, whole: bytes.subarray(at, start + size), content: bytes.subarray(start, start + size) })
    at = start + size
  }
  return parts
}

const tbsParts = (certificate: Buffer): readonly Part[] => partsOf(partsOf(partsOf(certificate)[0]!.content)[0]!.content)

/** SubjectPublicKeyInfo: the seventh part where the version is written. */
const keyOf = (certificate: Buffer): Buffer => tbsParts(certificate)[6]!.whole

/** 1.3.6.1.4.1.11129.2.4.3 */
const poison = Buffer.from('060a2b06010401d679020403', 'hex')

const withoutPoison = (certificate: Buffer): Buffer => {
  const extensionsTag = 0xa3
  const parts = tbsParts(certificate).map(({ tag, whole, content }) => {
    if (tag !== extensionsTag) return whole
    const kept = partsOf(partsOf(content)[0]!.content).filter(one => !one.content.subarray(0, poison.length).equals(poison))
    return explicit(3, sequence(...kept.map(one => one.whole)))
  })
  return der(0x30, ...parts)
}
