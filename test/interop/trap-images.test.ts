// packages: umoci

import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { compressionOf, decompress } from '../../src/oci/decompress.ts'
import { memoryCache } from '../support/memory-cache.ts'
import { type TableLayer, tableImage } from '../support/tables-of-contents.ts'
import { tar } from '../support/tar-writer.ts'
import { trapImages } from '../support/trap-images.ts'
import { type Answer, commands, plainLayer, takeWay, writeTrap } from '../support/trap-paths.ts'
import { nameOf, type Trap } from '../support/traps/trap.ts'
import { chunks } from '../support/unpack.ts'
import { containerdUnpacker, type FileEntry, type Unpacker } from './containerd-unpacker.ts'
import { debian, needsRoot, run } from './peers.ts'
import { endAll, temporaryFolder } from './processes.ts'
import { writeLayout } from './registries.ts'
import { type RealWriter, realTableWriter, type TableFormat, type WriterOptions } from './table-writers.ts'

const maxLinks = 40

/** Where `path` leads for a process that has the file system as its root. */
const resolved = (files: ReadonlyMap<string, FileEntry>, path: string): string | undefined => {
  let here: string[] = []
  const rest = path.split('/').reverse()
  for (let links = 0; rest.length > 0; ) {
    const part = rest.pop()!
    if (part === '' || part === '.') continue
    const next = part === '..' ? here.slice(0, -1) : [...here, part]
    const found = files.get(next.join('/'))
    if (next.length > 0 && found === undefined) return undefined
    if (found?.kind !== 'symlink') {
      here = next
      continue
    }
    if (++links > maxLinks) return undefined
    if (found.target!.startsWith('/')) here = []
    rest.push(...found.target!.split('/').reverse())
  }
  return here.join('/')
}

/** What is in /plugins, in the words of {@link Trap.plugins}. */
const pluginsOf = (entries: readonly FileEntry[]): readonly string[] => {
  const files = new Map(entries.map(entry => [entry.path, entry]))
  const folder = resolved(files, '/plugins')
  if (folder === undefined || files.get(folder)?.kind !== 'directory') return []
  return entries
    .filter(({ path }) => path.startsWith(`${folder}/`))
    .map(({ path, kind, mode, target, sha256: digest }) => {
      const name = path.slice(folder.length + 1)
      if (kind === 'directory') return `${name}/`
      if (kind === 'symlink') return `${name} -> ${target}`
      return `${name}: ${nameOf(`sha256:${digest}`)}${mode === '0755' ? '' : ` ${mode}`}`
    })
    .toSorted()
}

const onDisk = (root: string, below = ''): readonly FileEntry[] =>
  readdirSync(join(root, below)).flatMap((name): FileEntry[] => {
    const path = below === '' ? name : `${below}/${name}`
    const seen = lstatSync(join(root, path))
    const mode = (seen.mode & 0o777).toString(8).padStart(4, '0')
    if (seen.isDirectory()) return [{ path, kind: 'directory', mode }, ...onDisk(root, path)]
    if (seen.isSymbolicLink()) return [{ path, kind: 'symlink', mode, target: readlinkSync(join(root, path)) }]
    return [{ path, kind: 'file', mode, sha256: sha256(readFileSync(join(root, path))).slice('sha256:'.length) }]
  })

const rawOf = async (bytes: Buffer): Promise<Buffer> => {
  const parts: Buffer[] = []
  for await (const part of decompress(chunks(bytes), 'sniff')) parts.push(Buffer.from(part))
  return Buffer.concat(parts)
}

/** Where umoci 0.4 makes another thing of it; nodes have containerd. */
const umocisOwn: Readonly<Record<string, { readonly plugins: Trap['plugins']; readonly why: string }>> = {
  'a whiteout behind the file that its own layer brought': {
    plugins: ['a: new'],
    why: 'image-spec lets whiteouts hide lower layers alone; containerd goes by their order',
  },
  'a hard link that changes the mode of the file of a lower layer': {
    plugins: ['a: old', 'b: old'],
    why: 'it leaves the file as it is; containerd sets mode and owner of what it linked',
  },
  'a global pax header, which names no other file': { plugins: 'refused', why: 'it knows no such entries; containerd passes over them' },
  'a global pax header under the name of a lower file': {
    plugins: 'refused',
    why: 'it knows no such entries; containerd takes away what has the name, and writes nothing',
  },
}

const formats: readonly (readonly [TableFormat, WriterOptions])[] = [
  ['estargz', {}],
  ['estargz', { chunkSize: 1000, minChunkSize: 4000 }],
  ['estargz-lossless', { chunkSize: 500 }],
  ['zstd:chunked', {}],
]

describe('images that are traps, unpacked by real programs', () => {
  after(endAll)

  describe('containerd', () => {
    let unpack: Unpacker
    before(async function () {
      unpack = await containerdUnpacker(this)
    })

    for (const [what, { layers, plugins, highestDiffId }] of Object.entries(trapImages))
      it(`${what}: has in /plugins what the trap says`, async () => {
        const written = await Promise.all(layers.map(layer => plainLayer(layer, undefined)))
        const [answer] = await unpack([written.map(({ bytes }) => bytes)])
        if (highestDiffId !== undefined) return expect(`sha256:${answer?.diffIds?.at(-1)}`).to.not.equal(highestDiffId)
        if (plugins === 'refused') return expect(answer?.error).to.be.a('string')
        return expect(pluginsOf(answer?.entries ?? [])).to.deep.equal(plugins)
      })
  })

  describe('umoci', () => {
    let umoci: string
    before(function () {
      umoci = debian(this, 'umoci')
      needsRoot(this, 'unpack with umoci')
    })

    /** It knows gzip alone. */
    const written = async ({ layers, highestDiffId }: Trap): Promise<readonly TableLayer[]> =>
      Promise.all(
        layers.map(async (layer, index) => {
          const plain = await plainLayer(layer, undefined)
          const diffId = index === layers.length - 1 ? highestDiffId : undefined
          const bytes = compressionOf(plain.bytes) === 'gzip' ? plain.bytes : gzipSync(await rawOf(plain.bytes))
          return { ...plain, bytes, ...(diffId && { diffId }) }
        }),
      )

    const unpack = async (trap: Trap): Promise<readonly string[] | 'refused'> => {
      const { manifest, blobs } = tableImage(await written(trap), { entrypoint: commands.folder })
      const layout = writeLayout({ manifest, blobs: new Map(blobs) }, 'v1')
      const bundle = join(temporaryFolder('umoci'), 'bundle')
      mkdirSync(bundle)
      const { code } = await run(umoci, ['unpack', '--image', `${layout}:v1`, bundle])
      return code === 0 ? pluginsOf(onDisk(join(bundle, 'rootfs'))) : 'refused'
    }

    for (const [what, trap] of Object.entries(trapImages)) {
      const other = umocisOwn[what]
      it(`${what}: ${other === undefined ? 'has in /plugins what the trap says' : `differs, for ${other.why}`}`, async () => {
        expect(await unpack(trap)).to.deep.equal(other?.plugins ?? trap.plugins)
      })
    }
  })

  describe('tables of contents by those who defined them', () => {
    let write: RealWriter
    before(async function () {
      write = await realTableWriter(this)
    })

    for (const [format, options] of formats) {
      it(`${format} ${JSON.stringify(options)}: say of every trap what its layers say, or the layers are read`, async () => {
        let [declared, refused] = [0, 0]
        const wrong: unknown[] = []
        for (const [what, { layers }] of Object.entries(trapImages).filter(([, { lie }]) => lie === undefined)) {
          const archives = await Promise.all(layers.map(layer => (Buffer.isBuffer(layer) ? rawOf(layer).catch(() => layer) : tar(layer))))
          const made = await Promise.all(archives.map(archive => write(format, archive, options))).catch(() => undefined)
          if (made === undefined) {
            refused++
            continue
          }
          for (const command of Object.values(commands)) {
            const image = await writeTrap(
              { layers: made.map(({ bytes }) => bytes), plugins: [] },
              async layer => made.find(({ bytes }) => bytes === layer)!,
              command,
            )
            const truth = await takeWay(image, { prove: true })
            const cache = memoryCache()
            for (const way of [{}, { early: true }] as const) {
              for (const run of ['first', 'second']) {
                const answer = await takeWay(image, { ...way, tables: true, cache })
                const title = `${what}: ${run} run of ${command.join(' ')}`
                if ('said' in answer.told && answer.told.said.proven === 'declared') declared++
                const [said, expected] = [comparable(answer), comparable(truth)].map(one => JSON.stringify(one))
                if (said !== expected) wrong.push({ title, said, expected })
              }
            }
          }
        }
        expect(wrong).to.deep.equal([])
        expect(declared).to.be.above(200)
        expect(refused).to.be.below(20)
      })
    }
  })
})

/** What does not depend on the way. A node that cannot unpack an image finds that out; a table may be silent about it. */
const comparable = ({ told }: Answer) => {
  if ('refused' in told) return told
  const { layers: _, proven: __, doubts: ___, ...rest } = told.said
  return rest
}
