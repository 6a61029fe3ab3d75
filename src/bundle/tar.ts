const block = 512

const octal = (value: number, length: number) => `${value.toString(8).padStart(length - 1, '0')}\0`

/** The two fields of a long path (POSIX.1-1988 ustar): at most 155 bytes of folders, and 100 of the rest. */
const nameAndPrefix = (path: string): readonly [name: string, prefix: string] => {
  if (Buffer.byteLength(path) <= 100) return [path, '']
  const slash = path.indexOf('/', path.length - 101)
  const [name, prefix] = [path.slice(slash + 1), path.slice(0, slash)]
  if (slash < 0 || Buffer.byteLength(name) > 100 || Buffer.byteLength(prefix) > 155) throw new RangeError(`the name is too long: ${path}`)
  return [name, prefix]
}

/** A ustar header (POSIX.1-1988) of a regular file, mode 0600, owner 0. */
const header = (path: string, sizeBytes: number, modified: Date): Buffer => {
  const [name, prefix] = nameAndPrefix(path)
  const bytes = Buffer.alloc(block)
  bytes.write(name, 0)
  bytes.write(prefix, 345)
  bytes.write(octal(0o600, 8), 100)
  bytes.write(octal(0, 8), 108)
  bytes.write(octal(0, 8), 116)
  bytes.write(octal(sizeBytes, 12), 124)
  bytes.write(octal(Math.floor(modified.getTime() / 1000), 12), 136)
  bytes.write('        ', 148)
  bytes.write('0', 156)
  bytes.write('ustar\x0000', 257, 'latin1')
  const sum = bytes.reduce((total, byte) => total + byte, 0)
  bytes.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148)
  return bytes
}

/** One tar archive of `files` under the directory `top`, empty for none; no directory entries, as troubleshoot writes it. */
export const tarOf = (files: ReadonlyMap<string, Uint8Array>, top: string, modified: Date): Buffer => {
  const parts = [...files].flatMap(([path, bytes]) => [
    header(top === '' ? path : `${top}/${path}`, bytes.length, modified),
    bytes,
    Buffer.alloc((block - (bytes.length % block)) % block),
  ])
  return Buffer.concat([...parts, Buffer.alloc(2 * block)])
}
