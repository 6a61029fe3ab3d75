import { readFileSync } from 'node:fs'
import { expect } from 'chai'
import { signature } from '../src/analyzers/signature.ts'
import type { Status } from '../src/outcome.ts'
import { decide, parseSpec } from '../src/spec.ts'

const vocabulary = {
  config: [],
  cluster: [],
  airgap: [],
  image: [],
  pullSecret: [],
  binaries: [],
  signature: Object.keys(signature.values),
  attestation: [],
  vulnerability: [],
  upgrade: [],
  velero: [],
  nodes: [],
}

describe('specs/strict.yaml', () => {
  const { analyzers } = parseSpec(readFileSync('specs/strict.yaml'), 'specs/strict.yaml', vocabulary)
  const required = 'm This spec requires the signature of somebody whom --key, --certificate-identity or --policy trusts.'

  it('makes every check, each strict', () => {
    expect(analyzers.map(({ kind, strict, exclude }) => [kind, strict, exclude])).to.deep.equal(
      ['config', 'image', 'pullSecret', 'binaries', 'signature'].map(kind => [kind, true, false]),
    )
  })
  const cases: [status: Status, verified: boolean | undefined, expected: Status, message: string][] = [
    ['pass', true, 'pass', 'm'],
    ['warn', true, 'warn', 'm'],
    ['fail', true, 'fail', 'm'],
    ['warn', false, 'fail', required],
    ['pass', false, 'fail', required],
    ['pass', undefined, 'fail', required],
    ['fail', false, 'fail', 'm'],
  ]
  for (const [status, verified, expected, message] of cases) {
    it(`${status} and ${verified === undefined ? 'nothing known' : verified ? 'verified' : 'not verified'}: ${expected}`, () => {
      const values = { status, message: 'm', ...(verified === undefined ? {} : { verified }) }
      expect(decide(analyzers.at(-1)!, values)).to.deep.equal({ status: expected, message })
    })
  }
})
