/** Short names, as cosign 3.1 and policy-controller resolve them (cosign cmd/cosign/cli/options/predicate.go). */
export const predicateShortNames: Readonly<Record<string, string>> = {
  custom: 'https://cosign.sigstore.dev/attestation/v1',
  slsaprovenance: 'https://slsa.dev/provenance/v0.2',
  slsaprovenance02: 'https://slsa.dev/provenance/v0.2',
  slsaprovenance1: 'https://slsa.dev/provenance/v1',
  spdx: 'https://spdx.dev/Document',
  spdxjson: 'https://spdx.dev/Document',
  cyclonedx: 'https://cyclonedx.org/bom',
  link: 'https://in-toto.io/Link/v1',
  vuln: 'https://cosign.sigstore.dev/attestation/vuln/v1',
  openvex: 'https://openvex.dev/ns',
}

/** What makes a statement a signature of an image instead of an attestation (cosign 3.1 pkg/types/predicate.go). */
export const signaturePredicateType = 'https://sigstore.dev/cosign/sign/v1'

/** How a type that was found fulfils the one that was asked for. */
export interface PredicateMatch {
  /** In full, as it was looked for. */
  readonly wanted: string
  readonly found: string
  /** `version`: the wanted type names no version, and the found one is a version of it (`…/Document/v2.3`, `…/ns/v0.2.0`). */
  readonly how: 'exact' | 'version'
}

/** A type in full; what is no short name stays what it is. */
export const fullPredicateType = (type: string): string => (Object.hasOwn(predicateShortNames, type) ? predicateShortNames[type]! : type)

/**
 * Whether `found` is of the type `wanted`, a short name or in full. Writers put a version behind types that have none
 * (GitHub's `https://spdx.dev/Document/v2.3`, `https://openvex.dev/ns/v0.2.0`), so that it is let through and said.
 */
export const matchPredicateType = (wanted: string, found: string): PredicateMatch | undefined => {
  const full = fullPredicateType(wanted)
  if (found === full) return { wanted: full, found, how: 'exact' }
  const suffix = found.startsWith(`${full}/`) ? found.slice(full.length + 1) : ''
  const versioned = /\/v\d+(?:\.\d+)*$/.test(full)
  return !versioned && /^v\d+(?:\.\d+){0,3}$/.test(suffix) ? { wanted: full, found, how: 'version' } : undefined
}
