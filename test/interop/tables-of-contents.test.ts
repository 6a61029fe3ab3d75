// peers: crane registry velero-plugin-for-aws
// packages: skopeo docker-registry
import { randomBytes } from 'node:crypto'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { BinariesFact } from '../../src/facts/binaries.ts'
import { command, configText } from '../support/command.ts'
import { elf } from '../support/elf-writer.ts'
import { type TableLayer, tableImage } from '../support/tables-of-contents.ts'
import { type TarFile, tar } from '../support/tar-writer.ts'
import { plainLayer } from '../support/trap-paths.ts'
import { type BlobProxy, type BlobProxyOptions, startBlobProxy } from './blob-proxy.ts'
import { debian, peer, succeed } from './peers.ts'
import { endAll, temporaryFolder } from './processes.ts'
import { type RealRegistry, startDistribution, startDockerRegistry, writeLayout } from './registries.ts'
import { realTableWriter, type TableFormat, type WriterOptions } from './table-writers.ts'

type Seen = Extract<BinariesFact, { ok: true }>

const path = 'plugins/velero-plugin-for-aws'
const layersOf = (binary: Buffer): readonly (readonly TarFile[])[] => [
  [
    { name: 'bin/' },
    { name: 'bin/cp', mode: 0o755, data: elf() },
    { name: 'usr/' },
    ...Array.from({ length: 300 }, (_, index) => ({ name: `usr/file${index}`, data: randomBytes(20_000) })),
  ],
  [{ name: 'plugins/' }, { name: path, mode: 0o755, data: binary }],
]

/** By tag. `fetched`: at most so much of the layers is fetched. */
const variants: Readonly<
  Record<string, { readonly format: TableFormat; readonly options?: WriterOptions; readonly by: string; readonly fetched: number }>
> = {
  estargz: { format: 'estargz', by: 'eStargz', fetched: 0.25 },
  'estargz-small-chunks': { format: 'estargz', options: { chunkSize: 64 << 10 }, by: 'eStargz', fetched: 0.08 },
  'estargz-chunks-together': { format: 'estargz', options: { chunkSize: 32 << 10, minChunkSize: 256 << 10 }, by: 'eStargz', fetched: 0.1 },
  'estargz-prioritized': { format: 'estargz', options: { prioritized: [path] }, by: 'eStargz', fetched: 0.25 },
  'estargz-lossless': { format: 'estargz-lossless', by: 'eStargz', fetched: 0.25 },
  'zstd-chunked': { format: 'zstd:chunked', by: 'zstd:chunked', fetched: 0.1 },
}
/** Written by Debian's skopeo, with the annotations of its time. */
const skopeos = { by: 'zstd:chunked', fetched: 0.1 }
const tags = { ...variants, skopeo: skopeos }

describe('layers with tables of contents by real writers', () => {
  /** By tag. */
  const layouts = new Map<string, string>()
  let plain: string

  before(async function () {
    const files = layersOf(readFileSync(await peer(this, 'velero-plugin-for-aws')))
    const write = await realTableWriter(this)
    const layoutOf = (layers: readonly TableLayer[]) =>
      writeLayout(tableImage(layers, { entrypoint: ['/bin/cp', '-r', '/plugins/.', '/target/'], user: '0:0' }), 'v1')
    for (const [tag, { format, options }] of Object.entries(variants)) {
      const layers = await Promise.all(files.map(layer => write(format, tar(layer), options)))
      layouts.set(tag, layoutOf(layers))
    }
    plain = layoutOf(await Promise.all(files.map(layer => plainLayer(layer, undefined))))
  })
  after(endAll)

  for (const [name, startReal] of [
    ["Debian's docker-registry", startDockerRegistry],
    ['distribution 3', startDistribution],
  ] as const)
    describe(name, () => {
      let registry: RealRegistry
      const proxies: BlobProxy[] = []
      const proxy = async (options?: BlobProxyOptions): Promise<BlobProxy> => {
        const started = await startBlobProxy(registry.host, options)
        proxies.push(started)
        return started
      }

      before(async function () {
        const crane = await peer(this, 'crane')
        const skopeo = debian(this, 'skopeo')
        registry = await startReal(this)
        for (const [tag, layout] of layouts) await succeed(crane, ['push', layout, `${registry.host}/acme/plugin:${tag}`])
        const to = [
          '--dest-tls-verify=false',
          '--dest-compress-format=zstd:chunked',
          `oci:${plain}:v1`,
          `docker://${registry.host}/acme/plugin:skopeo`,
        ]
        await succeed(skopeo, ['copy', '--quiet', '--insecure-policy', ...to])
      })
      afterEach(() => Promise.all(proxies.splice(0).map(one => one.close())))
      const collect = async (host: string, tag: string, ...more: readonly string[]): Promise<Seen> => {
        const folder = temporaryFolder('bundle')
        const config = join(folder, 'config.yaml')
        writeFileSync(config, configText({ name: 'aws', image: `${host}/acme/plugin:${tag}` }))
        const output = join(folder, 'bundle')
        const ran = await command(['collect', '--config', config, '--checks', 'binaries', '-o', output, ...more])
        expect(ran.code, ran.err).to.equal(0)
        const file = readdirSync(output, { recursive: true, encoding: 'utf8' }).find(one => one.endsWith('facts/binaries.json'))!
        const [fact] = (JSON.parse(readFileSync(join(output, file), 'utf8')) as { items: BinariesFact[] }).items
        if (fact?.ok !== true) throw new Error(JSON.stringify(fact))
        return fact
      }

      /** All that is said of the image besides what was read for it. */
      const answer = ({ layers: _, proven: __, image: ___, ...rest }: Seen) => rest
      const bytesOf = ({ asked }: BlobProxy, { layers }: Seen) =>
        asked.reduce((sum, { digest, bytes }) => sum + (layers.some(layer => layer.digest === digest) ? bytes : 0), 0)

      for (const [tag, { by, fetched }] of Object.entries(tags))
        it(`${tag}: tell of the real AWS plugin what all its bytes tell, for few of them, and a second time for none`, async () => {
          const front = await proxy()
          const cache = ['--cache-dir', temporaryFolder('cache')]
          const truth = await collect(registry.host, tag, '--no-cache', '--prove')
          expect(truth.proven).to.equal('allLayers')
          expect(truth.files.map(file => [file.path, file.file?.go?.framework?.path])).to.deep.equal([
            ['velero-plugin-for-aws', 'github.com/vmware-tanzu/velero'],
          ])
          const first = await collect(front.host, tag, ...cache)
          expect([first.proven, ...first.layers.map(({ declared }) => declared?.by)]).to.deep.equal(['declared', by, by])
          expect(answer(first)).to.deep.equal(answer(truth))
          const all = first.layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
          expect(bytesOf(front, first) / all).to.be.within(0.0001, fetched)
          expect(first.layers.reduce((sum, { declared }) => sum + declared!.fetchedBytes, 0)).to.equal(bytesOf(front, first))
          const before = bytesOf(front, first)
          const second = await collect(front.host, tag, ...cache)
          expect(answer(second)).to.deep.equal(answer(truth))
          expect([second.proven, bytesOf(front, second) - before]).to.deep.equal(['declared', 0])
          const proven = await collect(front.host, tag, ...cache, '--prove')
          expect(proven.proven).to.equal('allLayers')
        })

      for (const tag of ['estargz', 'zstd-chunked'])
        it(`${tag}: the layers are read where the registry ignores ranges`, async () => {
          const front = await proxy({ withoutRanges: true })
          const seen = await collect(front.host, tag, '--no-cache')
          expect([seen.proven, ...seen.layers.map(({ declared }) => declared)]).to.deep.equal(['allLayers', undefined, undefined])
          // Once in answer to the range, of which no more is taken than is on its way, and once as a whole
          const all = seen.layers.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
          expect(bytesOf(front, seen)).to.be.within(all, 2 * all)
        })

      for (const tag of ['estargz', 'zstd-chunked'])
        it(`${tag}: ranges go along where the registry redirects`, async () => {
          const storage = await proxy()
          const front = await proxy({ blobsAt: `http://${storage.host}` })
          const seen = await collect(front.host, tag, '--no-cache')
          expect(seen.proven).to.equal('declared')
          const parts = storage.asked.filter(({ digest }) => seen.layers.some(layer => layer.digest === digest))
          expect(parts.length).to.be.above(1)
          expect(parts.every(({ headers }) => /^bytes=\d+-\d+$/.test(headers.range ?? ''))).to.equal(true)
          expect(bytesOf(front, seen)).to.equal(0)
        })
    })
})
