import { publicKeyFromPem } from '../policy/keys.ts'
import type { GivenFile, TrustedKey } from '../policy/policy.ts'
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

/** Policies of hundreds of keys stay below it. */
const policyLimitBytes = 4 << 20

/** The files given with `--policy`, as they are. @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE */
export const readPolicyFiles = (files: readonly string[]): Promise<readonly GivenFile[]> =>
  Promise.all(files.map(async name => ({ name, bytes: await readBounded(name, policyLimitBytes, '--policy') })))
