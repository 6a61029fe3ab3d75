import { gzipSync, zstdCompressSync } from 'node:zlib'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { bothWays, disagreement, type LayeredImage, unreadOf } from '../support/both-ways.ts'
import { elf } from '../support/elf-writer.ts'
import { pluginBinary } from '../support/image-builder.ts'
import { type TarFile, tar, tarEntry, zeroBlocks } from '../support/tar-writer.ts'

const copier: TarFile = { name: 'bin/cp', mode: 0o755, data: elf() }
const plugin = (name: string): TarFile => ({ name, mode: 0o755, data: pluginBinary({ name: 'x' }, 'amd64') })
const opaque = (folder: string): TarFile => ({ name: `${folder}.wh..wh..opq`, data: '' })
const gone = (path: string): TarFile => ({ name: path.replace(/([^/]+)$/, '.wh.$1'), data: '' })
const binFolder = [{ name: 'bin/' }, copier]
const plugins = [{ name: 'plugins/' }, plugin('plugins/a')]
/** Of a base image, with something that would be copied too. */
const below = tar([
  { name: 'etc/' },
  { name: 'etc/passwd', data: 'app:x:5:6::/:\n' },
  { name: 'etc/group', data: 'six:x:6:\n' },
  { name: 'lib/' },
  { name: 'lib/ld.so', mode: 0o755, data: elf() },
  { name: 'plugins/' },
  plugin('plugins/below'),
  { name: 'opt/' },
  { name: 'opt/p/' },
  plugin('opt/p/other'),
])
const allFiles = ['/bin/cp', '-r', '/plugins/.', '/target/']
const oneFile = ['/bin/cp', '/plugins/a', '/target/a']
const unread = (count: number): string => (count === 0 ? 'all' : `all but ${count}`)

/** How many layers need not be read, and the layers, lowest first. */
const cases: Readonly<
  Record<string, readonly [number, Omit<LayeredImage, 'layers'> & { readonly layers: readonly (TarFile[] | Uint8Array)[] }]>
> = {
  // Where it may stop
  'one named file is copied': [1, { layers: [below, [...binFolder, ...plugins]], entrypoint: oneFile }],
  'the folder hides what is below (opaque)': [1, { layers: [below, [...binFolder, ...plugins, opaque('plugins/')]], entrypoint: allFiles }],
  'a layer between takes the folder away': [1, { layers: [below, [gone('plugins')], [...binFolder, ...plugins]], entrypoint: allFiles }],
  'a parent hides what is below: the root': [1, { layers: [below, [opaque(''), ...binFolder, ...plugins]], entrypoint: allFiles }],
  'a folder above takes the place of a file above': [
    1,
    { layers: [below, [{ name: 'plugins', data: 'x' }], [...binFolder, ...plugins]], entrypoint: allFiles },
  ],
  'a link above leads to a hidden folder above': [
    1,
    {
      layers: [
        below,
        [...binFolder, { name: 'opt/' }, { name: 'opt/p/' }, opaque('opt/p/'), plugin('opt/p/a'), { name: 'plugins', link: '/opt/p' }],
      ],
      entrypoint: allFiles,
    },
  ],
  'the user and its files are above': [
    1,
    {
      layers: [
        below,
        [...binFolder, ...plugins, { name: 'etc/' }, { name: 'etc/passwd', data: 'app:x:7:8::/:\n' }, { name: 'etc/group', data: '' }],
      ],
      entrypoint: oneFile,
      user: 'app',
    },
  ],
  'the user is a number, and its group makes no difference': [
    1,
    { layers: [below, [...binFolder, ...plugins]], entrypoint: oneFile, user: '65532:65532' },
  ],
  'the loader is above': [
    1,
    {
      layers: [
        below,
        [
          { name: 'bin/' },
          { ...copier, data: elf({ interpreter: '/lib/ld.so' }) },
          ...plugins,
          { name: 'lib/' },
          { name: 'lib/ld.so', data: elf() },
        ],
      ],
      entrypoint: oneFile,
    },
  ],
  'names are long (pax)': [
    1,
    { layers: [below, [...binFolder, ...plugins, opaque('plugins/'), plugin(`plugins/${'n'.repeat(200)}`)]], entrypoint: allFiles },
  ],
  'names are long (GNU)': [
    1,
    {
      layers: [
        below,
        [
          ...binFolder,
          ...plugins,
          opaque('plugins/'),
          { name: '././@LongLink', type: 'L', format: 'gnu', data: `plugins/${'g'.repeat(150)}\0` },
          plugin('plugins/g'),
        ],
      ],
      entrypoint: allFiles,
    },
  ],
  'the marker comes in the second gzip member': [
    1,
    {
      layers: [
        below,
        Buffer.concat([
          gzipSync(Buffer.concat([...binFolder, ...plugins].map(tarEntry))),
          gzipSync(Buffer.concat([tarEntry(opaque('plugins/')), zeroBlocks(2)])),
        ]),
      ],
      entrypoint: allFiles,
    },
  ],
  'the marker comes in the second zstd frame': [
    1,
    {
      layers: [
        below,
        Buffer.concat([
          zstdCompressSync(Buffer.concat([...binFolder, ...plugins].map(tarEntry))),
          zstdCompressSync(Buffer.concat([tarEntry(opaque('plugins/')), zeroBlocks(2)])),
        ]),
      ],
      entrypoint: allFiles,
    },
  ],
  'what the program needs is taken away above': [
    1,
    {
      layers: [below, [{ name: 'bin/' }, { ...copier, data: elf({ interpreter: '/lib/ld.so' }) }, ...plugins, gone('lib')]],
      entrypoint: oneFile,
    },
  ],
  'there is no command': [1, { layers: [below, plugins] }],

  // Where it may not
  'lower layers add to the folder': [0, { layers: [below, [...binFolder, ...plugins]], entrypoint: allFiles }],
  'the folder has no entry of its own, and may be a link below': [
    0,
    {
      layers: [tar([{ name: 'plugins', link: 'opt/p' }, { name: 'opt/' }, { name: 'opt/p/' }]), [...binFolder, plugin('plugins/a')]],
      entrypoint: oneFile,
    },
  ],
  'its parent may be a link below': [
    0,
    { layers: [tar([{ name: 'usr/' }, { name: 'bin', link: 'usr' }]), [copier, ...plugins]], entrypoint: oneFile },
  ],
  'the file is a hard link to a lower layer': [
    0,
    { layers: [below, [...binFolder, { name: 'plugins/' }, { name: 'plugins/a', type: '1', link: 'opt/p/other' }]], entrypoint: oneFile },
  ],
  'the file is a symbolic link to a lower layer': [
    0,
    { layers: [below, [...binFolder, { name: 'plugins/' }, { name: 'plugins/a', link: '/opt/p/other' }]], entrypoint: oneFile },
  ],
  'the file stands in a lower layer': [0, { layers: [tar(plugins), binFolder], entrypoint: oneFile }],
  'the program stands in a lower layer': [0, { layers: [tar(binFolder), plugins], entrypoint: oneFile }],
  'the program is looked for in PATH': [0, { layers: [below, [...binFolder, ...plugins]], entrypoint: ['cp', '/plugins/a', '/target/a'] }],
  'the loader stands in a lower layer': [
    0,
    { layers: [below, [{ name: 'bin/' }, { ...copier, data: elf({ interpreter: '/lib/ld.so' }) }, ...plugins]], entrypoint: oneFile },
  ],
  'the user has a name that a lower layer knows': [0, { layers: [below, [...binFolder, ...plugins]], entrypoint: oneFile, user: 'app' }],
  'the groups of the user stand in a lower layer': [
    0,
    {
      layers: [below, [...binFolder, ...plugins, { name: 'etc/' }, { name: 'etc/passwd', data: 'app:x:7:8::/:\n' }]],
      entrypoint: oneFile,
      user: 'app',
    },
  ],
  'the user is a number, and its group decides': [
    0,
    {
      layers: [below, [...binFolder, { name: 'plugins/' }, { ...plugin('plugins/a'), mode: 0o750, gid: 6 }]],
      entrypoint: oneFile,
      user: '5',
    },
  ],
  'a whiteout and what comes in its place are in one layer': [
    0,
    { layers: [below, [...binFolder, gone('plugins'), ...plugins]], entrypoint: oneFile },
  ],
  'the marker comes after the end of the archive': [
    0,
    {
      layers: [
        below,
        gzipSync(Buffer.concat([...[...binFolder, ...plugins].map(tarEntry), zeroBlocks(2), tarEntry(opaque('plugins/')), zeroBlocks(2)])),
      ],
      entrypoint: allFiles,
    },
  ],
  'the marker is of a folder beside': [
    0,
    { layers: [below, [...binFolder, ...plugins, { name: 'opt/' }, opaque('opt/')]], entrypoint: allFiles },
  ],
  'the folder keeps its owner, who is a lower one': [
    0,
    {
      layers: [
        below,
        [
          ...binFolder,
          { name: 'plugins/', raw: block => void block.write('37777777777\0', 108, 'latin1'), pax: { uid: '4294967295' } },
          plugin('plugins/a'),
        ],
      ],
      entrypoint: oneFile,
    },
  ],
  'an upper layer cannot be unpacked': [
    0,
    { layers: [below, [...binFolder, ...plugins, { name: 'x', type: '1', link: 'bin/none' }]], entrypoint: oneFile },
  ],
  'an upper layer has another diff_id': [
    0,
    { layers: [below, [...binFolder, ...plugins]], entrypoint: oneFile, highestDiffId: sha256('other') },
  ],
  'a lower layer is of a kind that no node unpacks': [
    0,
    {
      layers: [below, [...binFolder, ...plugins]],
      entrypoint: oneFile,
      lowestType: 'application/vnd.oci.image.layer.v1.tar+gzip+encrypted',
    },
  ],
  'an upper layer is damaged': [0, { layers: [below, gzipSync(tar([...binFolder, ...plugins])).subarray(0, -9)], entrypoint: oneFile }],
}

const made = ({ layers, ...rest }: (typeof cases)[string][1]): LayeredImage => ({
  ...rest,
  layers: layers.map(layer => (layer instanceof Uint8Array ? layer : tar(layer))),
})

describe('the answer from the upper layers', () => {
  for (const [what, [count, image]] of Object.entries(cases)) {
    it(`reads ${unread(count)} where ${what}, and says what all layers say`, async () => {
      const { full, early } = await bothWays(made(image))
      expect(disagreement({ full, early })).to.equal(undefined)
      expect(unreadOf(early)).to.equal(count)
      expect([...new Set(early.read)].sort()).to.deep.equal(image.layers.map((_, index) => index).slice(count))
    })
  }

  it('says what was not read, and that the rest is proven by what was', async () => {
    const { early, full } = await bothWays(made(cases['one named file is copied']![1]))
    if ('code' in early.said || 'code' in full.said) throw new Error('both have an answer')
    expect([full.said.proven, early.said.proven]).to.deep.equal(['allLayers', 'upperLayers'])
    const [lower, upper] = early.said.layers
    expect(lower).to.have.all.keys('digest', 'sizeBytes', 'unread')
    expect(upper).to.have.all.keys('digest', 'sizeBytes', 'rawBytes', 'entries')
  })

  it('reads the upper layers once where they prove nothing', async () => {
    const { early } = await bothWays(made({ layers: [below, [opaque('opt/')], [...binFolder, ...plugins]], entrypoint: allFiles }))
    expect([...early.read].sort()).to.deep.equal([0, 1, 2])
  })

  it('does not know whether a layer that it did not read can be unpacked', async () => {
    const { early, full } = await bothWays(
      made({ layers: [Buffer.from('junk'.repeat(300)), [...binFolder, ...plugins]], entrypoint: oneFile }),
    )
    expect(full.said).to.include({ code: 'LAYER_CORRUPT' })
    expect(unreadOf(early)).to.equal(1)
  })

  for (const [what, history, first] of [
    ['is read first with all above it where the history says that it touches /plugins', ['COPY a /plugins/', 'RUN b', 'RUN c'], [0, 1, 2]],
    ['is read last without a history', undefined, [2]],
    ['is read last where the history does not fit the layers', ['COPY a /plugins/'], [2]],
    ['is read last where the history says that another does', ['RUN a', 'RUN b', 'COPY c /plugins/'], [2]],
  ] as const) {
    it(`a lower layer ${what}`, async () => {
      const image = made({ layers: [below, [gone('opt')], [...binFolder, ...plugins]], entrypoint: oneFile })
      const { early, full } = await bothWays({ ...image, ...(history && { history }) })
      expect([...early.read].sort()).to.deep.equal(first)
      expect(disagreement({ full, early })).to.equal(undefined)
    })
  }
})
