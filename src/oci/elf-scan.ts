import { type BuildInfo, buildInfoAlign, buildInfoMagic, readBuildInfo } from './go-build-info.ts'

/** What the bytes of an ELF file show beyond its headers. */
export interface ElfTraces {
  /** Newest version of glibc whose symbols it names: `2.34`. */
  readonly glibc?: string
  readonly go?: BuildInfo
  /** It holds go-plugin's words for people who start a plugin by hand, so it serves plugins. */
  readonly goPlugin?: true
  /** It was packed by UPX: what it holds cannot be seen from outside. */
  readonly packed?: true
}

export interface ElfScan {
  write(bytes: Buffer): void
  end(): ElfTraces
}

/** More than the longest needle with what is read behind it. */
const carryBytes = 64
/** A file made of needles must not cost more than others. */
const maxHits = 20_000

/**
 * What is searched for, and how far into what is meant that stands. Needles of at most seven bytes that begin with a rare
 * one are found three times faster than the whole magic.
 */
const needles = {
  buildInfo: { bytes: buildInfoMagic.subarray(8), lead: 8 },
  glibc: { bytes: Buffer.from('LIBC_2.'), lead: 1 },
  goPlugin: { bytes: Buffer.from('These are not meant to be executed directly'), lead: 0 },
} as const
type Needle = (typeof needles)[keyof typeof needles]

/**
 * Looks through the bytes of a file in chunks of any size.
 *
 * @param dynamic whether a dynamic loader starts it: only then does it need a glibc
 */
export const scanElf = (dynamic: boolean): ElfScan => {
  let carry = Buffer.alloc(0)
  let offset = 0
  const hits = new Map<Needle, number>()
  let glibcMinor = 0
  let goPlugin = false
  let packed = false
  let go: BuildInfo | undefined
  let blob: BlobCapture | undefined

  /** Calls `hit` with each place of what `needle` stands for before `until`, while it gives true. */
  const find = (data: Buffer, needle: Needle, until: number, hit: (at: number) => boolean) => {
    const { bytes, lead } = needle
    let count = hits.get(needle) ?? 0
    for (let at = data.indexOf(bytes, lead); at >= 0 && at - lead < until && count++ < maxHits; at = data.indexOf(bytes, at + 1)) {
      if (!hit(at - lead)) break
    }
    hits.set(needle, count)
  }
  /** `at`: where in the file `data` begins. `last`: nothing comes behind it. */
  const findBuildInfo = (data: Buffer, at: number, until: number, last = false) => {
    if (go !== undefined || blob !== undefined) return
    find(data, needles.buildInfo, until, place => {
      // A program that reads build information holds the magic as well, where it is not aligned
      if ((at + place) % buildInfoAlign !== 0 || !data.subarray(place, place + buildInfoMagic.length).equals(buildInfoMagic)) return true
      const read = readBuildInfo(data.subarray(place))
      if (read === 'more' && !last) blob = captureBlob(data.subarray(place), at + place)
      else if (typeof read !== 'string') go = read
      return go === undefined && blob === undefined
    })
  }
  const onBlob = (read: BuildInfo | 'more' | 'none', last = false) => {
    if (read === 'more' && !last) return
    const { bytes, at } = blob!.gathered()
    blob = undefined
    if (typeof read !== 'string') go = read
    // The real one may stand in what was taken for the rest of this one
    else findBuildInfo(bytes.subarray(buildInfoAlign), at + buildInfoAlign, bytes.length, last)
  }
  const search = (data: Buffer, until: number) => {
    findBuildInfo(data, offset, until)
    if (dynamic) {
      find(data, needles.glibc, until, at => {
        glibcMinor = Math.max(glibcMinor, Number.parseInt(data.toString('latin1', at + 8, at + 12), 10) || 0)
        return true
      })
    }
    if (!goPlugin) {
      find(data, needles.goPlugin, until, () => {
        goPlugin = true
        return false
      })
    }
  }

  /** Searches what begins before `until`, and goes on behind that. */
  const pass = (data: Buffer, until: number) => {
    // UPX marks what it made right behind the program headers
    if (offset === 0 && data.subarray(0, 4096).includes('UPX!')) packed = true
    search(data, until)
    offset += until
  }

  return {
    write(bytes) {
      if (blob !== undefined) onBlob(blob.write(bytes))
      let data = bytes
      if (bytes.length < 2 * carryBytes) data = Buffer.concat([carry, bytes])
      else if (carry.length > 0) {
        // Large pieces are searched where they are: only what begins in the one before is put together
        const before = blob
        pass(Buffer.concat([carry, bytes.subarray(0, carryBytes)]), carry.length)
        if (blob !== undefined && blob !== before) onBlob(blob.write(bytes.subarray(carryBytes)))
      }
      const until = Math.max(0, data.length - carryBytes)
      pass(data, until)
      carry = Buffer.from(data.subarray(until))
    },
    end() {
      if (blob !== undefined) onBlob(blob.end(), true)
      search(carry, carry.length)
      return {
        ...(glibcMinor === 0 ? {} : { glibc: `2.${glibcMinor}` }),
        ...(go === undefined ? {} : { go }),
        ...(goPlugin ? { goPlugin } : {}),
        ...(packed ? { packed } : {}),
      }
    },
  }
}

interface BlobCapture {
  write(bytes: Buffer): BuildInfo | 'more' | 'none'
  end(): BuildInfo | 'more' | 'none'
  /** All of it so far, and where in the file it begins. */
  gathered(): { readonly bytes: Buffer; readonly at: number }
}

/** Gathers build information that goes on in further chunks; looks at it again each time that it has doubled. */
const captureBlob = (start: Buffer, at: number): BlobCapture => {
  const parts = [Buffer.from(start)]
  let have = start.length
  let next = 2 * have
  const gathered = () => ({ bytes: Buffer.concat(parts), at })
  const end = () => readBuildInfo(gathered().bytes)
  return {
    end,
    gathered,
    write(bytes) {
      parts.push(Buffer.from(bytes))
      have += bytes.length
      if (have < next) return 'more'
      next = 2 * have
      return end()
    },
  }
}
