import { expect } from 'chai'
import { configText, report, type Scratch, scratch } from '../support/command.ts'
import { buildIndex, pluginImage } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

describe('the requests of a run', () => {
  let registry: TestRegistry
  let folder: Scratch
  beforeEach(async () => {
    registry = await startRegistry()
    folder = scratch()
  })
  afterEach(async () => {
    await registry.close()
    folder.remove()
  })

  it('ask for nothing twice, however many checks, platforms and plugins need it', async () => {
    const image = buildIndex([pluginImage({ name: 'velero-x' }), pluginImage({ name: 'velero-x', platform: 'linux/arm64' })])
    registry.push('x', 'v1', image)
    const plugins = ['a', 'b'].map(name => ({ name, image: `${registry.host}/x:v1` }))
    const config = folder.file('c.yaml', configText(...plugins))
    const platforms = ['linux/amd64', 'linux/amd64/v2', 'linux/arm64'].flatMap(platform => ['--platform', platform])
    const { json } = await report(['run', '--no-bundle', '--no-cache', '--config', config, ...platforms])
    expect(json.pass.filter(({ check }) => check === 'binaries' || check === 'image')).to.have.length(3)
    const asked = registry.requests.map(({ method, path }) => `${method} ${path}`)
    expect(asked.toSorted()).to.deep.equal([...new Set(asked)].toSorted())
  })
})
