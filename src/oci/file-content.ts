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
