import { isUtf8 } from 'node:buffer'
import { configApiVersion, configApiVersionV1 } from '../embedded-cluster/config-shape.ts'
import { JsonError } from '../oci/go-json.ts'
import { printable } from '../redact.ts'
import { endsAt, itemsAt, pickMembers, type Span, shortText } from './json-spans.ts'

/** What a request gets: a ConversionReview, or where there was none to answer, why. */
export type ReviewAnswer =
  | {
      readonly answered: true
      /** Of the request, as text for a log. */
      readonly uid: string
      readonly desired: string
      readonly objects: number
      /** Why nothing was converted; without what is in the objects. */
      readonly failure: string | undefined
      readonly body: Uint8Array
    }
  | { readonly answered: false; readonly why: string }

/** An API server sends a whole list in one review; a page of a list has 500. */
const maxObjects = 10_000

const reviewVersion = 'apiextensions.k8s.io/v1'
const versions: readonly string[] = [configApiVersion, configApiVersionV1]

/**
 * Answers a ConversionReview for Configs. As both versions have the same fields, the apiVersion of each object is written anew and
 * every other byte of it stays as it came: metadata, fields that nobody knows, and numbers as they are spelt. All of the objects
 * are converted, or the answer is a failure.
 *
 * @param bytes body of the request
 * @see https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/#webhook-request-and-response
 */
export const answerReview = (bytes: Uint8Array): ReviewAnswer => {
  if (!isUtf8(bytes)) return refused('The body is not UTF-8.')
  try {
    const { members, end } = pickMembers(bytes, 0, ['apiVersion', 'kind', 'request'])
    endsAt(bytes, end)
    const [apiVersion, kind] = [shortText(bytes, members.apiVersion), shortText(bytes, members.kind)]
    if (apiVersion !== reviewVersion || kind !== 'ConversionReview')
      return refused(`The body is no ConversionReview of ${reviewVersion} but ${named(kind)} of ${named(apiVersion)}.`)
    if (members.request === undefined) return refused('The ConversionReview has no request.')
    const { members: request } = pickMembers(bytes, members.request.start, ['uid', 'desiredAPIVersion', 'objects'])
    const uid = shortText(bytes, request.uid)
    if (uid === undefined || uid === '') return refused('The request has no uid.')
    return answerRequest(bytes, uid, request)
  } catch (error) {
    if (error instanceof JsonError) return refused(`The body is no ConversionReview: ${error.message}.`)
    throw error
  }
}

interface RequestSpans {
  readonly desiredAPIVersion?: Span
  readonly objects?: Span
}

const answerRequest = (bytes: Uint8Array, uid: string, request: RequestSpans): ReviewAnswer => {
  const desired = shortText(bytes, request.desiredAPIVersion)
  const about = { answered: true, uid: printable(uid), desired: named(desired) } as const
  try {
    if (desired === undefined || !versions.includes(desired))
      throw new JsonError(`the desired apiVersion ${named(desired)} is neither ${versions.join(' nor ')}`)
    const objects = objectsOf(bytes, request.objects)
    const converted = objects.flatMap((object, index) => [
      ...(index > 0 ? [encode(',')] : []),
      ...convertObject(bytes, object, desired, `object ${index + 1} of ${objects.length}`),
    ])
    return { ...about, objects: objects.length, failure: undefined, body: envelope(uid, { status: 'Success' }, converted) }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    const message = `nothing was converted: ${error.message}`
    return { ...about, objects: 0, failure: error.message, body: envelope(uid, { status: 'Failed', message }, []) }
  }
}

/** The object in pieces. @throws JsonError */
const convertObject = (bytes: Uint8Array, { start, end }: Span, desired: string, place: string): readonly Uint8Array[] => {
  if (bytes[start] !== openBrace) throw new JsonError(`${place} is no object`)
  const { apiVersion, kind } = pickMembers(bytes, start, ['apiVersion', 'kind']).members
  const [version, kindText] = [shortText(bytes, apiVersion), shortText(bytes, kind)]
  if (apiVersion === undefined || version === undefined || !versions.includes(version) || kindText !== 'Config')
    throw new JsonError(`${place} is no Config of ${versions.join(' or ')} but ${named(kindText)} of ${named(version)}`)
  return [bytes.subarray(start, apiVersion.start), encode(JSON.stringify(desired)), bytes.subarray(apiVersion.end, end)]
}

const openBrace = '{'.charCodeAt(0)

/** Go writes a list of none as null. @throws JsonError */
const objectsOf = (bytes: Uint8Array, span: Span | undefined): readonly Span[] => {
  if (span === undefined) throw new JsonError('the request has no objects')
  const isNull = span.end - span.start === 4 && bytes[span.start] === 'n'.charCodeAt(0)
  return isNull ? [] : itemsAt(bytes, span.start, maxObjects)
}

const envelope = (uid: string, result: object, objects: readonly Uint8Array[]): Uint8Array => {
  const head = `{"apiVersion":"${reviewVersion}","kind":"ConversionReview","response":{"uid":${JSON.stringify(uid)},"convertedObjects":[`
  return Buffer.concat([encode(head), ...objects, encode(`],"result":${JSON.stringify(result)}}}`)])
}

const encode = (text: string): Uint8Array => Buffer.from(text)

const refused = (why: string): ReviewAnswer => ({ answered: false, why })

const named = (text: string | undefined): string => (text === undefined ? 'nothing that can be read' : `"${printable(text, 100)}"`)
