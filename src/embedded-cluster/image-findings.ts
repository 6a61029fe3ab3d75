import { PreflightError } from '../errors.ts'
import type { ConfigFact, ConfigPlugin } from '../facts/config.ts'
import { type ImageReference, parseReference } from '../oci/reference.ts'
import { isLocalReference } from '../oci/transport.ts'
import type { Finding } from '../outcome.ts'
import { printable } from '../redact.ts'
import { found, named, quoted } from './finding.ts'
import { lintTakesImage } from './lint.ts'
import { imageOf } from './plugins.ts'

export const imageFindings = (config: ConfigFact, plugin: ConfigPlugin): readonly Finding[] => {
  const { image } = plugin
  if (image === undefined || image.text === '')
    return [
      found(
        'PLUGIN_IMAGE_MISSING',
        image?.position ?? plugin.position,
        `${named(plugin)} has no image. Add "image: registry/repository:tag".`,
      ),
    ]
  if (isLocalReference(image.text))
    return [
      found(
        'PLUGIN_IMAGE_LOCAL',
        image.position,
        `${named(plugin)}: ${quoted(image.text)} is a folder or archive of this machine, and a node pulls from registries alone. Write the reference under which the image will be pushed, and check it before with --image ${printable(plugin.plugin)}=${printable(image.text)}.`,
      ),
    ]
  const reference = referenceOf(imageOf(config, plugin))
  if (reference instanceof PreflightError)
    return [found('PLUGIN_IMAGE_INVALID', image.position, `${named(plugin)}: ${invalidImage(image.text, reference)}`)]
  const pin = 'Name a version, best with its digest: repository:tag@sha256:…'
  if (reference.digest !== undefined || (reference.tag !== undefined && reference.tag !== 'latest')) return []
  return reference.tag === undefined
    ? [
        found(
          'PLUGIN_IMAGE_UNTAGGED',
          image.position,
          `${named(plugin)}: ${quoted(image.text)} has neither tag nor digest, so that "latest" is pulled, whatever that is at the time. ${pin}`,
        ),
      ]
    : [
        found(
          'PLUGIN_IMAGE_LATEST',
          image.position,
          `${named(plugin)}: ${quoted(image.text)} has the tag "latest", which may be another image on every node. ${pin}`,
        ),
      ]
}

/** Split as a node splits it, or why it cannot. */
export const referenceOf = (image: string): ImageReference | PreflightError => {
  try {
    return parseReference(image)
  } catch (error) {
    if (error instanceof PreflightError) return error
    throw error
  }
}

const invalidImage = (image: string, { message, hint = '' }: PreflightError): string => {
  if (/\{\{|repl\{/.test(image))
    return `${quoted(image)} is a template, and Embedded Cluster renders none in its Config. Write the image itself.`
  // As it was read, without the login (without-login.ts)
  if (/^(?:[a-z][a-z0-9+.-]*:\/\/)?\*\*\*@/i.test(image))
    return `${quoted(image)} has a login before its registry, where a node takes none. Write registry/repository:tag alone, and put the login into a pull secret; whoever could read this Config has seen it.`
  return `${message} ${hint}${lintTakesImage(image) ? " Embedded Cluster's linter lets it pass; the node does not." : ''}`
}
