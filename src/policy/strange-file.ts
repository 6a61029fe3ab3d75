import { PreflightError } from '../errors.ts'
import { printable } from '../redact.ts'
import { at, type Reader, textOf, type YamlMap } from '../yaml-source.ts'

/** Files that are no documents at all. @throws PreflightError POLICY_INVALID */
export const refuseStrangeFile = (input: string | Uint8Array, file: string): void => {
  const start = typeof input === 'string' ? input.slice(0, 64) : new TextDecoder('latin1').decode(input.subarray(0, 64))
  const label = /-----BEGIN ([A-Z0-9 ]+)/.exec(start)?.[1]
  if (label === undefined || /^[^-]*[:{]/.test(start)) return
  throw new PreflightError('POLICY_INVALID', `${file}:1:1: this is a ${label.trim().toLowerCase()} in PEM, not a policy`, {
    hint: label.includes('PUBLIC KEY') ? 'Give it with --key.' : 'A policy says which images, and whom to trust for them.',
  })
}

/** Documents that are known, with what to give instead. */
const strangers: readonly { readonly is: (map: YamlMap) => boolean; readonly what: string; readonly hint: string }[] = [
  {
    is: map => at(map, 'default') !== undefined && (at(map, 'transports') !== undefined || at(map, 'default')?.kind === 'list'),
    what: "this is a policy.json of containers/image, which is not supported: it speaks of podman's and CRI-O's transports",
    hint: 'Give its keys with --key, or write a ClusterImagePolicy with an authority for each of its keyPath, keyData and fulcio entries.',
  },
  {
    is: map => /^application\/vnd\.dev\.sigstore\.(?:trustedroot|bundle)/.test(textOf(at(map, 'mediaType')) ?? ''),
    what: 'this is a file of Sigstore, but no policy',
    hint: 'Give a trusted_root.json with --trusted-root.',
  },
  {
    is: map => (textOf(at(map, 'apiVersion')) ?? '').startsWith('velero-plugin-preflight/'),
    what: 'this is a spec of this program, not a policy',
    hint: 'Name it as the SPEC on the command line, without --policy.',
  },
  {
    is: map => /^(?:kyverno\.io|constraints\.gatekeeper\.sh|policies\.kubewarden\.io)\//.test(textOf(at(map, 'apiVersion')) ?? ''),
    what: 'policies of other admission controllers are not evaluated',
    hint: 'Write a ClusterImagePolicy of policy.sigstore.dev, or a trust policy of the Notary Project.',
  },
]

/** @throws PreflightError POLICY_INVALID */
export const refuseUnknownDocument = (reader: Reader, map: YamlMap): never => {
  const known = strangers.find(({ is }) => is(map))
  if (known !== undefined) throw reader.fault(map, known.what, known.hint)
  const [apiVersion, kind] = [textOf(at(map, 'apiVersion')), textOf(at(map, 'kind'))]
  const what =
    apiVersion === undefined || kind === undefined
      ? 'this is no policy'
      : `this is a ${printable(kind, 60)} of ${printable(apiVersion, 60)}, not a policy`
  throw reader.fault(
    map,
    what,
    'A policy is a ClusterImagePolicy or TrustRoot of policy.sigstore.dev, or a trustpolicy.json of the Notary Project.',
  )
}
