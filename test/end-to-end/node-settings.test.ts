import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { makeCertificate } from '../support/certificate.ts'
import { configText, report, type Scratch, scratch } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
import { startProxy, type TestProxy } from '../support/proxy.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

describe('run with --node-settings', () => {
  let folder: Scratch
  let registry: TestRegistry
  let proxy: TestProxy
  const ca = makeCertificate({ ca: true, commonName: 'Node CA', names: [] })
  beforeEach(async () => {
    folder = scratch()
    proxy = await startProxy()
    registry = await startRegistry({ name: 'registry.invalid', tls: makeCertificate({ issuer: ca, names: ['registry.invalid'] }) })
    registry.push('acme/pg', 'v1', pluginImage({ name: 'pg' }))
  })
  afterEach(async () => {
    folder.remove()
    await proxy.close()
    await registry.close()
  })

  const node = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder.path, 'node', name)), { recursive: true })
      writeFileSync(join(folder.path, 'node', name), text)
    }
    return `--node-settings=${join(folder.path, 'node')}`
  }
  const run = async (flag: string) => {
    const config = folder.file('config.yaml', configText({ name: 'pg', image: `${registry.host}/acme/pg:v1` }))
    const { json, out, err } = await report(['run', '--config', config, '--checks', 'image', '--debug', flag], { cwd: folder.path })
    const result = [...json.pass, ...json.fail].find(({ check }) => check === 'image')
    return { code: result?.code, evidence: result?.findings[0]?.evidence ?? [], all: `${out}${err}${folder.everything()}` }
  }
  const ecYaml = (login = '') => `proxy: {httpsProxy: "${proxy.url.replace('//', `//${login}`)}", noProxy: localhost}\n`

  it('goes through the proxy and trusts the authorities of the node, and says so', async () => {
    const { code, evidence } = await run(node({ 'etc/embedded-cluster/ec.yaml': ecYaml(), 'etc/ssl/certs/ca-certificates.crt': ca.cert }))
    expect(code).to.equal('IMAGE_RESOLVED')
    expect(evidence.slice(-3)).to.deep.equal([
      `through the proxy ${new URL(proxy.url).host}`,
      `proxy: as ${join(folder.path, 'node/etc/embedded-cluster/ec.yaml')} says`,
      `authorities: ${join(folder.path, 'node/etc/ssl/certs/ca-certificates.crt')}`,
    ])
  })

  it('does not trust whom the node does not trust', async () => {
    const other = makeCertificate({ ca: true, names: [] })
    const { code, evidence } = await run(node({ 'etc/embedded-cluster/ec.yaml': ecYaml(), 'etc/ssl/cert.pem': other.cert }))
    expect([code, evidence.at(-1)]).to.deep.equal(['IMAGE_TLS', `authorities: ${join(folder.path, 'node/etc/ssl/cert.pem')}`])
  })

  it('uses the login of a proxy and shows it nowhere', async () => {
    const flag = node({ 'etc/embedded-cluster/ec.yaml': ecYaml('bob:hunter2@'), 'etc/ssl/cert.pem': ca.cert })
    const { code, all } = await run(flag)
    expect([code, proxy.logins[0]]).to.deep.equal(['IMAGE_RESOLVED', `Basic ${btoa('bob:hunter2')}`])
    expect(all.replaceAll(ecYaml('bob:hunter2@'), '')).to.not.contain('hunter2')
  })
})
