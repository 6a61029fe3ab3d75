import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Context } from 'mocha'
import { freePorts } from './kubernetes.ts'
import { peer } from './peers.ts'
import { start, temporaryFolder } from './processes.ts'
import { certificate } from './registries.ts'

export interface S3Server {
  readonly port: number
  /** PEM of the authority for `localhost` and 127.0.0.1. */
  readonly ca: string
  readonly accessKey: string
  readonly secretKey: string
  /** Where the objects of a bucket lie as files. */
  folder(bucket: string): string
}

/** versitygw over a folder, with TLS: pgBackRest speaks no plain HTTP. */
export const startS3 = async (test: Context, buckets: readonly string[]): Promise<S3Server> => {
  const program = await peer(test, 'versitygw')
  const folder = temporaryFolder('s3')
  const tls = certificate()
  const port = await freePorts(1)
  const [accessKey, secretKey] = ['interop', 'interop-secret']
  for (const bucket of buckets) mkdirSync(join(folder, bucket))
  const key = join(tls.folder, 'server.key')
  writeFileSync(key, tls.key, { mode: 0o600 })
  const flags = ['--access', accessKey, '--secret', secretKey, '--port', `127.0.0.1:${port}`, '--cert', tls.file, '--key', key]
  await start(program, [...flags, 'posix', folder], new RegExp(`127\\.0\\.0\\.1:${port}`), { timeoutMs: 60_000 })
  return { port, ca: tls.cert, accessKey, secretKey, folder: bucket => join(folder, bucket) }
}
