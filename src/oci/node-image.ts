import { type Digest, isDigest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { fullReference, type ImageReference, nameOf, parseReference } from './reference.ts'

/** Undefined for a text that is no reference. */
export const referenceOf = (text: string): ImageReference | undefined => {
  try {
    return parseReference(text)
  } catch (error) {
    if (error instanceof PreflightError) return undefined
    throw error
  }
}

/** Whether two texts are one reference, however they are spelt. */
export const isSameReference = (a: string, b: string): boolean => {
  const [left, right] = [referenceOf(a), referenceOf(b)]
  return left === undefined || right === undefined ? a === b : fullReference(left) === fullReference(right)
}

/**
 * The digest in what a node calls an image: `registry/repository@sha256:…`, with the scheme of older runtimes before it or not, or
 * a digest alone, which is that of the image's config. Undefined when there is none.
 */
export const digestIn = (name: string): Digest | undefined => {
  const digest = name.slice(name.lastIndexOf('@') + 1)
  return isDigest(digest) ? digest : undefined
}

/** Whether a node's name of an image is one in the repository of `image`, or of its reference. */
export const isOfRepository = (name: string, image: ImageReference): boolean => {
  const other = referenceOf(name.replace(/^[a-z-]+:\/\//, ''))
  return other !== undefined && nameOf(other) === nameOf(image)
}
