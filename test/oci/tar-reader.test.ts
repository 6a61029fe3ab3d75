import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { base256, paxData, type TarFile, tar, tarEntry, tarHeader, zeroBlocks } from '../support/tar-writer.ts'
import { listing, unpack } from '../support/unpack.ts'

const file = (name: string, data: string | Buffer = 'x', more: Partial<TarFile> = {}): TarFile => ({ name, data, ...more })
const a = file('plugins/a')
const seen = ['plugins/', 'plugins/a 1']
const end = zeroBlocks(2)
const pax = (records: Readonly<Record<string, string>>, type = 'x', name = 'header') => tarEntry(file(name, paxData(records), { type }))
const gnu = (type: 'L' | 'K', text: string) => tarEntry(file('././@LongLink', `${text}\0`, { type, format: 'gnu' }))
const archive = (...parts: readonly Buffer[]) => Buffer.concat([...parts, end])
const rawPax = (records: string) => archive(tarEntry(file('header', records, { type: 'x' })), tarEntry(file('a')))
const sparse = (records: Readonly<Record<string, string>>, data = 'abcd', name = 'plugins/s') =>
  tar([file(name, data, { pax: Object.fromEntries(Object.entries(records).map(([key, value]) => [`GNU.sparse.${key}`, value])) })])
const bad = (block: (header: Buffer) => void, format: TarFile['format'] = 'ustar') => tar([file('a', 'x', { format, raw: block })])

/** Sun's tar summed signed bytes. */
const signedSum = (header: Buffer) => {
  header.write('        ', 148, 'latin1')
  const sum = header.reduce((total, byte) => total + (byte > 127 ? byte - 256 : byte), 0)
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
}

// The answers are those of containerd 2.4.2, built with Go 1.26, to the same bytes
const read: Readonly<Record<string, readonly [Buffer, readonly string[]]>> = {
  'a plain entry': [tar([a]), seen],
  'the path of a pax header': [tar([file('short', 'x', { pax: { path: 'plugins/a' } })]), seen],
  'the size of a pax header, over that of the entry': [
    tar([file('plugins/a', 'hello', { sizeBytes: 0, pax: { size: '5' } }), file('b')]),
    ['b 1', 'plugins/', 'plugins/a 5'],
  ],
  'a long name of GNU tar': [
    archive(gnu('L', `plugins/${'l'.repeat(150)}`), tarEntry(file('x', 'd', { format: 'gnu' }))),
    ['plugins/', `plugins/${'l'.repeat(150)} 1`],
  ],
  'a long link of GNU tar': [
    archive(gnu('K', 'k'.repeat(150)), tarEntry({ name: 's', link: 't', format: 'gnu' })),
    [`s -> ${'k'.repeat(150)}`],
  ],
  'a long name over the path of a pax header': [archive(gnu('L', 'two'), pax({ path: 'one' }), tarEntry(a)), ['two 1']],
  'a size in base 256': [
    tar([file('plugins/a', 'hello', { format: 'gnu', raw: b => base256(b, 124, 12, 5n) })]),
    ['plugins/', 'plugins/a 5'],
  ],
  'a prefix of ustar': [
    tar([file('a', 'x', { raw: b => b.write('plugins/deep', 345) })]),
    ['plugins/', 'plugins/deep/', 'plugins/deep/a 1'],
  ],
  'a prefix of star': [tar([file('a', 'x', { format: 'star', raw: b => b.write('plugins', 345) })]), seen],
  "a prefix that old Go wrote in the place of GNU's times": [
    tar([file('a', 'x', { format: 'gnu', raw: b => b.write('plugins', 345) })]),
    seen,
  ],
  'nothing of a global header for the entries after it': [archive(pax({ path: 'plugins/evil' }, 'g'), tarEntry(a)), seen],
  'no pax header across a global one': [archive(pax({ path: 'plugins/evil' }), pax({ comment: 'c' }, 'g'), tarEntry(a)), seen],
  'the second of two pax headers': [archive(pax({ path: 'one' }), pax({ comment: 'c' }), tarEntry(a)), seen],
  'a header of Version 7, without magic': [tar([file('plugins/a', 'x', { format: 'v7' })]), seen],
  'a directory of Version 7, by its name': [tar([file('plugins/', '', { format: 'v7', type: '\0' }), a]), seen],
  'such a name from a pax header': [tar([file('plugins', '', { type: '\0', pax: { path: 'q/' } })]), ['q/']],
  'a hard link whose header has a size, but no data': [
    archive(tarEntry(a), tarHeader({ name: 'plugins/b', type: '1', link: 'plugins/a', sizeBytes: 5 }, 0), tarEntry(file('c'))),
    ['c 1', 'plugins/', 'plugins/a 1', 'plugins/b 1'],
  ],
  'a checksum of signed bytes': [tar([file('plugins/é', 'x', { spoil: signedSum })]), ['plugins/', 'plugins/é 1']],
  'nothing behind two blocks of zeros': [Buffer.concat([tar([a]), tar([file('plugins/hidden')])]), seen],
  'an end after one block of zeros': [Buffer.concat([tarEntry(a), zeroBlocks(1)]), seen],
  'an end without any block of zeros': [tarEntry(a), seen],
  'an end without padding': [tarEntry(a).subarray(0, 513), seen],
  'an empty file': [Buffer.alloc(0), []],
  'two blocks of zeros': [end, []],
  'a root of unknown type, which is passed over': [tar([file('./', 'x', { type: 'Z' }), a]), seen],
  'a sparse file of GNU 0.1': [
    sparse({ major: '0', minor: '1', numblocks: '2', map: '0,2,10,2', size: '20', name: 'plugins/t' }),
    ['plugins/', 'plugins/t 20'],
  ],
  'a sparse file without a version': [sparse({ numblocks: '2', map: '0,2,10,2', realsize: '12' }), ['plugins/', 'plugins/s 12']],
  'a sparse file of an unknown version, as it is': [sparse({ major: '3', minor: '0', name: 'zz' }), ['plugins/', 'plugins/s 4']],
  'a sparse file of GNU 1.0': [
    sparse({ major: '1', minor: '0', realsize: '20', name: 'plugins/t' }, `${'2\n0\n2\n10\n2\n'.padEnd(512, '\0')}abcd`),
    ['plugins/', 'plugins/t 20'],
  ],
  'a sparse file of GNU 1.0 that is all hole': [
    sparse({ major: '1', minor: '0', realsize: '20' }, '0\n'.padEnd(512, '\0')),
    ['plugins/', 'plugins/s 20'],
  ],
  'a sparse file of GNU 0.0, whose keys repeat': [
    archive(
      tarEntry(
        file(
          'h',
          '22 GNU.sparse.size=20\n26 GNU.sparse.numblocks=2\n23 GNU.sparse.offset=0\n25 GNU.sparse.numbytes=2\n24 GNU.sparse.offset=10\n25 GNU.sparse.numbytes=2\n',
          { type: 'x' },
        ),
      ),
      tarEntry(file('plugins/s', 'abcd')),
    ),
    ['plugins/', 'plugins/s 20'],
  ],
  'a whiteout whose sparse map is wrong, for nobody reads its data': [
    sparse({ numblocks: '1', map: '0,2', realsize: '20' }, 'abcd', 'plugins/.wh.x'),
    ['plugins/'],
  ],
  'a length with a sign': [rawPax('+20 path=plugins/pp\n'), ['plugins/', 'plugins/pp 1']],
  'a NUL in a comment': [rawPax(paxData({ comment: 'a\0b' }).toString()), ['a 1']],
  'an empty path, which changes nothing': [rawPax(paxData({ path: '' }).toString()), ['a 1']],
  'an empty pax header': [rawPax(''), ['a 1']],
  'a time before 1970': [tar([file('a', 'x', { pax: { mtime: '-1.5' } })]), ['a 1']],
  'a negative owner': [tar([file('a', 'x', { pax: { uid: '-1' } })]), ['a 1']],
  'a negative size of a directory': [tar([file('a/', '', { pax: { size: '-1' } })]), ['a/']],
  'numbers between spaces': [bad(b => b.write(' 755  \0\0', 100)), ['a 1']],
  'numbers up to a NUL': [bad(b => b.write('75\x005 \0\0\0', 100)), ['a 1']],
  'a device number that is none, where the format has none': [bad(b => b.write('zz', 329), 'v7'), ['a 1']],
}

const refused: Readonly<Record<string, Buffer>> = {
  'a negative size': tar([file('plugins/a', '', { format: 'gnu', raw: b => base256(b, 124, 12, -5n) })]),
  'a size of more than 64 bits': tar([file('plugins/a', '', { format: 'gnu', raw: b => base256(b, 124, 12, 1n << 70n) })]),
  'a hard link with data': archive(tarEntry(a), tarEntry(file('plugins/b', 'hello', { type: '1', link: 'plugins/a' }))),
  'a wrong checksum': tar([file('plugins/a', 'x', { spoil: b => b.fill(0x51, 0, 1) })]),
  'an entry after one block of zeros': archive(tarEntry(a), zeroBlocks(1), tarEntry(a)),
  'half a block after a block of zeros': Buffer.concat([tarEntry(a), zeroBlocks(1), Buffer.alloc(100)]),
  'data that is cut off': tarEntry(file('plugins/a', 'x'.repeat(2000))).subarray(0, 1200),
  'a header that is cut off': tarEntry(a).subarray(0, 300),
  'a header of words': Buffer.alloc(600, 'junk'),
  'less than a block': Buffer.from('hello'),
  'an unknown type': tar([file('plugins/z', 'x', { type: 'Z' })]),
  'a contiguous file, type 7': tar([file('plugins/z', 'x', { type: '7' })]),
  'a sparse file of old GNU': tar([file('plugins/s', 'x', { type: 'S', format: 'gnu' })]),
  'a sparse map of more data than there is': sparse({ major: '0', minor: '1', numblocks: '2', map: '0,2,10,3', size: '20' }),
  'a sparse map of less data than there is': sparse({ major: '0', minor: '1', numblocks: '2', map: '0,2,10,1', size: '20' }),
  'a sparse map out of order': sparse({ major: '0', minor: '1', numblocks: '2', map: '10,2,0,2', size: '20' }),
  'a sparse map of another length': sparse({ numblocks: '1', map: '0,2,10,2', size: '20' }),
  'a sparse map beyond its file': sparse({ numblocks: '2', map: '0,2,19,2', size: '20' }),
  'a sparse map that is cut off': sparse({ major: '1', minor: '0', realsize: '20' }, '2\n0\n2\n'),
  'a sparse map of words': sparse({ major: '1', minor: '0', realsize: '20' }, 'two\n'.padEnd(512, '\0')),
  'a sparse directory': tar([
    file('plugins/s/', '', { pax: { 'GNU.sparse.numblocks': '1', 'GNU.sparse.map': '0,2', 'GNU.sparse.realsize': '20' } }),
  ]),
  'a sparse file of negative size': sparse({ major: '0', minor: '1', numblocks: '0', map: '', size: '-4' }, ''),
  'a pax record of the wrong length': rawPax('+19 path=plugins/pp\n'),
  'a pax record without a newline': rawPax('19 path=plugins/pp '),
  'a pax record of four bytes': rawPax('4 a='),
  'a pax record without a key': rawPax('6 =ab\n'),
  'a NUL in a path': rawPax(paxData({ path: 'a\0b' }).toString()),
  'a time that is none': tar([file('a', 'x', { pax: { mtime: '1.x' } })]),
  'a size that is none': tar([file('a', 'x', { pax: { size: 'abc' } })]),
  'a negative size of a file': tar([file('a', 'x', { pax: { size: '-1' } })]),
  'a size of twenty digits': tar([file('a', 'x', { pax: { size: '9'.repeat(20) } })]),
  'a pax header of more than 1 MiB': rawPax(paxData({ comment: 'c'.repeat(1 << 20) }).toString()),
  'a mode that is not octal': bad(b => b.write('9', 100)),
  'an owner that is not octal': bad(b => b.write('zz', 108)),
  'a time that is not octal': bad(b => b.write('zz', 136)),
  'a device number that is not octal': bad(b => b.write('zz', 329)),
}

describe('tar reader, as Go reads', () => {
  for (const [what, [bytes, expected]] of Object.entries(read)) {
    it(`takes ${what}`, async () => {
      expect(listing((await unpack(bytes)).root)).to.deep.equal(expected)
    })
  }

  for (const [what, bytes] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      const thrown = await unpack(bytes).catch((error: unknown) => error)
      expect(thrown).to.be.instanceOf(PreflightError).with.property('code', 'LAYER_CORRUPT')
    })
  }

  it('fills the holes of sparse files with zeros', async () => {
    const { root } = await unpack(sparse({ numblocks: '2', map: '0,2,4,2', realsize: '7' }), tar([file('same', 'ab\0\0cd\0')]))
    const digest = (path: string) => {
      const node = path
        .split('/')
        .reduce(
          (at, name) => (at.kind === 'directory' ? at.children.get(name)! : at),
          root as Parameters<typeof listing>[0] | NonNullable<ReturnType<typeof root.children.get>>,
        )
      return node.kind === 'file' ? node.content.sha256 : undefined
    }
    expect(digest('plugins/s'))
      .to.equal(digest('same'))
      .and.to.match(/^sha256:/)
  })

  it('keeps the bytes of names that are not UTF-8', async () => {
    const name = Buffer.from([0x61, 0xff, 0x62])
    const { root } = await unpack(tar([file('a?b', 'x', { raw: b => name.copy(b, 0) })]))
    expect([...root.children.keys()].map(key => Buffer.from(key, 'latin1'))).to.deep.equal([name])
  })

  it('gives the mode its low twelve bits, whatever their encoding', async () => {
    const { root } = await unpack(tar([file('a', 'x', { format: 'gnu', raw: b => base256(b, 100, 8, 0o107755n) })]))
    expect(root.children.get('a')).to.have.property('mode', 0o7755)
  })
})
