import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { command, configText, report, type Scratch, scratch } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

describe('run with the settings of a node', () => {
  let folder: Scratch
  let mirror: TestRegistry
  beforeEach(async () => {
    folder = scratch()
    mirror = await startRegistry()
  })
  afterEach(async () => {
    folder.remove()
    await mirror.close()
  })

  const hosts = (toml: string, registry = 'registry.invalid') => {
    mkdirSync(join(folder.path, 'certs.d', registry), { recursive: true })
    writeFileSync(join(folder.path, 'certs.d', registry, 'hosts.toml'), toml)
    return ['--hosts-dir', join(folder.path, 'certs.d')]
  }
  const run = (image: string, flags: readonly string[]) => {
    const config = folder.file('config.yaml', configText({ name: 'pg', image }))
    return report(['run', '--config', config, '--checks', 'image,binaries,signature', ...flags], { cwd: folder.path })
  }
  const image = pluginImage({ name: 'pg' })

  it('reads everything from the mirror that they name, and names it', async () => {
    mirror.push('acme/pg', 'v1', image)
    const { json } = await run('registry.invalid/acme/pg:v1', hosts(`server = "${mirror.origin}"\n`))
    const resolved = json.pass.find(({ check }) => check === 'image')
    expect(resolved?.message).to.contain(mirror.host)
    expect(json.pass.map(({ code }) => code)).to.include.members(['IMAGE_RESOLVED', 'BINARIES_OK'])
    expect(mirror.requests.every(({ path }) => path.endsWith('?ns=registry.invalid'))).to.equal(true)
  })

  it('says with the file and its line that a mirror is off', async () => {
    const { json, code } = await run(`${mirror.host}/acme/pg:v1`, hosts('[host."https://m"\n', mirror.host))
    const { code: found, findings } = json.fail.find(({ check }) => check === 'image') ?? { code: '', findings: [] }
    expect([code, found, findings.map(one => one.code)]).to.deep.equal([3, 'IMAGE_NOT_FOUND', ['IMAGE_NOT_FOUND', 'IMAGE_MIRRORS_OFF']])
    expect(findings[1]?.message).to.match(/hosts\.toml.*\(line 1, column \d+\)/)
  })

  it('takes the digest of a reference with both from the mirror, and tells that the tag has moved there', async () => {
    const digest = mirror.push('acme/pg', undefined, image)
    mirror.push('acme/pg', 'v1', pluginImage({ name: 'pg', version: 'v9.9.9' }))
    const { json } = await run(`registry.invalid/acme/pg:v1@${digest}`, hosts(`server = "${mirror.origin}"\n`))
    expect(json.warn.find(({ check }) => check === 'image')?.code).to.equal('IMAGE_TAG_MOVED')
  })

  it('warns where the mirror has another image than the registry itself', async () => {
    const registry = await startRegistry({ name: 'localhost' })
    try {
      mirror.push('acme/pg', 'v1', image)
      const upstream = registry.push('acme/pg', 'v1', pluginImage({ name: 'pg', version: 'v9.9.9' }))
      const flags = hosts(`server = "${registry.origin}"\n[host."${mirror.origin}"]\n`, registry.host)
      const { json } = await run(`${registry.host}/acme/pg:v1`, flags)
      const result = json.warn.find(({ check }) => check === 'image')
      expect([result?.code, result?.message.includes(upstream)]).to.deep.equal(['IMAGE_MIRROR_DIFFERS', true])
    } finally {
      await registry.close()
    }
  })

  it('shows nothing of the headers that they hold, in no output and no bundle', async () => {
    mirror.push('acme/pg', 'v1', image)
    const flags = hosts(`server = "${mirror.origin}"\n[header]\n  Authorization = "Basic aHVudGVyMjpodW50ZXIy"\n  X-Key = "hunter2"\n`)
    const { out, err } = await run('registry.invalid/acme/pg:v1', [...flags, '--debug'])
    expect(JSON.stringify(mirror.requests), 'they were sent').to.contain('hunter2')
    mkdirSync(join(folder.path, 'certs.d'), { recursive: true })
    writeFileSync(join(folder.path, 'certs.d', 'registry.invalid', 'hosts.toml'), '')
    expect(`${out}${err}${folder.everything()}`).to.not.match(/hunter2|aHVudGVyMjpodW50ZXIy/)
  })

  it('ends with exit 2 where --hosts-dir is no folder', async () => {
    const config = folder.file('config.yaml', configText({ name: 'pg', image: 'registry.invalid/pg:v1' }))
    const ran = await command(['run', '--config', config, '--hosts-dir', join(folder.path, 'none')], { cwd: folder.path })
    expect([ran.code, /FILE_NOT_FOUND|no such folder/.test(ran.out + ran.err)]).to.deep.equal([2, true])
  })
})
