import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import tuf from '@sigstore/tuf/package.json' with { type: 'json' }
import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { parseTrustedRoot } from '../../src/signatures/sigstore/trusted-root.ts'
import { findTrustedRoot, publicGoodUrl, shippedRelease } from '../../src/world/trusted-root.ts'
import { tufCacheFolders } from '../../src/world/tuf-cache.ts'
import { newDeployment, trustedRootOf } from '../support/sigstore/deployment.ts'
import { serveFiles, type TufFiles, tufRepository, writeFiles } from '../support/sigstore/tuf-repository.ts'
import { removeFolders, tempFolder } from '../support/temp-folder.ts'

const target = JSON.stringify(trustedRootOf(newDeployment()))
const errorOf = async (promise: Promise<unknown>): Promise<PreflightError> => {
  const error = await promise.catch((thrown: unknown) => thrown)
  expect(error).to.be.instanceOf(PreflightError)
  return error as PreflightError
}
/** A cached repository; newer than what is shipped unless told otherwise. */
const cache = async (change: (files: TufFiles) => TufFiles = files => files, options: object = {}): Promise<string> => {
  const folder = await tempFolder()
  await writeFiles(folder, change(tufRepository({ target, rootVersion: 1000, ...options })))
  return folder
}

describe('findTrustedRoot', () => {
  afterEach(removeFolders)

  it('takes the file that was given, whatever else there is', async () => {
    const folder = await tempFolder({ 'root.json': target })
    const found = await findTrustedRoot({ file: join(folder, 'root.json'), cacheFolders: [await cache()] })
    expect(found).to.deep.include({ origin: 'file', description: join(folder, 'root.json'), notes: [] })
    expect(Buffer.from(found.bytes).toString()).to.equal(target)
  })
  it('does not go on to another one when the file cannot be read', async () => {
    const folder = await tempFolder({ 'large.json': 'x'.repeat((1 << 20) + 1) })
    expect((await errorOf(findTrustedRoot({ file: join(folder, 'none.json'), cacheFolders: [] }))).code).to.equal('FILE_NOT_FOUND')
    expect((await errorOf(findTrustedRoot({ file: join(folder, 'large.json'), cacheFolders: [] }))).code).to.equal('FILE_TOO_LARGE')
  })

  describe('without anything else', () => {
    it('takes the one that is shipped, and says of when it is', async () => {
      const found = await findTrustedRoot({ cacheFolders: [] })
      expect(found.origin).to.equal('shipped')
      expect(found.description).to.match(/came with this program \(@sigstore\/tuf 5\.0\.1 of 2026-11-05\)/)
      const root = parseTrustedRoot(found.bytes, 'shipped')
      expect(root.logs.map(({ name }) => name)).to.deep.equal(['rekor.sigstore.dev', 'log2025-1.rekor.sigstore.dev'])
      expect(root.newest?.toISOString()).to.match(/^2025-/)
    })
    it('knows the date of the version that is depended on', () => {
      expect(tuf.version).to.equal(shippedRelease.version)
      const own = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8'))
      expect(own.dependencies['@sigstore/tuf']).to.equal(shippedRelease.version)
    })
  })

  describe('with cached repositories', () => {
    it('takes one that is signed, and says until when it was known to be current', async () => {
      const folder = await cache()
      const found = await findTrustedRoot({ cacheFolders: [join(folder, 'none'), folder] })
      expect(found).to.include({ origin: 'cached' })
      expect(found.description).to.match(/^the one cached in .+ \(version 1, known to be current until 2099-01-01\)$/)
      expect(Buffer.from(found.bytes).toString()).to.equal(target)
    })
    it('takes one that is no longer current: nothing is asked that is newer', async () => {
      const found = await findTrustedRoot({ cacheFolders: [await cache(undefined, { expires: '2020-01-01T00:00:00Z' })] })
      expect(found.description).to.match(/known to be current until 2020-01-01/)
    })
    it('takes the newest of several', async () => {
      const newest = await cache(undefined, { rootVersion: 1001 })
      const found = await findTrustedRoot({ cacheFolders: [await cache(), newest, await cache()] })
      expect(found.description).to.include(newest)
    })
    it('takes what is shipped where that is newer, and says so', async () => {
      const found = await findTrustedRoot({ cacheFolders: [await cache(undefined, { rootVersion: 2 })] })
      expect(found.origin).to.equal('shipped')
      expect(found.notes).to.have.length(1)
      expect(found.notes[0]).to.match(/passed over: what is shipped is newer/)
    })
    const damaged: readonly [title: string, change: (files: TufFiles) => TufFiles, options: object, note: RegExp][] = [
      ['another file', files => ({ ...files, 'targets/trusted_root.json': `${target} ` }), {}, /is not the one that is signed/],
      [
        'a file of the same length',
        files => ({ ...files, 'targets/trusted_root.json': target.replace('2020', '2021') }),
        {},
        /is not the one/,
      ],
      ['targets that somebody else signed', files => files, { forged: true }, /targets was signed by 0\/1 keys/],
      [
        'a root that is changed',
        files => ({ ...files, 'root.json': files['root.json']!.replace('"version":1000', '"version":1001') }),
        {},
        /root was signed by 0\/1/,
      ],
      [
        'a timestamp that is changed',
        files => ({ ...files, 'timestamp.json': files['timestamp.json']!.replace('2099', '2098') }),
        {},
        /timestamp was signed/,
      ],
      ['no JSON', files => ({ ...files, 'root.json': '<html>' }), {}, /passed over/],
      ['another target', files => files, { targetName: 'other.json' }, /passed over|^$/],
    ]
    for (const [title, change, options, note] of damaged) {
      it(`passes over one with ${title}, and says so`, async () => {
        const found = await findTrustedRoot({ cacheFolders: [await cache(change, options)] })
        expect(found.origin).to.equal('shipped')
        expect(found.notes.join()).to.match(note)
      })
    }
    it('asks nothing over the network', async () => {
      const real = globalThis.fetch
      let asked = 0
      globalThis.fetch = () => {
        asked++
        return Promise.reject(new Error('asked'))
      }
      try {
        await findTrustedRoot({ cacheFolders: [await cache(undefined, { expires: '2020-01-01T00:00:00Z' })] })
        await findTrustedRoot({ cacheFolders: [] })
        expect(asked).to.equal(0)
      } finally {
        globalThis.fetch = real
      }
    })
  })

  describe('when asked to refresh', () => {
    const refresh = async (files: TufFiles, served: TufFiles = files) => {
      const server = await serveFiles(served)
      const folder = await tempFolder({ 'initial.json': files['root.json'] ?? '' })
      const options = {
        mirrorUrl: server.url,
        initialRoot: join(folder, 'initial.json'),
        cacheFolder: join(folder, 'cache'),
        timeoutMs: 2000,
      }
      return { server, folder, options }
    }
    it('asks the mirror, and keeps what it says for the next time', async () => {
      const { server, folder, options } = await refresh(tufRepository({ target, rootVersion: 1000 }))
      try {
        const found = await findTrustedRoot({ refresh: options, cacheFolders: [] })
        expect(found).to.deep.include({ origin: 'refreshed', description: `the one of ${server.url}, asked just now` })
        expect(Buffer.from(found.bytes).toString()).to.equal(target)
        expect(server.asked).to.include.members(['timestamp.json', 'snapshot.json', 'targets.json', 'targets/trusted_root.json'])
      } finally {
        await server.close()
      }
      const [cached = ''] = tufCacheFolders(server.url, { home: '/', dataFolder: '/' })
      const later = await findTrustedRoot({ cacheFolders: [join(folder, 'cache', cached.split('/').at(-1) ?? '')] })
      expect([later.origin, Buffer.from(later.bytes).toString()]).to.deep.equal(['cached', target])
    })
    it('fails rather than take another root when the mirror does not answer', async () => {
      const { server, options } = await refresh(tufRepository({ target }))
      await server.close()
      const error = await errorOf(findTrustedRoot({ refresh: options, cacheFolders: [await cache()] }))
      expect(error.code).to.equal('TRUSTED_ROOT_UNAVAILABLE')
      expect(error.message).to.match(/could not be refreshed: .+/)
      expect(error.hint).to.match(/--trusted-root/)
    })
    it('fails when the mirror is not who it was', async () => {
      const { server, options } = await refresh(tufRepository({ target }), tufRepository({ target }))
      try {
        expect((await errorOf(findTrustedRoot({ refresh: options, cacheFolders: [] }))).code).to.equal('TRUSTED_ROOT_UNAVAILABLE')
      } finally {
        await server.close()
      }
    })
    it('asks for the first root of a mirror that nobody knows', async () => {
      const { server, options } = await refresh(tufRepository({ target }))
      try {
        const { initialRoot: _, ...without } = options
        const error = await errorOf(findTrustedRoot({ refresh: without, cacheFolders: [] }))
        expect(error.hint).to.match(/Give the first root\.json of that mirror/)
      } finally {
        await server.close()
      }
    })
  })
})

describe('tufCacheFolders', () => {
  it('knows where @sigstore/tuf and cosign keep a repository', () => {
    expect(tufCacheFolders(publicGoodUrl, { home: '/home/a', dataFolder: '/home/a/.local/share' })).to.deep.equal([
      '/home/a/.local/share/sigstore-js/tuf-repo-cdn.sigstore.dev',
      '/home/a/.sigstore/root/tuf-repo-cdn.sigstore.dev',
    ])
    expect(tufCacheFolders('http://127.0.0.1:8080/tuf/', { home: '/h', dataFolder: '/d' })).to.deep.equal([
      '/d/sigstore-js/127.0.0.1%3A8080%2Ftuf',
      '/h/.sigstore/root/127.0.0.1-8080-tuf',
    ])
  })
})
