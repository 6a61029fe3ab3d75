import { PreflightError } from '../errors.ts'
import { isLocalReference, type LocalReference, parseLocalReference } from '../oci/transport.ts'
import { printable } from '../redact.ts'
import { usage } from './flag-text.ts'
import type { Flags } from './flags.ts'

/** `--image NAME=REFERENCE`, by plugin; whether a plugin has this name is known when the Config was read. @throws PreflightError USAGE */
export const imagesOf = (texts: readonly string[] = []): ReadonlyMap<string, LocalReference> => {
  const images = new Map<string, LocalReference>()
  for (const text of texts) {
    const [, name = '', reference = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
    const hint = 'It is PLUGIN=oci:FOLDER[:TAG], PLUGIN=oci-archive:FILE[:TAG] or PLUGIN=docker-archive:FILE[:NAME:TAG].'
    if (name === '' || !isLocalReference(reference))
      throw usage(`--image ${printable(text)}: it names no plugin with a folder or archive.`, hint)
    if (images.has(name)) throw usage(`--image ${printable(name)}: the plugin is named twice.`)
    try {
      images.set(name, parseLocalReference(reference))
    } catch (error) {
      throw error instanceof PreflightError ? usage(`--image ${printable(name)}: ${error.message}`, error.hint) : error
    }
  }
  return images
}

/** `--airgap-bundle`. @throws PreflightError USAGE */
export const airgapBundleOf = ({ airgapBundle }: Flags): string | undefined => {
  if (airgapBundle === '') throw usage('--airgap-bundle names no file.')
  return airgapBundle
}
