import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { type ErrorCode, PreflightError } from '../../src/errors.ts'
import type { Fault } from '../../src/signatures/verdict.ts'
import { newSigner } from '../support/cosign.ts'
import { alice, issueSigner, newDeployment, trustedRootOf } from '../support/sigstore/deployment.ts'
import { signBundle } from '../support/sigstore/signatures.ts'
import { removeFolders, tempFolder } from '../support/temp-folder.ts'
import { verifyBundleCommand } from './sigstore.ts'

/** Half of the suite lies beside the project; SIGSTORE_CONFORMANCE names the `test/assets/bundle-verify` of a whole one. */
const suite = process.env.SIGSTORE_CONFORMANCE ?? join(import.meta.dirname, '../../../shared/conformance/sigstore/bundle-verify')
const cases = existsSync(suite)
  ? readdirSync(suite, { withFileTypes: true }).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
  : []

/** The identity with which most of the suite's bundles were made (sigstore-conformance test/conftest.py). */
const beacon = {
  identity:
    'https://github.com/sigstore-conformance/extremely-dangerous-public-oidc-beacon/.github/workflows/extremely-dangerous-oidc-beacon.yml@refs/heads/main',
  issuer: 'https://token.actions.githubusercontent.com',
}
const fileOf = (name: string, file: string): string | undefined => {
  const path = join(suite, name, file)
  return existsSync(path) ? path : undefined
}
const textOf = (name: string, file: string): string | undefined => {
  const path = fileOf(name, file)
  return path === undefined ? undefined : readFileSync(path, 'utf8').trim()
}
const artifactOf = (name: string): string => fileOf(name, 'artifact') ?? join(suite, 'a.txt')
const digestOfFile = (file: string): string => sha256(readFileSync(file))

interface Change {
  readonly identity?: string
  readonly key?: string
  readonly artifact?: string
}
const argumentsOf = (name: string, { identity, key, artifact = artifactOf(name) }: Change = {}): readonly string[] => {
  const byKey = key ?? (identity === undefined ? fileOf(name, 'key.pub') : undefined)
  const who = identity ?? textOf(name, 'identity') ?? beacon.identity
  const root = fileOf(name, 'trusted_root.json')
  return [
    'verify-bundle',
    ...['--bundle', join(suite, name, 'bundle.sigstore.json')],
    ...(byKey === undefined
      ? ['--certificate-identity', who, '--certificate-oidc-issuer', textOf(name, 'issuer') ?? beacon.issuer]
      : ['--key', byKey]),
    ...(root === undefined ? [] : ['--trusted-root', root]),
    artifact,
  ]
}
const run = async (name: string, change: Change = {}): Promise<{ readonly verified: boolean; readonly reason: string | undefined }> => {
  try {
    const { verified, fault } = await verifyBundleCommand(argumentsOf(name, change), suite)
    return { verified, reason: fault }
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    return { verified: false, reason: error.code }
  }
}
const mustPass = (name: string): boolean => !name.endsWith('_fail')

/** Why each is rejected: one that is rejected for another reason is not understood. A code is of a key or root that cannot be used. */
const reasons: Readonly<Record<string, Fault | ErrorCode>> = {
  'bundle-empty-certificate-chain_fail': 'malformed',
  'bundle-from-wrong-instance_fail': 'notLogged',
  'bundle-invalid-base64-signature_fail': 'malformed',
  'bundle-malformed-json_fail': 'malformed',
  'bundle-negative-log-index_fail': 'malformed',
  'bundle-unknown-version_fail': 'malformed',
  'bundle-with-root-cert_fail': 'malformed',
  'checkpoint-bad-keyhint_fail': 'notLogged',
  'checkpoint-wrong-roothash_fail': 'notLogged',
  'dsse-invalid-sig_fail': 'altered',
  'dsse-mismatch-envelope_fail': 'logEntry',
  'dsse-mismatch-sig_fail': 'logEntry',
  'inclusion-proof-corrupted-hash_fail': 'notLogged',
  'incorrect-public-key_fail': 'logEntry',
  'integrated-time-in-future_fail': 'certificate',
  'intoto-expired-certificate_fail': 'certificate',
  'intoto-log-entry-mismatch_fail': 'logEntry',
  'intoto-missing-inclusion-proof_fail': 'malformed',
  'intoto-set-outside-signing-cert-validity_fail': 'certificate',
  'intoto-tsa-timestamp-outside-cert-validity_fail': 'certificate',
  'invalid-checkpoint-signature_fail': 'notLogged',
  'invalid-ct-key_fail': 'sct',
  'invalid-inclusion-proof_fail': 'malformed',
  'managed-key-no-key_fail': 'otherIdentity',
  'managed-key-wrong-key_fail': 'KEY_INVALID',
  'message-digest-mismatch_fail': 'otherImage',
  'rekor2-checkpoint-missing-log-signature_fail': 'notLogged',
  'rekor2-checkpoint-missing-origin_fail': 'notLogged',
  'rekor2-checkpoint-missing-root-hash_fail': 'notLogged',
  'rekor2-checkpoint-missing-size_fail': 'notLogged',
  'rekor2-checkpoint-no-matching-signature_fail': 'notLogged',
  'rekor2-dsse-invalid-sig_fail': 'altered',
  'rekor2-dsse-mismatch-envelope_fail': 'logEntry',
  'rekor2-dsse-mismatch-sig_fail': 'logEntry',
  'rekor2-no-inclusion-proof_fail': 'malformed',
  'rekor2-no-timestamp_fail': 'untimed',
  'rekor2-timestamp-outside-trust-root-tsa-validity_fail': 'untimed',
  'rekor2-timestamp-outside-tsa-cert-validity_fail': 'untimed',
  'rekor2-timestamp-payload-mismatch_fail': 'untimed',
  'rekor2-timestamp-untrusted-tsa-with-embedded-cert_fail': 'untimed',
  'rekor2-timestamp-untrusted-tsa-without-embedded-cert_fail': 'untimed',
  'rekor2-timestamp-with-incorrect-time_fail': 'certificate',
  'set-invalid-signature_fail': 'notLogged',
  'signature-mismatch_fail': 'altered',
  'trust-root-tlog-missing-validity-start_fail': 'TRUSTED_ROOT_INVALID',
  'wrong-hashedrekord-artifact_fail': 'logEntry',
  'wrong-hashedrekord-cert-and-sig_fail': 'logEntry',
  'wrong-hashedrekord-entry_fail': 'logEntry',
  'wrong-material_fail': 'otherImage',
}

describe('sigstore-conformance', () => {
  before(function () {
    if (cases.length > 0) return
    console.log('      skipped: ../shared/conformance/sigstore is not there')
    this.skip()
  })
  after(removeFolders)

  it('has its cases here', () => {
    expect(cases.length).to.be.at.least(35)
    expect(cases.filter(mustPass).length).to.be.at.least(10)
  })

  for (const name of cases) {
    for (const as of ['file', 'digest'] as const) {
      it(`${mustPass(name) ? 'accepts' : 'rejects'} ${name}, with the artifact as a ${as}`, async () => {
        const artifact = as === 'file' ? artifactOf(name) : digestOfFile(artifactOf(name))
        const { verified, reason } = await run(name, { artifact })
        expect(verified).to.equal(mustPass(name))
        // The suite grows: a new case has no reason here yet.
        if (mustPass(name) || reasons[name] !== undefined) expect(reason).to.equal(reasons[name])
      })
    }
  }

  describe('accepts none of the right ones when', () => {
    const right = cases.filter(mustPass)
    const keyless = right.filter(name => fileOf(name, 'key.pub') === undefined)
    const rejected = async (name: string, change: Change): Promise<string | undefined> => {
      const { verified, reason } = await run(name, change)
      expect(verified, name).to.equal(false)
      return reason
    }

    it('the identity is only the beginning of theirs, or a word in it', async () => {
      for (const name of keyless) {
        const identity = textOf(name, 'identity') ?? beacon.identity
        for (const part of [identity.slice(0, -1), 'github', identity.replace('.yml', 'xyml'), '.*']) {
          expect(await rejected(name, { identity: part })).to.equal('otherIdentity')
        }
      }
    })
    it('the artifact is another, as a file and as a digest', async () => {
      const file = join(await tempFolder(), 'other')
      await writeFile(file, 'other')
      for (const name of right) {
        for (const artifact of [file, digestOfFile(file)]) expect(await rejected(name, { artifact })).to.equal('otherImage')
      }
    })
    it('a key is trusted and they are signed with a certificate', async () => {
      const key = join(await tempFolder({ 'other.pub': newSigner().publicPem }), 'other.pub')
      for (const name of keyless) expect(await rejected(name, { key })).to.equal('otherKey')
    })
    it('an identity is trusted and they are signed with a key', async () => {
      const byKey = right.filter(name => !keyless.includes(name))
      expect(byKey).to.not.deep.equal([])
      for (const name of byKey) expect(await rejected(name, { identity: beacon.identity })).to.equal('otherIdentity')
    })
  })

  it('takes a statement that names the file by SHA-512 alone', async () => {
    const here = newDeployment()
    const bytes = Buffer.from('artifact')
    const sha512 = createHash('sha512').update(bytes).digest('hex')
    const statement = {
      _type: 'https://in-toto.io/Statement/v1',
      subject: [{ digest: { sha512 } }],
      predicateType: 'https://example.com/a',
    }
    const folder = await tempFolder({
      'a.txt': bytes.toString(),
      'b.txt': 'other',
      'bundle.json': JSON.stringify(signBundle(here, issueSigner(here), statement).bundle),
      'root.json': JSON.stringify(trustedRootOf(here)),
    })
    const who = ['--certificate-identity', alice.email, '--certificate-oidc-issuer', alice.issuer, '--trusted-root', 'root.json']
    const verify = (file: string) => verifyBundleCommand(['verify-bundle', '--bundle', 'bundle.json', ...who, file], folder)
    expect((await verify('a.txt')).verified).to.equal(true)
    expect((await verify('b.txt')).fault).to.equal('otherImage')
  })

  it('ends with 0 or 1, as the suite asks of its clients', () => {
    const exitOf = (argv: readonly string[]): number => {
      try {
        execFileSync(process.execPath, [join(import.meta.dirname, 'sigstore.ts'), ...argv], { stdio: 'pipe' })
        return 0
      } catch (error) {
        return (error as { status: number }).status
      }
    }
    expect(exitOf(argumentsOf('happy-path-v0.3'))).to.equal(0)
    expect(exitOf(argumentsOf('signature-mismatch_fail'))).to.equal(1)
    expect(exitOf(['verify-bundle'])).to.equal(1)
  })

  it('says what is wrong with files that it cannot use', async () => {
    const folder = await tempFolder({ 'key.pem': 'x', 'root.json': '{}' })
    const codeOf = async (argv: readonly string[]) => {
      const error = await verifyBundleCommand(argv, suite).catch((thrown: unknown) => thrown)
      return error instanceof PreflightError ? error.code : undefined
    }
    expect(await codeOf(argumentsOf('happy-path-v0.3', { key: join(folder, 'key.pem') }))).to.equal('KEY_INVALID')
    expect(await codeOf([...argumentsOf('happy-path-v0.3'), '--trusted-root', join(folder, 'root.json')])).to.equal('TRUSTED_ROOT_INVALID')
  })
})
