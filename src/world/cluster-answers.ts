import { PreflightError } from '../errors.ts'
import { type Call, calls, callWords, resourceOf } from '../kubernetes/calls.ts'
import { isObject, type JsonObject, textAt } from '../kubernetes/objects.ts'
import { printable, redact } from '../redact.ts'

export interface ClusterAnswer {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: Uint8Array
}

const parse = ({ body }: ClusterAnswer): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(Buffer.from(body).toString('utf8'))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** An API server's own words on what went wrong (meta/v1 Status). */
const statusOf = (answer: ClusterAnswer): JsonObject | undefined => {
  const object = parse(answer)
  return textAt(object, 'kind') === 'Status' ? object : undefined
}

/** Of an object by name; a 404 of anything else than an API server says nothing. */
export const isNotFound = (answer: ClusterAnswer): boolean => answer.status === 404 && textAt(statusOf(answer), 'reason') === 'NotFound'

/**
 * Of a log: no such pod or container, or one that has written none yet. kubelet answers with 200 and a sentence of its own where
 * containerd has thrown the log of a container away.
 */
export const isNoLog = (answer: ClusterAnswer): boolean =>
  isNotFound(answer) ||
  (answer.status === 400 && textAt(statusOf(answer), 'reason') === 'BadRequest') ||
  (answer.status === 200 && /^unable to retrieve container logs for \S+$/.test(Buffer.from(answer.body.subarray(0, 300)).toString().trim()))

/** @throws PreflightError CLUSTER_… for every answer that is not an object */
export const objectOf = (answer: ClusterAnswer, call: Call, server: string): JsonObject => {
  requireOk(answer, call, server)
  const object = parse(answer)
  if (object === undefined || textAt(object, 'kind') === 'Status')
    throw noApiServer(call, server, 'its answer is not the JSON of an object')
  return object
}

/** @throws PreflightError CLUSTER_… */
export const requireOk = (answer: ClusterAnswer, call: Call, server: string): void => {
  if (answer.status !== 200) throw refusal(answer, call, server)
}

const refusal = (answer: ClusterAnswer, call: Call, server: string): PreflightError => {
  const { status } = answer
  const said = textAt(statusOf(answer), 'message')
  const words = said === undefined ? '' : ` It says: ${printable(redact(said), 300)}`
  const make = (code: ConstructorParameters<typeof PreflightError>[0], message: string, hint: string) =>
    new PreflightError(code, `The API server ${server} ${message} (${callWords(call)}).${words}`, { hint })
  switch (status) {
    case 401:
      return make('CLUSTER_UNAUTHORIZED', 'does not know the login of the kubeconfig', 'Log in again; see kubectl auth whoami.')
    case 403:
      return new PreflightError('CLUSTER_FORBIDDEN', `${forbiddenWords(call)}${words}`, {
        hint: 'velero-plugin-preflight rbac prints the roles that it needs.',
      })
    case 429:
      return make('CLUSTER_BUSY', 'answers that it has too many requests (429)', 'Run again later.')
    default:
      if (status >= 500)
        return make('CLUSTER_FAILED', `answers with the error ${status}`, 'See the log of the API server; run again later.')
      return noApiServer(call, server, `it answers ${status}${said === undefined ? '' : `: ${printable(redact(said), 300)}`}`)
  }
}

const forbiddenWords = (call: Call): string => {
  const { verb, group } = calls[call.call]
  const what = `${verb} ${resourceOf(call.call)}${group === '' ? '' : ` of the API group ${group}`}`
  const name = call.name === undefined ? '' : ` (${printable(call.name)})`
  const where = call.namespace === undefined ? 'in the cluster as a whole' : `in the namespace ${printable(call.namespace)}`
  return `RBAC does not allow to ${what}${name} ${where}.`
}

export const noApiServer = (call: Call, server: string, what: string): PreflightError =>
  new PreflightError('CLUSTER_PROTOCOL', `${server} does not answer as an API server does: ${what} (${callWords(call)}).`, {
    hint: 'Check the address in the kubeconfig, and proxies on the way.',
  })

export const tooMany = (call: Call, server: string, limit: number): PreflightError =>
  new PreflightError('CLUSTER_TOO_LARGE', `The API server ${server} has more than ${limit} objects (${callWords(call)}).`, {
    hint: 'No cluster that this program is made for has so many.',
  })
