import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { networkOf } from '../../src/world/load-node-settings.ts'
import { readNodeSettings } from '../../src/world/node-settings.ts'
import { makeCertificate } from '../support/certificate.ts'
import { type Scratch, scratch } from '../support/command.ts'

const ec = 'etc/embedded-cluster/ec.yaml'
const controller = 'etc/systemd/system/k0scontroller.service.d/http-proxy.conf'
const worker = 'etc/systemd/system/k0sworker.service.d/http-proxy.conf'
const noted = 'proxy:\n  httpProxy: http://noted:1\n  httpsProxy: http://noted:2\n  noProxy: noted.test\n  providedNoProxy: x\n'
const dropIn = (name: string) =>
  `[Service]\nEnvironment="HTTP_PROXY=http://${name}:1"\nEnvironment="HTTPS_PROXY=http://${name}:2"\nEnvironment="NO_PROXY=${name}.test"`

describe('settings of a node', () => {
  let folder: Scratch
  beforeEach(() => {
    folder = scratch()
  })
  afterEach(() => folder.remove())
  const put = (files: Readonly<Record<string, string>>) => {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(folder.path, name)), { recursive: true })
      writeFileSync(join(folder.path, name), text)
    }
    return readNodeSettings(folder.path)
  }
  const codeOf = (work: () => unknown): string => {
    try {
      work()
    } catch (error) {
      if (error instanceof PreflightError) return error.code
      throw error
    }
    return 'none'
  }

  it('are what Embedded Cluster has noted before it installs', () => {
    expect(put({ [ec]: noted }).proxy).to.deep.equal({
      settings: { httpProxy: 'http://noted:1', httpsProxy: 'http://noted:2', noProxy: 'noted.test' },
      file: join(folder.path, ec),
    })
  })

  for (const [title, file] of [
    ['controller', controller],
    ['worker', worker],
  ] as const)
    it(`are those that systemd gives to the ${title} before all others`, () => {
      const { proxy } = put({ [ec]: noted, [file]: dropIn(title) })
      expect(proxy).to.deep.equal({
        settings: { httpProxy: `http://${title}:1`, httpsProxy: `http://${title}:2`, noProxy: `${title}.test` },
        file: join(folder.path, file),
      })
    })

  it('are those of a drop-in of the user that comes after', () => {
    const own = controller.replace('http-proxy', 'zz-own')
    const { proxy } = put({ [controller]: dropIn('first'), [own]: '[Service]\nEnvironment=HTTPS_PROXY=http://own:3' })
    expect([proxy?.settings.httpProxy, proxy?.settings.httpsProxy, proxy?.file]).to.deep.equal([
      'http://first:1',
      'http://own:3',
      join(folder.path, own),
    ])
  })

  it('have no proxy where none is named', () => {
    expect(put({ [ec]: 'dataDir: /var/lib/embedded-cluster\n' }).proxy).to.equal(undefined)
    expect(put({ [ec]: 'proxy: none\n' }).proxy).to.equal(undefined)
    expect(put({ [ec]: '' }).proxy).to.equal(undefined)
  })

  it('trust the first bundle in the order of Go, and the one that containerd is told', () => {
    const [first, second, told] = [makeCertificate(), makeCertificate(), makeCertificate()].map(({ cert }) => cert.trim())
    const files = { [ec]: '', 'etc/ssl/cert.pem': second!, 'etc/pki/tls/certs/ca-bundle.crt': first!, 'opt/ca.pem': told! }
    expect(put(files).authorities).to.deep.equal({ file: join(folder.path, 'etc/pki/tls/certs/ca-bundle.crt'), pems: [first] })
    expect(put({ [controller]: '[Service]\nEnvironment=SSL_CERT_FILE=/opt/ca.pem' }).authorities).to.deep.equal({
      file: join(folder.path, 'opt/ca.pem'),
      pems: [told],
    })
  })

  for (const [title, files, code] of [
    ['a folder that is none of a node', { 'etc/hosts': '' }, 'FILE_NOT_FOUND'],
    ['an ec.yaml that is no YAML', { [ec]: 'a: [' }, 'YAML_INVALID'],
    ['a bundle without certificates', { [ec]: '', 'etc/ssl/cert.pem': 'no' }, 'FILE_UNREADABLE'],
    ['a file that is too large', { [ec]: `#${'x'.repeat(1 << 20)}` }, 'FILE_UNREADABLE'],
  ] as const)
    it(`are not guessed with ${title}: ${code}`, () => expect(codeOf(() => put(files))).to.equal(code))

  it('are not guessed with a folder that is not there', () => {
    expect(codeOf(() => readNodeSettings(join(folder.path, 'none')))).to.equal('FILE_NOT_FOUND')
  })

  describe('beside the environment', () => {
    const none = { httpProxy: '', httpsProxy: '', noProxy: '' }
    it('count when that names no proxy, and say from where they are', async () => {
      put({ [ec]: noted })
      const { proxy, source } = await networkOf(folder.path, { ...none, noProxy: 'ignored' })
      expect([proxy.httpsProxy, proxy.noProxy, source]).to.deep.equal(['http://noted:2', 'noted.test', { proxy: join(folder.path, ec) }])
    })
    it('give way to it when it names one', async () => {
      put({ [ec]: noted })
      const environment = { ...none, httpProxy: 'http://mine:1' }
      expect(await networkOf(folder.path, environment)).to.deep.include({ proxy: environment, source: { proxy: 'the environment' } })
    })
    it('are not asked for without the flag', async () => {
      expect(await networkOf(undefined, none)).to.deep.equal({ proxy: none })
    })
  })
})
