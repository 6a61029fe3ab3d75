import { createServer } from 'node:net'
import { expect } from 'chai'
import { parseReference } from '../../src/oci/reference.ts'
import { createRegistry } from '../../src/world/registry.ts'
import { failureOf } from '../support/registry-client.ts'

/** A port of this machine at which nobody listens any more. */
const freePort = (): Promise<number> =>
  new Promise(resolve => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

describe('registry client: a host where nobody listens', () => {
  it('is told of with the image that was asked for, of each that was', async () => {
    const host = `127.0.0.1:${await freePort()}`
    const client = createRegistry()
    const asked = ['a', 'b'].map(async name => {
      const image = parseReference(`${host}/${name}:v1`)
      return { name, error: await failureOf(client.manifest(image, 'v1', undefined)) }
    })
    for (const { name, error } of await Promise.all(asked)) {
      expect(error.code).to.equal('REGISTRY_UNREACHABLE')
      expect(error.message).to.contain(`${host}/${name}:v1`)
    }
    await client.close()
  })
})
