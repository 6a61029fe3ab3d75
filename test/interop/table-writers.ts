import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from 'mocha'
import type { TableLayer } from '../support/tables-of-contents.ts'
import { goProgram } from './go-program.ts'
import { succeed } from './peers.ts'
import { temporaryFolder } from './processes.ts'

const modules = ['github.com/containerd/stargz-snapshotter/estargz@v0.19.1', 'go.podman.io/storage@v1.65.1']

/** `estargz-lossless` keeps the archive byte by byte; `estargz` sorts it anew. */
export type TableFormat = 'estargz' | 'estargz-lossless' | 'zstd:chunked'

export interface WriterOptions {
  readonly chunkSize?: number
  readonly minChunkSize?: number
  readonly prioritized?: readonly string[]
}

/** Writes an archive as a layer with a table of contents. */
export type RealWriter = (format: TableFormat, archive: Buffer, options?: WriterOptions) => Promise<TableLayer>

/** stargz-snapshotter and containers/storage themselves. */
export const realTableWriter = async (test: Context): Promise<RealWriter> => {
  const program = await goProgram(test, 'table-writers', modules)
  const folder = temporaryFolder('tables')
  let count = 0
  return async (format, archive, { chunkSize = 0, minChunkSize = 0, prioritized = [] } = {}) => {
    const [from, to] = ['tar', 'layer'].map(kind => join(folder, `${count}.${kind}`)) as [string, string]
    count++
    writeFileSync(from, archive)
    const flags = { format, 'chunk-size': chunkSize, 'min-chunk-size': minChunkSize, prioritized: prioritized.join(',') }
    const told = await succeed(program, [...Object.entries(flags).map(([name, value]) => `-${name}=${value}`), from, to])
    const { annotations, diffId } = JSON.parse(told) as Pick<TableLayer, 'annotations' | 'diffId'>
    const mediaType = `application/vnd.oci.image.layer.v1.tar+${format === 'zstd:chunked' ? 'zstd' : 'gzip'}`
    return { bytes: readFileSync(to), diffId, annotations, mediaType }
  }
}
