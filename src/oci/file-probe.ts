import { createHash, type Hash, hash } from 'node:crypto'
import { elfHeadBytes, parseElf } from './elf.ts'
import { type ElfScan, scanElf } from './elf-scan.ts'
import { type FileContent, type FileKind, interpreterLine, kindBytes, kindOf } from './file-content.ts'
import type { DataSink } from './tar-sink.ts'

/** Of files whose text is kept; `/etc/passwd` of an image is shorter. */
export const maxTextBytes = 65_536
const zeroChunk = Buffer.alloc(65_536)

/**
 * Takes a regular file's data as it streams by, and gives what is known of it at the end: digest, kind and, of an ELF file,
 * headers and build information. Keeps no more of it than 64 KiB while it runs.
 *
 * @param sizeBytes what will come
 * @param keepText whether the whole text is kept, where it is small enough
 */
export const createFileProbe = (sizeBytes: number, keepText: boolean, done: (content: FileContent) => void): DataSink => {
  const digest = createDigest(sizeBytes)
  const look = createLook()
  const text: Buffer[] | undefined = keepText && sizeBytes <= maxTextBytes ? [] : undefined
  const write = (bytes: Buffer) => {
    digest.update(bytes)
    look.write(bytes)
    text?.push(Buffer.from(bytes))
  }
  return {
    write,
    zeros(count) {
      for (let left = count; left > 0; left -= zeroChunk.length) write(zeroChunk.subarray(0, Math.min(left, zeroChunk.length)))
    },
    end: () =>
      done({
        sizeBytes,
        sha256: digest.value(),
        ...look.end(),
        ...(text === undefined ? {} : { text: Buffer.concat(text).toString('latin1') }),
      }),
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

/** Looks at the first bytes, and through all of them where they are those of an ELF file. */
const createLook = () => {
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
    write(bytes: Buffer) {
      if (head === undefined) scan?.write(bytes)
      else gather(head, bytes)
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
