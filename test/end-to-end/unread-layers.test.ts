import { createHash } from 'node:crypto'
import { expect } from 'chai'
import { command, configText, report, type Scratch, scratch } from '../support/command.ts'
import { elf } from '../support/elf-writer.ts'
import { buildImage, pluginBinary } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

/** Bytes that no compression makes smaller. */
const noise = (sizeBytes: number): Buffer =>
  Buffer.concat(Array.from({ length: sizeBytes / 64 }, (_, index) => createHash('sha512').update(String(index)).digest()))

const image = (baseBytes: number) =>
  buildImage({
    entrypoint: ['/bin/cp', '/plugins/velero-x', '/target/'],
    user: '65532:65532',
    layers: [
      [{ name: 'usr/' }, { name: 'usr/large', data: noise(baseBytes) }],
      [
        { name: 'bin/' },
        { name: 'bin/cp', mode: 0o755, data: elf() },
        { name: 'plugins/' },
        { name: 'plugins/velero-x', mode: 0o755, data: pluginBinary({ name: 'velero-x' }, 'amd64') },
      ],
    ],
  })

describe('layers that cannot change the answer', () => {
  const large = image(5 << 20)
  let folder: Scratch
  let registry: TestRegistry
  beforeEach(async () => {
    folder = scratch()
    registry = await startRegistry()
    registry.push('large', 'v1', large)
    registry.push('small', 'v1', image(3 << 20))
  })
  afterEach(async () => {
    await registry.close()
    folder.remove()
  })

  const run = async (name: string, ...more: readonly string[]) => {
    registry.requests.length = 0
    const config = folder.file('c.yaml', configText({ name: 'x', image: `${registry.host}/${name}:v1` }))
    const { json, code } = await report(['run', '--no-bundle', '--checks', 'binaries', '--config', config, ...more])
    return {
      code,
      message: [...json.pass, ...json.fail][0]?.message,
      blobs: registry.requests.filter(({ method, path }) => method === 'GET' && path.includes('/blobs/')).length,
    }
  }
  const copied = "x: on linux/amd64, the image copies velero-x to Velero's plugins, and it can be started there."

  it('are not fetched when they are large, and the message says so', async () => {
    const { code, message, blobs } = await run('large')
    expect(code).to.equal(0)
    expect(blobs).to.equal(2)
    expect(message).to.equal(
      `${copied} The upper layer proves that; the 5.0 MiB below cannot change it and were not read, so whether a node can unpack them is not known: --prove reads them too.`,
    )
  })

  it('are fetched with --prove', async () => {
    expect(await run('large', '--prove')).to.deep.equal({ code: 0, message: copied, blobs: 3 })
  })

  it('are fetched where that costs little', async () => {
    expect(await run('small')).to.deep.equal({ code: 0, message: copied, blobs: 3 })
  })

  const [base] = (JSON.parse(Buffer.from(large.manifest.bytes).toString()) as { layers: { digest: string }[] }).layers

  it('fail the plugin when the registry does not have them, or in another size', async () => {
    registry.fault(base!.digest, { kind: 'answer', status: 404 })
    expect(await run('large')).to.include({ code: 3 })
    registry.clearFaults()
    registry.fault(base!.digest, { kind: 'answer', status: 200, body: 'short' })
    expect(await run('large')).to.include({ code: 3 })
  })

  it('are found damaged with --prove alone', async () => {
    registry.fault(base!.digest, { kind: 'corrupt' })
    expect((await run('large')).code).to.equal(0)
    expect((await run('large', '--prove')).code).to.equal(3)
  })

  it('are judged alike from the bundle', async () => {
    const config = folder.file('c.yaml', configText({ name: 'x', image: `${registry.host}/large:v1` }))
    const bundle = `${folder.path}/bundle`
    await command(['collect', '--checks', 'binaries', '--config', config, '-o', bundle])
    expect((await report(['analyze', bundle])).json.pass[0]?.message).to.contain('cannot change it and were not read')
  })
})
