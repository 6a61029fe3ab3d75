import { Agent, get, type IncomingHttpHeaders } from 'node:http'

/**
 * The least that fetching what hangs on images takes in Node, over as many connections as the product has to a host: the list of
 * bundles where there is no referrers API, each manifest in it, and its layers. The registry's address, then the repositories, whose
 * images have the tag v1.
 */
const [host = '', ...repositories] = process.argv.slice(2)

const agent = new Agent({ keepAlive: true, maxSockets: 64 })
const accept = 'application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json'

const fetched = (path: string) =>
  new Promise<{ readonly headers: IncomingHttpHeaders; readonly body: string }>((resolve, reject) => {
    get(`http://${host}/v2/${path}`, { agent, headers: { accept } }, async answer => {
      const parts: Buffer[] = []
      for await (const part of answer) parts.push(part as Buffer)
      resolve({ headers: answer.headers, body: Buffer.concat(parts).toString() })
    }).on('error', reject)
  })

const descriptorsIn = async (path: string, key: 'manifests' | 'layers'): Promise<readonly string[]> =>
  (JSON.parse((await fetched(path)).body) as { [of in typeof key]: { digest: string }[] })[key].map(({ digest }) => digest)

await Promise.all(
  repositories.map(async repository => {
    const { headers } = await fetched(`${repository}/manifests/v1`)
    const list = `${headers['docker-content-digest']}`.replace(':', '-')
    const bundles = await descriptorsIn(`${repository}/manifests/${list}`, 'manifests')
    await Promise.all(
      bundles.map(async bundle => {
        const layers = await descriptorsIn(`${repository}/manifests/${bundle}`, 'layers')
        await Promise.all(layers.map(layer => fetched(`${repository}/blobs/${layer}`)))
      }),
    )
  }),
)
agent.destroy()
