import { PreflightError } from '../errors.ts'
import { failure } from '../facts/fact.ts'
import type { ServerStatusFact } from '../facts/velero.ts'
import { isObject, listAt, textAt } from '../kubernetes/objects.ts'
import { printable } from '../redact.ts'
import type { Clock } from './clock.ts'
import type { ClusterWrites } from './cluster-requests.ts'
import type { ClusterReader } from './world.ts'

export interface ServerStatusOptions {
  readonly reader: ClusterReader
  readonly writes: ClusterWrites
  readonly namespace: string
  readonly clock: Clock
  readonly signal: AbortSignal
}

const pollMs = 500
/** Velero's own command waits for 5 s (velero 1.18 pkg/cmd/cli/serverstatus); a server that is busy may take longer. */
const waitMs = 20_000
const maxPlugins = 1000

/**
 * Asks Velero's server which plugins it has: creates a ServerStatusRequest, waits for its answer, and removes it whatever becomes
 * of that. Nothing is thrown.
 *
 * @see https://velero.io/docs/v1.18/api-types/
 */
export const serverStatus = async ({ reader, writes, namespace, clock, signal }: ServerStatusOptions): Promise<ServerStatusFact> => {
  const name = `velero-plugin-preflight-${Math.floor(clock.random() * 36 ** 8).toString(36)}`
  const object = { apiVersion: 'velero.io/v1', kind: 'ServerStatusRequest', metadata: { name, namespace }, spec: {} }
  try {
    await writes.create({ call: 'createServerStatus', namespace }, object)
  } catch (error) {
    return failure(error)
  }
  const answer = await waitFor({ reader, namespace, clock, signal }, name).catch(failure)
  try {
    await writes.remove({ call: 'deleteServerStatus', namespace, name })
  } catch (error) {
    const { code, message } = failure(error)
    return {
      ok: false,
      code,
      message: `The ServerStatusRequest ${namespace}/${name}, which was created, could not be removed again. ${message}`,
      hint: `Remove it: kubectl -n ${namespace} delete serverstatusrequests.velero.io ${name}`,
    }
  }
  return answer
}

const waitFor = async (
  { reader, namespace, clock, signal }: Omit<ServerStatusOptions, 'writes'>,
  name: string,
): Promise<ServerStatusFact> => {
  const untilMs = clock.now() + waitMs
  do {
    const found = await reader.get({ call: 'serverStatus', namespace, name })
    if (textAt(found, 'status', 'phase') === 'Processed')
      return {
        ok: true,
        request: name,
        version: printable(textAt(found, 'status', 'serverVersion') ?? '', 60),
        plugins: listAt(found, 'status', 'plugins')
          .filter(isObject)
          .slice(0, maxPlugins)
          .map(plugin => ({ name: printable(textAt(plugin, 'name') ?? ''), kind: printable(textAt(plugin, 'kind') ?? '', 60) })),
      }
    await clock.sleep(pollMs, signal)
  } while (clock.now() < untilMs)
  throw new PreflightError(
    'CLUSTER_TIMEOUT',
    `Velero has not answered the ServerStatusRequest ${namespace}/${name} within ${waitMs / 1000} s.`,
    {
      hint: 'Its server does not run, or is at something else; what its log says is told beside.',
    },
  )
}
