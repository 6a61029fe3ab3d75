import type { Io } from '../cli.ts'
import type { Report } from '../outcome.ts'
import { checkTrust } from '../preflight.ts'
import type { ReportFormat } from '../reporters/formats.ts'
import type { Flags } from '../settings.ts'
import { collectImages, judgeImages } from '../verify.ts'
import { collectLive, settle } from './execute.ts'
import { finishWith } from './finish.ts'
import { withError, writeReport, writeText } from './output.ts'
import { printVerification, type VerificationFormat } from './print-verification.ts'

/** `verify`: the signatures of these images, whatever Config they are in: 0 when all are verified, else 3. */
export const verify = async (
  images: readonly string[],
  flags: Flags & { readonly format?: VerificationFormat | ReportFormat },
  io: Io,
): Promise<number> => {
  const { format = 'text', ...given } = flags
  const settings = settle({ ...given, format: format === 'text' ? 'human' : format }, [], io)
  const { collection, early, measure } = await collectLive(settings, io, async (asked, live) => {
    await checkTrust(asked)
    return collectImages(images, asked, live)
  })
  const found = await judgeImages(images, collection, settings)
  const about = { subject: images.join(', '), platforms: [], images: {}, collectedAt: collection.collectedAt }
  const all = new Set(images).size === found.verified.size
  const write = async (report: Report) => {
    const written = await (format === 'text' || format === 'json' || format === 'yaml'
      ? writeText(printVerification({ ...found, report }, format), report, settings, io)
      : writeReport(report, about, settings, io))
    // A script asks whether it may go on, and a warning is no answer to that.
    return written === 1 ? 1 : all ? 0 : 3
  }
  return finishWith(early === undefined ? found.report : withError(found.report, early), write, settings, measure)
}
