import { expect } from 'chai'
import { sha256 } from '../../../src/digest.ts'
import type { KeylessAuthority } from '../../../src/signatures/authority.ts'
import { identityOf } from '../../../src/signatures/sigstore/identity.ts'
import { parseTrustedRoot } from '../../../src/signatures/sigstore/trusted-root.ts'
import type { Fault, StepName, Verdict } from '../../../src/signatures/verdict.ts'
import { verifyBundle } from '../../../src/signatures/verify-bundle.ts'
import { statementOf } from '../../support/cosign.ts'
import { alice, issueSigner, newDeployment, type SigningOptions, type TrustedRootJson, trustedRootOf } from '../../support/sigstore/deployment.ts'
import { type Bundle, type ProofOptions, signBundle } from '../../support/sigstore/signatures.ts'

const manifest = Buffer.from('{"schemaVersion":2}')
const image = sha256(manifest)
const here = newDeployment()
const identity = await identityOf({ subject: alice.email, issuer: alice.issuer })
const rootOf = (json: object) => parseTrustedRoot(Buffer.from(JSON.stringify(json)), 'root.json')
const trusted: KeylessAuthority = { kind: 'keyless', identities: [identity], trustedRoot: rootOf(trustedRootOf(here)) }

describe('x', () => {
  it('y', () => {
    const { bundle } = signBundle(here, issueSigner(here), statementOf(image), { logs: ['rekor', 'rekor2'], stamps: [{}] })
    const v = verifyBundle(image, { bundle: Buffer.from(JSON.stringify(bundle)) }, trusted)
    console.log(v)
    expect(v.verified).to.equal(true)
  })
})
