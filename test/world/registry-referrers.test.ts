import { expect } from 'chai'
import type { ErrorCode } from '../../src/errors.ts'
import type { Fault, TestRegistry, TestRegistryOptions } from '../support/registry.ts'
import { closeAll, failureOf, indexType, manifestType, setup } from '../support/registry-client.ts'

/** Attaches so many signatures to `subject`; gives their digests. */
const attach = (registry: TestRegistry, subject: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => {
    const manifest = {
      schemaVersion: 2,
      mediaType: manifestType,
      artifactType: 'application/x',
      subject: { digest: subject },
      annotations: { n: `${n}` },
    }
    return registry.putManifest('acme/plugin', undefined, manifestType, Buffer.from(JSON.stringify(manifest)))
  })

const withSignatures = async (count: number, options: TestRegistryOptions = {}) => {
  const made = await setup(options)
  const digests = attach(made.registry, made.pushed.digest, count)
  return { ...made, digests, referrers: () => made.client.referrers(made.image, made.pushed.digest, undefined) }
}

describe('registry client: referrers', () => {
  afterEach(closeAll)

  it('come from the referrers API', async () => {
    const { referrers, digests } = await withSignatures(2)
    const { descriptors = [] } = (await referrers()) ?? {}
    expect(descriptors.map(({ digest }) => digest)).to.deep.equal(digests)
    expect(descriptors[0]).to.include({ mediaType: manifestType, artifactType: 'application/x' })
  })

  it('are none where the API lists none', async () => {
    const { referrers, registry } = await withSignatures(0)
    expect(await referrers()).to.deep.equal({ descriptors: [] })
    expect(registry.requests).to.have.length(1)
  })

  it('come in pages, relative and absolute links alike', async () => {
    const { referrers, registry, digests, pushed } = await withSignatures(5, { pageSize: 2 })
    const path = `/v2/acme/plugin/referrers/${pushed.digest}`
    registry.fault('from=2', {
      kind: 'headers',
      headers: { link: `<${registry.origin}${path}?from=4>; title="a, b" ; REL=next, <${path}>; rel="first"` },
    })
    expect((await referrers())?.descriptors.map(({ digest }) => digest)).to.deep.equal(digests)
    expect(await referrers()).to.not.have.property('cutShort')
  })

  for (const [title, fault] of [
    ['is not there', undefined],
    ['answers 400', { kind: 'answer', status: 400 }],
    ['answers 405', { kind: 'answer', status: 405 }],
    ['answers 406', { kind: 'answer', status: 406 }],
    ['answers with a web page', { kind: 'html' }],
    ['redirects to web pages with 303, as GHCR does', { kind: 'redirect', status: 303, to: 'https://github.com/acme' }],
  ] as const)
    it(`are not told where the API ${title}, and no more is asked`, async () => {
      const { referrers, registry } = await withSignatures(2, { referrers: false })
      if (fault !== undefined) registry.fault('/referrers/', fault)
      expect(await referrers()).to.equal(undefined)
      expect(registry.requests).to.have.length(1)
    })

  const faults: readonly (readonly [title: string, path: string, fault: Fault, code: ErrorCode])[] = [
    ['the API fails', '/referrers/', { kind: 'answer', status: 500 }, 'REGISTRY_FAILED'],
    ['the API denies them', '/referrers/', { kind: 'answer', status: 403 }, 'REGISTRY_DENIED'],
    ['the quota is used up', '/referrers/', { kind: 'answer', status: 429, headers: { 'retry-after': '3600' } }, 'REGISTRY_RATE_LIMITED'],
    [
      'the list is no JSON',
      '/referrers/',
      { kind: 'answer', status: 200, headers: { 'content-type': indexType }, body: '{' },
      'MANIFEST_INVALID',
    ],
  ]
  for (const [title, path, fault, code] of faults)
    it(`are an error and never an empty list when ${title}`, async () => {
      const { referrers, registry } = await withSignatures(5, { pageSize: 2 })
      registry.fault(path, fault)
      expect((await failureOf(referrers())).code).to.equal(code)
      expect(registry.requests.length).to.be.at.most(3)
    })

  const laterFaults: typeof faults = [
    ['the next page is the same one', '/referrers/', { kind: 'headers', headers: { link: '<?>; rel="next"' } }, 'REGISTRY_PROTOCOL'],
    [
      'the next page is on another host',
      '/referrers/',
      { kind: 'headers', headers: { link: '<http://evil.example/>; rel="next"' } },
      'REGISTRY_PROTOCOL',
    ],
    ['a later page is missing', 'from=2', { kind: 'answer', status: 404 }, 'REGISTRY_PROTOCOL'],
    ['a later page fails', 'from=2', { kind: 'answer', status: 500 }, 'REGISTRY_FAILED'],
    [
      'a later page is no JSON',
      'from=2',
      { kind: 'answer', status: 200, headers: { 'content-type': indexType }, body: '{' },
      'MANIFEST_INVALID',
    ],
  ]
  for (const [title, path, fault, code] of laterFaults)
    it(`are as many as were listed, and never called all, when ${title}`, async () => {
      const { referrers, registry, digests } = await withSignatures(5, { pageSize: 2 })
      registry.fault(path, fault)
      const { descriptors = [], cutShort } = (await referrers()) ?? {}
      expect(cutShort?.code).to.equal(code)
      expect([...new Set(descriptors.map(({ digest }) => digest))]).to.deep.equal(digests.slice(0, 2))
    })

  it('are cut short when pages follow without end', async () => {
    const { referrers, registry } = await withSignatures(1)
    let page = 0
    const link = {
      get link() {
        return `<?page=${page++}>; rel="next"`
      },
    }
    registry.fault('/referrers/', { kind: 'headers', headers: link })
    expect((await referrers())?.cutShort?.message).to.contain('without end')
    expect(registry.requests.length).to.equal(100)
  })
})
