import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { createHttp, type Http } from '../../src/world/http.ts'
import { resolveHttpOptions } from '../../src/world/http-options.ts'

describe('HTTP connections', () => {
  let server: Server
  let http: Http
  let connections = 0

  beforeEach(async () => {
    connections = 0
    server = createServer((request, response) => void response.end(request.url)).on('connection', () => connections++)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    http = createHttp(resolveHttpOptions({}))
  })
  afterEach(async () => {
    await http.close()
    await new Promise(resolve => server.close(resolve))
  })

  const ask = async (path: string): Promise<string> => {
    const { port } = server.address() as AddressInfo
    const { body } = await http.request({ url: new URL(`http://127.0.0.1:${port}${path}`), what: path })
    let text = ''
    for await (const chunk of body) text += Buffer.from(chunk).toString()
    return text
  }

  it('are used again at once by whoever asks more after an answer', async () => {
    for (const path of ['/one', '/two', '/three']) expect(await ask(path)).to.equal(path)
    expect(connections).to.equal(1)
  })

  it('are as many as there are questions at a time', async () => {
    expect(await Promise.all(['/one', '/two', '/three'].map(ask))).to.deep.equal(['/one', '/two', '/three'])
    expect(connections).to.equal(3)
  })
})
