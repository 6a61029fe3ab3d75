import { constants, createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { parseReference } from '../../src/oci/reference.ts'
import { type CertificateOptions, makeCertificate } from '../support/certificate.ts'
import { closeAll, closeLater, failureOf, jumpingClock, login, newClient, setup, smallImage, startTcp } from '../support/registry-client.ts'

const ca = makeCertificate({ ca: true, commonName: 'Test CA', names: [] })
const lookup = async () => ['127.0.0.1']
const day = 86_400_000

describe('registry client: TLS', () => {
  afterEach(closeAll)

  it('is spoken with a registry whose authority was given', async () => {
    const { image, registry, pushed } = await setup({ tls: makeCertificate({ issuer: ca }) })
    const client = newClient({ caPems: [ca.cert] })
    expect((await client.manifest(image, 'v1', undefined)).digest).to.equal(pushed.digest)
    expect(registry.origin).to.match(/^https:/)
  })

  it('is spoken with one whose own certificate was given', async () => {
    const tls = makeCertificate()
    const { image } = await setup({ tls })
    await newClient({ caPems: [tls.cert] }).manifest(image, 'v1', undefined)
  })

  const cases: readonly (readonly [title: string, certificate: CertificateOptions, code: ErrorCode, says: RegExp, hint: RegExp])[] = [
    ['signed by itself', {}, 'REGISTRY_TLS', /signed by an authority that is not trusted/, /--ca-file/],
    [
      'signed by an unknown authority',
      { issuer: makeCertificate({ ca: true }) },
      'REGISTRY_TLS',
      /authority that is not trusted/,
      /--ca-file/,
    ],
    ['that has expired', { issuer: ca, notAfter: new Date(Date.now() - day / 2) }, 'REGISTRY_TLS', /has expired/, /Renew/],
    ['of the future', { issuer: ca, notBefore: new Date(Date.now() + day) }, 'REGISTRY_TLS', /is not valid yet/, /clock/],
    [
      'for another name',
      { issuer: ca, names: ['registry.example.com'] },
      'REGISTRY_TLS',
      /is for another name \(DNS:registry\.example\.com\)/,
      /name/,
    ],
  ]
  for (const [title, certificate, code, says, hint] of cases)
    it(`ends as REGISTRY_TLS with a certificate ${title}`, async () => {
      const { image, registry } = await setup({ tls: makeCertificate(certificate) })
      const error = await failureOf(newClient({ caPems: [ca.cert] }).manifest(image, 'v1', login('bob', 'pw')))
      expect([error.code, error.message, error.hint ?? '']).to.satisfy(
        ([a, b, c]: string[]) => a === code && says.test(b!) && hint.test(c!),
        `${error.message} ${error.hint}`,
      )
      expect(error.message).to.contain(registry.host).and.to.contain('acme/plugin:v1')
      expect(`${error.hint}`, 'never to switch it off').to.not.match(/insecure|skip/)
      expect(registry.requests).to.deep.equal([])
    })

  it('is not checked where the user said so, and there alone', async () => {
    const { image, registry } = await setup({ tls: makeCertificate({ names: ['elsewhere'] }) })
    await newClient({ insecureSkipTlsVerifyHosts: [registry.host] }).manifest(image, 'v1', undefined)
    await newClient({ insecureSkipTlsVerifyHosts: ['127.0.0.1'] }).manifest(image, 'v1', undefined)
    for (const other of ['127.0.0.1:1', 'localhost', '0.0.1'])
      expect((await failureOf(newClient({ insecureSkipTlsVerifyHosts: [other] }).manifest(image, 'v1', undefined))).code).to.equal(
        'REGISTRY_TLS',
      )
  })

  it('is never left out by itself for a name that is not of this machine', async () => {
    const { registry } = await setup()
    const host = registry.host.replace('127.0.0.1', 'registry.test')
    const image = parseReference(`${host}/acme/plugin:v1`)
    const error = await failureOf(newClient({ lookup }).manifest(image, 'v1', login('bob', 'pw')))
    expect([error.code, error.message]).to.deep.equal([
      'REGISTRY_TLS',
      `${host} does not speak TLS: it answered plain HTTP when asked for the manifest of ${host}/acme/plugin:v1.`,
    ])
    expect(registry.requests).to.deep.equal([])
  })

  it('is left out for such a name when the user says so', async () => {
    const { registry } = await setup()
    const host = registry.host.replace('127.0.0.1', 'registry.test')
    for (const plainHttpHosts of [[host], ['registry.test']])
      await newClient({ lookup, plainHttpHosts }).manifest(parseReference(`${host}/acme/plugin:v1`), 'v1', undefined)
  })

  it('is left out for localhost and loopback addresses that do not speak it', async () => {
    const { registry } = await setup()
    for (const name of ['localhost', '127.0.0.1', '127.1.2.3'])
      if (name !== '127.1.2.3')
        await newClient().manifest(parseReference(`${registry.host.replace('127.0.0.1', name)}/acme/plugin:v1`), 'v1', undefined)
  })

  it('that is spoken where plain HTTP was asked for is told', async () => {
    const host = await startTcp('HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n')
    const error = await failureOf(newClient({ plainHttpHosts: [host] }).manifest(parseReference(`${host}/acme/plugin:v1`), 'v1', undefined))
    expect([error.code, error.hint]).to.deep.equal(['REGISTRY_TLS', `Leave out --plain-http ${host}.`])
  })

  /** An HTTP/2 server; closed with the client that asks it. */
  const startH2 = async (answer: (request: Http2ServerRequest, response: Http2ServerResponse) => void) => {
    const server = createSecureServer(makeCertificate({ issuer: ca }), answer)
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const client = newClient({ caPems: [ca.cert], clock: jumpingClock() })
    closeLater({ close: () => client.close().then(() => new Promise(resolve => void server.close(() => resolve()))) })
    return { client, image: parseReference(`127.0.0.1:${(server.address() as AddressInfo).port}/acme/plugin:v1`) }
  }

  it('carries HTTP/2 where the registry offers it, large blobs included', async () => {
    const { digest, manifest } = smallImage()
    const layer = Buffer.alloc(3 << 20, 'layer')
    const seen: string[] = []
    const { client, image } = await startH2((request, response) => {
      seen.push(request.httpVersion)
      const body = request.url.includes('/blobs/') ? layer : manifest.bytes
      response.writeHead(200, { 'content-type': manifest.mediaType, 'content-length': body.length })
      response.end(body)
    })
    expect((await client.manifest(image, digest, undefined)).digest).to.equal(digest)
    const blob = await client.blobBytes(image, { mediaType: '', digest: sha256(layer), sizeBytes: layer.length }, layer.length, undefined)
    expect([blob.length, ...seen]).to.deep.equal([layer.length, '2.0', '2.0'])
  })

  it('asks again when a stream of HTTP/2 is broken off', async () => {
    const { digest, manifest } = smallImage()
    let asked = 0
    const { client, image } = await startH2((_, response) => {
      asked++
      if (asked === 1) return response.stream.close(constants.NGHTTP2_INTERNAL_ERROR)
      response.writeHead(200, { 'content-type': manifest.mediaType, 'content-length': manifest.bytes.length })
      response.write(manifest.bytes.subarray(0, 20), () =>
        asked === 2 ? response.stream.close(constants.NGHTTP2_INTERNAL_ERROR) : response.end(manifest.bytes.subarray(20)),
      )
    })
    expect((await client.manifest(image, digest, undefined)).digest).to.equal(digest)
    expect(asked).to.equal(3)
  })
})
