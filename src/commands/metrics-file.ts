import { randomBytes } from 'node:crypto'
import { chmod, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { PreflightError } from '../errors.ts'
import { metricsText, type RunFacts } from '../metrics.ts'

/**
 * Writes beside and renames, so that a collector reads a whole file only; the draft has another ending than the `.prom` that it
 * looks for. Readable for all, whatever the umask: the collector is another user.
 *
 * @returns why it could not be written
 */
export const writeMetrics = async (file: string, facts: RunFacts): Promise<PreflightError | undefined> => {
  const draft = join(dirname(file), `.${basename(file)}.${randomBytes(6).toString('hex')}.tmp`)
  try {
    await writeFile(draft, metricsText(facts), { flag: 'wx', mode: 0o644 })
    await chmod(draft, 0o644)
    await rename(draft, file)
    return undefined
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined)
    const why = cause instanceof Error ? cause.message : String(cause)
    return new PreflightError('OUTPUT_UNWRITABLE', `The metrics could not be written to ${file}: ${why}.`, {
      hint: 'Give --metrics-file a file in a folder that you can write to.',
    })
  }
}
