import { expect } from 'chai'
import fc from 'fast-check'
import { type Directory, type LookUpOptions, lookUp } from '../../src/oci/file-tree.ts'
import { cleanPath, joinPath, splitPath } from '../../src/oci/go-path.ts'
import { tar } from '../support/tar-writer.ts'
import { unpack } from '../support/unpack.ts'

describe('looking up paths in an image', () => {
  let root: Directory
  before(async () => {
    ;({ root } = await unpack(
      tar([
        { name: 'usr/bin/busybox', data: 'b' },
        { name: 'bin', link: 'usr/bin' },
        { name: 'usr/bin/cp', link: 'busybox' },
        { name: 'usr/bin/up', link: '../../etc/passwd' },
        { name: 'etc/passwd', data: 'root' },
        { name: 'abs', link: '/usr/bin/cp' },
        { name: 'outside', link: '../../etc/passwd' },
        { name: 'dangling', link: 'nowhere' },
        { name: 'circle', link: 'circle' },
        { name: 'locked/', mode: 0o600 },
        { name: 'locked/file', data: '' },
        ...Array.from({ length: 41 }, (_, index) => ({ name: `chain${index}`, link: index === 40 ? 'etc' : `chain${index + 1}` })),
      ]),
    ))
  })

  const at = (path: string, options: Partial<LookUpOptions> = {}) => {
    const found = lookUp(root, path, { last: 'follow', ...options })
    return typeof found === 'string' ? found : `${found.node.kind} ${found.path}`
  }

  const cases: readonly (readonly [string, string])[] = [
    ['/', 'directory /'],
    ['/bin/cp', 'file /usr/bin/busybox'],
    ['/abs', 'file /usr/bin/busybox'],
    ['/usr/bin/up', 'file /etc/passwd'],
    ['/usr//bin/../bin/./cp', 'file /usr/bin/busybox'],
    ['/../../etc/passwd', 'file /etc/passwd'],
    ['/outside', 'file /etc/passwd'],
    ['/dangling', 'ENOENT'],
    ['/dangling/x', 'ENOENT'],
    ['/etc/passwd/x', 'ENOTDIR'],
    ['/etc/passwd/', 'ENOTDIR'],
    ['/etc/passwd/.', 'ENOTDIR'],
    ['/etc/passwd/..', 'ENOTDIR'],
    ['/abs/.', 'ENOTDIR'],
    ['/bin/.', 'directory /usr/bin'],
    ['/bin//', 'directory /usr/bin'],
    ['/circle', 'ELOOP'],
    ['/chain1/passwd', 'file /etc/passwd'],
    ['/chain0/passwd', 'ELOOP'],
    [`/${'n'.repeat(256)}`, 'ENAMETOOLONG'],
    [`/${'n/'.repeat(2100)}`, 'ENAMETOOLONG'],
  ]
  for (const [path, expected] of cases) {
    it(`${path.slice(0, 40)}: ${expected}`, () => {
      expect(at(path)).to.equal(expected)
    })
  }

  it('does not follow a link in the last place where it is the link that is meant', () => {
    expect(at('/bin/cp', { last: 'nofollow' })).to.equal('symlink /usr/bin/cp')
    expect(at('/bin', { last: 'nofollow' })).to.equal('symlink /bin')
  })

  it('finds nothing behind a link that leads out, where links lead out', () => {
    expect(at('/abs', { absolute: 'outside' })).to.equal('ENOENT')
    expect(at('/outside', { absolute: 'outside' })).to.equal('ENOENT')
    expect(at('/bin/cp', { absolute: 'outside' })).to.equal('file /usr/bin/busybox')
  })

  it('asks at every directory whether it may be entered', () => {
    const enter = ({ mode }: Directory) => (mode & 1) === 1
    expect(at('/locked/file', { enter })).to.equal('EACCES')
    expect(at('/locked/.', { enter })).to.equal('EACCES')
    expect(at('/locked', { enter })).to.equal('directory /locked')
    expect(at('/locked/', { enter })).to.equal('directory /locked')
  })
})

describe("paths as Go's filepath has them", () => {
  const cleaned = {
    '': '.',
    '.': '.',
    '/': '/',
    '//a///b/': '/a/b',
    'a/..': '.',
    'a/../..': '..',
    '/..': '/',
    './a/./b': 'a/b',
    '../a': '../a',
    'a/b/../c': 'a/c',
    'a...b': 'a...b',
    '..a/.b': '..a/.b',
  }
  for (const [path, expected] of Object.entries(cleaned)) {
    it(`Clean(${JSON.stringify(path)}) is ${expected}`, () => {
      expect(cleanPath(path)).to.equal(expected)
    })
  }

  it('are clean after cleaning', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', '.', '..', '', 'b.')), parts => {
        const once = cleanPath(parts.join('/'))
        expect(cleanPath(once)).to.equal(once)
        expect(once).to.match(/^(?:\/|\.|(?:\/|(?:\.\.\/)*)(?:[ab]\.?\/)*[ab]\.?|\.\.(?:\/\.\.)*)$/)
      }),
    )
  })

  it('are joined and split', () => {
    expect(joinPath('', 'a', '', '../b')).to.equal('b')
    expect(joinPath('', '')).to.equal('')
    expect(splitPath('a/b')).to.deep.equal({ directory: 'a/', base: 'b' })
    expect(splitPath('a')).to.deep.equal({ directory: '', base: 'a' })
  })
})
