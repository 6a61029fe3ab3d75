import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { parseManifest } from '../oci/manifest.ts'
import { mediaTypes } from '../oci/media-types.ts'
import type { ImageReference } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import { mediaTypeOf, type Question, unexpected } from './answers.ts'
import { type RegistryContext, requestAt } from './registry-context.ts'
import type { Endpoint } from './registry-endpoints.ts'
import { maxManifestBytes } from './registry-manifest.ts'
import { inTurn } from './registry-turns.ts'
import type { SmallResponse } from './small-body.ts'
import type { Credential, Referrers } from './world.ts'

/** Enough for any image; a list without end must not hold a run up. */
const maxPages = 100
const maxDescriptors = 10_000

/**
 * @see RegistryClient.referrers
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers
 */
export const fetchReferrers = async (
  context: RegistryContext,
  image: ImageReference,
  subject: Digest,
  as: Credential | undefined,
): Promise<Referrers | undefined> => {
  const what = `the referrers of ${printable(image.domain || image.host)}/${printable(image.path)}@${subject}`
  const ask = async (endpoint: Endpoint, url: URL, again: boolean) =>
    // GHCR answers 303 to its web pages, which have nothing to say about this.
    context.exchange.small(
      { ...requestAt(endpoint, image, '', what, as), url, headers: { accept: mediaTypes.ociIndex }, followSeeOther: false, again },
      maxManifestBytes,
    )
  const { endpoint, answer: first } = await inTurn(await context.hosts.endpoints(image, 'fetch', what), (endpoint, again) =>
    ask(endpoint, requestAt(endpoint, image, `referrers/${subject}`, what, as).url, again),
  )
  if (isUnsupported(first)) return undefined
  const question: Question = { host: endpoint.host, what, as }
  const descriptors: Descriptor[] = []
  const seen = new Set<string>()
  let { url } = requestAt(endpoint, image, `referrers/${subject}`, what, as)
  for (let answer = first; ; ) {
    seen.add(url.href)
    try {
      if (answer.status !== 200) throw unexpected(question, answer, context.nowMs())
      const page = parseManifest(answer.bytes, mediaTypeOf(answer))
      if (page.kind === 'index') descriptors.push(...page.manifests)
      const next = nextPage(answer.values('link'), url, question)
      if (next === undefined) return { descriptors }
      if (seen.has(next.href) || seen.size >= maxPages || descriptors.length > maxDescriptors) throw endless(question)
      url = next
      answer = await ask(endpoint, url, true)
    } catch (error) {
      // What is listed already may be what is looked for.
      if (descriptors.length > 0 && error instanceof PreflightError) return { descriptors, cutShort: error }
      throw error
    }
  }
}

/** As go-containerregistry takes it (pkg/v1/remote/referrers.go), 405 and redirects to web pages added. */
const isUnsupported = (answer: SmallResponse): boolean =>
  [303, 400, 404, 405, 406].includes(answer.status) || (answer.status === 200 && mediaTypeOf(answer) !== mediaTypes.ociIndex)

/** RFC 8288: `<…>; rel="next"`. */
const nextPage = (links: readonly string[], from: URL, { host, what }: Question): URL | undefined => {
  const target = links
    .flatMap(header => header.split(/,(?=\s*<)/))
    .map(link => /^\s*<([^>]*)>\s*;(.*)$/.exec(link))
    .find(match => match !== null && /(?:^|;)\s*rel\s*=\s*"?next"?\s*(?:;|$)/i.test(match[2] ?? ''))?.[1]
  if (target === undefined) return undefined
  const url = URL.parse(target, from)
  if (url?.origin === from.origin) return url
  throw new PreflightError('REGISTRY_PROTOCOL', `${host} says that ${what} go on at another host, where no client looks.`, {
    hint: 'Check the configuration of the registry (its external address).',
  })
}

const endless = ({ host, what }: Question): PreflightError =>
  new PreflightError(
    'REGISTRY_PROTOCOL',
    `${host} lists ${what} without end: over ${maxPages} pages or ${maxDescriptors} entries, or the same page again.`,
    {
      hint: 'Check the registry.',
    },
  )
