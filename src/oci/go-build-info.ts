/** Build information as it stands in a Go binary: what `go version -m` prints. Read it with `parseModules`. */
export interface BuildInfo {
  /** `go1.24.4`; empty for Go before 1.18, which keeps it in another place of the file. */
  readonly goVersion: string
  /** Lines of `path`, `mod`, `dep`, `=>` and `build`, tab separated; empty without modules. */
  readonly modules: string
}

/** Go 1.26 debug/buildinfo: 14 bytes of magic, pointer size, flags; since Go 1.18 two strings follow at 32. */
export const buildInfoMagic = Buffer.from('\xff Go buildinf:', 'latin1')
export const buildInfoAlign = 16
const headerBytes = 32
const inlineFlag = 2
/** Far more than real ones: `go1.24.4 X:boringcrypto`, and some tens of kilobytes of modules. */
const maxVersionBytes = 256
const maxModulesBytes = 1 << 20
/** The go command puts 16 bytes before and after the lines. */
const frameBytes = 16

/**
 * Reads the build information at the start of `blob`.
 *
 * @returns `more` while the blob is cut off, `none` when this is no build information after all
 */
export const readBuildInfo = (blob: Buffer): BuildInfo | 'more' | 'none' => {
  if (blob.length < headerBytes) return 'more'
  const pointerBytes = blob[14]!
  const flags = blob[15]!
  if (![0, 4, 8].includes(pointerBytes) || flags > 3) return 'none'
  if ((flags & inlineFlag) === 0) return { goVersion: '', modules: '' }
  const version = stringAt(blob, headerBytes, maxVersionBytes)
  if (typeof version === 'string') return version
  const goVersion = version.bytes.toString()
  if (!/^(?:go\d|devel)/.test(goVersion)) return 'none'
  const modules = stringAt(blob, version.end, maxModulesBytes)
  return typeof modules === 'string' ? modules : { goVersion, modules: unframed(modules.bytes) }
}

/** The first build information in `bytes`, which stand at `offset` in a file; undefined when there is none that is whole. */
export const findBuildInfo = (bytes: Buffer, offset: number): BuildInfo | undefined => {
  for (let at = bytes.indexOf(buildInfoMagic); at >= 0; at = bytes.indexOf(buildInfoMagic, at + 1)) {
    if ((offset + at) % buildInfoAlign !== 0) continue
    const read = readBuildInfo(bytes.subarray(at))
    if (typeof read !== 'string') return read
  }
  return undefined
}

/** A string after its length as a base-128 varint. */
const stringAt = (blob: Buffer, start: number, maxBytes: number): { readonly bytes: Buffer; readonly end: number } | 'more' | 'none' => {
  let length = 0
  for (let at = start, scale = 1; ; at++, scale *= 128) {
    const byte = blob[at]
    if (byte === undefined) return 'more'
    length += (byte & 0x7f) * scale
    if (length > maxBytes) return 'none'
    if (byte > 0x7f) continue
    const end = at + 1 + length
    return end > blob.length ? 'more' : { bytes: blob.subarray(at + 1, end), end }
  }
}

const unframed = (bytes: Buffer): string =>
  bytes.length > 2 * frameBytes && bytes[bytes.length - frameBytes - 1] === 0x0a
    ? bytes.toString('utf8', frameBytes, bytes.length - frameBytes)
    : ''
