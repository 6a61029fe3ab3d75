import { mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { makeFolder } from '../../src/bundle/make-folder.ts'
import { removeFolders, tempFolder } from '../support/temp-folder.ts'

describe('a folder that is made', () => {
  afterEach(removeFolders)
  const codeOf = (folder: string) => makeFolder(folder, 0o700).then(String, error => error.code)

  it('is there with those above it, also when several make it at once', async () => {
    const folder = join(await tempFolder(), 'a/b/c')
    const made = await Promise.all(Array.from({ length: 8 }, () => makeFolder(folder, 0o700)))
    expect(made.filter(Boolean)).to.have.length(1)
    expect(statSync(folder).mode & 0o777).to.equal(0o700)
    expect(await makeFolder(folder, 0o700)).to.equal(false)
  })

  it('is an error below a file', async () => {
    const folder = await tempFolder()
    mkdirSync(join(folder, 'd'))
    writeFileSync(join(folder, 'd/file'), '')
    expect(await codeOf(join(folder, 'd/file/a/b'))).to.equal('ENOTDIR')
  })

  it('is an error, and soon one, where nothing can be made in a folder that is there', async function () {
    if (process.platform !== 'linux') {
      console.log('      skipped: /proc is Linux')
      this.skip()
    }
    expect(await codeOf('/proc/none/of/these')).to.equal('ENOENT')
  })
})
