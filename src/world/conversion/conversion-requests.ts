import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ReviewAnswer } from '../../conversion/review.ts'
import { printable } from '../../redact.ts'
import type { ServerLimits } from './limits.ts'

export interface RequestContext {
  readonly limits: ServerLimits
  answer(body: Uint8Array): ReviewAnswer
  isReady(): boolean
  log(line: string): void
  trace(line: string): void
}

export type RequestHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/** An answer other than a review. */
interface Refusal {
  readonly status: number
  readonly text: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Conversions and probes. It never throws, whatever comes. */
export const createRequestHandler = (context: RequestContext): RequestHandler => {
  const { log, isReady } = context
  const held = { bytes: 0 }
  return async (request, response) => {
    // Whoever has gone away hears nothing; without a listener it would end the process.
    response.on('error', () => {})
    const path = request.url?.split('?')[0] ?? ''
    try {
      const probe = probeOf(path, isReady)
      if (probe !== undefined) return send(request, response, withMethod(request, ['GET', 'HEAD'], probe), isReady)
      if (path !== '/convert') return send(request, response, { status: 404, text: 'There is only /convert.' }, isReady)
      await convert(request, response, context, held)
    } catch (error) {
      log(`the request of ${from(request)} was not answered: ${error instanceof Error ? printable(error.message) : 'a defect'}`)
      if (response.headersSent) response.destroy()
      else send(request, response, { status: 500, text: 'A defect of this program.' }, isReady)
    }
  }
}

const probeOf = (path: string, isReady: () => boolean): Refusal | undefined => {
  if (path === '/healthz' || path === '/livez') return { status: 200, text: 'ok' }
  if (path !== '/readyz') return undefined
  return isReady() ? { status: 200, text: 'ok' } : { status: 503, text: 'It is ending.' }
}

const withMethod = ({ method = '' }: IncomingMessage, allowed: readonly string[], other: Refusal): Refusal =>
  allowed.includes(method) ? other : { status: 405, text: `It takes ${allowed.join(' or ')}.`, headers: { allow: allowed.join(', ') } }

const convert = async (request: IncomingMessage, response: ServerResponse, context: RequestContext, held: { bytes: number }) => {
  const { answer, isReady, log, trace } = context
  const startMs = performance.now()
  const refuse = (refusal: Refusal) => {
    log(`refused a request of ${from(request)}: ${refusal.status} ${refusal.text}`)
    send(request, response, refusal, isReady)
  }
  const unfit = unfitness(request, context.limits)
  if (unfit !== undefined) return refuse(unfit)
  const body = await readBody(request, response, context.limits, held)
  if (!Buffer.isBuffer(body)) return refuse(body)
  const answered = answer(body)
  if (!answered.answered) return refuse({ status: 400, text: answered.why })
  const { uid, desired, objects, failure, body: review } = answered
  const took = `${Math.round(performance.now() - startMs)} ms`
  if (failure === undefined) trace(`converted ${objects} objects to ${desired} for ${uid} in ${took}`)
  else log(`failed ${uid} to ${desired}: ${failure}`)
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': review.length, ...closing(isReady) })
  response.end(review)
}

/** What is wrong with a request before its body is read. */
const unfitness = (request: IncomingMessage, { bodyBytes }: ServerLimits): Refusal | undefined => {
  const { headers } = request
  if (request.method !== 'POST') return withMethod(request, ['POST'], { status: 500, text: '' })
  if (!/^application\/json *(?:;|$)/i.test(headers['content-type'] ?? ''))
    return { status: 415, text: 'The body of a request is application/json.' }
  if (headers['content-encoding'] !== undefined) return { status: 415, text: 'The body may not be compressed.' }
  return Number(headers['content-length']) > bodyBytes ? tooLarge(bodyBytes) : undefined
}

const tooLarge = (limitBytes: number): Refusal => ({ status: 413, text: `The body is larger than ${limitBytes >> 20} MiB.` })

/** client-go asks again where it is told after how many seconds (rest/with_retry.go), within the time that its own client gives it. */
const busy: Refusal = { status: 503, text: 'Too many requests are being answered.', headers: { 'retry-after': '1' } }

const readBody = async (
  request: IncomingMessage,
  response: ServerResponse,
  { bodyBytes, heldBytes }: ServerLimits,
  held: { bytes: number },
): Promise<Buffer | Refusal> => {
  let pieces: Buffer[] = []
  let [sizeBytes, heldHere, isBusy] = [0, 0, false]
  const release = () => {
    held.bytes -= heldHere
    heldHere = 0
  }
  // Until the answer, which is as long, is out.
  response.once('close', release)
  // To end the stream early would end the connection, and the answer with it.
  for await (const piece of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    sizeBytes += piece.length
    if (sizeBytes > bodyBytes) return tooLarge(bodyBytes)
    isBusy ||= held.bytes + piece.length > heldBytes
    if (isBusy) {
      // What still comes is let go, so that whoever sends it hears the answer.
      release()
      pieces = []
      continue
    }
    held.bytes += piece.length
    heldHere += piece.length
    pieces.push(piece)
  }
  return isBusy ? busy : Buffer.concat(pieces)
}

const closing = (isReady: () => boolean) => (isReady() ? {} : { connection: 'close' })

/** As plain text. A body that was not read to its end ends with the connection. */
const send = (request: IncomingMessage, response: ServerResponse, { status, text, headers }: Refusal, isReady: () => boolean): void => {
  const end = request.complete || request.method === 'GET' || request.method === 'HEAD' ? closing(isReady) : { connection: 'close' }
  const body = Buffer.from(`${text}\n`)
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', 'content-length': body.length, ...headers, ...end })
  response.end(body)
}

const from = ({ socket }: IncomingMessage): string => socket.remoteAddress ?? 'somebody'
