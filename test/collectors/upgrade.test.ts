import { expect } from 'chai'
import type { CollectContext } from '../../src/collectors/collector.ts'
import { upgrade } from '../../src/collectors/upgrade.ts'
import { sha256 } from '../../src/digest.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { maxOthers, type UpgradeFact } from '../../src/facts/upgrade.ts'
import { parseReference } from '../../src/oci/reference.ts'
import type { ImageAccess, RegistryClient } from '../../src/world/world.ts'
import { type BuiltImage, buildIndex, pluginImage } from '../support/image-builder.ts'
import { clusterOf, digest, failed, node } from '../support/upgrade-facts.ts'

const reference = 'r.io/acme/a:v1'
const now = buildIndex([pluginImage({ name: 'a' }), pluginImage({ name: 'a', platform: 'linux/arm64' })])
const then = pluginImage({ name: 'a', version: 'v0.9.0' })

interface Given {
  readonly pods?: readonly string[]
  readonly nodes?: readonly (readonly string[])[]
  readonly platforms?: readonly string[]
  /** What opening the image ends with. */
  readonly refused?: ErrorCode
}

const collect = async ({ pods = [], nodes = [], platforms = ['linux/amd64'], refused }: Given) => {
  const asked: string[] = []
  const all: readonly BuiltImage[] = [now, then]
  const documents = new Map(all.flatMap(({ blobs, manifest }) => [...blobs, [manifest.digest, manifest.bytes] as const]))
  const find = (digest: string): Uint8Array => {
    asked.push(digest)
    const found = documents.get(digest)
    if (found === undefined) throw Object.assign(new Error('gone'), { code: 'x' })
    return found
  }
  const typeOf = (bytes: Uint8Array): string => JSON.parse(Buffer.from(bytes).toString()).mediaType
  const registry = {
    manifest: async (_: unknown, reference: string) => {
      const bytes = find(reference)
      return { bytes, mediaType: typeOf(bytes), digest: reference, host: 'r.io', warnings: [] }
    },
    blobBytes: async (_: unknown, { digest }: { readonly digest: string }) => find(digest),
  } as unknown as RegistryClient
  const credential = { kind: 'anonymous' } as const
  const served = { ...now.manifest, host: 'r.io', warnings: [] }
  const access: ImageAccess = {
    image: parseReference(reference),
    attempts: refused === undefined ? [] : [{ credential, ...failed(refused) }],
    otherAttempts: [],
    podSecrets: [],
    keyring: [],
    ...(refused === undefined ? { opened: { as: undefined, source: credential, served } } : {}),
  }
  const cluster = clusterOf(
    pods.map(imageId => `a ${reference} ${imageId}`),
    { nodes: nodes.map((names, at) => node(`n${at}`, names)) },
  )
  const context = {
    configs: [],
    plugins: [{ plugin: 'a', image: reference }],
    platforms,
    world: {
      registry,
      cluster,
      open: async () => access,
      now: new Date(0),
      namespace: 'velero',
      secrets: undefined,
      dockerConfig: undefined,
    },
    keep: sha256,
    signal: new AbortController().signal,
    progress: () => undefined,
  } satisfies CollectContext
  const [fact] = (await upgrade.collect(context)) as readonly UpgradeFact[]
  return { fact: fact!, asked }
}
const known = async (given: Given) => {
  const { fact } = await collect(given)
  if (!fact.ok) throw new Error(fact.message)
  return fact
}

describe('upgrade collector', () => {
  it('brings what each platform gets, with the sizes of its layers', async () => {
    const { digest: root, platforms, others } = await known({ platforms: ['linux/amd64', 'linux/arm64'] })
    expect(root).to.equal(now.manifest.digest)
    expect(
      platforms.map(one => one.ok && [one.platform, one.layers.length, one.layers.every(({ sizeBytes }) => sizeBytes > 0)]),
    ).to.deep.equal([
      ['linux/amd64', 2, true],
      ['linux/arm64', 2, true],
    ])
    expect(others).to.deep.equal([])
  })

  it('brings what the registry has under the digests of the repository that pods run and nodes have', async () => {
    const name = `r.io/acme/a@${then.manifest.digest}`
    for (const given of [{ pods: [name] }, { nodes: [[name]] }, { pods: [`other.io/mirror@${then.manifest.digest}`] }]) {
      const { others } = await known(given)
      expect(others.map(one => [one.digest, one.ok])).to.deep.equal([[then.manifest.digest, true]])
    }
  })

  it('asks for no digest of another repository, of a config, or for the one that it has', async () => {
    const given = {
      pods: [digest('config')],
      nodes: [[`r.io/acme/b@${digest('b')}`, `r.io/acme/a@${now.manifest.digest}`, 'r.io/acme/a:v1']],
    }
    const { fact, asked } = await collect(given)
    expect(fact.ok && fact.others).to.deep.equal([])
    expect(asked).to.not.include(digest('config')).and.to.not.include(digest('b'))
  })

  it(`asks for ${maxOthers} of them, those that pods run first`, async () => {
    const many = Array.from({ length: 20 }, (_, at) => `r.io/acme/a@${digest(`${at}`)}`)
    const { others } = await known({ pods: [`r.io/acme/a@${then.manifest.digest}`], nodes: [many] })
    expect(others).to.have.length(maxOthers)
    expect(others[0]).to.include({ digest: then.manifest.digest, ok: true })
    expect(others[1]).to.include({ digest: digest('0'), ok: false })
  })

  it('says of a platform that the image is not for, and of an image that cannot be opened, why', async () => {
    const { platforms } = await known({ platforms: ['linux/s390x'] })
    expect(platforms[0]).to.include({ ok: false, code: 'PLATFORM_NOT_FOUND' })
    expect((await collect({ refused: 'REGISTRY_DENIED' })).fact).to.include({
      plugin: 'a',
      image: reference,
      ok: false,
      code: 'REGISTRY_DENIED',
    })
  })
})
