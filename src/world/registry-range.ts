import type { Descriptor } from '../oci/descriptor.ts'
import type { ImageReference } from '../oci/reference.ts'
import { printable } from '../redact.ts'
import { isEncoded } from './content-encoding.ts'
import { type RegistryContext, requestAt } from './registry-context.ts'
import { inTurn } from './registry-turns.ts'
import type { Credential } from './world.ts'

/** @see RegistryClient.blobRange */
export const fetchRange = async (
  { exchange, hosts }: RegistryContext,
  image: ImageReference,
  { digest, sizeBytes }: Descriptor,
  { start, end }: { readonly start: number; readonly end: number },
  as: Credential | undefined,
): Promise<Uint8Array | undefined> => {
  const what = `a part of the blob ${digest} of ${printable(image.domain || image.host)}/${printable(image.path)}`
  const endpoints = await hosts.endpoints(image, 'fetch', what)
  const { answer } = await inTurn(endpoints, (endpoint, again) =>
    // One range, and not from the end: servers differ in all else
    exchange.stream({ ...requestAt(endpoint, image, `blobs/${digest}`, what, as), headers: { range: `bytes=${start}-${end - 1}` }, again }),
  )
  if ('refused' in answer) return undefined
  const { opened } = answer
  // With 200 comes all of it, from a server that knows no ranges
  if (opened.status !== 206 || opened.header('content-range') !== `bytes ${start}-${end - 1}/${sizeBytes}` || isEncoded(opened)) {
    await opened.discard()
    return undefined
  }
  const parts: Uint8Array[] = []
  let received = 0
  for await (const part of opened.body) {
    received += part.length
    if (received > end - start) return undefined
    parts.push(part)
  }
  return received === end - start ? Buffer.concat(parts) : undefined
}
