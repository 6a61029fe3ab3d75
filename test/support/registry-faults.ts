import type { ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { setTimeout as wait } from 'node:timers/promises'
import type { Answer } from './registry-auth.ts'

/** What a broken or hostile registry does instead of, or to, its right answer. */
export type Fault =
  /** A web page, as a proxy or a captive portal sends it. */
  | { readonly kind: 'html'; readonly status?: number }
  /** Any other answer. */
  | { readonly kind: 'answer'; readonly status: number; readonly headers?: Answer['headers']; readonly body?: string | Uint8Array }
  /** The right headers, and the connection closed after so many bytes of the body. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** The right headers, and silence after so many bytes of the body. */
  | { readonly kind: 'stall'; readonly afterBytes: number }
  /** Right status and length, one bit of the body turned. */
  | { readonly kind: 'corrupt' }
  /** The right status, and a body without end. */
  | { readonly kind: 'endless' }
  /** No answer at all. */
  | { readonly kind: 'hang' }
  /** The connection closed without an answer. */
  | { readonly kind: 'reset' }
  /** A redirect of who may pull to `to`; without it to the same URL: for ever. */
  | { readonly kind: 'redirect'; readonly to?: string; readonly status?: number }
  /** 401 with these challenges, or with none. */
  | { readonly kind: 'unauthorized'; readonly challenges?: readonly string[] }
  /** The right answer, later. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** The right answer with these headers over its own. */
  | { readonly kind: 'headers'; readonly headers: Answer['headers'] }

const page = '<!DOCTYPE html><html><head><title>Welcome</title></head><body>Please sign in.</body></html>'

/** The answer that `fault` makes out of the right one; those that concern the connection are made by {@link send}. */
export const spoil = (answer: Answer, fault: Fault | undefined, url: string): Answer => {
  switch (fault?.kind) {
    case 'html':
      return { status: fault.status ?? 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: Buffer.from(page) }
    case 'answer':
      return { status: fault.status, headers: fault.headers ?? {}, body: Buffer.from(fault.body ?? '') }
    case 'corrupt': {
      const body = Buffer.from(answer.body)
      if (body.length > 0) body[body.length >> 1]! ^= 1
      return { ...answer, body }
    }
    case 'redirect':
      if (answer.status === 401 || answer.status === 403) return answer
      return { status: fault.status ?? 307, headers: { location: fault.to ?? url }, body: Buffer.alloc(0) }
    case 'unauthorized':
      return { status: 401, headers: { 'www-authenticate': fault.challenges ?? [] }, body: Buffer.alloc(0) }
    case 'headers':
      return { ...answer, headers: { ...answer.headers, ...fault.headers } }
    default:
      return answer
  }
}

/** Writes the answer, with what `fault` does to the connection. */
export const send = async (response: ServerResponse, answer: Answer, fault: Fault | undefined, head: boolean): Promise<void> => {
  if (fault?.kind === 'hang') return
  if (fault?.kind === 'reset') {
    response.socket?.destroy()
    return
  }
  if (fault?.kind === 'slow') await wait(fault.delayMs)
  const headers = Object.entries(answer.headers).filter(([, value]) => value.length > 0)
  response.writeHead(answer.status, {
    ...(fault?.kind === 'endless' ? {} : { 'content-length': String(answer.body.length) }),
    ...Object.fromEntries(headers.map(([name, value]) => [name, typeof value === 'string' ? value : [...value]])),
  })
  if (head) response.end()
  else if (fault?.kind === 'endless') Readable.from(forever()).pipe(response)
  else if (fault?.kind === 'cut') response.write(answer.body.subarray(0, fault.afterBytes), () => response.socket?.destroy())
  else if (fault?.kind === 'stall') response.write(answer.body.subarray(0, fault.afterBytes))
  else response.end(answer.body)
}

function* forever(): Generator<Uint8Array> {
  for (;;) yield Buffer.alloc(64 << 10, ' ')
}
