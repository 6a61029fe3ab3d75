import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DebianPackage } from './debian.ts'
import { nodeVersion, packageOf, type Target } from './nodes.ts'
import { root } from './program.ts'

export interface SbomAbout {
  /** File name of what it describes. */
  readonly name: string
  readonly version: string
  readonly commit: string
  /** ISO 8601. */
  readonly date: string
  readonly sha256: string
}

interface Package {
  readonly name: string
  readonly version: string
  readonly license?: string
}

const readJson = <T>(path: string): T => JSON.parse(readFileSync(join(root, path), 'utf8')) as T

/** Of an integrity string of npm (SRI): the first digest, as CycloneDX has it. */
const hashesOf = (integrity: string | undefined) => {
  const [, algorithm, base64 = ''] = /^sha(256|384|512)-([A-Za-z0-9+/=]+)/.exec(integrity ?? '') ?? []
  return algorithm === undefined ? {} : { hashes: [{ alg: `SHA-${algorithm}`, content: Buffer.from(base64, 'base64').toString('hex') }] }
}

/** An expression with AND or OR is not an identifier (CycloneDX 1.6, licenseChoice). */
const licencesOf = (license: string | undefined) =>
  license === undefined ? {} : { licenses: [/[ ()]/.test(license) ? { expression: license } : { license: { id: license } }] }

/** `pkg:npm/%40scope/name@version` (purl-spec, npm). */
const npmPurl = ({ name, version }: Package): string => `pkg:npm/${name.replace(/^@/, '%40')}@${version}`

const npmComponent = (folder: string, integrity: string | undefined) => {
  const found = readJson<Package>(`${folder}/package.json`)
  const purl = npmPurl(found)
  return {
    type: 'library',
    'bom-ref': purl,
    name: found.name,
    version: found.version,
    ...hashesOf(integrity),
    ...licencesOf(found.license),
    purl,
  }
}

const debianComponent = ({ name, version, architecture, sha256 }: DebianPackage) => {
  const purl = `pkg:deb/debian/${name.replaceAll('+', '%2B')}@${version.replaceAll('+', '%2B').replaceAll(':', '%3A')}?arch=${architecture}`
  return { type: 'library', 'bom-ref': purl, name, version, hashes: [{ alg: 'SHA-256', content: sha256 }], purl }
}

/** What is inside a binary: CycloneDX 1.6, the same bytes for the same content. */
export const sbomOf = (about: SbomAbout, packages: readonly string[], target: Target): string => {
  const lock = readJson<{ packages: Readonly<Record<string, { integrity?: string }>> }>('package-lock.json').packages
  const node: Package = { name: packageOf(target), version: nodeVersion, license: 'MIT' }
  const components = [
    {
      type: 'application',
      'bom-ref': npmPurl(node),
      name: node.name,
      version: node.version,
      description: 'The Node.js that runs it',
      ...hashesOf(target.integrity),
      ...licencesOf(node.license),
      purl: npmPurl(node),
    },
    ...packages.map(folder => npmComponent(folder, lock[folder]?.integrity)),
  ]
  const ref = `pkg:npm/velero-plugin-preflight@${about.version}`
  const document = {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      timestamp: about.date,
      component: {
        type: 'application',
        'bom-ref': ref,
        name: about.name,
        version: about.version,
        hashes: [{ alg: 'SHA-256', content: about.sha256 }],
        licenses: [{ license: { id: 'Apache-2.0' } }],
        purl: ref,
        properties: [{ name: 'commit', value: about.commit }],
      },
    },
    components,
    dependencies: [{ ref, dependsOn: components.map(component => component['bom-ref']) }],
  }
  return `${JSON.stringify(document, null, 2)}\n`
}

/** The same with the packages that stand beside the binary in its image. */
export const withDebian = (sbom: string, debian: readonly DebianPackage[]): string => {
  const document = JSON.parse(sbom) as { components: object[]; dependencies: [{ dependsOn: string[] }] }
  const components = debian.map(debianComponent)
  document.components.push(...components)
  document.dependencies[0].dependsOn.push(...components.map(component => component['bom-ref']))
  return `${JSON.stringify(document, null, 2)}\n`
}
