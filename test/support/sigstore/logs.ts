import { createPublicKey, type KeyObject } from 'node:crypto'
import { type KeyKind, newKey, sha256, signWith, spkiOf } from './certificates.ts'

/** A transparency log: Rekor, or one of certificates. */
export interface Log {
  readonly host: string
  readonly key: KeyObject
  readonly id: Buffer
}

export const newLog = (host: string, kind: KeyKind = 'P-256'): Log => {
  const key = newKey(kind)
  return { host, key, id: kind === 'Ed25519' ? noteIdOf(host, key) : sha256(spkiOf(key)) }
}

/** c2sp.org/signed-note, of an Ed25519 key. */
export const noteIdOf = (name: string, key: KeyObject): Buffer =>
  sha256(Buffer.from(`${name}\n\x01`), Buffer.from(createPublicKey(key).export({ format: 'jwk' }).x ?? '', 'base64url'))

/** What Rekor 1 signs on an entry. */
export const promiseOf = ({ key, id }: Log, body: Buffer, seconds: number, logIndex: number): Buffer =>
  signWith(
    key,
    Buffer.from(JSON.stringify({ body: body.toString('base64'), integratedTime: seconds, logID: id.toString('hex'), logIndex })),
  )

const leafOf = (body: Uint8Array): Buffer => sha256(Buffer.from([0]), body)
const nodeOf = (left: Uint8Array, right: Uint8Array): Buffer => sha256(Buffer.from([1]), left, right)

/** RFC 6962 2.1, straight from its definitions. */
export const treeHash = (leaves: readonly Uint8Array[]): Buffer => {
  if (leaves.length <= 1) return leaves[0] === undefined ? sha256() : leafOf(leaves[0])
  const half = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1)
  return nodeOf(treeHash(leaves.slice(0, half)), treeHash(leaves.slice(half)))
}
export const pathOf = (index: number, leaves: readonly Uint8Array[]): readonly Buffer[] => {
  if (leaves.length <= 1) return []
  const half = 2 ** (Math.ceil(Math.log2(leaves.length)) - 1)
  if (index < half) return [...pathOf(index, leaves.slice(0, half)), treeHash(leaves.slice(half))]
  return [...pathOf(index - half, leaves.slice(half)), treeHash(leaves.slice(0, half))]
}

export interface CheckpointOptions {
  readonly origin?: string
  readonly name?: string
  readonly hint?: Buffer
  readonly signer?: KeyObject
  readonly more?: readonly string[]
}

/** c2sp.org/tlog-checkpoint */
export const checkpointOf = (log: Log, size: number, root: Buffer, options: CheckpointOptions = {}): string => {
  const text = `${options.origin ?? log.host}\n${size}\n${root.toString('base64')}\n`
  const blob = Buffer.concat([options.hint ?? log.id.subarray(0, 4), signWith(options.signer ?? log.key, Buffer.from(text))])
  return `${text}\n${[`— ${options.name ?? log.host} ${blob.toString('base64')}`, ...(options.more ?? [])].join('\n')}\n`
}

/** The proof that `body` is in a tree of five entries, as a bundle has it. */
export const proofOf = (log: Log, body: Buffer, options: CheckpointOptions = {}) => {
  const leaves = ['a', 'b', 'c'].map(text => Buffer.from(text) as Buffer).concat([body, Buffer.from('e')])
  const root = treeHash(leaves)
  return {
    logIndex: '3',
    treeSize: `${leaves.length}`,
    rootHash: root.toString('base64'),
    hashes: pathOf(3, leaves).map(hash => hash.toString('base64')),
    checkpoint: { envelope: checkpointOf(log, leaves.length, root, options) },
  }
}
