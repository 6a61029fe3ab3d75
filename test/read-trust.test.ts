import { join } from 'node:path'
import { expect } from 'chai'
import { PreflightError } from '../src/errors.ts'
import { readTrust, withTrustedRoot } from '../src/read-trust.ts'
import { type TrustSettings, trustOf } from '../src/settings/trust.ts'
import type { Flags } from '../src/settings.ts'
import { type Scratch, scratch } from './support/command.ts'
import { document } from './support/policies.ts'
import { signer, trustStore } from './support/signed-by.ts'
import { newDeployment, trustedRootOf } from './support/sigstore/deployment.ts'
import { serveFiles, tufRepository } from './support/sigstore/tuf-repository.ts'

const errorOf = async (promise: Promise<unknown>): Promise<PreflightError> => {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error instanceof PreflightError) return error
  throw new Error('was taken')
}

describe('readTrust', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())
  const settings = (flags: Flags): TrustSettings => trustOf(flags, { HOME: folder.path })
  const rooted = async (flags: Flags, tells = false) => {
    const given = settings(flags)
    return (await withTrustedRoot(await readTrust(given), given, tells)).trustedRoot
  }
  const key = () => folder.file('cosign.pub', signer.publicPem)
  const identity = { certificateIdentity: 'a@b.example', certificateOidcIssuer: 'https://c.example' }
  const policy = (authority: object) =>
    folder.file('policy.yaml', document({ images: [{ glob: '**' }], authorities: [{ key: { data: signer.publicPem }, ...authority }] }))

  it('reads each file once, for it may be a pipe', async () => {
    const given = settings({ key: [key()] })
    const first = await readTrust(given)
    folder.file('cosign.pub', 'gone')
    expect(await readTrust(given)).to.equal(first)
    expect((await errorOf(readTrust(settings({ key: [join(folder.path, 'cosign.pub')] })))).code).to.equal('KEY_INVALID')
  })

  it('takes --trust-store for every image unless a trust policy was given', async () => {
    const [, store] = trustStore(folder)
    const { policies = [] } = await readTrust(settings({ trustStore: store! }))
    expect(policies.map(({ kind, from }) => [kind, from])).to.deep.equal([['notation', '--trust-store']])
  })

  for (const [title, flags, needed] of [
    ['nothing', () => ({}), false],
    ['a key', () => ({ key: [key()] }), false],
    ['an identity', () => identity, true],
    ['a policy of a key', () => ({ policy: [policy({})] }), false],
    ['a policy of a key that asks for the log', () => ({ policy: [policy({ ctlog: { url: 'https://rekor.sigstore.dev' } })] }), true],
  ] as const) {
    it(`${needed ? 'finds' : 'looks for no'} trusted root for ${title}`, async () => {
      expect((await rooted(flags()))?.origin).to.equal(needed ? 'shipped' : undefined)
    })
  }

  it('finds one to tell who signed, but only where nobody is trusted', async () => {
    expect((await rooted({}, true))?.origin).to.equal('shipped')
    expect((await rooted({}, true))?.date).to.be.an.instanceOf(Date)
    expect(await rooted({ key: [key()] }, true)).to.equal(undefined)
  })

  it('takes the file that was given, whether it is needed or not', async () => {
    const file = folder.file('root.json', JSON.stringify(trustedRootOf(newDeployment())))
    expect(await rooted({ trustedRoot: file, key: [key()] })).to.include({
      origin: 'file',
      name: file,
      description: `${file}, whose newest entry is of 2020-01-01`,
    })
    expect((await errorOf(rooted({ trustedRoot: folder.file('no.json', '{}') }))).code).to.equal('TRUSTED_ROOT_INVALID')
  })

  it('asks a repository only with --refresh-trusted-root', async () => {
    const repository = tufRepository({ target: JSON.stringify(trustedRootOf(newDeployment())), rootVersion: 1000 })
    const server = await serveFiles(repository)
    try {
      const first = folder.file('1.root.json', repository['root.json'] ?? '')
      const found = await rooted({ refreshTrustedRoot: true, tufMirror: server.url, tufRoot: first })
      expect(found?.origin).to.equal('refreshed')
      expect(found?.description).to.include(server.url)
    } finally {
      await server.close()
    }
    const gone = { refreshTrustedRoot: true, tufMirror: 'http://127.0.0.1:1', tufRoot: join(folder.path, '1.root.json') }
    expect((await errorOf(rooted(gone))).code).to.equal('TRUSTED_ROOT_UNAVAILABLE')
  })
})
