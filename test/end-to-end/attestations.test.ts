import { join } from 'node:path'
import { expect } from 'chai'
import {
  type Attested,
  builder,
  inBundle,
  inTag,
  provenance,
  spdxDocument,
  statement,
  types,
  vexDocument,
} from '../support/attestations.ts'
import { command, configText, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { type Artifact, bundleBytes, bundleReferrer, newSigner } from '../support/cosign.ts'
import { buildIndex, pluginImage } from '../support/image-builder.ts'
import { startRegistry, type TestRegistry } from '../support/registry.ts'
import { trivyFinding, trivyResult, vulnerabilityPredicate } from '../support/scans.ts'
import { alice, issueSigner, newDeployment, trustedRootOf } from '../support/sigstore/deployment.ts'
import { signBundle } from '../support/sigstore/signatures.ts'

const name = 'velero-postgresql'
const index = buildIndex([pluginImage({ name }), pluginImage({ name, platform: 'linux/arm64' })])
const { manifest } = index
const signer = newSigner()
const spdx = { type: types.spdxjson, predicate: spdxDocument }
const slsa = { type: types.slsaprovenance1, predicate: provenance() }
const vuln = { type: types.vuln, predicate: vulnerabilityPredicate(trivyResult(trivyFinding())) }
const vex = { type: types.openvex, predicate: vexDocument() }

describe('attestations, from the registry to the report', () => {
  let folder: Scratch
  let registry: TestRegistry
  let argv: readonly string[]
  let key: readonly string[]
  beforeEach(async () => {
    folder = scratch()
    registry = await startRegistry()
    registry.push('acme/plugin', 'v1', index)
    const platforms = ['linux/amd64', 'linux/arm64'].flatMap(platform => ['--platform', platform])
    argv = [
      '--no-cache',
      '--config',
      folder.file('config.yaml', configText({ name, image: `${registry.host}/acme/plugin:v1` })),
      ...platforms,
    ]
    key = ['--key', folder.file('cosign.pub', signer.publicPem)]
  })
  afterEach(async () => {
    await registry.close()
    folder.remove()
  })
  const hang = (...artifacts: readonly Artifact[]) => {
    for (const { tag, ...artifact } of artifacts) registry.push('acme/plugin', tag, artifact)
  }
  const run = (...more: readonly string[]) => report(['run', '--no-bundle', ...argv, ...key, ...more])
  const of = async (check: string, ...more: readonly string[]) =>
    verdicts((await run(...more)).json).filter(line => line.startsWith(`${check} `))

  it('are no word in a report that requires none', async () => {
    hang(inTag(manifest, signer, spdx, vuln))
    const { json } = await run()
    expect(verdicts(json).filter(line => /attestation|vulnerability/.test(line.split(':')[0] ?? ''))).to.deep.equal([])
    expect(verdicts(json)).to.include(`signature ${name}: fail SIGNATURE_NONE`)
  })

  for (const [storage, attach] of [
    ['the .att tag', inTag],
    ['bundles', (subject: typeof manifest, by: typeof signer, ...all: readonly Attested[]) => all.map(one => inBundle(subject, by, one))],
  ] as const) {
    it(`count from ${storage}, each as required`, async () => {
      hang(...[attach(manifest, signer, spdx, slsa)].flat())
      const required = ['--require-attestation', 'spdxjson', '--builder-id', builder, '--source-uri', 'github.com/acme/plugin']
      expect(await of('attestation', ...required)).to.deep.equal([`attestation ${name}: pass ATTESTATION_VERIFIED`])
      expect(await of('attestation', '--require-attestation', 'vuln')).to.deep.equal([`attestation ${name}: fail ATTESTATION_MISSING`])
      expect(await of('attestation', '--source-uri', 'github.com/evil/plugin')).to.deep.equal([
        `attestation ${name}: fail ATTESTATION_PROVENANCE_MISMATCH`,
      ])
    })
  }

  it('count by an identity of a Sigstore of its own', async () => {
    const here = newDeployment()
    hang(bundleReferrer(manifest, bundleBytes(signBundle(here, issueSigner(here), statement(manifest, spdx)).bundle), spdx.type))
    const root = folder.file('trusted_root.json', JSON.stringify(trustedRootOf(here)))
    const by = async (identity: string) => {
      const trust = ['--certificate-identity', identity, '--certificate-oidc-issuer', alice.issuer, '--trusted-root', root]
      const { json } = await report(['run', '--no-bundle', ...argv, ...trust, '--require-attestation', 'spdx'])
      return verdicts(json).filter(line => line.startsWith('attestation '))
    }
    expect(await by(alice.email)).to.deep.equal([`attestation ${name}: pass ATTESTATION_VERIFIED`])
    expect(await by('bob@example.com')).to.deep.equal([`attestation ${name}: fail ATTESTATION_SIGNER_MISMATCH`])
  })

  it('are wanted by a policy, also where no flag requires one', async () => {
    const policy = (predicateType: string) => ({
      apiVersion: 'policy.sigstore.dev/v1beta1',
      kind: 'ClusterImagePolicy',
      metadata: { name: 'plugins' },
      spec: {
        images: [{ glob: '**' }],
        authorities: [{ name: 'acme', key: { data: signer.publicPem }, attestations: [{ name: 'must', predicateType }] }],
      },
    })
    hang(inTag(manifest, signer, spdx))
    const by = async (type: string) => {
      const file = folder.file('policy.yaml', JSON.stringify(policy(type)))
      const { json } = await report(['run', '--no-bundle', ...argv, '--policy', file])
      return verdicts(json).filter(line => line.startsWith('attestation '))
    }
    expect(await by('spdxjson')).to.deep.equal([`attestation ${name}: pass ATTESTATION_VERIFIED`])
    expect(await by('vuln')).to.deep.equal([`attestation ${name}: fail ATTESTATION_POLICY_UNMET`])
  })

  it('are no signature, and a signature is no attestation', async () => {
    hang(inTag(manifest, signer, spdx), inBundle(manifest, signer, spdx))
    const { json } = await run('--require-attestation', 'spdxjson')
    expect(verdicts(json)).to.include.members([`signature ${name}: fail SIGNATURE_NONE`, `attestation ${name}: pass ATTESTATION_VERIFIED`])
  })

  it('are counted against the limits, and corrected by VEX', async () => {
    hang(inTag(manifest, signer, vuln))
    expect(await of('vulnerability', '--max-vulnerabilities', 'critical=0')).to.deep.equal([
      `vulnerability ${name}: fail VULNERABILITIES_EXCEED`,
    ])
    expect(await of('vulnerability', '--max-vulnerabilities', 'critical=1')).to.deep.equal([
      `vulnerability ${name}: pass VULNERABILITIES_WITHIN_LIMITS`,
    ])
    hang(inBundle(manifest, newSigner(), vex))
    expect(await of('vulnerability', '--max-vulnerabilities', 'critical=0')).to.deep.equal([
      `vulnerability ${name}: fail VULNERABILITIES_EXCEED`,
    ])
    hang(inBundle(manifest, signer, vex))
    expect(await of('vulnerability', '--max-vulnerabilities', 'critical=0')).to.deep.equal([
      `vulnerability ${name}: pass VULNERABILITIES_WITHIN_LIMITS`,
    ])
    expect(await of('vulnerability', '--max-vulnerabilities', 'critical=0', '--max-report-age', '1h')).to.deep.equal([
      `vulnerability ${name}: warn VULNERABILITY_REPORT_OLD`,
    ])
  })

  const wanted = ['--require-attestation', 'spdxjson', '--max-vulnerabilities', 'critical=0']

  it('are fetched once, whatever is judged of them', async () => {
    hang(inTag(manifest, signer, spdx, vuln), inBundle(manifest, signer, vex))
    await run(...wanted)
    const ofImage = [...index.blobs.keys()].map(digest => `/blobs/${digest}`)
    const asked = registry.requests.map(({ path }) => path).filter(path => !ofImage.some(end => path.endsWith(end)))
    expect(asked.filter((one, at) => asked.indexOf(one) !== at)).to.deep.equal([])
  })

  for (const [title, checks] of [
    ['for the other checks', []],
    ['for one of them alone', ['--checks', 'vulnerability']],
    ['for signatures alone', ['--checks', 'signature']],
  ] as const) {
    it(`are judged from a bundle that was collected ${title}, as from the registry`, async () => {
      hang(inTag(manifest, signer, spdx, vuln), inBundle(manifest, signer, vex))
      const bundle = join(folder.path, 'bundle.tar.gz')
      await command(['collect', ...argv, ...checks, '-o', bundle])
      const asked = registry.requests.length
      const again = await report(['analyze', bundle, ...key, ...wanted])
      expect(registry.requests).to.have.length(asked)
      const live = await run(...wanted)
      const only = ({ json }: typeof live) => ['attestation', 'vulnerability'].map(check => json.pass.find(one => one.check === check))
      expect(only(again)).to.deep.equal(only(live))
      expect(only(again)).to.not.include(undefined)
    })
  }

  it('are the same in a run and in the analysis of its bundle', async () => {
    hang(inTag(manifest, signer, vuln))
    const live = await report(['run', ...argv, ...key, ...wanted], { cwd: folder.path })
    const bundle = /Bundle written to (\S+)/.exec(live.err)?.[1] ?? ''
    expect((await report(['analyze', bundle, ...key, ...wanted])).json).to.deep.equal(live.json)
    expect(live.code).to.equal(3)
  })

  it('that a bundle lost are a fail, and no "none"', async () => {
    const bundle = join(folder.path, 'bundle')
    await command(['collect', ...argv, '--checks', 'image', '-o', bundle])
    const { json } = await report(['analyze', bundle, ...key, ...wanted])
    expect(verdicts(json)).to.include.members([`attestation ${name}: fail FACT_MISSING`, `vulnerability ${name}: fail FACT_MISSING`])
  })

  for (const [title, analyzers] of [
    ['leaves out', '{image: {}}'],
    ['excludes', '{image: {}}, {attestation: {exclude: true}}'],
  ] as const) {
    it(`are required whatever a spec ${title}`, async () => {
      const head = 'apiVersion: velero-plugin-preflight/v1beta1\nkind: Preflight\n'
      const spec = folder.file('spec.yaml', `${head}spec: {analyzers: [${analyzers}]}\n`)
      const { json } = await report(['run', spec, '--no-bundle', ...argv, ...key, '--require-attestation', 'vuln'])
      expect(verdicts(json)).to.include(`attestation ${name}: fail ATTESTATION_MISSING`)
    })
  }

  it('that a spec names are told of, also where nothing requires them', async () => {
    const spec = folder.file(
      'spec.yaml',
      `apiVersion: velero-plugin-preflight/v1beta1
kind: Preflight
spec:
  analyzers:
    - image: {}
    - attestation: {}
    - vulnerability:
        outcomes:
          - fail: {when: "critical > 0", message: "{{ .critical }} critical ones"}
          - pass: {message: "none"}
`,
    )
    hang(inTag(manifest, signer, vuln))
    const { json } = await report(['run', spec, '--no-bundle', ...argv, ...key])
    expect(verdicts(json)).to.include.members([
      `attestation ${name}: pass ATTESTATION_NOT_REQUIRED`,
      `vulnerability ${name}: fail VULNERABILITIES_NOT_LIMITED`,
    ])
    expect(json.fail[0]?.message).to.equal('1 critical ones')
  })

  it('of an image that cannot be opened are not checked, and the check of the image says why', async () => {
    const config = folder.file('other.yaml', configText({ name, image: `${registry.host}/acme/none:v1` }))
    const { json } = await report(['run', '--no-bundle', '--no-cache', '--config', config, ...key, ...wanted])
    expect(verdicts(json)).to.include.members([
      `image ${name}: fail IMAGE_NOT_FOUND`,
      `attestation ${name}: not checked`,
      `vulnerability ${name}: not checked`,
    ])
  })

  it('are never taken for absent where the registry fails', async () => {
    hang(inTag(manifest, signer, spdx))
    registry.fault('.att', { kind: 'answer', status: 403 })
    const { json } = await run('--require-attestation', 'spdxjson')
    expect(verdicts(json)).to.include(`attestation ${name}: fail ATTESTATION_UNREACHABLE`)
  })

  it('refuse a type that is none before anything is asked', async () => {
    const { code, err } = await command(['run', '--no-bundle', ...argv, '--require-attestation', 'sbom'])
    expect(code).to.equal(2)
    expect(err).to.include('--require-attestation sbom')
    expect(registry.requests).to.deep.equal([])
  })
})
