import { once } from 'node:events'
import { connect } from 'node:net'
import { expect } from 'chai'
import { makeCertificate } from '../../support/certificate.ts'
import { reviewOf, startWebhook, until, type Webhook } from '../../support/conversion-webhook.ts'
import { removeFolders } from '../../support/temp-folder.ts'

const json = { 'content-type': 'application/json' }

/** A body that comes in pieces, each when the one before it was taken. */
async function* pieces(sizeBytes: number, count: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield Buffer.alloc(sizeBytes, 'x')
}

describe('the server of conversions', () => {
  let webhook: Webhook
  const start = async (options: Parameters<typeof startWebhook>[0] = {}) => {
    webhook = await startWebhook(options)
  }
  afterEach(async () => {
    await webhook.close()
    await removeFolders()
  })
  const converts = async () => {
    const { status, text } = await webhook.convert(reviewOf('a'))
    return status === 200 && JSON.parse(text).response.result.status === 'Success'
  }

  describe('answers', () => {
    beforeEach(() => start())

    it('a review with a review', async () => {
      const { status, headers, text } = await webhook.convert(reviewOf('a', 'b'))
      expect([status, headers['content-type']]).to.deep.equal([200, 'application/json'])
      expect(JSON.parse(text).response.convertedObjects.map((object: { apiVersion: string }) => object.apiVersion)).to.deep.equal(
        Array(2).fill('embeddedcluster.replicated.com/v1'),
      )
    })
    it('a review that cannot be done with 200 and a failure, as the contract has it', async () => {
      const { status, text } = await webhook.convert(JSON.stringify(reviewOf('a')).replace('"Config"', '"Other"'))
      expect([status, JSON.parse(text).response.result.status]).to.deep.equal([200, 'Failed'])
    })
    for (const path of ['/healthz', '/livez', '/readyz', '/readyz?verbose'])
      it(`${path} with ok`, async () => {
        const { status, text } = await webhook.ask('GET', path)
        expect([status, text]).to.deep.equal([200, 'ok\n'])
      })
    for (const [what, method, path, options, status] of [
      ['another path', 'POST', '/', { headers: json, body: '{}' }, 404],
      ['a GET of /convert', 'GET', '/convert', {}, 405],
      ['a POST of a probe', 'POST', '/healthz', { body: '' }, 405],
      ['another type', 'POST', '/convert', { headers: { 'content-type': 'application/x-www-form-urlencoded' }, body: 'a=b' }, 415],
      ['no type', 'POST', '/convert', { body: '{}' }, 415],
      ['a compressed body', 'POST', '/convert', { headers: { ...json, 'content-encoding': 'gzip' }, body: '{}' }, 415],
      ['what is no review', 'POST', '/convert', { headers: json, body: '{"kind":"x"}' }, 400],
      ['an empty body', 'POST', '/convert', { headers: json, body: '' }, 400],
    ] as const)
      it(`${what} with ${status}`, async () => {
        expect((await webhook.ask(method, path, options)).status).to.equal(status)
        expect(await converts()).to.equal(true)
      })
    it('says in its log what it did, and nothing of what is in the objects', async () => {
      await webhook.convert(reviewOf('a-name'))
      await webhook.convert(JSON.stringify(reviewOf('a-name')).replace('"Config"', '"Other"'))
      await webhook.convert('{"apiVersion":"s3cret')
      expect(webhook.lines.join('\n'))
        .to.match(/converted 1 objects to "embeddedcluster.replicated.com\/v1" for u-1 in \d+ ms\n/)
        .and.match(/failed u-1 to .*: object 1 of 1 is no Config/)
        .and.match(/refused a request of 127.0.0.1: 400 /)
        .and.not.match(/s3cret|a-name/)
    })
  })

  describe('takes no more than its limits', () => {
    it('and refuses a longer body, declared or not', async () => {
      await start({ limits: { bodyBytes: 1000 } })
      const declared = await webhook.ask('POST', '/convert', { headers: json, body: 'x'.repeat(1001) })
      const chunked = await webhook.ask('POST', '/convert', { headers: json, body: pieces(100, 11) })
      expect([declared.status, chunked.status]).to.deep.equal([413, 413])
      expect(await converts()).to.equal(true)
    })
    it('of all bodies at once: one more is asked to come again, and can', async () => {
      await start({ limits: { heldBytes: 2000 } })
      const socket = await webhook.socket()
      socket.write(`POST /convert HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 1900\r\n\r\n${'x'.repeat(1800)}`)
      const ask = () => webhook.convert(`${JSON.stringify(reviewOf('a'))}${' '.repeat(500)}`)
      let busy = await ask()
      await until(async () => {
        if (busy.status !== 503) busy = await ask()
        return busy.status === 503
      })
      expect(busy.headers['retry-after']).to.equal('1')
      socket.end('x'.repeat(100))
      await until(async () => (await ask()).status === 200)
    })
    for (const [what, text] of [
      ['sends nothing', ''],
      ['stops in the headers', 'POST /convert HTTP/1.1\r\nHost'],
      ['stops in the body', 'POST /convert HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{'],
    ] as const)
      it(`and lets go of who ${what}`, async () => {
        await start({ limits: { requestMs: 50 } })
        const socket = await webhook.socket()
        socket.resume()
        const closed = once(socket, 'close')
        socket.write(text)
        await closed
        expect(await converts()).to.equal(true)
      })
    it('and lets go of who never speaks TLS', async () => {
      await start({ limits: { requestMs: 50 } })
      const socket = connect(webhook.port, '127.0.0.1')
      await once(socket.resume(), 'close')
      expect(await converts()).to.equal(true)
    })
  })

  describe('outlives', () => {
    beforeEach(() => start())
    const head = 'POST /convert HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n'
    for (const [what, text] of [
      ['what is no HTTP', '\u0000\u0001\u0002\r\n\r\n'],
      ['headers without an end', `GET / HTTP/1.1\r\n${'A: b\r\n'.repeat(100_000)}`],
      ['two lengths', `${head}Content-Length: 1\r\nContent-Length: 2\r\n\r\n{}`],
      ['a length and chunks', `${head}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
      ['chunks that are none', `${head}Transfer-Encoding: chunked\r\n\r\nzz\r\n`],
      ['a negative length', `${head}Content-Length: -1\r\n\r\n`],
      ['a proxy request', 'CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n'],
      ['an upgrade', 'GET /convert HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'],
      ['a path that is no URL', 'GET //[:?% HTTP/1.1\r\nHost: a\r\n\r\n'],
      ['HTTP/2 without asking', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
      ['requests one after another', `${head}Content-Length: 2\r\n\r\n{}`.repeat(50)],
    ] as const)
      it(what, async () => {
        const socket = await webhook.socket()
        socket.resume()
        socket.end(text)
        await new Promise(resolve => socket.once('close', resolve).once('end', resolve))
        expect(await converts()).to.equal(true)
      })
    it('who leaves in the middle of a body', async () => {
      const socket = await webhook.socket()
      socket.write(`${head}Content-Length: 1000\r\n\r\n{`, () => socket.destroy())
      await until(() => webhook.lines.some(line => line.includes('was not answered')))
      expect(await converts()).to.equal(true)
    })
    it('HTTP without TLS, and says so', async () => {
      const socket = connect(webhook.port, '127.0.0.1')
      socket.resume().end('GET / HTTP/1.1\r\n\r\n')
      await once(socket, 'close')
      expect(webhook.lines.join('\n')).to.match(/a connection of .* was given up: http request/)
      expect(await converts()).to.equal(true)
    })
  })

  it('says why it came to no TLS with a client', async () => {
    await start()
    const old = { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' } as const
    expect(await webhook.socket(old).catch(() => 'refused')).to.equal('refused')
    await until(() => webhook.lines.length > 1)
    expect(webhook.lines.slice(1)).to.have.length(1)
    expect(webhook.lines[1]).to.match(/^a connection of .* was given up: unsupported protocol$/)
  })

  describe('re-reads its certificate', () => {
    const serial = async () => (await webhook.socket({ rejectUnauthorized: false })).getPeerCertificate().serialNumber
    beforeEach(() => start())

    it('when both files are another pair, for who connects from then on', async () => {
      const before = await serial()
      const pair = makeCertificate()
      await webhook.write({ cert: pair.cert })
      await until(() => webhook.lines.some(line => line.includes('SERVING_CERTIFICATE_INVALID')))
      expect(await serial(), 'half a pair').to.equal(before)
      await webhook.write({ key: pair.key })
      await until(async () => (await serial()) !== before)
      expect(webhook.lines.join('\n')).to.contain('certificate re-read: for IP Address:127.0.0.1')
      await webhook.socket({ ca: pair.cert })
    })
    it('and keeps the one that it has while there is none, and says so once', async () => {
      const before = await serial()
      await webhook.write({ cert: 'none' })
      const told = () => webhook.lines.filter(line => line.startsWith('the certificate in use stays'))
      await until(() => told().length > 0)
      await new Promise(resolve => setTimeout(resolve, 100))
      expect([told().length, await serial()]).to.deep.equal([1, before])
    })
    it('and says when it has expired', async () => {
      await webhook.write(makeCertificate({ notAfter: new Date(Date.now() - 1000) }))
      await until(() => webhook.lines.some(line => line.startsWith('the certificate has expired')))
    })
  })

  describe('ends', () => {
    it('with the answer to what is being asked, and then listens no more', async () => {
      await start()
      const body = JSON.stringify(reviewOf('a'))
      const socket = await webhook.socket()
      const head = `POST /convert HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`
      let text = ''
      socket.on('data', (piece: Buffer) => {
        text += piece.toString()
      })
      const closed = once(socket, 'close')
      socket.write(head)
      // Its answer says that the first is being read too.
      expect(await converts()).to.equal(true)
      const stopped = webhook.stop()
      await until(async () =>
        webhook.ask('GET', '/healthz').then(
          () => false,
          () => true,
        ),
      )
      socket.write(body)
      await Promise.all([stopped, closed])
      expect(text)
        .to.match(/^HTTP\/1.1 200 /)
        .and.contain('"status":"Success"')
        .and.match(/connection: close/i)
    })
    it('after a time in which it says so and goes on converting', async () => {
      await start()
      const stopped = webhook.stop(300)
      expect((await webhook.ask('GET', '/readyz')).status).to.equal(503)
      expect((await webhook.ask('GET', '/healthz')).status).to.equal(200)
      expect(await converts()).to.equal(true)
      await stopped
    })
    it('also when somebody stays, after a while', async () => {
      await start({ limits: { drainMs: 50 } })
      const socket = await webhook.socket()
      socket.write('POST /convert HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n')
      await converts()
      await webhook.stop()
    })
  })
})
