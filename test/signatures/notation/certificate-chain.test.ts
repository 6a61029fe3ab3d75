import { expect } from 'chai'
import { checkChain, type Purpose } from '../../../src/signatures/notation/certificate-chain.ts'
import { faultOf } from '../../../src/signatures/notation/fault.ts'
import { parseCertificate } from '../../../src/x509/certificate.ts'
import {
  codeSigning,
  extension,
  type Issued,
  type IssueOptions,
  issue,
  issueAuthority,
  pairOf,
  subjectOf,
  timeStamping,
} from '../../support/certificate-authority.ts'

const faultOfChain = (chain: readonly Issued[], purpose: Purpose = 'codeSigning'): string | undefined => {
  try {
    checkChain(
      chain.map(({ der }) => parseCertificate(der)),
      purpose,
    )
    return undefined
  } catch (error) {
    return faultOf(error)
  }
}
const root = issueAuthority()
const withLeaf = (options: IssueOptions, purpose?: Purpose) => faultOfChain([issue({ issuer: root, ...options }), root], purpose)
const withRoot = (options: IssueOptions) => {
  const own = issueAuthority(options)
  return faultOfChain([issue({ issuer: own }), own])
}

describe('the certificate chain of a signature', () => {
  const leaves: readonly (readonly [what: string, options: IssueOptions, fault: RegExp | undefined])[] = [
    ['a plain leaf', {}, undefined],
    ['for code signing', { purposes: [codeSigning] }, undefined],
    ['for a purpose that nobody knows', { purposes: ['1.2.3.4'] }, undefined],
    ['that may not deny', { keyUsage: ['digitalSignature', 'nonRepudiation'] }, undefined],
    ['with basicConstraints of no authority', { ca: false }, undefined],
    ['with a critical extension that nobody knows', { extensions: [extension('1.2.3.4', true, Buffer.from([5, 0]))] }, undefined],
    ['that is an authority', { ca: true, keyUsage: ['digitalSignature'] }, /is that of an authority/],
    ['without keyUsage', { keyUsage: undefined }, /does not say what its key is for/],
    ['with a keyUsage that is not critical', { keyUsageCritical: false }, /keyUsage that is not critical$/],
    ['for something else than signatures', { keyUsage: ['nonRepudiation'] }, /is not for digital signatures$/],
    ...(['keyEncipherment', 'dataEncipherment', 'keyAgreement', 'keyCertSign', 'cRLSign', 'encipherOnly', 'decipherOnly'] as const).map(
      bit => [`also for ${bit}`, { keyUsage: ['digitalSignature', bit] }, new RegExp(`is also for ${bit}$`)] as const,
    ),
    ...(
      [
        ['any', '2.5.29.37.0'],
        ['serverAuth', '1.3.6.1.5.5.7.3.1'],
        ['clientAuth', '1.3.6.1.5.5.7.3.2'],
        ['emailProtection', '1.3.6.1.5.5.7.3.4'],
        ['timeStamping', timeStamping],
        ['ocspSigning', '1.3.6.1.5.5.7.3.9'],
      ] as const
    ).map(
      ([name, oid]) => [`with the purpose ${name}`, { purposes: [codeSigning, oid] }, new RegExp(`extended key usage ${name}`)] as const,
    ),
    ['with an RSA key of 1024 bits', { pair: pairOf('RSA 1024', 'leaf') }, /key of another kind or size/],
    ['with an Ed25519 key', { pair: pairOf('ed25519', 'leaf') }, /key of another kind or size/],
    ['signed with SHA-1', { hash: 'sha1' }, /was not issued by the next/],
  ]
  for (const [what, options, fault] of leaves) {
    it(`${fault === undefined ? 'takes' : 'refuses'} a leaf ${what}`, () => {
      if (fault === undefined) expect(withLeaf(options)).to.equal(undefined)
      else expect(withLeaf(options)).to.match(fault)
    })
  }

  const roots: readonly [what: string, options: IssueOptions, fault: RegExp | undefined][] = [
    ['with room for no authority below', { pathLength: 0 }, undefined],
    ['without basicConstraints', { ca: undefined }, /was not issued by the next/],
    ['without keyUsage', { keyUsage: undefined }, /does not say what its key is for/],
    ['with a keyUsage that is not critical', { keyUsageCritical: false }, /keyUsage that is not critical$/],
    ['that may not sign certificates', { keyUsage: ['cRLSign'] }, /./],
    ['of any purpose', { purposes: ['2.5.29.37.0'] }, undefined],
    ['with an RSA key of 1024 bits', { pair: pairOf('RSA 1024', 'root') }, undefined],
  ]
  for (const [what, options, fault] of roots) {
    it(`${fault === undefined ? 'takes' : 'refuses'} a root ${what}`, () => {
      if (fault === undefined) expect(withRoot(options)).to.equal(undefined)
      else expect(withRoot(options)).to.match(fault)
    })
  }

  const middle = issueAuthority({ subject: subjectOf('middle'), pair: pairOf('P-256', 'middle'), issuer: root })
  const leaf = issue({ issuer: middle })
  const other = issueAuthority({ subject: subjectOf('root'), pair: pairOf('P-256', 'other') })
  const orders: readonly [what: string, chain: readonly Issued[], fault: RegExp][] = [
    ['that is empty', [], /^there is no certificate/],
    ['without its root', [leaf, middle], /is the last of the chain and no root$/],
    ['without what is between', [leaf, root], /was not issued by the next/],
    ['in another order', [middle, leaf, root], /was not issued by the next/],
    ['with the root first', [root, middle, leaf], /is a root, and not the last/],
    ['with two roots', [leaf, middle, root, root], /is a root, and not the last/],
    ['with a root of the same name and another key', [leaf, middle, other], /was not issued by the next/],
    ['of one that signed itself, and more', [issue(), root], /was not issued by the next/],
    ['of one that somebody else signed', [leaf], /is alone and not signed by itself/],
    ['of one authority', [root], /is that of an authority/],
  ]
  for (const [what, chain, fault] of orders) {
    it(`refuses a chain ${what}`, () => {
      expect(faultOfChain(chain)).to.match(fault)
    })
  }

  it('counts the authorities below one that allows but so many', () => {
    for (const [pathLength, fits] of [
      [0, false],
      [1, true],
    ] as const) {
      const own = issueAuthority({ pathLength })
      const below = issueAuthority({ subject: subjectOf('middle'), pair: pairOf('P-256', 'middle'), issuer: own })
      expect(faultOfChain([issue({ issuer: below }), below, own]) === undefined, String(pathLength)).to.equal(fits)
    }
  })

  it('takes a signer that signed itself, and not with SHA-1', () => {
    expect(faultOfChain([issue()])).to.equal(undefined)
    expect(faultOfChain([issue({ hash: 'sha1' })])).to.match(/is alone and not signed by itself/)
  })

  it('does not look at validity', () => {
    expect(withLeaf({ notBefore: '1990-01-01T00:00:00Z', notAfter: '1991-01-01T00:00:00Z' })).to.equal(undefined)
  })
})

describe('the certificate chain of a timestamp', () => {
  const table: readonly [what: string, options: IssueOptions, fits: boolean][] = [
    ['for timestamps, critically', { purposes: [timeStamping], purposesCritical: true }, true],
    ['whose keyUsage is not critical', { purposes: [timeStamping], purposesCritical: true, keyUsageCritical: false }, true],
    ['for timestamps, not critically', { purposes: [timeStamping] }, false],
    ['for timestamps and code', { purposes: [timeStamping, codeSigning], purposesCritical: true }, false],
    ['for any purpose', { purposes: ['2.5.29.37.0'], purposesCritical: true }, false],
    ['for no purpose', {}, false],
    ['without keyUsage', { purposes: [timeStamping], purposesCritical: true, keyUsage: undefined }, false],
  ]
  for (const [what, options, fits] of table) {
    it(`${fits ? 'takes' : 'refuses'} a leaf ${what}`, () => {
      expect(withLeaf(options, 'timestamping') === undefined).to.equal(fits)
    })
  }
})
