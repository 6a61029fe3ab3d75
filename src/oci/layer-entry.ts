import type { FileContent } from './file-content.ts'

/** What is kept of a tar entry: its header and what was found in its data. Names are latin1. */
export interface LayerEntry {
  readonly name: string
  readonly linkName: string
  /** Type flag of tar: `0` file, `1` hard link, `2` symbolic link, `3` and `4` devices, `5` directory, `6` FIFO, `g` global header. */
  readonly type: string
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly deviceFits: boolean
  /** Of a regular file. */
  readonly content?: FileContent
  readonly dataFault?: string
}
