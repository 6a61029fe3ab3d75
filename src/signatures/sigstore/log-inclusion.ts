import type { SealedLogEntry } from '../log-entry.ts'
import { howSigned } from '../verify-key.ts'
import { includes, inWords } from './certificate-chain.ts'
import { isSignedBy, parseCheckpoint } from './checkpoint.ts'
import { leafHash, rootOf } from './merkle.ts'
import { isNamed, type TransparencyLog } from './trusted-root.ts'

/** Whether a trusted log has an entry. An entry of an unknown log says nothing, for or against. */
export type Inclusion =
  | { readonly state: 'unknown' }
  | { readonly state: 'failed'; readonly expected: string; readonly actual: string }
  | {
      readonly state: 'proven'
      readonly log: TransparencyLog
      /** When the log took it; only where the log has signed that. */
      readonly time: Date | undefined
      /** What proves it, in words. */
      readonly by: string
    }

/**
 * Everything that came along must hold: the promise, and the proof with its checkpoint.
 *
 * @param times when it was signed, as timestamps prove: where the log tells no time, its key must have been trusted then
 * @throws Malformed
 */
export const inclusionOf = (entry: SealedLogEntry, logs: readonly TransparencyLog[], times: readonly Date[]): Inclusion => {
  const named = logs.filter(log => isNamed(log, entry.logId))
  if (named.length === 0) return { state: 'unknown' }
  const results = named.map(log => inclusionIn(entry, log, times))
  return results.find(({ state }) => state === 'proven') ?? results[0]!
}

const inclusionIn = (entry: SealedLogEntry, log: TransparencyLog, times: readonly Date[]): Inclusion => {
  const { promise, proof } = entry
  if (proof === undefined && isTiled(entry)) return failed(`a proof of ${log.name}, which promises nothing`, 'none')
  if (promise === undefined && proof === undefined) return failed(`a promise or proof of ${log.name}`, 'an entry with neither')
  const time = promise === undefined || entry.integratedTime === undefined ? undefined : new Date(Number(entry.integratedTime) * 1000)
  if (promise !== undefined) {
    if (time === undefined) return failed(`a time that ${log.name} signed`, 'a promise without a time')
    if (Number.isNaN(time.getTime())) return failed(`a time that ${log.name} signed`, `${entry.integratedTime} seconds`)
    if (howSigned(log.key, promisedBytes(entry), promise) === undefined) {
      return failed(`a promise that the key of ${log.name} verifies`, 'one that it does not verify')
    }
  }
  if (proof !== undefined) {
    const wrong = wrongProof(entry, proof, log)
    if (wrong !== undefined) return wrong
  }
  const known = time === undefined ? times : [time]
  if (known.length === 0 && log.validFor.end !== undefined) {
    return failed(`a proof of when it was signed: ${log.name} is trusted for a time (${inWords(log.validFor)})`, 'none')
  }
  const outside = known.find(moment => !includes(log.validFor, moment))
  if (outside !== undefined) return failed(`${log.name} when it was trusted (${inWords(log.validFor)})`, outside.toISOString())
  const by = [...(promise === undefined ? [] : ['its promise']), ...(proof === undefined ? [] : ['a proof of inclusion'])].join(' and ')
  return { state: 'proven', log, time, by }
}

const failed = (expected: string, actual: string): Inclusion => ({ state: 'failed', expected, actual })

/** Canonical JSON (RFC 8785) of what Rekor 1 signs: names in order, nothing between (rekor 1.5 pkg/types/entries.go). */
const promisedBytes = ({ body, integratedTime, logId, logIndex }: SealedLogEntry): Buffer =>
  Buffer.from(
    `{"body":"${body.toString('base64')}","integratedTime":${integratedTime},"logID":"${logId.toString('hex')}","logIndex":${logIndex}}`,
  )

/**
 * Of Rekor 2, which is a log by c2sp.org/tlog-tiles: its checkpoints have its address as their origin, and a key of several logs signs
 * for each by name. Rekor 1 calls itself what its operator likes.
 */
const isTiled = ({ kind, version }: SealedLogEntry): boolean => version === '0.0.2' && (kind === 'hashedrekord' || kind === 'dsse')

const wrongProof = (entry: SealedLogEntry, proof: NonNullable<SealedLogEntry['proof']>, log: TransparencyLog): Inclusion | undefined => {
  const checkpoint = parseCheckpoint(proof.checkpoint)
  const tiled = isTiled(entry)
  // Rekor 1 counts over all its trees, Rekor 2 has one: there the place is said twice, and nothing else ties the one to the other.
  if (tiled && entry.logIndex !== proof.logIndex)
    return failed(`the entry at ${entry.logIndex} of ${log.name}`, `a proof for the one at ${proof.logIndex}`)
  if (!isSignedBy(checkpoint, log, tiled && log.origins.length > 0 ? log.origins : undefined))
    return failed(`a checkpoint that ${log.name} signed`, `one of ${checkpoint.origin} that it did not sign`)
  if (checkpoint.treeSize !== proof.treeSize || !checkpoint.rootHash.equals(proof.rootHash)) {
    return failed("the checkpoint's tree", 'a proof for another tree')
  }
  const root = rootOf(leafHash(entry.body), BigInt(proof.logIndex), BigInt(proof.treeSize), proof.hashes)
  if (root?.equals(proof.rootHash)) return undefined
  return failed(`the entry at ${proof.logIndex} of the tree of ${log.name}`, 'a proof that does not lead from the entry to its root')
}
