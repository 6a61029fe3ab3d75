import { readFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { PreflightError } from '../../src/errors.ts'
import { parseTrustPolicy, storesIn } from '../../src/policy/notation/trust-policy.ts'
import { parseRfc3339 } from '../../src/signatures/notation/rfc3339.ts'
import { type NotationInput, type NotationTarget, verifyNotation } from '../../src/signatures/notation/verify-notation.ts'
import { readCrls, readTrustStores } from '../../src/world/notation-files.ts'

const usage = `Usage: notation.ts --policy FILE --trust-store DIR --reference REF --media-type T --signature FILE [--descriptor JSON] [--time RFC3339] [--crl PATH]...

Verifies one signature of Notary Project and prints the outcome as JSON. Exit 0: verified, or skipped by the policy, as notation
has it; 1: not verified, or the policy is none; 2: usage. Without --descriptor the media type and size are those that were signed.`

export interface ConformanceResult {
  readonly exit: 0 | 1 | 2
  readonly stdout: string
  readonly stderr: string
}

const options = {
  policy: { type: 'string' },
  'trust-store': { type: 'string' },
  reference: { type: 'string' },
  'media-type': { type: 'string' },
  signature: { type: 'string' },
  descriptor: { type: 'string' },
  time: { type: 'string' },
  crl: { type: 'string', multiple: true },
} as const

/** The whole program, in process. */
export const notation = async (args: readonly string[]): Promise<ConformanceResult> => {
  try {
    const outcome = await verify(args)
    return { exit: outcome.verdict === 'failed' ? 1 : 0, stdout: `${JSON.stringify(outcome, asJson, 2)}\n`, stderr: '' }
  } catch (error) {
    const code = error instanceof PreflightError ? error.code : 'USAGE'
    const message = error instanceof Error ? error.message : String(error)
    if (code === 'POLICY_INVALID' || code === 'YAML_INVALID')
      return { exit: 1, stdout: `${JSON.stringify({ verdict: 'failed', error: { code, message } }, null, 2)}\n`, stderr: '' }
    return { exit: 2, stdout: '', stderr: `${message}\n\n${usage}\n` }
  }
}

const verify = async (args: readonly string[]) => {
  const { values } = parseArgs({ args: [...args], options, strict: true, allowPositionals: false })
  const needed = (name: 'policy' | 'trust-store' | 'reference' | 'media-type' | 'signature'): string => {
    const value = values[name]
    if (value === undefined) throw new Error(`--${name} is missing`)
    return value
  }
  const at = values.time === undefined ? Date.now() : parseRfc3339(values.time)
  if (at === undefined) throw new Error(`--time ${values.time} is not a time (RFC 3339)`)
  const file = needed('policy')
  const [folder, reference, mediaType, signature] = [needed('trust-store'), needed('reference'), needed('media-type'), needed('signature')]
  const policy = parseTrustPolicy(await readFile(file), file)
  const input: Omit<NotationInput, 'target'> = {
    envelope: await readFile(signature),
    mediaType,
    reference,
    policy,
    trustStores: await readTrustStores(folder, storesIn(policy)),
    crls: await readCrls(values.crl ?? []),
    at: new Date(at),
  }
  if (values.descriptor !== undefined) return verifyNotation({ ...input, target: descriptorOf(values.descriptor) })
  // Only the digest is known, and it alone is compared.
  const digest = reference.slice(reference.lastIndexOf('@') + 1)
  const { claim } = verifyNotation({ ...input, target: { mediaType: '', digest, sizeBytes: -1 } })
  return verifyNotation({
    ...input,
    target: { mediaType: claim?.target.mediaType ?? '', sizeBytes: claim?.target.sizeBytes ?? -1, digest },
  })
}

const descriptorOf = (text: string): NotationTarget => {
  const descriptor: unknown = JSON.parse(text)
  if (typeof descriptor !== 'object' || descriptor === null) throw new Error('--descriptor is not an object')
  const { mediaType, digest, size } = descriptor as { readonly [name: string]: unknown }
  if (typeof mediaType !== 'string' || typeof digest !== 'string' || typeof size !== 'number')
    throw new Error('--descriptor needs mediaType, digest and size')
  return { mediaType, digest, sizeBytes: size }
}

/** Maps as objects. */
const asJson = (_: string, value: unknown): unknown => (value instanceof Map ? Object.fromEntries(value) : value)

if (process.argv[1] === import.meta.filename) {
  const { exit, stdout, stderr } = await notation(process.argv.slice(2))
  process.stdout.write(stdout)
  process.stderr.write(stderr)
  process.exitCode = exit
}
