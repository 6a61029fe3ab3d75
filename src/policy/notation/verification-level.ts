/** What notation checks of a signature, in its order (trust-store-trust-policy.md at v1.1.0, "Signature Verification Levels"). */
export const checks = ['integrity', 'authenticity', 'authenticTimestamp', 'expiry', 'revocation'] as const
export type Check = (typeof checks)[number]

/** What follows when a check fails: the signature does not count, or it does with a warning; `skipped`: it is not made. */
export type Action = 'enforced' | 'logged' | 'skipped'
export type Actions = Readonly<Record<Check, Action>>

export const levelNames = ['strict', 'permissive', 'audit', 'skip'] as const
export type LevelName = (typeof levelNames)[number]

export const levels: Readonly<Record<LevelName, Actions>> = {
  strict: {
    integrity: 'enforced',
    authenticity: 'enforced',
    authenticTimestamp: 'enforced',
    expiry: 'enforced',
    revocation: 'enforced',
  },
  permissive: {
    integrity: 'enforced',
    authenticity: 'enforced',
    authenticTimestamp: 'logged',
    expiry: 'logged',
    revocation: 'logged',
  },
  audit: {
    integrity: 'enforced',
    authenticity: 'logged',
    authenticTimestamp: 'logged',
    expiry: 'logged',
    revocation: 'logged',
  },
  skip: {
    integrity: 'skipped',
    authenticity: 'skipped',
    authenticTimestamp: 'skipped',
    expiry: 'skipped',
    revocation: 'skipped',
  },
}

/** As the policy writes them. */
const written: Readonly<Record<string, Action>> = { enforce: 'enforced', log: 'logged', skip: 'skipped' }

/** The action that an override asks for, or in a few words why it may not. */
export const overriddenAction = (check: Check, text: string): { readonly action: Action } | string => {
  const action = Object.hasOwn(written, text) ? written[text] : undefined
  if (action === undefined) return `is none of ${Object.keys(written).join(', ')}`
  if (check === 'integrity') return 'cannot be overridden: without integrity nothing else means anything'
  if (check !== 'revocation' && action === 'skipped') return 'cannot be skipped; only revocation can'
  return { action }
}
