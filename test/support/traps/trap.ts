import { sha256 } from '../../../src/digest.ts'
import { elf } from '../elf-writer.ts'
import { pluginBinary } from '../image-builder.ts'
import type { TarFile } from '../tar-writer.ts'

/** An image of which a reader that stops early, or believes too much, says something that is not true. */
export interface Trap {
  /** Bottom first. Bytes are a layer as it is served: what can be written so in no other way. */
  readonly layers: readonly (readonly TarFile[] | Buffer)[]
  /**
   * What a node has in /plugins: `a: old`, where the word tells which program it is, with its mode where that is not 0755;
   * `sub/`; `link -> target`. Or that a node refuses the image.
   */
  readonly plugins: readonly string[] | 'refused'
  /** Of the highest layer; default the right one. */
  readonly highestDiffId?: string
  /** What the table of the highest layer says instead of what is in it. */
  readonly lie?: (lines: Record<string, unknown>[]) => unknown
}

const names = ['old', 'new', 'other'] as const
export type ProgramName = (typeof names)[number]

const programs = new Map(names.map(name => [name, pluginBinary({ name: `velero-${name}` }, 'amd64')]))
const byDigest = new Map([...programs].map(([name, bytes]) => [sha256(bytes), name]))

export const program = (name: ProgramName): Buffer => programs.get(name)!
/** Which of the programs has this digest. */
export const nameOf = (digest: string): string => byDigest.get(digest) ?? 'something else'

/** A plugin at `path`. */
export const plugin = (path: string, name: ProgramName, more: Partial<TarFile> = {}): TarFile => ({
  name: path,
  mode: 0o755,
  data: program(name),
  ...more,
})
export const folder = (path: string): TarFile => ({ name: `${path}/` })
export const link = (path: string, target: string): TarFile => ({ name: path, link: target })
export const hardLink = (path: string, target: string): TarFile => ({ name: path, type: '1', link: target, mode: 0o755 })
export const gone = (path: string): TarFile => ({ name: path.replace(/([^/]+)$/, '.wh.$1'), data: '' })
/** Hides what lower layers have in a folder; '' is the root. */
export const opaque = (path: string): TarFile => ({ name: `${path === '' ? '' : `${path}/`}.wh..wh..opq`, data: '' })

export const copier: readonly TarFile[] = [folder('bin'), { name: 'bin/cp', mode: 0o755, data: elf() }]
/** The lower layer of most: one plugin stands in it already. */
export const base: readonly TarFile[] = [...copier, folder('plugins'), plugin('plugins/a', 'old')]
/** The same, but /plugins is a link. */
export const linkedBase: readonly TarFile[] = [
  ...copier,
  folder('opt'),
  folder('opt/p'),
  plugin('opt/p/a', 'old'),
  link('plugins', 'opt/p'),
]
