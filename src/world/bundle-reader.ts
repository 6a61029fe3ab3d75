import type { BundleContent } from '../bundle/content.ts'
import { type Call, type CallRule, calls, callWords } from '../kubernetes/calls.ts'
import { isObject, type JsonObject, textAt } from '../kubernetes/objects.ts'
import { printable, redact } from '../redact.ts'
import { bundleLog } from './bundle-log.ts'
import { documentAt, lacks, objectsAt } from './bundle-objects.ts'
import {
  definitionOf,
  definitionsPath,
  errorNames,
  errorsPath,
  listPath,
  namespacesPath,
  pullSecretPath,
  secretPath,
} from './bundle-paths.ts'
import type { ClusterReader } from './world.ts'

/**
 * A support bundle that answers in the place of the API server that it was taken of. What nobody put into it is thrown, and never
 * taken for what is not there.
 *
 * @see https://troubleshoot.sh/docs/collect/cluster-resources/
 */
export const createBundleReader = (content: BundleContent): ClusterReader => {
  const list = (call: Call, asked = call): readonly JsonObject[] | undefined => {
    const found = objectsAt(content, listPath(call))
    if (found !== undefined) return found
    const error = errorOf(content, call)
    if (error !== undefined)
      throw lacks(
        `The support bundle has no ${listPath(call)}.json: the collector clusterResources was refused (${callWords(asked)}). It says: ${printable(redact(error), 300)}`,
        'Collect again with a login that may read it.',
      )
    return known(content, call)
  }
  const get = (call: Call): JsonObject | undefined => {
    if ((calls[call.call] as CallRule).resource === 'secrets') return secretOf(content, call)
    const { name: _, ...kind } = call
    return list(kind, call)?.find(object => textAt(object, 'metadata', 'name') === call.name)
  }
  return {
    get: async call => get(call),
    list: async call => list(call),
    log: async (call, part) => bundleLog(content, call, part),
  }
}

/** Errors are a map of them, or a list. */
const errorOf = (content: BundleContent, call: Call): string | undefined => {
  const errors = documentAt(content, errorsPath(call))
  if (Array.isArray(errors)) return errors.find(error => typeof error === 'string')
  return errorNames(call)
    .map(name => textAt(errors, name))
    .find(error => error !== undefined)
}

/**
 * What it means that there is no list: of kinds that are defined there is a file only where there are objects, or none in the
 * cluster at all; of others there always is one.
 */
const known = (content: BundleContent, call: Call): readonly JsonObject[] | undefined => {
  const path = listPath(call)
  const definition = definitionOf(call)
  if (definition === undefined)
    throw lacks(`The support bundle has no ${path}.json, which ${whoWrites(content, call)}.`, collectAgain(call))
  const definitions = objectsAt(content, definitionsPath.replace('.json', ''))
  if (definitions === undefined)
    throw lacks(`The support bundle has no ${path}.json, which the collector clusterResources of troubleshoot writes.`, collectAgain(call))
  return definitions.some(one => textAt(one, 'metadata', 'name') === definition) ? [] : undefined
}

const whoWrites = (content: BundleContent, { namespace }: Call): string => {
  const who = 'the collector clusterResources of troubleshoot writes'
  if (namespace === undefined) return who
  const there = objectsAt(content, namespacesPath.replace('.json', ''))?.some(one => textAt(one, 'metadata', 'name') === namespace)
  const name = printable(namespace)
  return there === true
    ? `${who} for namespaces that it is told to read`
    : `${who} if it is told to read the namespace ${name}, and if there is one`
}

const collectAgain = ({ namespace }: Call): string =>
  namespace === undefined
    ? 'Collect again with clusterResources, or give --from-cluster.'
    : `Collect again with ${printable(namespace)} among the namespaces of clusterResources, or with -n if Velero is in another one.`

/** Values are not in bundles, or should not be; that a Secret was not there may be. */
const secretOf = (content: BundleContent, call: Call): undefined => {
  const { namespace = '', name = '' } = call
  const asked = content.names.filter(
    path => path === `${secretPath(namespace, name)}.json` || path.startsWith(`${secretPath(namespace, name)}/`),
  )
  const absent = asked.some(path => {
    const found = documentAt(content, path)
    return isObject(found) && found.secretExists === false
  })
  const login = documentAt(content, pullSecretPath(namespace, name))
  if (absent && login === undefined) return undefined
  throw lacks(
    `Values of Secrets are not taken from a support bundle (${callWords(call)})${login === undefined ? '' : `; this one says that ${printable(`${namespace}/${name}`)} was there, with a login for ${loginsOf(login)}`}.`,
    call.call === 'configSecret' ? 'Give the Config with --config.' : 'Give the Secret with --secrets.',
  )
}

const loginsOf = (login: unknown): string =>
  Object.keys(isObject(login) ? login : {})
    .slice(0, 5)
    .map(host => printable(host, 80))
    .join(', ') || 'no registry'
