import { gunzipSync, zstdDecompressSync } from 'node:zlib'
import { compressionOf, decompress } from '../oci/decompress.ts'
import { createTarReader, type TarEntry } from '../oci/tar-reader.ts'
import type { DataSink } from '../oci/tar-sink.ts'
import { printable } from '../redact.ts'
import { maxYamlBytes } from '../yaml-source.ts'
import { asDamage } from './airgap/drive.ts'
import { metadataFile, releaseFile } from './airgap/scan-bundle.ts'
import type { InputFile } from './files.ts'
import { damaged } from './local-files.ts'

/** A release has some dozens, an air-gap bundle many thousands, of which two matter. */
const maxFiles = 1000
const maxEntries = 1_000_000
const maxReleaseBytes = 64 << 20
const maxUnpackedBytes = 512 << 20
/** Of all files of a release that may hold a Config together. */
const maxKeptBytes = 64 << 20
const maxRatio = 50

/** What a support bundle says of the cluster; the newest Installation in it holds the Config. */
const installationsFile = /^(?:[^/]+\/)?cluster-resources\/custom-resources\/installations\.embeddedcluster\.replicated\.com\.json$/

/** By which Embedded Cluster finds a Config, and we one that it does not find. */
const sought = 'embeddedcluster.replicated.com'

/** The files of a release's archive, as it stands in an installer or air-gap bundle. @throws PreflightError LOCAL_INVALID */
export const filesOfRelease = (bytes: Uint8Array, path: string): readonly InputFile[] => {
  const what = printable(path)
  const { reader, result } = readFiles(path, what)
  try {
    reader.write(unpacked(Buffer.from(bytes), what))
    reader.end()
  } catch (error) {
    throw asDamage(what, error)
  }
  return result().files
}

const unpacked = (bytes: Buffer, what: string): Buffer => {
  const compression = compressionOf(bytes)
  const options = { maxOutputLength: maxUnpackedBytes }
  try {
    if (compression === 'none') return bytes
    return compression === 'gzip' ? gunzipSync(bytes, options) : zstdDecompressSync(bytes, options)
  } catch (cause) {
    throw damaged(what, `the release in it cannot be unpacked (${cause instanceof Error ? printable(cause.message) : 'unknown'})`, cause)
  }
}

/**
 * The files of a release in an archive that is one itself, or is an air-gap bundle: of that no more is read than up to the release.
 *
 * @throws PreflightError LOCAL_INVALID
 */
export const filesOfArchive = async (source: AsyncGenerator<Buffer>, sizeBytes: number, path: string): Promise<readonly InputFile[]> => {
  const what = printable(path)
  const { reader, result } = readFiles(path, what)
  let seen = 0
  try {
    for await (const chunk of decompress(source, 'sniff')) {
      seen += chunk.length
      if (seen > 2 ** 30 && seen > maxRatio * sizeBytes) throw damaged(what, `it unpacks to more than ${seen} bytes`)
      reader.write(chunk)
      if (result().release !== undefined) break
    }
    if (result().release === undefined) reader.end()
  } catch (error) {
    throw asDamage(what, error)
  }
  const { release, files, isBundle } = result()
  const installations = files.find(({ name = '' }) => installationsFile.test(name))
  if (installations !== undefined) return [{ ...installations, fromFolder: false }]
  if (release !== undefined) return filesOfRelease(release, `${path}/${releaseFile}`)
  if (isBundle) throw damaged(what, `it is an air-gap bundle without ${releaseFile}, and so without a Config`)
  return files
}

const readFiles = (path: string, what: string) => {
  const files: InputFile[] = []
  let release: Buffer | undefined
  let isBundle = false
  let entries = 0
  let keptBytes = 0
  const keep = ({ sizeBytes }: TarEntry, end: (bytes: Buffer) => void): DataSink => {
    keptBytes += sizeBytes
    if (keptBytes > maxKeptBytes + maxReleaseBytes) throw damaged(what, `its files have more than ${keptBytes} bytes`)
    const parts: Buffer[] = []
    return { write: part => void parts.push(Buffer.from(part)), zeros: () => undefined, end: () => end(Buffer.concat(parts)) }
  }
  const put = (name: string, bytes: Buffer) => {
    keptBytes -= bytes.length
    const isYaml = /\.ya?ml$/.test(name)
    if (!isYaml && !bytes.includes(sought)) return
    keptBytes += bytes.length
    if (files.length >= maxFiles) throw damaged(what, `it has more than ${maxFiles} files that may hold a Config`)
    files.push({ file: `${path}/${name.replace(/^(?:\.?\/)+/, '')}`, bytes, fromFolder: true, name })
  }
  const takeRelease = (bytes: Buffer) => {
    release = bytes
  }
  const reader = createTarReader(entry => {
    if (++entries > maxEntries) throw damaged(what, `it has more than ${maxEntries} entries`)
    const { name, type, sizeBytes } = entry
    if (type !== '0' || entry.sparse) return undefined
    if (name === metadataFile) isBundle = true
    if (name === releaseFile && sizeBytes <= maxReleaseBytes) return keep(entry, takeRelease)
    if (isBundle) return undefined
    if (sizeBytes <= maxYamlBytes) return keep(entry, bytes => put(name, bytes))
    if (/\.ya?ml$/.test(name)) throw damaged(what, `${printable(name)} in it is larger than ${maxYamlBytes >> 20} MiB`)
    return undefined
  })
  return { reader, result: () => ({ files, release, isBundle }) }
}
