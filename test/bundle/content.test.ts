import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import type { BundleContent, Wanted } from '../../src/bundle/content.ts'
import { openBundle } from '../../src/bundle.ts'
import { PreflightError } from '../../src/errors.ts'
import { type TarFile, tar } from '../support/tar-writer.ts'

const everything: Wanted = () => ({ limitBytes: 1 << 20 })
const textOf = (content: BundleContent, name: string) => content.find(name)?.bytes.toString()

const rejection = async (act: () => unknown): Promise<PreflightError> => {
  try {
    await act()
  } catch (error) {
    if (error instanceof PreflightError) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('content of a bundle', () => {
  let folder = ''
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'vpp-content-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  const written = (files: readonly TarFile[]): string => {
    writeFileSync(join(folder, 'b.tar.gz'), gzipSync(tar(files)))
    return join(folder, 'b.tar.gz')
  }
  /** The same as a folder. */
  const unpacked = (files: readonly TarFile[]): string => {
    const top = join(folder, 'b')
    for (const { name, data = '', link } of files) {
      mkdirSync(dirname(join(top, name)), { recursive: true })
      if (link === undefined) writeFileSync(join(top, name), data)
      else symlinkSync(link, join(top, name))
    }
    return top
  }
  const version: TarFile = { name: 's/version.yaml', data: 'v' }

  for (const [form, write] of [
    ['an archive', written],
    ['a folder', unpacked],
  ] as const) {
    describe(`as ${form}`, () => {
      it('begins at its one directory, or without one', async () => {
        const below = await openBundle(write([version, { name: 's/cluster-resources/nodes.json', data: '{}' }]), everything)
        expect(textOf(below, 'cluster-resources/nodes.json')).to.equal('{}')
        rmSync(join(folder, 'b'), { recursive: true, force: true })
        const at = await openBundle(
          write([
            { name: 'version.yaml', data: 'v' },
            { name: 'x/y', data: 'z' },
          ]),
          everything,
        )
        expect([textOf(at, 'version.yaml'), textOf(at, 'x/y')]).to.deep.equal(['v', 'z'])
      })

      it('keeps what is wanted and nothing else', async () => {
        const content = await openBundle(write([version, { name: 's/a', data: 'A' }]), name =>
          name === 'a' ? { limitBytes: 9 } : undefined,
        )
        expect(content.names).to.deep.equal(['a'])
      })

      it('follows links to files of its own, relative and through other links', async () => {
        const content = await openBundle(
          write([
            version,
            { name: 's/cluster-resources/pods/logs/v/p/c.log', data: 'line' },
            { name: 's/podlogs/v/p/c.log', link: '../../../cluster-resources/pods/logs/v/p/c.log' },
            { name: 's/again.log', link: 'podlogs/v/p/c.log' },
            { name: 's/nowhere', link: 'none' },
          ]),
          everything,
        )
        expect(['podlogs/v/p/c.log', 'again.log', 'nowhere'].map(name => textOf(content, name))).to.deep.equal(['line', 'line', undefined])
      })

      for (const [what, link, words] of [
        ['an absolute place', '/etc/passwd', 'leads out of the bundle'],
        ['a place above it', '../../../../../../../../../../../etc/passwd', 'leads out of the bundle'],
        ['itself', 'l', 'more than 8 others'],
      ] as const) {
        it(`follows no link to ${what}`, async () => {
          const content = await openBundle(write([version, { name: 's/l', link }]), everything)
          const { code, message } = await rejection(() => content.find('l'))
          expect(code).to.equal('BUNDLE_LACKS')
          expect(message).to.contain(words)
        })
      }

      it('keeps the two ends of a log, and says where something is left out', async () => {
        const log: Wanted = () => ({ headBytes: 10, tailBytes: 20 })
        const data = `begin-----${'x'.repeat(5000)}----------------end`
        const content = await openBundle(write([version, { name: 's/l', data }, { name: 's/short', data: 'whole' }]), log)
        const { bytes, sizeBytes, cutAt } = content.find('l')!
        expect([bytes.toString(), sizeBytes, cutAt]).to.deep.equal([data.slice(0, 10) + data.slice(-20), data.length, 10])
        expect(content.find('short')).to.deep.equal({ bytes: Buffer.from('whole'), sizeBytes: 5 })
      })

      it('keeps nothing of a document that is too large, and says so', async () => {
        const content = await openBundle(
          write([version, { name: 's/d', data: 'x'.repeat(11) }, { name: 's/e', data: 'x'.repeat(10) }]),
          () => ({
            limitBytes: 10,
          }),
        )
        expect([content.find('d')?.tooLarge, content.find('d')?.bytes.length, content.find('e')?.bytes.length]).to.deep.equal([true, 0, 10])
      })

      it('is refused when it holds several, or none', async () => {
        const { code, message } = await rejection(() => openBundle(write([version, { name: 't/version.yaml' }]), everything))
        expect([code, /holds more than one bundle: s\/, t\/\./.test(message)]).to.deep.equal(['BUNDLE_INVALID', true])
        rmSync(join(folder, 'b'), { recursive: true, force: true })
        expect((await rejection(() => openBundle(write([{ name: 'x', data: 'y' }]), everything))).code).to.equal('BUNDLE_INVALID')
      })

      it('is read no further than the run goes on', async () => {
        const stopped = new PreflightError('TIMED_OUT', 'over')
        const path = write([version, { name: 's/a' }])
        expect(await rejection(() => openBundle(path, everything, AbortSignal.abort(stopped)))).to.equal(stopped)
      })
    })
  }

  it('has hard links, which begin at the top of the archive', async () => {
    const content = await openBundle(written([version, { name: 's/x/l', type: '1', link: 's/version.yaml' }]), everything)
    expect(textOf(content, 'x/l')).to.equal('v')
  })

  it('passes over names with .., which a program that unpacks it might follow', async () => {
    const content = await openBundle(written([version, { name: 's/../../etc/x', data: 'y' }, { name: '/s/abs', data: 'z' }]), everything)
    expect(content.names.toSorted()).to.deep.equal(['abs', 'version.yaml'])
  })

  it('takes of a name that comes twice the last, as tar unpacks it', async () => {
    const content = await openBundle(written([version, { name: 's/a', data: '1' }, { name: 's/a', data: '2' }]), everything)
    expect(textOf(content, 'a')).to.equal('2')
  })

  it('has no end of files that are counted', async () => {
    const many = Buffer.concat(Array(200_001).fill(tar([{ name: 's/a' }]).subarray(0, 512)))
    writeFileSync(join(folder, 'b.tar.gz'), gzipSync(many))
    const { code, message } = await rejection(() => openBundle(join(folder, 'b.tar.gz'), () => undefined))
    expect([code, message.includes('200000 files')]).to.deep.equal(['FILE_TOO_LARGE', true])
  }).timeout(20_000)

  it('does not unpack a bomb to its end', async () => {
    const zeros = gzipSync(Buffer.alloc(1 << 26))
    // 64 MiB a member, 64 members: 4 GiB in 4 MB
    const head = gzipSync(tar([{ name: 's/a', sizeBytes: 2 ** 32 }]).subarray(0, 512))
    writeFileSync(join(folder, 'b.tar.gz'), Buffer.concat([head, ...Array(64).fill(zeros)]))
    const { code, message } = await rejection(() => openBundle(join(folder, 'b.tar.gz'), () => undefined))
    expect([code, /which no bundle is compressed to/.test(message)]).to.deep.equal(['FILE_TOO_LARGE', true])
  }).timeout(60_000)

  it('waits for nothing in a folder: pipes and devices are passed over', async () => {
    const path = unpacked([version])
    execFileSync('mkfifo', [join(path, 's/pipe')])
    expect((await openBundle(path, everything)).names).to.deep.equal(['version.yaml'])
  })

  it('enters no folder through a link', async () => {
    const path = unpacked([version, { name: 's/in', link: '/' }, { name: 's/round', link: '.' }])
    expect((await openBundle(path, everything)).names.toSorted()).to.deep.equal(['in', 'round', 'version.yaml'])
  })

  it('is a folder also when it was unpacked with absolute links into itself', async () => {
    const path = unpacked([version])
    symlinkSync(join(path, 's/version.yaml'), join(path, 's/l'))
    expect(textOf(await openBundle(path, everything), 'l')).to.equal('v')
  })
})
