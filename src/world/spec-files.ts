import { maxYamlBytes } from '../yaml-source.ts'
import { readBounded } from './bounded-file.ts'
import { readShippedFile } from './shipped-files.ts'

/** A spec of the user's. @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE */
export const readSpecFile = (path: string): Promise<Uint8Array> => readBounded(path, maxYamlBytes, 'The spec')

/** A spec of the package. */
export const readShippedSpec = (name: 'pre-install'): Promise<Uint8Array> => readShippedFile(`specs/${name}.yaml`)
