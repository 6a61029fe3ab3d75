import type { Fields } from './fields.ts'
import type { KeylessAuthority, LogRule, TrustRootRef } from './image-policy.ts'

/** `trustRootRef: name` with its place. */
export const readTrustRootRef = (fields: Fields): TrustRootRef | undefined => {
  const name = fields.text('trustRootRef')
  return name === undefined ? undefined : { name, position: fields.node('trustRootRef')!.position }
}

/** policy-controller leaves an entry without `trustRootRef` out of account. */
export const readTimestamp = (authority: Fields): { readonly trustRootRef: TrustRootRef } | undefined => {
  const fields = authority.fields('rfc3161timestamp', ['trustRootRef'])
  if (fields === undefined) return undefined
  const trustRootRef = readTrustRootRef(fields)
  if (trustRootRef !== undefined) return { trustRootRef }
  throw fields.fault(
    fields.map,
    'rfc3161timestamp names no trustRootRef, so that no timestamp would be checked',
    'Name the TrustRoot with the timestamp authority.',
  )
}

/**
 * When a log entry is required (policy-controller pkg/webhook/validator.go checkOptsFromAuthority at f925c0c1): whenever `ctlog`
 * is there; for keyless without a TrustRoot, always; for bundles, of the authority's TrustRoot. A signed timestamp replaces it.
 */
export const readLog = (
  authority: Fields,
  keyless: Pick<KeylessAuthority, 'trustRootRef'> | undefined,
  format: 'legacy' | 'bundle' | undefined,
  timestamped: boolean,
): LogRule => {
  const fields = authority.fields('ctlog', ['url', 'trustRootRef'])
  const root = (trustRootRef: TrustRootRef | undefined) => (trustRootRef === undefined ? {} : { trustRootRef })
  if (fields === undefined) {
    const required = keyless !== undefined && (keyless.trustRootRef === undefined || format === 'bundle')
    return { required: required && !timestamped, ...root(keyless?.trustRootRef) }
  }
  const trustRootRef = readTrustRootRef(fields)
  const url = fields.text('url')
  if (url === undefined && trustRootRef === undefined)
    throw fields.fault(
      fields.map,
      'ctlog names neither url nor trustRootRef, so that no log would be checked',
      'Write url: https://rekor.sigstore.dev.',
    )
  if (url !== undefined) checkUrl(fields, 'url', url)
  return { required: !timestamped, ...root(trustRootRef) }
}

/** @throws PreflightError POLICY_INVALID */
export const checkUrl = (fields: Fields, key: string, url: string): void => {
  if (URL.canParse(url) && /^https?:\/\//.test(url)) return
  throw fields.fault(fields.node(key)!, `${key} is not an address that begins with https://`)
}
