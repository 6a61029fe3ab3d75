import { type Digest, digestOf, isDigest, sha256 } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { mediaTypes } from '../oci/media-types.ts'
import type { ImageReference } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import { asWhom, jsonOf, kindOf, mediaTypeOf, type Question, quotaOf, saidTo, unexpected, wordsOf } from './answers.ts'
import { loginAt, type RegistryContext, requestAt } from './registry-context.ts'
import type { Endpoint } from './registry-endpoints.ts'
import { afterOthers, inTurn } from './registry-turns.ts'
import type { SmallResponse } from './small-body.ts'
import type { Credential, RegistryClient, ServedManifest } from './world.ts'

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

/**
 * @see RegistryClient.manifest
 * @param manifest that of the client, which remembers what it fetched by digest
 */
export const fetchManifest = async (
  context: RegistryContext,
  manifest: RegistryClient['manifest'],
  image: ImageReference,
  reference: string,
  as: Credential | undefined,
): Promise<ServedManifest> => {
  const ask: AskManifest = {
    context,
    image,
    as,
    what: `the manifest of ${nameIn(image)}${isDigest(reference) ? '@' : ':'}${printable(reference)}`,
  }
  const fetching = await context.hosts.endpoints(image, 'fetch', ask.what)
  if (isDigest(reference)) return withoutEndpoint(await get(ask, fetching, reference))
  const resolving = await context.hosts.endpoints(image, 'tag', ask.what)
  // Docker Hub counts a GET as a pull, and a HEAD not at all.
  const known = image.domain === 'docker.io' ? await resolveByHead(ask, resolving, reference) : undefined
  if (known !== undefined) return joined(known, await manifest(image, known.digest, as))
  const got = await get(ask, resolving, reference)
  if (isSame(got.endpoint, fetching[0]!)) return withoutEndpoint(got)
  // What a tag points at may be told by another host than the one that a node then fetches it from.
  return joined(got, await manifest(image, got.digest, as))
}

/** One question with all that its parts share. */
interface AskManifest {
  readonly context: RegistryContext
  readonly image: ImageReference
  readonly as: Credential | undefined
  readonly what: string
}
type Resolved = Pick<ServedManifest, 'digest' | 'host' | 'passedOver' | 'quota' | 'warnings'>
type Got = ServedManifest & { readonly endpoint: Endpoint }

const nameIn = (image: ImageReference): string => `${printable(image.domain || image.host)}/${printable(image.path)}`

const get = async (ask: AskManifest, endpoints: readonly Endpoint[], reference: string): Promise<Got> => {
  const { context, image, as, what } = ask
  const { endpoint, answer, passedOver } = await inTurn(endpoints, (endpoint, again) =>
    context.exchange.small(
      { ...requestAt(endpoint, image, `manifests/${reference}`, what, as), headers: { accept }, again },
      maxManifestBytes,
    ),
  )
  const question: Question = { host: endpoint.host, what, as: loginAt(endpoint, as) }
  const found = { endpoint, answer, question }
  if (answer.status === 404) throw afterOthers(await absent(ask, found), passedOver)
  if (answer.status !== 200) throw afterOthers(unexpected(question, answer, context.nowMs()), passedOver)
  if (isPage(answer)) throw notARegistry(question, answer)
  const quota = quotaOf(answer)
  const { login } = endpoint
  return {
    endpoint,
    bytes: answer.bytes,
    mediaType: mediaTypeOf(answer),
    digest: verifiedDigest(question, answer, reference),
    host: endpoint.host,
    warnings: warningsOf(answer, question.as),
    ...(passedOver.length === 0 ? {} : { passedOver }),
    ...(quota === undefined ? {} : { quota }),
    ...(as === undefined && login !== undefined ? { login: login.source } : {}),
    ...(answer.proxy === undefined ? {} : { proxy: answer.proxy }),
  }
}

/** What the tag points at as a header says; undefined when only a GET can tell. What is then fetched has that digest. */
const resolveByHead = async (ask: AskManifest, endpoints: readonly Endpoint[], tag: string): Promise<Resolved | undefined> => {
  const { context, image, as, what } = ask
  const { endpoint, answer, passedOver } = await inTurn(endpoints, (endpoint, again) =>
    context.exchange.small(
      { ...requestAt(endpoint, image, `manifests/${tag}`, what, as), method: 'HEAD', headers: { accept }, again },
      maxManifestBytes,
    ),
  )
  const question: Question = { host: endpoint.host, what, as: loginAt(endpoint, as) }
  if (answer.status === 429 || answer.status >= 500) throw afterOthers(unexpected(question, answer, context.nowMs()), passedOver)
  const digest = answer.header('docker-content-digest')
  if (answer.status !== 200 || digest === undefined || !isDigest(digest)) return undefined
  const quota = quotaOf(answer)
  return {
    digest,
    host: endpoint.host,
    warnings: saidIn(answer, question.as),
    ...(passedOver.length && { passedOver }),
    ...(quota && { quota }),
  }
}

/** A registry behind a mirror may be out of reach, which is often why there is a mirror. */
const upstreamTimeoutMs = 3_000

/** @see RegistryClient.upstreamDigest */
export const upstreamDigest = async (
  context: RegistryContext,
  image: ImageReference,
  tag: string,
  as: Credential | undefined,
): Promise<Digest | undefined> => {
  const what = `what ${nameIn(image)}:${printable(tag)} points at`
  const ended = new AbortController()
  try {
    const all = await context.hosts.endpoints(image, 'tag', what)
    // Only a mirror is told for which registry it is asked.
    const own = all.find(({ ns, instead, fault }) => ns === undefined && !instead && fault === undefined)
    if (own === undefined || own === all[0]) return undefined
    const request = { ...requestAt(own, image, `manifests/${tag}`, what, as), method: 'HEAD', headers: { accept }, again: false } as const
    const answer = await Promise.race([context.exchange.small(request, maxManifestBytes), context.wait(upstreamTimeoutMs, ended.signal)])
    const digest = answer?.status === 200 ? answer.header('docker-content-digest') : undefined
    return digest !== undefined && isDigest(digest) ? digest : undefined
  } catch {
    return undefined
  } finally {
    ended.abort()
  }
}

/** The bytes of `got`, and of the tag what `resolved` says. */
const joined = (resolved: Resolved, got: ServedManifest): ServedManifest => {
  const passedOver = [...(resolved.passedOver ?? []), ...(got.passedOver ?? [])]
  const unique = passedOver.filter(({ host }, index) => passedOver.findIndex(other => other.host === host) === index)
  const quota = got.quota ?? resolved.quota
  return {
    ...got,
    host: resolved.host,
    warnings: [...new Set([...resolved.warnings, ...got.warnings])],
    ...(got.host === resolved.host ? {} : { fetchedFrom: got.host }),
    ...(unique.length === 0 ? {} : { passedOver: unique }),
    ...(quota === undefined ? {} : { quota }),
  }
}

/** TLS or plain HTTP, it is the same host. */
const isSame = (a: Endpoint, b: Endpoint): boolean => a.host === b.host && a.root.pathname === b.root.pathname

const withoutEndpoint = ({ endpoint: _, ...served }: Got): ServedManifest => served

const verifiedDigest = ({ host, what }: Question, { bytes }: SmallResponse, reference: string): Digest => {
  if (!isDigest(reference)) return sha256(bytes)
  const digest = digestOf(bytes, reference)
  if (digest === reference) return digest
  throw new PreflightError('DIGEST_MISMATCH', `${host} sent something else for ${what}: ${bytes.length} bytes with the digest ${digest}.`, {
    hint: 'The registry, or a proxy before it, is damaged or lies: push the image again, and look into its storage.',
  })
}

/** `Warning: 299 - "text"` (distribution-spec 1.1 "Warnings"), and a digest header that is not true. */
const warningsOf = (answer: SmallResponse, as: Credential | undefined): readonly string[] => {
  const { header, bytes } = answer
  const said = header('docker-content-digest')
  const untrue = said !== undefined && isDigest(said) && digestOf(bytes, said) !== said
  return [
    ...saidIn(answer, as),
    ...(untrue ? [`its Docker-Content-Digest header says ${said}, which is not the digest of what it sent`] : []),
  ]
}

const saidIn = ({ values }: SmallResponse, as: Credential | undefined): readonly string[] =>
  values('warning').flatMap(value => {
    const text = /^\s*299\s+-\s+"((?:[^"\\]|\\.)*)"/.exec(value)?.[1]?.replace(/\\(.)/g, '$1')
    return text === undefined ? [] : [saidTo(as, text)]
  })

const absent = async (
  { context, image, as: given }: AskManifest,
  { endpoint, answer, question }: { readonly endpoint: Endpoint; readonly answer: SmallResponse; readonly question: Question },
): Promise<PreflightError> => {
  const { host, what, as } = question
  const { errors } = jsonOf(answer.bytes)
  // Anything answers 404. What does not do so in the words of a registry has to show that it is one.
  if (!Array.isArray(errors) && !(await context.isRegistry(endpoint, image, given))) return notARegistry(question, answer)
  const noName = JSON.stringify(errors ?? '').includes('NAME_UNKNOWN')
  const missing = noName ? `has no repository ${printable(image.repository)}, so it cannot give` : 'does not have'
  return new PreflightError('MANIFEST_NOT_FOUND', `${host} ${missing} ${what}, asked ${asWhom(as)} (404).${wordsOf(answer.bytes, as)}`, {
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
