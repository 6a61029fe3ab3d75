import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { readYamlFiles } from '../../src/world/files.ts'

describe('readYamlFiles', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'files-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const write = (name: string, text = `name: ${name}`) => {
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const read = async (paths: readonly string[], stdin = Readable.from([])) =>
    (await readYamlFiles(paths, '--config', stdin)).map(({ file, bytes, fromFolder }) => [file, Buffer.from(bytes).toString(), fromFolder])
  const failure = async (paths: readonly string[], stdin?: Readable): Promise<PreflightError> => {
    try {
      await read(paths, stdin)
    } catch (error) {
      if (error instanceof PreflightError) return error
      throw error
    }
    throw new Error('nothing was refused')
  }

  it('reads files as they are given', async () => {
    expect(await read([write('b.txt'), write('a.yaml')])).to.deep.equal([
      [join(folder, 'b.txt'), 'name: b.txt', false],
      [join(folder, 'a.yaml'), 'name: a.yaml', false],
    ])
  })
  it('reads the YAML of a folder, sorted, as a release holds it', async () => {
    for (const name of ['b.yml', 'a.yaml', 'c.json', '.hidden.yaml', 'chart.tgz', 'd.yaml.bak']) write(name)
    mkdirSync(join(folder, 'inner.yaml'))
    symlinkSync(join(folder, 'b.yml'), join(folder, 'z.yaml'))
    expect(await read([folder])).to.deep.equal([
      [join(folder, 'a.yaml'), 'name: a.yaml', true],
      [join(folder, 'b.yml'), 'name: b.yml', true],
      [join(folder, 'z.yaml'), 'name: b.yml', true],
    ])
  })
  it('waits for no pipe of a folder', async () => {
    write('a.yaml')
    execFileSync('mkfifo', [join(folder, 'b.yaml')])
    expect(await read([folder])).to.deep.equal([[join(folder, 'a.yaml'), 'name: a.yaml', true]])
  })
  it('reads standard input for -', async () => {
    expect(await read(['-'], Readable.from([Buffer.from('a: '), Buffer.from('é')]))).to.deep.equal([['-', 'a: é', false]])
  })
  it('refuses a path that is not there', async () => {
    const error = await failure([join(folder, 'x.yaml')])
    expect(error.code).to.equal('FILE_NOT_FOUND')
    expect(error.message).to.equal(`--config ${join(folder, 'x.yaml')}: there is no such file or folder.`)
  })
  it('refuses a link that leads nowhere', async () => {
    symlinkSync(join(folder, 'gone'), join(folder, 'a.yaml'))
    expect((await failure([folder])).code).to.equal('FILE_NOT_FOUND')
  })
  it('refuses a folder without YAML', async () => {
    write('a.json')
    const error = await failure([folder])
    expect(error.code).to.equal('CONFIG_NOT_FOUND')
    expect(error.message).to.equal(`--config ${folder}: the folder has no *.yaml or *.yml file.`)
  })
  it('refuses a folder of too many files', async () => {
    for (let i = 0; i < 1001; i++) write(`${i}.yaml`, '')
    const error = await failure([folder])
    expect(error.code).to.equal('FILE_TOO_LARGE')
    expect(error.message).to.equal(`--config ${folder}: 1001 YAML files; at most 1000 are read.`)
  })
  it('refuses a file of 100 MB', async () => {
    truncateSync(write('a.yaml'), 100_000_000)
    expect((await failure([join(folder, 'a.yaml')])).code).to.equal('FILE_TOO_LARGE')
  })
  it('stops reading standard input that does not end', async () => {
    let pieces = 0
    const endless = Readable.from(
      (function* () {
        for (;;) {
          pieces += 1
          yield Buffer.alloc(1 << 20, 0x20)
        }
      })(),
    )
    expect((await failure(['-'], endless)).code).to.equal('FILE_TOO_LARGE')
    expect(pieces).to.be.below(50)
  })
})
