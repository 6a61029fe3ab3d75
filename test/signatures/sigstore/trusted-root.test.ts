import { createHash, createPublicKey } from 'node:crypto'
import { expect } from 'chai'
import { PreflightError } from '../../../src/errors.ts'
import { parseTrustedRoot } from '../../../src/signatures/sigstore/trusted-root.ts'
import { newKey } from '../../support/sigstore/certificates.ts'
import { newDeployment, trustedRootOf } from '../../support/sigstore/deployment.ts'

const good = trustedRootOf(newDeployment())
const parse = (json: unknown) => parseTrustedRoot(Buffer.from(JSON.stringify(json)), 'root.json')
/** The same with one value at a path as in `tlogs.0.publicKey`, `undefined` for none. */
const withAt = (path: string, value: unknown): unknown => {
  const copy = structuredClone(good) as Record<string, unknown>
  const names = path.split('.')
  const last = names.pop()!
  let at = copy
  for (const name of names) at = at[name] as Record<string, unknown>
  at[last] = value
  return copy
}

describe('parseTrustedRoot', () => {
  it('reads everybody who is trusted', () => {
    const root = parse(good)
    expect(root.logs.map(({ name }) => name)).to.deep.equal(['rekor.example', 'log2026.rekor.example'])
    expect(root.certificateLogs.map(({ name, key }) => `${name} ${key.description}`)).to.deep.equal(['ct.example ECDSA P-256'])
    expect(root.certificateAuthorities.map(({ name, chain }) => [name, chain.length])).to.deep.equal([['https://fulcio.example', 2]])
    expect(root.timestampAuthorities.map(({ name }) => name)).to.deep.equal(['https://tsa.example'])
  })

  for (const mediaType of [
    'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    'application/vnd.dev.sigstore.trustedroot+json;version=0.2',
    'application/vnd.dev.sigstore.trustedroot.v0.1+json',
    'application/vnd.dev.sigstore.trustedroot.v0.2+json',
  ]) {
    it(`takes ${mediaType}`, () => {
      expect(() => parse({ ...good, mediaType })).to.not.throw()
    })
  }

  it('takes one that trusts nobody', () => {
    const { mediaType } = good
    expect(parse({ mediaType })).to.deep.include({ logs: [], certificateLogs: [], certificateAuthorities: [], newest: undefined })
    expect(parse({ mediaType, tlogs: null }).logs).to.deep.equal([])
  })

  it('says how old it is at most: the newest beginning of anything in it', () => {
    expect(parse(withAt('ctlogs.0.publicKey.validFor.start', '2025-09-23T00:00:00Z')).newest).to.deep.equal(
      new Date('2025-09-23T00:00:00Z'),
    )
  })

  it('reads an RSA key that stands alone (PKCS #1)', () => {
    const rsa = createPublicKey(newKey('RSA'))
    const changed = withAt('ctlogs.0.publicKey', {
      ...good.ctlogs[0]?.publicKey,
      rawBytes: rsa.export({ type: 'pkcs1', format: 'der' }).toString('base64'),
      keyDetails: 'PKCS1_RSA_PKCS1V5',
    })
    const spki = rsa.export({ type: 'spki', format: 'der' })
    expect(parse(changed).certificateLogs[0]?.key.fingerprint).to.equal(createHash('sha256').update(spki).digest('base64'))
  })

  const wrong: readonly [title: string, json: unknown, problem: RegExp][] = [
    ['no media type', { ...good, mediaType: undefined }, /mediaType is ""/],
    ['another media type', { ...good, mediaType: 'application/json' }, /mediaType is "application\/json"/],
    ['a version to come', { ...good, mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.3' }, /version=0\.3/],
    ['a misspelt list', { ...good, tlog: [] }, /tlog is no field/],
    ['a list that is a text, which the library takes', { ...good, tlogs: 'x' }, /tlogs is not a list/],
    ['an entry that is no object', { ...good, tlogs: ['x'] }, /tlogs\[0\] is not a JSON object/],
    ['a misspelt field', withAt('tlogs.0.baseURL', 'https://x'), /tlogs\[0\]\.baseURL is no field/],
    ['a log without a key', withAt('tlogs.1.publicKey', undefined), /tlogs\[1\]\.publicKey is missing/],
    ['a key that is none', withAt('tlogs.1.publicKey.rawBytes', 'AAAA'), /tlogs\[1\]\.publicKey\.rawBytes is not a public key/],
    ['a key that is not base64', withAt('tlogs.1.publicKey.rawBytes', '*'), /tlogs\[1\]\.publicKey\.rawBytes is not base64/],
    ['a log without a time', withAt('tlogs.1.publicKey.validFor', undefined), /tlogs\[1\]\.publicKey\.validFor is missing/],
    [
      'a log without a beginning',
      withAt('tlogs.1.publicKey.validFor', {}),
      /tlogs\[1\]\.publicKey\.validFor\.start is missing, so that it would be trusted for ever/,
    ],
    [
      'a certificate log without a beginning',
      withAt('ctlogs.0.publicKey.validFor', {}),
      /ctlogs\[0\]\.publicKey\.validFor\.start is missing/,
    ],
    [
      'an authority without a beginning',
      withAt('certificateAuthorities.0.validFor', {}),
      /certificateAuthorities\[0\]\.validFor\.start is missing/,
    ],
    [
      'a timestamp authority without a beginning',
      withAt('timestampAuthorities.0.validFor', {}),
      /timestampAuthorities\[0\]\.validFor\.start is missing/,
    ],
    ['a time that is none', withAt('tlogs.0.publicKey.validFor', { start: 'yesterday' }), /validFor\.start is no time/],
    ['a day that does not exist', withAt('tlogs.0.publicKey.validFor', { start: '2026-13-01T00:00:00Z' }), /validFor\.start is no time/],
    [
      'an end before the beginning',
      withAt('tlogs.0.publicKey.validFor', { start: '2026-01-01T00:00:00Z', end: '2025-01-01T00:00:00Z' }),
      /end is before/,
    ],
    ['an ID of another length', withAt('tlogs.0.logId', { keyId: 'AAAA' }), /has 3 bytes instead of 32 or 4/],
    ['another hash', withAt('tlogs.0.hashAlgorithm', 'SHA2_512'), /hashAlgorithm is "SHA2_512"/],
    [
      'an authority without certificates',
      withAt('certificateAuthorities.0.certChain', { certificates: [] }),
      /certChain\.certificates is empty/,
    ],
    [
      'an authority without a chain',
      withAt('certificateAuthorities.0.certChain', undefined),
      /certificateAuthorities\[0\]\.certChain is missing/,
    ],
    [
      'a certificate that is none',
      withAt('certificateAuthorities.0.certChain', { certificates: [{ rawBytes: 'AAAA' }] }),
      /certChain\.certificates\[0\]\.rawBytes is not DER/,
    ],
    [
      'a chain that is too long',
      withAt('certificateAuthorities.0.certChain', { certificates: Array(9).fill({ rawBytes: 'AAAA' }) }),
      /more than 8/,
    ],
    ['more logs than there are', { ...good, tlogs: Array(65).fill({}) }, /more than 64/],
    ['a list instead of an object', [], /not a JSON object/],
  ]
  for (const [title, json, problem] of wrong) {
    it(`names ${title}`, () => {
      expect(() => parse(json))
        .to.throw(PreflightError, problem)
        .with.property('code', 'TRUSTED_ROOT_INVALID')
    })
  }

  it('names what is no JSON, and a field that is there twice', () => {
    expect(() => parseTrustedRoot(Buffer.from('<html>'), 'r')).to.throw(
      PreflightError,
      /r is not a trusted root of Sigstore: the file is not JSON/,
    )
    expect(() => parseTrustedRoot(Buffer.from('{"mediaType":"a","mediaType":"b"}'), 'r')).to.throw(PreflightError, /a field twice/)
  })
})
