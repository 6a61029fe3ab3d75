import { expect } from 'chai'
import { readConfigFiles } from '../../src/containerd/config-files.ts'
import { filesFrom, type NodeFile } from '../../src/containerd/node-files.ts'

const main = '/etc/k0s/containerd.toml'
const drops = ['/etc/k0s/containerd.d/*.toml']
const read = (files: Readonly<Record<string, string>>) => readConfigFiles(main, drops, filesFrom(new Map(Object.entries(files))))
const names = (files: Readonly<Record<string, string>>) => {
  const result = read(files)
  if (!result.ok) throw new Error(result.fault.why)
  return result.files.map(({ file }) => file)
}

describe("containerd's configuration files", () => {
  it('are the main one and what it imports, in the order of the names', () => {
    const files = {
      [main]: 'imports = ["/etc/k0s/containerd.d/*.toml"]\n',
      '/etc/k0s/containerd.d/b.toml': '',
      '/etc/k0s/containerd.d/a.toml': '',
    }
    expect(names(files)).to.deep.equal([main, '/etc/k0s/containerd.d/a.toml', '/etc/k0s/containerd.d/b.toml'])
  })

  it('are found beside the file that imports them', () => {
    expect(
      names({ [main]: 'imports = ["x/../d/a.toml"]\n', '/etc/k0s/d/a.toml': 'imports = ["b.toml"]\n', '/etc/k0s/d/b.toml': '' }),
    ).to.deep.equal([main, '/etc/k0s/d/a.toml', '/etc/k0s/d/b.toml'])
  })

  it('are read once each, though they import one another', () => {
    expect(names({ [main]: 'imports = ["a.toml"]\n', '/etc/k0s/a.toml': 'imports = ["containerd.toml", "a.toml"]\n' })).to.deep.equal([
      main,
      '/etc/k0s/a.toml',
    ])
  })

  it('match a pattern in the last component alone', () => {
    const files = {
      [main]: 'imports = ["d/x*.toml", "*/y.toml"]\n',
      '/etc/k0s/d/x1.toml': '',
      '/etc/k0s/d/x1.tom': '',
      '/etc/k0s/d/y.toml': '',
    }
    expect(names(files)).to.deep.equal([main, '/etc/k0s/d/x1.toml'])
  })

  it('are what k0s would import, before it has made the main one', () => {
    expect(names({ '/etc/k0s/containerd.d/a.toml': '' })).to.deep.equal(['/etc/k0s/containerd.d/a.toml'])
    expect(names({ [main]: '', '/etc/k0s/containerd.d/a.toml': '' })).to.deep.equal([main])
  })

  it('may be missing: k0s makes its own when it starts', () => {
    expect(names({ [main]: 'imports = ["/run/k0s/containerd-cri.toml"]\n' })).to.deep.equal([main])
    expect(names({})).to.deep.equal([])
  })

  it('must be TOML, with the place where one is not', () => {
    const result = read({ [main]: 'version = 3\nimports = [\n' })
    expect(!result.ok && result.fault).to.include({ file: main, refused: true })
    expect(!result.ok && result.fault.why).to.match(/^is no TOML: .*\(line \d+, column \d+\)$/)
  })

  it('must be readable', () => {
    const denied: NodeFile = { kind: 'unread', why: 'may not be read' }
    expect(readConfigFiles(main, drops, () => denied)).to.deep.equal({
      ok: false,
      fault: { file: main, why: 'may not be read', refused: false },
    })
  })

  it('are at most 200', () => {
    const files = Object.fromEntries(Array.from({ length: 300 }, (_, index) => [`/etc/k0s/d/${index}.toml`, '']))
    const result = read({ [main]: 'imports = ["d/*.toml"]\n', ...files })
    expect(!result.ok && result.fault).to.include({ file: main, refused: false })
  })
})
