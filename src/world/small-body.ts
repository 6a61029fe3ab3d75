import { PreflightError } from '../errors.ts'
import type { Clock } from './clock.ts'
import { decodedBody, isEncoded } from './content-encoding.ts'
import type { HttpResponse } from './http.ts'

/** An answer with its whole body in memory. */
export interface SmallResponse {
  readonly status: number
  readonly proxy?: string | undefined
  readonly bytes: Uint8Array
  values(name: string): readonly string[]
  header(name: string): string | undefined
}

export interface SmallBodyLimits {
  readonly limitBytes: number
  /** For the whole of it: a server that sends a byte now and then must not hold a run up. */
  readonly timeoutMs: number
  /** Host and thing, for messages. */
  readonly host: string
  readonly what: string
}

/** Of an error's body, more is of no use (go-containerregistry's limit). */
const maxErrorBytes = 64 << 10

/**
 * The whole body of a success; of another status so much as there is room for, however it ends.
 *
 * @throws PreflightError BODY_TOO_LARGE, BODY_TRUNCATED, REGISTRY_TIMEOUT
 */
export const readSmall = async (response: HttpResponse, limits: SmallBodyLimits, clock: Clock): Promise<SmallResponse> => {
  const { status, proxy, values, header } = response
  const success = status >= 200 && status < 300
  const read = () => readUpTo(response, { ...limits, limitBytes: success ? limits.limitBytes : maxErrorBytes }, !success, clock)
  const bytes = success ? await read() : await read().catch(() => new Uint8Array())
  return { status, proxy, bytes, values, header }
}

const readUpTo = async (response: HttpResponse, limits: SmallBodyLimits, cutOff: boolean, clock: Clock): Promise<Uint8Array> => {
  const { limitBytes, timeoutMs, host, what } = limits
  const tooLarge = () =>
    new PreflightError('BODY_TOO_LARGE', `${host} sent more than ${limitBytes} bytes for ${what}, more than any client takes.`, {
      hint: 'Check that the reference is that of an image.',
    })
  const endMs = clock.now() + timeoutMs
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  if (!cutOff && !isEncoded(response) && Number(response.header('content-length')) > limitBytes) {
    await response.discard()
    throw tooLarge()
  }
  for await (const chunk of decodedBody(response, host)) {
    sizeBytes += chunk.length
    if (sizeBytes > limitBytes) {
      if (cutOff) break
      throw tooLarge()
    }
    if (clock.now() > endMs)
      throw new PreflightError('REGISTRY_TIMEOUT', `${host} took more than ${timeoutMs / 1000} s to send ${what}.`, {
        hint: 'Try again; check the proxies on the way.',
      })
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
