import { PreflightError } from '../errors.ts'
import { predicateShortNames } from '../predicates/predicate-types.ts'
import { printable } from '../redact.ts'
import { suggest } from '../suggest.ts'
import type { YamlNode } from '../yaml-source.ts'
import type { Fields } from './fields.ts'
import type { Authority, HashAlgorithm, RequiredAttestation, SignatureSource, StaticAuthority } from './image-policy.ts'
import { readKeyless } from './keyless.ts'
import { publicKeyFromPem } from './keys.ts'
import { readLog, readTimestamp } from './log-rule.ts'
import type { TrustedKey } from './policy.ts'
import { readSource } from './signature-source.ts'
import { unevaluatedPolicy } from './unevaluated.ts'

const kinds = ['key', 'keyless', 'static'] as const
const verifying = ['attestations', 'source', 'ctlog', 'rfc3161timestamp'] as const

/** One entry of `authorities`. @throws PreflightError POLICY_INVALID */
export const readAuthority = (spec: Fields, node: YamlNode, index: number): Authority => {
  const authority = spec.of(node, 'an authority', ['name', ...kinds, ...verifying, 'signatureFormat'])
  const name = authority.text('name') ?? `authority-${index}`
  const given = kinds.filter(kind => authority.node(kind) !== undefined)
  const [kind] = given
  const one = 'An authority has exactly one of key, keyless and static.'
  if (kind === undefined) throw authority.fault(authority.map, `the authority ${shown(name)} has neither key, keyless nor static`, one)
  if (given.length > 1) throw authority.fault(keyOf(authority, given[1]!), `the authority ${shown(name)} has ${given.join(' and ')}`, one)
  if (kind === 'static') return readStatic(authority, name)
  const signatureFormat = authority.choice('signatureFormat', ['legacy', 'bundle'])
  const source = readSource(authority)
  const timestamp = readTimestamp(authority)
  const keyless = kind === 'keyless' ? readKeyless(authority) : undefined
  const shared = {
    name,
    ...(source === undefined ? {} : ({ source } satisfies { source: SignatureSource })),
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(signatureFormat === undefined ? {} : { signatureFormat }),
    log: readLog(authority, keyless, signatureFormat, timestamp !== undefined),
    attestations: authority.entries('attestations', ['name', 'predicateType', 'policy']).map(readAttestation),
  }
  return keyless === undefined ? { kind: 'key', ...shared, ...readKey(authority, name) } : { kind: 'keyless', ...shared, ...keyless }
}

const shown = (name: string) => `"${printable(name, 80)}"`

/** Where the key itself stands. */
const keyOf = ({ map }: Fields, key: string) => ({ position: map.entries.get(key)!.keyPosition })

const readStatic = (authority: Fields, name: string): StaticAuthority => {
  const senseless = verifying.find(key => authority.node(key) !== undefined && !isEmptyList(authority.node(key)!))
  if (senseless !== undefined)
    throw authority.fault(keyOf(authority, senseless), `${senseless} makes no sense beside static, which looks at nothing`)
  const fields = authority.fields('static', ['action', 'message'])!
  const action = fields.choice('action', ['pass', 'fail'])
  if (action === undefined) throw fields.fault(fields.map, 'action is missing in static', 'It is pass or fail.')
  return { kind: 'static', name, action, message: fields.text('message') ?? '' }
}

const isEmptyList = (node: YamlNode): boolean => node.kind === 'list' && node.items.length === 0

const hashAlgorithms = ['sha224', 'sha256', 'sha384', 'sha512'] as const

const readKey = (authority: Fields, name: string): { readonly keys: readonly TrustedKey[]; readonly hashAlgorithm: HashAlgorithm } => {
  const key = authority.fields('key', ['data', 'secretRef', 'kms', 'hashAlgorithm'])!
  for (const [place, why] of [
    ['kms', 'kms is not evaluated: no key management service is asked'],
    ['secretRef', 'secretRef is not evaluated: no Secret of a cluster is read for keys'],
  ] as const) {
    if (key.node(place) !== undefined)
      throw key.fault(keyOf(key, place), why, 'Write the public key itself into data: `cosign public-key --key REFERENCE` prints it.')
  }
  const pem = key.requiredText('data', 'It holds the public key in PEM: data: |, then -----BEGIN PUBLIC KEY----- and so on.')
  const written = key.text('hashAlgorithm')
  const hashAlgorithm = hashAlgorithms.find(one => one === (written ?? 'sha256').trim().toLowerCase())
  if (hashAlgorithm === undefined)
    throw key.fault(
      key.node('hashAlgorithm')!,
      `hashAlgorithm "${printable(written!, 40)}" is not known`,
      `It is one of ${hashAlgorithms.join(', ')}.`,
    )
  try {
    publicKeyFromPem(pem, 'data')
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    const several = error.hint?.includes('--key once for each') === true
    throw key.fault(
      key.node('data')!,
      error.message.replace(/\.$/, ''),
      several ? 'Write an authority for each key: any one suffices.' : error.hint,
    )
  }
  return { keys: [{ name: `the authority ${name}`, pem }], hashAlgorithm }
}

const readAttestation = (entry: Fields): RequiredAttestation => {
  if (entry.node('policy') !== undefined) throw entry.fault(keyOf(entry, 'policy'), ...unevaluatedPolicy)
  const name = entry.requiredText('name')
  const predicateType = entry.requiredText('predicateType')
  const known = Object.keys(predicateShortNames)
  if (known.includes(predicateType) || /^[a-z][a-z0-9+.-]*:[^\s]+$/i.test(predicateType)) return { name, predicateType }
  const meant = suggest(predicateType, known)
  throw entry.fault(
    entry.node('predicateType')!,
    `predicateType "${printable(predicateType, 80)}" is neither a URI nor a short name: no attestation has it`,
    meant === undefined ? `The short names are ${known.join(', ')}.` : `Did you mean ${meant}?`,
  )
}
