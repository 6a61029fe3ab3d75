import { generateKeyPairSync } from 'node:crypto'
import { expect } from 'chai'
import { registryHosts } from '../../src/containerd/hosts.ts'
import type { NodeFile } from '../../src/containerd/node-files.ts'
import { makeCertificate } from '../support/certificate.ts'
import { nodeTree, root } from './node-tree.ts'

const [own, other] = [makeCertificate(), makeCertificate()]
const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'x' })
  .toString()

const files = {
  'a/ca.pem': own.cert,
  'a/two.pem': `text\n${own.cert.replaceAll('\n', '\r\n')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${other.cert}`,
  'a/junk.pem': 'junk',
  'a/c.pem': own.cert,
  'a/k.pem': own.key,
  'a/other.pem': other.key,
  'a/both.pem': own.key + own.cert,
  'a/encrypted.pem': encrypted,
  'a/marked.pem': `\ufeff${own.cert}`,
  'a/indented.pem': ` ${own.key}`,
  '/elsewhere/ca.pem': other.cert,
}
const read = (toml: string) => registryHosts('a', [root], nodeTree({ ...files, 'a/hosts.toml': toml }))
const host = (toml: string) => {
  const result = read(toml)
  if (!result.ok) throw new Error(result.message)
  return result.hosts[0]!
}

describe('ca of a host', () => {
  it('is a file beside hosts.toml, or an absolute path', () => {
    expect(host('ca = ["ca.pem", "/elsewhere/ca.pem"]\n').ca.map(({ file }) => file)).to.deep.equal([
      `${root}/a/ca.pem`,
      '/elsewhere/ca.pem',
    ])
    expect(host('ca = "../a/./ca.pem"\n').ca.map(({ file }) => file)).to.deep.equal([`${root}/a/ca.pem`])
  })

  it('is read once however often it is named', () => {
    expect(host(`ca = [${'"ca.pem",'.repeat(1000)}]\n`).ca).to.have.length(1)
  })

  it('gives the certificates that can be read and nothing else of the file', () => {
    expect(host('ca = "two.pem"\n').ca[0]!.pem.replaceAll('\r', '')).to.equal(`${own.cert}${other.cert}`)
  })
})

describe('client of a host', () => {
  it('is a pair of files', () => {
    expect(host('client = [["c.pem", "k.pem"]]\n').client).to.deep.equal([
      { cert: { file: `${root}/a/c.pem`, pem: own.cert }, key: { file: `${root}/a/k.pem`, pem: own.key } },
    ])
  })

  for (const toml of ['client = "both.pem"\n', 'client = ["both.pem"]\n']) {
    it(`is one file that holds both: ${toml.trim()}`, () => {
      expect(host(toml).client.map(({ key }) => key.file)).to.deep.equal([`${root}/a/both.pem`])
    })
  }

  it('may be several', () => {
    expect(host('client = ["both.pem", ["c.pem", "k.pem"]]\n').client).to.have.length(2)
  })
})

describe('a file that containerd cannot use', () => {
  for (const [what, toml, file, why] of [
    ['a ca that does not exist', 'ca = "none.pem"', 'none.pem', 'does not exist'],
    ['a ca without a certificate', 'ca = "junk.pem"', 'junk.pem', 'holds no certificate in PEM'],
    ['a ca that is a folder', 'ca = "."', '', 'is a folder'],
    ['a client certificate that does not exist', 'client = [["none.pem", "k.pem"]]', 'none.pem', 'does not exist'],
    ['a client certificate that is none', 'client = [["junk.pem", "k.pem"]]', 'junk.pem', 'holds no client certificate'],
    ['a key that does not exist', 'client = [["c.pem", "none.pem"]]', 'none.pem', 'does not exist'],
    ['a key that is empty, as containerd 2.4 documents it', 'client = [["both.pem", ""]]', '', 'is a folder'],
    ['a key that is none', 'client = "c.pem"', 'c.pem', 'holds no unencrypted private key'],
    ['a key with a passphrase', 'client = [["c.pem", "encrypted.pem"]]', 'encrypted.pem', 'holds no unencrypted private key'],
    ['a ca behind a byte order mark', 'ca = "marked.pem"', 'marked.pem', 'holds no certificate in PEM'],
    ['a client certificate behind one', 'client = [["marked.pem", "k.pem"]]', 'marked.pem', 'holds no client certificate'],
    [
      'a key that is not at the start of a line',
      'client = [["c.pem", "indented.pem"]]',
      'indented.pem',
      'holds no unencrypted private key',
    ],
    ['the key of another certificate', 'client = [["c.pem", "other.pem"]]', 'other.pem', 'is not the key of the certificate in'],
  ] as const) {
    it(`means that nothing is pulled from the registry: ${what}`, () => {
      const result = read(`[host."https://mirror"]\n${toml}\n`)
      expect(result).to.include({ ok: false, refused: true, file: file === '' ? `${root}/a` : `${root}/a/${file}` })
      expect(!result.ok && result.message)
        .to.include('pulls nothing from a')
        .and.include(why)
    })
  }

  it('is not known to be one where we may not read it', () => {
    const tree = nodeTree({ ...files, 'a/hosts.toml': 'client = [["c.pem", "secret.pem"]]\n' })
    const denied: NodeFile = { kind: 'unread', why: 'may not be read by this user (EACCES)' }
    const result = registryHosts('a', [root], path => (path === `${root}/a/secret.pem` ? denied : tree(path)))
    expect(result).to.include({ ok: false, refused: false })
    expect(!result.ok && `${result.message} ${result.hint}`)
      .to.include('is not known')
      .and.include('--hosts-dir')
  })

  it('is one for certain where another may not be read', () => {
    const tree = nodeTree({ ...files, 'a/hosts.toml': 'ca = ["denied.pem", "none.pem"]\n' })
    const denied: NodeFile = { kind: 'unread', why: 'may not be read' }
    expect(registryHosts('a', [root], path => (path === `${root}/a/denied.pem` ? denied : tree(path)))).to.include({ refused: true })
  })

  it('says nothing of a key', () => {
    expect(JSON.stringify(read('client = [["c.pem", "other.pem"]]\n'))).to.not.include(other.key.split('\n')[1]!)
  })
})

describe("Docker's layout, a folder without hosts.toml", () => {
  it('trusts *.crt, and shows NAME.cert with NAME.key', () => {
    const result = registryHosts(
      'a',
      [root],
      nodeTree({ 'a/x.crt': own.cert, 'a/y.cert': own.cert, 'a/y.key': own.key, 'a/z.pem': 'junk' }),
    )
    expect(result.source).to.deep.equal({ kind: 'certificates', folder: `${root}/a` })
    const [only] = result.ok ? result.hosts : []
    expect(only!.ca.map(({ file }) => file)).to.deep.equal([`${root}/a/x.crt`])
    expect(only!.client.map(({ key }) => key.file)).to.deep.equal([`${root}/a/y.key`])
  })

  it('takes a .cert without a .key for both', () => {
    const result = registryHosts('a', [root], nodeTree({ 'a/y.cert': own.cert + own.key }))
    expect(result.ok && result.hosts[0]!.client.map(({ key }) => key.file)).to.deep.equal([`${root}/a/y.cert`])
  })

  it('refuses what is in it and cannot be used', () => {
    expect(registryHosts('a', [root], nodeTree({ 'a/x.crt': 'junk' }))).to.include({ ok: false, refused: true })
    expect(registryHosts('a', [root], nodeTree({ 'a/y.cert': own.cert }))).to.include({ ok: false, refused: true })
  })

  it('passes over folders', () => {
    expect(registryHosts('a', [root], nodeTree({ 'a/x.crt/y': '' })).source).to.deep.equal({ kind: 'none' })
  })

  it('is also what is left of a hosts.toml that is put aside', () => {
    const result = registryHosts('a', [root], nodeTree({ 'a/hosts.toml': 'bad', 'a/x.crt': own.cert }))
    expect(result.source.kind).to.equal('certificates')
    expect(result.problems.map(({ kind }) => kind)).to.deep.equal(['fileInvalid'])
  })
})
