import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { readKeys } from '../../src/world/trust-files.ts'

const newPem = () => generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' }).toString()

describe('readKeys', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'keys-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const write = (name: string, text: string | Uint8Array) => {
    const file = join(folder, name)
    writeFileSync(file, text)
    return file
  }
  const refusal = async (...files: string[]): Promise<PreflightError> => {
    try {
      await readKeys(files)
    } catch (error) {
      if (error instanceof PreflightError) return error
      throw error
    }
    throw new Error('was taken')
  }

  it('gives each key under the name of its file, in order', async () => {
    const [a, b] = [newPem(), newPem()]
    const [fileA, fileB] = [write('a.pub', a), write('b.pub', b)]
    expect(await readKeys([fileA, fileB])).to.deep.equal([
      { name: fileA, pem: a },
      { name: fileB, pem: b },
    ])
  })

  it('counts a key once that is given twice, under its first name', async () => {
    const pem = newPem()
    const first = write('a.pub', pem)
    expect(await readKeys([first, write('b.pub', pem.replaceAll('\n', '\r\n')), first])).to.deep.equal([{ name: first, pem }])
  })

  it('takes no file at all', async () => {
    expect(await readKeys([])).to.deep.equal([])
  })

  it('says that a file does not exist', async () => {
    const error = await refusal(join(folder, 'gone.pub'))
    expect(error.code).to.equal('FILE_NOT_FOUND')
    expect(error.message).to.match(/^--key .*gone\.pub: there is no such file/)
  })

  it('says that a folder cannot be read', async () => {
    const error = await refusal(folder)
    expect(error.code).to.equal('FILE_UNREADABLE')
    expect(error.message).to.include('EISDIR')
  })

  it('reads at most 64 KiB', async () => {
    const pem = newPem()
    expect(await readKeys([write('full.pub', pem.padEnd(64 * 1024, '\n'))])).to.have.length(1)
    expect(await refusal(write('big.pub', pem.padEnd(64 * 1024 + 1, '\n'))))
      .to.include({ code: 'FILE_TOO_LARGE' })
      .with.property('message')
      .that.includes('64 KiB')
  })

  it('does not read a device without end', async () => {
    expect((await refusal('/dev/zero')).code).to.equal('FILE_TOO_LARGE')
  })

  it('refuses a file that is no public key, with its name', async () => {
    const error = await refusal(
      write('cosign.key', '-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n'),
    )
    expect(error.code).to.equal('KEY_INVALID')
    expect(error.message).to.include('cosign.key').and.include('private key')
  })
})
