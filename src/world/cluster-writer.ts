import { PreflightError } from '../errors.ts'
import { collectionPath, objectPath, objectWords, resourceOfKind } from '../kubernetes/object-path.ts'
import type { KubernetesObject } from '../kubernetes/objects.ts'
import { printable, redact } from '../redact.ts'
import { version } from '../version.ts'
import { clusterError } from './cluster-errors.ts'
import type { ClusterConnection } from './cluster-requests.ts'
import { loadUndici } from './undici.ts'

const maxAnswerBytes = 4 << 20
const requestTimeoutMs = 30_000

export interface ClusterWriter {
  /** @throws PreflightError CLUSTER_… */
  create(object: KubernetesObject): Promise<void>
  /** One that is not there is gone. @throws PreflightError CLUSTER_… */
  remove(object: KubernetesObject): Promise<void>
  exists(object: KubernetesObject): Promise<boolean>
}

/** Creates and removes objects, and is only ever made where a flag says so (`--nodes`). */
export const createClusterWriter = (connection: ClusterConnection, trace?: (line: string) => void): ClusterWriter => {
  const server = new URL(connection.server).origin

  const ask = async (method: 'POST' | 'DELETE' | 'GET', path: string, words: string, body?: object) => {
    const { request } = await loadUndici()
    try {
      const answer = await request(`${connection.server}${path}`, {
        method,
        headers: {
          'user-agent': `velero-plugin-preflight/${version}`,
          accept: 'application/json',
          'content-type': 'application/json',
          ...connection.headers,
        },
        ...(body && { body: JSON.stringify(body) }),
        dispatcher: connection.dispatcher,
        signal: AbortSignal.timeout(requestTimeoutMs),
      })
      const pieces: Buffer[] = []
      let sizeBytes = 0
      for await (const piece of answer.body as AsyncIterable<Buffer>) {
        sizeBytes += piece.length
        if (sizeBytes > maxAnswerBytes) break
        pieces.push(piece)
      }
      trace?.(`${method} ${server}${path}: ${answer.statusCode}`)
      return { status: answer.statusCode, text: Buffer.concat(pieces).toString() }
    } catch (cause) {
      throw clusterError(cause, { server, what: words })
    }
  }

  return {
    async create(object) {
      const words = `create ${objectWords(object)}`
      const { status, text } = await ask('POST', collectionPath(object), words, object)
      if (status >= 200 && status < 300) return
      throw refusal(status, text, 'create', object, server)
    },
    async remove(object) {
      const words = `delete ${objectWords(object)}`
      const { status, text } = await ask('DELETE', objectPath(object), words, { propagationPolicy: 'Background' })
      if ((status >= 200 && status < 300) || status === 404) return
      throw refusal(status, text, 'delete', object, server)
    },
    async exists(object) {
      const { status } = await ask('GET', objectPath(object), `get ${objectWords(object)}`)
      return status !== 404
    },
  }
}

const refusal = (status: number, text: string, verb: string, object: KubernetesObject, server: string): PreflightError => {
  const said = printable(redact(messageOf(text)), 300)
  const { namespace } = object.metadata
  const where = namespace === undefined ? 'in the cluster as a whole' : `in the namespace ${namespace}`
  if (status === 403)
    return new PreflightError(
      'CLUSTER_FORBIDDEN',
      `Not allowed to ${verb} ${resourceOfKind(object)} ${where}. The API server says: ${said}`,
      {
        hint: 'Checking from the nodes takes the rights of a cluster administrator; velero-plugin-preflight template daemonset prints what would be created.',
      },
    )
  return new PreflightError('CLUSTER_FAILED', `The API server ${server} did not ${verb} ${objectWords(object)}: ${status} ${said}`, {
    hint: 'See the log of the API server.',
  })
}

const messageOf = (text: string): string => {
  try {
    const value = JSON.parse(text) as { message?: unknown }
    return typeof value.message === 'string' ? value.message : text
  } catch {
    return text
  }
}
