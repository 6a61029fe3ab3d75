import { createReadStream, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { BuiltImage } from '../support/image-builder.ts'

/** What is pushed where; the blobs are files in a folder, named by their hex digests. */
export interface Listed {
  readonly repository: string
  readonly tag: string
  readonly mediaType: string
  /** Digest of the manifest, which is a file too. */
  readonly digest: string
  readonly blobs: readonly string[]
  /** A repository of the same registry that has these blobs already. */
  readonly mountFrom?: string
}

export const blobFile = (folder: string, digest: string): string => join(folder, digest.replace('sha256:', ''))

/** Writes an image's bytes into `folder`, each once. */
export const keepImage = (
  folder: string,
  repository: string,
  tag: string,
  { blobs, manifest }: Pick<BuiltImage, 'blobs' | 'manifest'>,
  more: readonly string[] = [],
): Listed => {
  mkdirSync(folder, { recursive: true })
  for (const [digest, bytes] of [...blobs, [manifest.digest, manifest.bytes] as const]) {
    if (!existsSync(blobFile(folder, digest))) writeFileSync(blobFile(folder, digest), bytes)
  }
  return { repository, tag, mediaType: manifest.mediaType, digest: manifest.digest, blobs: [...blobs.keys(), ...more] }
}

/** Pushes to a registry that others wrote (distribution-spec 1.1 "Pushing blobs", "Pushing manifests"). */
export const push = async (origin: string, folder: string, listed: Listed): Promise<void> => {
  const { repository, tag, mediaType, digest, blobs, mountFrom } = listed
  for (const blob of new Set(blobs)) await pushBlob(new URL(`/v2/${repository}/`, origin), folder, blob, mountFrom)
  const { status } = await send('PUT', new URL(`/v2/${repository}/manifests/${tag}`, origin), {
    headers: { 'content-type': mediaType },
    body: readFileSync(blobFile(folder, digest)),
  })
  if (status !== 201) throw new Error(`pushing ${repository}:${tag} was answered with ${status}`)
}

const pushBlob = async (base: URL, folder: string, digest: string, mountFrom: string | undefined): Promise<void> => {
  const known = await send('HEAD', new URL(`blobs/${digest}`, base))
  if (known.status === 200) return
  const mount = mountFrom === undefined ? '' : `?${new URLSearchParams({ mount: digest, from: mountFrom })}`
  const begun = await send('POST', new URL(`blobs/uploads/${mount}`, base))
  if (begun.status === 201) return
  const to = new URL(begun.location, base)
  to.searchParams.set('digest', digest)
  const { status } = await send('PUT', to, { headers: { 'content-type': 'application/octet-stream' }, file: blobFile(folder, digest) })
  if (status !== 201) throw new Error(`pushing a blob to ${base.href} was answered with ${status}`)
}

interface Sent {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: Uint8Array
  readonly file?: string
}

const send = (method: string, url: URL, { headers = {}, body, file }: Sent = {}): Promise<{ status: number; location: string }> =>
  new Promise((resolve, reject) => {
    const length = file === undefined ? (body?.length ?? 0) : statSync(file).size
    const outgoing = request(url, { method, headers: { ...headers, 'content-length': String(length) } }, answer => {
      answer.resume()
      answer.once('end', () => resolve({ status: answer.statusCode ?? 0, location: answer.headers.location ?? '' }))
    })
    outgoing.once('error', reject)
    if (file === undefined) outgoing.end(body)
    else pipeline(createReadStream(file), outgoing).catch(reject)
  })
