import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from 'mocha'
import { sha256 } from '../../src/digest.ts'
import { type Certificate, makeCertificate } from '../support/certificate.ts'
import type { PushedImage } from '../support/registry.ts'
import { debian, peer, succeed } from './peers.ts'
import { start, temporaryFolder } from './processes.ts'

export interface RealRegistryOptions {
  /** Who may read and write; default everybody. */
  readonly users?: Readonly<Record<string, string>>
  /** Default plain HTTP. */
  readonly tls?: Certificate
}

export interface RealRegistry {
  /** `127.0.0.1:<port>` */
  readonly host: string
  /** What it wrote so far: a line for each request. */
  log(): string
  close(): Promise<void>
}

/** Debian's docker-registry (2.8). */
export const startDockerRegistry = async (test: Context, options: RealRegistryOptions = {}): Promise<RealRegistry> =>
  startRegistryProgram(test, debian(test, 'docker-registry'), options)

/** distribution 3. */
export const startDistribution = async (test: Context, options: RealRegistryOptions = {}): Promise<RealRegistry> =>
  startRegistryProgram(test, await peer(test, 'registry'), options)

/** go-containerregistry's registry, in memory: the one here that has the referrers API. */
export const startReferrersRegistry = async (test: Context): Promise<RealRegistry> => {
  const { ready, log, close } = await start(await peer(test, 'referrers-registry'), [], /listening on (127\.0\.0\.1:\d+)/)
  return { host: ready[1]!, log, close }
}

const startRegistryProgram = async (test: Context, program: string, { users, tls }: RealRegistryOptions): Promise<RealRegistry> => {
  const folder = temporaryFolder('registry')
  const file = (name: string, content: string): string => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o600 })
    return path
  }
  const configuration = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: false } },
    storage: { filesystem: { rootdirectory: join(folder, 'data') }, delete: { enabled: true } },
    http: {
      addr: '127.0.0.1:0',
      ...(tls === undefined ? {} : { tls: { certificate: file('tls.crt', tls.cert), key: file('tls.key', tls.key) } }),
    },
    ...(users === undefined ? {} : { auth: { htpasswd: { realm: 'interop', path: file('htpasswd', await htpasswd(test, users)) } } }),
  }
  // JSON is YAML.
  const args = ['serve', file('config.yml', JSON.stringify(configuration))]
  const { ready, log, close } = await start(program, args, /listening on (127\.0\.0\.1:\d+)/, { env: { OTEL_TRACES_EXPORTER: 'none' } })
  return { host: ready[1]!, log, close }
}

/** Lines of an htpasswd file, with bcrypt: all that distribution takes. */
export const htpasswd = async (test: Context, users: Readonly<Record<string, string>>): Promise<string> => {
  const program = debian(test, 'htpasswd')
  const lines = await Promise.all(Object.entries(users).map(([user, password]) => succeed(program, ['-inB', user], { input: password })))
  return lines.map(line => line.trim()).join('\n')
}

/** A certificate of its own, for 127.0.0.1 and localhost, and where it lies for programs that want a file. */
export const certificate = (): Certificate & { readonly file: string; readonly folder: string } => {
  const made = makeCertificate()
  const folder = temporaryFolder('certificate')
  const file = join(folder, 'ca.crt')
  writeFileSync(file, made.cert)
  return { ...made, file, folder }
}

/** Writes an image as an OCI layout (image-spec 1.1 image-layout.md) under a tag; gives its folder. */
export const writeLayout = ({ blobs, manifest }: PushedImage, tag: string): string => {
  const folder = temporaryFolder('layout')
  const put = (digest: string, bytes: Uint8Array) => writeFileSync(join(folder, 'blobs', 'sha256', digest.replace('sha256:', '')), bytes)
  mkdirSync(join(folder, 'blobs', 'sha256'), { recursive: true })
  for (const [digest, bytes] of blobs) put(digest, bytes)
  const { mediaType, bytes } = manifest
  const digest = sha256(bytes)
  put(digest, bytes)
  const annotations = { 'org.opencontainers.image.ref.name': tag }
  writeFileSync(join(folder, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  writeFileSync(
    join(folder, 'index.json'),
    JSON.stringify({ schemaVersion: 2, manifests: [{ mediaType, digest, size: bytes.length, annotations }] }),
  )
  return folder
}
