import { X509Certificate } from 'node:crypto'
import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { readBounded } from './bounded-file.ts'

/** The bundle that Linux distributions ship has 220 KiB. */
const maxCaBytes = 4 << 20

/**
 * PEM certificates of the files of `--ca-file`: an authority's, or a registry's own.
 *
 * @returns the certificates of each file, without what may stand between them
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE
 */
export const readCaFiles = async (paths: readonly string[]): Promise<readonly string[]> =>
  (await Promise.all(paths.map(path => readCaFile(path, '--ca-file')))).flat()

/** The same of one file. @param flag that gave it, for messages */
export const readCaFile = async (path: string, flag: string): Promise<readonly string[]> =>
  certificatesIn(Buffer.from(await readBounded(path, maxCaBytes, flag)).toString('latin1'), path, flag)

/**
 * @param flag that gave the file, for messages
 * @throws PreflightError FILE_UNREADABLE when a certificate is damaged, or there is none
 */
export const certificatesIn = (text: string, path: string, flag: string): readonly string[] => {
  const pems = text.match(/-----BEGIN (?:TRUSTED |X509 )?CERTIFICATE-----[^-]*-----END (?:TRUSTED |X509 )?CERTIFICATE-----/g) ?? []
  if (pems.length === 0) {
    const found = text.includes('PRIVATE KEY') ? 'a private key' : text.startsWith('0') ? 'perhaps one in DER' : 'something else'
    throw unusable(path, flag, `it holds no PEM certificate but ${found}`)
  }
  for (const [index, pem] of pems.entries()) {
    try {
      new X509Certificate(pem)
    } catch (cause) {
      throw unusable(path, flag, `certificate ${index + 1} of ${pems.length} in it is damaged`, cause)
    }
  }
  return pems
}

const unusable = (path: string, flag: string, why: string, cause?: unknown): PreflightError =>
  new PreflightError('FILE_UNREADABLE', `${flag} ${printable(path)}: ${why}.`, {
    hint: 'Give the certificate of the authority that signed the one of the server, in PEM (-----BEGIN CERTIFICATE-----).',
    cause,
  })
