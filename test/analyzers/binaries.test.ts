import { expect } from 'chai'
import { binaries } from '../../src/analyzers/binaries.ts'
import { PreflightError } from '../../src/errors.ts'
import { type BinariesCheckOptions, checkBinaries, judgeBinaries } from '../support/check-binaries.ts'
import { elf } from '../support/elf-writer.ts'
import { type BuiltImage, buildImage, buildIndex, type ImageOptions, pluginBinary, pluginImage } from '../support/image-builder.ts'
import type { TarFile } from '../support/tar-writer.ts'

const glibc = '/lib64/ld-linux-x86-64.so.2'
const program = (name: string, data: Buffer = elf()): TarFile => ({ name, mode: 0o755, data })
const executable = (name: string, data: TarFile['data'] = ''): TarFile => ({ name: `plugins/${name}`, mode: 0o755, data: data ?? '' })
const binary = (more: Partial<Parameters<typeof pluginBinary>[0]> = {}) => pluginBinary({ name: 'velero-x', ...more }, 'amd64')
/** An image that copies all of /plugins with a static cp. */
const copying = (files: readonly TarFile[], more: Partial<ImageOptions> = {}): BuiltImage =>
  buildImage({ entrypoint: ['/bin/cp', '-r', '/plugins/.', '/target'], layers: [[program('bin/cp'), ...files]], ...more })
/** One executable file of these bytes. */
const holding = (data: TarFile['data'], mode = 0o755) =>
  copying([executable('ok', binary({ module: 'example.com/ok', framework: 'v1.10.0' })), { name: 'plugins/it', mode, data: data ?? '' }])
const modules = (...lines: readonly string[]) => elf({ modules: lines.map(line => `${line}\n`).join('') })

const given = new Set<string>()
const check = async (image: BuiltImage | PreflightError, more: Partial<BinariesCheckOptions> = {}) => {
  const checked = await checkBinaries({ plugins: { 'my-plugin': image }, ...more })
  for (const { findings } of checked.judgements) for (const { code } of findings) given.add(code)
  return { ...checked, codes: checked.codes.map(code => code.replace('my-plugin: ', '')), text: checked.message('my-plugin') }
}

describe('binaries analyzer', () => {
  it('passes a plugin image as it should be, and says what it copies', async () => {
    const { judgements, codes, text } = await check(pluginImage({ name: 'velero-x' }))
    expect(codes).to.deep.equal(['pass BINARIES_OK'])
    expect(text).to.equal("my-plugin: on linux/amd64, the image copies velero-x to Velero's plugins, and it can be started there.")
    expect(judgements[0]?.values).to.include({ read: true, copied: true, plugins: 1, framework: 'v1.18.2' })
    expect(judgements[0]?.findings[0]?.evidence?.[0]).to.match(
      /^\/plugins\/velero-x: mode 0755, 0\.0 MiB, ELF amd64 static, go1\.25\.8, example\.com\/acme\/velero-x v1\.0\.0, Velero framework v1\.18\.2, sha256:[0-9a-f]{64}$/,
    )
  })

  it('says the same of several platforms once', async () => {
    const index = buildIndex([pluginImage({ name: 'velero-x' }), pluginImage({ name: 'velero-x', platform: 'linux/arm64' })])
    const { judgements, text } = await check(index, { platforms: ['linux/amd64', 'linux/arm64'] })
    expect(judgements[0]?.findings).to.have.length(1)
    expect(text).to.match(/^my-plugin: on linux\/amd64 and linux\/arm64, /)
  })

  it('says what is wrong on one platform of that one alone', async () => {
    const index = buildIndex([
      pluginImage({ name: 'velero-x' }),
      pluginImage({ name: 'velero-x', platform: 'linux/arm64', architecture: 'amd64' }),
    ])
    const { codes, text } = await check(index, { platforms: ['linux/amd64', 'linux/arm64'] })
    expect(codes).to.deep.equal(['fail BINARY_MACHINE'])
    expect(text).to.match(/^my-plugin: on linux\/arm64, \/plugins\/velero-x is for amd64, and the node is arm64/)
  })

  // Title, image, the codes in order, words of the message; and the server's version where it counts
  const cases: readonly (readonly [string, BuiltImage | PreflightError, readonly string[], RegExp, string?])[] = [
    [
      'an image that is not there',
      new PreflightError('MANIFEST_NOT_FOUND', 'There is none.', { hint: 'Push it.' }),
      ['fail BINARIES_UNREADABLE'],
      /registry\.example\.com\/my-plugin:v1 could not be read\. There is none/,
    ],
    [
      'a damaged layer',
      pluginImage({ name: 'a', served: () => Buffer.alloc(999) }),
      ['fail LAYER_CORRUPT'],
      /no node can unpack .*Layer 1 of 2/,
    ],
    [
      'a wrong diff_id',
      buildImage({ layers: [[]], config: { rootfs: { type: 'layers', diff_ids: [`sha256:${'0'.repeat(64)}`] } } }),
      ['fail LAYER_DIFF_ID'],
      /names sha256:0{64}/,
    ],
    [
      'an encrypted layer',
      buildImage({ layers: [[]], layerType: 'application/vnd.oci.image.layer.v1.tar+encrypted' }),
      ['fail LAYER_UNSUPPORTED'],
      /encrypted/,
    ],
    [
      'a layer of holes',
      buildImage({
        layers: [[{ name: 'a', pax: { 'GNU.sparse.numblocks': '1', 'GNU.sparse.map': '0,0', 'GNU.sparse.size': '900000000000' } }]],
      }),
      ['fail LAYER_TOO_LARGE'],
      /sparse/,
    ],
    [
      'a hard link to a lower layer',
      buildImage({
        entrypoint: ['/bin/cp', '/plugins/b', '/target'],
        layers: [[program('bin/cp'), executable('a', binary())], [{ name: 'plugins/b', type: '1', link: 'plugins/a', mode: 0o755 }]],
      }),
      ['warn LAYER_AMBIGUOUS', 'pass BINARIES_OK'],
      /\/plugins\/b is a hard link to a file of a lower layer/,
    ],
    ['no command', buildImage({ layers: [[executable('a', binary())]] }), ['fail COPY_NO_COMMAND'], /neither ENTRYPOINT nor CMD/],
    [
      'a user that is not in /etc/passwd',
      pluginImage({ name: 'velero-x', user: 'nonroot:nonroot' }),
      ['fail USER_UNKNOWN'],
      /the user "nonroot:nonroot", which its \/etc\/passwd does not have/,
    ],
    ['a user out of range', pluginImage({ name: 'velero-x', user: '4294967294' }), ['fail USER_UNKNOWN'], /no container can have/],
    [
      'a user that cannot be looked up',
      pluginImage({ name: 'velero-x', user: 'nobody', files: [{ name: 'etc/passwd', data: '#'.repeat(70_000) }] }),
      ['warn USER_UNREAD', 'pass BINARIES_OK'],
      /could not be read/,
    ],
    [
      'a shell that is not there',
      pluginImage({ name: 'velero-x', entrypoint: ['/bin/sh', '-c', 'cp /plugins/* /target'] }),
      ['fail COPY_PROGRAM_MISSING'],
      /starts with \/bin\/sh, which is not in the image.*FROM scratch/,
    ],
    [
      'a program without execute bit',
      pluginImage({ name: 'velero-x', entrypoint: ['/copy'], files: [{ name: 'copy', data: elf() }] }),
      ['fail COPY_PROGRAM_MISSING'],
      /may not be executed by the user 65532:65532 \(uid 65532\)/,
    ],
    [
      'a program that is a folder',
      pluginImage({ name: 'velero-x', entrypoint: ['/plugins'] }),
      ['fail COPY_PROGRAM_MISSING'],
      /is no file/,
    ],
    [
      'a program without its loader',
      pluginImage({
        name: 'velero-x',
        entrypoint: ['/bin/cp', '/plugins/velero-x', '/target'],
        files: [program('bin/cp', elf({ interpreter: '/lib/ld-musl-x86_64.so.1' }))],
      }),
      ['fail COPY_PROGRAM_LOADER_MISSING'],
      /needs \/lib\/ld-musl-x86_64\.so\.1/,
    ],
    [
      'a script without its interpreter',
      pluginImage({ name: 'velero-x', entrypoint: ['/go.sh'], files: [{ name: 'go.sh', mode: 0o755, data: '#!/bin/sh\ncp' }] }),
      ['fail COPY_PROGRAM_LOADER_MISSING'],
      /needs \/bin\/sh/,
    ],
    [
      'a program for another machine',
      pluginImage({ name: 'velero-x', copierArchitecture: 'arm64' }),
      ['fail COPY_PROGRAM_MACHINE'],
      /cp-plugin, which is for arm64, and the node is amd64/,
    ],
    [
      'a program that is damaged',
      pluginImage({
        name: 'velero-x',
        entrypoint: ['/x'],
        files: [{ name: 'x', mode: 0o755, data: elf({ sizeBytes: 9000 }).subarray(0, 5000) }],
      }),
      ['fail COPY_PROGRAM_MACHINE'],
      /is damaged/,
    ],
    [
      'a program that is none',
      pluginImage({ name: 'velero-x', entrypoint: ['/x'], files: [{ name: 'x', mode: 0o755, data: 'text' }] }),
      ['fail COPY_PROGRAM_MACHINE'],
      /no Linux program/,
    ],
    [
      'a copy that fails',
      pluginImage({ name: 'velero-x', entrypoint: ['cp-plugin', '/plugins/other', '/target/other'] }),
      ['fail COPY_FAILS'],
      /\/plugins\/other: no such file or directory/,
    ],
    ['a file that the user may not read', pluginImage({ name: 'velero-x', mode: 0o700 }), ['fail COPY_FAILS'], /permission denied/],
    [
      'an unknown command',
      pluginImage({ name: 'velero-x', entrypoint: ['/install'], files: [program('install')] }),
      ['warn COPY_COMMAND_UNKNOWN', 'pass BINARIES_OK'],
      /in its \/plugins stand velero-x/,
    ],
    [
      'an unknown command, and a plugin for another machine',
      pluginImage({ name: 'velero-x', architecture: 'arm64', entrypoint: ['/install'], files: [program('install')] }),
      ['warn COPY_COMMAND_UNKNOWN', 'fail BINARY_MACHINE'],
      /is for arm64/,
    ],
    [
      'a copy to another place',
      pluginImage({ name: 'velero-x', entrypoint: ['cp-plugin', '/plugins/velero-x', '/plugins/y'] }),
      ['fail BINARIES_NONE'],
      /copies to \/plugins\/y, and Velero takes plugins from \/target alone/,
    ],
    ['nothing to copy', copying([{ name: 'plugins/' }]), ['fail BINARIES_NONE'], /copies nothing to \/target, so/],
    [
      'only files that Velero does not start',
      copying([{ name: 'plugins/README', data: 'read' }]),
      ['fail BINARIES_NONE'],
      /no file there has an execute bit/,
    ],
    [
      'more than a thousand plugins',
      copying(Array.from({ length: 1001 }, (_, index) => executable(`p${index}`, 'x'))),
      ['fail BINARIES_TOO_MANY'],
      /1001 files/,
    ],
    [
      'a plugin of mode 0644',
      copying([{ name: 'plugins/velero-x', data: binary() }]),
      ['fail BINARY_NOT_EXECUTABLE'],
      /has mode 0644: without an execute bit Velero passes over it/,
    ],
    ['a plugin of mode 0644 beside another', holding(binary(), 0o644), ['fail BINARY_NOT_EXECUTABLE'], /\/plugins\/it has mode 0644/],
    ['a text of mode 0644 beside a plugin', holding('read me', 0o644), ['pass BINARIES_OK'], /copies ok to/],
    [
      'a plugin that only its owner may execute',
      holding(binary(), 0o750),
      ['fail BINARY_MODE'],
      /\/plugins\/it has mode 0750: Velero tries to start it/,
    ],
    [
      'a folder that only its owner may enter',
      copying([executable('ok', binary()), { name: 'plugins/d/', mode: 0o700 }]),
      ['fail BINARY_MODE'],
      /the folder \/plugins\/d has mode 0700/,
    ],
    ['a plugin for another machine', pluginImage({ name: 'velero-x', architecture: 'arm64' }), ['fail BINARY_MACHINE'], /GOARCH=amd64/],
    [
      'a plugin for another system',
      holding(modules('path\tx', 'mod\tx\tv1.0.0', 'dep\tgithub.com/vmware-tanzu/velero\tv1.18.0', 'build\tGOOS=freebsd')),
      ['fail BINARY_MACHINE'],
      /built for freebsd/,
    ],
    [
      'a plugin of 32 bits',
      holding(Buffer.from(binary()).fill(3, 18, 19)),
      ['warn BINARY_32BIT', 'pass BINARIES_OK'],
      /32-bit code for 386/,
    ],
    ['a Windows program', holding('MZ and more'), ['fail BINARY_NOT_ELF'], /is a Windows program and executable.*exec format error/],
    ['an empty file', holding(''), ['fail BINARY_NOT_ELF'], /is an empty file/],
    ['an object file', holding(Buffer.from(binary()).fill(1, 16, 17)), ['fail BINARY_NOT_ELF'], /no executable/],
    ['a script', holding('#!/bin/bash\necho'), ['fail BINARY_SCRIPT'], /is a script \(#!\/bin\/bash\)/],
    [
      'a file that is cut off',
      holding(binary({ elf: { sizeBytes: 90_000 } }).subarray(0, 50_000)),
      ['fail BINARY_TRUNCATED'],
      /is cut off/,
    ],
    [
      'a symbolic link',
      copying([executable('ok', binary()), { name: 'plugins/link', link: 'ok' }]),
      ['fail BINARY_SYMLINK'],
      /\/plugins\/link is a symbolic link to ok/,
    ],
    [
      'a plugin that needs musl',
      holding(binary({ elf: { interpreter: '/lib/ld-musl-x86_64.so.1' } })),
      ['fail BINARY_DYNAMIC_LOADER_MISSING'],
      /that of Alpine/,
    ],
    [
      'a plugin that needs an unusual loader',
      holding(binary({ elf: { interpreter: '/nix/store/x/ld.so' } })),
      ['fail BINARY_DYNAMIC_LOADER_MISSING'],
      /\/nix\/store\/x\/ld\.so/,
    ],
    [
      'a plugin that needs glibc',
      holding(binary({ elf: { interpreter: glibc, strings: ['GLIBC_2.34'] } })),
      ['warn BINARY_DYNAMIC', 'pass BINARIES_OK'],
      /glibc 2\.34 or later/,
    ],
    [
      'a plugin that needs only the loader',
      holding(binary({ elf: { interpreter: glibc } })),
      ['warn BINARY_DYNAMIC', 'pass BINARIES_OK'],
      /linked at run time/,
    ],
    [
      'a plugin that needs a new glibc',
      holding(binary({ elf: { interpreter: glibc, strings: ['GLIBC_2.38', 'GLIBC_2.9'] } })),
      ['warn BINARY_GLIBC', 'pass BINARIES_OK'],
      /needs glibc 2\.38/,
    ],
    [
      'a program that is no Go program',
      holding(elf()),
      ['fail BINARY_NOT_A_PLUGIN'],
      /neither Go build information nor any trace of go-plugin/,
    ],
    [
      'a Go program without the framework',
      holding(modules('path\texample.com/tool', 'mod\texample.com/tool\tv1.0.0')),
      ['fail BINARY_NOT_A_PLUGIN'],
      /example\.com\/tool\) without Velero's framework/,
    ],
    ['a Go program without modules', holding(elf({ modules: '' })), ['fail BINARY_NOT_A_PLUGIN'], /without go-plugin/],
    [
      'a plugin without modules',
      holding(elf({ modules: '', strings: ['These are not meant to be executed directly'] })),
      ['warn BINARY_UNKNOWN', 'pass BINARIES_OK'],
      /without Go modules/,
    ],
    [
      'a plugin without build information',
      holding(elf({ strings: ['These are not meant to be executed directly'] })),
      ['warn BINARY_UNKNOWN', 'pass BINARIES_OK'],
      /no Go build information/,
    ],
    ['a packed program', holding(elf({ strings: ['UPX!'] })), ['warn BINARY_UNKNOWN', 'pass BINARIES_OK'], /packed by UPX/],
    [
      'a plugin of Ark',
      holding(modules('path\tx', 'mod\tx\tv1.0.0', 'dep\tgithub.com/heptio/ark\tv0.10.0')),
      ['fail BINARY_PROTOCOL'],
      /of before Velero 1\.0/,
    ],
    [
      'a newer framework than the server',
      holding(binary()),
      ['warn BINARY_FRAMEWORK_NEWER', 'pass BINARIES_OK'],
      /framework of Velero v1\.18\.2, and the server is 1\.17\.1/,
      '1.17.1',
    ],
    ['an older framework than the server', holding(binary()), ['pass BINARIES_OK'], /./, '1.19.0'],
    [
      'the plugin for CSI',
      holding(binary({ module: 'github.com/vmware-tanzu/velero-plugin-for-csi' })),
      ['fail BINARY_CSI_BUILTIN'],
      /part of Velero since 1\.14/,
    ],
    [
      'the plugin for CSI with 1.14',
      holding(binary({ module: 'github.com/vmware-tanzu/velero-plugin-for-csi' })),
      ['fail BINARY_CSI_BUILTIN'],
      /this one is 1\.14\.0/,
      '1.14.0',
    ],
    [
      'the plugin for CSI with 1.13',
      holding(binary({ module: 'github.com/vmware-tanzu/velero-plugin-for-csi' })),
      ['pass BINARIES_OK'],
      /./,
      '1.13.9',
    ],
    [
      'the same plugin under two names',
      copying([executable('a', binary()), executable('b', binary())]),
      ['fail BINARY_TWIN'],
      /\/plugins\/a and \/plugins\/b are the same file/,
    ],
    [
      'two builds of one program',
      copying([executable('a', binary()), executable('b', binary({ framework: 'v1.18.1' }))]),
      ['warn BINARY_SAME_PACKAGE', 'pass BINARIES_OK'],
      /two builds of the program example\.com\/acme\/velero-x/,
    ],
    [
      "Embedded Cluster's own plugin under another name",
      holding(binary({ module: 'github.com/vmware-tanzu/velero-plugin-for-aws' })),
      ['fail BINARY_TWIN'],
      /velero-plugin-for-aws under another name/,
    ],
    [
      "another file of the name of Embedded Cluster's own plugin",
      pluginImage({ name: 'velero-plugin-for-aws' }),
      ['fail BINARY_COLLISION'],
      /replaces Embedded Cluster's own/,
    ],
    [
      "another build of Embedded Cluster's own plugin",
      pluginImage({ name: 'velero-plugin-for-aws', module: 'github.com/vmware-tanzu/velero-plugin-for-aws' }),
      ['warn BINARY_OVERWRITTEN', 'pass BINARIES_OK'],
      /by the build in this image/,
    ],
  ]
  for (const [what, image, codes, words, veleroVersion] of cases) {
    it(`${what}${veleroVersion === undefined ? '' : ` (server ${veleroVersion})`}: ${codes.join(', ')}`, async () => {
      const seen = await check(image, veleroVersion === undefined ? {} : { veleroVersion })
      expect(seen.codes, seen.text).to.deep.equal(codes)
      expect(seen.text).to.match(words)
    })
  }

  describe('of several plugins', () => {
    const several = async (plugins: Readonly<Record<string, BuiltImage>>) => {
      const checked = await checkBinaries({ plugins })
      for (const { findings } of checked.judgements) for (const { code } of findings) given.add(code)
      return checked
    }

    it('fails both whose files have one name, and says who loses', async () => {
      const { codes, message } = await several({
        one: pluginImage({ name: 'same', version: 'v1.0.0' }),
        two: pluginImage({ name: 'same', version: 'v2.0.0' }),
      })
      expect(codes).to.deep.equal(['one: fail BINARY_COLLISION', 'two: fail BINARY_COLLISION'])
      expect(message('one')).to.match(/its \/plugins\/same is overwritten by another file of the same name from the plugin two/)
      expect(message('two')).to.match(/its \/plugins\/same overwrites another file of the same name from the plugin one/)
    })

    it('warns where the file is the same', async () => {
      const { codes } = await several({ one: pluginImage({ name: 'same' }), two: pluginImage({ name: 'same' }) })
      expect(codes).to.deep.equal(['one: pass BINARIES_OK', 'two: warn BINARY_OVERWRITTEN', 'two: pass BINARIES_OK'])
    })

    it('fails both that bring one plugin under two names', async () => {
      const data = binary()
      const { codes } = await several({ one: pluginImage({ name: 'a', binary: data }), two: pluginImage({ name: 'b', binary: data }) })
      expect(codes).to.deep.equal(['one: fail BINARY_TWIN', 'two: fail BINARY_TWIN'])
    })

    it('says nothing of those that differ', async () => {
      const { codes } = await several({ one: pluginImage({ name: 'a' }), two: pluginImage({ name: 'b' }) })
      expect(codes).to.deep.equal(['one: pass BINARIES_OK', 'two: pass BINARIES_OK'])
    })

    it('does not blame one for what is wrong with another', async () => {
      const { codes } = await several({
        one: pluginImage({ name: 'a', served: () => Buffer.alloc(700, 1) }),
        two: pluginImage({ name: 'b' }),
      })
      expect(codes).to.deep.equal(['one: fail LAYER_CORRUPT', 'two: pass BINARIES_OK'])
    })
  })

  it('never passes what was not collected for a platform', async () => {
    const { facts } = await checkBinaries({ plugins: { x: pluginImage({ name: 'a' }) } })
    const plugins = [{ plugin: 'x', image: 'registry.example.com/x:v1' }]
    const { codes, message } = judgeBinaries(facts, plugins, ['linux/amd64', 'linux/arm64'])
    expect(codes).to.deep.equal(['x: fail BINARIES_UNREADABLE'])
    expect(message('x')).to.match(/on linux\/arm64, .*--platform linux\/arm64/)
  })

  it('never takes the facts of another image for this one', async () => {
    const { facts } = await checkBinaries({ plugins: { x: pluginImage({ name: 'a' }) } })
    expect(() => judgeBinaries(facts, [{ plugin: 'x', image: 'registry.example.com/x:v2' }], ['linux/amd64']))
      .to.throw(PreflightError, 'registry.example.com/x:v2')
      .with.property('code', 'FACT_MISSING')
  })

  it('gives no finding without facts', () => {
    expect(() => judgeBinaries([], [{ plugin: 'x', image: 'y' }], ['linux/amd64']))
      .to.throw(PreflightError)
      .with.property('code', 'FACT_MISSING')
  })

  it('shows names from an image in one line, whatever is in them', async () => {
    const { judgements } = await check(copying([{ name: 'plugins/a\nPASS everything\u001b[2J', mode: 0o755, data: '#!/bin/sh\u202e' }]))
    const lines = judgements.flatMap(({ findings }) => findings.flatMap(({ message, evidence = [] }) => [message, ...evidence]))
    expect(lines).to.have.length(2)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
    for (const line of lines) expect(line).to.not.match(/[\u0000-\u001f\u202e]/)
  })

  it('warns of what a table of contents in a layer declares, beside what that says', async () => {
    const table = `sha256:${'1'.repeat(64)}`
    const { facts } = await checkBinaries({ plugins: { x: pluginImage({ name: 'a' }) } })
    const declared = facts.map(fact =>
      fact.ok
        ? {
            ...fact,
            proven: 'declared' as const,
            layers: fact.layers.map(({ rawBytes: _, ...layer }) => ({
              ...layer,
              declared: { by: 'eStargz' as const, table, tableBytes: 1024, fetchedBytes: 2048 },
            })),
          }
        : fact,
    )
    const { judgements, codes } = judgeBinaries(declared, [{ plugin: 'x', image: 'registry.example.com/x:v1' }], ['linux/amd64'])
    for (const { code } of judgements[0]!.findings) given.add(code)
    expect(codes).to.deep.equal(['x: warn BINARIES_DECLARED', 'x: pass BINARIES_OK'])
    expect(judgements[0]!.findings[0]!.message).to.match(/^x: on linux\/amd64, .*2 layers.*\(eStargz\).*Run with --prove/)
    expect(judgements[0]!.findings[0]!.evidence?.[0]).to.contain(table)
    expect(judgements[0]!.values).to.include({ read: false, declared: true })
  })

  it('counts what is wrong with many files in one way', async () => {
    const { judgements, text } = await check(
      copying([executable('ok', binary()), ...Array.from({ length: 40 }, (_, index) => executable(`s${index}`, `#!/bin/sh ${index}`))]),
    )
    expect(judgements[0]?.findings).to.have.length(5)
    expect(text).to.match(/36 more files have the same fault/)
  })

  it('begins every message with the plugin, and every fail says what to do', async () => {
    for (const [, image, , , veleroVersion] of cases) {
      const { judgements } = await check(image, veleroVersion === undefined ? {} : { veleroVersion })
      for (const { status, message, code } of judgements.flatMap(({ findings }) => findings)) {
        expect(message).to.match(/^my-plugin: on linux\/amd64, /)
        expect(binaries.codes[code]?.status).to.equal(status)
        if (status !== 'pass')
          expect(message).to.match(/\b(?:Add|Build|Copy|Correct|Give|Link|Push|Put|Remove|Rename|Set|Take|Try|Use|Write)\b/)
      }
    }
  })

  after('every code was given', () => {
    expect(Object.keys(binaries.codes).filter(code => !given.has(code))).to.deep.equal([])
  })
})
