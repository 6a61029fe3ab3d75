import { type Digest, digester, digestOf } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import type { Descriptor } from '../oci/descriptor.ts'
import { type LocalFile, readWhole } from './local-files.ts'
import type { Referrers, ServedManifest } from './world.ts'

/** One image of a folder or archive. Every method throws a PreflightError with a code of exit 3. */
export interface LocalImage {
  /** What the reference points at. */
  root(): Promise<ServedManifest>
  /** @param reference a tag, as signatures have one, or a digest */
  manifest(reference: string): Promise<ServedManifest>
  blob(descriptor: Descriptor): AsyncGenerator<Uint8Array>
  /** Undefined of an archive that can hold none. */
  referrers(subject: Digest): Promise<Referrers | undefined>
}

/** The bytes of a blob; ends only after size and digest were verified. @param what names the folder or archive */
export async function* verified(file: LocalFile | undefined, { digest, sizeBytes }: Descriptor, what: string): AsyncGenerator<Uint8Array> {
  if (file === undefined) {
    throw new PreflightError('BLOB_NOT_FOUND', `${what} does not have the blob ${digest}, although its manifest names it.`, {
      hint: 'Write the folder or archive again: a part of it is lost.',
    })
  }
  if (file.sizeBytes !== sizeBytes) throw wrongSize(digest, file.sizeBytes, sizeBytes, what)
  const { hash, matches } = digester(digest)
  for await (const chunk of file.read()) {
    hash.update(chunk)
    yield chunk
  }
  if (!matches()) throw wrongDigest(digest, what)
}

/** A manifest by its descriptor, whole. */
export const verifiedManifest = async (
  file: LocalFile | undefined,
  { digest, mediaType, sizeBytes }: Descriptor,
  what: string,
  limitBytes: number,
): Promise<ServedManifest> => {
  if (file === undefined) {
    throw new PreflightError('MANIFEST_NOT_FOUND', `${what} does not have the manifest ${digest}.`, {
      hint: 'Write the folder or archive again: a part of it is lost.',
    })
  }
  const bytes = await readWhole(file, limitBytes, `${digest} in ${what}`)
  if (bytes.length !== sizeBytes) throw wrongSize(digest, bytes.length, sizeBytes, what)
  if (digestOf(bytes, digest) !== digest) throw wrongDigest(digest, what)
  return { bytes, mediaType, digest, host: what, warnings: [] }
}

const wrongDigest = (digest: Digest, what: string): PreflightError =>
  new PreflightError('DIGEST_MISMATCH', `${what} holds other bytes under ${digest}: their digest is another.`, {
    hint: 'It was damaged or changed: write the folder or archive again.',
  })

const wrongSize = (digest: Digest, found: number, expected: number, what: string): PreflightError =>
  new PreflightError('SIZE_MISMATCH', `${what} holds ${found} bytes under ${digest} instead of the ${expected} that its manifest gives.`, {
    hint: 'It was damaged or changed: write the folder or archive again.',
  })
