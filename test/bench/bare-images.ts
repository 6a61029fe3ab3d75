import { createHash } from 'node:crypto'
import { get } from 'node:http'
import { createGunzip } from 'node:zlib'

/**
 * The least that reading every layer takes in Node: fetch it, unpack it, and hash it as it is and as it was; eight at a time.
 * The registry's address, then the repositories, whose images have the tag v1.
 */
const [host = '', ...repositories] = process.argv.slice(2)

const fetched = (path: string) =>
  new Promise<AsyncIterable<Buffer>>((resolve, reject) => {
    get(`http://${host}/v2/${path}`, { headers: { accept: 'application/vnd.oci.image.manifest.v1+json' } }, resolve).on('error', reject)
  })

const readLayer = async (path: string): Promise<void> => {
  const [compressed, raw] = [createHash('sha256'), createHash('sha256')]
  const gunzip = createGunzip({ chunkSize: 512 * 1024 })
  const unpacking = (async () => {
    for await (const chunk of gunzip) raw.update(chunk as Buffer)
  })()
  for await (const chunk of await fetched(path)) {
    compressed.update(chunk)
    if (!gunzip.write(chunk)) await new Promise(resolve => gunzip.once('drain', resolve))
  }
  gunzip.end()
  await unpacking
  process.stdout.write(`${compressed.digest('hex')} ${raw.digest('hex')}\n`)
}

const layersOf = async (repository: string): Promise<readonly string[]> => {
  const parts: Buffer[] = []
  for await (const part of await fetched(`${repository}/manifests/v1`)) parts.push(part)
  const { layers } = JSON.parse(Buffer.concat(parts).toString()) as { layers: { digest: string }[] }
  return layers.map(({ digest }) => `${repository}/blobs/${digest}`)
}

const waiting = (await Promise.all(repositories.map(layersOf))).flat()
const work = async (): Promise<void> => {
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await readLayer(next)
}
await Promise.all(Array.from({ length: 8 }, work))
