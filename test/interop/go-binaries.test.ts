// packages: binutils
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import type { FileContent } from '../../src/oci/file-content.ts'
import { createFileProbe } from '../../src/oci/file-probe.ts'
import { parseModules } from '../../src/oci/go-modules.ts'
import { elf } from '../support/elf-writer.ts'
import { pluginBinary } from '../support/image-builder.ts'
import { debian, run, succeed } from './peers.ts'
import { temporaryFolder } from './processes.ts'

/** How a program is built, and what `readelf` calls its machine. */
const builds: Readonly<
  Record<string, { readonly env: Readonly<Record<string, string>>; readonly args: readonly string[]; readonly strip?: true }>
> = {
  static: { env: { CGO_ENABLED: '0' }, args: [] },
  'without symbols': { env: { CGO_ENABLED: '0' }, args: ['-ldflags', '-s -w'] },
  stripped: { env: { CGO_ENABLED: '0' }, args: [], strip: true },
  'with trimmed paths': { env: { CGO_ENABLED: '0' }, args: ['-trimpath'] },
  'position independent': { env: { CGO_ENABLED: '0' }, args: ['-buildmode=pie'] },
  'for arm64': { env: { CGO_ENABLED: '0', GOARCH: 'arm64' }, args: [] },
  'for arm': { env: { CGO_ENABLED: '0', GOARCH: 'arm' }, args: [] },
  'for s390x, big-endian': { env: { CGO_ENABLED: '0', GOARCH: 's390x' }, args: [] },
  'for 386': { env: { CGO_ENABLED: '0', GOARCH: '386' }, args: [] },
}

const source = `package main

import (
	"debug/buildinfo"
	"fmt"
	"os"
)

// It holds the magic of build information as data as well.
func main() { fmt.Println(buildinfo.ReadFile(os.Args[0])) }
`

const probe = (bytes: Buffer): FileContent => {
  let seen: FileContent | undefined
  const sink = createFileProbe(bytes.length, { keepText: false, hashed: 'all' }, content => {
    seen = content
  })
  for (let at = 0; at < bytes.length; at += 100_000) sink.write(bytes.subarray(at, at + 100_000))
  sink.end()
  return seen!
}

/** `go version -m`: the version in the first line, then lines with a tab before them. */
const goVersionM = (output: string) => {
  const [first = '', ...lines] = output.trimEnd().split('\n')
  return {
    version: first.slice(first.lastIndexOf(': ') + 2),
    modules: lines.map(line => line.replace(/^\t/, '')).filter(line => line !== ''),
  }
}

describe('what is read of binaries, against go and readelf', () => {
  let go: string
  let readelf: string
  let folder: string
  before(async function () {
    this.timeout(5 * 60_000)
    go = debian(this, 'go')
    readelf = debian(this, 'readelf')
    folder = temporaryFolder('go-binaries')
    writeFileSync(join(folder, 'main.go'), source)
    writeFileSync(join(folder, 'go.mod'), 'module example.com/probe\n\ngo 1.21\n')
  })

  const check = async (path: string) => {
    const { elf: seen } = probe(readFileSync(path))
    const expected = goVersionM(await succeed(go, ['version', '-m', path]))
    expect(seen?.go?.goVersion).to.equal(expected.version)
    expect(
      seen?.go?.modules
        .split('\n')
        .filter(line => line !== '')
        .map(line => line.trimEnd()),
    ).to.deep.equal(expected.modules.map(line => line.trimEnd()))
    const headers = await succeed(readelf, ['-hlW', path])
    const asked = /Requesting program interpreter: (.*)\]/.exec(headers)?.[1]
    expect(seen?.interpreter).to.equal(asked)
    expect(seen?.bits).to.equal(headers.includes('ELF64') ? 64 : 32)
    expect(seen?.littleEndian).to.equal(headers.includes('little endian'))
    expect(seen?.dynamic).to.equal(/^ +DYNAMIC/m.test(headers))
    return seen!
  }

  for (const [what, { env, args, strip }] of Object.entries(builds)) {
    it(`a program ${what}`, async function () {
      this.timeout(5 * 60_000)
      const path = join(folder, what.replace(/\W+/g, '-'))
      await succeed(go, ['build', ...args, '-o', path, '.'], { cwd: folder, env: { GOFLAGS: '-buildvcs=false', ...env } })
      if (strip) await succeed('strip', [path])
      const seen = await check(path)
      const machine = env.GOARCH ?? (process.arch === 'x64' ? 'amd64' : process.arch)
      expect(seen.machine).to.equal(machine)
      expect(parseModules(seen.go?.modules ?? '').settings.get('GOARCH')).to.equal(machine)
      expect(seen.neededBytes).to.be.at.most(readFileSync(path).length)
    })
  }

  it('the small binaries of our own tests, which really run', async () => {
    const path = join(folder, 'plugin')
    writeFileSync(path, pluginBinary({ name: 'velero-x' }, 'amd64'), { mode: 0o755 })
    await check(path)
    if (process.arch === 'x64') expect(await run(path, [])).to.include({ code: 0 })
    writeFileSync(join(folder, 'empty'), elf(), { mode: 0o755 })
    if (process.arch === 'x64') expect(await run(join(folder, 'empty'), [])).to.include({ code: 0 })
  })
})
