import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import type { Output } from '../../src/cli.ts'
import { main } from '../../src/cli.ts'
import { command, configText, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { testIo } from '../support/io.ts'

const bin = fileURLToPath(new URL('../../bin/velero-plugin-preflight.js', import.meta.url))

describe('output', () => {
  let folder: Scratch
  let argv: readonly string[]
  beforeEach(() => {
    folder = scratch()
    argv = ['run', '--checks', 'config', '--config', folder.file('c.yaml', configText({ name: 'a', image: 'r.example.com/a:v1' }))]
  })
  afterEach(() => folder.remove())

  const failing = (code: string): Output => ({
    write: (_, done) => done?.(Object.assign(new Error(`write ${code}`), { code })),
  })

  it('whose reader is gone is no failure', async () => {
    const io = { ...testIo(), stdout: failing('EPIPE') }
    expect(await main([...argv, '--no-bundle'], io)).to.equal(0)
    expect(io.err()).to.equal('config: collected\n')
  })

  it('that cannot be written ends with 1, and says so on standard error', async () => {
    const io = { ...testIo(), stdout: failing('ENOSPC') }
    expect(await main([...argv, '--no-bundle'], io)).to.equal(1)
    expect(io.err()).to.contain('Error (OUTPUT_UNWRITABLE): Standard output could not be written to: write ENOSPC.')
  })

  for (const closed of ['stdout', 'stderr'] as const) {
    it(`to a ${closed} that nobody reads ends the process as the checks say, without a stack trace`, async () => {
      const child = spawn(process.execPath, [bin, ...argv, '--no-bundle', '--schema', 'proposal'], { stdio: ['ignore', 'pipe', 'pipe'] })
      child[closed].destroy()
      const texts: string[] = []
      child[closed === 'stdout' ? 'stderr' : 'stdout'].on('data', chunk => texts.push(String(chunk)))
      const code = await new Promise(resolve => child.on('close', resolve))
      expect(code).to.equal(0)
      expect(texts.join('')).to.not.contain('EPIPE')
    })
  }

  it('of a bundle that cannot be written is a fail beside what was found, in one document, and exit 1', async () => {
    const { code, json, err } = await report(argv, { cwd: join(folder.path, 'none') })
    expect(code).to.equal(1)
    expect(verdicts(json)).to.deep.equal(['config -: pass CONFIG_SCHEMA', 'config a: pass PLUGIN_OK', 'run -: fail OUTPUT_UNWRITABLE'])
    expect(json.fail[0]?.message).to.contain('--no-bundle')
    expect(err).to.equal('config: collected\n')
  })

  it('of a report to a file that cannot be written goes to standard output, with that as a fail, and exit 1', async () => {
    const file = join(folder.path, 'none', 'report.json')
    const { code, json } = await report([...argv, '--no-bundle', '-o', file])
    expect(code).to.equal(1)
    expect(verdicts(json)).to.include.members(['config a: pass PLUGIN_OK', 'run -: fail OUTPUT_UNWRITABLE'])
    expect(json.fail[0]?.message).to.contain(file)
  })

  it('named - is standard output', async () => {
    const { out } = await command([...argv, '--no-bundle', '-o', '-'], { cwd: folder.path })
    expect(out).to.contain('2 passed')
    expect(existsSync(join(folder.path, '-'))).to.equal(false)
  })

  for (const [what, more, words] of [
    ['an empty name', ['run', '-o', ''], '--output names no file'],
    ['a bundle on standard output', ['collect', '-o', '-'], 'a bundle is not written to standard output'],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const { code, err } = await command([...more, ...argv.slice(1)])
      expect(code).to.equal(2)
      expect(err).to.contain(words)
    })
  }

  it('of collect that cannot be written ends with 1', async () => {
    const { code, err } = await command(['collect', ...argv.slice(1), '-o', join(folder.path, 'none', 'b.tar.gz')])
    expect(code).to.equal(1)
    expect(err).to.contain('Error (OUTPUT_UNWRITABLE): The bundle')
  })

  it('on a terminal that does not know its width is not narrow', async () => {
    const io = testIo({ terminal: true })
    const stdout = { ...io.stdout, columns: 0 }
    await main([...argv, '--no-bundle'], { ...io, stdout, stderr: { ...io.stderr, columns: 0 } })
    expect(
      io
        .out()
        .split('\n')
        .some(line => line.length > 80),
    ).to.equal(true)
    expect(io.err()).to.contain('checking config\r')
  })

  it('writes the bundle where the report cannot go', async () => {
    mkdirSync(join(folder.path, 'cwd'))
    const { err } = await command([...argv, '-o', join(folder.path, 'none', 'r.json')], { cwd: join(folder.path, 'cwd') })
    const [, path = ''] = /Bundle written to (.*)/.exec(err) ?? []
    expect(readFileSync(path).length).to.be.greaterThan(0)
  })
})
