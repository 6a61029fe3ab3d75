import { policyOfFlags } from '../policy/flag-policy.ts'
import type { ImagePolicy } from '../policy/image-policy.ts'
import type { SignaturePolicy } from '../policy/policy.ts'
import type { Authority } from '../signatures/authority.ts'
import type { BlobReader } from './attached.ts'
import { authorityOf, type VerifyingAuthority } from './authority-of.ts'
import { type JudgedImage, judgeImage } from './judge-image.ts'
import type { NotationTrust } from './notation.ts'
import { type TrustedRoots, trustedRootsOf } from './trusted-roots.ts'
import type { Collected } from './where.ts'

/** Whom the user trusts, ready to be asked about any number of images. */
export interface Trust {
  /** Of the flags and of the files. */
  readonly policies: readonly ImagePolicy<NotationTrust>[]
  readonly roots: TrustedRoots
  image(fact: Collected, blob: BlobReader): JudgedImage
}

/** @param at the time for which is judged */
export const trustOf = (policy: SignaturePolicy<NotationTrust>, at: Date): Trust => {
  const roots = trustedRootsOf(policy)
  const known = new Map<VerifyingAuthority, Authority>()
  const ofPolicy = (authority: VerifyingAuthority): Authority => {
    const found = known.get(authority) ?? authorityOf(authority, roots, at)
    known.set(authority, found)
    return found
  }
  const ofKeys = policyOfFlags(policy.keys, undefined)
  return {
    policies: [...(ofKeys === undefined ? [] : [ofKeys]), ...(policy.policies ?? [])],
    roots,
    image: (fact, blob) => judgeImage({ fact, blob, authorityOf: ofPolicy, at }),
  }
}
