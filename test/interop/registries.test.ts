// peers: crane registry
// packages: skopeo docker-registry apache2-utils
import { randomBytes } from 'node:crypto'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { type Digest, sha256 } from '../../src/digest.ts'
import { type ImageIndex, type ImageManifest, parseManifest } from '../../src/oci/manifest.ts'
import { parseReference } from '../../src/oci/reference.ts'
import { createRegistry, type RegistryOptions } from '../../src/world/registry.ts'
import type { PushedImage } from '../support/registry.ts'
import { collect, failureOf, indexType, login, manifestType } from '../support/registry-client.ts'
import { debian, peer, succeed } from './peers.ts'
import { endAll, temporaryFolder } from './processes.ts'
import { certificate, type RealRegistry, startDistribution, startDockerRegistry, writeLayout } from './registries.ts'

const password = 'pa:ss wörd'
const bob = login('bob', password)

/** An index of two images with two layers each, so large that they come in many pieces. */
const sample = (): PushedImage => {
  const blobs = new Map<Digest, Uint8Array>()
  const keep = (mediaType: string, bytes: Uint8Array) => {
    blobs.set(sha256(bytes), bytes)
    return { mediaType, digest: sha256(bytes), size: bytes.length }
  }
  const json = (mediaType: string, value: object) => keep(mediaType, Buffer.from(JSON.stringify(value)))
  const manifests = ['amd64', 'arm64'].map(architecture => {
    const tars = [randomBytes(1 << 20), Buffer.from(architecture.repeat(9))]
    const config = json('application/vnd.oci.image.config.v1+json', {
      architecture,
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: tars.map(tar => sha256(tar)) },
    })
    const layers = tars.map(tar => keep('application/vnd.oci.image.layer.v1.tar+gzip', gzipSync(tar)))
    return { ...json(manifestType, { schemaVersion: 2, mediaType: manifestType, config, layers }), platform: { os: 'linux', architecture } }
  })
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: indexType, manifests }))
  return { blobs, manifest: { mediaType: indexType, bytes } }
}

const modes = ['open', 'htpasswd', 'TLS'] as const

for (const [name, startReal] of [
  ["Debian's docker-registry", startDockerRegistry],
  ['distribution 3', startDistribution],
] as const)
  for (const mode of modes)
    describe(`registries: ${name}, ${mode}`, () => {
      const as = mode === 'htpasswd' ? bob : undefined
      const image = sample()
      let registry: RealRegistry
      let trust: RegistryOptions = {}
      const reference = (tag: string) => parseReference(`${registry.host}/acme/velero-plugin:${tag}`)
      const using = async <T>(options: RegistryOptions, work: (client: ReturnType<typeof createRegistry>) => Promise<T>): Promise<T> => {
        const client = createRegistry(options)
        return work(client).finally(() => client.close())
      }

      before(async function () {
        const [skopeo, crane] = [debian(this, 'skopeo'), await peer(this, 'crane')]
        this.timeout(120_000)
        const tls = mode === 'TLS' ? certificate() : undefined
        trust = tls === undefined ? {} : { caPems: [tls.cert] }
        registry = await startReal(this, { ...(tls && { tls }), ...(mode === 'htpasswd' && { users: { bob: password } }) })
        const layout = writeLayout(image, 'v1')
        await pushWithSkopeo(skopeo, layout, reference('skopeo').host, tls?.folder)
        await pushWithCrane(crane, layout, reference('crane').host, tls?.file)
      })
      after(endAll)

      const pushWithSkopeo = (skopeo: string, layout: string, host: string, certificates: string | undefined) =>
        succeed(skopeo, [
          'copy',
          '--all',
          '--insecure-policy',
          ...(certificates === undefined ? ['--dest-tls-verify=false'] : ['--dest-cert-dir', certificates]),
          ...(as === undefined ? [] : ['--dest-creds', `bob:${password}`]),
          `oci:${layout}:v1`,
          `docker://${host}/acme/velero-plugin:skopeo`,
        ])

      const pushWithCrane = async (crane: string, layout: string, host: string, certificates: string | undefined) => {
        const env = { DOCKER_CONFIG: temporaryFolder('docker'), ...(certificates && { SSL_CERT_FILE: certificates }) }
        if (as !== undefined) await succeed(crane, ['auth', 'login', host, '-u', 'bob', '--password-stdin'], { env, input: password })
        await succeed(crane, ['push', layout, `${host}/acme/velero-plugin:crane`], { env })
      }

      for (const tag of ['skopeo', 'crane'])
        it(`serves what ${tag} pushed: index, manifests, configs and every layer, with their digests`, async () => {
          await using(trust, async client => {
            const at = reference(tag)
            const served = await client.manifest(at, tag, as)
            expect([served.digest, served.mediaType, served.host]).to.deep.equal([sha256(image.manifest.bytes), indexType, registry.host])
            const { manifests } = parseManifest(served.bytes, served.mediaType) as ImageIndex
            expect(manifests.map(({ platform }) => platform?.architecture)).to.deep.equal(['amd64', 'arm64'])
            for (const child of manifests) {
              const { bytes, mediaType } = await client.manifest(at, child.digest, as)
              const { config, layers } = parseManifest(bytes, mediaType) as ImageManifest
              for (const blob of [config, ...layers]) {
                const whole = await collect(client.blob(at, blob, as))
                expect(whole.equals(image.blobs.get(blob.digest) ?? Buffer.alloc(0))).to.equal(true)
              }
            }
          })
        })

      it('has no manifest of a tag that was not pushed', async () => {
        const error = await using(trust, client => failureOf(client.manifest(reference('v9'), 'v9', as)))
        expect([error.code, error.message.includes(`${registry.host}/acme/velero-plugin:v9`)]).to.deep.equal(['MANIFEST_NOT_FOUND', true])
      })

      it('has no manifest of a repository that was not pushed', async () => {
        const other = parseReference(`${registry.host}/acme/other:v1`)
        expect((await using(trust, client => failureOf(client.manifest(other, 'v1', as)))).code).to.equal('MANIFEST_NOT_FOUND')
      })

      it('has no blob of a digest that was not pushed', async () => {
        const missing = { mediaType: '', digest: sha256('missing'), sizeBytes: 7 }
        const error = await using(trust, client => failureOf(client.blobBytes(reference('crane'), missing, 100, as)))
        expect(error.code).to.equal('BLOB_NOT_FOUND')
      })

      it('has no referrers of an image that nobody signed', async () => {
        const listed = await using(trust, client => client.referrers(reference('crane'), sha256(image.manifest.bytes), as))
        expect(listed?.descriptors ?? []).to.deep.equal([])
      })

      if (mode === 'htpasswd')
        for (const [title, wrong] of [
          ['a wrong password', login('bob', 'wrong')],
          ['an unknown user', login('eve', password)],
          ['no login', undefined],
        ] as const)
          it(`refuses ${title} as REGISTRY_UNAUTHORIZED`, async () => {
            const error = await using(trust, client => failureOf(client.manifest(reference('crane'), 'crane', wrong)))
            expect(error.code).to.equal('REGISTRY_UNAUTHORIZED')
            expect(`${error.message} ${error.hint}`).to.not.contain(password)
          })

      if (mode === 'TLS')
        it('is not trusted without its certificate', async () => {
          const error = await using({}, client => failureOf(client.manifest(reference('crane'), 'crane', as)))
          expect([error.code, error.hint?.includes('--ca-file')]).to.deep.equal(['REGISTRY_TLS', true])
        })
      else
        it('is spoken to in plain HTTP only on loopback, or where that was asked for', async () => {
          const host = registry.host.replace('127.0.0.1', 'registry.test')
          const elsewhere = parseReference(`${host}/acme/velero-plugin:crane`)
          const lookup = async () => ['127.0.0.1']
          const error = await using({ lookup }, client => failureOf(client.manifest(elsewhere, 'crane', as)))
          expect([error.code, error.message.includes('does not speak TLS')]).to.deep.equal(['REGISTRY_TLS', true])
          const served = await using({ lookup, plainHttpHosts: [host] }, client => client.manifest(elsewhere, 'crane', as))
          expect(served.digest).to.equal(sha256(image.manifest.bytes))
        })
    })
