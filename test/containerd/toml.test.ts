import { expect } from 'chai'
import { isTable, readToml } from '../../src/containerd/toml.ts'

const read = (text: string) => readToml(Buffer.from(text))

describe('readToml', () => {
  it('gives the tables and their headers', () => {
    const toml = read('a = 1\n[host."x"]\nb = "c"\n')
    if (!toml.ok) throw new Error(toml.message)
    expect(toml.headers).to.deep.equal([['host', 'x']])
    expect(JSON.parse(JSON.stringify(toml.table, (_, value) => (typeof value === 'bigint' ? `${value}` : value)))).to.deep.equal({
      a: '1',
      host: { x: { b: 'c' } },
    })
  })

  it('takes what TOML 1.1 added, as containerd does: inline tables over several lines, \\e and \\x', () => {
    expect(read('a = {\n b = "\\x41\\e", # c\n}\n').ok).to.equal(true)
  })

  it('takes integers of any size, which containerd looks at only where it wants one', () => {
    expect(read('a = 99999999999999999999\n').ok).to.equal(true)
  })

  for (const [what, text, fault] of [
    ['a syntax error', 'a = 1\nb = \n', { line: 2, column: 5 }],
    ['a key twice', 'a = 1\na = 2\n', { line: 2, column: 1 }],
    ['a table twice', '[a]\n[a]\n', { line: 2, column: 2 }],
    ['a byte order mark', '\ufeffa = 1\n', { line: 1, column: 1 }],
  ] as const) {
    it(`says where there is ${what}`, () => {
      expect(read(text)).to.include({ ok: false, ...fault })
    })
  }

  it('refuses bytes that are not UTF-8', () => {
    expect(readToml(Buffer.from([0x61, 0x3d, 0x22, 0xff, 0x22]))).to.deep.equal({ ok: false, message: 'it is not UTF-8' })
  })

  it('says nothing of what the file holds', () => {
    expect(JSON.stringify(read('[header]\nAuthorization = "Basic c2VjcmV0" x\n'))).to.not.include('c2VjcmV0')
  })

  it('refuses arrays that are nested without end', () => {
    expect(read(`a = ${'['.repeat(500_000)}`).ok).to.equal(false)
  })

  it('tells tables from arrays and dates', () => {
    const toml = read('t = {}\na = []\nd = 2024-01-02\n')
    expect(toml.ok && Object.values(toml.table).map(isTable)).to.deep.equal([true, false, false])
  })
})
