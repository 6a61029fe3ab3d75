import { isDigest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import type { ImageReference } from '../oci/reference.ts'
import { createExchange } from './exchange.ts'
import type { HostsOf } from './hosts-dir.ts'
import { createHttp } from './http.ts'
import { type HttpOptions, resolveHttpOptions } from './http-options.ts'
import { createKeptAnswers } from './kept-answers.ts'
import { createAuth, credentialKey } from './registry-auth.ts'
import { fetchBlob, hasBlob } from './registry-blob.ts'
import type { RegistryContext } from './registry-context.ts'
import { createHosts } from './registry-hosts.ts'
import { fetchManifest, upstreamDigest } from './registry-manifest.ts'
import { createOrigins } from './registry-origin.ts'
import { fetchRange } from './registry-range.ts'
import { fetchReferrers } from './registry-referrers.ts'
import { createRootCheck } from './registry-root.ts'
import type { RetryOptions } from './retry.ts'
import type { Credential, RegistryClient } from './world.ts'

export interface RegistryOptions extends HttpOptions {
  /** Token servers (`host` or `host:port`) that get a login although they are not the registry's own (`--allow-realm`). */
  readonly allowRealms?: readonly string[]
  /** What a node asks for a registry (`--hosts-dir`); default: the registry itself. */
  readonly hostsOf?: HostsOf | undefined
  readonly retry?: RetryOptions
}

/** Of manifests, configs and the like that are kept for the life of a client: several checks ask for the same. */
const maxKeptBytes = 64 << 20

/** A client that answers as a node's would be answered (OCI distribution-spec 1.1); undici is loaded when it is first used. */
export const createRegistry = ({ allowRealms = [], hostsOf, retry = {}, ...given }: RegistryOptions = {}): RegistryClient => {
  const options = resolveHttpOptions(given)
  const http = createHttp(options)
  const exchange = createExchange(http, createAuth(http, options, allowRealms, retry), options, retry)
  const { clock, signal } = options

  const context: RegistryContext = {
    exchange,
    hosts: createHosts(hostsOf, createOrigins(options), options),
    nowMs: () => clock.now(),
    pause: failures => clock.sleep(clock.random() * Math.min(5_000, 250 * 2 ** failures), signal).catch(() => undefined),
    wait: (delayMs, until) => clock.sleep(delayMs, until).catch(() => undefined),
    isRegistry: createRootCheck(exchange),
  }

  const kept = createKeptAnswers(maxKeptBytes)
  /** What one login was given is no answer for another. */
  const keyOf = ({ host, repository }: ImageReference, what: string, as: Credential | undefined) =>
    `${host}/${repository}/${what} ${credentialKey(as)}`
  const manifest: RegistryClient['manifest'] = (image, reference, as) =>
    // A tag may point elsewhere the next moment; a digest cannot
    kept.get(
      keyOf(image, reference, as),
      isDigest(reference),
      ({ bytes }) => bytes.length,
      () => fetchManifest(context, manifest, image, reference, as),
    )
  const wholeBlob = async (image: ImageReference, descriptor: Descriptor, as: Credential | undefined): Promise<Uint8Array> => {
    const chunks: Uint8Array[] = []
    for await (const chunk of fetchBlob(context, image, descriptor, as)) chunks.push(chunk)
    return Buffer.concat(chunks)
  }

  return {
    manifest,
    blob: (image, descriptor, as) => fetchBlob(context, image, descriptor, as),
    hasBlob: (image, descriptor, as) => hasBlob(context, image, descriptor, as),
    blobRange: (image, descriptor, range, as) => fetchRange(context, image, descriptor, range, as),
    async blobBytes(image, descriptor, limitBytes, as) {
      if (descriptor.sizeBytes > limitBytes)
        throw new PreflightError(
          'BODY_TOO_LARGE',
          `The blob ${descriptor.digest} is said to have ${descriptor.sizeBytes} bytes; at most ${limitBytes} are taken.`,
          {
            hint: 'Check that the reference is that of an image.',
          },
        )
      const { digest, sizeBytes } = descriptor
      const ask = () => wholeBlob(image, descriptor, as)
      return kept.get(keyOf(image, `${digest} ${sizeBytes}`, as), true, ({ length }) => length, ask)
    },
    referrers: (image, subject, as) => fetchReferrers(context, image, subject, as),
    route: context.hosts.route,
    upstreamDigest: (image, tag, as) => upstreamDigest(context, image, tag, as),
    close: () => http.close(),
  }
}
