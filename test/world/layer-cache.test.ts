import { chmod, mkdir, readdir, readFile, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import { blobName, type LayerKey, recordOf } from '../../src/oci/layer-record.ts'
import type { LayerContent } from '../../src/oci/read-layer.ts'
import { openLayerCache } from '../../src/world/layer-cache.ts'
import type { LayerCache } from '../../src/world/world.ts'
import { removeFolders, tempFolder } from '../support/temp-folder.ts'

const layer = (name: string): readonly [LayerKey, LayerContent] => {
  const diffId = sha256(name)
  const entry = { name, linkName: '', type: '5', mode: 0o755, uid: 0, gid: 0, deviceFits: true }
  return [
    { digest: sha256(`${name}.gz`), sizeBytes: 1, diffId, handling: 'sniff' },
    { diffId, rawBytes: 1024, entries: [entry] },
  ]
}
const hour = 3_600_000
const start = 1_800_000_000_000

describe('layer cache', () => {
  let folder: string
  let nowMs: number
  let lines: string[]
  const [key, content] = layer('a')
  beforeEach(async () => {
    folder = join(await tempFolder(), 'made', 'cache')
    nowMs = start
    lines = []
  })
  afterEach(removeFolders)

  const openAt = (required: boolean, limitBytes?: number) =>
    openLayerCache({ folder, required, nowMs: () => nowMs, trace: line => lines.push(line), ...(limitBytes && { limitBytes }) })
  const opened = async (limitBytes?: number): Promise<LayerCache> => (await openAt(true, limitBytes))!
  const files = async () => (await readdir(folder)).sort()
  const only = async () => {
    const names = (await files()).filter(name => name.endsWith('.layer'))
    expect(names).to.have.length(1)
    return join(folder, names[0]!)
  }

  it('gives a layer back to another run', async () => {
    await (await opened()).put(key, content)
    expect(await (await opened()).get(key)).to.deep.equal({ content, sameBlob: true })
  })

  it('knows nothing of a layer with another diff_id', async () => {
    const cache = await opened()
    await cache.put(key, content)
    expect(await cache.get({ ...key, diffId: sha256('other') })).to.equal(undefined)
  })

  it('lets nobody else read: folder 0700, files 0600', async () => {
    await (await opened()).put(key, content)
    expect([(await stat(folder)).mode & 0o777, (await stat(await only())).mode & 0o777]).to.deep.equal([0o700, 0o600])
  })

  for (const mode of [0o770, 0o707, 0o777, 0o1777]) {
    it(`is not used where others can write to the folder (mode ${mode.toString(8)})`, async () => {
      await (await opened()).put(key, content)
      await chmod(folder, mode)
      expect(await openAt(false)).to.equal(undefined)
      expect(lines.at(-1)).to.match(/^no cache in .*others can write to it$/)
      const error = await openAt(true).catch((caught: unknown) => caught)
      expect(error).to.be.instanceOf(PreflightError).with.property('code', 'FILE_UNREADABLE')
    })
  }

  it('is used where others can only read', async () => {
    await mkdir(folder, { recursive: true })
    await chmod(folder, 0o755)
    await (await opened()).put(key, content)
    expect(await (await opened()).get(key)).to.deep.equal({ content, sameBlob: true })
  })

  it('is an error where a file stands in its place, and was asked for', async () => {
    await mkdir(join(folder, '..'), { recursive: true })
    await writeFile(folder, '')
    const error = await openAt(true).catch((caught: unknown) => caught)
    expect(error).to.be.instanceOf(PreflightError).with.property('message').that.contains(`--cache-dir ${folder}: it is a file`)
    expect(await openAt(false)).to.equal(undefined)
  })

  it('says why a folder that was asked for cannot be made', async () => {
    await mkdir(join(folder, '..'), { recursive: true })
    await symlink('nowhere', folder)
    const messageOf = (path: string) =>
      openLayerCache({ folder: path, required: true, nowMs: () => 0 }).then(String, (caught: unknown) => String(caught))
    expect(await messageOf(folder)).to.contain(`--cache-dir ${folder}: it cannot be made there.`)
    await rm(folder)
    await writeFile(folder, '')
    expect(await messageOf(join(folder, 'below'))).to.contain('/below: it would lie below a file.')
  })

  it('does not believe a file that others can write', async () => {
    const cache = await opened()
    await cache.put(key, content)
    await chmod(await only(), 0o666)
    expect(await cache.get(key)).to.equal(undefined)
  })

  it('does not follow a link, nor waits at a pipe or folder', async () => {
    const cache = await opened()
    await cache.put(key, content)
    const path = await only()
    await rename(path, `${path}.away`)
    await symlink(`${path}.away`, path)
    expect(await cache.get(key)).to.equal(undefined)
    await rename(path, `${path}.link`)
    await mkdir(path)
    expect(await cache.get(key)).to.equal(undefined)
  })

  it('does not believe a damaged file, and writes it anew', async () => {
    const cache = await opened()
    await cache.put(key, content)
    const path = await only()
    const bytes = await readFile(path)
    bytes[bytes.length - 5] = bytes[bytes.length - 5]! ^ 1
    await writeFile(path, bytes)
    expect(await cache.get(key)).to.equal(undefined)
    expect(lines.at(-1)).to.equal(`cache: layer ${key.digest} damaged`)
    await cache.put(key, content)
    expect(await cache.get(key)).to.deep.equal({ content, sameBlob: true })
  })

  it("does not take one layer's file for another's", async () => {
    const cache = await opened()
    await cache.put(key, content)
    const path = await only()
    const [otherKey, otherContent] = layer('b')
    await writeFile(path, recordOf(otherKey, otherContent)!)
    expect(await cache.get(key)).to.equal(undefined)
  })

  it('is whole at every moment for runs at the same time', async () => {
    const caches = await Promise.all(Array.from({ length: 4 }, () => opened()))
    const many = Array.from({ length: 8 }, (_, index) => layer(`layer-${index}`))
    const seen = await Promise.all(
      caches.flatMap(cache =>
        many.map(async ([its, what]) => {
          await cache.put(its, what)
          return [await cache.get(its), what] as const
        }),
      ),
    )
    for (const [found, what] of seen) expect(found).to.deep.equal({ content: what, sameBlob: true })
    expect(await files()).to.have.length(16)
  })

  it('gives a layer back by its diff_id alone, and says that it was another blob', async () => {
    const cache = await opened()
    await cache.put(key, content)
    expect(await cache.get({ ...key, digest: sha256('compressed anew'), sizeBytes: 4 })).to.deep.equal({ content, sameBlob: false })
  })

  it('does not believe a mark of a blob that another user could have made', async () => {
    const cache = await opened()
    await cache.put(key, content)
    const mark = (await files()).find(name => name.endsWith('.blob'))!
    await chmod(join(folder, mark), 0o666)
    expect(await cache.get(key)).to.deep.equal({ content, sameBlob: false })
  })

  it('forgets marks that were not used for a quarter of a year', async () => {
    const cache = await opened()
    await cache.put(key, content)
    nowMs += 91 * 24 * hour
    const [other, its] = layer('b')
    await cache.put(other, its)
    await utimes(join(folder, (await files()).find(name => name.startsWith(blobName(other)))!), nowMs / 1000, nowMs / 1000)
    await utimes(join(folder, (await files()).find(name => name.startsWith(blobName(key)))!), start / 1000, start / 1000)
    await cache.close()
    expect((await files()).filter(name => name.endsWith('.blob'))).to.deep.equal([`${blobName(other)}.blob`])
  })

  it('goes on where it cannot write', async () => {
    const cache = await opened()
    await rename(folder, `${folder}.away`)
    await cache.put(key, content)
    expect(lines.at(-1)).to.match(/not written \(ENOENT\)$/)
    await cache.close()
    expect(lines.at(-1)).to.match(/not tidied \(ENOENT\)$/)
    expect(await cache.get(key)).to.equal(undefined)
  })

  it('takes away what was not used for the longest time once there is too much', async () => {
    const sizeBytes = recordOf(key, content)!.length
    const cache = await opened(Math.round(sizeBytes * 2.5))
    for (const name of ['a', 'b', 'c']) {
      await cache.put(...layer(name))
      const [its] = layer(name)
      await cache.get(its)
      nowMs += hour
    }
    await cache.get(key)
    await cache.close()
    const left = await Promise.all(['a', 'b', 'c'].map(async name => (await cache.get(layer(name)[0])) !== undefined))
    expect(left).to.deep.equal([true, false, true])
  })

  it('does not keep what is larger than all together may be', async () => {
    const cache = await opened(10)
    await cache.put(key, content)
    expect(await files()).to.deep.equal([])
  })

  it('takes away drafts of runs that were ended, and nothing that it did not write', async () => {
    const cache = await opened(1_000_000)
    const draft = `${'0'.repeat(64)}.layer.${'a'.repeat(12)}`
    const fresh = `${'0'.repeat(64)}.layer.${'b'.repeat(12)}`
    for (const name of [draft, fresh, 'notes.txt', 'x.layer']) {
      await writeFile(join(folder, name), 'x')
      await utimes(join(folder, name), (start - 2 * hour) / 1000, (start - 2 * hour) / 1000)
    }
    await utimes(join(folder, fresh), start / 1000, start / 1000)
    await cache.put(key, content)
    await cache.close()
    expect((await files()).filter(name => !/^[0-9a-f]{64}\.(?:layer|blob)$/.test(name))).to.deep.equal([fresh, 'notes.txt', 'x.layer'])
  })
})
