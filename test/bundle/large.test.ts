import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { tar } from '../support/tar-writer.ts'

const mib = 2 ** 20
const member = gzipSync(randomBytes(mib), { level: 1 })

/** A bundle of noise, which no gzip makes smaller: a log of Velero that is kept in part, and a file that nobody wants. */
const writeLarge = (path: string, fileMib: number): void => {
  const head = (name: string) => gzipSync(tar([{ name: `s/${name}`, sizeBytes: fileMib * mib }]).subarray(0, 512))
  const file = openSync(path, 'w')
  writeSync(file, gzipSync(tar([{ name: 's/version.yaml', data: 'v' }]).subarray(0, 1024)))
  for (const name of ['cluster-resources/pods/logs/velero/velero-a-b/velero.log', 'host-collectors/large']) {
    writeSync(file, head(name))
    for (let index = 0; index < fileMib; index++) writeSync(file, member)
  }
  writeSync(file, gzipSync(Buffer.alloc(1024)))
  closeSync(file)
}

/** In a process of its own, whose most memory is told by Linux alone. */
const peakMib = (path: string, code: string): number => {
  const imports = `
    import { readFileSync } from 'node:fs'
    import { addToBundle } from './src/bundle/add-to-bundle.ts'
    import { openBundle } from './src/bundle.ts'
    import { wantedOfCluster } from './src/world/bundle-paths.ts'
    const path = ${JSON.stringify(path)}
    ${code}
    console.log(/^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1])`
  return Number(execFileSync(process.execPath, ['--input-type=module', '-e', imports], { encoding: 'utf8' })) / 1024
}

describe('a large bundle', () => {
  let folder = ''
  before(function () {
    this.timeout(60_000)
    if (process.platform !== 'linux') {
      console.log('      skipped: the peak of memory is read as Linux tells it')
      this.skip()
    }
    folder = mkdtempSync(join(tmpdir(), 'vpp-large-'))
    writeLarge(join(folder, 'b.tar.gz'), 128)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('of 256 MB is read with a memory that does not grow with it', () => {
    const code = `const { bytes, sizeBytes } = (await openBundle(path, wantedOfCluster('velero'))).find('cluster-resources/pods/logs/velero/velero-a-b/velero.log')
      if (sizeBytes !== ${128 * mib} || bytes.length !== ${6 * mib}) throw new Error(String(bytes.length))`
    expect(peakMib(join(folder, 'b.tar.gz'), code)).to.be.below(200)
  }).timeout(120_000)

  it('of 64 MB is added to with a memory that does not grow with it', () => {
    writeLarge(join(folder, 'c.tar.gz'), 32)
    const collection = { collectedAt: '2026-01-01T00:00:00Z', version: '1', platforms: ['linux/amd64'], schema: 'auto', checks: ['config'] }
    const code = `await addToBundle({ ...${JSON.stringify(collection)}, facts: { config: [] }, blobs: new Map() }, path, new Date(0))`
    expect(peakMib(join(folder, 'c.tar.gz'), code)).to.be.below(200)
    expect(execFileSync('tar', ['tzf', join(folder, 'c.tar.gz')], { encoding: 'utf8' })).to.contain('s/velero-plugins/facts/config.json')
  }).timeout(120_000)
})
