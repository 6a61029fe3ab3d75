import { stat } from 'node:fs/promises'
import { maxYamlBytes } from '../yaml-source.ts'
import { readBounded } from './bounded-file.ts'
import { readShippedFile } from './shipped-files.ts'

/** Those of the package that this program runs. */
const shipped = ['pre-install', 'pre-upgrade', 'pre-upgrade-strict', 'strict', 'support-bundle'] as const

/** Named alone, or as it stands in the package; undefined for any other path. */
const shippedName = (path: string): (typeof shipped)[number] | undefined =>
  shipped.find(name => path === name || path === `specs/${name}.yaml`)

/** @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE */
export const readSpec = async (path: string): Promise<{ readonly path: string; readonly bytes: Uint8Array }> => {
  const name = shippedName(path)
  // A file of the user's goes before ours.
  if (name === undefined || (await exists(path))) return { path, bytes: await readBounded(path, maxYamlBytes, 'The spec') }
  return { path: `specs/${name}.yaml`, bytes: await readShippedFile(`specs/${name}.yaml`) }
}

const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )
