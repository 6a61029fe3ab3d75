import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { publicKeyFromPem } from '../../src/policy/keys.ts'
import { pemBlocks } from '../../src/policy/pem.ts'
import { type Authority, type KeylessAuthority, keysOnly } from '../../src/signatures/authority.ts'
import { simpleSigningMediaType } from '../../src/signatures/media-types.ts'
import { parseTrustedRoot, type TrustedRoot } from '../../src/signatures/sigstore/trusted-root.ts'
import { verifySimpleSigning } from '../../src/signatures/simple-signing.ts'
import type { TrustedPublicKey, Verdict } from '../../src/signatures/verdict.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import { findTrustedRoot } from '../../src/world/trusted-root.ts'
import { newSigner } from '../support/cosign.ts'
import { identityOf } from '../support/sigstore/identity.ts'

const conformance = join(import.meta.dirname, '../../../shared/conformance')

/** Skips, and says why in the test's title, when the data is not there. */
const needs = (context: Mocha.Context, folder: string): string => {
  const path = join(conformance, folder)
  if (existsSync(path)) return path
  if (context.test !== undefined) context.test.title += ` (skipped: ../shared/conformance/${folder} is not there)`
  context.skip()
}

const trust = (name: string, pem: string): TrustedPublicKey => ({ ...publicKeyFromPem(pem, name), name })
const anybody = trust('anybody.pub', newSigner().publicPem)

describe('images that cosign signed (containers/image)', () => {
  const cosign = join(conformance, 'cosign')

  /** Links of the original tree are files that hold the path. */
  const read = (file: string): Buffer | undefined => {
    if (!existsSync(file)) return undefined
    const bytes = readFileSync(file)
    return bytes.subarray(0, 3).toString() === '../' ? read(join(dirname(file), bytes.toString().trim())) : bytes
  }
  const signaturesOf = (folder: string) =>
    readdirSync(folder)
      .filter(name => name.startsWith('signature-'))
      .toSorted()
      .flatMap(name => {
        const bytes = read(join(folder, name))
        if (bytes === undefined) return []
        const prefix = '\0sigstore-json\n'
        expect(bytes.subarray(0, prefix.length).toString()).to.equal(prefix)
        const { mimeType, payload, annotations } = JSON.parse(bytes.subarray(prefix.length).toString())
        return [{ mimeType, payload: Buffer.from(payload, 'base64'), annotations }]
      })
  const verdicts = (name: string, keys: readonly TrustedPublicKey[]): readonly Verdict[] => {
    const folder = join(cosign, name)
    const manifest = read(join(folder, 'manifest.json')) ?? Buffer.alloc(0)
    return signaturesOf(folder).flatMap(({ mimeType, payload, annotations }) =>
      mimeType === simpleSigningMediaType ? [verifySimpleSigning(sha256(manifest), { payload, annotations }, keysOnly(keys))] : [],
    )
  }
  const key = (name: string): TrustedPublicKey => trust(name, readFileSync(join(cosign, name), 'utf8'))

  const table: readonly [folder: string, key: string, faults: readonly (string | undefined)[]][] = [
    ['dir-img-cosign-valid', 'cosign.pub', [undefined]],
    ['dir-img-cosign-valid-2', 'cosign.pub', [undefined, undefined]],
    ['dir-img-cosign-valid-with-tag', 'cosign.pub', [undefined]],
    ['dir-img-cosign-mixed', 'cosign.pub', [undefined]],
    ['dir-img-cosign-key-rekor-valid', 'cosign2.pub', [undefined]],
    ['dir-img-cosign-key-rekor-valid', 'cosign.pub', ['otherKey']],
    ['dir-img-cosign-valid', 'cosign2.pub', ['otherKey']],
    ['dir-img-cosign-modified-manifest', 'cosign.pub', ['otherImage']],
    ['dir-img-cosign-manifest-digest-error', 'cosign.pub', ['otherImage']],
    ['dir-img-cosign-no-manifest', 'cosign.pub', ['otherImage']],
    ['dir-img-cosign-other-attachment', 'cosign.pub', []],
    ['dir-img-cosign-fulcio-rekor-valid', 'cosign.pub', ['otherKey']],
    ['dir-img-cosign-pki-valid', 'cosign.pub', ['otherKey']],
  ]
  for (const [folder, name, faults] of table) {
    const what = faults.includes(undefined) ? 'verify' : faults.length === 0 ? 'are no signatures' : `do not verify (${faults.join()})`
    it(`${folder}: its signatures ${what} with ${name}`, function () {
      needs(this, 'cosign')
      expect(verdicts(folder, [key(name)]).map(({ fault }) => fault)).to.deep.equal(faults)
    })
  }

  it('names every case', function () {
    needs(this, 'cosign')
    const cases = readdirSync(cosign).filter(name => name.startsWith('dir-img-'))
    expect(cases.filter(name => !table.some(([folder]) => folder === name))).to.deep.equal([])
  })

  it('finds the log entry of a key signature to be about it', function () {
    needs(this, 'cosign')
    const [verdict] = verdicts('dir-img-cosign-key-rekor-valid', [key('cosign2.pub')])
    expect(verdict?.steps.find(({ step }) => step === 'logEntry')?.outcome).to.equal('ok')
  })

  for (const [folder, signer] of [
    ['dir-img-cosign-fulcio-rekor-valid', 'the certificate of mitr@redhat.com (issuer https://github.com/login/oauth)'],
    ['dir-img-cosign-pki-valid', /^the certificate of .+/],
    ['dir-img-cosign-key-rekor-valid', /^the key SHA256:.{44}$/],
  ] as const) {
    it(`${folder}: says by whom it is, when nobody is trusted`, function () {
      needs(this, 'cosign')
      const [verdict] = verdicts(folder, [])
      expect(verdict?.fault).to.equal('nobodyTrusted')
      expect(verdict?.signer).to.match(typeof signer === 'string' ? new RegExp(`^${signer.replace(/[.()?/]/g, '\\$&')}$`) : signer)
    })
  }
})

describe('images that cosign signed with certificates (containers/image)', () => {
  const folder = join(conformance, 'cosign')
  const der = (name: string): readonly string[] =>
    pemBlocks(readFileSync(join(folder, name), 'utf8')).map(block => block.der.toString('base64'))
  const verify = (name: string, authority: Authority): Verdict => {
    const bytes = readFileSync(join(folder, name, 'signature-1'))
    const { payload, annotations } = JSON.parse(bytes.subarray(bytes.indexOf('{')).toString())
    const image = sha256(readFileSync(join(folder, name, 'manifest.json')))
    return verifySimpleSigning(image, { payload: Buffer.from(payload, 'base64'), annotations }, authority)
  }
  const publicGood = async () => parseTrustedRoot((await findTrustedRoot({ cacheFolders: [] })).bytes, 'the public good instance')
  const keyless = async (subject: string, issuer: string, trustedRoot: TrustedRoot, more: Partial<KeylessAuthority> = {}) => ({
    kind: 'keyless' as const,
    identities: [identityOf({ subject, issuerRegExp: issuer })],
    trustedRoot,
    ...more,
  })
  const github = '^https://github\\.com/login/oauth$'

  it('verifies with the public good instance of today what it signed in January 2023', async function () {
    needs(this, 'cosign')
    const verdict = verify('dir-img-cosign-fulcio-rekor-valid', await keyless('mitr@redhat.com', github, await publicGood()))
    expect(verdict).to.deep.include({
      verified: true,
      certified: { subject: 'mitr@redhat.com', issuer: 'https://github.com/login/oauth' },
      witnesses: [{ kind: 'log', name: 'rekor.sigstore.dev', time: new Date('2023-01-20T20:51:33Z') }],
    })
  })
  it('verifies it for nobody else', async function () {
    needs(this, 'cosign')
    const root = await publicGood()
    expect(verify('dir-img-cosign-fulcio-rekor-valid', await keyless('mitr@redhat.co', github, root)).fault).to.equal('otherIdentity')
    expect(verify('dir-img-cosign-fulcio-rekor-valid', await keyless('mitr@redhat.com', '^https://github\\.com$', root)).fault).to.equal(
      'otherIdentity',
    )
  })
  it('finds a key signature of those days in the log', async function () {
    needs(this, 'cosign')
    const key = trust('cosign2.pub', readFileSync(join(folder, 'cosign2.pub'), 'utf8'))
    const authority: Authority = { kind: 'key', keys: [key], trustedRoot: await publicGood(), require: { log: true } }
    const { verified, witnesses = [] } = verify('dir-img-cosign-key-rekor-valid', authority)
    expect([verified, witnesses.map(({ name }) => name)]).to.deep.equal([true, ['rekor.sigstore.dev']])
  })

  describe('of an own PKI', () => {
    const pki = (...authorities: readonly (readonly string[])[]) =>
      parseTrustedRoot(
        Buffer.from(
          JSON.stringify({
            mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
            certificateAuthorities: authorities.map(chain => ({
              certChain: { certificates: chain.map(rawBytes => ({ rawBytes })) },
              validFor: { start: '2020-01-01T00:00:00Z' },
            })),
          }),
        ),
        'pki',
      )
    const options: Partial<KeylessAuthority> = {
      require: { log: false },
      ownPki: { at: new Date('2026-01-01T00:00:00Z') },
      insecureIgnoreSct: true,
    }
    for (const [how, files] of [
      ['its intermediates in the trusted root', ['pki_intermediate_crts.pem', 'pki_root_crts.pem']],
      ['its intermediates in the chain that came along', ['pki_root_crts.pem']],
    ] as const) {
      it(`verifies with ${how}`, async function () {
        needs(this, 'cosign')
        for (const subject of ['qiwan@redhat.com', 'myhost.example.com']) {
          const authority = await keyless(subject, '^.*$', pki(files.flatMap(der)), options)
          expect(verify('dir-img-cosign-pki-valid', authority)).to.include({ verified: true })
        }
      })
    }
    it('does not verify without a time, before its certificate, or with another root', async function () {
      needs(this, 'cosign')
      const root = pki(['pki_intermediate_crts.pem', 'pki_root_crts.pem'].flatMap(der))
      const fault = async (trustedRoot: TrustedRoot, more: Partial<KeylessAuthority>) =>
        verify('dir-img-cosign-pki-valid', await keyless('qiwan@redhat.com', '^.*$', trustedRoot, more)).fault
      expect(await fault(root, { require: { log: false } })).to.equal('untimed')
      expect(await fault(root, { ...options, ownPki: { at: new Date('2023-01-01T00:00:00Z') } })).to.equal('certificate')
      expect(await fault(await publicGood(), options)).to.equal('certificate')
    })
  })
})

describe('bundles of sigstore-conformance', () => {
  const suite = join(conformance, 'sigstore/bundle-verify')
  const cases = existsSync(suite)
    ? readdirSync(suite, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
    : []
  const verdict = (name: string, keys: readonly TrustedPublicKey[]): Verdict => {
    const own = join(suite, name, 'artifact')
    const artifact = readFileSync(existsSync(own) ? own : join(suite, 'a.txt'))
    return verifyBundle(
      sha256(artifact),
      { bundle: readFileSync(join(suite, name, 'bundle.sigstore.json')), manifest: () => artifact },
      keysOnly(keys),
    )
  }

  it('accepts and rejects the bundles with a key as they must be', function () {
    needs(this, 'sigstore/bundle-verify')
    const withKey = cases.filter(name => existsSync(join(suite, name, 'key.pub')))
    expect(withKey).to.not.deep.equal([])
    for (const name of withKey) {
      const accepted = (() => {
        try {
          return verdict(name, [trust('key.pub', readFileSync(join(suite, name, 'key.pub'), 'utf8'))]).verified
        } catch {
          return false
        }
      })()
      expect(accepted, name).to.equal(!basename(name).endsWith('_fail'))
    }
  })

  it('finds the log entry of a bundle with a key to be about it', function () {
    const folder = join(needs(this, 'sigstore/bundle-verify'), 'managed-key-and-trusted-root')
    const { steps } = verdict('managed-key-and-trusted-root', [trust('key.pub', readFileSync(join(folder, 'key.pub'), 'utf8'))])
    expect(steps.map(({ step, outcome }) => `${step} ${outcome}`)).to.deep.equal([
      'format ok',
      'purpose ok',
      'image ok',
      'signature ok',
      'logEntry ok',
      'logInclusion notChecked',
    ])
  })

  it('verifies none with a key that has nothing to do with it, or with none', function () {
    needs(this, 'sigstore/bundle-verify')
    expect(cases.length).to.be.at.least(35)
    for (const name of cases) {
      for (const keys of [[anybody], []]) expect(verdict(name, keys).verified, name).to.equal(false)
    }
  })
})
