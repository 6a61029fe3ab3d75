import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'

/** The least that reading a layer takes: unpack it, and hash it as it is and as it was. */
const [compressed, raw] = [createHash('sha256'), createHash('sha256')]
const gunzip = createGunzip({ chunkSize: 512 * 1024 })
const source = createReadStream(process.argv[2] ?? '')
source.on('data', chunk => compressed.update(chunk))
for await (const chunk of source.pipe(gunzip)) raw.update(chunk as Buffer)
process.stdout.write(`${compressed.digest('hex')} ${raw.digest('hex')}\n`)
