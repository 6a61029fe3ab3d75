import { PreflightError } from '../errors.ts'
import type { TrustRootRef } from '../policy/image-policy.ts'
import type { SignaturePolicy } from '../policy/policy.ts'
import { toTrustedRoot } from '../policy/trusted-root.ts'
import { printable } from '../redact.ts'
import { parseTrustedRoot, type TrustedRoot } from '../signatures/sigstore/trusted-root.ts'

/** The trusted roots of a policy, each read once and only when it is asked for. */
export interface TrustedRoots {
  /** A TrustRoot that a policy names; without a name the one of `--trusted-root` or what stands for it. @throws PreflightError */
  get(ref?: TrustRootRef): TrustedRoot
  /** Undefined where none was found. */
  readonly byDefault: TrustedRoot | undefined
}

export const trustedRootsOf = ({ trustRoots = [], trustedRoot }: Pick<SignaturePolicy, 'trustRoots' | 'trustedRoot'>): TrustedRoots => {
  const named = new Map<string, TrustedRoot>()
  let standard: TrustedRoot | undefined
  const byDefault = () => {
    if (trustedRoot !== undefined) standard ??= parseTrustedRoot(trustedRoot.bytes, trustedRoot.name)
    return standard
  }
  const byName = (name: string): TrustedRoot => {
    const known = named.get(name)
    if (known !== undefined) return known
    const root = trustRoots.find(one => one.name === name)
    if (root === undefined) throw unavailable(`the TrustRoot "${printable(name, 80)}"`)
    const read = parseTrustedRoot(Buffer.from(JSON.stringify(toTrustedRoot(root))), root.from)
    named.set(name, read)
    return read
  }
  return {
    get: ref => {
      const root = ref === undefined ? byDefault() : byName(ref.name)
      if (root === undefined) throw unavailable('a trusted root of Sigstore')
      return root
    },
    get byDefault() {
      return byDefault()
    },
  }
}

const unavailable = (what: string) =>
  new PreflightError('TRUSTED_ROOT_UNAVAILABLE', `The policy needs ${what}, and there is none.`, {
    hint: 'Give the trusted_root.json of the deployment that signs with --trusted-root.',
  })
