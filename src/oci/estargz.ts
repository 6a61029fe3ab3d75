import { gunzipSync } from 'node:zlib'
import { blockBytes, parseHeader } from './tar-header.ts'
import { TableUnusable, tableLimits } from './toc.ts'

/** An empty gzip member whose extra field says where the table begins (stargz-snapshotter 0.18 `docs/estargz.md`, "Footer"). */
export const footerBytes = 51
/** The last entry of the archive; what unpacks the layer makes a file of it. */
export const tableName = 'stargz.index.json'

/** Magic, deflate, one flag: an extra field follows (RFC 1952 2.3). */
const gzipHead = '1f8b0804'
/** Its length; the subfield `SG` and its length. */
const extraHead = '1a0053471600'

/** Where in the layer the table begins. @throws TableUnusable */
export const tableStart = (footer: Buffer): number => {
  const [, offset] = /^([0-9a-f]{16})STARGZ$/.exec(footer.toString('latin1', 16, 38)) ?? []
  const heads = footer.toString('hex', 0, 4) + footer.toString('hex', 10, 16)
  if (footer.length !== footerBytes || heads !== gzipHead + extraHead || offset === undefined) {
    throw new TableUnusable('the layer does not end as an eStargz layer does')
  }
  return Number.parseInt(offset, 16)
}

/** The JSON text in the member between the table's start and the footer: it is wrapped into an archive. @throws TableUnusable */
export const tableText = (member: Uint8Array): Buffer => {
  try {
    const archive = gunzipSync(member, { maxOutputLength: tableLimits.rawBytes })
    const header = parseHeader(archive.subarray(0, blockBytes))
    const text = archive.subarray(blockBytes, blockBytes + header.sizeBytes)
    if (header.name === tableName && header.type === '0' && text.length === header.sizeBytes) return text
  } catch (cause) {
    throw new TableUnusable('its table of contents cannot be unpacked', { cause })
  }
  throw new TableUnusable('where the table of contents should be, something else stands')
}
