import { expect } from 'chai'
import type { ErrorCode } from '../../src/errors.ts'
import { parseReference } from '../../src/oci/reference.ts'
import type { RegistryOptions } from '../../src/world/registry.ts'
import type { Fault } from '../support/registry.ts'
import { closeAll, collect, failureOf, login, manifestType, setup, startAnother } from '../support/registry-client.ts'

const quick: RegistryOptions = { headersTimeoutMs: 300, idleTimeoutMs: 300 }

/** Each fault of the manifest's URL, the code that it ends with, and what the message must name. */
const faults: readonly (readonly [title: string, fault: Fault, code: ErrorCode, says: RegExp])[] = [
  ['sends a web page', { kind: 'html' }, 'REGISTRY_PROTOCOL', /is not a registry.*status 200 and text\/html, a web page/],
  ['answers 404 with a web page', { kind: 'html', status: 404 }, 'MANIFEST_NOT_FOUND', /\(404\)/],
  ['answers 403 with a web page', { kind: 'html', status: 403 }, 'REGISTRY_DENIED', /denied .* without a login \(403\)\.$/],
  ['cuts the body short', { kind: 'cut', afterBytes: 20 }, 'BODY_TRUNCATED', /ended before the whole of the manifest/],
  ['closes the connection without an answer', { kind: 'reset' }, 'REGISTRY_UNREACHABLE', /the connection was/],
  ['never answers', { kind: 'hang' }, 'REGISTRY_TIMEOUT', /did not answer in time/],
  ['stops in the middle of the body', { kind: 'stall', afterBytes: 20 }, 'REGISTRY_TIMEOUT', /stopped in the middle/],
  ['redirects for ever', { kind: 'redirect' }, 'REGISTRY_REDIRECT', /more than 10 times/],
  ['redirects to nowhere', { kind: 'redirect', to: '' }, 'REGISTRY_REDIRECT', /to nowhere/],
  ['redirects to a file', { kind: 'redirect', to: 'file:///etc/passwd' }, 'REGISTRY_REDIRECT', /cannot be followed/],
  ['redirects to an address with a login', { kind: 'redirect', to: 'http://a:b@127.0.0.1/' }, 'REGISTRY_REDIRECT', /it holds a login/],
  [
    'redirects to the metadata service',
    { kind: 'redirect', to: 'http://169.254.169.254/latest/meta-data' },
    'REGISTRY_REDIRECT',
    /link-local or metadata/,
  ],
  [
    'redirects to the metadata service in disguise',
    { kind: 'redirect', to: 'http://[::ffff:169.254.169.254]/x' },
    'REGISTRY_REDIRECT',
    /link-local or metadata/,
  ],
  ['answers 401 without a challenge', { kind: 'unauthorized' }, 'REGISTRY_PROTOCOL', /401 .* without saying how to log in/],
  [
    'offers a login that no runtime knows',
    { kind: 'unauthorized', challenges: ['Negotiate', 'NTLM'] },
    'REGISTRY_PROTOCOL',
    /offers only negotiate, ntlm/,
  ],
  [
    'wants a login',
    { kind: 'unauthorized', challenges: ['Basic realm="x"'] },
    'REGISTRY_UNAUTHORIZED',
    /wants a login .* none was given \(401\)/,
  ],
  ['fails for ever', { kind: 'answer', status: 500, body: 'panic' }, 'REGISTRY_FAILED', /status 500/],
  ['knows no GET', { kind: 'answer', status: 501 }, 'REGISTRY_FAILED', /status 501/],
  ['answers with a status that makes no sense', { kind: 'answer', status: 204 }, 'REGISTRY_PROTOCOL', /status 204.*no registry/],
  [
    'sends a manifest of 5 MiB',
    { kind: 'answer', status: 200, body: Buffer.alloc(5 << 20, ' ') },
    'BODY_TOO_LARGE',
    /more than 4194304 bytes/,
  ],
]

describe('registry client: a registry that', () => {
  afterEach(closeAll)

  for (const [title, fault, code, says] of faults)
    it(`${title} ends as ${code}`, async () => {
      const { client, image, registry } = await setup({}, quick)
      registry.fault('/manifests/', fault.kind === 'redirect' && fault.to === '' ? { kind: 'answer', status: 302 } : fault)
      const error = await failureOf(client.manifest(image, 'v1', undefined))
      expect(error.code).to.equal(code)
      expect(error.message).to.match(says)
      expect(error.message, 'names the host').to.contain(registry.host)
      expect(error.message, 'and what was asked').to.contain('acme/plugin')
    })

  it('redirects is followed ten times, and no further', async () => {
    const { client, image, registry } = await setup()
    registry.fault('/manifests/', { kind: 'redirect' }, 10)
    await client.manifest(image, 'v1', undefined)
    registry.fault('/manifests/', { kind: 'redirect' }, 11)
    await failureOf(client.manifest(image, 'v1', undefined))
    expect(registry.requests).to.have.length(22)
  })

  it('sends a body in chunks that never ends is not read for ever', async () => {
    const { client, image, registry } = await setup()
    registry.fault('/manifests/', { kind: 'endless' })
    expect((await failureOf(client.manifest(image, 'v1', undefined))).code).to.equal('BODY_TOO_LARGE')
  })

  it('sends a byte now and then is given up after the time for a whole body', async () => {
    const { client, image, registry } = await setup({}, { bodyTimeoutMs: -1 })
    registry.fault('/manifests/', { kind: 'headers', headers: {} })
    const error = await failureOf(client.manifest(image, 'v1', undefined))
    expect(error.code).to.equal('REGISTRY_TIMEOUT')
  })

  it('is none, and has no /v2/ either, ends as REGISTRY_PROTOCOL', async () => {
    const { client, image, registry } = await setup()
    registry.fault('/v2/', { kind: 'html', status: 404 })
    const error = await failureOf(client.manifest(image, 'v1', undefined))
    expect(error.code).to.equal('REGISTRY_PROTOCOL')
    expect(error.message).to.match(/is not a registry.*status 404 and text\/html/)
  })

  it('says 404 in words of its own is one all the same when its /v2/ answers', async () => {
    const { client, image, registry } = await setup()
    registry.fault('/manifests/', { kind: 'answer', status: 404, body: 'nothing here' })
    expect((await failureOf(client.manifest(image, 'v1', undefined))).code).to.equal('MANIFEST_NOT_FOUND')
    expect(registry.requests.at(-1)?.path).to.equal('/v2/')
  })

  it('puts a password, a token or escape sequences into its words does not get them into a message', async () => {
    const { client, image, registry } = await setup()
    const message = 'see https://s3.example.com/x?X-Amz-Signature=PLANTED \u001b[31m Bearer PLANTED.jwt.value\nFAIL forged line'
    registry.fault('/manifests/', { kind: 'answer', status: 403, body: JSON.stringify({ errors: [{ code: 'DENIED', message }] }) })
    const error = await failureOf(client.manifest(image, 'v1', login('bob', 'PLANTED-password')))
    expect(error.message).to.contain('https://s3.example.com/x?***').and.to.contain('\\u001b[31m')
    expect(`${error.message} ${error.hint}`).to.not.match(/PLANTED|\n/)
  })

  it('makes one plugin fail leaves the others alone', async () => {
    const { client, image, registry, pushed } = await setup({}, quick)
    registry.push('acme/other', 'v1', pushed)
    registry.fault('/acme/plugin/', { kind: 'hang' })
    const other = parseReference(`${registry.host}/acme/other:v1`)
    const [bad, good] = await Promise.allSettled([client.manifest(image, 'v1', undefined), client.manifest(other, 'v1', undefined)])
    expect([bad.status, good.status]).to.deep.equal(['rejected', 'fulfilled'])
  })
})

describe('registry client: redirects', () => {
  afterEach(closeAll)

  it('are followed to another host without the login, and without a token that was got with it', async () => {
    for (const scheme of ['basic', 'bearer'] as const) {
      const auth = { scheme, users: { bob: { password: 'pw' } } }
      const { client, image, registry, pushed } = await setup({ auth })
      const storage = await startAnother()
      storage.putBlob('store', pushed.layer)
      registry.fault('/blobs/', {
        kind: 'redirect',
        to: `${storage.origin}/v2/store/blobs/${pushed.layerDescriptor.digest}?X-Amz-Signature=SECRET`,
      })
      const bytes = await collect(client.blob(image, pushed.layerDescriptor, login('bob', 'pw')))
      expect(bytes.equals(pushed.layer)).to.equal(true)
      expect(registry.requests.at(-1)?.headers.authorization, scheme).to.match(/^B/)
      expect(
        storage.requests.map(({ headers }) => headers.authorization),
        scheme,
      ).to.deep.equal([undefined])
    }
  })

  it('within the registry keep the login', async () => {
    const { client, image, registry } = await setup({ auth: { scheme: 'basic', users: { bob: { password: 'pw' } } } })
    registry.putManifest('acme/moved', 'v1', manifestType, Buffer.from('{}'))
    registry.fault('/acme/plugin/', { kind: 'redirect', to: '/v2/acme/moved/manifests/v1' })
    expect(Buffer.from((await client.manifest(image, 'v1', login('bob', 'pw'))).bytes).toString()).to.equal('{}')
  })

  it('to a host that wants a login get an anonymous token at most', async () => {
    const { client, image, registry, pushed } = await setup()
    const auth = { scheme: 'bearer', users: { bob: { password: 'pw' } }, anonymous: ['store'] } as const
    const storage = await startAnother({ auth })
    storage.putBlob('store', pushed.layer)
    registry.fault('/blobs/', { kind: 'redirect', to: `${storage.origin}/v2/store/blobs/${pushed.layerDescriptor.digest}` })
    await collect(client.blob(image, pushed.layerDescriptor, login('bob', 'pw')))
    const token = storage.requests.find(({ path }) => path.startsWith('/token'))
    expect(token?.headers.authorization).to.equal(undefined)
  })

  it('never show the query of where they lead, which may be a signature', async () => {
    const { client, image, registry } = await setup()
    registry.fault('/manifests/', { kind: 'redirect', to: 'ftp://store.example.com/x?X-Amz-Signature=SECRET' })
    const { message } = await failureOf(client.manifest(image, 'v1', undefined))
    expect(message).to.contain('ftp://store.example.com/x?***').and.to.not.contain('SECRET')
  })
})
