import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { command, configText, report, type Scratch, scratch } from '../support/command.ts'

const text = `# head\n${configText({ name: 'a', image: 'v/a:1' })}`

describe('the command convert', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())

  it('prints the Config under the version', async () => {
    const ran = await command(['convert', '--to', 'v1', '-'], { stdin: text })
    expect(ran).to.deep.equal({ code: 0, out: text.replace('/v1beta1', '/v1'), err: '' })
  })
  it('writes a file in its own place', async () => {
    const file = folder.file('c.yaml', text)
    expect((await command(['convert', '--to', 'v1', file, '--output', file])).code).to.equal(0)
    expect(readFileSync(file, 'utf8')).to.equal(text.replace('/v1beta1', '/v1'))
  })
  it('makes a Config that the checks read, and fail because no Embedded Cluster does', async () => {
    const { out } = await command(['convert', '--to', 'v1', '-'], { stdin: text })
    const { json } = await report(['--no-bundle', '--checks', 'config', '--config', '-'], { stdin: out })
    expect(json.fail.map(({ code }) => code)).to.deep.equal(['CONFIG_API_VERSION'])
    expect(json.pass.map(({ plugin }) => plugin)).to.include('a')
  })
  for (const [what, argv, code] of [
    ['no version', ['convert', '-'], 2],
    ['a version that is none', ['convert', '--to', 'v2', '-'], 2],
    ['a folder', ['convert', '--to', 'v1', '.'], 2],
    ['a file that is not there', ['convert', '--to', 'v1', 'none.yaml'], 2],
    ['an output that cannot be written', ['convert', '--to', 'v1', '-', '--output', '/nowhere/x.yaml'], 1],
  ] as const) {
    it(`refuses ${what}`, async () => {
      const ran = await command(argv, { stdin: text })
      expect([ran.code, ran.out]).to.deep.equal([code, ''])
    })
  }
})
