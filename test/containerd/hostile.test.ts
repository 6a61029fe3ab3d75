import { expect } from 'chai'
import fc from 'fast-check'
import { readConfigFiles } from '../../src/containerd/config-files.ts'
import { registryHosts } from '../../src/containerd/hosts.ts'
import { nodeRegistries } from '../../src/containerd/registries.ts'
import { makeCertificate } from '../support/certificate.ts'
import { nodeTree, root } from './node-tree.ts'

const main = '/etc/k0s/containerd.toml'
const limitBytes = 1024 * 1024
const { cert, key } = makeCertificate()

const fromHosts = (toml: string, files: Readonly<Record<string, string>> = {}) =>
  registryHosts('a', [root], nodeTree({ ...files, 'a/hosts.toml': toml }))
const fromConfig = (toml: string) => {
  const tree = nodeTree({ [main]: toml })
  return nodeRegistries(readConfigFiles(main, [], tree), tree)('a')
}
const repeated = (line: (index: number) => string): string => {
  let text = ''
  for (let index = 0; text.length < limitBytes; index++) text += line(index)
  return text
}

describe('a file of the largest size that is read', () => {
  for (const [what, toml] of [
    ['hosts', repeated(index => `[host."https://h${index}"]\n`)],
    ['hosts that name the same CA', repeated(index => `[host."h${index}"]\nca = "ca.pem"\n`)],
    ['hosts that name the same client certificate', repeated(index => `[host."h${index}"]\nclient = "both.pem"\n`)],
    ['one CA again and again', `ca = [${repeated(() => '"ca.pem",')}]`],
    ['hosts that are not asked', `host = {${repeated(index => `h${index} = {},`)}}`],
    ['unknown keys', repeated(index => `k${index} = 1\n`)],
    [
      'a name in every case',
      repeated(
        index => `${[...'abcdefghijklmnopqrst'].map((char, bit) => ((index >> bit) & 1 ? char.toUpperCase() : char)).join('')} = 1\n`,
      ),
    ],
    ['nested arrays', `a = ${'['.repeat(limitBytes / 2)}${']'.repeat(limitBytes / 2)}`],
    ['nested tables', `a = ${'{a='.repeat(limitBytes / 4)}1${'}'.repeat(limitBytes / 4)}`],
    ['a dotted key', `${'a.'.repeat(limitBytes / 2)}a = 1`],
    ['a dotted header', `[${'a.'.repeat(limitBytes / 2)}a]`],
    ['a key of escapes', `[host."${'\\t'.repeat(limitBytes / 2)}"]`],
    ['a long path', `server = "https://e/${'../'.repeat(limitBytes / 3)}"`],
    ['an escaped path', `server = "https://e/${'%41'.repeat(limitBytes / 3)}"`],
    ['a long number', `a = ${'1'.repeat(limitBytes)}`],
    ['quotes', '"'.repeat(limitBytes)],
    ['carriage returns', '\r'.repeat(limitBytes)],
    ['strings without an end', repeated(() => '"""\n')],
  ] as const) {
    it(`may hold nothing but ${what}: there is an answer, with short messages`, () => {
      const files = { 'a/ca.pem': cert.repeat(1000), 'a/both.pem': key + cert }
      for (const result of [fromHosts(toml, files), fromConfig(toml)]) {
        if (result.ok) expect(result.hosts).to.not.deep.equal([])
        for (const { message } of result.problems) expect(message).to.have.length.below(500)
      }
    })
  }

  it('may be a PEM file of nothing but beginnings', () => {
    const pem = '-----BEGIN CERTIFICATE-----\n'.repeat(limitBytes / 28)
    expect(fromHosts('client = "x.pem"\nca = "x.pem"\n', { 'a/x.pem': pem })).to.include({ ok: false, refused: true })
  })
})

describe('any text', () => {
  const piece = fc.constantFrom(
    ...[
      '[',
      ']',
      '[[',
      '"',
      "'",
      '"""',
      '=',
      '.',
      ',',
      '{',
      '}',
      '#',
      '\n',
      '\r\n',
      '\\',
      ' ',
      '0',
      '1e5',
      'true',
      '2024-01-02',
      '"pull"',
      '"https://m"',
    ],
    ...[
      'server',
      'host',
      'ca',
      'client',
      'capabilities',
      'header',
      'skip_verify',
      'dial_timeout',
      'override_path',
      '__proto__',
      'constructor',
    ],
    ...['[host."https://m"]\n', 'header."x" = "y"\n', 'plugins', 'registry', 'mirrors', 'imports', '\u0000', '\u{1f600}'],
  )
  const text = fc
    .array(fc.oneof({ weight: 9, arbitrary: piece }, fc.string({ maxLength: 3 })), { maxLength: 40 })
    .map(parts => parts.join(''))

  it('as a hosts.toml gives hosts of which the last has a name, or a reason', () => {
    fc.assert(
      fc.property(text, toml => {
        const result = fromHosts(toml)
        if (result.ok) expect(result.hosts.at(-1)!.host).to.not.equal('')
        else expect(result.message).to.not.equal('')
      }),
      { numRuns: 2000 },
    )
  })

  it('as containerd’s configuration gives the registry itself, or a reason', () => {
    fc.assert(
      fc.property(text, toml => {
        const result = fromConfig(toml)
        if (result.ok) expect(result.hosts.at(-1)!.host).to.equal('a')
        else expect(result.message).to.not.equal('')
      }),
      { numRuns: 2000 },
    )
  })
})
