import { existsSync, readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { setTimeout as wait } from 'node:timers/promises'
import { expect } from 'chai'
import { sha256 } from '../../src/digest.ts'
import { PreflightError } from '../../src/errors.ts'
import type { Scanner } from '../../src/facts/vulnerability.ts'
import { createScanner, type ScannerOptions } from '../../src/world/scanner.ts'
import type { RegistryClient, ScannedImage } from '../../src/world/world.ts'
import { type Scratch, scratch } from '../support/command.ts'
import { type FakeScanner, type FakeScannerOptions, fakeScanner, isAlive } from '../support/fake-scanner.ts'
import { trivyResult } from '../support/scans.ts'

const layer = Buffer.from('a layer')
const config = Buffer.from('{}')
const manifest = {
  digest: sha256(Buffer.from('{"a":1}')),
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  bytes: Buffer.from('{"a":1}'),
}
const blobOf = (bytes: Uint8Array, sizeBytes = bytes.length) => ({ mediaType: 'x', digest: sha256(bytes), sizeBytes })
const image: ScannedImage = {
  image: { domain: 'registry.example.com', path: 'plugin', host: 'registry.example.com', repository: 'plugin' },
  as: { username: 'bob', password: 'hunter2', source: { kind: 'anonymous' } },
  manifest,
  blobs: [blobOf(config), blobOf(layer), blobOf(layer)],
}
const other: ScannedImage = { ...image, manifest: { ...manifest, digest: sha256(Buffer.from('{"b":1}')), bytes: Buffer.from('{"b":1}') } }
const registry = {
  blob: async function* (_: unknown, { digest }: { readonly digest: string }) {
    const found = [config, layer].find(bytes => sha256(bytes) === digest)
    if (found === undefined) throw new PreflightError('BLOB_NOT_FOUND', 'There is no such blob.')
    yield found
  },
} as unknown as RegistryClient

const left = () => readdirSync(tmpdir()).filter(name => name.startsWith('velero-plugin-preflight-scan-'))

describe('a scanner on the PATH', () => {
  let folder: Scratch
  let before: readonly string[]
  beforeEach(() => {
    folder = scratch()
    before = left()
  })
  afterEach(() => {
    expect(left().filter(name => !before.includes(name))).to.deep.equal([])
    folder.remove()
  })
  const scannerOf = (fake: FakeScanner, more: Partial<ScannerOptions> = {}, signal = new AbortController().signal) =>
    createScanner({ program: 'trivy', env: fake.env, offline: false, ...more }, registry, signal)
  const fault = async (options: FakeScannerOptions, more: Partial<ScannerOptions> = {}) => {
    const fake = fakeScanner(folder.path, 'trivy', options)
    try {
      await scannerOf(fake, more).scan(image)
    } catch (error) {
      if (error instanceof PreflightError) return { code: error.code, message: error.message, calls: fake.calls() }
      throw error
    }
    throw new Error('it scanned')
  }

  it('is given the image as a folder, and what it prints is kept as it is', async () => {
    const fake = fakeScanner(folder.path, 'trivy', { print: trivyResult() })
    expect(Buffer.from(await scannerOf(fake).scan(image)).toString()).to.equal(JSON.stringify(trivyResult()))
    const [call] = fake.calls()
    expect(call?.index.manifests).to.deep.equal([{ mediaType: manifest.mediaType, digest: manifest.digest, size: manifest.bytes.length }])
    const files = Object.entries(call?.files ?? {}).filter(([, { mode }]) => mode === 0o600)
    const blobs = [manifest.bytes, config, layer].map(bytes => sha256(bytes).replace('sha256:', 'blobs/sha256/'))
    expect(files.map(([name]) => name)).to.have.members([...blobs, 'index.json', 'oci-layout'])
    expect(existsSync(call?.cwd ?? '')).to.equal(false)
  })

  it('gets no login, and runs apart from the files of the working folder', async () => {
    const fake = fakeScanner(folder.path, 'trivy')
    await scannerOf(fake).scan(image)
    const [call] = fake.calls()
    expect(JSON.stringify(call)).to.not.include('hunter2').and.not.to.include('bob')
    expect(call?.cwd).to.not.equal(process.cwd())
    expect(call?.args).to.include.members(['--severity', 'UNKNOWN,LOW,MEDIUM,HIGH,CRITICAL', '--ignore-unfixed=false', '--exit-code', '0'])
  })

  it('has of its own variables those of its database alone', async () => {
    const own = { TRIVY_SEVERITY: 'LOW', TRIVY_IGNOREFILE: '/x', TRIVY_PASSWORD: 'p', GRYPE_FAIL_ON_SEVERITY: 'low', GRYPE_VEX_ADD: 'x' }
    const kept = { TRIVY_CACHE_DIR: '/c', TRIVY_DB_REPOSITORY: 'r', GRYPE_DB_CACHE_DIR: '/g', HOME: '/home/bob', HTTPS_PROXY: 'http://p' }
    const fake = fakeScanner(folder.path, 'trivy')
    await scannerOf({ ...fake, env: { ...fake.env, ...own, ...kept } }).scan(image)
    const [call] = fake.calls()
    expect(call?.env).to.include(kept)
    expect(call?.env).to.not.have.any.keys(...Object.keys(own))
  })

  for (const [program, offline, args, env] of [
    ['trivy', false, [], {}],
    ['trivy', true, ['--offline-scan', '--skip-db-update', '--skip-java-db-update'], {}],
    ['grype', false, ['--output', 'json'], { GRYPE_CHECK_FOR_APP_UPDATE: 'false' }],
    ['grype', true, ['--output', 'json'], { GRYPE_CHECK_FOR_APP_UPDATE: 'false', GRYPE_DB_AUTO_UPDATE: 'false' }],
  ] as const satisfies readonly (readonly [Scanner, boolean, readonly string[], object])[]) {
    it(`${program} ${offline ? 'is told to fetch nothing' : 'has its own way with its database'}`, async () => {
      const fake = fakeScanner(folder.path, program)
      await scannerOf(fake, { program, offline }).scan(image)
      const [call] = fake.calls()
      expect(call?.args).to.include.members([...args])
      expect(call?.env).to.include(env)
      if (!offline) {
        expect(call?.args).to.not.include('--skip-db-update')
        expect(call?.env).to.not.have.property('GRYPE_DB_AUTO_UPDATE')
      }
    })
  }

  it('scans the same image once, and different ones one after the other', async () => {
    const fake = fakeScanner(folder.path, 'trivy')
    const scanner = scannerOf(fake)
    await Promise.all([scanner.scan(image), scanner.scan(image), scanner.scan(other)])
    expect(fake.calls().map(({ index }) => index.manifests[0]?.digest)).to.deep.equal([manifest.digest, other.manifest.digest])
  })

  it('goes on with the next image when one could not be scanned', async () => {
    const fake = fakeScanner(folder.path, 'trivy')
    const scanner = scannerOf(fake)
    const gone = { ...image, blobs: [blobOf(Buffer.from('gone'))] }
    const [first, second] = await Promise.allSettled([scanner.scan(gone), scanner.scan(other)])
    expect(first).to.have.property('reason').with.property('code', 'BLOB_NOT_FOUND')
    expect(second.status).to.equal('fulfilled')
  })

  it('that is not there is a fault of its own', async () => {
    const scanner = createScanner({ program: 'grype', env: { PATH: folder.path }, offline: false }, registry, new AbortController().signal)
    const [outcome] = await Promise.allSettled([scanner.scan(image)])
    expect(outcome).to.have.property('reason').with.property('code', 'SCANNER_NOT_FOUND')
  })
  it('that fails tells its last line, without secrets', async () => {
    const said = 'INFO a\nFATAL db: https://user:secret@db.example.com/x?token=abc: no such host\n\n'
    const { code, message } = await fault({ exit: 3, say: said })
    expect(code).to.equal('SCANNER_FAILED')
    expect(message).to.match(/^trivy ended with exit code 3: FATAL db: https:\/\/\*\*\*@db.example.com\/x\?\*\*\*/)
    expect(message).to.not.match(/secret|abc|INFO/)
  })
  it('that prints no JSON, or nothing, is not believed', async () => {
    for (const print of ['2026-11-23 INFO scanning', '']) expect((await fault({ print })).code).to.equal('SCANNER_RESULT_INVALID')
  })
  it('that prints more than is read is stopped', async () => {
    const { code, message } = await fault({ blanks: 1 << 20, print: '{}' }, { limitBytes: 1 << 20 })
    expect(code).to.equal('SCANNER_RESULT_INVALID')
    expect(message).to.include('more than 1 MiB')
    const fake = fakeScanner(folder.path, 'trivy', { blanks: (1 << 20) - 2, print: '{}' })
    expect(await scannerOf(fake, { limitBytes: 1 << 20 }).scan(image)).to.have.length(1 << 20)
  })
  it('that does not end in time is stopped', async () => {
    expect((await fault({ hangs: true }, { timeoutMs: 1 })).code).to.equal('SCANNER_TIMEOUT')
  })
  it('that leaves a program behind ends that too', async () => {
    const fake = fakeScanner(folder.path, 'trivy', { child: true })
    await scannerOf(fake).scan(image)
    await ended(fake.calls()[0]?.child)
  })
  it('ends with the run, and so does what it started', async () => {
    const controller = new AbortController()
    const fake = fakeScanner(folder.path, 'trivy', { hangs: true, child: true })
    const scanning = scannerOf(fake, {}, controller.signal).scan(image)
    const reason = new PreflightError('TIMED_OUT', 'The run was stopped.')
    while (fake.calls().length === 0) await wait(20)
    controller.abort(reason)
    const [outcome] = await Promise.allSettled([scanning])
    expect(outcome).to.deep.equal({ status: 'rejected', reason })
    await ended(fake.calls()[0]?.pid, fake.calls()[0]?.child)
  })
  it('does not begin with an image that is larger than any', async () => {
    const huge = { ...image, blobs: [blobOf(layer, 2 ** 40)] }
    const fake = fakeScanner(folder.path, 'trivy')
    const [outcome] = await Promise.allSettled([scannerOf(fake).scan(huge)])
    expect(outcome).to.have.property('reason').with.property('code', 'SCANNER_FAILED')
    expect(fake.calls()).to.deep.equal([])
  })
})

/** The kernel needs a moment. */
const ended = async (...pids: readonly (number | undefined)[]) => {
  for (let tries = 0; tries < 100 && pids.some(pid => pid !== undefined && isAlive(pid)); tries++) await wait(20)
  expect(pids.filter(pid => pid === undefined || isAlive(pid))).to.deep.equal([])
}
