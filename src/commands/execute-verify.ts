import type { Io } from '../cli.ts'
import { checkTrust } from '../preflight.ts'
import { exitCodeOf } from '../report.ts'
import type { Flags } from '../settings.ts'
import { collectImages, judgeImages } from '../verify.ts'
import { collectLive, settle } from './execute.ts'
import { failedRun } from './output.ts'
import { print } from './print.ts'
import { printVerification, type VerificationFormat } from './print-verification.ts'

/** `verify`: the signatures of these images, whatever Config they are in. */
export const verify = async (
  images: readonly string[],
  flags: Flags & { readonly format?: VerificationFormat },
  io: Io,
): Promise<number> => {
  const { format = 'text', ...given } = flags
  const settings = settle({ ...given, format: format === 'text' ? 'human' : format }, [], io)
  const { collection, early } = await collectLive(settings, io, async (asked, live) => {
    await checkTrust(asked)
    return collectImages(images, asked, live)
  })
  if (early !== undefined) return failedRun(early, settings, io)
  const verified = await judgeImages(images, collection, settings)
  await print(io.stdout, printVerification(verified, format))
  return exitCodeOf(verified.report)
}
