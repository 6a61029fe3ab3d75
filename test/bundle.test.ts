import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { tarOf } from '../src/bundle/tar.ts'
import { bundleName, readBundle, writeBundle } from '../src/bundle.ts'
import { sha256 } from '../src/digest.ts'
import { PreflightError } from '../src/errors.ts'
import type { Collection } from '../src/facts.ts'
import type { Report } from '../src/outcome.ts'
import { configFacts, configOf } from './support/config-facts.ts'

const now = new Date('2026-11-23T12:00:00Z')
const blob = Buffer.from('{"critical": {}}'.repeat(20))
const collection: Collection = {
  collectedAt: '2026-11-23T11:59:00.000Z',
  version: '1.2.3',
  platforms: ['linux/amd64'],
  schema: 'auto',
  checks: ['image', 'pullSecret'],
  facts: {
    config: JSON.parse(JSON.stringify(configFacts(configOf(['{name: a, image: a:v1}'])))),
    image: [{ plugin: 'a', image: 'a:v1', attempts: [], otherAttempts: [], ok: false, code: 'MANIFEST_NOT_FOUND', message: 'No a:v1.' }],
    pullSecret: [],
  },
  blobs: new Map([[sha256(blob), blob]]),
}
const report: Report = {
  results: [
    { title: 'Image: a', message: 'No a:v1.', check: 'image', plugin: 'a', code: 'IMAGE_NOT_FOUND', status: 'fail', findings: [] },
    {
      title: 'Pull secret: a',
      message: 'None needed.',
      check: 'pullSecret',
      plugin: 'a',
      code: 'PULL_SECRET_NOT_NEEDED',
      status: 'pass',
      findings: [],
    },
  ],
  notChecked: [],
}

const rejection = async (promise: Promise<unknown>): Promise<PreflightError> => {
  try {
    await promise
  } catch (error) {
    if (error instanceof PreflightError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('bundle', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vpp-bundle-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  for (const name of ['b.tar.gz', 'b.tgz', 'b', `${'long-'.repeat(20)}.tar.gz`]) {
    it(`gives back from ${name} what was written`, async () => {
      await writeBundle(collection, report, join(folder, name), now)
      expect(await readBundle(join(folder, name))).to.deep.equal(collection)
      expect(readdirSync(folder)).to.deep.equal([name])
    })
  }

  it('is for its owner alone: archive 0600, folder 0700', async () => {
    await writeBundle(collection, report, join(folder, 'b.tar.gz'), now)
    await writeBundle(collection, report, join(folder, 'b'), now)
    expect(statSync(join(folder, 'b.tar.gz')).mode & 0o777).to.equal(0o600)
    expect(statSync(join(folder, 'b')).mode & 0o777).to.equal(0o700)
    expect(statSync(join(folder, 'b/version.yaml')).mode & 0o777).to.equal(0o600)
  })

  it("has troubleshoot's analysis.json, with an error for each fail", async () => {
    await writeBundle(collection, report, join(folder, 'b'), now)
    const [first, second] = JSON.parse(readFileSync(join(folder, 'b/analysis.json'), 'utf8'))
    expect(first).to.deep.equal({
      name: 'image.a',
      labels: { desiredPosition: '1', iconKey: '', iconUri: '' },
      insight: { name: 'image.a', labels: { iconKey: '', iconUri: '' }, primary: 'Image: a', detail: 'No a:v1.', severity: 'error' },
      severity: 'error',
      analyzerSpec: '',
      error: 'No a:v1.',
    })
    expect(second).to.include({ name: 'pull.secret.a', severity: 'debug' })
    expect(second).to.not.have.property('error')
  })

  it('keeps a blob as lines that redaction can read', async () => {
    await writeBundle(collection, report, join(folder, 'b'), now)
    const text = readFileSync(join(folder, 'b/velero-plugins/blobs', sha256(blob).replace(':', '/')), 'utf8')
    expect(text.split('\n').every(line => line.length <= 76)).to.equal(true)
    expect(Buffer.from(text, 'base64').equals(blob)).to.equal(true)
  })

  it('is named after the local time, as preflight names its own', () => {
    expect(bundleName(new Date(2006, 0, 2, 15, 4, 5))).to.equal('preflightbundle-2006-01-02T15_04_05')
  })

  const archive = (files: Readonly<Record<string, string>>) =>
    gzipSync(tarOf(new Map(Object.entries(files).map(([path, text]) => [path, Buffer.from(text)])), 'top', now))
  const about = {
    schemaVersion: 1,
    collectedAt: collection.collectedAt,
    version: '1',
    platforms: ['linux/amd64'],
    schema: 'auto',
    checks: ['image'],
  }
  const head = JSON.stringify(about)
  const none = '{"schemaVersion": 1, "items": []}'
  for (const [what, bytes, code, words] of [
    ['text', Buffer.from('hello'), 'BUNDLE_INVALID', 'not a gzip archive'],
    ['a gzip file that is cut short', archive({ 'version.yaml': 'x' }).subarray(0, 40), 'BUNDLE_INVALID', 'is cut short'],
    [
      'an archive within gzip that is cut short',
      gzipSync(gunzipSync(archive({ 'version.yaml': 'x' })).subarray(0, 300)),
      'BUNDLE_INVALID',
      'cut off',
    ],
    ['a gzip file that is no tar archive', gzipSync('x'.repeat(2000)), 'BUNDLE_INVALID', 'not a whole tar archive'],
    ["somebody else's archive", archive({ 'version.yaml': 'x' }), 'BUNDLE_INVALID', 'no bundle of velero-plugin-preflight'],
    [
      'a bundle of a newer version',
      archive({ 'velero-plugins/collection.json': '{"schemaVersion": 99}' }),
      'BUNDLE_INVALID',
      'schemaVersion 99',
    ],
    [
      'a bundle whose JSON was altered',
      archive({ 'velero-plugins/collection.json': '{"schemaVersion": ***' }),
      'BUNDLE_INVALID',
      'not JSON any more',
    ],
    [
      'a bundle without the facts that it names',
      archive({ 'velero-plugins/collection.json': head, 'velero-plugins/facts/config.json': none }),
      'BUNDLE_INVALID',
      'no velero-plugins/facts/image.json',
    ],
    [
      'a bundle whose facts are no list',
      archive({
        'velero-plugins/collection.json': head,
        'velero-plugins/facts/config.json': none,
        'velero-plugins/facts/image.json': '{"schemaVersion": 1, "items": [1]}',
      }),
      'BUNDLE_INVALID',
      'no list of facts',
    ],
  ] as const) {
    it(`refuses ${what}`, async () => {
      writeFileSync(join(folder, 'b.tar.gz'), bytes)
      const error = await rejection(readBundle(join(folder, 'b.tar.gz')))
      expect(error.code).to.equal(code)
      expect(error.message).to.contain(words)
    })
  }

  const configs = JSON.stringify({ schemaVersion: 1, items: collection.facts.config })
  const changed = (change: object, config = configs) =>
    archive({
      'velero-plugins/collection.json': JSON.stringify({ ...about, ...change }),
      'velero-plugins/facts/config.json': config,
      'velero-plugins/facts/image.json': none,
    })
  for (const [what, bytes, words] of [
    ['no platform', changed({ platforms: [] }), 'no list of platforms'],
    ['no check', changed({ checks: [] }), 'no list of checks'],
    ['a check that is not known', changed({ checks: ['image', 'no-such-check'] }), 'the check no-such-check'],
    ['no Config', changed({}, none), 'has no Config'],
    ['a Config without plugins', changed({}, configs.replace('"plugins"', '"p"')), 'has no Config'],
    ['a plugin without a name', changed({}, configs.replace('"plugin":', '"p":')), 'has no Config'],
    ['a release that is none', changed({}, configs.replace('"plugins"', '"release":{"file":1},"plugins"')), 'has no Config'],
    ['an image that is no text', changed({}, configs.replace('"text":"a:v1"', '"text":1')), 'has no Config'],
  ] as const) {
    it(`refuses a bundle with ${what}, of which nothing would be judged`, async () => {
      writeFileSync(join(folder, 'b.tar.gz'), changed({}))
      expect((await readBundle(join(folder, 'b.tar.gz'))).facts.config).to.deep.equal(collection.facts.config)
      writeFileSync(join(folder, 'b.tar.gz'), bytes)
      const error = await rejection(readBundle(join(folder, 'b.tar.gz')))
      expect(error.code).to.equal('BUNDLE_INVALID')
      expect(error.message).to.contain(words)
    })
  }

  const withSignatures = (schemaVersion: unknown) =>
    archive({
      'velero-plugins/collection.json': JSON.stringify({ ...about, checks: ['signature'] }),
      'velero-plugins/facts/config.json': configs,
      'velero-plugins/facts/signature.json': JSON.stringify({ schemaVersion, items: [{ plugin: 'a', ok: false }] }),
    })

  it('reads facts of signatures of version 1, in which nobody looked for attestations, and of 2', async () => {
    for (const version of [1, 2]) {
      writeFileSync(join(folder, 'b.tar.gz'), withSignatures(version))
      expect((await readBundle(join(folder, 'b.tar.gz'))).facts.signature).to.have.length(1)
    }
  })

  for (const version of [0, 3, 1.5, '2', null]) {
    it(`refuses facts of signatures of version ${JSON.stringify(version)}`, async () => {
      writeFileSync(join(folder, 'b.tar.gz'), withSignatures(version))
      const { code, message } = await rejection(readBundle(join(folder, 'b.tar.gz')))
      expect([code, message]).to.deep.equal([
        'BUNDLE_INVALID',
        `velero-plugins/facts/signature.json in the bundle has schemaVersion ${JSON.stringify(version)}; this program reads 1 to 2.`,
      ])
    })
  }

  it('is written with the version of each kind of facts', async () => {
    await writeBundle({ ...collection, facts: { ...collection.facts, signature: [] } }, report, join(folder, 'b'), now)
    const versionOf = (name: string) => JSON.parse(readFileSync(join(folder, `b/velero-plugins/${name}.json`), 'utf8')).schemaVersion
    expect(['collection', 'facts/config', 'facts/image', 'facts/signature'].map(versionOf)).to.deep.equal([1, 1, 1, 2])
  })

  it('refuses what is no archive by its first byte, however much follows', async () => {
    expect((await rejection(readBundle('/dev/zero'))).code).to.equal('BUNDLE_INVALID')
  })

  it('says which bundle is not there', async () => {
    const error = await rejection(readBundle(join(folder, 'none.tar.gz')))
    expect(error.code).to.equal('FILE_NOT_FOUND')
    expect(error.message).to.contain('none.tar.gz')
  })

  it('says where it could not be written', async () => {
    const error = await rejection(writeBundle(collection, report, join(folder, 'none/b.tar.gz'), now))
    expect(error.code).to.equal('OUTPUT_UNWRITABLE')
    expect(error.message).to.contain('none/b.tar.gz')
  })

  it('is read one directory down at most', async () => {
    writeFileSync(join(folder, 'b.tar.gz'), archive({ 'deeper/velero-plugins/collection.json': head }))
    expect((await rejection(readBundle(join(folder, 'b.tar.gz')))).code).to.equal('BUNDLE_INVALID')
  })
})
