import { expect } from 'chai'
import { readToml } from '../../src/containerd/toml.ts'
import { fieldsOf, tablePath } from '../../src/containerd/toml-fields.ts'

const fields = (text: string) => {
  const toml = readToml(Buffer.from(text))
  if (!toml.ok) throw new Error(toml.message)
  const faults: string[] = []
  return { faults, fields: fieldsOf(toml.table, 'host."x".', message => faults.push(message)) }
}

describe('fieldsOf', () => {
  it('finds names without regard to case, the last one given', () => {
    expect(fields('Server = "a"\nSERVER = "b"\n').fields.string('server')).to.equal('b')
  })

  it('takes the tables of such names together', () => {
    expect(fields('[Header]\na = "1"\n[header]\nb = "2"\n').fields.table('header')).to.deep.equal({ a: '1', b: '2' })
  })

  it('gives undefined for what is not there, which is no fault', () => {
    const { fields: none, faults } = fields('')
    expect([none.string('a'), none.boolean('a'), none.integer('a'), none.strings('a'), none.table('a'), none.value('a')]).to.deep.equal(
      Array(6).fill(undefined),
    )
    expect(faults).to.deep.equal([])
  })

  for (const [kind, type] of [
    ['string', 'a string'],
    ['boolean', 'true or false'],
    ['integer', 'a whole number'],
    ['strings', 'a list of strings'],
    ['table', 'a table'],
  ] as const) {
    it(`finds fault with what is not ${type}`, () => {
      const { fields: wrong, faults } = fields('a = 2024-01-02\n')
      expect(wrong[kind]('a')).to.equal(undefined)
      expect(faults).to.deep.equal([`host."x".a is not ${type}`])
    })
  }

  it('finds fault with a wrong type even where a later name is right', () => {
    const { fields: both, faults } = fields('A = 1\na = "x"\n')
    expect(both.string('a')).to.equal('x')
    expect(faults).to.have.length(1)
  })

  it('finds fault with a list that holds something else than strings', () => {
    const { fields: mixed, faults } = fields('a = ["x", 1]\n')
    mixed.strings('a')
    expect(faults).to.have.length(1)
  })

  it('names what is not known', () => {
    expect(fields('Server = "a"\nskipverify = true\n').fields.unknown(['server'])).to.deep.equal(['skipverify'])
  })

  it('keeps a header that has the name of something in every JavaScript object', () => {
    const { fields: odd } = fields('[header]\n__proto__ = "x"\nconstructor = "y"\n')
    expect(Object.entries(odd.table('header') ?? {})).to.deep.equal([
      ['__proto__', 'x'],
      ['constructor', 'y'],
    ])
  })
})

describe('tablePath', () => {
  it('quotes what needs quotes, and is one line', () => {
    expect(tablePath('host', 'https://a\n')).to.equal('host."https://a\\u000a".')
  })
})
