import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { isDigest } from '../../src/digest.ts'
import { publicKeyFromPem } from '../../src/policy/keys.ts'
import type { Authority } from '../../src/signatures/authority.ts'
import { signedDigest } from '../../src/signatures/signed-digest.ts'
import { parseTrustedRoot } from '../../src/signatures/sigstore/trusted-root.ts'
import type { Verdict } from '../../src/signatures/verdict.ts'
import { verifyBundleAttestation } from '../../src/signatures/verify-attestation.ts'
import { verifyBundle } from '../../src/signatures/verify-bundle.ts'
import { findTrustedRoot } from '../../src/world/trusted-root.ts'
import { identityOf } from '../support/sigstore/identity.ts'

/**
 * The client of sigstore-conformance (docs/cli_protocol.md):
 * `verify-bundle --bundle F (--certificate-identity I --certificate-oidc-issuer U | --key PEM) [--trusted-root F] FILE_OR_DIGEST`
 *
 * @returns what was found; an error where the arguments or files are not what they must be
 */
export const verifyBundleCommand = async (argv: readonly string[], folder: string): Promise<Verdict> => {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: {
      bundle: { type: 'string' },
      'certificate-identity': { type: 'string' },
      'certificate-oidc-issuer': { type: 'string' },
      key: { type: 'string' },
      'trusted-root': { type: 'string' },
    },
  })
  const [command, artifact, ...more] = positionals
  if (command !== 'verify-bundle' || artifact === undefined || more.length > 0 || values.bundle === undefined) throw new Error('usage')
  const file = (path: string) => readFile(resolve(folder, path))
  const trustedRoot =
    values['trusted-root'] === undefined
      ? parseTrustedRoot((await findTrustedRoot({ cacheFolders: [] })).bytes, 'the public good instance')
      : parseTrustedRoot(await file(values['trusted-root']), values['trusted-root'])
  const key = values.key === undefined ? undefined : publicKeyFromPem((await file(values.key)).toString(), values.key)
  const authority: Authority =
    key === undefined
      ? {
          kind: 'keyless',
          identities: [identityOf({ subject: values['certificate-identity'], issuer: values['certificate-oidc-issuer'] })],
          trustedRoot,
        }
      : { kind: 'key', keys: [{ ...key, name: values.key ?? '' }], trustedRoot, require: { log: true } }

  const bundle = await file(values.bundle)
  const bytes = existsSync(resolve(folder, artifact)) ? await file(artifact) : undefined
  if (bytes === undefined && !isDigest(artifact)) throw new Error(`${artifact} is neither a file nor a digest`)
  const verify = (digest: string): Verdict => {
    const verdict = verifyBundle(digest, { bundle, manifest: () => bytes ?? signedDigest(digest) }, authority)
    // The suite's statements are no signatures of images.
    return verdict.fault === 'notASignature' ? verifyBundleAttestation(digest, bundle, authority) : verdict
  }
  if (bytes === undefined) return verify(artifact)
  // A statement may name a file by any of these; an image has one name.
  const verdicts = ['sha256', 'sha384', 'sha512'].map(hash => verify(`${hash}:${createHash(hash).update(bytes).digest('hex')}`))
  return verdicts.find(({ verified }) => verified) ?? verdicts.find(({ fault }) => fault !== 'otherImage') ?? verdicts[0]!
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  const verdict = await verifyBundleCommand(process.argv.slice(2), process.cwd()).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  })
  for (const step of verdict?.steps ?? []) process.stderr.write(`${JSON.stringify(step)}\n`)
  process.exitCode = verdict?.verified === true ? 0 : 1
}
