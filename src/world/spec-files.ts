import { readFile } from 'node:fs/promises'
import { maxYamlBytes } from '../yaml-source.ts'
import { readBounded } from './bounded-file.ts'

/** A spec of the user's. @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE */
export const readSpecFile = (path: string): Promise<Uint8Array> => readBounded(path, maxYamlBytes, 'The spec')

/** A spec of the package: `specs/<name>.yaml`, two folders above this file both in the sources and in the build. */
export const readShippedSpec = (name: 'pre-install'): Promise<Uint8Array> => readFile(new URL(`../../specs/${name}.yaml`, import.meta.url))
