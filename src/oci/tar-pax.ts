import type { TarHeader } from './tar-header.ts'
import { corrupt, decimal, lowBits } from './tar-numbers.ts'

export type PaxRecords = ReadonlyMap<string, string>

const names = new Set(['path', 'linkpath', 'uname', 'gname'])
const times = new Set(['atime', 'mtime', 'ctime'])

/**
 * The records of a pax header, `<length> <key>=<value>\n` each (POSIX.1-2001 pax), as Go 1.26 archive/tar reads them.
 * Text is latin1. GNU sparse 0.0 repeats its keys; they are joined to the map of sparse 0.1.
 *
 * @throws PreflightError LAYER_CORRUPT
 */
export const parsePax = (data: Buffer): PaxRecords => {
  const records = new Map<string, string>()
  const sparse: string[] = []
  for (let at = 0; at < data.length; ) {
    const { key, value, end } = record(data, at)
    at = end
    if (key !== 'GNU.sparse.offset' && key !== 'GNU.sparse.numbytes') records.set(key, value)
    else if ((sparse.length % 2 === 0) !== (key === 'GNU.sparse.offset') || value.includes(',')) {
      throw corrupt('a pax header has a sparse map out of order')
    } else sparse.push(value)
  }
  if (sparse.length > 0) records.set('GNU.sparse.map', sparse.join(','))
  return records
}

const record = (data: Buffer, start: number): { key: string; value: string; end: number } => {
  const space = data.indexOf(0x20, start)
  // 20 digits and a sign are more than any length that fits
  const digits = space < 0 || space - start > 21 ? '' : data.toString('latin1', start, space)
  const length = /^[+-]?[0-9]+$/.test(digits) ? Number(digits) : 0
  const end = start + length
  if (length < 5 || end > data.length || end <= space + 1 || data[end - 1] !== 0x0a) throw corrupt('a pax record has a wrong length')
  const text = data.toString('latin1', space + 1, end - 1)
  const equals = text.indexOf('=')
  if (equals < 1) throw corrupt('a pax record has no key')
  const key = text.slice(0, equals)
  const value = text.slice(equals + 1)
  if ((names.has(key) ? value : key).includes('\0')) throw corrupt('a pax record holds a NUL')
  return { key, value, end }
}

/** Overrides `header` by what a pax header says of this one entry; an empty value leaves the field as it is. */
export const mergePax = (header: TarHeader, records: PaxRecords): void => {
  for (const [key, value] of records) {
    if (value === '') continue
    if (key === 'path') header.name = value
    else if (key === 'linkpath') header.linkName = value
    else if (key === 'size') header.sizeBytes = Number(decimal(value))
    else if (key === 'uid') header.uid = lowBits(decimal(value), 32)
    else if (key === 'gid') header.gid = lowBits(decimal(value), 32)
    else if (times.has(key)) checkTime(value)
  }
}

const checkTime = (text: string): void => {
  const [seconds = '', ...fraction] = text.split('.')
  decimal(seconds)
  if (!/^[0-9]*$/.test(fraction.join('.'))) throw corrupt('a pax record has a time that is none')
}
