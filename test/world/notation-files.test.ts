import { createHash } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { readCrls, readTrustStores } from '../../src/world/notation-files.ts'
import { issue, issueAuthority, issueCrl, pemOf, subjectOf } from '../support/certificate-authority.ts'

const root = issueAuthority()
const leaf = issue({ issuer: root })
const crl = issueCrl({ issuer: root })

let folder = ''
const write = (path: string, content: string | Uint8Array) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), content)
}
const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work
  } catch (error) {
    if (error instanceof PreflightError) return error.code
    throw error
  }
  return 'none'
}

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'notation-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('a folder of trust stores', () => {
  const one = async (name = 'acme', where = folder) => (await readTrustStores(where, [{ type: 'ca', name }]))[0]!

  it('is found below the configuration of notation, as truststore, as x509', async () => {
    write('truststore/x509/ca/acme/root.crt', pemOf(root.der))
    for (const where of ['', 'truststore', 'truststore/x509'])
      expect((await one('acme', join(folder, where))).certificates, where).to.have.length(1)
  })
  it('is refused when there is none, or it is something else', async () => {
    expect(await codeOf(readTrustStores(join(folder, 'none'), []))).to.equal('FILE_NOT_FOUND')
    expect(await codeOf(readTrustStores(folder, []))).to.equal('FILE_UNREADABLE')
    write('file', 'x')
    expect(await codeOf(readTrustStores(join(folder, 'file'), []))).to.equal('FILE_NOT_FOUND')
  })
  it('gives PEM of several, DER of several, and every file whatever its name', async () => {
    const second = issueAuthority({ subject: subjectOf('second') })
    write('x509/ca/acme/a.pem', `A root:\n${pemOf(root.der)}and another:\n${pemOf(second.der)}`)
    write('x509/ca/acme/b', Buffer.concat([root.der, second.der]))
    expect((await one()).certificates).to.have.length(4)
  })

  const faults: readonly [what: string, content: string | Uint8Array, fault: RegExp][] = [
    ['a leaf', leaf.der, /^a\.crt: the certificate of CN=leaf,.+ is neither an authority's nor signed by itself$/],
    ['a root and a leaf', pemOf(root.der) + pemOf(leaf.der), /CN=leaf/],
    ['a private key', root.pair.privateKey.export({ format: 'pem', type: 'pkcs8' }) as string, /^a\.crt: it holds a PRIVATE KEY$/],
    ['damaged PEM', pemOf(root.der).replace('M', '!'), /^a\.crt: a PEM block in it is damaged$/],
    ['something else', 'hello', /^a\.crt: the certificate /],
    ['nothing', '', /^a\.crt: it holds no certificate$/],
    ['bytes after a certificate', Buffer.concat([root.der, Buffer.alloc(3)]), /^a\.crt: the certificate /],
    ['more than a certificate has', Buffer.alloc((1 << 20) + 1), /the file is larger than 1 MiB/],
  ]
  for (const [what, content, fault] of faults) {
    it(`cannot be used with ${what} in it, and says so`, async () => {
      write('x509/ca/acme/a.crt', content)
      const store = await one()
      expect(store.fault).to.match(fault)
      expect(store.certificates).to.deep.equal([])
    })
  }
  it('cannot be used when it is empty, missing, a link, or has a link or a folder in it', async () => {
    write('x509/ca/good/root.crt', root.der)
    mkdirSync(join(folder, 'x509/ca/empty'))
    mkdirSync(join(folder, 'x509/ca/nested/more'), { recursive: true })
    symlinkSync('good', join(folder, 'x509/ca/link'))
    mkdirSync(join(folder, 'x509/ca/links'))
    symlinkSync('../good/root.crt', join(folder, 'x509/ca/links/root.crt'))
    write('x509/ca/file', 'x')
    for (const [name, fault] of [
      ['empty', /^it holds no certificate$/],
      ['missing', /^there is no folder/],
      ['link', /notation follows no links$/],
      ['links', /^root\.crt in it is no plain file/],
      ['nested', /^more in it is no plain file/],
      ['file', /is no folder/],
    ] as const)
      expect((await one(name)).fault, name).to.match(fault)
    expect((await one('good')).fault).to.equal(undefined)
  })
  it('wants roots for timestamps', async () => {
    write('x509/tsa/clock/root.crt', root.der)
    write('x509/tsa/alone/leaf.crt', issue().der)
    write('x509/ca/alone/leaf.crt', issue().der)
    const read = await readTrustStores(folder, [
      { type: 'tsa', name: 'clock' },
      { type: 'tsa', name: 'alone' },
      { type: 'ca', name: 'alone' },
    ])
    expect(read.map(({ fault }) => fault === undefined)).to.deep.equal([true, false, true])
  })
})

describe('files of revocation lists', () => {
  it('are DER or PEM, alone or in a folder', async () => {
    write('crls/a.crl', crl)
    write('crls/b.pem', pemOf(crl, 'X509 CRL') + pemOf(crl, 'X509 CRL'))
    write('crls/.hidden', 'x')
    expect(await readCrls([join(folder, 'crls')])).to.have.length(3)
    expect(await readCrls([join(folder, 'crls/a.crl')])).to.deep.equal([
      { file: join(folder, 'crls/a.crl'), urlHash: undefined, base: crl, delta: undefined },
    ])
    expect(await readCrls([])).to.deep.equal([])
  })
  it('are those of the cache of notation, under the digest of their URL', async () => {
    const name = createHash('sha256').update('http://ca.example.com/crl').digest('hex')
    write(`crl/${name}`, JSON.stringify({ baseCRL: crl.toString('base64'), deltaCRL: crl.toString('base64') }))
    expect(await readCrls([join(folder, 'crl')])).to.deep.equal([{ file: join(folder, 'crl', name), urlHash: name, base: crl, delta: crl }])
  })
  it('are refused when they are missing, or something else', async () => {
    write('a.crl', 'hello')
    write(`c/${'0'.repeat(64)}`, 'hello')
    write(`d/${'0'.repeat(64)}`, '{"baseCRL":""}')
    write('e/root.crt', root.der)
    expect(await codeOf(readCrls([join(folder, 'none')]))).to.equal('FILE_NOT_FOUND')
    for (const path of ['a.crl', 'c', 'd', 'e']) expect(await codeOf(readCrls([join(folder, path)])), path).to.equal('FILE_UNREADABLE')
  })
})
