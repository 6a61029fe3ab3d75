/** CUE and Rego, with data from the policy itself, an address or a ConfigMap: the mistake, and what to do. */
export const unevaluatedPolicy = [
  'policy is not evaluated: this program runs neither CUE nor Rego',
  'Give a copy of the policy without it, and check what it says by other means.',
] as const
