import type { Json } from '../../oci/go-json.ts'
import { isArray, isObject } from '../../oci/go-struct.ts'
import { Malformed } from '../malformed.ts'
import { jsonMembers, membersOf, requiredText, textIn } from './json-members.ts'

/** What was signed: an OCI descriptor, with what the signer added. */
export interface SignedTarget {
  readonly mediaType: string
  readonly digest: string
  readonly sizeBytes: number
  readonly annotations: ReadonlyMap<string, string>
}

/** The fields of a descriptor (image-spec 1.1 descriptor.md), all of which Go reads. */
const known = ['mediaType', 'digest', 'size', 'annotations', 'urls', 'data', 'platform', 'artifactType']

/** @throws Malformed */
export const parsePayload = (payload: Uint8Array): SignedTarget => {
  const what = 'the target artifact'
  const target = membersOf(jsonMembers(payload, 'the payload', ['targetArtifact']).get('targetArtifact'), what, known)
  for (const name of ['data', 'artifactType']) textIn(target, name, what)
  const [urls, platform] = [target.get('urls') ?? [], target.get('platform') ?? { members: [] }]
  if (!isArray(urls) || urls.some(url => typeof url !== 'string'))
    throw new Malformed('the urls of the target artifact are no list of texts')
  if (!isObject(platform)) throw new Malformed('the platform of the target artifact is not a JSON object')
  return {
    mediaType: requiredText(target, 'mediaType', what),
    digest: requiredText(target, 'digest', what),
    sizeBytes: sizeOf(target.get('size')),
    annotations: annotationsOf(target.get('annotations') ?? null),
  }
}

const sizeOf = (size: Json | undefined): number => {
  const number = typeof size === 'object' && size !== null && 'number' in size ? size.number : ''
  if (!/^(?:0|[1-9][0-9]{0,15})$/.test(number)) throw new Malformed('the size of the target artifact is not a whole number')
  return Number(number)
}

const annotationsOf = (json: Json): ReadonlyMap<string, string> => {
  if (json === null) return new Map()
  if (!isObject(json)) throw new Malformed('the annotations are not a JSON object')
  return new Map(
    [...membersOf(json, 'the annotations', [])].map(([name, value]) => {
      if (typeof value !== 'string') throw new Malformed('an annotation is not text')
      return [name, value] as const
    }),
  )
}
