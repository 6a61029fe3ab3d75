import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { type Scratch, scratch } from '../support/command.ts'

describe('analyze of a pipe', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())

  it('ends with a signal while its writer says nothing', async () => {
    const pipe = join(folder.path, 'bundle.tar.gz')
    execFileSync('mkfifo', [pipe])
    const child = spawn(process.execPath, ['bin/velero-plugin-preflight.js', 'analyze', pipe], { stdio: ['ignore', 'ignore', 'pipe'] })
    const timer = setTimeout(() => child.kill('SIGKILL'), 15_000)
    let err = ''
    child.stderr.on('data', piece => {
      err += piece
    })
    const ended = once(child, 'close')
    // Opens when the other end is read.
    const writer = await open(pipe, 'w')
    child.kill('SIGTERM')
    const [code] = await ended
    clearTimeout(timer)
    await writer.close()
    expect(err).to.contain('INTERRUPTED')
    expect(code).to.equal(1)
  })
})
