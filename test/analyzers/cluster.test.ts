import { expect } from 'chai'
import { cluster } from '../../src/analyzers/cluster.ts'
import { PreflightError } from '../../src/errors.ts'
import type { CallFact, ClusterFact } from '../../src/facts/cluster.ts'
import { judgeFacts } from '../support/check-image.ts'

const nodes: readonly CallFact[] = [{ call: 'nodes', ok: true, found: true }]
const base: ClusterFact = {
  ok: true,
  context: 'admin@site',
  server: 'https://10.0.0.1:6443',
  unverified: false,
  namespace: 'velero',
  calls: nodes,
  nodes: [{ name: 'a', platform: 'linux/amd64', ready: true }],
  secretsFromFiles: [],
}
const refused = (call: Omit<CallFact, 'ok' | 'found'>, code: 'CLUSTER_FORBIDDEN' | 'CLUSTER_TIMEOUT' = 'CLUSTER_FORBIDDEN'): CallFact =>
  ({ ...call, ok: false, code, message: `no ${call.name ?? call.call}.` }) as CallFact

const seen = new Set<string>()
const judge = (more: Partial<ClusterFact>) => {
  const [judgement] = judgeFacts(cluster, { cluster: [{ ...base, ...more }] }, [])
  for (const { status, code } of judgement!.findings) {
    seen.add(code)
    expect(cluster.codes[code]?.status, code).to.equal(status)
  }
  return judgement!
}
const codes = (more: Partial<ClusterFact>) => judge(more).findings.map(({ status, code }) => `${status} ${code}`)

describe('cluster analyzer', () => {
  it('tells what is in the cluster', () => {
    const { findings } = judge({
      installation: { name: '20260301', state: 'Installed' },
      deployment: { serviceAccount: 'velero-server', imagePullSecrets: ['a'] },
    })
    expect(findings[0]?.message).to.equal('the cluster admin@site (https://10.0.0.1:6443) was read.')
    expect(findings[0]?.evidence).to.deep.equal([
      'node a: linux/amd64, ready',
      'Installation 20260301, state Installed',
      'Deployment velero in the namespace velero, pull secrets of its pod: a',
      'service account velero-server, its pull secrets: none',
    ])
    expect(judge({}).findings[0]?.evidence?.join()).to.contain('is not to be seen before an install')
  })

  it('says where the platforms come from', () => {
    expect(judge({}).findings[1]?.message).to.equal("the required platforms are those of the cluster's 1 nodes: linux/amd64 (1).")
    const { nodes: _, ...given } = base
    expect(judge({ ...given, nodes: undefined as never, calls: [] }).findings[1]?.message).to.contain('those of --platform: linux/amd64')
  })

  it('warns when no node tells its platform, and linux/amd64 was taken', () => {
    expect(codes({ nodes: [] })).to.include('warn CLUSTER_PLATFORMS_ASSUMED')
    expect(
      codes({
        nodes: [
          { name: 'w', platform: 'windows/amd64', ready: true },
          { name: 'new', ready: false },
        ],
      }),
    ).to.include('warn CLUSTER_PLATFORMS_ASSUMED')
  })

  it('fails for each kind of call that RBAC does not allow, with the role for all of it', () => {
    const calls = [
      ...nodes,
      refused({ call: 'pullSecret', namespace: 'velero', name: 'a' }),
      refused({ call: 'pullSecret', namespace: 'velero', name: 'b' }),
      refused({ call: 'installations' }),
    ]
    const { findings, values } = judge({ calls })
    expect(findings.map(({ code }) => code).slice(0, 2)).to.deep.equal(['CLUSTER_CALL_FORBIDDEN', 'CLUSTER_CALL_FORBIDDEN'])
    expect(findings[0]?.message).to.contain('RBAC does not allow this login to get secrets (a, b) in the namespace velero')
    expect(findings[0]?.evidence?.[1]).to.contain('    resourceNames: [a, b]')
    expect(findings[1]?.message).to.contain('list installations of the API group embeddedcluster.replicated.com in the cluster as a whole')
    expect(values).to.include({ forbidden: 3, failed: 0 })
  })

  it('fails once for what cannot be reached', () => {
    const calls = [refused({ call: 'nodes' }, 'CLUSTER_TIMEOUT'), refused({ call: 'installations' }, 'CLUSTER_TIMEOUT')]
    expect(codes({ calls })).to.deep.equal(['fail CLUSTER_CALL_FAILED', 'pass CLUSTER_PLATFORMS'])
    const { findings } = judge({ calls })
    expect(findings[0]?.message).to.contain('for which platforms the images are needed; which Config is installed')
  })

  it('fails once for all that a support bundle lacks, with what would bring each', () => {
    const lacking = (call: 'nodes' | 'deployment', message: string): CallFact => ({
      call,
      ok: false,
      code: 'BUNDLE_LACKS',
      message,
      hint: 'Collect.',
    })
    const calls = [lacking('nodes', 'No nodes.json.'), lacking('deployment', 'No velero.json.')]
    const { findings } = judge({ context: '', server: '', bundle: 'b.tar.gz', calls, nodes: undefined as never })
    expect(findings.map(({ code }) => code)).to.deep.equal(['CLUSTER_NOT_IN_BUNDLE'])
    expect(findings[0]?.message).to.equal(
      "the support bundle b.tar.gz does not tell for which platforms the images are needed; which pull secrets Velero's pod has. No nodes.json. Collect.",
    )
    expect(findings[0]?.evidence).to.deep.equal(['No velero.json. Collect.'])
  })

  it('names the support bundle that was read, and warns of what redaction took from it', () => {
    const { findings } = judge({ context: '', server: '', bundle: 'b.tar.gz', redacted: ['Deployment velero: initContainers[0].image'] })
    expect(findings.find(({ code }) => code === 'CLUSTER_REDACTED')?.message).to.contain('Deployment velero: initContainers[0].image.')
    expect(findings.find(({ code }) => code === 'CLUSTER_READ')?.message).to.equal('the support bundle b.tar.gz was read.')
  })

  it('warns of a licence without disaster recovery, and of a certificate that is not checked', () => {
    expect(codes({ installation: { name: '1', disasterRecovery: false } })).to.include('warn CLUSTER_NO_DISASTER_RECOVERY')
    expect(codes({ installation: { name: '1', disasterRecovery: true } })).to.not.include('warn CLUSTER_NO_DISASTER_RECOVERY')
    expect(codes({ installation: { name: '1' } })).to.not.include('warn CLUSTER_NO_DISASTER_RECOVERY')
    expect(codes({ unverified: true })).to.include('warn CLUSTER_UNVERIFIED')
  })

  it('names the secrets that came from files', () => {
    expect(codes({ secretsFromFiles: ['velero/a'] })).to.include('pass CLUSTER_SECRETS_FROM_FILES')
  })

  it('gives the values that a spec may compare', () => {
    const { values } = judge({ deployment: { serviceAccount: 's', imagePullSecrets: [] }, installation: { name: '7' } })
    expect(values).to.deep.equal({ forbidden: 0, failed: 0, nodes: 1, platforms: 'linux/amd64', velero: true, installation: '7' })
    expect(Object.keys(values)).to.deep.equal(Object.keys(cluster.values))
  })

  it('is no pass when no cluster was read', () => {
    expect(() => judgeFacts(cluster, { cluster: [] }, []))
      .to.throw(PreflightError)
      .with.property('code', 'FACT_MISSING')
  })

  it('escapes what a cluster says', () => {
    const { findings } = judge({
      context: 'a\u001b[2J',
      nodes: [{ name: 'n\n', platform: 'linux/\u001b', ready: true }],
      installation: { name: '\u001b', disasterRecovery: false },
    })
    expect(
      findings.flatMap(({ message, evidence = [] }) => [message, ...evidence]).filter(text => [...text].some(char => char < ' ')),
    ).to.deep.equal([])
  })

  it('has given every code of its table in the tests above', () => {
    expect(Object.keys(cluster.codes).filter(code => !seen.has(code))).to.deep.equal([])
  })
})
