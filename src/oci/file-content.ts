import type { Digest } from '../digest.ts'
import type { Elf } from './elf.ts'
import type { ElfTraces } from './elf-scan.ts'

/** What the kernel, or whoever else, takes a file for by its first bytes. */
export type FileKind = 'empty' | 'elf' | 'script' | 'windows' | 'macos' | 'other'

/** What is kept of a regular file's bytes. */
export interface FileContent {
  readonly sizeBytes: number
  readonly sha256: Digest
  readonly kind: FileKind
  readonly elf?: Elf & ElfTraces
  /** The first line of a script, without `#!`, as the kernel reads it: at most 254 bytes. */
  readonly interpreterLine?: string
  /** Not all of it was read, since nobody is likely to ask: a property that is missing throws {@link ContentNeeded}. */
  readonly partial?: true
  /** The whole text of a small file whose name says that somebody needs it; latin1. */
  readonly text?: string
}

/** Linux reads 256 bytes to find out what a file is (BINPRM_BUF_SIZE). */
export const kindBytes = 256

const macos = new Set(['feedface', 'feedfacf', 'cefaedfe', 'cffaedfe', 'cafebabe', 'cafebabf'])

/** @param head the first {@link kindBytes} of the file, or all of it */
export const kindOf = (head: Buffer): FileKind => {
  if (head.length === 0) return 'empty'
  const magic = head.toString('hex', 0, 4)
  if (magic === '7f454c46') return 'elf'
  if (magic.startsWith('2321')) return 'script'
  if (magic.startsWith('4d5a')) return 'windows'
  return macos.has(magic) ? 'macos' : 'other'
}

export const interpreterLine = (head: Buffer): string => head.toString('latin1', 2, kindBytes).split('\n')[0]!

/** What can be asked of a file's content; `traces` are those beyond the headers of an ELF file. */
export type ContentPart = 'sha256' | 'head' | 'traces' | 'text'

/** Something was asked of a file that nobody has read so far. Whoever has its bytes can read it, and ask again. */
export class ContentNeeded extends Error {
  readonly content: FileContent
  readonly part: ContentPart
  constructor(content: FileContent, part: ContentPart) {
    super(`${part} of a file was not read`)
    this.content = content
    this.part = part
  }
}

/** Has the digest in its prototype, as thousands of files have this property and few are asked. */
class Unhashed {
  get sha256(): never {
    throw new ContentNeeded(this as unknown as FileContent, 'sha256')
  }
}

/** The content of a file that was not hashed. */
export const withoutDigest = (known: Omit<FileContent, 'sha256'>): FileContent =>
  Object.assign(new Unhashed(), known, { partial: true as const })
