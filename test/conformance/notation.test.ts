import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { cp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'chai'
import { parseTrustPolicy } from '../../src/policy/notation/trust-policy.ts'
import type { StoreType, TrustStore } from '../../src/policy/notation/trust-store.ts'
import { parseTrustedIdentity } from '../../src/policy/notation/trusted-identity.ts'
import { pemBlocks } from '../../src/policy/pem.ts'
import { checkIdentity } from '../../src/signatures/notation/authenticity.ts'
import { faultOf } from '../../src/signatures/notation/fault.ts'
import type { NotationOutcome } from '../../src/signatures/notation/outcome.ts'
import { verifyTimestampToken } from '../../src/signatures/notation/timestamp-token.ts'
import { verifyNotation } from '../../src/signatures/notation/verify-notation.ts'
import { readTrustStores } from '../../src/world/notation-files.ts'
import { parseCertificate } from '../../src/x509/certificate.ts'
import { notation } from './notation.ts'

const conformance = join(import.meta.dirname, '../../../shared/conformance/notation')
const go = join(conformance, 'notation-go')
const mock = join(go, 'internal/mock/testdata')
const stores = join(go, 'verifier/testdata/truststore')
const sigEnv = join(go, 'verifier/testdata/timestamp/sigEnv')
const reference = 'registry.acme-rockets.io/software/net-monitor@sha256:60043cf45eaebc4c0867fea485a039b598f52fd09fd5b07b0b2d2f88fad9d74e'
const dockerManifest = 'application/vnd.docker.distribution.manifest.v2+json'
const descriptor = { mediaType: dockerManifest, digest: reference.split('@')[1]!, size: 528 }
const jws = 'application/jose+json'
const cose = 'application/cose'
const now = '2026-06-01T00:00:00Z'

/** Skips, and says why in the test's title, when the data is not there. */
const needs = (context: Mocha.Context): void => {
  if (existsSync(go)) return
  if (context.test !== undefined) context.test.title += ' (skipped: ../shared/conformance/notation is not there)'
  context.skip()
}

interface Case {
  readonly file: string
  readonly mediaType?: string
  readonly reference?: string
  readonly descriptor?: object | undefined
  readonly level?: string
  readonly override?: object
  readonly verifyTimestamp?: string
  readonly trustStores?: readonly string[]
  readonly trustedIdentities?: readonly string[]
  readonly time?: string
}

let scratch = ''

/** Runs the program on the case, as notation's own tests set the policy. */
const run = async (one: Case): Promise<{ readonly exit: number; readonly outcome: NotationOutcome; readonly text: string }> => {
  const policy = {
    version: '1.0',
    trustPolicies: [
      {
        name: 'test-statement-name',
        registryScopes: ['*'],
        signatureVerification: { level: one.level ?? 'strict', override: one.override, verifyTimestamp: one.verifyTimestamp },
        trustStores: one.trustStores ?? ['ca:valid-trust-store', 'signingAuthority:valid-trust-store'],
        trustedIdentities: one.trustedIdentities ?? ['x509.subject:CN=Notation Test Root,O=Notary,L=Seattle,ST=WA,C=US'],
      },
    ],
  }
  const file = join(scratch, 'trustpolicy.json')
  writeFileSync(file, JSON.stringify(policy))
  const args = [
    ...['--policy', file, '--trust-store', stores, '--reference', one.reference ?? reference, '--media-type', one.mediaType ?? jws],
    ...['--signature', one.file, '--time', one.time ?? now],
    ...('descriptor' in one && one.descriptor === undefined ? [] : ['--descriptor', JSON.stringify(one.descriptor ?? descriptor)]),
  ]
  const { exit, stdout, stderr } = await notation(args)
  expect(stderr).to.equal('')
  return { exit, outcome: JSON.parse(stdout), text: stdout }
}

const step = ({ steps }: NotationOutcome, check: string) => steps.find(one => one.check === check)
const failures = ({ steps }: NotationOutcome) => steps.filter(({ result }) => result === 'failed').map(({ check }) => check)

describe('signatures of notation-go', () => {
  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'notation-'))
  })
  after(() => rmSync(scratch, { recursive: true, force: true }))

  const levels = {
    strict: { authenticity: 'enforced', expiry: 'enforced' },
    permissive: { authenticity: 'enforced', expiry: 'logged' },
    audit: { authenticity: 'logged', expiry: 'logged' },
  } as const

  for (const scheme of ['ca', 'sa']) {
    for (const [level, actions] of Object.entries(levels)) {
      const valid = join(mock, `${scheme}_valid_sig_env.json`)
      it(`${scheme} ${level}: a good signature passes every check`, async function () {
        needs(this)
        const { exit, outcome } = await run({ file: valid, level })
        expect(failures(outcome)).to.deep.equal([])
        expect(outcome.steps.map(({ result }) => result)).to.deep.equal(['ok', 'ok', 'ok', 'ok', 'ok', 'ok'])
        expect([exit, outcome.verdict]).to.deep.equal([0, 'verified'])
      })
      it(`${scheme} ${level}: without --descriptor the digest of the reference is what counts`, async function () {
        needs(this)
        expect((await run({ file: valid, level, descriptor: undefined })).exit).to.equal(0)
        const other = reference.replace(/.{8}$/, '00000000')
        expect((await run({ file: valid, level, descriptor: undefined, reference: other })).exit).to.equal(1)
      })
      it(`${scheme} ${level}: another media type fails integrity`, async function () {
        needs(this)
        const { exit, outcome } = await run({ file: valid, level, mediaType: 'application/unsupported+json' })
        expect([exit, ...failures(outcome)]).to.deep.equal([1, 'integrity'])
      })
      it(`${scheme} ${level}: base64 that is none fails integrity`, async function () {
        needs(this)
        const { exit, outcome } = await run({ file: join(mock, `${scheme}_invalid_sig_env.json`), level })
        expect([exit, ...failures(outcome)]).to.deep.equal([1, 'integrity'])
        expect(step(outcome, 'integrity')?.error?.actual).to.equal('the payload is not base64url')
      })
      for (const [what, change] of [
        ['trust stores without its root', { trustStores: ['ca:valid-trust-store-2', 'signingAuthority:valid-trust-store-2'] }],
        ['another identity', { trustedIdentities: ['x509.subject:CN=LOL,O=DummyOrg,L=Hyderabad,ST=TG,C=IN'] }],
      ] as const) {
        it(`${scheme} ${level}: ${what} fail authenticity, which is ${actions.authenticity}`, async function () {
          needs(this)
          const { exit, outcome } = await run({ file: valid, level, ...change })
          expect(failures(outcome)).to.deep.equal(['authenticity'])
          expect(step(outcome, 'authenticity')?.action).to.equal(actions.authenticity)
          expect(exit).to.equal(actions.authenticity === 'enforced' ? 1 : 0)
        })
      }
      it(`${scheme} ${level}: expired, which is ${actions.expiry}`, async function () {
        needs(this)
        const { exit, outcome } = await run({ file: join(mock, `${scheme}_expired_sig_env.json`), level })
        expect(failures(outcome)).to.deep.equal(['expiry'])
        expect(step(outcome, 'expiry')?.error?.actual).to.equal('it expired at 2022-07-29T23:59:00Z')
        expect(exit).to.equal(actions.expiry === 'enforced' ? 1 : 0)
      })
      it(`${scheme} ${level}: of another image, which fails always`, async function () {
        needs(this)
        const { exit, outcome } = await run({ file: valid, level, descriptor: { ...descriptor, size: 529 } })
        expect([exit, ...failures(outcome)]).to.deep.equal([1, 'artifact'])
      })
    }
  }

  it('expires in the moment that it names, not after it', async function () {
    needs(this)
    const file = join(mock, 'ca_expired_sig_env.json')
    expect(
      (await run({ file, time: '2022-07-29T23:58:59Z', level: 'audit' })).outcome.steps.find(({ check }) => check === 'expiry')?.result,
    ).to.equal('ok')
    expect(failures((await run({ file, time: '2022-07-29T23:59:00Z', level: 'audit' })).outcome)).to.include('expiry')
  })

  it('names every envelope', function () {
    needs(this)
    const plugins = readdirSync(mock).filter(name => name.includes('plugin'))
    expect(plugins.length).to.equal(10)
    expect(readdirSync(mock).filter(name => !plugins.includes(name)).length).to.equal(7)
  })
  for (const name of existsSync(mock) ? readdirSync(mock).filter(one => one.includes('plugin')) : []) {
    for (const level of Object.keys(levels)) {
      it(`${name} ${level}: what asks for a plugin is refused`, async () => {
        const { exit, outcome } = await run({
          file: join(mock, name),
          level,
          trustStores: ['ca:valid-trust-store', 'signingAuthority:valid-trust-store'],
        })
        expect([exit, ...failures(outcome)]).to.deep.equal([1, 'integrity'])
        expect(step(outcome, 'integrity')?.error?.actual).to.contain('no plugin is run here')
      })
    }
  }

  for (const [file, mediaType] of [
    ['jws_signature.sig', jws],
    ['cose_signature.sig', cose],
  ] as const) {
    it(`${file} was signed by its certificate, whom nobody trusts`, async function () {
      needs(this)
      const { outcome } = await run({ file: join(go, 'internal/testdata', file), mediaType, descriptor: undefined })
      expect(step(outcome, 'integrity')?.result).to.equal('ok')
      expect(failures(outcome)).to.deep.equal(['authenticity', 'artifact'])
      expect(step(outcome, 'artifact')?.error?.actual).to.contain('sha256:19dbd2e48e921426ee8ace4dc892edfb2ecdc1d1a72d5416c83670c30acecef0')
    })
  }
})

describe('annotations that a signer signed (notation-go)', () => {
  const table: readonly [metadata: Readonly<Record<string, string>>, result: string][] = [
    [{}, 'ok'],
    [{ 'io.wabbit-networks.buildId': '123' }, 'ok'],
    [{ 'io.wabbit-networks.buildId': '321' }, 'failed'],
    [{ 'io.wabbit-networks.buildId': '123', 'io.wabbit-networks.buildTime': '1672944615' }, 'ok'],
    [{ 'io.wabbit-networks.buildId': '123', 'io.wabbit-networks.buildTime': '1' }, 'failed'],
  ]
  for (const [userMetadata, result] of table) {
    it(`${JSON.stringify(userMetadata)}: ${result}`, function () {
      needs(this)
      const digest = 'sha256:5a07385af4e6b6af81b0ebfd435aedccdfa3507f0609c658209e1aba57159b2b'
      const policy = parseTrustPolicy(
        JSON.stringify({
          version: '1.0',
          trustPolicies: [
            {
              name: 'a',
              registryScopes: ['*'],
              signatureVerification: { level: 'audit' },
              trustStores: ['ca:a'],
              trustedIdentities: ['*'],
            },
          ],
        }),
        'trustpolicy.json',
      )
      const outcome = verifyNotation({
        envelope: readFileSync(join(mock, 'sig_env_with_metadata.json')),
        mediaType: jws,
        reference: `registry.acme-rockets.io/software/net-monitor@${digest}`,
        target: { mediaType: dockerManifest, digest, sizeBytes: 942 },
        policy,
        trustStores: [],
        crls: [],
        at: new Date(now),
        userMetadata,
      })
      expect(step(outcome, 'userMetadata')?.result).to.equal(result)
      expect(outcome.verdict).to.equal(result === 'ok' ? 'verified' : 'failed')
    })
  }
})

describe('timestamped signatures of notation-go', () => {
  const trustStores = ['ca:valid-trust-store', 'tsa:test-timestamp']
  const oldTarget = { descriptor: undefined, trustedIdentities: ['*'], trustStores }
  const timestampOf = async (name: string, change: Partial<Case> = {}) => {
    const mediaType = readFileSync(join(sigEnv, name))[0] === 0xd2 ? cose : jws
    return step((await run({ ...oldTarget, file: join(sigEnv, name), mediaType, ...change })).outcome, 'authenticTimestamp')
  }
  before(() => {
    scratch = mkdtempSync(join(tmpdir(), 'notation-'))
  })
  after(() => rmSync(scratch, { recursive: true, force: true }))

  for (const name of ['jwsWithTimestamp.sig', 'coseWithTimestamp.sig', 'jwsExpiredWithTimestamp.sig', 'coseExpiredWithTimestamp.sig']) {
    it(`${name}: the timestamp holds, and only the revocation of its authority could not be checked`, async function () {
      needs(this)
      const mediaType = name.startsWith('cose') ? cose : jws
      const { outcome } = await run({ ...oldTarget, file: join(sigEnv, name), mediaType })
      expect(step(outcome, 'authenticTimestamp')?.result).to.equal('notChecked')
      expect(step(outcome, 'authenticTimestamp')?.error?.actual).to.match(/^for the timestamping certificate of .+ was not handed in$/)
      expect(new Date(outcome.claim?.timestamp?.time ?? 0).toISOString()).to.match(/^2024-06-18T0[67]:/)
    })
  }

  it('asks for no timestamp while the chain is valid, with afterCertExpiry', async function () {
    needs(this)
    expect((await timestampOf('coseWithTimestamp.sig', { verifyTimestamp: 'afterCertExpiry' }))?.result).to.equal('ok')
  })

  const table: readonly [name: string, change: Partial<Case>, why: RegExp][] = [
    ['coseExpiredWithTimestamp.sig', { trustStores: ['ca:valid-trust-store'] }, /is valid until 2024-06-18T07:30:31Z$/],
    ['withoutTimestamp.sig', {}, /^the envelope has none$/],
    [
      'coseWithTimestamp.sig',
      { trustStores: ['ca:valid-trust-store', 'tsa:does-not-exist'] },
      /tsa:does-not-exist cannot be used: there is no folder/,
    ],
    ['coseWithTimestamp.sig', { trustStores: ['ca:valid-trust-store', 'tsa:test-mismatch'] }, /leads to no root of the tsa trust stores$/],
    ['coseWithTimestamp.sig', { trustStores: ['ca:valid-trust-store', 'tsa:test-nonCA'] }, /is not that of a root authority$/],
    ['timestampBeforeNotBefore.sig', {}, /is valid from 2099-09-18T11:54:34Z$/],
    ['timestampAfterNotAfter.sig', {}, /is valid until 2001-09-18T11:54:34Z$/],
  ]
  for (const [name, change, why] of table) {
    it(`${name} with ${change.trustStores?.at(-1) ?? 'tsa:test-timestamp'} fails: ${why.source}`, async function () {
      needs(this)
      const found = await timestampOf(name, change)
      expect(found?.result).to.equal('failed')
      expect(found?.error?.actual).to.match(why)
    })
  }
})

describe('RFC 3161 tokens of tspclient-go and notation-go', () => {
  const folders = {
    t: join(conformance, 'tspclient-go/testdata'),
    c: join(conformance, 'tspclient-go/internal/cms/testdata'),
    n: join(go, 'verifier/testdata/timestamp/countersignature'),
  }
  const root = () => [parseCertificate(pemBlocks(readFileSync(join(folders.t, 'GlobalSignRootCA.crt'), 'latin1'))[0]!.der)]
  const message = Buffer.from('notation')
  const read = (file: string, roots = root(), of: Uint8Array = message) => {
    try {
      const { time, accuracyMs } = verifyTimestampToken(readFileSync(file), of, roots)
      return `${new Date(time).toISOString()} ± ${accuracyMs}`
    } catch (error) {
      return faultOf(error)
    }
  }
  const good = '2021-09-17T14:09:10.000Z ± 1000'
  const badSignature = /^the signature of the token does not verify/
  const noV2 = /no signed signing-certificate-v2$/

  const table: readonly [folder: keyof typeof folders, name: string, answer: string | RegExp][] = [
    ['t', 'TimeStampToken.p7s', good],
    ['t', 'TimeStampTokenWithValidAndInvalidSignerInfos.p7s', good],
    ['c', 'TimeStampToken.p7s', good],
    ['c', 'TimeStampTokenWithAnInvalidAndAValidSignerInfo.p7s', good],
    // The identifier is not signed, the attribute that names the certificate is.
    ['c', 'TimeStampTokenWithUnknownSignerIssuer.p7s', good],
    ['n', 'TimeStampToken.p7s', good],
    ['t', 'SHA1TimeStampToken.p7s', /^the hash of the timestamped message is none of/],
    ['t', 'TimeStampTokenNoRoot.p7s', /leads to no root/],
    ['t', 'TimeStampTokenWithInvalidSignature.p7s', badSignature],
    ['t', 'TimeStampTokenWithInvalidSigningCertificateV1.p7s', noV2],
    ['t', 'TimeStampTokenWithInvalidSigningCertificateV2.p7s', /signing-certificate-v2 of the token names no certificate/],
    ['t', 'TimeStampTokenWithInvalidTSTInfo.p7s', /^genTime has the tag 0x30/],
    ['t', 'TimeStampTokenWithInvalideContentType.p7s', /^the token holds 1\.2\.840\.113549\.1\.7\.1, not a timestamp$/],
    ['t', 'TimeStampTokenWithMismatchCertHash.p7s', /has the hash of another$/],
    ['t', 'TimeStampTokenWithSHA1CertHash.p7s', /uses a hash that is not safe$/],
    ['t', 'TimeStampTokenWithSigningCertificateV1.p7s', noV2],
    ['t', 'TimeStampTokenWithSigningCertificateV1NoCert.p7s', noV2],
    ['t', 'TimeStampTokenWithSigningCertificateV2NoCert.p7s', /names no certificate$/],
    ['t', 'TimeStampTokenWithTSTInfoVersion2.p7s', /^TSTInfo is of version 2/],
    ['t', 'TimeStampTokenWithWrongSigningCertificateV2IssuerChoiceTag.p7s', /has no issuer name$/],
    ['t', 'TimeStampTokenWithoutCertificate.p7s', /certificate of the signer is not in the token$/],
    ['t', 'TimeStampTokenWithoutSigningCertificate.p7s', noV2],
    // Its certificate is found without issuer and number; the attributes were edited all the same.
    ['t', 'TimeStampTokenWithoutSigningCertificateV2IssuerSerial.p7s', badSignature],
    ['c', 'Sha1SignedData.p7s', /^the content of the token is missing/],
    ['c', 'SignedDataWithoutSignedAttributes.p7s', /^the token holds 1\.2\.840\.113549\.1\.7\.1/],
    ['c', 'TimeStampTokenInvalidSignedAttributeContentType.p7s', /^the signed content-type of the token is another$/],
    ['c', 'TimeStampTokenWithInvalidCertificates.p7s', /^the version is negative/],
    ['c', 'TimeStampTokenWithInvalidContentType.p7s', /^the token holds 1\.2\.840\.113549\.1\.9\.16\.1\.5/],
    ['c', 'TimeStampTokenWithInvalidSignature.p7s', badSignature],
    ['c', 'TimeStampTokenWithInvalidSigningTime.p7s', /^a signed attribute has the tag 0x17/],
    ['c', 'TimeStampTokenWithSignedAttributeSHA1.p7s', /algorithm that is not safe$/],
    ['c', 'TimeStampTokenWithSignerVersion2.p7s', /^the signer of the token is of version 2/],
    // Its time lies within the certificates' validity, so that only the edit itself is wrong.
    ['c', 'TimeStampTokenWithSigningTime.p7s', badSignature],
    ['c', 'TimeStampTokenWithSigningTimeBeforeExpected.p7s', /the token says that it was signed at another time$/],
    ['c', 'TimeStampTokenWithoutCertificate.p7s', /certificate of the signer is not in the token$/],
    ['c', 'TimeStampTokenWithoutSignedAttributeContentType.p7s', /^the token has no signed content-type$/],
    ['c', 'TimeStampTokenWithoutSignedAttributeDigest.p7s', /^the token has no signed message-digest$/],
    ['c', 'TimeStampTokenWithoutSignedAttributes.p7s', /^the token has no signed attributes$/],
    ['c', 'TimeStampTokenWithoutSigner.p7s', /^the token has no signer$/],
    ['n', 'TimeStampTokenWithInvalidTSTInfo.p7s', /^genTime has the tag 0x30/],
    ['n', 'TimeStampTokenWithInvalideContentType.p7s', /not a timestamp$/],
    ['n', 'TimeStampTokenWithoutCertificate.p7s', /certificate of the signer is not in the token$/],
    ['t', 'granted.tsq', /./],
    ['t', 'rejection.tsq', /./],
    ['t', 'malformed.tsq', /./],
    ['t', 'validResponseWithSigningCertificateV1.tsr', /./],
  ]
  for (const [folder, name, answer] of table) {
    it(`${folder} ${name}: ${typeof answer === 'string' ? answer : answer.source}`, function () {
      needs(this)
      const found = read(join(folders[folder], name))
      if (typeof answer === 'string') expect(found).to.equal(answer)
      else expect(found).to.match(answer).and.not.equal(good)
    })
  }

  it('names every token', function () {
    needs(this)
    const there = Object.entries(folders).flatMap(([key, folder]) =>
      readdirSync(folder).flatMap(name => (/\.(p7s|tsq|tsr)$/.test(name) ? [`${key} ${name}`] : [])),
    )
    expect(there.filter(one => !table.some(([folder, name]) => one === `${folder} ${name}`))).to.deep.equal([])
  })

  it('refuses a good token for another message, and without its root', function () {
    needs(this)
    const file = join(folders.t, 'TimeStampToken.p7s')
    expect(read(file, root(), Buffer.from('invalid'))).to.equal('the timestamp is of another message')
    expect(read(file, [])).to.match(/leads to no root/)
  })
})

describe('trust stores of notation-go', () => {
  const read = async (type: StoreType, name: string): Promise<TrustStore> => (await readTrustStores(stores, [{ type, name }]))[0]!
  const table: readonly [type: StoreType, name: string, answer: number | RegExp][] = [
    ['ca', 'valid-trust-store', 6],
    ['ca', 'valid-trust-store-2', 2],
    ['ca', 'valid-trust-store-self-signed', 1],
    ['signingAuthority', 'valid-trust-store', 3],
    ['signingAuthority', 'valid-trust-store-2', 2],
    ['tsa', 'test-timestamp', 1],
    ['tsa', 'test-mismatch', 1],
    ['ca', 'trust-store-with-invalid-certs', /^invalid: the certificate/],
    ['ca', 'trust-store-with-leaf-certs', /^non-ca\.crt: .+ is neither an authority's nor signed by itself$/],
    ['ca', 'trust-store-with-leaf-certs-in-single-file', /^RootAndLeafCerts\.crt: .+ is neither/],
    ['tsa', 'test-nonCA', /is not that of a root authority$/],
    ['tsa', 'test-nonSelfIssued', /is not that of a root authority$/],
    ['ca', 'there-is-none', /^there is no folder/],
  ]
  for (const [type, name, answer] of table) {
    it(`${type}:${name}: ${typeof answer === 'number' ? `${answer} certificates` : answer.source}`, async function () {
      needs(this)
      const { certificates, fault } = await read(type, name)
      if (typeof answer === 'number') expect([certificates.length, fault]).to.deep.equal([answer, undefined])
      else {
        expect(fault).to.match(answer)
        expect(certificates).to.deep.equal([])
      }
    })
  }

  it('refuses links to certificates and stores, and folders in a store', async function () {
    needs(this)
    const folder = mkdtempSync(join(tmpdir(), 'notation-'))
    try {
      const ca = join(folder, 'x509/ca')
      await cp(join(stores, 'x509/trust-store-with-directories'), join(ca, 'with-folder'), { recursive: true })
      await cp(join(stores, 'x509/trust-store-with-cert-symlinks/GlobalSignRootCA.crt'), join(ca, 'with-link/root.crt'))
      symlinkSync('root.crt', join(ca, 'with-link/link.crt'))
      symlinkSync('with-link', join(ca, 'link'))
      for (const [name, fault] of [
        ['with-folder', /^sub-dir in it is no plain file/],
        ['with-link', /^link\.crt in it is no plain file/],
        ['link', /is no folder; notation follows no links$/],
      ] as const) {
        const [store] = await readTrustStores(folder, [{ type: 'ca', name }])
        expect(store?.fault, name).to.match(fault)
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  })
})

describe('trusted identities of notation-go', () => {
  const leaf = (name: string) => parseCertificate(pemBlocks(readFileSync(join(go, 'verifier/testdata/verifier', name), 'latin1'))[0]!.der)
  const other = 'x509.subject:C=IND,O=SomeOrg,ST=TS'
  const mine = 'x509.subject:C=US,O=SomeOrg,ST=WA'
  const table: readonly [certificate: string, identities: readonly string[], trusted: boolean][] = [
    ['signing-cert.pem', [mine], true],
    ['signing-cert.pem', [mine, 'nonX509Prefix:my-custom-identity'], true],
    ['signing-cert.pem', [mine, other], true],
    ['signing-cert.pem', ['nonX509Prefix:my-custom-identity'], false],
    ['signing-cert.pem', ['*'], true],
    ['signing-cert.pem', [other], false],
    ['signing-cert.pem', [other, 'nonX509Prefix:my-custom-identity'], false],
    ['signing-cert.pem', [other, 'x509.subject:C=LOL,O=LOL,ST=LOL'], false],
    ['bad-cert.pem', [mine, 'nonX509Prefix:my-custom-identity'], false],
  ]
  for (const [certificate, identities, trusted] of table) {
    it(`${certificate} ${trusted ? 'is' : 'is not'} trusted by ${identities.join(' and ')}`, function () {
      needs(this)
      const trustedIdentities = identities.map(text => {
        const identity = parseTrustedIdentity(text)
        if (typeof identity === 'string') throw new Error(identity)
        return identity
      })
      expect(checkIdentity(leaf(certificate), { trustedIdentities, name: 'a' }, 'it').result).to.equal(trusted ? 'ok' : 'failed')
    })
  }
  it('an identity with =# is none', () => {
    expect(parseTrustedIdentity('x509.subject:C=bad=#identity,O=LOL,ST=LOL')).to.be.a('string')
  })
})

describe('the program test/conformance/notation.ts', () => {
  it('ends with 2 and its usage when the command line is wrong', async () => {
    for (const args of [[], ['--policy'], ['--policy', '/nowhere/trustpolicy.json'], ['--time', 'yesterday'], ['extra']]) {
      const { exit, stdout, stderr } = await notation(args)
      expect([exit, stdout]).to.deep.equal([2, ''])
      expect(stderr).to.contain('Usage: notation.ts')
    }
  })
})
