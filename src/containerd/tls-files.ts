import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import { printable } from '../redact.ts'
import type { NodeFile, NodeFiles } from './node-files.ts'

/** A PEM file of the node. */
export interface PemFile {
  readonly file: string
  readonly pem: string
}

export interface ClientCertificate {
  readonly cert: PemFile
  /** The same file as `cert` where both stand in one. Secret: for the TLS handshake alone. */
  readonly key: PemFile
}

/** Paths of a client certificate; `key` is undefined where it stands in the same file. */
export interface ClientFiles {
  readonly cert: string
  readonly key: string | undefined
}

/** Why a file that a host needs cannot be used: containerd then pulls nothing from this registry, mirrors and all. */
export interface FileFault {
  readonly file: string
  /** As a sentence without its end, after the name of the file. */
  readonly why: string
  /** False: containerd, which runs as root, may well read it. */
  readonly refused: boolean
}

/** Reads each file once, however many hosts name it. */
export interface TlsFiles {
  /** With at least one certificate each; whatever else is in them is left out, as Go does. */
  ca(paths: readonly string[]): readonly PemFile[]
  /** As `ca`, but a file without certificates is no fault. */
  optionalCa(path: string): readonly PemFile[]
  /** As Go's tls.X509KeyPair: the first certificate must be that of the key. */
  client(pairs: readonly ClientFiles[]): readonly ClientCertificate[]
}

/** @param fault called with each reason for which a file cannot be used, which is then left out */
export const createTlsFiles = (files: NodeFiles, fault: (fault: FileFault) => void): TlsFiles => {
  const pem = once((path: string): PemFile | undefined => {
    const found = files(path)
    if (found.kind === 'file') return { file: path, pem: Buffer.from(found.bytes).toString('latin1') }
    fault({ file: path, ...unusable(found) })
    return undefined
  })
  const ca = once((path: string) => {
    const blocks = certificates(pem(path)?.pem ?? '').filter(block => certificate(block) !== undefined)
    return blocks.length === 0 ? [] : [{ file: path, pem: `${blocks.join('\n')}\n` }]
  })
  const client = once((pair: string) => {
    const [certPath, keyPath] = JSON.parse(pair) as [string, string]
    const [cert, key] = [pem(certPath), pem(keyPath)]
    if (cert === undefined || key === undefined) return []
    const problem = mismatch(cert, key)
    if (problem !== undefined) fault(problem)
    return problem === undefined ? [{ cert, key }] : []
  })
  return {
    optionalCa: ca,
    ca: paths =>
      unique(paths).flatMap(path => {
        const found = ca(path)
        if (found.length === 0 && pem(path) !== undefined) fault({ file: path, why: 'holds no certificate in PEM', refused: true })
        return found
      }),
    client: pairs => unique(pairs.map(({ cert, key }) => JSON.stringify([cert, key ?? cert]))).flatMap(client),
  }
}

/** Why what was found is not a file that can be read. */
export const unusable = (found: Exclude<NodeFile, { kind: 'file' }>): Omit<FileFault, 'file'> => {
  if (found.kind === 'absent') return { why: 'does not exist', refused: true }
  if (found.kind === 'folder') return { why: 'is a folder', refused: true }
  return { why: found.why, refused: found.kind === 'broken' }
}

const once = <T>(make: (key: string) => T): ((key: string) => T) => {
  const made = new Map<string, { readonly value: T }>()
  return key => {
    const known = made.get(key) ?? { value: make(key) }
    made.set(key, known)
    return known.value
  }
}

const unique = (paths: readonly string[]): readonly string[] => [...new Set(paths)]

const mismatch = (cert: PemFile, key: PemFile): FileFault | undefined => {
  const [leaf] = certificates(cert.pem)
  const parsed = leaf === undefined ? undefined : certificate(leaf)
  if (parsed === undefined) return { file: cert.file, why: 'holds no client certificate in PEM', refused: true }
  const secret = privateKey(key.pem)
  if (secret === undefined) return { file: key.file, why: 'holds no unencrypted private key in PEM', refused: true }
  const why = `is not the key of the certificate in ${printable(cert.file)}`
  return parsed.checkPrivateKey(secret) ? undefined : { file: key.file, why, refused: true }
}

// The body holds no dash, so that a search for the end of a block never runs past the beginning of the next.
// Go takes a block for one only at the start of a line: behind a byte order mark, as some editors write it, there is none.
const certificateBlock = /(?<![^\n])-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]*-----END CERTIFICATE-----/g
const keyBlock = /(?<![^\n])-----BEGIN ((?:[A-Z0-9]+ )?PRIVATE KEY)-----[A-Za-z0-9+/=\s]*-----END \1-----/

const certificates = (pem: string): readonly string[] => pem.match(certificateBlock) ?? []

const certificate = (block: string): X509Certificate | undefined => {
  try {
    return new X509Certificate(block)
  } catch {
    return undefined
  }
}

const privateKey = (pem: string): KeyObject | undefined => {
  const [block] = keyBlock.exec(pem) ?? []
  try {
    return block === undefined ? undefined : createPrivateKey(block)
  } catch {
    return undefined
  }
}
