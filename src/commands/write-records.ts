import { writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { makeFolder } from '../bundle/make-folder.ts'
import type { Io } from '../cli.ts'
import { PreflightError } from '../errors.ts'
import type { Report } from '../outcome.ts'
import { recordPath, recordsOf, recordText, runDocument, runRecord } from '../reporters/records.ts'

/**
 * Where troubleshoot's `run` collector takes files from (TS_OUTPUT_DIR): a text for each result, and last of all `run.json`, without
 * which a spec fails. Elsewhere nothing is written.
 *
 * @returns why it could not be written
 */
export const writeRecords = async (report: Report, { env }: Io): Promise<PreflightError | undefined> => {
  const { TS_OUTPUT_DIR: folder = '' } = env
  if (folder === '') return undefined
  const write = async (path: string, text: string) => {
    await makeFolder(dirname(join(folder, path)), 0o777)
    await writeFile(join(folder, path), text)
  }
  try {
    for (const record of recordsOf(report)) await write(recordPath(record), recordText(record))
    await write('run.json', runDocument(runRecord(report)))
    return undefined
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return new PreflightError('OUTPUT_UNWRITABLE', `The results could not be written to TS_OUTPUT_DIR: ${why}.`, { cause })
  }
}
