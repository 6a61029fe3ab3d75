import { type Digest, digestOf, isDigest, sha256 } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { mediaTypes } from '../oci/media-types.ts'
import type { ImageReference } from '../oci/reference.ts'
import { printable, redact } from '../redact.ts'
import { asWhom, jsonOf, kindOf, mediaTypeOf, type Question, unexpected, wordsOf } from './answers.ts'
import type { RegistryContext } from './registry-context.ts'
import type { SmallResponse } from './small-body.ts'
import type { Credential, ServedManifest } from './world.ts'

/** distribution-spec 1.1 "Pulling manifests": every registry takes 4 MiB, and clients none larger. */
export const maxManifestBytes = 4 << 20

/** All in one header: without the index types some registries convert to what nobody can pull any more. */
const accept = [
  mediaTypes.ociIndex,
  mediaTypes.ociManifest,
  mediaTypes.dockerIndex,
  mediaTypes.dockerManifest,
  'application/vnd.docker.distribution.manifest.v1+prettyjws',
  'application/vnd.docker.distribution.manifest.v1+json',
].join(', ')

/** @see RegistryClient.manifest */
export const fetchManifest = async (
  context: RegistryContext,
  image: ImageReference,
  reference: string,
  as: Credential | undefined,
): Promise<ServedManifest> => {
  const name = `${printable(image.domain || image.host)}/${printable(image.path)}`
  const what = `the manifest of ${name}${isDigest(reference) ? '@' : ':'}${printable(reference)}`
  const answer = await context.ask(image, `manifests/${reference}`, { accept }, what, as, maxManifestBytes)
  const question: Question = { host: image.host, what, as }
  if (answer.status === 404) throw await absent(context, image, question, answer)
  if (answer.status !== 200) throw unexpected(question, answer, context.nowMs())
  if (isPage(answer)) throw notARegistry(question, answer)
  return {
    bytes: answer.bytes,
    mediaType: mediaTypeOf(answer),
    digest: verifiedDigest(question, answer, reference),
    host: image.host,
    warnings: warningsOf(answer),
  }
}

const verifiedDigest = ({ host, what }: Question, { bytes }: SmallResponse, reference: string): Digest => {
  if (!isDigest(reference)) return sha256(bytes)
  const digest = digestOf(bytes, reference)
  if (digest === reference) return digest
  throw new PreflightError('DIGEST_MISMATCH', `${host} sent something else for ${what}: ${bytes.length} bytes with the digest ${digest}.`, {
    hint: 'The registry, or a proxy before it, is damaged or lies: push the image again, and look into its storage.',
  })
}

/** `Warning: 299 - "text"` (distribution-spec 1.1 "Warnings"), and a digest header that is not true. */
const warningsOf = ({ values, header, bytes }: SmallResponse): readonly string[] => {
  const texts = values('warning').map(value => /^\s*299\s+-\s+"((?:[^"\\]|\\.)*)"/.exec(value)?.[1]?.replace(/\\(.)/g, '$1'))
  const said = header('docker-content-digest')
  const untrue = said !== undefined && isDigest(said) && digestOf(bytes, said) !== said
  return [
    ...texts.filter(text => text !== undefined).map(text => printable(redact(text))),
    ...(untrue ? [`its Docker-Content-Digest header says ${said}, which is not the digest of what it sent`] : []),
  ]
}

const absent = async (
  context: RegistryContext,
  image: ImageReference,
  question: Question,
  answer: SmallResponse,
): Promise<PreflightError> => {
  const { host, what, as } = question
  const { errors } = jsonOf(answer.bytes)
  // Anything answers 404. What does not do so in the words of a registry has to show that it is one.
  if (!Array.isArray(errors) && !(await context.isRegistry(image, as))) return notARegistry(question, answer)
  const noName = JSON.stringify(errors ?? '').includes('NAME_UNKNOWN')
  const missing = noName ? `has no repository ${printable(image.repository)}, so it cannot give` : 'does not have'
  return new PreflightError('MANIFEST_NOT_FOUND', `${host} ${missing} ${what}, asked ${asWhom(as)} (404).${wordsOf(answer.bytes)}`, {
    hint:
      as === undefined
        ? 'Check the spelling and that it was pushed; some registries answer so when a login is missing.'
        : 'Check the spelling and that it was pushed; some registries answer so when the login may not pull it.',
  })
}

/** A login page, a captive portal, a proxy's error. */
const isPage = (answer: SmallResponse): boolean =>
  /^(?:text\/html|application\/xhtml)/.test(mediaTypeOf(answer)) ||
  /^\s*</.test(Buffer.from(answer.bytes.subarray(0, 100)).toString('latin1'))

const notARegistry = ({ host, what }: Question, answer: SmallResponse): PreflightError =>
  new PreflightError(
    'REGISTRY_PROTOCOL',
    `${host} is not a registry, or something stands before it: it answered the question for ${what} with status ${answer.status}${kindOf(answer)}${isPage(answer) ? ', a web page' : ''}.`,
    { hint: 'Check the host and port in the image reference, and the proxies before the registry.' },
  )
