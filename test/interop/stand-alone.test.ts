// peers: crane registry
// packages: apache2-utils qemu-user-static
import { appendFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'chai'
import { targets } from '../../packaging/nodes.ts'
import { version } from '../../src/version.ts'
import { type ApiServer, startApiServer } from '../support/api-server.ts'
import { command, configText, type JsonReport, type Scratch, scratch, verdicts } from '../support/command.ts'
import { pluginImage } from '../support/image-builder.ts'
import { peer, run, succeed } from './peers.ts'
import { endAll } from './processes.ts'
import { certificate, type RealRegistry, startDistribution, writeLayout } from './registries.ts'
import { type BareRoot, bareRoot, standAlone, targetHere } from './stand-alone.ts'

const inRoot = ({ command: [program, ...first] }: BareRoot, args: readonly string[]) => run(program!, [...first, ...args])

describe('the stand-alone binary', () => {
  let registry: RealRegistry
  let tls: ReturnType<typeof certificate>

  before(async function () {
    const crane = await peer(this, 'crane')
    tls = certificate()
    registry = await startDistribution(this, { tls })
    const layout = writeLayout(pluginImage({ name: 'x' }), 'v1')
    await succeed(crane, ['push', layout, `${registry.host}/acme/x:v1`], { env: { SSL_CERT_FILE: tls.file } })
  })
  after(endAll)

  for (const target of targets)
    describe(`for ${target.name}, in a root folder with nothing but it, a few libraries and certificates`, function () {
      this.timeout(180_000)
      let root: BareRoot

      before(async function () {
        root = await bareRoot(this, target)
        appendFileSync(join(root.folder, 'etc/ssl/certs/ca-certificates.crt'), tls.cert)
        writeFileSync(join(root.folder, 'config.yaml'), configText({ name: 'x', image: `${registry.host}/acme/x:v1` }))
      })

      it('says its version, its commit and its Node', async () => {
        const { code, stdout } = await inRoot(root, ['--version'])
        expect(stdout).to.match(
          new RegExp(`^${version.replaceAll('.', '\\.')} \\(commit [0-9a-f]{12}(-changed)?, Node 24\\.[0-9.]+, ${target.name}\\)\n$`),
        )
        expect(code).to.equal(0)
      })

      it('checks an image in a registry over TLS, trusted by the certificates that are there', async () => {
        const { code, stdout, stderr } = await inRoot(root, ['run', '--config', '/config.yaml', '--format', 'json'])
        expect(verdicts(JSON.parse(stdout) as JsonReport), stderr).to.include.members([
          'image x: pass IMAGE_RESOLVED',
          'binaries x: pass BINARIES_OK',
        ])
        expect(code).to.equal(4)
        expect(readdirSync(root.folder).filter(name => name.startsWith('preflightbundle-'))).to.have.length(1)
      })

      if (target === targetHere())
        for (const library of ['libc.so.6', 'libm.so.6', 'libdl.so.2', 'libpthread.so.0', 'libstdc++.so.6', 'libgcc_s.so.1'])
          it(`names ${library} where it is missing`, async () => {
            const [triple] = readdirSync(join(root.folder, 'lib'))
            const path = join(root.folder, 'lib', triple!, library)
            renameSync(path, `${path}.gone`)
            const { code, stderr } = await inRoot(root, ['--version'])
            renameSync(`${path}.gone`, path)
            expect(stderr).to.contain(`${library}: cannot open shared object file`)
            expect(code).to.equal(127)
          })
    })

  describe('says what the package says', () => {
    let binary: string
    let folder: Scratch
    let api: ApiServer

    before(async function () {
      binary = await standAlone(this)
      api = await startApiServer()
      api.put({ 'api/v1/nodes': [], 'api/v1/namespaces/velero/secrets': [] })
      folder = scratch()
      folder.file('config.yaml', configText({ name: 'x', image: `${registry.host}/acme/x:v1` }))
      const cluster = {
        apiVersion: 'v1',
        kind: 'Config',
        'current-context': 'c',
        contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
      }
      folder.file(
        'kubeconfig',
        JSON.stringify({
          ...cluster,
          clusters: [{ name: 'c', cluster: { server: api.url } }],
          users: [{ name: 'u', user: { token: 't' } }],
        }),
      )
    })
    after(async () => {
      folder.remove()
      await api.close()
    })

    // Each needs a part that is loaded only for it.
    const cases: readonly (readonly string[])[] = [
      ['--help'],
      ['run', '--help'],
      ['rbac'],
      ['run', '--config', 'config.yaml', '--no-bundle', '--no-cache', '--quiet', '--ca-file', 'CA'],
      ['run', '--config', 'config.yaml', '--no-bundle', '--no-cache', '--quiet', '--ca-file', 'CA', '--format', 'yaml'],
      ['run', '--config', 'config.yaml', '--no-bundle', '--checks', 'config', '--from-cluster', '--kubeconfig', 'kubeconfig'],
      ['run', '--config', 'config.yaml', '--no-bundle', '--refresh-trusted-root', '--tuf-mirror', 'http://127.0.0.1:1'],
      ['verify', 'REGISTRY/acme/x:v1', '--ca-file', 'CA', '--certificate-identity', 'a@b.c', '--certificate-oidc-issuer', 'https://b.c'],
      ['run', '--config', 'nothing.yaml'],
      ['run', '--nonsense'],
    ]
    for (const [index, argv] of cases.entries())
      it(argv.join(' '), async () => {
        const args = argv.map(word => (word === 'CA' ? tls.file : word.replace('REGISTRY', registry.host)))
        const env = { HOME: folder.path, XDG_CACHE_HOME: join(folder.path, `cache-${index}`) }
        const ours = await run(binary, args, { cwd: folder.path, env })
        const theirs = await inFolder(folder.path, () => command(args, { cwd: folder.path, env }))
        expect(withoutTimes(ours.stdout)).to.equal(withoutTimes(theirs.out))
        expect(withoutTimes(ours.stderr)).to.equal(withoutTimes(theirs.err))
        expect(ours.code).to.equal(theirs.code)
      })
  })
})

/** Paths on the command line are of the working folder, which a process has one of. */
const inFolder = async <T>(folder: string, action: () => Promise<T>): Promise<T> => {
  const before = process.cwd()
  process.chdir(folder)
  try {
    return await action()
  } finally {
    process.chdir(before)
  }
}

const withoutTimes = (text: string): string => text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
