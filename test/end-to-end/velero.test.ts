import { expect } from 'chai'
import { type ApiServer, kubeconfigOf, startApiServer } from '../support/api-server.ts'
import { command, configText, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { discovered, serverLines, veleroDeployment, veleroPod } from '../support/velero-objects.ts'

const pods = 'api/v1/namespaces/velero/pods'
const requests = 'apis/velero.io/v1/namespaces/velero/serverstatusrequests'
const inits = [{ name: 'acme' }]

describe('the check velero', () => {
  let server: ApiServer
  let folder: Scratch
  beforeEach(async () => {
    server = await startApiServer()
    folder = scratch()
    server.put({
      'apis/apps/v1/namespaces/velero/deployments': [veleroDeployment(inits)],
      [pods]: [veleroPod(inits)],
      'api/v1/namespaces/velero/events': [],
      'api/v1/nodes': [],
      'apis/embeddedcluster.replicated.com/v1beta1/installations': [],
    })
    server.fault(`${pods}/velero-1/log`, {
      kind: 'answer',
      status: 200,
      body: [...serverLines('/plugins/acme'), discovered, ''].join('\n'),
    })
  })
  afterEach(async () => {
    folder.remove()
    await server.close()
  })

  const argv = (...more: readonly string[]) => {
    const config = folder.file('config.yaml', configText({ name: 'acme', image: 'r.io/acme/acme:v1' }))
    return ['--config', config, '--no-cache', '--platform', 'linux/amd64', ...more]
  }
  const fromCluster = (...more: readonly string[]) =>
    argv('--from-cluster', '--kubeconfig', folder.file('kubeconfig', kubeconfigOf(server)), ...more)
  const found = ['velero -: pass VELERO_RUNS', 'velero acme: pass VELERO_PLUGIN_LOADED']

  it('reads the cluster, and the bundle that it writes says the same', async () => {
    const ran = await report(['run', '--no-bundle', ...fromCluster('--checks', 'velero')])
    expect(verdicts(ran.json)).to.include.members(found)
    expect(server.written).to.deep.equal([])
    const bundle = `${folder.path}/bundle.tar.gz`
    expect((await command(['collect', '-o', bundle, ...fromCluster('--checks', 'velero')])).code).to.equal(0)
    expect(verdicts((await report(['analyze', bundle])).json)).to.include.members(found)
  })

  it('asks no registry', async () => {
    await report(['run', '--no-bundle', ...fromCluster('--checks', 'velero')])
    expect(server.asked.filter(path => path.startsWith('v2/'))).to.deep.equal([])
  })

  it('creates a ServerStatusRequest with --server-status alone, and removes it', async () => {
    server.write({ status: 201 }, { status: 200 })
    const answer = {
      kind: 'ServerStatusRequest',
      metadata: { name: '' },
      status: { phase: 'Processed', serverVersion: 'v1.18.3', plugins: [] },
    }
    server.fault(requests, { kind: 'answer', status: 200, body: JSON.stringify(answer) })
    await report(['run', '--no-bundle', ...fromCluster('--server-status')])
    expect(server.written.map(([method]) => method)).to.deep.equal(['POST', 'DELETE'])
  })

  it('removes the ServerStatusRequest also when the run is stopped', async () => {
    server.write({ status: 201 }, { status: 200 })
    server.fault(requests, { kind: 'hang' })
    expect((await report(['run', '--no-bundle', ...fromCluster('--server-status', '--timeout', '2s')])).code).to.equal(1)
    expect(server.written.map(([method]) => method)).to.deep.equal(['POST', 'DELETE'])
  })

  for (const [what, flags, words] of [
    ['no cluster', ['--checks', 'velero'], 'The check velero needs a cluster. Add --from-cluster'],
    ['--server-status without a cluster', ['--server-status'], '--server-status asks a Velero that runs. Add --from-cluster.'],
  ] as const)
    it(`ends with exit 2 by ${what}`, async () => {
      const ran = await report(['run', '--no-bundle', ...argv(...flags)])
      expect(ran.code).to.equal(2)
      expect(ran.json.fail[0]?.message).to.contain(words)
    })

  it('has the roles that it needs printed by rbac', async () => {
    const { out } = await command(['rbac'])
    expect(out).to.contain('resources: [pods/log]').and.to.contain('resources: [events]').and.to.not.contain('serverstatusrequests')
    expect((await command(['rbac', '--server-status'])).out.match(/resources: \[serverstatusrequests\]/g)).to.have.length(3)
  })
})
