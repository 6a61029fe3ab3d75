import { createServer } from 'node:net'
import { expect } from 'chai'
import { Agent, request } from 'undici'
import { parse } from 'yaml'
import { main } from '../../src/cli.ts'
import { makeCertificate } from '../support/certificate.ts'
import { command, type Scratch, scratch } from '../support/command.ts'
import { reviewOf, until } from '../support/conversion-webhook.ts'
import { testIo } from '../support/io.ts'

const pair = makeCertificate()

describe('the command conversion-webhook', () => {
  let folder: Scratch
  let files: readonly string[]
  beforeEach(() => {
    folder = scratch()
    files = ['--tls-cert-file', folder.file('tls.crt', pair.cert), '--tls-private-key-file', folder.file('tls.key', pair.key)]
  })
  afterEach(() => folder.remove())
  const local = ['--bind-address', '127.0.0.1', '--secure-port', '0']

  it('converts until it is told to end, and ends with 0', async () => {
    const io = testIo()
    const ended = main(['conversion-webhook', ...files, ...local, '--debug'], io)
    await until(() => io.err().includes('serving on'))
    const port = /serving on 127\.0\.0\.1:(\d+), with a certificate for /.exec(io.err())?.[1]
    const dispatcher = new Agent({ connect: { ca: pair.cert } })
    const answer = await request(`https://127.0.0.1:${port}/convert?timeout=30s`, {
      method: 'POST',
      dispatcher,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(reviewOf('a')),
    })
    expect(await answer.body.json()).to.have.nested.property('response.result.status', 'Success')
    io.interrupt()
    expect(await ended).to.equal(0)
    await dispatcher.destroy()
    expect(io.out()).to.equal('')
    expect(
      io
        .err()
        .replace(/^\S+Z /gm, '')
        .replace(/\d+ ms/, 'N ms')
        .split('\n')
        .slice(1),
    ).to.deep.equal(['converted 1 objects to "embeddedcluster.replicated.com/v1" for u-1 in N ms', 'ending', 'ended', ''])
  })
  for (const [what, argv, code, error] of [
    ['no certificate', () => local, 2, /USAGE.*--tls-cert-file/],
    [
      'a certificate that is not there',
      () => [...files, '--tls-cert-file', 'none.pem', ...local],
      2,
      /FILE_NOT_FOUND.*--tls-cert-file none\.pem/,
    ],
    [
      'a key for a certificate',
      () => [...files, '--tls-cert-file', folder.file('a', pair.key), ...local],
      2,
      /SERVING_CERTIFICATE_INVALID/,
    ],
    [
      'the key of another',
      () => [...files, '--tls-private-key-file', folder.file('a', makeCertificate().key), ...local],
      2,
      /SERVING_CERTIFICATE_INVALID.*is not the private key/,
    ],
    ['a name for an address', () => [...files, '--bind-address', 'localhost'], 2, /USAGE.*--bind-address localhost/],
    ['a port that is none', () => [...files, '--secure-port', '65536'], 2, /USAGE.*--secure-port 65536/],
    ['a delay that is none', () => [...files, ...local, '--shutdown-delay-duration', 'soon'], 2, /USAGE.*--shutdown-delay-duration soon/],
    [
      'an address of another machine',
      () => [...files, '--bind-address', '192.0.2.1', '--secure-port', '0'],
      1,
      /LISTEN_FAILED.*EADDRNOTAVAIL/,
    ],
  ] as const)
    it(`refuses ${what} with ${code}`, async () => {
      const ran = await command(['conversion-webhook', ...argv()])
      expect([ran.code, ran.out]).to.deep.equal([code, ''])
      expect(ran.err).to.match(error).and.not.contain(pair.key.split('\n')[1])
    })
  it('refuses a port that is in use', async () => {
    const other = createServer()
    const port = await new Promise<number>(resolve =>
      other.listen(0, '127.0.0.1', () => resolve((other.address() as { port: number }).port)),
    )
    const ran = await command(['conversion-webhook', ...files, '--bind-address', '127.0.0.1', '--secure-port', String(port)])
    other.close()
    expect([ran.code, ran.err]).to.deep.equal([
      1,
      `Error (LISTEN_FAILED): 127.0.0.1, port ${port}: it cannot be listened on (EADDRINUSE).\nChoose another one with --bind-address and --secure-port.\n`,
    ])
  })
})

describe('the command crd', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())
  const conversion = async (...argv: readonly string[]) => {
    const { code, out, err } = await command(['crd', ...argv])
    expect([code, err]).to.deep.equal([0, ''])
    return parse(out).spec.conversion
  }

  it('lets the API server convert where nothing else is asked for', async () => {
    expect([await conversion(), await conversion('--conversion', 'none')]).to.deep.equal(Array(2).fill({ strategy: 'None' }))
  })
  for (const [service, port] of [
    ['velero/converter', 443],
    ['velero/converter:8443', 8443],
  ] as const)
    it(`names the Service ${service}`, async () => {
      expect(await conversion('--conversion', 'webhook', '--webhook-service', service)).to.deep.equal({
        strategy: 'Webhook',
        webhook: {
          conversionReviewVersions: ['v1'],
          clientConfig: { service: { namespace: 'velero', name: 'converter', port, path: '/convert' } },
        },
      })
    })
  for (const [given, url] of [
    ['https://a.example:8443', 'https://a.example:8443/convert'],
    ['https://a.example/its/path', 'https://a.example/its/path'],
  ] as const)
    it(`names the URL ${given}, and the authority alone of what is in its file`, async () => {
      const file = folder.file('ca.crt', `its key:\n${pair.key}and\n${pair.cert}`)
      const { clientConfig } = (await conversion('--conversion', 'webhook', '--webhook-url', given, '--ca-bundle', file)).webhook
      expect(clientConfig).to.deep.equal({ url, caBundle: Buffer.from(pair.cert).toString('base64') })
    })
  for (const [what, argv, code] of [
    ['a webhook that is nowhere', ['--conversion', 'webhook'], 2],
    ['a webhook at two places', ['--conversion', 'webhook', '--webhook-service', 'a/b', '--webhook-url', 'https://a'], 2],
    ['a Service without a webhook', ['--webhook-service', 'a/b'], 2],
    ['an authority without a webhook', ['--ca-bundle', 'ca.crt', '--conversion', 'none'], 2],
    ['a Service without a namespace', ['--conversion', 'webhook', '--webhook-service', 'b'], 2],
    ['a Service with port 0', ['--conversion', 'webhook', '--webhook-service', 'a/b:0'], 2],
    ['plain HTTP', ['--conversion', 'webhook', '--webhook-url', 'http://a/convert'], 2],
    ['a URL with a login', ['--conversion', 'webhook', '--webhook-url', 'https://u:s3cret@a/convert'], 2],
    ['a URL with a query', ['--conversion', 'webhook', '--webhook-url', 'https://a/convert?s3cret'], 2],
    ['a strategy that there is not', ['--conversion', 'some'], 2],
    ['a bundle that is not there', ['--conversion', 'webhook', '--webhook-service', 'a/b', '--ca-bundle', 'none'], 2],
  ] as const)
    it(`refuses ${what}`, async () => {
      const ran = await command(['crd', ...argv])
      expect([ran.code, ran.out]).to.deep.equal([code, ''])
      expect(ran.err)
        .to.match(/^Error \(/)
        .and.not.contain('s3cret')
    })
})
