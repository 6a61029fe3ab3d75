import { Malformed } from '../malformed.ts'
import { asBase64 } from '../strict-json.ts'
import { howSigned } from '../verify-key.ts'
import { noteId, type TransparencyLog } from './trusted-root.ts'

/** The head of a log's tree, as it stands in a signed note (c2sp.org/tlog-checkpoint). */
export interface Checkpoint {
  readonly origin: string
  readonly treeSize: string
  readonly rootHash: Buffer
  /** What is signed. */
  readonly text: Buffer
  readonly signatures: readonly NoteSignature[]
}

/** A line of a signed note (c2sp.org/signed-note): of the log, or of a witness. */
interface NoteSignature {
  readonly name: string
  readonly keyHint: Buffer
  readonly signature: Buffer
}

const limits = { bytes: 64 << 10, signatures: 64 }

/** @throws Malformed */
export const parseCheckpoint = (note: string): Checkpoint => {
  if (note.length > limits.bytes) throw new Malformed('the checkpoint is too long')
  const end = note.lastIndexOf('\n\n')
  const [origin = '', treeSize = '', rootHash = ''] = note.slice(0, Math.max(end, 0)).split('\n')
  if (origin === '' || !/^(?:0|[1-9]\d{0,18})$/.test(treeSize)) throw new Malformed('the checkpoint has no origin or tree size')
  const hash = asBase64(rootHash, "the checkpoint's root hash")
  if (hash.length !== 32) throw new Malformed("the checkpoint's root hash is not one of SHA-256")
  const lines = note.slice(end + 2).split('\n')
  if (lines.pop() !== '' || lines.length === 0 || lines.length > limits.signatures) throw new Malformed('the checkpoint is not signed')
  return { origin, treeSize, rootHash: hash, text: Buffer.from(note.slice(0, end + 1)), signatures: lines.map(signatureOf) }
}

const signatureOf = (line: string): NoteSignature => {
  const [, name, base64] = /^— (\S+) (\S+)$/.exec(line) ?? []
  if (name === undefined) throw new Malformed('the checkpoint has a line that is no signature')
  const bytes = asBase64(base64, 'a signature of the checkpoint')
  if (bytes.length < 5) throw new Malformed('a signature of the checkpoint is too short')
  return { name, keyHint: bytes.subarray(0, 4), signature: bytes.subarray(4) }
}

/**
 * Whether the log signed the checkpoint, under a name that belongs to the checkpoint's origin. Rekor 1 signs as `host` and writes
 * the tree behind it: `host - 1193050959916656506`. Lines of witnesses and of other keys are passed over.
 *
 * @param names the only ones under which it signs, beside one that its ID in the trusted root is made of; absent: any
 */
export const isSignedBy = (
  { origin, text, signatures }: Checkpoint,
  { key, ids }: TransparencyLog,
  names: readonly string[] | undefined,
): boolean =>
  signatures.some(({ name, keyHint, signature }) => {
    const noted = noteId(name, key)
    const isItsName = names === undefined || names.includes(name) || ids.some(id => noted?.equals(id))
    if (!isItsName || (name !== origin && (names !== undefined || !origin.startsWith(`${name} - `)))) return false
    const hints = [...ids, noted].map(id => id?.subarray(0, 4))
    return hints.some(hint => hint?.equals(keyHint)) && howSigned(key, text, signature) !== undefined
  })
