import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect } from 'chai'
import { configText, scratch, verdicts } from '../support/command.ts'
import { startRegistry } from '../support/registry.ts'

const bin = new URL('../../bin/velero-plugin-preflight.js', import.meta.url)
const brought = fileURLToPath(new URL(`../../node_modules/node-linux-${process.arch}/bin/node`, import.meta.url))

/** As under a Node that is too old. */
const start = (argv: readonly string[]) => {
  const script = `import { runInBundledNode } from ${JSON.stringify(new URL('bundled-node.js', bin))}
process.exitCode = await runInBundledNode(new URL(${JSON.stringify(bin)}))`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script, '--', 'script', ...argv], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const texts: string[] = []
  child.stdout.on('data', text => texts.push(String(text)))
  const ended = new Promise<{ readonly code: number | null; readonly out: string }>(resolve => {
    child.on('close', code => resolve({ code, out: texts.join('') }))
  })
  return { child, ended }
}

describe('the Node that npm ci brought', () => {
  before(function () {
    if (!existsSync(brought)) {
      console.log('      skipped: npm ci brings a Node on Linux with glibc alone')
      this.skip()
    }
  })

  it('runs the program and gives its exit code', async () => {
    expect((await start(['--version']).ended).out).to.match(/^\d+\.\d+\.\d+\n$/)
    expect((await start(['run', '--quiet']).ended).code).to.equal(2)
  })

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`is handed a ${signal}, and reports what was found until then`, async () => {
      const registry = await startRegistry()
      registry.fault('/v2/', { kind: 'hang' })
      const folder = scratch()
      try {
        const config = folder.file('c.yaml', configText({ name: 'a', image: `${registry.host}/a:v1` }))
        const { child, ended } = start(['run', '--no-bundle', '--format', 'json', '--config', config])
        while (registry.requests.length === 0 && child.exitCode === null) await new Promise(resolve => setTimeout(resolve, 20))
        child.kill(signal)
        const { code, out } = await ended
        expect(code).to.equal(1)
        expect(verdicts(JSON.parse(out))).to.include.members([
          'config a: pass PLUGIN_OK',
          'run -: fail INTERRUPTED',
          'image a: not checked',
        ])
      } finally {
        folder.remove()
        await registry.close()
      }
    })
  }
})
