import { expect } from 'chai'
import { createImageBuilder } from '../../src/oci/apply-layer.ts'
import { type Directory, lookUp } from '../../src/oci/file-tree.ts'
import { readLayer } from '../../src/oci/read-layer.ts'
import { LowerLayersNeeded, openDirectory, withChild } from '../../src/oci/unknown-below.ts'
import { type TarFile, tar } from '../support/tar-writer.ts'
import { chunks } from '../support/unpack.ts'

const marker = (name: string): TarFile => ({ name, data: '' })
const applied = async (...files: readonly TarFile[]): Promise<Directory> => {
  const builder = createImageBuilder('unknown')
  builder.apply((await readLayer(chunks(tar(files)), 'sniff')).entries)
  return builder.root
}
/** `file`, `ENOENT` or, where lower layers decide, `?`. */
const look = (root: Directory, path: string): string => {
  try {
    const found = lookUp(root, path, { last: 'nofollow' })
    return typeof found === 'string' ? found : found.node.kind
  } catch (error) {
    if (error instanceof LowerLayersNeeded) return '?'
    throw error
  }
}

describe('a file system upon layers that were not read', () => {
  const asked: readonly (readonly [string, readonly TarFile[], Readonly<Record<string, string>>])[] = [
    [
      'knows what was written, and nothing beside it',
      [{ name: 'a/' }, { name: 'a/f', data: 'x' }],
      { '/a/f': 'file', '/a/g': '?', '/b': '?' },
    ],
    ['knows that a whiteout leaves nothing', [marker('.wh.a')], { '/a': 'ENOENT', '/a/b': 'ENOENT', '/b': '?' }],
    [
      'knows all of a folder that hides what is below',
      [{ name: 'a/' }, marker('a/.wh..wh..opq')],
      { '/a/b': 'ENOENT', '/a': 'directory', '/b': '?' },
    ],
    ['knows all where the root hides what is below', [marker('.wh..wh..opq')], { '/a': 'ENOENT', '/b/c': 'ENOENT' }],
    ['knows that nothing is in a file', [{ name: 'a', data: 'x' }], { '/a/b': 'ENOTDIR' }],
    [
      'follows links that it knows, and no others',
      [{ name: 'l', link: 'a' }, { name: 'a', data: 'x' }, { name: 'm', link: 'b' }, { name: 'n', link: 'd' }, { name: 'd/' }],
      { '/l/': 'ENOTDIR', '/m/': '?', '/n/': 'directory' },
    ],
  ]
  for (const [what, files, expected] of asked) {
    it(what, async () => {
      const root = await applied(...files)
      expect(Object.fromEntries(Object.keys(expected).map(path => [path, look(root, path)]))).to.deep.equal(expected)
    })
  }

  for (const [what, ...files] of [
    ['whose parent has no entry', { name: 'a/f', data: 'x' }],
    ['that is a hard link', { name: 'f', type: '1', link: 'g' }],
    ['behind a link that leads to what is not known', { name: 'l', link: 'a' }, { name: 'l/f', data: 'x' }],
    ['of a folder in the place of what a whiteout of the same layer took away', marker('.wh.f'), { name: 'f/' }],
  ] as const satisfies readonly (readonly [string, ...TarFile[]])[]) {
    it(`refuses an entry ${what}`, async () => {
      const error = await applied(...files).catch((caught: unknown) => caught)
      expect(error instanceof LowerLayersNeeded).to.equal(true)
    })
  }

  it('refuses every way to list what it does not know', () => {
    const { children } = withChild(openDirectory(), 'a', openDirectory())
    for (const list of [
      () => [...children],
      () => [...children.keys()],
      () => [...children.values()],
      () => [...children.entries()],
      () => children.forEach(() => {}),
      () => children.size,
      () => new Map(children),
      () => children.has('b'),
      () => children.get('b'),
    ]) {
      expect(list).to.throw(LowerLayersNeeded)
    }
    expect(children.has('a')).to.equal(true)
  })

  it('leaves a folder as it is when a copy gets one child more', () => {
    const folder = openDirectory()
    withChild(folder, 'a', openDirectory())
    expect(() => folder.children.get('a')).to.throw(LowerLayersNeeded)
  })
})
