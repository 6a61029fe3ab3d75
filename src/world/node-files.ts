import { closeSync, constants, fstatSync, openSync, readdirSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { NodeFile, NodeFiles } from '../containerd/node-files.ts'

const limitBytes = 1024 * 1024
/** A node's mirrors need a dozen; what is beyond is not read. */
const limitFiles = 200
const limitNames = 10_000

/**
 * The files of the node whose root folder this is, each read once: at most 200, of at most 1 MiB. Synchronous, because what is read decides what is
 * read next, and it is little.
 */
export const nodeFiles = (root = '/'): NodeFiles => {
  const known = new Map<string, NodeFile>()
  let count = 0
  return path => {
    const found = known.get(path) ?? (count < limitFiles ? look(join(root, path)) : tooMany)
    if (!known.has(path) && found.kind === 'file') count += 1
    known.set(path, found)
    return found
  }
}

const tooMany: NodeFile = { kind: 'unread', why: `was not read: it is beyond the first ${limitFiles} files` }

const look = (path: string): NodeFile => {
  let descriptor: number | undefined
  try {
    // Without O_NONBLOCK, a named pipe would keep us waiting for its writer.
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const stat = fstatSync(descriptor)
    if (stat.isDirectory()) return folder(path)
    if (!stat.isFile()) return { kind: 'unread', why: 'is neither a file nor a folder' }
    const bytes = read(descriptor)
    return bytes === undefined
      ? { kind: 'unread', why: `is larger than ${limitBytes >> 20} MiB and was not read` }
      : { kind: 'file', bytes }
  } catch (error) {
    return failed(codeOf(error))
  } finally {
    if (descriptor !== undefined) closeSync(descriptor)
  }
}

const folder = (path: string): NodeFile => {
  const names = readdirSync(path)
  if (names.length > limitNames) return { kind: 'unread', why: `holds more than ${limitNames} files` }
  return { kind: 'folder', names: names.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))) }
}

const read = (descriptor: number): Uint8Array | undefined => {
  const buffer = Buffer.alloc(limitBytes + 1)
  let sizeBytes = 0
  while (sizeBytes < buffer.length) {
    const count = readSync(descriptor, buffer, sizeBytes, buffer.length - sizeBytes, null)
    if (count === 0) return Buffer.from(buffer.subarray(0, sizeBytes))
    sizeBytes += count
  }
  return undefined
}

/** What fails for root as well. */
const broken: ReadonlyMap<string, string> = new Map([
  ['ENOTDIR', 'lies below a file'],
  ['ELOOP', 'is a link that leads nowhere'],
  ['ENAMETOOLONG', 'has a name that is too long'],
  ['ERR_INVALID_ARG_VALUE', 'has a name that no file can have'],
])

const failed = (code: string): NodeFile => {
  if (code === 'ENOENT') return { kind: 'absent' }
  const why = broken.get(code)
  if (why !== undefined) return { kind: 'broken', why }
  const denied = code === 'EACCES' || code === 'EPERM'
  return {
    kind: 'unread',
    why: denied ? `may not be read by this user (${code}); run as root to see what containerd sees` : `cannot be read (${code})`,
  }
}

const codeOf = (error: unknown): string => (error instanceof Error && 'code' in error ? String(error.code) : 'unknown')
