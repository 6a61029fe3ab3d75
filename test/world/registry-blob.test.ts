import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import type { ErrorCode } from '../../src/errors.ts'
import type { Fault } from '../support/registry.ts'
import { closeAll, collect, failureOf, setup } from '../support/registry-client.ts'

describe('registry client: blobs', () => {
  afterEach(closeAll)

  it('come as served', async () => {
    const { client, image, pushed } = await setup()
    expect((await collect(client.blob(image, pushed.layerDescriptor, undefined))).equals(pushed.layer)).to.equal(true)
  })

  it('without a byte are blobs too', async () => {
    const { client, image, registry } = await setup()
    const digest = registry.putBlob('acme/plugin', Buffer.alloc(0))
    expect(await collect(client.blob(image, { mediaType: '', digest, sizeBytes: 0 }, undefined))).to.have.length(0)
  })

  it('come as one piece of memory when they are small enough, and are not asked for otherwise', async () => {
    const { client, image, pushed, registry } = await setup()
    const { layerDescriptor: descriptor, layer } = pushed
    expect(Buffer.from(await client.blobBytes(image, descriptor, layer.length, undefined)).equals(layer)).to.equal(true)
    const before = registry.requests.length
    const error = await failureOf(client.blobBytes(image, descriptor, layer.length - 1, undefined))
    expect([error.code, registry.requests.length]).to.deep.equal(['BODY_TOO_LARGE', before])
  })

  it('are asked for once as one piece, however many want it at the same time and later, and again after a failure', async () => {
    const { client, image, pushed, registry } = await setup()
    const { layerDescriptor: descriptor, layer } = pushed
    registry.fault('/blobs/', { kind: 'answer', status: 404 }, 1)
    expect((await failureOf(client.blobBytes(image, descriptor, layer.length, undefined))).code).to.equal('BLOB_NOT_FOUND')
    const before = registry.requests.length
    await Promise.all([1, 2, 3].map(() => client.blobBytes(image, descriptor, layer.length, undefined)))
    await client.blobBytes(image, descriptor, layer.length, undefined)
    expect(registry.requests.length - before).to.equal(1)
  })

  it('are there when the registry has them in their size, which costs none of their bytes', async () => {
    const { client, image, pushed, registry } = await setup()
    expect(await client.hasBlob(image, pushed.layerDescriptor, undefined)).to.equal(true)
    expect(registry.requests.map(({ method }) => method)).to.deep.equal(['HEAD'])
  })

  const absences: readonly (readonly [string, Fault])[] = [
    ['does not have them', { kind: 'answer', status: 404 }],
    ['has them in another size', { kind: 'answer', status: 200, body: 'short' }],
    ['does not say their size', { kind: 'endless' }],
    ['answers with an error', { kind: 'answer', status: 403 }],
    ['breaks off', { kind: 'reset' }],
  ]
  for (const [what, fault] of absences) {
    it(`are not taken to be there when the registry ${what}`, async () => {
      const { client, image, pushed, registry } = await setup()
      registry.fault('/blobs/', fault)
      expect(await client.hasBlob(image, pushed.layerDescriptor, undefined)).to.equal(false)
    })
  }

  it('that break off are taken up again where they ended', async () => {
    const { client, image, pushed, registry } = await setup()
    registry.fault('/blobs/', { kind: 'cut', afterBytes: 300 }, 2)
    expect((await collect(client.blob(image, pushed.layerDescriptor, undefined))).equals(pushed.layer)).to.equal(true)
    expect(registry.requests.map(({ headers }) => headers.range)).to.deep.equal([undefined, 'bytes=300-', 'bytes=600-'])
  })

  it('that break off are sent again from the start by a server without ranges, and the known part is passed over', async () => {
    const { client, image, pushed, registry } = await setup({ range: false })
    registry.fault('/blobs/', { kind: 'cut', afterBytes: 300 }, 1)
    expect((await collect(client.blob(image, pushed.layerDescriptor, undefined))).equals(pushed.layer)).to.equal(true)
  })

  it('are asked for without a range when the server refuses one', async () => {
    const { client, image, pushed, registry } = await setup({ range: false })
    registry.fault('/blobs/', { kind: 'answer', status: 416 }, 1)
    registry.fault('/blobs/', { kind: 'cut', afterBytes: 300 }, 1)
    expect((await collect(client.blob(image, pushed.layerDescriptor, undefined))).equals(pushed.layer)).to.equal(true)
    expect(registry.requests.map(({ headers }) => headers.range)).to.deep.equal([undefined, 'bytes=300-', undefined])
  })

  it('that break off again and again are given up', async () => {
    const { client, image, pushed, registry } = await setup()
    registry.fault('/blobs/', { kind: 'cut', afterBytes: 10 })
    expect((await failureOf(collect(client.blob(image, pushed.layerDescriptor, undefined)))).code).to.equal('BODY_TRUNCATED')
    expect(registry.requests).to.have.length(6)
  })

  it('that break off at the same place twice are given up at once', async () => {
    const { client, image, pushed, registry } = await setup({ range: false })
    registry.fault('/blobs/', { kind: 'cut', afterBytes: 10 })
    expect((await failureOf(collect(client.blob(image, pushed.layerDescriptor, undefined)))).code).to.equal('BODY_TRUNCATED')
    expect(registry.requests).to.have.length(2)
  })

  it('are not believed when the second part belongs to something else', async () => {
    const { client, image, pushed, registry } = await setup()
    registry.fault('/blobs/', { kind: 'corrupt' }, 1)
    registry.fault('/blobs/', { kind: 'cut', afterBytes: 300 }, 1)
    expect((await failureOf(collect(client.blob(image, pushed.layerDescriptor, undefined)))).code).to.equal('DIGEST_MISMATCH')
  })

  it('are refused when another part comes than was asked for', async () => {
    const { client, image, pushed, registry } = await setup()
    registry.fault('/blobs/', { kind: 'headers', headers: { 'content-range': 'bytes 0-699/1000' } }, 1)
    registry.fault('/blobs/', { kind: 'cut', afterBytes: 300 }, 1)
    expect((await failureOf(collect(client.blob(image, pushed.layerDescriptor, undefined)))).code).to.equal('REGISTRY_PROTOCOL')
  })

  const faults: readonly (readonly [title: string, fault: Fault, code: ErrorCode])[] = [
    ['have a bit turned', { kind: 'corrupt' }, 'DIGEST_MISMATCH'],
    ['are longer than the manifest says', { kind: 'answer', status: 200, body: Buffer.alloc(1001) }, 'SIZE_MISMATCH'],
    ['are shorter than the manifest says', { kind: 'answer', status: 200, body: Buffer.alloc(999) }, 'SIZE_MISMATCH'],
    ['never end', { kind: 'endless' }, 'SIZE_MISMATCH'],
    ['are web pages', { kind: 'html' }, 'REGISTRY_PROTOCOL'],
    ['are not there', { kind: 'answer', status: 404 }, 'BLOB_NOT_FOUND'],
    ['may not be read', { kind: 'answer', status: 403 }, 'REGISTRY_DENIED'],
    ['cannot be served', { kind: 'answer', status: 503 }, 'REGISTRY_FAILED'],
    ['come with a status that makes no sense', { kind: 'answer', status: 204 }, 'REGISTRY_PROTOCOL'],
  ]
  for (const [title, fault, code] of faults)
    it(`that ${title} end as ${code}`, async () => {
      const { client, image, pushed, registry } = await setup()
      registry.fault('/blobs/', fault)
      const error = await failureOf(collect(client.blob(image, pushed.layerDescriptor, undefined)))
      expect(error.code).to.equal(code)
      expect(error.message).to.contain(pushed.layerDescriptor.digest).and.to.contain(registry.host)
    })

  it('give no whole download before size and digest are right', async () => {
    const { client, image, pushed, registry } = await setup()
    registry.fault('/blobs/', { kind: 'corrupt' })
    let ended = false
    const read = async () => {
      for await (const _ of client.blob(image, pushed.layerDescriptor, undefined)) expect(ended).to.equal(false)
      ended = true
    }
    await failureOf(read())
    expect(ended).to.equal(false)
  })

  it('that are no longer wanted end their connection', async () => {
    const { client, image, registry } = await setup()
    const bytes = Buffer.alloc(8 << 20)
    const digest = registry.putBlob('acme/plugin', bytes)
    for await (const chunk of client.blob(image, { mediaType: '', digest, sizeBytes: bytes.length }, undefined)) {
      expect(chunk.length).to.be.lessThan(bytes.length)
      break
    }
    expect((await client.manifest(image, 'v1', undefined)).bytes.length).to.be.greaterThan(0)
  })

  it('that a server gzipped on the way have the digest of what was gzipped', async () => {
    const { client, image, pushed, registry } = await setup()
    registry.fault('/blobs/', { kind: 'answer', status: 200, headers: { 'content-encoding': 'gzip' }, body: gzipSync(pushed.layer) })
    expect(sha256(await collect(client.blob(image, pushed.layerDescriptor, undefined)))).to.equal(pushed.layerDescriptor.digest)
  })
})
