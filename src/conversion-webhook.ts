import { answerReview } from './conversion/review.ts'
import { type ConversionServer, type ConversionServerOptions, startConversionServer } from './world/conversion/conversion-server.ts'

export type { ConversionServer } from './world/conversion/conversion-server.ts'

/** A server that converts Configs for API servers. @throws PreflightError FILE_…, SERVING_CERTIFICATE_INVALID, LISTEN_FAILED */
export const serveConversions = (options: Omit<ConversionServerOptions, 'answer'>): Promise<ConversionServer> =>
  startConversionServer({ ...options, answer: answerReview })
