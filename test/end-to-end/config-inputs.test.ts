import { gzipSync } from 'node:zlib'
import { expect } from 'chai'
import { airgapBundle, layoutTar, releaseArchive } from '../support/airgap.ts'
import { command, configText, report, type Scratch, scratch, verdicts } from '../support/command.ts'
import { type TarFile, tar } from '../support/tar-writer.ts'

const plugin = { name: 'velero-a', image: 'registry.invalid/acme/velero-a:v1' }
const config = configText(plugin)
const files = {
  'release.yaml': '# channel release object\nchannelID: "c1"\nappSlug: "my-app"\n',
  'k8s.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: "{{repl Namespace}}"}\n',
  'template.yaml': '{{ if }}\n- not: yaml\n  at: {{ all\n',
  'chart-1.0.0.tgz': 'no archive at all',
  'config.yaml': config,
}
/** As Embedded Cluster makes it: base64 at the end of a program. */
const installer = (release: Uint8Array, { line = 0, behind = '' } = {}): Buffer => {
  const text = Buffer.from(release).toString('base64')
  const lines = line === 0 ? text : text.replace(new RegExp(`.{${line}}`, 'g'), '$&\n')
  const [begin, end] = ['BEGIN', 'END'].map(word => `-----${word} APP RELEASE-----`)
  return Buffer.concat([
    Buffer.from(`\x7fELF code ${begin} and ${end} code`),
    Buffer.alloc(9 << 20, 1),
    Buffer.from(`${begin}${lines}${end}${behind}`),
  ])
}

describe('where a Config is read from', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())
  const check = (file: string, bytes: Uint8Array | string) =>
    report(['run', '--no-bundle', '--checks', 'config', '--config', folder.file(file, bytes)])
  const failed = async (file: string, bytes: Uint8Array) => {
    const { code, err } = await command(['run', '--no-bundle', '--checks', 'config', '--config', folder.file(file, bytes)])
    expect(code).to.equal(2)
    return err
  }

  for (const [what, file, bytes] of [
    ['a release, packed', 'release.tgz', releaseArchive(files)],
    ['a release of any other name', 'release', releaseArchive(files)],
    ['a release that is not compressed', 'release.tar', tar(Object.entries(files).map(([name, data]) => ({ name, data })))],
    ['app.tar.gz of KOTS', 'app.tar.gz', releaseArchive(files)],
    ['an installer', 'my-app', installer(releaseArchive(files))],
    ['an installer whose base64 has lines', 'my-app', installer(releaseArchive(files), { line: 76 })],
    ['an installer with something behind the release', 'my-app', installer(releaseArchive(files), { behind: 'signature' })],
    ['an air-gap bundle', 'my-app.airgap', airgapBundle({ release: files, images: layoutTar() })],
    [
      'an air-gap bundle that is cut off behind the release',
      'my-app.airgap',
      gzipSync(airgapBundle({ release: files, images: Buffer.alloc(5 << 20) })),
    ],
  ] as const)
    it(`${what}`, async () => {
      const { json, code } = await check(
        file,
        what.includes('cut off') ? airgapBundle({ release: files, images: noise }).subarray(0, 1 << 20) : bytes,
      )
      expect(verdicts(json)).to.deep.equal(['config -: pass CONFIG_SCHEMA', 'config velero-a: pass PLUGIN_OK'])
      expect(code).to.equal(0)
    })

  const installation = (name: string, ...plugins: readonly object[]) => ({
    apiVersion: 'embeddedcluster.replicated.com/v1beta1',
    kind: 'Installation',
    metadata: { name },
    spec: { config: { version: '2.19.4+k8s-1.36', extensions: { velero: { plugins } } } },
  })
  const installations = [installation('20260301120000', plugin), installation('20260201120000', { ...plugin, name: 'velero-old' })]
  for (const [what, bytes] of [
    ['an Installation', JSON.stringify(installations[0])],
    ['a list of Installations', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: installations })],
    ['an array of Installations, as a support bundle has it', JSON.stringify(installations)],
    [
      'a support bundle',
      gzipSync(
        tar([
          { name: 'support-bundle-1/version.yaml', data: 'kind: SupportBundle' },
          {
            name: 'support-bundle-1/cluster-resources/configmaps/kotsadm.json',
            data: '{"x": "embeddedcluster.replicated.com/v1beta1 Installation"}',
          },
          {
            name: 'support-bundle-1/cluster-resources/custom-resources/installations.embeddedcluster.replicated.com.json',
            data: JSON.stringify(installations),
          },
          { name: 'support-bundle-1/cluster-resources/custom-resources/installations.embeddedcluster.replicated.com.yaml', data: 'x: y' },
        ]),
      ),
    ],
  ] as const)
    it(`${what}, of which the newest counts`, async () => {
      const { json, code } = await check('input.json', bytes)
      expect(verdicts(json)).to.deep.equal(['config -: pass CONFIG_SCHEMA', 'config velero-a: pass PLUGIN_OK'])
      expect(code).to.equal(0)
    })

  it('refuses an Installation without a Config, exit 2', async () => {
    const bytes = Buffer.from(JSON.stringify({ ...installation('1'), spec: {} }))
    expect(await failed('input.json', bytes)).to.include('the Installation 1 holds no Config')
  })

  it('names the place in the archive', async () => {
    const { json } = await check('release.tgz', releaseArchive({ 'deep/config.yaml': config.replace('kind: Config', 'kind: "Config"') }))
    expect(json.warn[0]?.message).to.match(/release\.tgz\/deep\/config\.yaml:1:1: /)
  })

  for (const [what, bytes, words] of [
    ['a program without a release', Buffer.from('\x7fELF and more'), 'no release stands at its end'],
    [
      'an installer whose release is no base64',
      Buffer.from('\x7fELF-----BEGIN APP RELEASE-----!!!!-----END APP RELEASE-----'),
      'no release stands at its end',
    ],
    ['an installer whose release is no archive', installer(Buffer.from('hello')), 'RELEASE_INVALID'],
    ['a release that is cut off', releaseArchive(files).subarray(0, 200), 'RELEASE_INVALID'],
    [
      'a release that is cut off inside',
      gzipSync(tar([{ name: 'config.yaml', data: config }]).subarray(0, 600)),
      'not a whole tar archive',
    ],
    ['an air-gap bundle without a release', airgapBundle({ release: undefined, images: layoutTar() }), 'without app.tar.gz'],
    ['a release without a Config', releaseArchive({ 'k8s.yaml': files['k8s.yaml'] }), 'CONFIG_NOT_FOUND'],
    [
      'an archive that unpacks to far more than it is',
      gzipSync(tar([{ name: 'x.yaml', data: Buffer.alloc(9 << 20) }])),
      'larger than 8 MiB',
    ],
  ] as const)
    it(`refuses ${what}, exit 2`, async () => {
      expect(await failed('input', bytes)).to.include(words)
    })

  it("takes the release's domain for the proxy's where the Config has none, but not before an upgrade", async () => {
    const domain = `${files['release.yaml']}defaultDomains: {proxyRegistryDomain: "127.0.0.1:1"}\n`
    const proxied = { name: 'velero-a', image: 'proxy.replicated.com/proxy/my-app/quay.io/acme/velero-a:v1' }
    const path = folder.file('release.tgz', releaseArchive({ 'release.yaml': domain, 'config.yaml': configText(proxied) }))
    const own = configText(proxied).replace('spec: {', 'spec: {domains: {proxyRegistryDomain: own.invalid}, ')
    const withOwn = folder.file('own.tgz', releaseArchive({ 'release.yaml': domain, 'config.yaml': own }))
    const images = async (...argv: readonly string[]) => JSON.parse((await command(['values', '--format', 'json', ...argv])).out)
    expect((await images('--config', path)).initContainers.map(({ image }: { image: string }) => image.split('/')[0])).to.deep.equal([
      '127.0.0.1:1',
      '127.0.0.1:1',
    ])
    expect((await images('--config', withOwn)).initContainers[1].image).to.match(/^own\.invalid\//)
    const installed = folder.file('installed.yaml', configText(proxied))
    const asked = async (...argv: readonly string[]) => {
      const { json } = await report(['run', '--no-bundle', '--no-cache', '--timeout', '20s', '--config', path, ...argv])
      return json.fail.find(({ check }) => check === 'image')?.message
    }
    expect(await asked('--checks', 'image')).to.include('127.0.0.1:1/proxy/my-app')
    expect(await asked('--checks', 'image,upgrade', '--installed', installed, '--hosts-dir', folder.path)).to.not.include('127.0.0.1:1')
  })

  it('gives values of an Installation, of a release and of an installer too', async () => {
    for (const [file, bytes] of [
      ['installation.json', Buffer.from(JSON.stringify(installations))],
      ['release.tgz', releaseArchive(files)],
      ['my-app', installer(releaseArchive(files))],
    ] as const) {
      const { out, code } = await command(['values', '--format', 'json', '--config', folder.file(file, bytes)])
      expect([code, JSON.parse(out).initContainers[1].image]).to.deep.equal([0, plugin.image])
    }
  })

  const configMap = `apiVersion: v1\nkind: ConfigMap\ndata:\n  note: |\n    apiVersion: embeddedcluster.replicated.com/v1beta1\n`
  const archive = (...entries: readonly TarFile[]) => gzipSync(tar(entries))
  for (const [title, bytes, code, words] of [
    [
      'a later document that has the two texts is taken',
      archive({ name: 'a.yaml', data: config }, { name: 'b.yaml', data: configMap }),
      'CONFIG_OTHER_TAKEN',
      'a document of kind "ConfigMap" at',
    ],
    [
      'a file that is searched as a whole is taken too',
      archive({ name: 'a.yaml', data: config }, { name: 'notes.txt', data: `# Write\n${configMap}` }),
      'CONFIG_OTHER_TAKEN',
      'notes.txt:2:1',
    ],
    [
      'a comment before it says something else',
      archive({ name: 'a.yaml', data: `# beside apiVersion: kots.io/v1beta1\n${config}` }),
      'CONFIG_NOT_SEEN',
      'finds "apiVersion: kots.io/v1beta1" in this one first',
    ],
    [
      "in a file whose name begins with ./ another document is KOTS's",
      archive({ name: './a.yaml', data: `${config}---\napiVersion: kots.io/v1beta1\nkind: Config\n` }),
      'CONFIG_NOT_SEEN',
      'finds "apiVersion: kots.io/v1beta1" in this one first',
    ],
    [
      'in a file whose name begins with ./ the first document alone is decoded',
      archive({ name: './a.yaml', data: `apiVersion: v1\nkind: Secret\n---\n${config}` }),
      'CONFIG_OTHER_TAKEN',
      'a document of kind "Secret" at',
    ],
    [
      'a comment makes it something else',
      archive({ name: 'a.yaml', data: `${config}# apiVersion: kots.io/v1beta1\n` }),
      'CONFIG_NOT_SEEN',
      'finds "apiVersion: kots.io/v1beta1" in this one first',
    ],
  ] as const)
    it(`warns where Embedded Cluster takes another document: ${title}`, async () => {
      const { json } = await check('release.tgz', bytes)
      expect(json.warn.map(result => result.code)).to.deep.equal([code])
      expect(json.warn[0]?.message).to.include(words)
    })

  const readme = `Write\n\napiVersion: embeddedcluster.replicated.com/v1beta1\nkind: Config\n`
  const cut = 'apiVersion: embeddedcluster.replicated.com/v1beta1\nkind: ConfigMap\nspec: []\n'
  for (const [what, entries, words] of [
    [
      'is no YAML',
      [
        { name: 'a.yaml', data: config },
        { name: 'README.md', data: readme },
      ],
      /document at \S+README\.md:1:1 .*README\.md:3:11: /,
    ],
    [
      'is no YAML and not the last',
      [
        { name: 'README.md', data: readme },
        { name: 'a.yaml', data: config },
      ],
      /README\.md:1:1/,
    ],
    [
      'has other fields',
      [{ name: 'a.yaml', data: `x: y\n---\n${cut}---\n${config}` }],
      /a\.yaml:2:1 .*cannot unmarshal array into Go struct/,
    ],
  ] as const)
    it(`fails where Embedded Cluster takes a document for a Config that ${what}, and ends`, async () => {
      const { json, code } = await check('release.tgz', archive(...entries))
      expect(code).to.equal(3)
      expect(json.fail.map(({ code }) => code)).to.deep.equal(['CONFIG_RELEASE_UNDECODABLE'])
      expect(json.fail[0]?.message).to.match(words)
    })

  it('says nothing where Embedded Cluster takes the Config that is expected', async () => {
    for (const entries of [
      [
        { name: 'a.yaml', data: configMap },
        { name: 'b.yaml', data: config },
      ],
      [{ name: './a.yaml', data: `${config}---\napiVersion: v1\nkind: Secret\n` }],
      [{ name: 'a.yaml', data: `apiVersion: v1\nkind: Secret\n---\n${config}` }],
    ])
      expect((await check('release.tgz', archive(...entries))).code).to.equal(0)
  })
})

const noise = Buffer.from(Array.from({ length: 3 << 20 }, (_, index) => (index * 2654435761) >>> 13))
