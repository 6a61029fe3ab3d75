import type { Io } from '../cli.ts'
import type { Report } from '../outcome.ts'
import { checkTrust } from '../preflight.ts'
import type { ReportFormat } from '../report.ts'
import type { Flags } from '../settings.ts'
import { collectImages, judgeImages } from '../verify.ts'
import { collectLive, settle } from './execute.ts'
import { finishWith } from './finish.ts'
import { failedRun, writeReport, writeText } from './output.ts'
import { printVerification, type VerificationFormat } from './print-verification.ts'

/** `verify`: the signatures of these images, whatever Config they are in. */
export const verify = async (
  images: readonly string[],
  flags: Flags & { readonly format?: VerificationFormat | ReportFormat },
  io: Io,
): Promise<number> => {
  const { format = 'text', ...given } = flags
  const settings = settle({ ...given, format: format === 'text' ? 'human' : format }, [], io)
  await checkTrust(settings)
  const { collection, early, measure } = await collectLive(settings, io, (asked, live) => collectImages(images, asked, live))
  if (early !== undefined) return failedRun(early, settings, io)
  const verified = await judgeImages(images, collection, settings)
  const { report } = verified
  const about = { subject: images.join(', '), platforms: [], images: {}, collectedAt: collection.collectedAt }
  const write = (all: Report) =>
    format === 'text' || format === 'json' || format === 'yaml'
      ? writeText(printVerification({ ...verified, report: all }, format), all, settings, io)
      : writeReport(all, about, settings, io)
  return finishWith(report, write, settings, measure)
}
