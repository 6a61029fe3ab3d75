import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { JsonReport } from '../support/command.ts'
import { publicPem } from '../support/policies.ts'
import { startWorld, type World } from './world.ts'

/** What each row of the table breaks, as a change to the Config and to the flags. */
const broken: Readonly<Record<string, readonly [config: (text: string) => string, flags: string]>> = {
  IMAGE_NOT_FOUND: [text => text.replace('v1.0.0', 'v9.9.9'), '--secrets secrets/'],
  PULL_SECRETS_NOT_GIVEN: [text => text, ''],
  SIGNATURE_KEY_MISMATCH: [text => text, '--secrets secrets/ --key other.pub'],
  IMAGE_PLATFORM_MISSING: [text => text, '--secrets secrets/ --platform linux/riscv64'],
  PLUGIN_NAME_DUPLICATE: [text => text.replace(/\[(\{.*?\})\]/, '[$1,$1]'), '--secrets secrets/'],
}

describe('what docs/testing.md breaks', () => {
  let world: World
  before(async () => {
    world = await startWorld('acme')
    world.folder.file('other.pub', publicPem())
  })
  after(() => world.close())

  const [, table = ''] = readFileSync('docs/testing.md', 'utf8').split('### See it fail')
  const codes = [...table.matchAll(/^\| [^|]* \| `([A-Z_]+)` \|$/gm)].map(([, code = '']) => code)

  it('is all tried here', () => {
    expect(codes).to.have.members(Object.keys(broken))
  })

  for (const [code, [change, flags]] of Object.entries(broken))
    it(`fails with ${code}`, async () => {
      const config = change(readFileSync(join(world.folder.path, 'config.yaml'), 'utf8'))
      world.folder.file('broken.yaml', config)
      const ran = await world.shell.run(`velero-plugin-preflight run --config broken.yaml --no-bundle --format json ${flags}`)
      const { fail } = JSON.parse(ran.out) as JsonReport
      expect(fail.flatMap(({ findings }) => findings.map(finding => finding.code))).to.include(code)
      expect(ran.code).to.equal(3)
    })
})
