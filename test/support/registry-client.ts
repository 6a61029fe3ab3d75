import { type AddressInfo, createServer } from 'node:net'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import type { Descriptor } from '../../src/oci/descriptor.ts'
import { type ImageReference, parseReference } from '../../src/oci/reference.ts'
import type { Clock } from '../../src/world/clock.ts'
import { createRegistry, type RegistryOptions } from '../../src/world/registry.ts'
import type { Credential, RegistryClient } from '../../src/world/world.ts'
import { startRegistry, type TestRegistry, type TestRegistryOptions } from './registry.ts'

export const manifestType = 'application/vnd.oci.image.manifest.v1+json'
export const indexType = 'application/vnd.oci.image.index.v1+json'

/** A clock that jumps instead of waiting; `slept` tells how far. */
export const jumpingClock = (): Clock & { readonly slept: number[] } => {
  const slept: number[] = []
  let nowMs = Date.UTC(2026, 10, 23, 10)
  return {
    slept,
    now: () => nowMs,
    async sleep(delayMs) {
      slept.push(delayMs)
      nowMs += delayMs
    },
    random: () => 0.5,
  }
}

export const login = (username: string, password: string, more: Partial<Credential> = {}): Credential => ({
  username,
  password,
  source: { kind: 'secret', namespace: 'velero', name: 'regcred', entry: 'registry', username },
  ...more,
})

/** The smallest image: a config and one layer of so many bytes. */
export const smallImage = (layerBytes = 1000) => {
  const config = Buffer.from('{"os":"linux","architecture":"amd64"}')
  const layer = Buffer.alloc(layerBytes, 'plugin ')
  const describe = (bytes: Uint8Array, mediaType: string): Descriptor => ({ mediaType, digest: sha256(bytes), sizeBytes: bytes.length })
  const layerDescriptor = describe(layer, 'application/vnd.oci.image.layer.v1.tar')
  const json = ({ mediaType, digest, sizeBytes }: Descriptor) => ({ mediaType, digest, size: sizeBytes })
  const bytes = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: json(describe(config, 'application/vnd.oci.image.config.v1+json')),
      layers: [json(layerDescriptor)],
    }),
  )
  const blobs = new Map([config, layer].map(blob => [sha256(blob), blob]))
  return { blobs, manifest: { mediaType: manifestType, bytes }, digest: sha256(bytes), config, layer, layerDescriptor }
}

export interface Setup {
  readonly registry: TestRegistry
  readonly client: RegistryClient
  readonly clock: ReturnType<typeof jumpingClock>
  /** `acme/plugin:v1` on the registry, where {@link smallImage} was pushed. */
  readonly image: ImageReference
  readonly pushed: ReturnType<typeof smallImage>
}

/** Ends what `setup` started. */
let started: { close(): Promise<void> }[] = []
export const closeAll = async (): Promise<void> => {
  const all = started
  started = []
  await Promise.all(all.map(one => one.close()))
}

export const closeLater = (one: { close(): Promise<void> }): void => void started.push(one)

/** Closed by {@link closeAll}. */
export const startAnother = async (options: TestRegistryOptions = {}): Promise<TestRegistry> => {
  const registry = await startRegistry(options)
  started.push(registry)
  return registry
}

/** Closed by {@link closeAll}. */
export const newClient = (options: RegistryOptions = {}): RegistryClient => {
  const client = createRegistry(options)
  started.push(client)
  return client
}

/** A registry with an image, and a client whose clock jumps. Loopback by address, so plain HTTP is found out. */
export const setup = async (registryOptions: TestRegistryOptions = {}, clientOptions: RegistryOptions = {}): Promise<Setup> => {
  const registry = await startAnother(registryOptions)
  const clock = jumpingClock()
  const client = newClient({ clock, ...clientOptions })
  const pushed = smallImage()
  registry.push('acme/plugin', 'v1', pushed)
  return { registry, client, clock, pushed, image: parseReference(`${registry.host}/acme/plugin:v1`) }
}

/** The host of a server that speaks `answer` to whoever connects, or nothing. Closed by {@link closeAll}. */
export const startTcp = async (answer?: string): Promise<string> => {
  const server = createServer(socket => {
    socket.on('error', () => undefined).resume()
    if (answer !== undefined) socket.end(answer)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const sockets = new Set<{ destroy(): void }>()
  server.on('connection', socket => sockets.add(socket))
  closeLater({
    close: () =>
      new Promise(resolve => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  })
  return `127.0.0.1:${(server.address() as AddressInfo).port}`
}

export const collect = async (chunks: AsyncIterable<Uint8Array>): Promise<Buffer> => {
  const all: Uint8Array[] = []
  for await (const chunk of chunks) all.push(chunk)
  return Buffer.concat(all)
}

/** The PreflightError that `work` ends with; fails when it does not, or when it ends with another error. */
export const failureOf = async (work: Promise<unknown>): Promise<PreflightError> => {
  const error = await work.then(
    value => expect.fail(`it succeeded: ${JSON.stringify(value)?.slice(0, 200)}`),
    (thrown: unknown) => thrown,
  )
  if (!(error instanceof PreflightError)) throw error
  return error
}
