import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { nodeFiles } from '../../src/world/node-files.ts'

/** root may read everything. */
const asNobody = <T>(work: () => T): T => {
  const isRoot = process.geteuid?.() === 0
  if (isRoot) process.seteuid?.(65534)
  try {
    return work()
  } finally {
    if (isRoot) process.seteuid?.(0)
  }
}

describe('nodeFiles', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'node-files-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const write = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content)
    return join(folder, name)
  }

  it('gives the bytes of a file', () => {
    expect(nodeFiles()(write('a', 'x'))).to.deep.equal({ kind: 'file', bytes: Buffer.from('x') })
  })

  it('follows links', () => {
    symlinkSync(write('a', 'x'), join(folder, 'b'))
    expect(nodeFiles()(join(folder, 'b')).kind).to.equal('file')
  })

  it('gives the names in a folder, in the order of their bytes', () => {
    for (const name of ['b', 'a', 'B', '\u{1f600}', '\uffff']) write(name, '')
    expect(nodeFiles()(folder)).to.deep.equal({ kind: 'folder', names: ['B', 'a', 'b', '\uffff', '\u{1f600}'] })
  })

  it('knows what is not there', () => {
    expect(nodeFiles()(join(folder, 'a'))).to.deep.equal({ kind: 'absent' })
  })

  it('knows what containerd cannot read either', () => {
    symlinkSync('loop', join(folder, 'loop'))
    const files = nodeFiles()
    expect(files(join(write('a', 'x'), 'b')).kind).to.equal('broken')
    expect(files(join(folder, 'loop')).kind).to.equal('broken')
    expect(files(join(folder, 'n'.repeat(300))).kind).to.equal('broken')
    expect(files(`${folder}/a\0b`).kind).to.equal('broken')
  })

  it('reads files of at most 1 MiB', () => {
    const files = nodeFiles()
    expect(files(write('full', Buffer.alloc(1024 * 1024))).kind).to.equal('file')
    expect(files(write('big', Buffer.alloc(1024 * 1024 + 1)))).to.deep.equal({
      kind: 'unread',
      why: 'is larger than 1 MiB and was not read',
    })
  })

  it('reads at most 200 files, each once', () => {
    const files = nodeFiles()
    const paths = Array.from({ length: 200 }, (_, index) => write(`${index}`, `${index}`))
    for (const path of [...paths, ...paths]) expect(files(path).kind).to.equal('file')
    expect(files(write('one more', '')).kind).to.equal('unread')
    expect(files(paths[0]!).kind).to.equal('file')
  })

  it('does not wait for the writer of a pipe, nor read a device', () => {
    execFileSync('mkfifo', [join(folder, 'pipe')])
    const files = nodeFiles()
    expect(files(join(folder, 'pipe'))).to.deep.equal({ kind: 'unread', why: 'is neither a file nor a folder' })
    expect(files('/dev/zero').kind).to.equal('unread')
  })

  it('says what this user may not read', () => {
    const path = write('a', 'x')
    chmodSync(path, 0)
    const found = asNobody(() => nodeFiles()(path))
    expect(found.kind === 'unread' && found.why)
      .to.include('EACCES')
      .and.include('run as root')
  })

  it('reads a file again for the next run', () => {
    const path = write('a', 'x')
    const files = nodeFiles()
    files(path)
    write('a', 'y')
    expect(files(path)).to.deep.equal({ kind: 'file', bytes: Buffer.from('x') })
    expect(nodeFiles()(path)).to.deep.equal({ kind: 'file', bytes: Buffer.from('y') })
  })

  it('takes a folder for one whatever it holds', () => {
    mkdirSync(join(folder, 'sub'))
    expect(nodeFiles()(join(folder, 'sub'))).to.deep.equal({ kind: 'folder', names: [] })
  })
})
