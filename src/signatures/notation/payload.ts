import type { Json } from '../../oci/go-json.ts'
import { isObject } from '../../oci/go-struct.ts'
import { Malformed } from '../malformed.ts'
import { jsonMembers, membersOf, requiredText } from './json-members.ts'

/** What was signed: an OCI descriptor, with what the signer added. */
export interface SignedTarget {
  readonly mediaType: string
  readonly digest: string
  readonly sizeBytes: number
  readonly annotations: ReadonlyMap<string, string>
}

const known = ['mediaType', 'digest', 'size', 'annotations']

/** @throws Malformed */
export const parsePayload = (payload: Uint8Array): SignedTarget => {
  const what = 'the target artifact'
  const target = membersOf(jsonMembers(payload, 'the payload', ['targetArtifact']).get('targetArtifact'), what, known)
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
