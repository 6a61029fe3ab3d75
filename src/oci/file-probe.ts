import { createHash, type Hash, hash } from 'node:crypto'
import { elfHeadBytes, parseElf } from './elf.ts'
import { type ElfScan, scanElf } from './elf-scan.ts'
import { type FileContent, type FileKind, interpreterLine, kindBytes, kindOf, withoutDigest } from './file-content.ts'
import type { DataSink } from './tar-sink.ts'

/** Of files whose text is kept; `/etc/passwd` of an image is shorter. */
export const maxTextBytes = 65_536
const zeroChunk = Buffer.alloc(65_536)

/** Which files are hashed: all, or those that could be run. */
export type Hashed = 'all' | 'programs'

export interface FileProbeOptions {
  /** Whether the whole text is kept, where it is small enough. */
  readonly keepText: boolean
  readonly hashed: Hashed
}

/**
 * Takes a regular file's data as it streams by, and gives what is known of it at the end: digest, kind and, of an ELF file,
 * headers and build information. Keeps no more of it than 64 KiB while it runs.
 *
 * @param sizeBytes what will come
 */
export const createFileProbe = (
  sizeBytes: number,
  { keepText, hashed }: FileProbeOptions,
  done: (content: FileContent) => void,
): DataSink => {
  const digest = createDigest(sizeBytes)
  let hashing = true
  const look = createLook((kind, head) => {
    hashing = hashed === 'all' || (kind !== 'other' && kind !== 'empty')
    if (hashing) digest.update(head)
  })
  const text: Buffer[] | undefined = keepText && sizeBytes <= maxTextBytes ? [] : undefined
  const write = (bytes: Buffer) => {
    if (look.write(bytes) === 'body' && hashing) digest.update(bytes)
    text?.push(Buffer.from(bytes))
  }
  return {
    write,
    zeros(count) {
      for (let left = count; left > 0; left -= zeroChunk.length) write(zeroChunk.subarray(0, Math.min(left, zeroChunk.length)))
    },
    end() {
      const found = { sizeBytes, ...look.end(), ...(text === undefined ? {} : { text: Buffer.concat(text).toString('latin1') }) }
      done(hashing ? { ...found, sha256: digest.value() } : withoutDigest(found))
    },
  }
}

/** Small files come in one piece, and there are many of them: one call is three times faster than a running hash. */
const createDigest = (sizeBytes: number) => {
  let whole: string | undefined
  let running: Hash | undefined
  return {
    update(bytes: Buffer) {
      if (running === undefined && bytes.length === sizeBytes) whole = hash('sha256', bytes)
      else {
        running ??= createHash('sha256')
        running.update(bytes)
      }
    },
    value: (): string => `sha256:${whole ?? (running ?? createHash('sha256')).digest('hex')}`,
  }
}

/**
 * Looks at the first bytes, and through all of them where they are those of an ELF file.
 *
 * @param opened called once, when there is enough of the file to know its kind, with all of it so far
 */
const createLook = (opened: (kind: FileKind, head: Buffer) => void) => {
  let head: Buffer[] | undefined = []
  let headBytes = 0
  let wanted = kindBytes
  let kind: FileKind = 'empty'
  let line: string | undefined
  let elf: FileContent['elf']
  let scan: ElfScan | undefined

  const open = (bytes: Buffer) => {
    head = undefined
    kind = kindOf(bytes)
    opened(kind, bytes)
    if (kind === 'script') line = interpreterLine(bytes)
    if (kind !== 'elf') return
    elf = parseElf(bytes.subarray(0, elfHeadBytes))
    scan = scanElf(elf.dynamic)
    scan.write(bytes)
  }
  const gather = (parts: Buffer[], bytes: Buffer) => {
    headBytes += bytes.length
    if (headBytes < wanted) {
      // The chunk is only valid during the call
      parts.push(Buffer.from(bytes))
      return
    }
    const seen = parts.length === 0 ? bytes : Buffer.concat([...parts, bytes])
    wanted = kindOf(seen) === 'elf' ? elfHeadBytes : kindBytes
    if (headBytes < wanted) head = [Buffer.from(seen)]
    else open(seen)
  }
  return {
    /** Whether the bytes went with the first ones, or came behind them. */
    write(bytes: Buffer): 'head' | 'body' {
      if (head !== undefined) {
        gather(head, bytes)
        return 'head'
      }
      scan?.write(bytes)
      return 'body'
    },
    end(): Pick<FileContent, 'kind' | 'interpreterLine' | 'elf'> {
      if (head !== undefined) open(Buffer.concat(head))
      return {
        kind,
        ...(line === undefined ? {} : { interpreterLine: line }),
        ...(elf === undefined ? {} : { elf: { ...elf, ...scan?.end() } }),
      }
    },
  }
}
