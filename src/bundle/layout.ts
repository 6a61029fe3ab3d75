import { isDigest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import { type CheckKind, type Collection, type FactKind, type Facts, factsFor, schemaVersion, schemaVersionOf } from '../facts.ts'
import type { Report } from '../outcome.ts'
import { printable } from '../redact.ts'
import { analysisDocument } from './analysis.ts'
import type { BundleContent } from './content.ts'

/** Below the bundle's top directory (design.md 4, Bundle). */
export type BundleFiles = ReadonlyMap<string, Uint8Array>

type Content = Pick<BundleContent, 'names' | 'find'>

const root = 'velero-plugins'
const head = `${root}/collection.json`
const ownFacts = [
  'config',
  'cluster',
  'airgap',
  'image',
  'pullSecret',
  'binaries',
  'signature',
  'vulnerability',
  'upgrade',
  'velero',
  'nodes',
] as const
const kinds = [...ownFacts, 'installed'] as const satisfies readonly FactKind[]
const checkKinds = [...ownFacts.slice(0, 7), 'attestation', ...ownFacts.slice(7)] as const satisfies readonly CheckKind[]

const document = (value: unknown): Uint8Array => Buffer.from(`${JSON.stringify(value, null, 2)}\n`)

/** Base64 in lines: redaction works by line, and rewrites text only. */
const base64Lines = (bytes: Uint8Array): Uint8Array =>
  Buffer.from(
    `${(
      Buffer.from(bytes)
        .toString('base64')
        .match(/.{1,76}/g) ?? []
    ).join('\n')}\n`,
  )

export const bundleFiles = (collection: Collection, report: Report): BundleFiles => {
  const { facts, blobs, ...about } = collection
  const version = `apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\nspec:\n  versionNumber: v${about.version}\n`
  return new Map([
    ['version.yaml', Buffer.from(version)],
    ['analysis.json', Buffer.from(analysisDocument(report))],
    [head, document({ schemaVersion, ...about })],
    ...kinds.flatMap(kind => {
      const items = facts[kind]
      return items === undefined ? [] : [[`${root}/facts/${kind}.json`, document({ schemaVersion: schemaVersionOf(kind), items })] as const]
    }),
    ...[...blobs].map(([digest, bytes]) => [`${root}/blobs/${digest.replace(':', '/')}`, base64Lines(bytes)] as const),
  ])
}

const hint = 'Give a bundle that `velero-plugin-preflight run` or `collect` wrote.'

const invalid = (what: string, cause?: unknown) => new PreflightError('BUNDLE_INVALID', what, { cause, hint })

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const parse = (files: Content, path: string, newest = schemaVersion): Readonly<Record<string, unknown>> => {
  const bytes = files.find(path)?.bytes
  if (bytes === undefined) throw invalid(`There is no ${path} in the bundle.`)
  let value: unknown
  try {
    value = JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch (cause) {
    throw invalid(`${path} in the bundle is not JSON any more: it was redacted or changed.`, cause)
  }
  if (!isObject(value)) throw invalid(`${path} in the bundle is not an object.`)
  const { schemaVersion: version } = value
  if (typeof version === 'number' && Number.isInteger(version) && version >= 1 && version <= newest) return value
  const reads = newest === 1 ? '1' : `1 to ${newest}`
  throw invalid(`${path} in the bundle has schemaVersion ${JSON.stringify(version)}; this program reads ${reads}.`)
}

const itemsOf = (files: Content, kind: FactKind): readonly unknown[] => {
  const path = `${root}/facts/${kind}.json`
  const { items } = parse(files, path, schemaVersionOf(kind))
  if (!Array.isArray(items) || !items.every(item => isObject(item) && typeof item.ok === 'boolean'))
    throw invalid(`${path} in the bundle has no list of facts.`)
  return items
}

/** Of none at all nothing would be judged. */
const strings = (value: unknown, what: string): readonly string[] => {
  if (Array.isArray(value) && value.length > 0 && value.every(item => typeof item === 'string' && item !== '')) return value
  throw invalid(`${head} in the bundle has no ${what}.`)
}

const checksOf = (value: unknown): readonly CheckKind[] => {
  const asked = strings(value, 'list of checks')
  const unknown = asked.find(check => !checkKinds.some(kind => kind === check))
  if (unknown !== undefined)
    throw invalid(`The bundle was collected for the check ${printable(unknown)}, which this program does not have.`)
  return checkKinds.filter(kind => asked.includes(kind))
}

const isText = (value: unknown): boolean => isObject(value) && typeof value.text === 'string' && isObject(value.position)

const isRelease = (value: unknown): boolean =>
  isObject(value) &&
  ['file', 'appSlug', 'channelId', 'versionLabel'].every(key => typeof value[key] === 'string') &&
  (value.proxyRegistryDomain === undefined || typeof value.proxyRegistryDomain === 'string')

/** As far as the plugins are read from it, which all checks start from. */
const isConfig = (fact: unknown): boolean =>
  isObject(fact) &&
  isText(fact.apiVersion) &&
  (fact.proxyRegistryDomain === undefined || isText(fact.proxyRegistryDomain)) &&
  (fact.release === undefined || isRelease(fact.release)) &&
  Array.isArray(fact.plugins) &&
  fact.plugins.every(
    plugin =>
      isObject(plugin) &&
      typeof plugin.plugin === 'string' &&
      ['name', 'image', 'imagePullPolicy', 'imagePullSecret'].every(key => plugin[key] === undefined || isText(plugin[key])),
  )

/** @throws PreflightError BUNDLE_INVALID */
export const collectionOf = (files: Content): Collection => {
  const about = parse(files, head)
  const { collectedAt, version, schema, platformsFrom } = about
  if (typeof collectedAt !== 'string' || Number.isNaN(Date.parse(collectedAt)))
    throw invalid(`${head} in the bundle has no time of collection.`)
  if (schema !== 'auto' && schema !== 'embedded-cluster' && schema !== 'proposal') throw invalid(`${head} in the bundle has no schema.`)
  const checks = checksOf(about.checks)
  const needed = checks.flatMap(factsFor)
  const collected = kinds.filter(kind => kind === 'config' || needed.includes(kind))
  const facts = Object.fromEntries(collected.map(kind => [kind, itemsOf(files, kind)])) as { [K in FactKind]?: readonly Facts[K][] }
  const configs: readonly unknown[] = facts.config ?? []
  if (configs.length === 0 || !configs.every(isConfig)) throw invalid(`${root}/facts/config.json in the bundle has no Config.`)
  return {
    collectedAt,
    version: String(version),
    platforms: strings(about.platforms, 'list of platforms'),
    ...(platformsFrom === 'flag' || platformsFrom === 'nodes' || platformsFrom === 'default' ? { platformsFrom } : {}),
    schema,
    checks,
    facts,
    blobs: blobsOf(files),
  }
}

/** What is not base64 any more gets other bytes here, and fails where its digest is compared: when it is needed. */
const blobsOf = ({ names, find }: Content): ReadonlyMap<string, Uint8Array> =>
  new Map(
    names.flatMap(path => {
      const digest = path.startsWith(`${root}/blobs/`) ? path.slice(`${root}/blobs/`.length).replace('/', ':') : ''
      const bytes = isDigest(digest) ? find(path)?.bytes : undefined
      return bytes === undefined ? [] : [[digest, Buffer.from(bytes.toString('latin1'), 'base64')] as const]
    }),
  )

/** Whether this program wrote it, or into it. */
export const hasCollection = ({ names }: Pick<BundleContent, 'names'>): boolean => names.includes(head)

export const noCollection = () =>
  new PreflightError('BUNDLE_INVALID', `There is no ${head} in it: this is no bundle of velero-plugin-preflight.`, {
    hint: `${hint} Support bundles of others are read by run --bundle.`,
  })
