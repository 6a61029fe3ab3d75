import type { BundleContent } from '../bundle/content.ts'
import { PreflightError } from '../errors.ts'
import { isObject, type JsonObject, listAt } from '../kubernetes/objects.ts'
import { printable } from '../redact.ts'
import { parseYaml, toJs } from '../yaml-source.ts'

/** What troubleshoot's redactors put in the place of what they take (pkg/redact/redact.go). */
export const hidden = '***HIDDEN***'

/** What a bundle does not tell, with what would have brought it. */
export const lacks = (message: string, hint = 'Collect again with it, or give what is asked for by its own flag.', cause?: unknown) =>
  new PreflightError('BUNDLE_LACKS', message, { hint, cause })

/** A document of a bundle; undefined when there is none. @throws PreflightError BUNDLE_LACKS when it cannot be read */
export const documentAt = (content: BundleContent, path: string): unknown => {
  const file = content.find(path)
  if (file === undefined) return undefined
  if (file.tooLarge) throw lacks(`${path} in the support bundle has ${file.sizeBytes} bytes, which is more than is read.`)
  const text = file.bytes.toString('utf8')
  // What a collector was refused of the whole cluster leaves an empty file.
  if (text.trim() === '') return undefined
  try {
    return parse(text, path)
  } catch (cause) {
    const why = text.includes(hidden) ? ': the redaction of troubleshoot has changed it' : ''
    const kind = path.endsWith('.yaml') ? 'YAML' : 'JSON'
    throw lacks(`${path} in the support bundle is no ${kind}${why}.`, 'Collect again, with fewer redactors.', cause)
  }
}

/** Newer bundles have a link to the JSON under the name of the YAML. */
const parse = (text: string, path: string): unknown => {
  if (!path.endsWith('.yaml') || /^\s*[[{]/.test(text)) return JSON.parse(text)
  const root = parseYaml(text, path)[0]?.root
  return root === undefined ? undefined : toJs(root)
}

/**
 * The objects of a file: a List, or until 2022 the bare items.
 *
 * @throws PreflightError BUNDLE_LACKS
 */
export const objectsAt = (content: BundleContent, path: string): readonly JsonObject[] | undefined => {
  const found = eitherOf(content, path)
  if (found === undefined) return undefined
  // Of no objects at all Go writes null
  if (Array.isArray(found) || found === null) return (found ?? []).filter(isObject)
  if (isObject(found) && (Array.isArray(found.items) || found.items === null)) return listAt(found, 'items').filter(isObject)
  throw lacks(`${path} in the support bundle holds no list of objects.`)
}

/** Redaction by lines may spoil one of the two where they are two files. */
const eitherOf = (content: BundleContent, path: string): unknown => {
  try {
    return documentAt(content, `${path}.json`) ?? documentAt(content, `${path}.yaml`)
  } catch (error) {
    const json = content.find(`${path}.json`)
    const yaml = content.find(`${path}.yaml`)
    if (yaml === undefined || json === undefined || yaml === json) throw error
    try {
      return documentAt(content, `${path}.yaml`)
    } catch {
      throw error
    }
  }
}

const maxDepth = 32

/** Where redaction has taken something of `value`, as `initContainers[0].image`; what `passed` names is not looked into. */
export const hiddenIn = (value: unknown, passed: readonly string[] = [], at = '', depth = 0): readonly string[] => {
  if (typeof value === 'string') return value.includes(hidden) ? [at] : []
  if (depth > maxDepth) return []
  if (Array.isArray(value)) return value.flatMap((item, index) => hiddenIn(item, passed, `${at}[${index}]`, depth + 1))
  if (!isObject(value)) return []
  return Object.entries(value)
    .filter(([key]) => !passed.includes(key))
    .flatMap(([key, item]) => hiddenIn(item, passed, `${at === '' ? '' : `${at}.`}${printable(key, 40)}`, depth + 1))
}
