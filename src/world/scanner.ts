import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Digest } from '../digest.ts'
import { PreflightError } from '../errors.ts'
import type { Scanner } from '../facts/vulnerability.ts'
import { layOut } from './scan-layout.ts'
import { runScanner } from './scanner-program.ts'
import type { ImageScanner, RegistryClient } from './world.ts'

export interface ScannerOptions {
  readonly program: Scanner
  /** What the program sees of the environment: its PATH, its database, its proxies. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** It must not fetch anything: its database is taken as it is. */
  readonly offline: boolean
  /** Of one scan. */
  readonly timeoutMs?: number
  /** Of what it prints. */
  readonly limitBytes?: number
}

/** trivy gives itself five minutes, grype none; the run's own --timeout ends both. */
const defaultTimeoutMs = 10 * 60_000
/** A report of the largest images has some ten million bytes. */
const defaultLimitBytes = 64 << 20

/** One at a time: trivy locks its cache, and a scan takes all of the machine that it gets. */
export const createScanner = (options: ScannerOptions, registry: RegistryClient, signal: AbortSignal): ImageScanner => {
  const { program, env, offline, timeoutMs = defaultTimeoutMs, limitBytes = defaultLimitBytes } = options
  const known = new Map<Digest, Promise<Uint8Array>>()
  let last: Promise<unknown> = Promise.resolve()
  const scanOne: ImageScanner['scan'] = async image => {
    signal.throwIfAborted()
    const folder = await mkdtemp(join(tmpdir(), 'velero-plugin-preflight-scan-'))
    try {
      const layout = join(folder, 'image')
      await layOut(layout, image, registry)
      const { args, more } = commandOf(program, layout, offline)
      const output = await runScanner({ program, args, env: { ...ownEnv(env), ...more }, folder, timeoutMs, limitBytes, signal })
      requireJson(program, output)
      return output
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  return {
    program,
    scan: image => {
      const { digest } = image.manifest
      const scanning = known.get(digest) ?? last.then(() => scanOne(image))
      known.set(digest, scanning)
      last = scanning.catch(() => undefined)
      return scanning
    },
  }
}

interface Command {
  readonly args: readonly string[]
  readonly more: Readonly<Record<string, string>>
}

/**
 * Of the variables that configure a scanner only those that say where its database is: others could make it leave something out,
 * write elsewhere, or hold a login that it does not need.
 */
const ownEnv = (env: ScannerOptions['env']): ScannerOptions['env'] =>
  Object.fromEntries(Object.entries(env).filter(([name]) => !/^(?:TRIVY|GRYPE)_/.test(name) || ofDatabase.test(name)))

const ofDatabase = /^(?:TRIVY_(?:CACHE_DIR|(?:JAVA_)?DB_REPOSITORY|SKIP_(?:JAVA_)?DB_UPDATE|OFFLINE_SCAN|CACERT)|GRYPE_DB_\w+)$/

/**
 * What could make it leave something out is said, so that neither its configuration nor its environment does: VEX is how
 * somebody says that an image is not affected.
 */
const commandOf = (program: Scanner, layout: string, offline: boolean): Command => {
  if (program === 'grype') {
    const more = { GRYPE_CHECK_FOR_APP_UPDATE: 'false', ...(offline ? { GRYPE_DB_AUTO_UPDATE: 'false' } : {}) }
    return { args: [`oci-dir:${layout}`, '--output', 'json'], more }
  }
  const all = ['--severity', 'UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL', '--ignore-unfixed=false', '--exit-code', '0']
  const stay = offline ? ['--offline-scan', '--skip-db-update', '--skip-java-db-update'] : []
  // Its own limit of five minutes would look like a failure; this program has one, too.
  const calm = ['--no-progress', '--timeout', '24h']
  return { args: ['image', ...calm, '--format', 'json', '--scanners', 'vuln', ...all, ...stay, '--input', layout], more: {} }
}

const requireJson = (program: Scanner, output: Buffer): void => {
  try {
    JSON.parse(output.toString('utf8'))
  } catch (cause) {
    throw new PreflightError('SCANNER_RESULT_INVALID', `${program} printed something else than JSON.`, {
      cause,
      hint: `Give it the version that is current: its JSON is read, in the form that ${program} itself has for it.`,
    })
  }
}
