import type { Io } from '../cli.ts'
import { checkTrust } from '../preflight.ts'
import type { Flags } from '../settings.ts'
import { collectImages, judgeImages } from '../verify.ts'
import { collectLive, settle } from './execute.ts'
import { failedRun } from './output.ts'
import { print } from './print.ts'
import { printVerification, type VerificationFormat } from './print-verification.ts'

/** `verify`: the signatures of these images, whatever Config they are in: 0 when all are verified, else 3. */
export const verify = async (
  images: readonly string[],
  flags: Flags & { readonly format?: VerificationFormat },
  io: Io,
): Promise<number> => {
  const { format = 'text', ...given } = flags
  const settings = settle({ ...given, format: format === 'text' ? 'human' : format }, [], io)
  await checkTrust(settings)
  const { collection, early } = await collectLive(settings, io, (asked, live) => collectImages(images, asked, live))
  const verified = await judgeImages(images, collection, settings)
  await print(io.stdout, printVerification(verified, format, early))
  // Its document is that of the verification.
  if (early !== undefined) return failedRun(early, { ...settings, format: 'human' }, io)
  // A script asks whether it may go on, and a warning is no answer to that.
  return new Set(images).size === verified.verified.size ? 0 : 3
}
