import { expect } from 'chai'
import {
  failed,
  type NotationCheck,
  type NotationOutcome,
  type NotationStep,
  notChecked,
  ok,
} from '../../src/signatures/notation/outcome.ts'
import { notationRemedy } from '../../src/trust/notation.ts'

const outcomeOf = (...steps: readonly NotationStep[]): NotationOutcome => ({
  verdict: 'failed',
  statement: 'a',
  level: 'strict',
  steps,
  claim: undefined,
})
const step = (check: NotationCheck, finding = failed('a', 'b'), action: NotationStep['action'] = 'enforced'): NotationStep => ({
  check,
  action,
  ...finding,
})

describe('notationRemedy', () => {
  for (const [check, remedy] of [
    ['policy', /Write a statement/],
    ['integrity', /Sign the image again/],
    ['authenticity', /into the store by a way that you trust/],
    ['authenticTimestamp', /--timestamp-url/],
    ['expiry', /Sign the image again/],
    ['revocation', /another certificate/],
    ['artifact', /Deploy the image that was signed/],
    ['userMetadata', /annotations/],
  ] as const) {
    it(`says what to do where ${check} fails`, () => {
      expect(notationRemedy(outcomeOf(step(check))))
        .to.match(remedy)
        .and.match(/\.$/)
    })
  }

  it('asks for the revocation list that was not handed in, of the signer or of the timestamp', () => {
    for (const check of ['revocation', 'authenticTimestamp'] as const)
      expect(notationRemedy(outcomeOf(step('integrity', ok()), step(check, notChecked('a list', 'none'))))).to.match(/--crl/)
  })

  it('passes over what is only logged', () => {
    expect(notationRemedy(outcomeOf(step('authenticity', undefined, 'logged'), step('artifact')))).to.match(/Deploy/)
  })
})
