import { PreflightError } from '../errors.ts'
import { collectionPath, objectPath, objectWords, resourceOfKind } from '../kubernetes/object-path.ts'
import type { KubernetesObject } from '../kubernetes/objects.ts'
import { printable, redact } from '../redact.ts'
import { type ClusterAnswer, isNotFound } from './cluster-answers.ts'
import type { ClusterExchange } from './cluster-exchange.ts'

export interface ClusterWriter {
  /** Names are new, so that one that is there already is taken for the one that was sent. @throws PreflightError CLUSTER_… */
  create(object: KubernetesObject): Promise<void>
  /** One that is not there is gone. @throws PreflightError CLUSTER_… */
  remove(object: KubernetesObject): Promise<void>
  exists(object: KubernetesObject): Promise<boolean>
}

/** Creates and removes objects, and is only ever made where a flag says so (`--nodes`). */
export const createClusterWriter = ({ server, ask }: ClusterExchange): ClusterWriter => ({
  async create(object) {
    const answer = await ask({ path: collectionPath(object), what: `create ${objectWords(object)}`, method: 'POST', sent: object })
    if (!isDone(answer) && answer.status !== 409) throw refusal(answer, 'create', object, server)
  },
  async remove(object) {
    const sent = { propagationPolicy: 'Background' }
    const answer = await ask({ path: objectPath(object), what: `delete ${objectWords(object)}`, method: 'DELETE', sent })
    if (!isDone(answer) && !isNotFound(answer)) throw refusal(answer, 'delete', object, server)
  },
  exists: async object => !isNotFound(await ask({ path: objectPath(object), what: `get ${objectWords(object)}` })),
})

const isDone = ({ status }: ClusterAnswer): boolean => status >= 200 && status < 300

const refusal = ({ status, body }: ClusterAnswer, verb: string, object: KubernetesObject, server: string): PreflightError => {
  const said = printable(redact(messageOf(Buffer.from(body).toString())), 300)
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
  return new PreflightError('CLUSTER_FAILED', `The API server ${server} did not ${verb} ${objectWords(object)}: ${status} ${said}.`, {
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
