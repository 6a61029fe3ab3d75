import { type ErrorCode, PreflightError } from '../errors.ts'
import type { PassedOver } from '../facts/image.ts'
import { printable } from '../redact.ts'
import { speaksNoTls } from './http-errors.ts'
import type { Endpoint } from './registry-endpoints.ts'

/** The endpoint that is taken for its answer, and those before it that were not. */
export interface Turn<T> {
  readonly endpoint: Endpoint
  readonly answer: T
  readonly passedOver: readonly PassedOver[]
}

/** With which containerd asks the next host. What was wrong with a body is not among them: that ends a pull. */
const goesOn: ReadonlySet<ErrorCode> = new Set([
  'REGISTRY_NAME_UNRESOLVED',
  'REGISTRY_UNREACHABLE',
  'REGISTRY_TIMEOUT',
  'REGISTRY_TLS',
  'REGISTRY_UNAUTHORIZED',
  'REGISTRY_DENIED',
  'REGISTRY_RATE_LIMITED',
  'REGISTRY_FAILED',
  'REGISTRY_REALM',
  'REGISTRY_REDIRECT',
  'REGISTRY_PROTOCOL',
])

/**
 * Asks one host after the other, as containerd does: on after no connection and every status from 400. The answer of the
 * last is for the caller to judge, whatever it is.
 *
 * @param ask `last`: nobody is asked after this one, so that further tries are worth their time
 * @see https://github.com/containerd/containerd/blob/v2.4.2/core/remotes/docker/resolver.go (Resolve)
 */
export const inTurn = async <T extends { readonly status: number }>(
  endpoints: readonly Endpoint[],
  ask: (endpoint: Endpoint, last: boolean) => Promise<T>,
): Promise<Turn<T>> => {
  const passedOver: PassedOver[] = []
  let noTls = false
  for (const [index, endpoint] of endpoints.entries()) {
    if (endpoint.instead && !noTls) continue
    if (endpoint.instead) endpoint.taken?.()
    const rest = endpoints.slice(index + 1)
    const last = rest.every(({ instead }) => instead)
    try {
      if (endpoint.fault !== undefined) throw endpoint.fault
      const answer = await ask(endpoint, last)
      if (answer.status < 400 || last) return { endpoint, answer, passedOver }
      passedOver.push({ host: endpoint.host, status: answer.status, message: `it answered with status ${answer.status}` })
    } catch (error) {
      noTls = rest[0]?.instead === true && speaksNoTls(error, endpoint.root)
      if (noTls) continue
      if (!(error instanceof PreflightError)) throw error
      if (last || !goesOn.has(error.code)) throw afterOthers(error, passedOver)
      passedOver.push({ host: endpoint.host, message: error.message })
    }
  }
  throw new PreflightError('INTERNAL', 'No host was there to ask.')
}

/** An error with what those said who were asked before. */
export const afterOthers = (error: PreflightError, passedOver: readonly PassedOver[]): PreflightError => {
  if (passedOver.length === 0) return error
  const others = passedOver.map(({ host, message }) => `${printable(host)} (${printable(message, 300)})`).join('; ')
  return new PreflightError(error.code, `${error.message} Before it, a node asks without success: ${others}.`, {
    hint: error.hint,
    cause: error.cause,
  })
}
