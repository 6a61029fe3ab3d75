import { expect } from 'chai'
import { copyTar } from '../../src/bundle/copy-tar.ts'
import { type TarFile, tar, tarEntry, zeroBlocks } from '../support/tar-writer.ts'

const pieces = async function* (bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  // As the unpacker does: the memory of a piece is gone when the next one is asked for.
  for (let at = 0; at < bytes.length; at += size) {
    const piece = Buffer.from(bytes.subarray(at, at + size))
    yield piece
    piece.fill(0xee)
  }
}
const copied = async (bytes: Buffer, drops: (name: string) => boolean = () => false, size = 700): Promise<Buffer> => {
  const out: Buffer[] = []
  for await (const piece of copyTar(pieces(bytes, size), drops)) out.push(piece)
  return Buffer.concat(out)
}
const failure = async (bytes: Buffer): Promise<string> => {
  try {
    await copied(bytes)
  } catch (error) {
    return String(error)
  }
  return 'nothing was thrown'
}

const long = 'l/'.repeat(80)
const files: readonly TarFile[] = [
  { name: 's/a', data: 'x'.repeat(1500), mode: 0o600, uid: 7 },
  { name: `s/${long}name`, data: 'long' },
  { name: 's/empty' },
  { name: 's/folder/' },
  { name: 's/link', link: `../${long}target` },
  { name: 's/hard', type: '1', link: 's/a' },
  { name: 's/gnu', format: 'gnu', data: 'g' },
  { name: 'pax_global_header', type: 'g', data: '16 comment=hello\n'.slice(0, 17) },
  { name: 's/exact', data: 'x'.repeat(512) },
]

describe('copying an archive', () => {
  for (const size of [1, 511, 512, 700, 1 << 20]) {
    it(`leaves every byte as it is, in pieces of ${size}`, async () => {
      const entries = Buffer.concat(files.map(tarEntry))
      expect((await copied(Buffer.concat([entries, zeroBlocks(2)]), () => false, size)).equals(entries)).to.equal(true)
    })
  }

  it('leaves out an entry with all that stands before it, under its whole name', async () => {
    const dropped = files.filter(({ name }) => !name.endsWith('/name'))
    const names: string[] = []
    const bytes = await copied(tar(files), name => {
      names.push(name)
      return name === `s/${long}name`
    })
    expect(bytes.equals(Buffer.concat(dropped.map(tarEntry)))).to.equal(true)
    expect(names).to.include.members(['s/a', 's/exact', `s/${long}name`])
  })

  it('stops where the archive ends', async () => {
    const entries = Buffer.concat(files.map(tarEntry))
    expect((await copied(Buffer.concat([entries, zeroBlocks(2), Buffer.from('what follows')]))).equals(entries)).to.equal(true)
  })

  for (const [what, bytes, words] of [
    ['is cut in a header', tar(files).subarray(0, 300), 'cut off'],
    ['is cut in its data', tar(files).subarray(0, 1000), 'cut off'],
    ['has a broken header', Buffer.alloc(1024, 'x'), 'not octal'],
    ['has an extension without end', tar([{ name: 'x', type: 'x', sizeBytes: 2 ** 30 }]), 'more than 1 MiB'],
    ['has a negative size', tar([{ name: 'x', pax: { size: '-1' } }]), 'negative size'],
    ['goes on after a block of zeros', Buffer.concat([zeroBlocks(1), tarEntry({ name: 'x' })]), 'followed by something else'],
  ] as const) {
    it(`fails when it ${what}`, async () => {
      expect(await failure(bytes)).to.contain(words)
    })
  }
})
