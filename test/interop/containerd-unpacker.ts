import type { Context } from 'mocha'
import { goProgram } from './go-program.ts'
import { succeed } from './peers.ts'

/** What nodes run today. */
const containerd = 'github.com/containerd/containerd/v2@v2.4.2'

/** Something in a file system. Digests are without `sha256:`. */
export interface FileEntry {
  readonly path: string
  readonly kind: string
  readonly mode: string
  readonly target?: string
  readonly sha256?: string
}

export interface Unpacked {
  readonly entries?: readonly FileEntry[] | null
  readonly diffIds?: readonly string[]
  readonly error?: string
}

/** Unpacks the layers of each image, lowest first, with containerd's own code. */
export type Unpacker = (images: readonly (readonly Buffer[])[]) => Promise<readonly Unpacked[]>

export const containerdUnpacker = async (test: Context): Promise<Unpacker> => {
  if (process.getuid?.() !== 0) {
    console.log('      skipped: containerd unpacks as root')
    test.skip()
  }
  const program = await goProgram(test, 'containerd-layers', [containerd])
  return async images => {
    const input = images.map(layers => `${JSON.stringify({ layers: layers.map(bytes => bytes.toString('base64')) })}\n`).join('')
    const output = await succeed(program, [], { input })
    return output
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line) as Unpacked)
  }
}
