import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'

/** Files of a TUF repository (TUF specification 1.0.33) with one target, by their paths. */
export type TufFiles = Readonly<Record<string, string>>

export interface TufOptions {
  readonly target: string
  readonly targetName?: string
  readonly rootVersion?: number
  readonly expires?: string
  /** Signs the targets with a key that the root does not name. */
  readonly forged?: boolean
}

/** OLPC's canonical JSON, of what is written here: names in order, nothing between. */
const canonical = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`
}
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

export const tufRepository = (options: TufOptions): TufFiles => {
  const { target, targetName = 'trusted_root.json', rootVersion = 1, expires = '2099-01-01T00:00:00Z', forged = false } = options
  const { privateKey } = generateKeyPairSync('ed25519')
  const mallory = generateKeyPairSync('ed25519').privateKey
  const raw = Buffer.from(createPublicKey(privateKey).export({ format: 'jwk' }).x ?? '', 'base64url').toString('hex')
  const keyid = sha256(raw)
  const role = { keyids: [keyid], threshold: 1 }
  const signed = (body: object, key = privateKey): string => {
    const full = { spec_version: '1.0.31', version: 1, expires, ...body }
    return JSON.stringify({ signatures: [{ keyid, sig: sign(null, Buffer.from(canonical(full)), key).toString('hex') }], signed: full })
  }
  const targets = signed(
    { _type: 'targets', targets: { [targetName]: { length: Buffer.byteLength(target), hashes: { sha256: sha256(target) } } } },
    forged ? mallory : privateKey,
  )
  const snapshot = signed({ _type: 'snapshot', meta: { 'targets.json': { version: 1 } } })
  const root = signed({
    _type: 'root',
    version: rootVersion,
    consistent_snapshot: false,
    keys: { [keyid]: { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: raw } } },
    roles: { root: role, timestamp: role, snapshot: role, targets: role },
  })
  return {
    'root.json': root,
    'timestamp.json': signed({ _type: 'timestamp', meta: { 'snapshot.json': { version: 1 } } }),
    'snapshot.json': snapshot,
    'targets.json': targets,
    [`targets/${targetName}`]: target,
  }
}

export const writeFiles = async (folder: string, files: TufFiles): Promise<void> => {
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true })
    await writeFile(join(folder, name), text)
  }
}

/** Serves the files on a free port of 127.0.0.1, and counts what is asked for. */
export const serveFiles = async (files: TufFiles) => {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const path = (request.url ?? '').slice(1)
    asked.push(path)
    const text = files[path]
    response.writeHead(text === undefined ? 404 : 200).end(text)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () =>
      new Promise<void>(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
