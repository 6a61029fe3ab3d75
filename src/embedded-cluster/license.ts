import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { parseYaml, toJs } from '../yaml-source.ts'

/** Embedded Cluster's proxy for images of private registries; `proxyRegistryDomain` takes its place. */
export const proxyDomain = 'proxy.replicated.com'

/** A login that is made of a licence. Secret. */
export interface LicenseLogin {
  readonly username: string
  readonly password: string
}

/**
 * The login that a licence gives to the proxy: the word `LICENSE_ID` and the licence's id, as KOTS writes it into its pull
 * secrets (pkg/docker/registry/registry.go). No message holds a part of the file: all of it is a secret.
 *
 * @throws PreflightError LICENSE_INVALID
 */
export const licenseLogin = (bytes: Uint8Array, file: string): LicenseLogin => {
  const invalid = (why: string) =>
    new PreflightError('LICENSE_INVALID', `--license ${printable(file)}: ${why}.`, {
      hint: 'Give the licence that the vendor portal gives for a customer: a YAML file of kind License.',
    })
  const license = documents(bytes, file, invalid).find(one => one.kind === 'License')
  if (license === undefined) throw invalid('it holds no document of kind License')
  if (typeof license.apiVersion !== 'string' || !/^kots\.io\/v1beta\d+$/.test(license.apiVersion))
    throw invalid('its apiVersion is none of kots.io')
  const id = isRecord(license.spec) ? license.spec.licenseID : undefined
  if (typeof id !== 'string' || !/^[\x21-\x7e]{1,512}$/.test(id)) throw invalid('it has no spec.licenseID')
  return { username: 'LICENSE_ID', password: id }
}

const documents = (bytes: Uint8Array, file: string, invalid: (why: string) => PreflightError) => {
  try {
    return parseYaml(bytes, file).flatMap(({ root }) => {
      const value: unknown = root === undefined ? undefined : toJs(root)
      return isRecord(value) ? [value] : []
    })
  } catch {
    // The parser's own words quote the line.
    throw invalid('it is no YAML')
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
