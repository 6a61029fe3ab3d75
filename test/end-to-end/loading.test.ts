import { execFileSync } from 'node:child_process'
import { join, resolve } from 'node:path'
import { expect } from 'chai'
import { configText, type Scratch, scratch } from '../support/command.ts'
import { publicPem } from '../support/policies.ts'

/** Prints every module that a command line loads. */
const program = `
import { registerHooks } from 'node:module'
const loaded = []
registerHooks({ load: (url, context, next) => { loaded.push(url); return next(url, context) } })
const { main } = await import(${JSON.stringify(resolve('src/cli.ts'))})
const { Readable } = await import('node:stream')
const sink = { write: (_, done) => done?.() }
await main(process.argv.slice(2), { stdin: Readable.from(['']), stdout: sink, stderr: sink, env: {}, cwd: () => '.', on: () => {}, off: () => {} })
console.log(loaded.join('\\n'))
`

/** What takes long to load, and most runs do not need. */
const heavy =
  /re2js|@sigstore|@tufjs|signatures\/notation\/(?:verify|jws|cose)|x509\/certificate|policy\/(?:policy-file|pattern|trust-root)\.ts|world\/(?:trusted-root|tuf-cache|notation-files)/

describe('what a command line loads', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())
  const load = (...argv: readonly string[]): readonly string[] => {
    const file = folder.file('load.mjs', program)
    return execFileSync(process.execPath, [file, ...argv], { encoding: 'utf8' })
      .trim()
      .split('\n')
  }
  const config = () => [
    '--config',
    folder.file('config.yaml', configText({ name: 'a', image: '127.0.0.1:1/a:v1' })),
    '--no-bundle',
    '--no-cache',
  ]

  it('is nothing of signatures and policies for help', () => {
    for (const argv of [['--help'], ['run', '--help'], ['verify', '--help'], ['--version']])
      expect(
        load(...argv).filter(url => heavy.test(url) || /src\/(?:signatures|policy|trust)\//.test(url)),
        argv.join(' '),
      ).to.deep.equal([])
  })

  for (const [title, more] of [
    ['without the check of signatures', () => ['--checks', 'config']],
    ['with it and a key', () => ['--key', folder.file('cosign.pub', publicPem())]],
    ['with it and nobody to trust', () => []],
  ] as const) {
    it(`is nothing of policies, notation and trusted roots for a run ${title}`, () => {
      const loaded = load('run', ...config(), ...more())
      expect(loaded.some(url => url.includes('src/analyze.ts'))).to.equal(true)
      expect(loaded.filter(url => heavy.test(url))).to.deep.equal([])
    })
  }

  it('is what verifies where it is asked for', () => {
    const loaded = load('run', ...config(), '--certificate-identity-regexp', '^a$', '--certificate-oidc-issuer', 'b')
    expect(loaded.some(url => url.includes('re2js'))).to.equal(true)
    expect(loaded.some(url => url.includes(join('world', 'trusted-root.ts')))).to.equal(true)
  })
})
