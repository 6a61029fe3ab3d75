import { type Call, calls, callWords, type LogCall, pathOf } from '../kubernetes/calls.ts'
import { type JsonObject, listAt, textAt } from '../kubernetes/objects.ts'
import { isNoLog, isNotFound, noApiServer, objectOf, requireOk, tooMany } from './cluster-answers.ts'
import { type ClusterExchangeOptions, createClusterExchange, type Method } from './cluster-exchange.ts'
import type { ClusterReader, LogPart } from './world.ts'

/** What changes a cluster: only what a flag asks for. */
export interface ClusterWrites {
  /** Of a fixed name, so that it can be sent again; one that is there already is taken for the one that was sent. @throws PreflightError CLUSTER_… */
  create(call: Call, object: JsonObject): Promise<void>
  /** What is gone already is gone. @throws PreflightError CLUSTER_… */
  remove(call: Call): Promise<void>
}

/** To the one who is only to read, `writes` is not given. */
export const createClusterRequests = (options: ClusterExchangeOptions): ClusterReader & { readonly writes: ClusterWrites } => {
  const { limits } = options
  const { server, ask: send } = createClusterExchange(options)
  const ask = (call: Call, query: Readonly<Record<string, string>> = {}, method: Method = 'GET', sent?: JsonObject) =>
    send({ path: pathOf(call), what: callWords(call), query, method, sent })

  /** One page after the other; from the start again, once, when the server has forgotten the place (410). */
  const pages = async (call: Call, restarts: number): Promise<readonly unknown[] | undefined> => {
    const items: unknown[] = []
    let place = ''
    do {
      const answer = await ask(call, { limit: String(limits.pageItems), ...(place === '' ? {} : { continue: place }) })
      if (answer.status === 410 && restarts > 0) return pages(call, restarts - 1)
      // Nodes every API server knows.
      if (answer.status === 404 && place === '' && calls[call.call].group !== '') return undefined
      const page = objectOf(answer, call, server)
      items.push(...listAt(page, 'items'))
      if (items.length > limits.listItems) throw tooMany(call, server, limits.listItems)
      const next = textAt(page, 'metadata', 'continue') ?? ''
      if (next !== '' && next === place) throw noApiServer(call, server, 'it gives the same page again and again')
      place = next
    } while (place !== '')
    return items
  }

  return {
    writes: {
      async create(call, object) {
        const answer = await ask(call, {}, 'POST', object)
        if (answer.status !== 201 && answer.status !== 409) requireOk(answer, call, server)
      },
      async remove(call) {
        const answer = await ask(call, {}, 'DELETE')
        if (answer.status !== 202 && !isNotFound(answer)) requireOk(answer, call, server)
      },
    },
    list: call => pages(call, 1),
    async get(call) {
      const answer = await ask(call)
      if (isNotFound(answer)) return undefined
      const object = objectOf(answer, call, server)
      const name = textAt(object, 'metadata', 'name')
      // What it says of another object must not be taken for what was asked.
      if (name !== call.name) throw noApiServer(call, server, `it gives ${name === undefined ? 'no object' : 'another object'}`)
      return object
    },
    async log(call, part) {
      const answer = await ask(call, logQuery(call, part))
      if (isNoLog(answer)) return undefined
      requireOk(answer, call, server)
      const bytes = Buffer.from(answer.body)
      const { from, limitBytes } = part
      const kept = from === 'start' ? bytes.subarray(0, limitBytes) : bytes.subarray(Math.max(0, bytes.length - limitBytes))
      return { text: kept.toString('utf8'), cut: bytes.length >= limitBytes || (from === 'end' && linesOf(bytes) >= tailLines) }
    },
  }
}

/** An API server that is asked for the last lines and so many bytes gives the first bytes of these lines: few lines are asked for. */
const tailLines = 200

const logQuery = ({ container, previous }: LogCall, { from, limitBytes }: LogPart): Readonly<Record<string, string>> => ({
  container,
  ...(previous === true ? { previous: 'true' } : {}),
  ...(from === 'end' ? { tailLines: String(tailLines) } : {}),
  limitBytes: String(limitBytes),
})

const linesOf = (bytes: Uint8Array): number => bytes.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 0)
