import fc from 'fast-check'
import { PreflightError } from '../../src/errors.ts'
import { evaluatePolicies } from '../../src/policy/evaluate.ts'
import { joinPolicyFiles } from '../../src/policy/join-policies.ts'
import { parsePolicyFile, policyKindOf } from '../../src/policy/policy-file.ts'
import { keyless, policyOf, publicPem } from '../support/policies.ts'

const texts = [
  policyOf(keyless({ trustRootRef: 'own' }), { mode: 'warn' }),
  policyOf({
    key: { data: publicPem() },
    source: [{ oci: 'ghcr.io/a/b', tagPrefix: 'x' }],
    attestations: [{ name: 'a', predicateType: 'vuln' }],
  }),
  policyOf({ keyless: { identities: [{ issuerRegExp: '^a(b|c)*$', subjectRegExp: '.*' }] }, ctlog: { url: 'https://rekor.example.com' } }),
]
const seasoning = [
  '{',
  '}',
  '[',
  ']',
  ':',
  ',',
  '"',
  '\n',
  '- ',
  'null',
  '\u0000',
  '\ufeff',
  '*',
  '&a',
  '<<',
  '!!',
  '%',
  '---',
  '\t',
  '1e9',
  '__proto__',
]

/** A text with a few pieces taken out, doubled or put in. */
const mutated = fc
  .tuple(
    fc.constantFrom(...texts),
    fc.array(fc.tuple(fc.nat(2000), fc.nat(20), fc.constantFrom('', ...seasoning), fc.boolean()), { minLength: 1, maxLength: 6 }),
  )
  .map(([text, changes]) =>
    changes.reduce((left, [at, length, put, twice]) => {
      const start = at % (left.length + 1)
      const cut = left.slice(start, start + length)
      return `${left.slice(0, start)}${twice ? cut : ''}${put}${left.slice(start + (twice ? 0 : length))}`
    }, text),
  )

const onlyCoded = (act: () => unknown) => {
  try {
    act()
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
  }
}

describe('policies that somebody damaged', () => {
  it('end in an error with a code, or are policies that hold for nothing unsigned', () => {
    fc.assert(
      fc.property(mutated, text => {
        onlyCoded(() => policyKindOf(text, 'p'))
        onlyCoded(() => {
          const { policies } = joinPolicyFiles([parsePolicyFile(text, 'p')])
          const { state } = evaluatePolicies(
            policies,
            { image: 'ghcr.io/acme/plugin:v1', digest: `sha256:${'0'.repeat(64)}` },
            {
              sigstore: () => ({ candidates: [] }),
              notation: () => ({ outcome: 'notApplicable', evidence: [] }),
            },
          )
          if (state === 'held') throw new Error(`held without a signature: ${text}`)
        })
      }),
      { numRuns: 1000 },
    )
  })

  it('are refused as bytes of any kind', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), bytes => {
        onlyCoded(() => policyKindOf(bytes, 'p'))
        onlyCoded(() => parsePolicyFile(bytes, 'p'))
      }),
    )
  })
})
