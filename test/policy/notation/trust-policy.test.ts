import { expect } from 'chai'
import { PreflightError } from '../../../src/errors.ts'
import { parseTrustPolicy, statementFor, storesIn } from '../../../src/policy/notation/trust-policy.ts'
import { checks } from '../../../src/policy/notation/verification-level.ts'

const statement = {
  name: 'plugins',
  registryScopes: ['registry.example.com/acme/plugin'],
  signatureVerification: { level: 'strict' } as object,
  trustStores: ['ca:acme'],
  trustedIdentities: ['x509.subject: C=US, ST=WA, O=acme'],
}
const documentOf = (...statements: readonly object[]) => ({ version: '1.0', trustPolicies: statements })
const parse = (document: unknown) =>
  parseTrustPolicy(typeof document === 'string' ? document : JSON.stringify(document), 'trustpolicy.json')
const faultIn = (document: unknown): string | undefined => {
  try {
    parse(document)
    return undefined
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    expect(error.code).to.be.oneOf(['POLICY_INVALID', 'YAML_INVALID'])
    return error.message.split('\n')[0]
  }
}
const withStatement = (change: object) => faultIn(documentOf({ ...statement, ...change }))
const withVerification = (signatureVerification: unknown) => withStatement({ signatureVerification })

describe('a trust policy', () => {
  it('is read with its statements', () => {
    const { file, statements } = parse(documentOf(statement, { ...statement, name: 'rest', registryScopes: ['*'] }))
    expect([file, ...statements.map(({ name, level }) => `${name} ${level}`)]).to.deep.equal([
      'trustpolicy.json',
      'plugins strict',
      'rest strict',
    ])
    expect(statements[0]).to.deep.include({ verifyTimestamp: 'always', trustStores: [{ type: 'ca', name: 'acme' }] })
  })

  it('says where its mistakes are', () => {
    const text = `{\n  "version": "1.0",\n  "trustPolicies": [\n    {"name": "a", "registryScopes": ["*"], "signatureVerification": {"level": "Strict"}}\n  ]\n}\n`
    expect(() => parse(text))
      .to.throw(PreflightError)
      .with.property('message')
      .that.matches(/^trustpolicy\.json:4:79: the level "Strict" is not known\n/)
  })

  const documents: readonly [what: string, document: unknown, why: RegExp][] = [
    ['that is empty', '', /1:1: there is no trust policy in it$/],
    ['that is a list', '[]', /must be an object, and this is a list$/],
    ['without a version', { trustPolicies: [statement] }, /version is missing$/],
    ['of another version', { version: '2.0', trustPolicies: [statement] }, /version is not "1\.0"/],
    ['whose version is a number', '{"version": 1.0}', /version must be text/],
    ['without statements', documentOf(), /there are no trustPolicies/],
    ['whose statements are missing', { version: '1.0' }, /there are no trustPolicies/],
    [
      'with two statements of one name',
      documentOf(statement, { ...statement, registryScopes: ['*'] }),
      /two statements have the name "plugins"$/,
    ],
    ['with one scope in two statements', documentOf(statement, { ...statement, name: 'b' }), /the registry scope ".+" is there twice/],
    ['with a key that nobody knows', { ...documentOf(statement), comment: 'x' }, /has no key "comment"$/],
    ['with a key in another case', { version: '1.0', TrustPolicies: [statement] }, /has no key "TrustPolicies"$/],
    ['with a key twice', '{"version": "1.0", "version": "1.0"}', /the key version is already set/],
    ['that is YAML', 'version: "1.0"\ntrustPolicies: []\n', /a trust policy is JSON, and this is not/],
    ['with a comma too many', '{"version": "1.0",}', /a trust policy is JSON, and this is not/],
    ['that is cut off', '{"version": "1.0"', /./],
    ['with something after it', '{"version": "1.0"} {}', /./],
    [
      'for blobs',
      { version: '1.0', trustPolicies: [{ ...statement, registryScopes: undefined, globalPolicy: true }] },
      /has no key "globalPolicy"$/,
    ],
  ]
  for (const [what, document, why] of documents) {
    it(`is refused ${what}`, () => {
      expect(faultIn(document)).to.match(why)
    })
  }
  it('is refused with a byte order mark, as notation does, in words that say so', () => {
    const bytes = Buffer.from(`\ufeff${JSON.stringify(documentOf(statement))}`)
    expect(() => parseTrustPolicy(bytes, 'p')).to.throw(/begins without a byte order mark/)
  })
  it('is refused in another encoding than UTF-8', () => {
    expect(() => parseTrustPolicy(Buffer.from([0xff, 0xfe, 0x7b, 0]), 'p'))
      .to.throw(PreflightError)
      .with.property('code', 'YAML_INVALID')
  })

  const statements: readonly [what: string, change: object, why: RegExp | undefined][] = [
    ['without a name', { name: undefined }, /has no name$/],
    ['with an empty name', { name: '' }, /has no name$/],
    ['whose name is a number', { name: 1 }, /name must be text/],
    ['without scopes', { registryScopes: [] }, /has no registryScopes$/],
    ['whose scopes are text', { registryScopes: '*' }, /registryScopes must be a list/],
    ['with * and more', { registryScopes: ['*', 'a.b/c'] }, /\* stands alone or not at all$/],
    ['with a scope twice', { registryScopes: ['a.b/c', 'a.b/c'] }, /is there twice/],
    ['without verification', { signatureVerification: undefined }, /signatureVerification is missing$/],
    ['without trust stores', { trustStores: [] }, /has no trustStores$/],
    ['without trusted identities', { trustedIdentities: undefined }, /has no trustedIdentities$/],
    ['with * and more identities', { trustedIdentities: ['*', 'x509.subject: C=US, ST=WA, O=a'] }, /\* stands alone or not at all$/],
    ['with an empty identity', { trustedIdentities: [''] }, /is empty$/],
    ['with an identity without prefix', { trustedIdentities: ['C=US, ST=WA, O=a'] }, /is neither \* nor PREFIX:VALUE/],
    ['with an identity of a plugin', { trustedIdentities: ['acme.id:x'] }, undefined],
    [
      'with an identity within another',
      { trustedIdentities: ['x509.subject:C=US,ST=WA,O=a', 'x509.subject:C=US,ST=WA,O=a,OU=b'] },
      /overlaps with one before it/,
    ],
    [
      'with an identity around another',
      { trustedIdentities: ['x509.subject:C=US,ST=WA,O=a,OU=b', 'x509.subject:C=US,ST=WA,O=a'] },
      /overlaps with one before it/,
    ],
    [
      'with an identity twice',
      { trustedIdentities: ['x509.subject:C=US,ST=WA,O=a', 'x509.subject:O=a,S=WA,C=US'] },
      /overlaps with one before it/,
    ],
    ['with two identities', { trustedIdentities: ['x509.subject:C=US,ST=WA,O=a', 'x509.subject:C=US,ST=WA,O=b'] }, undefined],
    ['with a misspelt key', { trustedStores: [] }, /has no key "trustedStores"$/],
    ['that skips', { signatureVerification: { level: 'skip' }, trustStores: undefined, trustedIdentities: [] }, undefined],
    [
      'that skips, with stores',
      { signatureVerification: { level: 'skip' }, trustedIdentities: [] },
      /has no trustStores and no trustedIdentities$/,
    ],
    [
      'that skips, with identities',
      { signatureVerification: { level: 'skip' }, trustStores: [] },
      /has no trustStores and no trustedIdentities$/,
    ],
  ]
  for (const [what, change, why] of statements) {
    it(`${why === undefined ? 'may have' : 'is refused with'} a statement ${what}`, () => {
      if (why === undefined) expect(withStatement(change)).to.equal(undefined)
      else expect(withStatement(change)).to.match(why)
    })
  }

  for (const store of ['', 'acme', 'ca', 'ca:', 'other:acme', 'CA:acme', 'ca:a b', 'ca:a/b', 'ca:.', 'ca:..', 'ca:#@$@$']) {
    it(`is refused with the trust store "${store}"`, () => {
      expect(withStatement({ trustStores: [store] })).to.match(/the trust store ".*" cannot be: /)
    })
  }
  for (const scope of [
    'example.com/rep',
    'example.com:8080/rep/rep2',
    'example.com/a/b/c',
    '10.10.10.10:8080/rep/rep2',
    'domain/rep',
    'domain:1234/rep',
  ]) {
    it(`may have the scope ${scope}`, () => {
      expect(withStatement({ registryScopes: [scope] })).to.equal(undefined)
    })
  }
  const badScopes = [
    '',
    '1:1',
    'a,b',
    'abcd',
    '1,2',
    'example.com/rep:tag',
    'example.com',
    'rep/rep2:latest',
    '10.10.10.10:8080/rep/rep2:latest',
  ]
  for (const scope of [
    ...badScopes,
    'https://example.com/rep',
    'example.com/Rep',
    'example.com/',
    '/rep',
    'example.com//rep',
    '[::1]/rep',
    '-a/rep',
    'a.b:x/rep',
  ]) {
    it(`is refused with the scope "${scope}"`, () => {
      expect(withStatement({ registryScopes: [scope] })).to.match(/is not domain\/repository/)
    })
  }
  for (const scope of ['example.com/*', '*/', 'example*/', 'ex*test', '**']) {
    it(`is refused with the pattern "${scope}"`, () => {
      expect(withStatement({ registryScopes: [scope] })).to.match(/has a wildcard inside/)
    })
  }
  it('reads scopes in linear time', () => {
    expect(withStatement({ registryScopes: [`a.b/${'a-'.repeat(50_000)}`] })).to.match(/is not domain\/repository/)
  })

  it('is refused with another level, override or time', () => {
    for (const [verification, why] of [
      [{}, /level is missing$/],
      [{ level: '' }, /level is missing$/],
      [{ level: 'lax' }, /the level "lax" is not known$/],
      [{ level: 'toString' }, /is not known$/],
      [{ level: 'strict', override: { integrity: 'log' } }, /integrity cannot be overridden/],
      [{ level: 'strict', override: { authenticity: 'skip' } }, /authenticity cannot be skipped/],
      [{ level: 'strict', override: { authenticTimestamp: 'skip' } }, /authenticTimestamp cannot be skipped/],
      [{ level: 'strict', override: { expiry: 'skip' } }, /expiry cannot be skipped/],
      [{ level: 'strict', override: { expiry: 'ignore' } }, /expiry is none of enforce, log, skip$/],
      [{ level: 'strict', override: { expiry: 'constructor' } }, /is none of/],
      [{ level: 'strict', override: { other: 'log' } }, /override has no key "other"$/],
      [{ level: 'strict', override: 'log' }, /override must be an object/],
      [{ level: 'skip', override: { expiry: 'log' } }, /skip cannot be overridden$/],
      [{ level: 'strict', verifyTimestamp: 'never' }, /verifyTimestamp must be "always" or "afterCertExpiry"$/],
      [{ level: 'strict', verifytimestamp: 'always' }, /has no key "verifytimestamp"$/],
    ] as const)
      expect(withVerification(verification), JSON.stringify(verification)).to.match(why)
  })

  const levels: readonly [verification: object, actions: string, level: string][] = [
    [{ level: 'strict' }, 'eeeee', 'strict'],
    [{ level: 'permissive' }, 'eelll', 'permissive'],
    [{ level: 'audit' }, 'ellll', 'audit'],
    [{ level: 'strict', override: {} }, 'eeeee', 'strict'],
    [{ level: 'strict', override: null }, 'eeeee', 'strict'],
    ...(['strict', 'permissive', 'audit'] as const).flatMap((level, index): [object, string, string][] => {
      const base = ['eeeee', 'eelll', 'ellll'][index]!
      const set = (at: number, action: string) => `${base.slice(0, at)}${action}${base.slice(at + 1)}`
      return [
        [{ level, override: { authenticity: 'log' } }, set(1, 'l'), 'custom'],
        [{ level, override: { authenticTimestamp: 'log' } }, set(2, 'l'), 'custom'],
        [{ level, override: { expiry: 'log' } }, set(3, 'l'), 'custom'],
        [{ level, override: { expiry: 'enforce' } }, set(3, 'e'), 'custom'],
        [{ level, override: { revocation: 'log' } }, set(4, 'l'), 'custom'],
        [{ level, override: { revocation: 'skip' } }, set(4, 's'), 'custom'],
      ]
    }),
  ]
  for (const [signatureVerification, actions, level] of levels) {
    it(`${JSON.stringify(signatureVerification)} makes ${actions}`, () => {
      const [read] = parse(documentOf({ ...statement, signatureVerification })).statements
      expect(checks.map(check => read!.actions[check][0]).join('')).to.equal(actions)
      expect(read!.level).to.equal(level)
    })
  }

  it('chooses the statement that names the repository, else the one for *, else none', () => {
    const policy = parse(documentOf({ ...statement, name: 'rest', registryScopes: ['*'] }, statement))
    expect(statementFor(policy, 'registry.example.com/acme/plugin')?.name).to.equal('plugins')
    expect(statementFor(policy, 'registry.example.com/acme/plugin2')?.name).to.equal('rest')
    expect(statementFor(policy, '*')?.name).to.equal('rest')
    expect(statementFor(parse(documentOf(statement)), 'registry.example.com/acme')).to.equal(undefined)
  })
  it('names its trust stores once', () => {
    const policy = parse(
      documentOf({ ...statement, trustStores: ['ca:acme', 'tsa:clock', 'ca:acme'] }, { ...statement, name: 'b', registryScopes: ['*'] }),
    )
    expect(storesIn(policy)).to.deep.equal([
      { type: 'ca', name: 'acme' },
      { type: 'tsa', name: 'clock' },
    ])
  })
})
