import { expect } from 'chai'
import { collectFrom } from '../../src/collectors/velero.ts'
import { PreflightError } from '../../src/errors.ts'
import { discovered, type FakeCluster, fakeReader, serverLines, veleroDeployment, veleroPod } from '../support/velero-objects.ts'

const acme = { name: 'acme' }

const collect = (cluster: FakeCluster) => collectFrom(fakeReader(cluster), 'velero')

describe('the velero collector', () => {
  it('takes the pods that the Deployment has made, newest first', async () => {
    const other = {
      ...veleroPod([acme], {}, 'node-agent-1'),
      metadata: { ...veleroPod([]).metadata, name: 'node-agent-1', labels: { name: 'node-agent' } },
    }
    const job = { ...veleroPod([]), metadata: { ...veleroPod([]).metadata, name: 'job-1', ownerReferences: [{ kind: 'Job', name: 'j' }] } }
    const newer = {
      ...veleroPod([acme]),
      metadata: { ...veleroPod([acme]).metadata, name: 'velero-2', creationTimestamp: '2026-11-27T23:00:00Z' },
    }
    const fact = await collect({ deployment: veleroDeployment([acme]), pods: [veleroPod([acme]), other, job, newer] })
    expect(fact.pods.map(({ name }) => name)).to.deep.equal(['velero-2', 'velero-1'])
  })

  it('asks for no more than whether there is a Deployment, where there is none', async () => {
    const reader = fakeReader({})
    expect(await collectFrom(reader, 'velero')).to.deep.include({ pods: [], events: [] })
    expect(reader.asked).to.deep.equal(['deployment velero'])
  })

  it('reads the log of the server, and that of before where it was started again', async () => {
    const lines = serverLines('/plugins/acme')
    const pods = [veleroPod([acme], { restarts: 2, last: { exitCode: 1 } })]
    const fact = await collect({ deployment: veleroDeployment([acme]), pods, logs: { velero: lines, 'velero-previous': ['velero: oh'] } })
    const server = fact.pods[0]!.containers.at(-1)!
    expect(server.log).to.deep.include({ ok: true, cut: false })
    expect(server.log?.ok && server.log.lines).to.include(lines.at(-1))
    expect(server.previousLog).to.deep.include({ lines: ['velero: oh'] })
  })

  it('reads no log of an init container that ended well', async () => {
    const reader = fakeReader({ deployment: veleroDeployment([acme]), pods: [veleroPod([acme])] })
    await collectFrom(reader, 'velero')
    expect(reader.asked.filter(asked => asked.includes('start') || asked.includes('end'))).to.deep.equal(['velero start'])
  })

  it('reads the start and the end of a log that is long', async () => {
    const lines = [
      ...serverLines('/plugins/acme'),
      ...Array.from({ length: 40_000 }, (_, index) => `time="t" level=info msg="reconciled ${index}"`),
      'velero: the end',
    ]
    const reader = fakeReader({ deployment: veleroDeployment([acme]), pods: [veleroPod([acme])], logs: { velero: lines } })
    const { log } = (await collectFrom(reader, 'velero')).pods[0]!.containers.at(-1)!
    expect(reader.asked).to.include.members(['velero start', 'velero end'])
    expect(log?.ok && log.lines?.at(-1)).to.equal('velero: the end')
    expect(log?.ok && log.lines?.some(line => line.includes('command=/plugins/acme'))).to.equal(true)
    expect(log?.ok && log.lines?.length).to.be.below(200)
  })

  for (const call of ['deployment', 'pods', 'events'] as const)
    it(`notes that it could not ask for the ${call}, and goes on with what it has`, async () => {
      const error = new PreflightError('CLUSTER_FORBIDDEN', 'RBAC does not allow it.')
      const fact = await collect({
        deployment: veleroDeployment([acme]),
        pods: [veleroPod([acme])],
        errors: { [call]: error },
        logs: { velero: [discovered] },
      })
      expect(fact.calls.find(one => one.call === call)).to.include({ ok: false, code: 'CLUSTER_FORBIDDEN' })
      expect(fact.pods).to.have.length(call === 'events' ? 1 : 0)
    })

  it('notes of a log that could not be read why', async () => {
    const errors = { podLog: new PreflightError('CLUSTER_FORBIDDEN', 'RBAC does not allow it.') }
    const fact = await collect({ deployment: veleroDeployment([acme]), pods: [veleroPod([acme])], errors })
    expect(fact.pods[0]!.containers.at(-1)!.log).to.include({ ok: false, code: 'CLUSTER_FORBIDDEN' })
  })

  it('keeps events about this pod, its ReplicaSets and the Deployment, the latest last, and no secret', async () => {
    const event = (kind: string, name: string, message: string, lastTimestamp: string) => ({
      involvedObject: { kind, name },
      reason: 'Failed',
      type: 'Warning',
      message,
      lastTimestamp,
      count: 2,
    })
    const events = [
      event('Pod', 'velero-1', 'Failed to pull https://bob:planted@r.io/v2/', '2026-11-27T22:00:02Z'),
      event('ReplicaSet', 'velero-x', 'first', '2026-11-27T22:00:01Z'),
      event('Pod', 'other-1', 'not ours', '2026-11-27T22:00:03Z'),
    ]
    const fact = await collect({ deployment: veleroDeployment([acme]), pods: [veleroPod([acme])], events })
    expect(fact.events.map(({ about, message }) => [about, message])).to.deep.equal([
      ['ReplicaSet velero-x', 'first'],
      ['Pod velero-1', 'Failed to pull https://***@r.io/v2/'],
    ])
  })
})
