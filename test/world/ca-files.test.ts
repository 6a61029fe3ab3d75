import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { readCaFiles } from '../../src/world/ca-files.ts'
import { makeCertificate } from '../support/certificate.ts'
import { failureOf } from '../support/registry-client.ts'

describe('--ca-file', () => {
  let folder = ''
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'ca-files-'))
  })
  after(() => rm(folder, { recursive: true }))
  const file = async (content: string) => {
    const path = join(folder, 'ca.pem')
    await writeFile(path, content)
    return path
  }
  const [one, two] = [makeCertificate(), makeCertificate()]

  it('may hold several certificates, with words between them', async () => {
    const path = await file(`# the authority\n${one.cert}subject: x\n${two.cert}`)
    expect(await readCaFiles([path, path])).to.deep.equal([one.cert, two.cert, one.cert, two.cert].map(pem => pem.trim()))
  })

  for (const [title, content, says] of [
    ['a key', one.key, /no PEM certificate but a private key/],
    ['DER', '0\u0082\u0001', /perhaps one in DER/],
    ['nothing', '', /no PEM certificate but something else/],
    ['a damaged certificate', `${one.cert}${two.cert.replace(/MI/, 'MA')}`, /certificate 2 of 2 in it is damaged/],
  ] as const)
    it(`is refused with ${title} in it`, async () => {
      const error = await failureOf(readCaFiles([await file(content)]))
      expect([error.code, says.test(error.message)], error.message).to.deep.equal(['FILE_UNREADABLE', true])
    })

  it('has to be there', async () => {
    expect((await failureOf(readCaFiles([join(folder, 'none')]))).code).to.equal('FILE_NOT_FOUND')
  })
})
