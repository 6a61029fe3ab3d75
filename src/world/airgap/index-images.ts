import { posix } from 'node:path'
import { createTarReader, type TarEntry, type TarReader } from '../../oci/tar-reader.ts'
import type { DataSink } from '../../oci/tar-sink.ts'
import { type Keeper, mayBeKept, type Stored } from './stored.ts'

/** What lies in an archive of images, by the names that containerd gives to its files. */
export interface IndexedImages {
  readonly files: ReadonlyMap<string, Stored>
  readonly links: ReadonlyMap<string, string>
  /** Names that were there more than once. */
  readonly twice: ReadonlySet<string>
  /** Why nothing more is known of it, as the end of a sentence. */
  readonly fault?: string
}

/** An image has a dozen files. */
const maxEntries = 100_000
const maxNameLength = 1024
/** What says which images there are; of the rest one more pass would tell. */
const lists = ['oci-layout', 'index.json', 'manifest.json']

/**
 * Notes where each file of an archive lies, as containerd 2.4 names them (core/images/archive/importer.go ImportIndex): names are
 * cleaned, of two files the last one counts, and all but regular files and symbolic links are passed over, hard links too.
 *
 * @param offset where the archive itself begins
 * @param known takes an entry that is something else than a file of an image, or says `pass`
 */
export const indexImages = (
  keep: Keeper,
  offset: number,
  known: (entry: TarEntry, offset: number) => DataSink | 'pass' | undefined = () => 'pass',
): { readonly reader: TarReader; result(fault?: string): IndexedImages } => {
  const files = new Map<string, Stored>()
  const links = new Map<string, string>()
  const twice = new Set<string>()
  let count = 0
  let tooMany = false
  const put = (name: string, stored: Stored) => {
    if (files.has(name)) twice.add(name)
    files.set(name, stored)
  }
  const reader: TarReader = createTarReader(entry => {
    const taken = known(entry, offset + reader.position())
    if (taken !== 'pass') return taken
    if (++count > maxEntries) tooMany = true
    if (tooMany || entry.name.length > maxNameLength || entry.linkName.length > maxNameLength) return undefined
    const name = posix.normalize(entry.name).replace(/(.)\/$/, '$1')
    if (entry.type === '2') links.set(entry.name, posix.join(posix.dirname(entry.name), entry.linkName))
    // What is not there as it is read cannot be found, which is a fail.
    if (entry.type !== '0' || entry.sparse) return undefined
    const place = { offset: offset + reader.position(), sizeBytes: entry.sizeBytes }
    if (mayBeKept(place)) return keep(place, stored => put(name, stored), lists.includes(name))
    put(name, place)
    return undefined
  })
  return {
    reader,
    result: fault => {
      const why = fault ?? (tooMany ? `it has more than ${maxEntries} entries` : undefined)
      return { files, links, twice, ...(why === undefined ? {} : { fault: why }) }
    },
  }
}
