import type { Dirent } from 'node:fs'
import { lstat, readdir, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PreflightError } from '../errors.ts'
import { parseGoJson } from '../oci/go-json.ts'
import { isObject, textField } from '../oci/go-struct.ts'
import type { CrlSource } from '../policy/notation/crl-source.ts'
import {
  openTrustStore,
  parseStoreName,
  type StoreFile,
  type StoreName,
  showStore,
  storeTypes,
  type TrustStore,
  unusableStore,
} from '../policy/notation/trust-store.ts'
import { pemBlocks } from '../policy/pem.ts'
import { printable } from '../redact.ts'
import { maxCrlBytes, parseCrl } from '../x509/crl.ts'
import { X509Error } from '../x509/x509-error.ts'
import { fileFailure, readBounded } from './bounded-file.ts'

/** A trust store has some files of some KiB; a folder of lists some dozens. */
const limits = { storeFiles: 500, storeFileBytes: 1 << 20, crlFiles: 500, crlTotalBytes: 256 << 20 }

/**
 * The trust stores that policies name, from a folder of notation: `<folder>/x509/<type>/<name>/*`, each file PEM or DER with one
 * certificate or several. The folder may also be notation's configuration, with `truststore` in it, or `x509` itself.
 *
 * Links and folders in a store are refused, as notation does: Kubernetes mounts Secrets as links. Such a store is not left out
 * but comes with its fault, so that it fails what rests on it and nothing else.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE: the folder as a whole
 */
export const readTrustStores = async (
  folder: string,
  wanted: readonly StoreName[],
  flag = '--trust-store',
): Promise<readonly TrustStore[]> => {
  const root = await storeRoot(folder, flag)
  return Promise.all(wanted.map(store => readTrustStore(root, store)))
}

/** Every trust store in the folder. @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE */
export const listTrustStores = async (folder: string, flag = '--trust-store'): Promise<readonly StoreName[]> => {
  const root = await storeRoot(folder, flag)
  const types = (await entriesOf(root, flag)).flatMap(({ name }) => storeTypes.find(type => type === name) ?? [])
  const stores = await Promise.all(
    types.map(async type => (await entriesOf(join(root, type), flag)).map(({ name }) => parseStoreName(`${type}:${name}`))),
  )
  return stores
    .flat()
    .filter(store => typeof store !== 'string')
    .toSorted((a, b) => (showStore(a) < showStore(b) ? -1 : 1))
}

const storeRoot = async (folder: string, flag: string): Promise<string> => {
  const names = (await entriesOf(folder, flag)).flatMap(entry => (entry.isDirectory() ? [entry.name] : []))
  if (names.includes('x509')) return join(folder, 'x509')
  if (names.includes('truststore')) return join(folder, 'truststore', 'x509')
  if (basename(folder) === 'x509' || storeTypes.some(type => names.includes(type))) return folder
  throw new PreflightError('FILE_UNREADABLE', `${flag} ${printable(folder)}: it is not a folder of trust stores.`, {
    hint: `Give the folder that has x509/<${storeTypes.join('|')}>/<name>/ in it, such as notation's truststore.`,
  })
}

const entriesOf = async (folder: string, flag: string): Promise<readonly Dirent[]> => {
  try {
    return await readdir(folder, { withFileTypes: true })
  } catch (cause) {
    throw fileFailure(folder, flag, cause)
  }
}

const readTrustStore = async (root: string, store: StoreName): Promise<TrustStore> => {
  const folder = join(root, store.type, store.name)
  try {
    if (!(await lstat(folder)).isDirectory()) return unusableStore(store, `${printable(folder)} is no folder; notation follows no links`)
    const entries = (await readdir(folder, { withFileTypes: true })).toSorted((a, b) => (a.name < b.name ? -1 : 1))
    if (entries.length > limits.storeFiles) return unusableStore(store, `it has more than ${limits.storeFiles} files`)
    const other = entries.find(entry => !entry.isFile())
    if (other !== undefined)
      return unusableStore(
        store,
        `${printable(other.name)} in it is no plain file; notation follows no links, also not those of mounted Secrets`,
      )
    const files: StoreFile[] = []
    for (const { name } of entries)
      files.push({ file: name, bytes: await readBounded(join(folder, name), limits.storeFileBytes, `the trust store ${showStore(store)}`) })
    return openTrustStore(store, files)
  } catch (error) {
    const failure = fileFailure(folder, `the trust store ${showStore(store)}`, error)
    return unusableStore(store, failure.code === 'FILE_NOT_FOUND' ? `there is no folder ${printable(folder)}` : failure.message)
  }
}

/**
 * Revocation lists: files in PEM or DER, folders of such, and notation's own cache (`<cache>/crl`), whose files have the SHA-256
 * of the list's URL as their name.
 *
 * @throws PreflightError FILE_NOT_FOUND, FILE_UNREADABLE, FILE_TOO_LARGE
 */
export const readCrls = async (paths: readonly string[], flag = '--crl'): Promise<readonly CrlSource[]> => {
  const files = (await Promise.all(paths.map(path => filesAt(path, flag)))).flat()
  if (files.length > limits.crlFiles) throw tooMuch(flag, `${files.length} files; at most ${limits.crlFiles} are read`)
  const crls: CrlSource[] = []
  let totalBytes = 0
  for (const file of files) {
    const bytes = await readBounded(file, 2 * maxCrlBytes, flag)
    totalBytes += bytes.length
    if (totalBytes > limits.crlTotalBytes) throw tooMuch(flag, `more than ${limits.crlTotalBytes >> 20} MiB in all`)
    crls.push(...crlsIn(bytes, file, flag))
  }
  return crls
}

const tooMuch = (flag: string, what: string): PreflightError =>
  new PreflightError('FILE_TOO_LARGE', `${flag}: ${what}.`, { hint: 'Give the lists of the authorities that sign the images.' })

const filesAt = async (path: string, flag: string): Promise<readonly string[]> => {
  try {
    if (!(await stat(path)).isDirectory()) return [path]
  } catch (cause) {
    throw fileFailure(path, flag, cause)
  }
  return (await entriesOf(path, flag))
    .filter(entry => entry.isFile() && !entry.name.startsWith('.'))
    .map(({ name }) => join(path, name))
    .toSorted()
}

const crlsIn = (bytes: Uint8Array, file: string, flag: string): readonly CrlSource[] => {
  try {
    const name = basename(file)
    const found = /^[0-9a-f]{64}$/.test(name)
      ? [cached(bytes, name)]
      : dersIn(bytes).map(base => ({ urlHash: undefined, base, delta: undefined }))
    for (const { base, delta } of found) for (const der of delta === undefined ? [base] : [base, delta]) parseCrl(der)
    return found.map(crl => ({ file, ...crl }))
  } catch (cause) {
    const why = cause instanceof X509Error ? cause.message : 'it is no entry of the cache of notation'
    throw new PreflightError('FILE_UNREADABLE', `${flag} ${printable(file)}: it is no certificate revocation list: ${why}.`, {
      hint: 'Give a list in PEM or DER, a folder of such, or the folder crl of the cache of notation.',
      cause,
    })
  }
}

const dersIn = (bytes: Uint8Array): readonly Uint8Array[] => {
  const blocks = pemBlocks(Buffer.from(bytes).toString('latin1')).filter(({ label }) => label === 'X509 CRL')
  return blocks.length === 0 ? [bytes] : blocks.map(({ der }) => der)
}

/** notation-go verifier/crl: `{"baseCRL": base64, "deltaCRL"?: base64}`. */
const cached = (bytes: Uint8Array, urlHash: string): Omit<CrlSource, 'file'> => {
  const entry = parseGoJson(bytes)
  if (!isObject(entry)) throw new X509Error('it is no JSON object')
  const delta = textField(entry, 'deltaCRL')
  return {
    urlHash,
    base: Buffer.from(textField(entry, 'baseCRL'), 'base64'),
    delta: delta === '' ? undefined : Buffer.from(delta, 'base64'),
  }
}
