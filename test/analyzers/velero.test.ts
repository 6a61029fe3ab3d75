import { expect } from 'chai'
import { velero } from '../../src/analyzers/velero.ts'
import { collectFrom } from '../../src/collectors/velero.ts'
import { PreflightError } from '../../src/errors.ts'
import type { Plugin } from '../../src/facts/fact.ts'
import type { SeenVelero, VeleroFact } from '../../src/facts/velero.ts'
import { judgeFacts } from '../support/check-image.ts'
import { discovered, type FakeCluster, fakeReader, serverLines, veleroDeployment, veleroPod } from '../support/velero-objects.ts'

const inits = [{ name: 'aws' }, { name: 'acme' }]
const plugin = (name: string, image = `r.io/acme/${name}:v1`): Plugin => ({ plugin: name, image })
const acme = plugin('acme')

const seen = new Set<string>()
const judge = (fact: VeleroFact, plugins: readonly Plugin[] = [acme]) => {
  const judgements = judgeFacts(velero, { velero: [fact] }, plugins)
  for (const { status, code } of judgements.flatMap(({ findings }) => findings)) {
    seen.add(code)
    expect(velero.codes[code as keyof typeof velero.codes]?.status, code).to.equal(status)
  }
  return judgements
}
const said = (fact: VeleroFact, plugins?: readonly Plugin[]) =>
  judge(fact, plugins).flatMap(({ plugin: of = '-', findings }) => findings.map(({ code }) => `${of} ${code}`))
const messages = (fact: VeleroFact) =>
  judge(fact)
    .flatMap(({ findings }) => findings.flatMap(({ message, evidence = [] }) => [message, ...evidence]))
    .join('\n')

const healthy: FakeCluster = {
  deployment: veleroDeployment(inits),
  pods: [veleroPod(inits)],
  logs: { velero: [...serverLines('/plugins/acme', '/plugins/aws'), discovered] },
}
const factOf = (cluster: FakeCluster): Promise<SeenVelero> => collectFrom(fakeReader(cluster), 'velero')
const crashed = { restarts: 2, state: { waiting: { reason: 'CrashLoopBackOff' } }, last: { exitCode: 1, reason: 'Error' } }
const died = (...lines: readonly string[]): FakeCluster => ({ ...healthy, pods: [veleroPod(inits, crashed)], logs: { velero: lines } })

describe('velero analyzer', () => {
  it('passes a plugin that the running server has registered, with the line that shows it', async () => {
    const fact = await factOf(healthy)
    expect(said(fact)).to.deep.equal(['- VELERO_RUNS', 'acme VELERO_PLUGIN_LOADED'])
    expect(messages(fact)).to.contain('acme: Velero has registered example.com/acme (ObjectStore).').and.to.contain('command=/plugins/acme')
  })

  it('does not pass a plugin that is registered in a server that is not yet done', async () => {
    expect(said(await factOf({ ...healthy, logs: { velero: serverLines('/plugins/acme') } }))).to.deep.equal([
      '- VELERO_STARTING',
      'acme VELERO_STARTING',
    ])
  })

  it('does not pass a plugin that was registered before the server ended for another reason', async () => {
    const fact = await factOf(died(...serverLines('/plugins/acme'), 'velero: namespaces "velero" is forbidden'))
    expect(said(fact)).to.deep.equal(['- VELERO_SERVER_FAILED', 'acme VELERO_PLUGIN_WAITS'])
    expect(messages(fact)).to.contain('after this one had registered example.com/acme (ObjectStore)')
  })

  it('fails a plugin whose file the server ended of, and quotes its last words', async () => {
    const fact = await factOf(died(...serverLines(), 'velero: fork/exec /plugins/acme: exec format error'))
    expect(said(fact)).to.deep.equal(['- VELERO_DOWN', 'acme VELERO_PLUGIN_MACHINE'])
    expect(messages(fact)).to.contain('velero: fork/exec /plugins/acme: exec format error')
  })

  it('fails Velero and not the plugin when an init container that is not declared is to blame', async () => {
    const fact = await factOf(died(...serverLines('/plugins/acme'), 'velero: fork/exec /plugins/aws: permission denied'))
    expect(said(fact)).to.deep.equal(['- VELERO_UNDECLARED', 'acme VELERO_PLUGIN_WAITS'])
  })

  it('finds the cause in the log of before while the server is started again', async () => {
    const pods = [veleroPod(inits, { restarts: 2, last: { exitCode: 1 } })]
    const logs = { velero: serverLines(), 'velero-previous': [...serverLines(), 'velero: fork/exec /plugins/acme: permission denied'] }
    expect(said(await factOf({ ...healthy, pods, logs }))).to.include('acme VELERO_PLUGIN_MODE')
  })

  it('blames a plugin that hangs by what was registered before it', async () => {
    const fact = await factOf(died(...serverLines('/plugins/aws'), 'velero: timeout while waiting for plugin to start'))
    expect(said(fact)).to.deep.equal(['- VELERO_DOWN', 'acme VELERO_PLUGIN_HANGS'])
  })

  it('says of whom it may be where the log does not name the file', async () => {
    const fact = await factOf(died(...serverLines(), 'velero: timeout while waiting for plugin to start'))
    expect(messages(fact)).to.contain('it may be that of aws')
  })

  it('takes OOMKilled of the container for the cause where the log has no other', async () => {
    const oom = { ...crashed, last: { exitCode: 1, reason: 'OOMKilled' } }
    const words = ['velero: Unrecognized remote plugin message: ', "Failed to read any lines from plugin's stdout", '  Path: /plugins/acme']
    const killed = { ...died(...serverLines(), ...words), pods: [veleroPod(inits, oom)] }
    expect(said(await factOf(killed))).to.include('acme VELERO_PLUGIN_MEMORY')
    const other = { ...died(...serverLines(), 'velero: fork/exec /plugins/acme: permission denied'), pods: [veleroPod(inits, oom)] }
    expect(said(await factOf(other))).to.include('acme VELERO_PLUGIN_MODE')
  })

  it('fails a plugin whose init container does not end, and the later ones wait', async () => {
    const waits = [
      { name: 'acme', state: { waiting: { reason: 'ErrImageNeverPull', message: 'not present' } } },
      { name: 'later', state: { waiting: { reason: 'PodInitializing' } } },
    ]
    const pods = [veleroPod(waits, { state: { waiting: { reason: 'PodInitializing' } } })]
    const fact = await factOf({ deployment: veleroDeployment(waits), pods })
    expect(said(fact, [acme, plugin('later')])).to.deep.equal(['- VELERO_DOWN', 'acme VELERO_IMAGE_NEVER', 'later VELERO_PLUGIN_WAITS'])
  })

  it("fails Velero when its own container's image cannot be pulled", async () => {
    const pods = [veleroPod(inits, { state: { waiting: { reason: 'ErrImagePull', message: 'velero:v1.18.3: not found' } } })]
    expect(said(await factOf({ ...healthy, pods, logs: {} }))).to.deep.equal(['- VELERO_SERVER_FAILED', 'acme VELERO_PLUGIN_WAITS'])
  })

  it('finds an init container by its image where it has another name, and warns of another image', async () => {
    expect(said(await factOf(healthy), [plugin('x', 'r.io/acme/acme:v1')])).to.deep.equal(['- VELERO_RUNS', 'x VELERO_PLUGIN_LOADED'])
    expect(said(await factOf(healthy), [plugin('acme', 'r.io/acme/acme:v2')])).to.deep.equal([
      '- VELERO_RUNS',
      'acme VELERO_OTHER_IMAGE',
      'acme VELERO_PLUGIN_LOADED',
    ])
  })

  it('fails a plugin that nobody has put into the Deployment', async () => {
    expect(said(await factOf(healthy), [plugin('other')])).to.deep.equal(['- VELERO_RUNS', 'other VELERO_PLUGIN_ABSENT'])
  })

  it('fails a plugin of which nothing is registered in a server that runs', async () => {
    const logs = { velero: [...serverLines('/plugins/aws'), discovered] }
    expect(said(await factOf({ ...healthy, logs }))).to.deep.equal(['- VELERO_RUNS', 'acme VELERO_PLUGIN_NOT_REGISTERED'])
  })

  for (const [what, cluster, says] of [
    ['there is no Deployment', {}, ['- VELERO_ABSENT', 'acme VELERO_PLUGIN_WAITS']],
    ['the Deployment has no pod', { ...healthy, pods: [] }, ['- VELERO_NO_POD', 'acme VELERO_PLUGIN_WAITS']],
    [
      'the start of the log is gone',
      { ...healthy, logs: { velero: ['time="t" level=info msg="reconciled"'] } },
      ['- VELERO_RUNS', 'acme VELERO_PLUGIN_UNKNOWN'],
    ],
    [
      'a server that ended has left no log',
      { ...healthy, pods: [veleroPod(inits, crashed)], logs: {} },
      ['- VELERO_SERVER_ENDED', 'acme VELERO_PLUGIN_UNKNOWN'],
    ],
    ['the server has written nothing yet', { ...healthy, logs: { velero: [] } }, ['- VELERO_STARTING', 'acme VELERO_STARTING']],
  ] as const satisfies readonly (readonly [string, FakeCluster, readonly string[]])[])
    it(`is no pass when ${what}`, async () => {
      expect(said(await factOf(cluster))).to.deep.equal(says)
    })

  for (const [call, says] of [
    ['deployment', ['- VELERO_UNREAD', 'acme VELERO_PLUGIN_UNKNOWN']],
    ['pods', ['- VELERO_UNREAD', 'acme VELERO_PLUGIN_UNKNOWN']],
    ['events', ['- VELERO_EVENTS_UNREAD', '- VELERO_RUNS', 'acme VELERO_PLUGIN_LOADED']],
    ['podLog', ['- VELERO_RUNS', 'acme VELERO_PLUGIN_UNKNOWN']],
  ] as const)
    it(`says what is not known when RBAC forbids ${call}, and shows the role`, async () => {
      const errors = { [call]: new PreflightError('CLUSTER_FORBIDDEN', 'RBAC does not allow it.') }
      const fact = await factOf({ ...healthy, errors })
      expect(said(fact)).to.deep.equal(says)
      expect(messages(fact)).to.contain('RBAC does not allow it.')
      if (call !== 'podLog') expect(messages(fact)).to.contain('kind: Role')
    })

  it('warns of a server that has ended before', async () => {
    const pods = [veleroPod(inits, { restarts: 3, last: { exitCode: 137, reason: 'OOMKilled' } })]
    const fact = await factOf({ ...healthy, pods })
    expect(said(fact)).to.deep.equal(['- VELERO_RESTARTED', '- VELERO_RUNS', 'acme VELERO_PLUGIN_LOADED'])
    expect(messages(fact)).to.contain('started 4 times; last it ended with OOMKilled, exit code 137')
  })

  it('fails when the ServerStatusRequest that was asked for could not be had', async () => {
    const fact: VeleroFact = { ...(await factOf(healthy)), serverStatus: { ok: false, code: 'CLUSTER_TIMEOUT', message: 'no answer.' } }
    expect(said(fact)).to.include('- VELERO_STATUS_FAILED')
  })

  it('takes the word of the server itself where its log has nothing any more, for names that are the plugin’s', async () => {
    const fact = await factOf({ ...healthy, logs: { velero: ['time="t" level=info msg="reconciled"'] } })
    const asked = (...names: readonly string[]): VeleroFact => ({
      ...fact,
      serverStatus: { ok: true, request: 'x', version: 'v1.18.3', plugins: names.map(name => ({ name, kind: 'ObjectStore' })) },
    })
    expect(said(asked('velero.io/pod', 'example.com/acme'))).to.deep.equal(['- VELERO_RUNS', 'acme VELERO_PLUGIN_LOADED'])
    expect(said(asked('velero.io/aws', 'velero.io/pod'), [plugin('aws')])).to.deep.equal(['- VELERO_RUNS', 'aws VELERO_PLUGIN_LOADED'])
    expect(said(asked('velero.io/acme', 'example.com/other'))).to.deep.equal(['- VELERO_RUNS', 'acme VELERO_PLUGIN_UNKNOWN'])
  })

  it('dies of nothing that a cluster may answer', async () => {
    for (const odd of [{}, { spec: 1 }, { spec: { template: { spec: { initContainers: [null, 'x', { name: 3 }] } } } }])
      for (const pod of [
        {},
        {
          ...veleroPod(inits),
          spec: { containers: [null] },
          status: { containerStatuses: ['x', { name: 'velero', state: { running: 1 } }] },
        },
      ])
        expect(said(await factOf({ deployment: odd, pods: [pod] })).length).to.be.above(0)
  })
})
