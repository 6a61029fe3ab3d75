import { PreflightError } from '../errors.ts'
import { showPosition } from '../position.ts'
import { printable } from '../redact.ts'
import type { Authority, ImagePolicy, TrustRootRef } from './image-policy.ts'
import type { GivenFile } from './policy.ts'
import { type PolicyFile, parsePolicyFile, policyKindOf } from './policy-file.ts'
import type { TrustRoot } from './trust-root.ts'

/** Everything that was given with `--policy`. */
export interface Policies<Notation = unknown> {
  readonly policies: readonly ImagePolicy<Notation>[]
  readonly trustRoots: readonly TrustRoot[]
}

/**
 * The files given with `--policy`, each read by the reader of its kind.
 *
 * @param parseNotation reads a trust policy of the Notary Project; called at most once
 * @throws PreflightError YAML_INVALID, FILE_TOO_LARGE, POLICY_INVALID, and what `parseNotation` throws
 */
export const readPolicies = <Notation>(files: readonly GivenFile[], parseNotation: (file: GivenFile) => Notation): Policies<Notation> => {
  const kinds = files.map(({ name, bytes }) => policyKindOf(bytes, name))
  const [trustPolicy, second] = files.filter((_, index) => kinds[index] === 'notation')
  // notation has one, and a second would have to be merged statement by statement.
  if (second !== undefined)
    throw new PreflightError(
      'POLICY_INVALID',
      `${printable(second.name)}: a second trust policy of the Notary Project, beside ${printable(trustPolicy!.name)}`,
      {
        hint: 'Put the statements of both into one file.',
      },
    )
  const joined = joinPolicyFiles(
    files.filter((_, index) => kinds[index] === 'sigstore').map(({ name, bytes }) => parsePolicyFile(bytes, name)),
  )
  const ofNotation: readonly ImagePolicy<Notation>[] =
    trustPolicy === undefined
      ? []
      : [{ kind: 'notation', name: printable(trustPolicy.name), from: trustPolicy.name, document: parseNotation(trustPolicy) }]
  return { policies: [...joined.policies, ...ofNotation], trustRoots: joined.trustRoots }
}

/**
 * Several files as one: names are unique among each kind, as in a cluster, and every TrustRoot that is named is there and has
 * what it is named for.
 *
 * @throws PreflightError POLICY_INVALID
 */
export const joinPolicyFiles = (files: readonly PolicyFile[]): PolicyFile => {
  const policies = files.flatMap(file => file.policies)
  const trustRoots = files.flatMap(file => file.trustRoots)
  refuseRepeatedNames(policies)
  refuseRepeatedNames(trustRoots)
  const known = new Map(trustRoots.map(root => [root.name, root]))
  for (const { ref, needs } of policies.flatMap(policy => policy.authorities.flatMap(usesOf))) {
    const root = known.get(ref.name)
    const invalid = (what: string, hint: string) => new PreflightError('POLICY_INVALID', `${showPosition(ref.position)}: ${what}`, { hint })
    const shown = `TrustRoot "${printable(ref.name, 80)}"`
    if (root === undefined)
      throw invalid(
        `there is no ${shown} among the files that were given`,
        known.size === 0
          ? 'Give its file with --policy, too.'
          : `There are ${[...known.keys()].map(name => printable(name, 80)).join(', ')}.`,
      )
    if (needs !== undefined && root[needs].length === 0)
      throw invalid(`the ${shown} has no ${needs}, for which it is named here`, `It stands at ${root.from}.`)
  }
  return { policies, trustRoots }
}

const refuseRepeatedNames = (all: readonly { readonly name: string; readonly from: string }[]): void => {
  const seen = new Map<string, string>()
  for (const { name, from } of all) {
    const earlier = seen.get(name)
    if (earlier !== undefined)
      throw new PreflightError('POLICY_INVALID', `${from}: the name "${printable(name, 80)}" is taken: ${earlier} has it, too`)
    seen.set(name, from)
  }
}

interface Use {
  readonly ref: TrustRootRef
  /** Absent where it is named for what is not required. */
  readonly needs?: 'certificateAuthorities' | 'tLogs' | 'timestampAuthorities'
}

const usesOf = (authority: Authority): readonly Use[] => {
  if (authority.kind === 'static') return []
  const { log, timestamp } = authority
  const keyless = authority.kind === 'keyless' ? authority.trustRootRef : undefined
  return [
    ...(keyless === undefined ? [] : [{ ref: keyless, needs: 'certificateAuthorities' } as const]),
    ...(log.trustRootRef === undefined ? [] : [{ ref: log.trustRootRef, ...(log.required ? ({ needs: 'tLogs' } as const) : {}) }]),
    ...(timestamp === undefined ? [] : [{ ref: timestamp.trustRootRef, needs: 'timestampAuthorities' } as const]),
  ]
}
