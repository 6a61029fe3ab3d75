import { expect } from 'chai'
import { Agent } from 'undici'
import { PreflightError } from '../../src/errors.ts'
import type { Clock } from '../../src/world/clock.ts'
import { type ClusterLimits, clusterLimits } from '../../src/world/cluster-exchange.ts'
import { createClusterRequests } from '../../src/world/cluster-requests.ts'
import { type ApiServer, nodeObject, secretObject, startApiServer } from '../support/api-server.ts'

const secrets = 'api/v1/namespaces/velero/secrets'
const nodes = 'api/v1/nodes'
const log = 'api/v1/namespaces/velero/pods/velero-1/log'
const logCall = { call: 'podLog', namespace: 'velero', name: 'velero-1', container: 'velero' } as const
const secret = { call: 'pullSecret', namespace: 'velero', name: 'regcred' } as const

/** Waits nothing, and notes for how long it was to wait. */
const noWaits = (): Clock & { readonly waits: number[] } => {
  const waits: number[] = []
  return {
    waits,
    now: () => Date.now(),
    random: () => 1,
    sleep: async delayMs => {
      waits.push(delayMs)
    },
  }
}

const failure = async (promise: Promise<unknown>): Promise<PreflightError> => {
  const thrown: unknown = await promise.then(
    value => new Error(`no error but ${JSON.stringify(value)}`),
    error => error,
  )
  if (thrown instanceof PreflightError) return thrown
  throw thrown
}

describe('what is asked of an API server', () => {
  let server: ApiServer
  let dispatcher: Agent
  let clock: ReturnType<typeof noWaits>
  beforeEach(async () => {
    server = await startApiServer()
    dispatcher = new Agent()
    clock = noWaits()
    server.put({ [secrets]: [secretObject('regcred', 'r.io', 'bob:pw')], [nodes]: [nodeObject('a'), nodeObject('b', 'linux/arm64')] })
  })
  afterEach(async () => {
    await dispatcher.destroy()
    await server.close()
  })

  const requests = (limits: Partial<ClusterLimits> = {}, signal: AbortSignal = new AbortController().signal) =>
    createClusterRequests({
      connection: { server: server.url, headers: { authorization: 'Bearer planted-token' }, dispatcher },
      limits: { ...clusterLimits, ...limits },
      clock,
      signal,
    })

  it('is an object by its name, with the login', async () => {
    expect((await requests().get(secret))?.type).to.equal('kubernetes.io/dockerconfigjson')
    expect(server.asked).to.deep.equal([`${secrets}/regcred`])
    expect(server.headers[0]?.authorization).to.equal('Bearer planted-token')
  })

  it('is not there when the API server says so', async () => {
    expect(await requests().get({ ...secret, name: 'none' })).to.equal(undefined)
  })

  it('is not taken for absent when something else says 404', async () => {
    server.fault(secrets, { kind: 'answer', status: 404, body: '404 page not found' })
    expect((await failure(requests().get(secret))).code).to.equal('CLUSTER_PROTOCOL')
  })

  it('is not taken for what was asked when it has another name', async () => {
    server.fault(secrets, { kind: 'answer', status: 200, body: JSON.stringify(secretObject('other', 'r.io', 'x:y')) })
    expect((await failure(requests().get(secret))).code).to.equal('CLUSTER_PROTOCOL')
  })

  it('is a log, from its start and no more than was asked for', async () => {
    server.fault(log, { kind: 'answer', status: 200, body: 'one\ntwo\nthree\n' })
    expect(await requests().log(logCall, { from: 'start', limitBytes: 8 })).to.deep.equal({ text: 'one\ntwo\n', cut: true })
    expect(server.asked).to.deep.equal([`${log}?container=velero&limitBytes=8`])
  })

  it('is the end of a log of the container before', async () => {
    server.fault(log, { kind: 'answer', status: 200, body: 'one\ntwo\n' })
    const previous = { ...logCall, previous: true }
    expect(await requests().log(previous, { from: 'end', limitBytes: 100 })).to.deep.equal({ text: 'one\ntwo\n', cut: false })
    expect(server.asked).to.deep.equal([`${log}?container=velero&previous=true&tailLines=200&limitBytes=100`])
  })

  for (const [what, status, body] of [
    ['the pod is gone', 404, { kind: 'Status', reason: 'NotFound' }],
    ['the container waits', 400, { kind: 'Status', reason: 'BadRequest', message: 'container "velero" is waiting to start' }],
    ['containerd has thrown it away', 200, 'unable to retrieve container logs for containerd://0123abcd'],
  ] as const)
    it(`is no log when ${what}`, async () => {
      server.fault(log, { kind: 'answer', status, body: typeof body === 'string' ? body : JSON.stringify(body) })
      expect(await requests().log(logCall, { from: 'end', limitBytes: 100 })).to.equal(undefined)
    })

  it('is no log that RBAC forbids, and says so', async () => {
    server.forbid(log)
    const error = await failure(requests().log(logCall, { from: 'end', limitBytes: 100 }))
    expect(error.code).to.equal('CLUSTER_FORBIDDEN')
    expect(error.message).to.contain('get pods/log (velero-1) in the namespace velero')
  })

  it('is created and removed where that was asked for, and one that is there, or gone, is no error', async () => {
    const call = { call: 'createServerStatus', namespace: 'velero' } as const
    const path = 'apis/velero.io/v1/namespaces/velero/serverstatusrequests'
    const { writes } = requests()
    server.write({ status: 201 }, { status: 409 }, { status: 200 }, { status: 404, reason: 'NotFound' })
    await writes.create(call, { metadata: { name: 'x' } })
    await writes.create(call, { metadata: { name: 'x' } })
    await writes.remove({ call: 'deleteServerStatus', namespace: 'velero', name: 'x' })
    await writes.remove({ call: 'deleteServerStatus', namespace: 'velero', name: 'x' })
    expect(server.written).to.deep.equal([
      ['POST', path, '{"metadata":{"name":"x"}}'],
      ['POST', path, '{"metadata":{"name":"x"}}'],
      ['DELETE', `${path}/x`, ''],
      ['DELETE', `${path}/x`, ''],
    ])
  })

  it('is not created where RBAC forbids it, and says so', async () => {
    server.write({ status: 403, reason: 'Forbidden' })
    const error = await failure(requests().writes.create({ call: 'createServerStatus', namespace: 'velero' }, {}))
    expect(error.code).to.equal('CLUSTER_FORBIDDEN')
    expect(error.message).to.contain('create serverstatusrequests of the API group velero.io in the namespace velero')
  })

  it('comes in pages of a size that is bounded, until there are no more', async () => {
    server.put({ [nodes]: Array.from({ length: 25 }, (_, index) => nodeObject(`n${index}`)) })
    expect(await requests({ pageItems: 10 }).list({ call: 'nodes' })).to.have.length(25)
    expect(server.asked).to.deep.equal([`${nodes}?limit=10`, `${nodes}?limit=10&continue=10`, `${nodes}?limit=10&continue=20`])
  })

  it('is a list of a kind that the cluster does not know: none', async () => {
    expect(await requests().list({ call: 'installations' })).to.equal(undefined)
    server.fault(nodes, { kind: 'answer', status: 404, body: '404 page not found' })
    expect((await failure(requests().list({ call: 'nodes' }))).code).to.equal('CLUSTER_PROTOCOL')
  })

  it('is listed from the start once more when the server has forgotten the place', async () => {
    server.put({ [nodes]: Array.from({ length: 15 }, (_, index) => nodeObject(`n${index}`)) })
    server.fault(nodes, undefined, { kind: 'answer', status: 410 }, undefined)
    expect(await requests({ pageItems: 10 }).list({ call: 'nodes' })).to.have.length(15)
    server.fault(nodes, { kind: 'answer', status: 410, body: '{"kind":"Status","message":"expired"}' })
    expect((await failure(requests().list({ call: 'nodes' }))).code).to.equal('CLUSTER_PROTOCOL')
  })

  it('is no more than a number of objects, nor the same page for ever', async () => {
    server.put({ [nodes]: Array.from({ length: 30 }, (_, index) => nodeObject(`n${index}`)) })
    expect((await failure(requests({ pageItems: 10, listItems: 20 }).list({ call: 'nodes' }))).code).to.equal('CLUSTER_TOO_LARGE')
    server.fault(nodes, { kind: 'answer', status: 200, body: JSON.stringify({ kind: 'NodeList', metadata: { continue: 'x' }, items: [] }) })
    expect((await failure(requests().list({ call: 'nodes' }))).code).to.equal('CLUSTER_PROTOCOL')
  })

  for (const [name, fault, code] of [
    ['401', { kind: 'answer', status: 401 }, 'CLUSTER_UNAUTHORIZED'],
    ['403', { kind: 'answer', status: 403 }, 'CLUSTER_FORBIDDEN'],
    ['a web page', { kind: 'html' }, 'CLUSTER_PROTOCOL'],
    ['a redirect', { kind: 'redirect', to: 'http://127.0.0.1:1/' }, 'CLUSTER_PROTOCOL'],
    ['a body without end', { kind: 'endless' }, 'CLUSTER_TOO_LARGE'],
    ['a body that is cut every time', { kind: 'cut', afterBytes: 20 }, 'CLUSTER_UNREACHABLE'],
    ['a connection that is closed every time', { kind: 'reset' }, 'CLUSTER_UNREACHABLE'],
    ['no answer', { kind: 'hang' }, 'CLUSTER_TIMEOUT'],
    ['an answer that stops in the middle', { kind: 'stall', afterBytes: 20 }, 'CLUSTER_TIMEOUT'],
    ['429 for ever', { kind: 'answer', status: 429, headers: { 'retry-after': '1' } }, 'CLUSTER_BUSY'],
    ['503 for ever', { kind: 'answer', status: 503 }, 'CLUSTER_FAILED'],
    ['JSON that is no object', { kind: 'answer', status: 200, body: '[1]' }, 'CLUSTER_PROTOCOL'],
  ] as const)
    it(`that brings ${name} is ${code}`, async () => {
      server.fault(secrets, fault)
      server.fault(nodes, fault)
      const error = await failure(requests({ requestTimeoutMs: 300, bodyBytes: 1 << 20 }).get(secret))
      expect(error.code, error.message).to.equal(code)
      expect(error.message).to.contain(
        code === 'CLUSTER_FORBIDDEN' ? 'get secrets (regcred) in the namespace velero' : 'get secrets velero/regcred',
      )
      expect((await failure(requests({ requestTimeoutMs: 300, bodyBytes: 1 << 20 }).list({ call: 'nodes' }))).code).to.equal(code)
    })

  it('is asked again after 429 when the server said, and after a connection that broke', async () => {
    server.fault(secrets, { kind: 'answer', status: 429, headers: { 'retry-after': '7' } }, { kind: 'cut', afterBytes: 9 }, undefined)
    expect(await requests().get(secret)).to.not.equal(undefined)
    expect(clock.waits).to.deep.equal([7000, 1000])
  })

  it('is not asked again when the server wants a longer wait than anybody has', async () => {
    server.fault(secrets, { kind: 'answer', status: 429, headers: { 'retry-after': '600' } })
    expect((await failure(requests().get(secret))).code).to.equal('CLUSTER_BUSY')
    expect(server.asked).to.have.length(1)
  })

  it('waits for a server that was there and is starting again, and for none that never was', async () => {
    const started = requests({ retry: { tries: 40 } })
    await started.get(secret)
    await server.restart(100)
    const real: Clock = { ...clock, sleep: () => new Promise(resolve => setTimeout(resolve, 10)) }
    Object.assign(clock, { sleep: real.sleep })
    expect(await started.get(secret)).to.not.equal(undefined)
    const other = createClusterRequests({
      connection: { server: 'http://127.0.0.1:1', headers: {}, dispatcher },
      limits: clusterLimits,
      clock: noWaits(),
      signal: new AbortController().signal,
    })
    expect((await failure(other.get(secret))).message).to.contain('the connection was refused')
  })

  it('ends at once when the run is stopped, with the reason of that', async () => {
    const controller = new AbortController()
    server.fault(secrets, { kind: 'hang' })
    const asked = failure(requests({}, controller.signal).get(secret))
    setTimeout(() => controller.abort(new PreflightError('TIMED_OUT', 'over')), 50)
    expect((await asked).code).to.equal('TIMED_OUT')
  })

  it('shows nothing secret that a server says', async () => {
    server.fault(secrets, {
      kind: 'answer',
      status: 403,
      body: JSON.stringify({ kind: 'Status', message: 'no: Bearer planted-token \u001b[2J' }),
    })
    const { message } = await failure(requests().get(secret))
    expect(message).to.not.contain('planted-token').and.to.not.contain('\u001b')
  })
})
