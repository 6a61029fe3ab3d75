import { readFile } from 'node:fs/promises'

/**
 * A file of the package, by its path in it: `specs/pre-install.yaml`. The package's root is two folders above this file both in the
 * sources and in the build. The stand-alone binary has another module in this one's place (packaging/program.ts).
 */
export const readShippedFile = (path: string): Promise<Uint8Array> => readFile(new URL(`../../${path}`, import.meta.url))
