import { publicKeyFromPem } from '../policy/keys.ts'
import type { TrustedKey } from '../policy/policy.ts'
import { readBounded } from './bounded-file.ts'

const limitBytes = 64 << 10

/**
 * The files given with `--key`, each read (at most 64 KiB) and checked; the same file or key given twice counts once.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE, KEY_INVALID
 */
export const readKeys = async (files: readonly string[]): Promise<readonly TrustedKey[]> => {
  const keys = await Promise.all(
    files.map(async name => ({ name, pem: new TextDecoder().decode(await readBounded(name, limitBytes, '--key')) })),
  )
  const fingerprints = keys.map(({ pem, name }) => publicKeyFromPem(pem, name).fingerprint)
  return keys.filter((_, index) => fingerprints.indexOf(fingerprints[index]!) === index)
}
