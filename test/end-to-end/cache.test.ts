import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { configText, report, type Scratch, scratch } from '../support/command.ts'
import { type BuiltImage, pluginImage } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

const layerDigests = ({ manifest }: BuiltImage): readonly string[] =>
  (JSON.parse(Buffer.from(manifest.bytes).toString()) as { layers: { digest: string }[] }).layers.map(({ digest }) => digest)

describe('what is remembered between runs', () => {
  const image = pluginImage({ name: 'velero-x' })
  let folder: Scratch
  let registry: TestRegistry
  let argv: readonly string[]
  beforeEach(async () => {
    folder = scratch()
    registry = await startRegistry()
    registry.push('x', 'v1', image)
    argv = [
      'run',
      '--no-bundle',
      '--checks',
      'binaries',
      '--config',
      folder.file('c.yaml', configText({ name: 'x', image: `${registry.host}/x:v1` })),
    ]
  })
  afterEach(async () => {
    await registry.close()
    folder.remove()
  })

  /** What a run says, and how many layers it fetched. */
  const run = async (more: readonly string[], env: Readonly<Record<string, string>> = {}) => {
    registry.requests.length = 0
    const { json, code, err } = await report([...argv, ...more], { env })
    const layers = registry.requests.filter(({ path }) => layerDigests(image).some(digest => path.endsWith(digest)))
    return { json, code, err, layers: layers.length }
  }
  const cached = '2 of 2 layers as an earlier run read and verified them (cache), not fetched again'

  it('is read from the cache folder the second time: no layer byte is fetched, and the evidence says so', async () => {
    const more = ['--cache-dir', join(folder.path, 'cache')]
    const first = await run(more)
    const second = await run(more)
    expect([first.layers, second.layers]).to.deep.equal([2, 0])
    expect([first.code, second.code]).to.deep.equal([0, 0])
    expect(first.json.pass[0]!.findings[0]!.evidence).to.not.include(cached)
    expect(second.json.pass[0]!.findings[0]!.evidence).to.include(cached)
    expect(second.json.pass[0]!.message).to.equal(first.json.pass[0]!.message)
  })

  it("lies in the user's cache folder", async () => {
    await run([], { HOME: folder.path })
    expect(readdirSync(join(folder.path, '.cache', 'velero-plugin-preflight')).filter(name => name.endsWith('.layer'))).to.have.length(2)
    expect((await run([], { HOME: folder.path })).layers).to.equal(0)
  })

  it('is neither used nor added to with --no-cache', async () => {
    const more = ['--cache-dir', join(folder.path, 'cache')]
    await run(more)
    expect((await run([...more, '--no-cache'])).layers).to.equal(2)
    expect((await run(['--no-cache'], { HOME: folder.path })).layers).to.equal(2)
    expect(readdirSync(folder.path)).to.not.include('.cache')
  })

  it('ends with 2 where the folder that was named cannot be used', async () => {
    const { code, err, json } = await run(['--cache-dir', folder.file('file', '')])
    expect(code).to.equal(2)
    expect(json.fail[0]!.message + err).to.match(/--cache-dir .*file: it is a file/)
  })
})
