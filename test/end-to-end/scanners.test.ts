import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { inTag, types, vexDocument } from '../support/attestations.ts'
import { command, configText, report, type Scratch, scratch, secretText, verdicts } from '../support/command.ts'
import { newSigner } from '../support/cosign.ts'
import { type FakeScannerOptions, fakeScanner } from '../support/fake-scanner.ts'
import { buildIndex, pluginImage } from '../support/image-builder.ts'
import { layoutFiles, refName, writeFiles } from '../support/local-images.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { grypeMatch, grypeResult, trivyFinding, trivyResult } from '../support/scans.ts'

const name = 'velero-postgresql'
const index = buildIndex([pluginImage({ name }), pluginImage({ name, platform: 'linux/arm64' })])
const signer = newSigner()
const password = 'correct horse battery staple'

/** The programs are no real ones: they print JSON of the form that real ones print. */
describe('scanners, from the registry to the report', () => {
  let folder: Scratch
  let registry: TestRegistry
  let argv: readonly string[]
  beforeEach(async () => {
    folder = scratch()
    registry = await startRegistry({ auth: { scheme: 'basic', users: { bob: { password } } } })
    registry.push('acme/plugin', 'v1', index)
    const config = folder.file('config.yaml', configText({ name, image: `${registry.host}/acme/plugin:v1`, imagePullSecret: 'regcred' }))
    const secret = folder.file('secret.yaml', secretText('regcred', registry.host, 'bob', password))
    argv = ['--no-cache', '--config', config, '--secrets', secret, '--checks', 'vulnerability']
  })
  afterEach(async () => {
    await registry.close()
    folder.remove()
  })
  const run = async (program: 'trivy' | 'grype', options: FakeScannerOptions, ...more: readonly string[]) => {
    const scanner = fakeScanner(folder.path, program, options)
    const ran = await report(['run', ...argv, '--scanner', program, ...more], { env: scanner.env, cwd: folder.path })
    return { ...ran, lines: verdicts(ran.json).filter(line => line.startsWith('vulnerability ')), calls: scanner.calls() }
  }
  const critical = ['--max-vulnerabilities', 'critical=0,high=0']

  it('count what trivy prints', async () => {
    const { lines, calls, code } = await run('trivy', { print: trivyResult(trivyFinding()) }, ...critical)
    expect(lines).to.deep.equal([`vulnerability ${name}: fail VULNERABILITIES_EXCEED`])
    expect(code).to.equal(3)
    expect(calls).to.have.length(1)
    expect((await run('trivy', { print: trivyResult() }, ...critical)).lines).to.deep.equal([
      `vulnerability ${name}: pass VULNERABILITIES_WITHIN_LIMITS`,
    ])
  })

  it('count what grype prints', async () => {
    const { lines } = await run('grype', { print: grypeResult(grypeMatch()) }, ...critical)
    expect(lines).to.deep.equal([`vulnerability ${name}: fail VULNERABILITIES_EXCEED`])
  })

  it('are run once for each image that is needed', async () => {
    const platforms = ['--platform', 'linux/amd64', '--platform', 'linux/arm64']
    const { lines, calls } = await run('trivy', { print: trivyResult() }, ...critical, ...platforms)
    expect(lines).to.deep.equal([`vulnerability ${name}: pass VULNERABILITIES_WITHIN_LIMITS`])
    expect(new Set(calls.map(({ index }) => index.manifests[0]?.digest)).size).to.equal(2)
  })

  it('say what they found where nobody said how many are too many', async () => {
    expect((await run('trivy', { print: trivyResult(trivyFinding()) })).lines).to.deep.equal([
      `vulnerability ${name}: warn VULNERABILITIES_NOT_LIMITED`,
    ])
  })

  it('are corrected by VEX of somebody who is trusted', async () => {
    const { tag, ...artifact } = inTag(index.manifest, signer, { type: types.openvex, predicate: vexDocument() })
    registry.push('acme/plugin', tag, artifact)
    const key = ['--key', folder.file('cosign.pub', signer.publicPem)]
    expect((await run('trivy', { print: trivyResult(trivyFinding()) }, ...critical, ...key)).lines).to.deep.equal([
      `vulnerability ${name}: pass VULNERABILITIES_WITHIN_LIMITS`,
    ])
  })

  it('never see the login of the registry, nor does anything that is left behind', async () => {
    const { calls, out, err } = await run('trivy', { print: trivyResult() }, ...critical, '--debug')
    const seen = [JSON.stringify(calls), out, err].join('\n')
    expect(seen)
      .to.not.include(password)
      .and.not.to.include(Buffer.from(`bob:${password}`).toString('base64'))
    const bundle = /Bundle written to (\S+)/.exec(err)?.[1] ?? ''
    folder.file('secret.yaml', '')
    expect(bundle).to.not.equal('')
    expect(folder.everything()).to.not.include(password)
  })

  it('are judged again from a bundle, without being run', async () => {
    const live = await run('trivy', { print: trivyResult(trivyFinding()) }, ...critical)
    const bundle = /Bundle written to (\S+)/.exec(live.err)?.[1] ?? ''
    const again = await report(['analyze', bundle, ...critical])
    expect(again.json).to.deep.equal(live.json)
    const looser = await report(['analyze', bundle, '--max-vulnerabilities', 'critical=1'])
    expect(verdicts(looser.json)).to.include(`vulnerability ${name}: pass VULNERABILITIES_WITHIN_LIMITS`)
    const later = await report(['analyze', bundle, '--max-vulnerabilities', 'critical=1', '--max-report-age', '7d', '--at', '2099-01-01'])
    expect(verdicts(later.json)).to.include(`vulnerability ${name}: warn VULNERABILITY_REPORT_OLD`)
  })

  it('say that what they printed was altered in the bundle', async () => {
    const scanner = fakeScanner(folder.path, 'trivy', { print: trivyResult(trivyFinding()) })
    const bundle = join(folder.path, 'bundle')
    await command(['collect', ...argv, '--scanner', 'trivy', '-o', bundle], { env: scanner.env })
    const facts = JSON.parse(readFileSync(join(bundle, 'velero-plugins/facts/vulnerability.json'), 'utf8'))
    const [{ result }] = facts.items
    const blob = join(bundle, 'velero-plugins/blobs', result.replace(':', '/'))
    writeFileSync(blob, Buffer.from(JSON.stringify(trivyResult())).toString('base64'))
    expect(verdicts((await report(['analyze', bundle, ...critical])).json)).to.include(`vulnerability ${name}: fail FACT_ALTERED`)
  })

  it('scan folders and archives too', async () => {
    const layout = writeFiles(join(folder.path, 'layout'), layoutFiles({ image: index, more: refName('v1') }))
    registry.requests.length = 0
    const { lines, calls } = await run('trivy', { print: trivyResult() }, ...critical, '--image', `${name}=oci:${layout}`)
    expect(lines).to.deep.equal([`vulnerability ${name}: pass VULNERABILITIES_WITHIN_LIMITS`])
    expect(calls).to.have.length(1)
    expect(registry.requests).to.deep.equal([])
  })

  for (const [title, options, code, words] of [
    ['fail', { exit: 1, say: 'FATAL: no database' }, 'SCANNER_FAILED', 'FATAL: no database'],
    ['print no JSON', { print: 'Total: 0' }, 'SCANNER_RESULT_INVALID', 'something else than JSON'],
    ['print other JSON', { print: { ok: true } }, '', 'is neither the JSON of trivy or grype nor SARIF'],
    ['print the JSON of another', { print: grypeResult() }, '', 'the JSON of grype'],
  ] as const) {
    it(`that ${title} are a fail, and no "none"`, async () => {
      const { lines, json } = await run('trivy', options, ...critical)
      expect(lines).to.deep.equal([`vulnerability ${name}: fail VULNERABILITY_SCAN_FAILED`])
      expect(json.fail[0]?.message).to.include(code).and.to.include(words)
    })
  }
  it('that are not there are a fail, and no "none"', async () => {
    const { json } = await report(['run', '--no-bundle', ...argv, '--scanner', 'grype', ...critical], { env: { PATH: folder.path } })
    expect(json.fail.find(({ check }) => check === 'vulnerability')?.message).to.include('SCANNER_NOT_FOUND')
  })
  it('that do not end in time leave the rest of the report as it is', async () => {
    const scanner = fakeScanner(folder.path, 'trivy', { hangs: true })
    const slow = ['run', '--no-bundle', ...argv, '--scanner', 'trivy', ...critical, '--timeout', '3s']
    const { code, json } = await report(slow, { env: scanner.env })
    expect(code).to.equal(1)
    expect(verdicts(json)).to.include(`vulnerability ${name}: not checked`)
  })
})
