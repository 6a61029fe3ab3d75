import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { stringify } from 'yaml'
import type { Objects } from './api-server.ts'
import { type TarFile, tar } from './tar-writer.ts'

/** As troubleshoot wrote bundles: today, before the YAML became a link (2026), before lists had a kind (2022). */
export type BundleLayout = 'now' | 'separate yaml' | 'bare items'

/** Files below the top directory. */
export type BundleEntries = readonly TarFile[]

const custom = 'cluster-resources/custom-resources'

/** What troubleshoot's clusterResources writes of the objects of a cluster, by the paths of its API server. */
export const supportBundle = (objects: Objects, layout: BundleLayout = 'now'): BundleEntries => [
  { name: 'version.yaml', data: 'apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\nspec:\n  versionNumber: v0.133.0\n' },
  { name: 'analysis.json', data: '[]' },
  ...Object.entries(objects).flatMap(([path, items]) => filesOf(path, items, layout)),
  { name: 'cluster-resources/custom-resource-definitions.json', data: listOf(definitionsIn(objects), layout) },
]

const definitionsIn = (objects: Objects) =>
  Object.keys(objects).flatMap(path => {
    const [, group, kind] = /^apis\/([^/]*\.(?:com|io))\/v[^/]*\/(?:namespaces\/[^/]*\/)?([^/]*)$/.exec(path) ?? []
    return group === undefined ? [] : [{ metadata: { name: `${kind}.${group}` } }]
  })

/** Of no objects Go writes null. */
const listOf = (items: readonly object[], layout: BundleLayout): string =>
  JSON.stringify(layout === 'bare items' ? items : { kind: 'List', apiVersion: 'v1', items: items.length === 0 ? null : items }, null, 2)

const filesOf = (path: string, items: readonly object[], layout: BundleLayout): BundleEntries => {
  const [, group = '', namespace, kind = ''] = /^api(?:s\/([^/]*))?\/v[^/]*\/(?:namespaces\/([^/]*)\/)?([^/]*)$/.exec(path) ?? []
  if (kind === 'secrets') {
    // One file for each, with a registry and a user name.
    const named = items as readonly { readonly metadata: { readonly name: string } }[]
    return named.map(({ metadata: { name } }) => ({
      name: `cluster-resources/image-pull-secrets/${namespace}/${name}.json`,
      data: '{"registry.example":"bob"}',
    }))
  }
  const place = namespace === undefined ? '' : `/${namespace}`
  if (!group.includes('.')) return [{ name: `cluster-resources/${kind}${place}.json`, data: listOf(items, layout) }]
  if (items.length === 0) return []
  const name = `${custom}/${kind}.${group}${place}`
  const json = { name: `${name}.json`, data: JSON.stringify(items, null, 2) }
  const yaml = { name: `${name}.yaml`, data: stringify(items) }
  if (layout === 'bare items') return [yaml]
  return layout === 'separate yaml' ? [json, yaml] : [json, { name: `${name}.yaml`, link: `${kind}.${group}${place}.json` }]
}

/** As `support-bundle` packs it: one top directory, no entries for folders. */
export const archiveOf = (entries: BundleEntries, top = 'support-bundle-2026-11-27T22_00_00'): Buffer =>
  gzipSync(tar(entries.map(entry => ({ ...entry, name: `${top}/${entry.name}` }))))

/** The same unpacked. */
export const writeFolderOf = (entries: BundleEntries, folder: string): string => {
  for (const { name, data = '', link } of entries) {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    if (link === undefined) writeFileSync(join(folder, name), data)
    else symlinkSync(link, join(folder, name))
  }
  return folder
}
