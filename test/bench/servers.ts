import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startServer, startWorker } from './processes.ts'
import { findPeer } from './programs.ts'
import { type Listed, push } from './store.ts'

export interface Registry {
  /** `127.0.0.1:port` */
  readonly host: string
  readonly name: string
}

export interface Link {
  /** `127.0.0.1:port` */
  readonly host: string
  traffic(): Promise<{ readonly connections: number; readonly upBytes: number; readonly downBytes: number }>
}

const module = (name: string): string => fileURLToPath(new URL(name, import.meta.url))

/** distribution 3 or Debian's docker-registry; without one of them the registry of the tests. */
export const startFilledRegistry = async (folder: string, blobs: string, images: readonly Listed[]): Promise<Registry> => {
  const found = [
    ['registry', 'distribution 3'],
    ['docker-registry', "Debian's docker-registry"],
  ].map(([program = '', name = '']) => ({ path: findPeer(program), name }))
  const real = found.find(({ path }) => path !== undefined)
  if (real?.path === undefined) {
    const { ask } = await startWorker(module('./registry-process.ts'), [])
    return { ...(await ask<{ host: string }>({ folder: blobs, images })), name: "the tests' own registry" }
  }
  const data = join(folder, 'registry')
  mkdirSync(data)
  const configuration = {
    version: '0.1',
    log: { level: 'info', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: data } },
    http: { addr: '127.0.0.1:0' },
  }
  const file = join(folder, 'registry.yml')
  // JSON is YAML.
  writeFileSync(file, JSON.stringify(configuration))
  const host = await startServer(real.path, ['serve', file], /listening on (127\.0\.0\.1:\d+)/, { OTEL_TRACES_EXPORTER: 'none' })
  for (const image of images) await push(`http://${host}`, blobs, image)
  return { host, name: real.name }
}

/** A way to a server on this machine that takes so long, one way. */
export const startLink = async (host: string, delayMs: number): Promise<Link> => {
  const { ask } = await startWorker(module('./delay-proxy-process.ts'), [host.split(':')[1]!, String(delayMs)])
  const traffic = () => ask<{ port: number; connections: number; upBytes: number; downBytes: number }>({})
  return { host: `127.0.0.1:${(await traffic()).port}`, traffic }
}
