import { expect } from 'chai'
import { joinPolicyFiles, readPolicies } from '../../src/policy/join-policies.ts'
import { parsePolicyFile } from '../../src/policy/policy-file.ts'
import { makeCertificate } from '../support/certificate.ts'
import { document, keyless, policyOf, publicPem, refusal } from '../support/policies.ts'

const named = (name: string) => document({ images: [{ glob: '**' }], authorities: [keyless()] }, { name })
const base64 = (text: string) => Buffer.from(text).toString('base64')
const authority = {
  subject: { organization: 'a', commonName: 'b' },
  uri: 'https://a',
  certChain: base64(makeCertificate({ ca: true }).cert),
}
const log = { baseURL: 'https://rekor.example.com', hashAlgorithm: 'sha-256', publicKey: base64(publicPem()) }
const trustRoot = (sigstoreKeys: object) =>
  parsePolicyFile(document({ sigstoreKeys }, { kind: 'TrustRoot', version: 'v1alpha1', name: 'own' }), 'root.yaml')

describe('joinPolicyFiles', () => {
  it('wants every TrustRoot that is named', () => {
    for (const authority of [
      keyless({ trustRootRef: 'own' }),
      { ...keyless(), ctlog: { trustRootRef: 'own' } },
      { ...keyless(), rfc3161timestamp: { trustRootRef: 'own' } },
    ]) {
      const { message, hint } = refusal(() => joinPolicyFiles([parsePolicyFile(policyOf(authority), 'p.yaml')]))
      expect(message).to.match(/^p\.yaml:\d+:\d+: there is no TrustRoot "own"/)
      expect(hint).to.equal('Give its file with --policy, too.')
    }
  })

  it('wants each name once', () => {
    const files = ['a.yaml', 'b.yaml'].map(file => parsePolicyFile(policyOf(keyless()), file))
    expect(refusal(() => joinPolicyFiles(files)).message).to.equal('b.yaml:1:1: the name "plugins" is taken: a.yaml:1:1 has it, too')
  })

  it('keeps the order of files and documents', () => {
    const file = parsePolicyFile(`${named('acme')}\n---\n${named('last')}`, 'p.yaml')
    expect(joinPolicyFiles([file, parsePolicyFile(policyOf(keyless()), 'q')]).policies.map(({ name }) => name)).to.deep.equal([
      'acme',
      'last',
      'plugins',
    ])
  })
})

describe('joinPolicyFiles, of a TrustRoot that is named', () => {
  const ref = { trustRootRef: 'own' }
  const [fulcio, tsa] = [{ certificateAuthorities: [authority] }, { timestampAuthorities: [authority] }]
  for (const [title, use, keys, missing] of [
    ['for certificates', keyless(ref), tsa, 'certificateAuthorities'],
    ['for a log', { ...keyless(), ctlog: ref }, fulcio, 'tLogs'],
    ['for the log of bundles', { ...keyless(ref), signatureFormat: 'bundle' }, fulcio, 'tLogs'],
    ['for timestamps', { ...keyless(), rfc3161timestamp: ref }, fulcio, 'timestampAuthorities'],
  ] as const) {
    it(`wants what it is named for: ${title}`, () => {
      const { message, hint } = refusal(() => joinPolicyFiles([parsePolicyFile(policyOf(use), 'p.yaml'), trustRoot(keys)]))
      expect(message)
        .to.match(/^p\.yaml:\d+:\d+: /)
        .and.include(`the TrustRoot "own" has no ${missing}`)
      expect(hint).to.equal('It stands at root.yaml:1:1.')
    })
  }

  it('wants no log where a timestamp replaces it', () => {
    const use = { ...keyless(ref), ctlog: ref, rfc3161timestamp: ref }
    expect(joinPolicyFiles([parsePolicyFile(policyOf(use), 'p'), trustRoot({ ...fulcio, ...tsa })]).trustRoots).to.have.length(1)
    expect(
      joinPolicyFiles([parsePolicyFile(policyOf({ ...keyless(), ctlog: ref }), 'p'), trustRoot({ ...fulcio, tLogs: [log] })]).trustRoots,
    ).to.have.length(1)
  })
})

describe('readPolicies', () => {
  const file = (name: string, text: string) => ({ name, bytes: Buffer.from(text) })
  const notation = '{"version": "1.0", "trustPolicies": []}'

  it('has each file read by the reader of its kind', () => {
    const given = [file('trustpolicy.json', notation), file('a.yaml', named('a'))]
    const { policies } = readPolicies(given, ({ name, bytes }) => `${name}: ${bytes.length}`)
    expect(policies.map(({ kind, name }) => [kind, name])).to.deep.equal([
      ['sigstore', 'a'],
      ['notation', 'trustpolicy.json'],
    ])
    expect(policies[1]).to.include({ document: `trustpolicy.json: ${notation.length}` })
  })

  it('takes one trust policy of the Notary Project', () => {
    const twice = [file('a.json', notation), file('b.json', notation)]
    expect(refusal(() => readPolicies(twice, () => '')).message).to.equal(
      'b.json: a second trust policy of the Notary Project, beside a.json',
    )
  })

  it('hands on the mistakes of every reader', () => {
    const mistake = new TypeError('of notation')
    const throwing = () => {
      throw mistake
    }
    expect(() => readPolicies([file('a.json', notation)], throwing)).to.throw(mistake)
    expect(refusal(() => readPolicies([file('a.yaml', 'a: b')], throwing)).code).to.equal('POLICY_INVALID')
  })

  it('has nothing to say without files', () => {
    expect(readPolicies([], () => '')).to.deep.equal({ policies: [], trustRoots: [] })
  })
})
