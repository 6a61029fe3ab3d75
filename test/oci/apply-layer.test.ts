import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { createImageBuilder, imageLimits } from '../../src/oci/apply-layer.ts'
import type { LayerEntry } from '../../src/oci/layer-entry.ts'
import { type TarFile, tar } from '../support/tar-writer.ts'
import { listing, unpack } from '../support/unpack.ts'

const f = (name: string, data = 'x', more: Partial<TarFile> = {}): TarFile => ({ name, data, ...more })
const hard = (name: string, link: string, more: Partial<TarFile> = {}): TarFile => ({ name, type: '1', link, ...more })
const global = (name: string): TarFile => ({ name, type: 'g', data: '13 comment=x\n' })
type Layer = readonly TarFile[]

// The answers are those of containerd 2.4.2 to the same layers
const results: Readonly<Record<string, readonly [readonly Layer[], readonly string[]]>> = {
  'keeps `..` inside the root': [[[f('../../plugins/a'), f('plugins/../../../b')]], ['b 1', 'plugins/', 'plugins/a 1']],
  'takes absolute names as those below the root': [[[f('/plugins/a')]], ['plugins/', 'plugins/a 1']],
  'cleans names': [[[f('./plugins//./a')]], ['plugins/', 'plugins/a 1']],
  'passes over the root and what has no name': [[[f('', ''), f('.', ''), f('..', ''), f('plugins/a')]], ['plugins/', 'plugins/a 1']],
  'takes the last of two entries of one name': [[[f('plugins/a', 'one'), f('plugins/a', 'three')]], ['plugins/', 'plugins/a 5']],
  'puts a directory in the place of a file': [[[f('plugins/a'), { name: 'plugins/a/' }]], ['plugins/', 'plugins/a/']],
  'puts a file in the place of a directory and all that is in it': [[[f('plugins/a/b')], [f('plugins', 'now')]], ['plugins 3']],
  'merges directories': [
    [[f('plugins/a')], [{ name: 'plugins/' }, f('plugins/b')]],
    ['plugins/', 'plugins/a 1', 'plugins/b 1'],
  ],
  'makes parents that lack': [[[f('a/b/c')]], ['a/', 'a/b/', 'a/b/c 1']],
  'makes the parents of a whiteout too': [[[f('x/y/.wh.z', '')]], ['x/', 'x/y/']],
  'follows a link of a lower layer in the parent': [
    [[{ name: 'plugins/' }, { name: 'opt/p', link: '/plugins' }], [f('opt/p/foo')]],
    ['opt/', 'opt/p -> /plugins', 'plugins/', 'plugins/foo 1'],
  ],
  'keeps such a link inside the root': [
    [[{ name: 'plugins/' }, { name: 'opt/p', link: '../../../plugins' }], [f('opt/p/foo')]],
    ['opt/', 'opt/p -> ../../../plugins', 'plugins/', 'plugins/foo 1'],
  ],
  'makes a dangling link in the parent lead somewhere': [
    [[{ name: 'p', link: 'plugins' }, f('p/foo')]],
    ['p -> plugins', 'plugins/', 'plugins/foo 1'],
  ],
  'makes a hard link to a file of a lower layer': [
    [[f('plugins/a')], [hard('b', 'plugins/a')]],
    ['b 1', 'plugins/', 'plugins/a 1'],
  ],
  'makes a hard link to a symbolic link one itself': [
    [[{ name: 's', link: 'plugins/a' }, hard('h', 's')]],
    ['h -> plugins/a', 's -> plugins/a'],
  ],
  'keeps the target of a hard link inside the root': [[[f('a'), hard('b', '../../a')]], ['a 1', 'b 1']],
  'takes a hard link to a name with a slash behind': [[[f('a'), hard('b', 'a/')]], ['a 1', 'b 1']],
  'hides what a whiteout names': [
    [[f('plugins/a'), f('plugins/b')], [f('plugins/.wh.a', '')]],
    ['plugins/', 'plugins/b 1'],
  ],
  'hides a whole directory': [[[f('plugins/a'), f('b')], [f('.wh.plugins', '')]], ['b 1']],
  'lets a whiteout hide a file of its own layer that came before': [[[f('plugins/a'), f('plugins/.wh.a', '')]], ['plugins/']],
  'keeps what comes after its whiteout': [
    [[f('plugins/a')], [f('plugins/.wh.a', ''), f('plugins/a', 'new')]],
    ['plugins/', 'plugins/a 3'],
  ],
  'passes over a whiteout of nothing': [[[f('.wh.nothing', ''), f('a')]], ['a 1']],
  'writes no whiteout, whatever its type': [[[{ name: '.wh.x/' }, f('a')]], ['a 1']],
  'heeds a whiteout of unknown type': [[[f('plugins/a')], [f('plugins/.wh.a', 'x', { type: 'Z' })]], ['plugins/']],
  'passes over the meta files of aufs': [[[f('.wh..wh.plnk', ''), f('a')]], ['a 1']],
  'hides all of lower layers below an opaque directory, wherever the marker stands': [
    [
      [f('plugins/a'), f('plugins/d/x')],
      [f('plugins/b'), f('plugins/.wh..wh..opq', ''), f('plugins/c')],
    ],
    ['plugins/', 'plugins/b 1', 'plugins/c 1'],
  ],
  'hides parents that an opaque layer did not name itself': [[[f('plugins/sub/a'), f('plugins/.wh..wh..opq', '')]], ['plugins/']],
  'remembers by name what an opaque layer wrote': [
    [[{ name: 'a/b/' }, f('a/.wh.b', ''), f('a/b/c'), f('a/.wh..wh..opq', '')]],
    ['a/', 'a/b/', 'a/b/c 1'],
  ],
  'hides everything with an opaque root': [[[f('a'), f('b/c')], [f('.wh..wh..opq', '')]], []],
  'lets a global header remove what has its name': [[[f('plugins/a')], [global('plugins')]], []],
  'lets a global header be a whiteout': [[[f('plugins/a')], [global('.wh.plugins')]], []],
  'replaces a directory by a file within one layer': [[[{ name: 'd/' }, f('d', 'file')]], ['d 4']],
  'takes a name of 255 bytes': [[[f('n'.repeat(255))]], [`${'n'.repeat(255)} 1`]],
  'takes the whiteout of a name of 255 bytes': [[[f('n'.repeat(255))], [f(`.wh.${'n'.repeat(255)}`, '')]], []],
  'takes a link target of 4095 bytes': [[[{ name: 'l', link: 't'.repeat(4095) }]], [`l -> ${'t'.repeat(4095)}`]],
  'makes pipes and devices': [
    [[f('p', '', { type: '6' }), f('c', '', { type: '3' }), f('b', '', { type: '4' })]],
    ['b device', 'c device', 'p fifo'],
  ],
}

const refused: Readonly<Record<string, readonly Layer[]>> = {
  'a file where a directory must be': [[f('d', 'file'), f('d/x')]],
  'a file two levels above': [[f('d', 'file'), f('d/x/y')]],
  'a circle of links in the parent': [[{ name: 'a', link: 'b' }, { name: 'b', link: 'a' }, f('a/x')]],
  'a directory that its layer removes again': [[{ name: 'd/' }, f('.wh.d', '')]],
  'a directory that its layer replaces by a dangling link': [[{ name: 'd/' }, { name: 'd', link: 'nowhere' }]],
  'a hard link to nothing': [[hard('a', 'b')]],
  'a hard link to itself': [[f('a'), hard('a', 'a')]],
  'a hard link to a directory': [[{ name: 'd/' }, hard('h', 'd')]],
  'a hard link without a target': [[f('a'), hard('b', '')]],
  'a hard link through a file': [[f('a'), hard('b', 'a/x')]],
  'a symbolic link without a target': [[{ name: 'l', link: '' }]],
  'a symbolic link to 4096 bytes': [[{ name: 'l', link: 't'.repeat(4096) }]],
  'a whiteout of no name': [[f('plugins/.wh.', '')]],
  'a whiteout of its own directory': [[f('plugins/.wh..', '')]],
  'a whiteout of the directory above': [[f('plugins/.wh...', '')]],
  'a name of 256 bytes': [[f('n'.repeat(256))]],
  'a whiteout of 256 bytes': [[f(`.wh.${'n'.repeat(256)}`, '')]],
  'a path of more than 4095 bytes': [[f(Array.from({ length: 22 }, () => 'd'.repeat(200)).join('/'))]],
  'a parent of more than 255 bytes': [[f(`${'d'.repeat(256)}/a`)]],
  'a device number that does not fit': [[f('c', '', { type: '3', raw: b => b.write('\x80\x00\x00\x01\x00\x00\x00\x00', 329, 'latin1') })]],
}

describe('applying layers, as containerd does', () => {
  for (const [what, [layers, expected]] of Object.entries(results)) {
    it(what, async () => {
      expect(listing((await unpack(...layers.map(tar))).root)).to.deep.equal(expected)
    })
  }

  for (const [what, layers] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      const thrown = await unpack(...layers.map(tar)).catch((error: unknown) => error)
      expect(thrown).to.be.instanceOf(PreflightError).with.property('code', 'LAYER_CORRUPT')
    })
  }

  it('names the path and the reason of a refusal', async () => {
    const thrown = await unpack(tar([f('plugins', 'file'), f('plugins/x')])).catch((error: unknown) => error)
    expect(thrown).to.have.property('message', 'containerd cannot unpack /plugins: not a directory')
  })

  it('gives a hard link mode and owner under both names', async () => {
    const { root } = await unpack(tar([f('a', 'x', { mode: 0o600 }), hard('b', 'a', { mode: 0o755, uid: 7, gid: 8 })]))
    expect(root.children.get('a')).to.equal(root.children.get('b')).and.to.include({ mode: 0o755, uid: 7, gid: 8 })
  })

  it('leaves the owner alone where a pax header says -1', async () => {
    const { root } = await unpack(tar([f('a', 'x', { pax: { uid: '-1' }, gid: 5 })]))
    expect(root.children.get('a')).to.include({ uid: 0, gid: 5 })
  })

  it('gives a directory the mode of the upper layer, and what is made for it 0755', async () => {
    const { root } = await unpack(tar([{ name: 'a/', mode: 0o700 }]), tar([{ name: 'a/', mode: 0o711 }, f('b/c')]))
    expect([root.children.get('a')?.mode, root.children.get('b')?.mode]).to.deep.equal([0o711, 0o755])
  })

  const doubtful: Readonly<Record<string, readonly [readonly Layer[], readonly unknown[]]>> = {
    'a hard link to a lower layer': [[[f('a')], [hard('b', 'a')]], [{ kind: 'hardLinkBelow', path: '/b' }]],
    'a whiteout of what its own layer brought': [[[f('a'), f('.wh.a', '')]], [{ kind: 'whiteoutOfOwn', path: '/a' }]],
    'a whiteout of a folder into which its own layer put something': [
      [[f('d/a')], [f('d/b'), f('.wh.d', '')]],
      [{ kind: 'whiteoutOfOwn', path: '/d' }],
    ],
    'a folder that is brought again after its whiteout': [
      [[f('d/a')], [f('.wh.d', ''), { name: 'd/' }]],
      [{ kind: 'whiteoutReplaced', path: '/d' }],
    ],
    'a folder that is needed again after its whiteout': [
      [[f('d/a')], [f('.wh.d', ''), f('d/b')]],
      [{ kind: 'whiteoutReplaced', path: '/d' }],
    ],
    'a parent that is a link of a lower layer': [
      [[{ name: 'usr/bin/' }, { name: 'bin', link: 'usr/bin' }], [f('bin/sh')]],
      [{ kind: 'parentLinkBelow', path: 'bin/' }],
    ],
    'nothing where a link takes the place of a folder': [[[f('d/a')], [f('.wh.d', ''), { name: 'd', link: 'e' }]], []],
    'nothing in ordinary layers': [
      [
        [f('a/b'), f('c')],
        [f('.wh.c', ''), f('a/.wh.b', ''), f('a/d'), hard('a/e', 'a/d')],
      ],
      [],
    ],
  }
  for (const [what, [layers, expected]] of Object.entries(doubtful)) {
    it(`notes where overlayfs gives another result: ${what}`, async () => {
      expect((await unpack(...layers.map(tar))).doubts).to.deep.equal(expected)
    })
  }

  const entry = (name: string, type = '0', linkName = ''): LayerEntry => {
    const content = { sizeBytes: 0, sha256: 'sha256:', kind: 'empty' } as const
    return { name, type, linkName, mode: 0o755, uid: 0, gid: 0, deviceFits: true, ...(type === '0' ? { content } : {}) }
  }
  const hundredThousand = (folder: string) => Array.from({ length: 100_000 }, (_, index) => entry(`${folder}/file-${index}`))

  it('unpacks 100,000 entries in one folder, and hides them again', () => {
    const builder = createImageBuilder()
    builder.apply(hundredThousand('plugins/deep'))
    expect(listing(builder.root)).to.have.length(100_002)
    builder.apply([entry('plugins/.wh..wh..opq'), entry('plugins/only')])
    expect(listing(builder.root)).to.deep.equal(['plugins/', 'plugins/only 0'])
  })

  it('unpacks 100,000 entries through a link', () => {
    const builder = createImageBuilder()
    builder.apply([entry('lib', '2', 'usr/lib'), ...hundredThousand('lib/a/b')])
    expect(listing(builder.root)).to.have.length(100_005)
  })

  it('refuses more files than fit into memory, over all layers', () => {
    const builder = createImageBuilder('nothing', { ...imageLimits, entries: 3 })
    builder.apply([entry('a'), entry('b')])
    expect(() => builder.apply([entry('c'), entry('d')]))
      .to.throw(PreflightError, /more than 3 files/)
      .with.property('code', 'LAYER_TOO_LARGE')
  })

  it('refuses what would take more work than any image', () => {
    const chain = Array.from({ length: 250 }, (_, index) => entry(`l${index}`, '2', `/${'d/../'.repeat(700)}l${index + 1}`))
    const uses = Array.from({ length: 200 }, (_, index) => [entry(`s${index}`, '2', 'x'), entry(`l0/${index}`)]).flat()
    const builder = createImageBuilder('nothing', { ...imageLimits, lookups: 3_000_000 })
    expect(() => builder.apply([...chain, entry('d/', '5'), entry('l250/', '5'), ...uses]))
      .to.throw(PreflightError, /more work/)
      .with.property('code', 'LAYER_TOO_LARGE')
  })
})
