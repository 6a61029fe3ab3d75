import { digester } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { ImageReference } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import { asWhom, kindOf, mediaTypeOf, type Question, unexpected, wordsOf } from './answers.ts'
import { decodedBody, isEncoded } from './content-encoding.ts'
import type { HttpResponse } from './http.ts'
import { loginAt, type RegistryContext, requestAt } from './registry-context.ts'
import type { Endpoint } from './registry-endpoints.ts'
import { afterOthers, inTurn } from './registry-turns.ts'
import type { SmallResponse } from './small-body.ts'
import type { Credential } from './world.ts'

/** A download that breaks off is taken up again that often; after the first time only when that brought it further. */
const maxResumes = 5

/** @see RegistryClient.blob */
export async function* fetchBlob(
  context: RegistryContext,
  image: ImageReference,
  descriptor: Descriptor,
  as: Credential | undefined,
): AsyncGenerator<Uint8Array> {
  const { digest, sizeBytes } = descriptor
  const what = `the blob ${digest} of ${printable(image.domain || image.host)}/${printable(image.path)}`
  const { hash, matches } = digester(digest)
  let endpoints = await context.hosts.endpoints(image, 'fetch', what)
  let received = 0
  let host = image.host

  for (let resumes = 0; ; ) {
    const before = received
    const { response, endpoint } = await open(context, endpoints, image, descriptor, received, what, as)
    // Who began goes on: what comes from two hosts would be nobody's fault.
    endpoints = [{ ...endpoint, instead: false }]
    host = endpoint.host
    const question: Question = { host, what, as }
    try {
      // A server without ranges sends everything again.
      let skip = response.status === 206 ? 0 : received
      for await (const chunk of decodedBody(response, host)) {
        const fresh = chunk.subarray(skip)
        skip -= chunk.length - fresh.length
        if (fresh.length === 0) continue
        received += fresh.length
        if (received > sizeBytes) throw wrongSize(question, `more than the ${sizeBytes} bytes`)
        hash.update(fresh)
        yield fresh
      }
      if (received < sizeBytes) throw cutShort(question, received, sizeBytes)
      break
    } catch (error) {
      const again =
        error instanceof PreflightError && error.code === 'BODY_TRUNCATED' && (received > before || resumes === 0) && resumes < maxResumes
      if (!again) throw error
      resumes++
      await context.pause(resumes)
    }
  }
  if (!matches())
    throw new PreflightError('DIGEST_MISMATCH', `${host} sent other bytes for ${what}: their digest is another.`, {
      hint: 'The registry, or a proxy before it, is damaged or lies: push the image again, and look into its storage.',
    })
}

/** @see RegistryClient.hasBlob */
export const hasBlob = async (
  context: RegistryContext,
  image: ImageReference,
  { digest, sizeBytes }: Descriptor,
  as: Credential | undefined,
): Promise<boolean> => {
  const what = `whether there is the blob ${digest} of ${printable(image.domain || image.host)}/${printable(image.path)}`
  try {
    const endpoints = await context.hosts.endpoints(image, 'fetch', what)
    const { answer } = await inTurn(endpoints, (endpoint, again) =>
      context.exchange.small({ ...requestAt(endpoint, image, `blobs/${digest}`, what, as), method: 'HEAD', headers: {}, again }, sizeBytes),
    )
    return answer.status === 200 && Number(answer.header('content-length')) === sizeBytes
  } catch (error) {
    if (error instanceof PreflightError) return false
    throw error
  }
}

/** The blob from `offset` on, or all of it where the server knows no ranges, from the first host that has it. */
const open = async (
  { exchange, nowMs }: RegistryContext,
  endpoints: readonly Endpoint[],
  image: ImageReference,
  { digest, sizeBytes }: Descriptor,
  offset: number,
  what: string,
  as: Credential | undefined,
): Promise<{ readonly response: HttpResponse; readonly endpoint: Endpoint }> => {
  const { endpoint, answer, passedOver } = await inTurn(endpoints, async (endpoint, again) => {
    const request = { ...requestAt(endpoint, image, `blobs/${digest}`, what, as), again }
    const ask = (headers: Readonly<Record<string, string>>) => exchange.stream({ ...request, headers })
    const answer = await ask(offset === 0 ? {} : { range: `bytes=${offset}-` })
    // What a server makes of a range that it does not like.
    return offset > 0 && [400, 416, 501].includes(answer.status) ? ask({}) : answer
  })
  const question: Question = { host: endpoint.host, what, as: loginAt(endpoint, as) }
  if ('refused' in answer) throw afterOthers(absent(question, answer.refused, nowMs()), passedOver)
  const fault = await faultOf(answer.opened, offset, sizeBytes, question)
  if (fault === undefined) return { response: answer.opened, endpoint }
  await answer.opened.discard()
  throw fault
}

const absent = (question: Question, refused: SmallResponse, nowMs: number): PreflightError => {
  if (refused.status !== 404) return unexpected(question, refused, nowMs)
  return new PreflightError(
    'BLOB_NOT_FOUND',
    `${question.host} does not have ${question.what}, although the manifest names it; asked ${asWhom(question.as)} (404).${wordsOf(refused.bytes, question.as)}`,
    {
      hint: 'Push the image again: the registry lost a part of it.',
    },
  )
}

/** What headers tell before any byte was read. */
const faultOf = async (
  response: HttpResponse,
  offset: number,
  sizeBytes: number,
  question: Question,
): Promise<PreflightError | undefined> => {
  const { host, what } = question
  const expected = response.status === 206 ? sizeBytes - offset : sizeBytes
  if (response.status === 206 && !(response.header('content-range') ?? '').startsWith(`bytes ${offset}-`))
    return new PreflightError('REGISTRY_PROTOCOL', `${host} sent another part of ${what} than it was asked for.`, {
      hint: 'Check the proxies before the registry.',
    })
  const length = response.header('content-length')
  if (isEncoded(response) || length === undefined || Number(length) === expected) return undefined
  if (mediaTypeOf(response) === 'text/html')
    return new PreflightError(
      'REGISTRY_PROTOCOL',
      `${host} answered the question for ${what} with status ${response.status}${kindOf(response)}, a web page.`,
      {
        hint: 'Check the proxies before the registry.',
      },
    )
  return wrongSize(question, `${printable(length)} instead of ${expected} bytes`)
}

const wrongSize = ({ host, what }: Question, found: string): PreflightError =>
  new PreflightError('SIZE_MISMATCH', `${host} sent ${found} that its manifest gives for ${what}.`, {
    hint: 'Push the image again; look into the storage of the registry.',
  })

const cutShort = ({ host, what }: Question, received: number, sizeBytes: number): PreflightError =>
  new PreflightError('BODY_TRUNCATED', `${host} sent ${received} of ${sizeBytes} bytes of ${what} and ended.`, {
    hint: 'Try again; check the registry and the proxies on the way.',
  })
