import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import type { Clock } from '../../src/world/clock.ts'
import type { ClusterWrites } from '../../src/world/cluster-requests.ts'
import { serverStatus } from '../../src/world/server-status.ts'
import type { ClusterReader } from '../../src/world/world.ts'

/** Time passes when somebody waits. */
const clockOf = (): Clock => {
  let nowMs = 0
  return {
    now: () => nowMs,
    random: () => 0.5,
    sleep: async delayMs => {
      nowMs += delayMs
    },
  }
}

const processed = {
  metadata: {},
  status: { phase: 'Processed', serverVersion: 'v1.18.3', plugins: [{ name: 'velero.io/aws', kind: 'ObjectStore' }] },
}

const ask = async (answers: readonly (object | Error | undefined)[], errors: { readonly create?: Error; readonly remove?: Error } = {}) => {
  const done: string[] = []
  const left = [...answers]
  const write = (what: string, error: Error | undefined) => {
    done.push(what)
    if (error !== undefined) throw error
  }
  const writes: ClusterWrites = {
    create: async (call, object) => write(`${call.call} ${(object.metadata as { name: string }).name}`, errors.create),
    remove: async call => write(`${call.call} ${call.name}`, errors.remove),
  }
  const reader = {
    get: async () => {
      const answer = left.length > 1 ? left.shift() : left[0]
      if (answer instanceof Error) throw answer
      return answer
    },
  } as unknown as ClusterReader
  const fact = await serverStatus({ reader, writes, namespace: 'velero', clock: clockOf(), signal: new AbortController().signal })
  return { fact, done: done.map(one => one.replace(/preflight-\w+$/, 'preflight-X')) }
}

const both = ['createServerStatus velero-plugin-preflight-X', 'deleteServerStatus velero-plugin-preflight-X']

describe('a ServerStatusRequest', () => {
  it('is created, waited for and removed', async () => {
    const { fact, done } = await ask([undefined, { status: {} }, processed])
    expect(fact).to.deep.include({ ok: true, version: 'v1.18.3', plugins: [{ name: 'velero.io/aws', kind: 'ObjectStore' }] })
    expect(done).to.deep.equal(both)
  })

  for (const [what, answer, code] of [
    ['nobody answers', { status: { phase: 'New' } }, 'CLUSTER_TIMEOUT'],
    ['it may not be read', new PreflightError('CLUSTER_FORBIDDEN', 'no'), 'CLUSTER_FORBIDDEN'],
  ] as const)
    it(`is removed also when ${what}, which is told`, async () => {
      const { fact, done } = await ask([answer])
      expect(fact).to.include({ ok: false, code })
      expect(done).to.deep.equal(both)
    })

  it('is not waited for nor removed when it could not be created', async () => {
    const { fact, done } = await ask([processed], { create: new PreflightError('CLUSTER_FORBIDDEN', 'no') })
    expect(fact).to.include({ ok: false, code: 'CLUSTER_FORBIDDEN' })
    expect(done).to.have.length(1)
  })

  it('is told of when it is left behind, with how to remove it', async () => {
    const { fact } = await ask([processed], { remove: new PreflightError('CLUSTER_FORBIDDEN', 'no') })
    expect(fact.ok ? '' : `${fact.message} ${fact.hint}`).to.match(
      /could not be removed again.*kubectl -n velero delete serverstatusrequests\.velero\.io velero-plugin-preflight-/,
    )
  })
})
