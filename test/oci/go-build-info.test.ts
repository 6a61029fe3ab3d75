import { expect } from 'chai'
import fc from 'fast-check'
import { buildInfoMagic, readBuildInfo } from '../../src/oci/go-build-info.ts'
import { parseModules } from '../../src/oci/go-modules.ts'
import { elf } from '../support/elf-writer.ts'

const modules = 'path\texample.com/x\nmod\texample.com/x\t(devel)\t\n'
const blob = (lines = modules): Buffer => {
  const file = elf({ modules: lines, goVersion: 'go1.24.4 X:boringcrypto' })
  return file.subarray(file.indexOf(buildInfoMagic))
}

describe("Go's build information", () => {
  it('is read with its version and lines', () => {
    expect(readBuildInfo(blob())).to.deep.equal({ goVersion: 'go1.24.4 X:boringcrypto', modules })
  })

  it('is asked for more while it is cut off', () => {
    const whole = blob()
    const needed = 32 + 1 + 23 + 1 + 16 + modules.length + 16
    for (const length of [0, 14, 31, 32, 40, 56, needed - 1])
      expect(readBuildInfo(whole.subarray(0, length)), `${length} bytes`).to.equal('more')
    expect(readBuildInfo(whole.subarray(0, needed))).to.be.an('object')
  })

  it('of Go before 1.18 stands elsewhere: its version is not known', () => {
    const old = Buffer.from(blob())
    old[15] = 0
    expect(readBuildInfo(old)).to.deep.equal({ goVersion: '', modules: '' })
  })

  it('without modules has none', () => {
    expect(readBuildInfo(blob(''))).to.deep.equal({ goVersion: 'go1.24.4 X:boringcrypto', modules: '' })
  })

  const no: Readonly<Record<string, (bytes: Buffer) => void>> = {
    'a pointer size that no machine has': bytes => void bytes.writeUInt8(9, 14),
    'unknown flags': bytes => void bytes.writeUInt8(0x82, 15),
    'a version that is none': bytes => void bytes.write('no1.24', 33),
    'a length of megabytes': bytes => void bytes.fill(0xff, 32, 36),
  }
  for (const [what, change] of Object.entries(no)) {
    it(`is none with ${what}`, () => {
      const bytes = Buffer.from(blob())
      change(bytes)
      expect(readBuildInfo(bytes)).to.equal('none')
    })
  }

  it('never throws, whatever the bytes', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), noise => void readBuildInfo(Buffer.concat([buildInfoMagic, noise]))))
  })
})

describe('modules of a Go binary', () => {
  it('are the main one, its dependencies with what replaced them, and the settings', () => {
    const text = [
      'path\texample.com/x/cmd/y',
      'mod\texample.com/x\tv1.2.3\th1:x=',
      'dep\tgithub.com/vmware-tanzu/velero\tv1.14.0\th1:a=',
      'dep\tgithub.com/a/b\tv1.0.0',
      '=>\tgithub.com/fork/b\tv1.0.1\th1:b=',
      'dep\tgithub.com/c/d\tv2.0.0',
      '=>\t../d\t(devel)\t',
      'build\t-compiler=gc',
      'build\tCGO_ENABLED=0',
      'build\t-ldflags="-X main.version=1 -s"',
      'build\tCGO_CFLAGS=',
      'build\t"a b"=`c d`',
      'somewhat\telse',
      '',
    ].join('\n')
    const { settings, ...rest } = parseModules(text)
    expect(rest).to.deep.equal({
      path: 'example.com/x/cmd/y',
      main: { path: 'example.com/x', version: 'v1.2.3' },
      dependencies: [
        { path: 'github.com/vmware-tanzu/velero', version: 'v1.14.0' },
        { path: 'github.com/a/b', version: 'v1.0.0', replacedBy: { path: 'github.com/fork/b', version: 'v1.0.1' } },
        { path: 'github.com/c/d', version: 'v2.0.0', replacedBy: { path: '../d', version: '(devel)' } },
      ],
    })
    expect(Object.fromEntries(settings)).to.deep.equal({
      '-compiler': 'gc',
      CGO_ENABLED: '0',
      '-ldflags': '-X main.version=1 -s',
      CGO_CFLAGS: '',
      'a b': 'c d',
    })
  })

  it('are none of nothing', () => {
    expect(parseModules('')).to.deep.equal({ dependencies: [], settings: new Map() })
  })

  it('are read from any text without an error', () => {
    fc.assert(
      fc.property(
        fc.string(),
        fc.constantFrom('build\t', '=>\t', 'dep\t', 'mod\t', 'path'),
        (text, key) => void parseModules(`${key}${text}\n${key}${text}`),
      ),
    )
  })
})
