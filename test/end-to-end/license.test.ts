import { expect } from 'chai'
import { releaseArchive } from '../support/airgap.ts'
import { command, report, type Scratch, scratch } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'

const id = 'planted2cHXb1RCttzpR0xvn'
const license = `apiVersion: kots.io/v1beta1\nkind: License\nmetadata: {name: acme}\nspec: {licenseID: ${id}}\n`
const repository = 'proxy/app/quay.io/acme/pg'

describe('run with --license', () => {
  let folder: Scratch
  let registry: TestRegistry
  beforeEach(async () => {
    folder = scratch()
    registry = await startRegistry({ auth: { scheme: 'bearer', users: { LICENSE_ID: { password: id } } } })
    registry.push(repository, 'v1', pluginImage({ name: 'pg' }))
  })
  afterEach(async () => {
    folder.remove()
    await registry.close()
  })

  const configOf = (domain: string, image: string) => {
    const spec = { domains: { proxyRegistryDomain: domain }, extensions: { velero: { plugins: [{ name: 'pg', image }] } } }
    return `apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\nspec: ${JSON.stringify(spec)}\n`
  }
  /** @param domain of the Config; empty: none */
  const run = (domain: string, image: string, ...flags: readonly string[]) =>
    runWith(folder.file('config.yaml', configOf(domain, image)), ...flags)
  const runWith = async (config: string, ...flags: readonly string[]) => {
    const path = folder.file('license.yaml', license)
    const argv = ['run', '--config', config, '--checks', 'image,pullSecret,binaries', '--debug', '--license', path, ...flags]
    const { json, out, err } = await report(argv, { cwd: folder.path })
    folder.file('license.yaml', '')
    const all = [...json.pass, ...json.warn, ...json.fail]
    const codes = ['image', 'pullSecret', 'binaries'].map(check => all.find(one => one.check === check)?.code)
    return { codes, message: all.find(({ check }) => check === 'image')?.message ?? '', all: `${out}${err}${folder.everything()}` }
  }
  const image = `proxy.replicated.com/${repository}:v1`
  const logins = () => registry.requests.filter(({ headers }) => headers.authorization?.startsWith('Basic')).length

  it('reads the image at the proxy of the Config, and fails: nodes of Embedded Cluster 2 have no such login', async () => {
    const { codes, message } = await run(registry.host, image)
    expect(codes).to.deep.equal(['IMAGE_NEEDS_LICENSE', 'PULL_SECRET_REQUIRED', 'BINARIES_OK'])
    expect(message).to.contain('the licence').and.to.contain('Embedded Cluster 2')
  })

  it('reads the image at the proxy of the release where the Config names none', async () => {
    const release = `# channel release object\ndefaultDomains: {proxyRegistryDomain: "${registry.host}"}\n`
    const packed = folder.file('release.tgz', releaseArchive({ 'release.yaml': release, 'config.yaml': configOf('', image) }))
    expect((await runWith(packed)).codes).to.deep.equal(['IMAGE_NEEDS_LICENSE', 'PULL_SECRET_REQUIRED', 'BINARIES_OK'])
  })

  it('passes for Embedded Cluster 3, whose nodes have it', async () => {
    const { codes, message } = await run(registry.host, image, '--ec-version', '3.0.0', '--velero-version', '1.18.2')
    expect(codes).to.deep.equal(['IMAGE_RESOLVED', 'PULL_SECRET_NOT_NEEDED', 'BINARIES_OK'])
    expect(message).to.contain('accepts the licence')
  })

  for (const flags of [[], ['--ec-version', '3.0.0', '--velero-version', '1.18.2']])
    it(`gives the login to no other registry${flags.length > 0 ? ', be it that of a node' : ''}`, async () => {
      const { codes } = await run('proxy.acme.test', `${registry.host}/${repository}:v1`, ...flags)
      expect([codes[0], logins()]).to.deep.equal(['IMAGE_UNAUTHORIZED', 0])
    })

  it('does not need it for what anyone may pull', async () => {
    await registry.close()
    registry = await startRegistry()
    registry.push(repository, 'v1', pluginImage({ name: 'pg' }))
    const { codes } = await run(registry.host, image)
    expect([codes.slice(0, 2), logins()]).to.deep.equal([['IMAGE_RESOLVED', 'PULL_SECRET_NOT_NEEDED'], 0])
  })

  it('shows its id in no output and no bundle', async () => {
    const { all } = await run(registry.host, image)
    expect(logins()).to.be.greaterThan(0)
    expect(all).to.not.contain(id)
    expect(all).to.not.contain(Buffer.from(`LICENSE_ID:${id}`).toString('base64'))
  })

  it('ends with exit 2 for a file that is none', async () => {
    const config = folder.file(
      'config.yaml',
      'apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\nspec: {extensions: {velero: {plugins: [{name: a, image: a.test/a:v1}]}}}\n',
    )
    const ran = await command(['run', '--config', config, '--license', config], { cwd: folder.path })
    expect([ran.code, ran.err.includes('LICENSE_INVALID') || (ran.out + ran.err).includes('--license')]).to.deep.equal([2, true])
  })
})
