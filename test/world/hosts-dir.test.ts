import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { hostsFromDirs, hostsFromNode } from '../../src/world/hosts-dir.ts'

describe('hosts of a machine', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'hosts-dir-'))
  })
  afterEach(() => rmSync(folder, { recursive: true }))
  const write = (name: string, text: string) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true })
    writeFileSync(join(folder, name), text)
    return join(folder, name)
  }
  const names = (result: ReturnType<ReturnType<typeof hostsFromDirs>>) =>
    result.ok ? result.hosts.map(({ host }) => host) : result.message

  describe('with --hosts-dir', () => {
    const refusal = (list: string): PreflightError => {
      try {
        hostsFromDirs(list)
      } catch (error) {
        if (error instanceof PreflightError) return error
        throw error
      }
      throw new Error('was taken')
    }

    it('are those of its hosts.toml files', () => {
      const file = write('docker.io/hosts.toml', '[host."https://mirror"]\n')
      const result = hostsFromDirs(folder)('docker.io')
      expect(names(result)).to.deep.equal(['mirror', 'registry-1.docker.io'])
      expect(result.source).to.deep.equal({ kind: 'hostsToml', file })
    })

    it('come from the first of several folders that knows the registry', () => {
      write('one/a/hosts.toml', 'server = "https://one"\n')
      write('two/a/hosts.toml', 'server = "https://two"\n')
      write('two/b/hosts.toml', 'server = "https://b2"\n')
      const hostsOf = hostsFromDirs(`${folder}/one:${folder}/two`)
      expect([names(hostsOf('a')), names(hostsOf('b')), names(hostsOf('c'))]).to.deep.equal([['one'], ['b2'], ['c']])
    })

    it('may be given relative to the working folder', () => {
      write('a/hosts.toml', 'server = "https://s"\n')
      expect(names(hostsFromDirs(relative(process.cwd(), folder))('a'))).to.deep.equal(['s'])
    })

    it('say that a file that they need is missing', () => {
      write('a/hosts.toml', 'ca = "ca.pem"\n')
      expect(hostsFromDirs(folder)('a')).to.include({ ok: false, refused: true, file: join(folder, 'a/ca.pem') })
    })

    it('need the folder above those of the registries', () => {
      write('docker.io/hosts.toml', '[host."https://mirror"]\n')
      const error = refusal(join(folder, 'docker.io'))
      expect(error.code).to.equal('FILE_UNREADABLE')
      expect(error.message).to.contain('it is the folder of one registry: it holds a hosts.toml')
      expect(error.hint).to.contain('Give the folder above it.')
    })

    it('take a colon for what stands between two folders, and say so', () => {
      expect(refusal(join(folder, 'reg.example.com:5000')).hint).to.contain('A colon stands between two folders')
    })

    it('need a folder that exists', () => {
      const error = refusal(`${folder}:${folder}/none`)
      expect(error.code).to.equal('FILE_NOT_FOUND')
      expect(error.message).to.include(`${folder}/none: there is no such folder`)
      expect(refusal('').code).to.equal('FILE_NOT_FOUND')
      expect(refusal(':').code).to.equal('FILE_NOT_FOUND')
    })

    it('need a folder that is one', () => {
      const error = refusal(write('a/hosts.toml', ''))
      expect(error.code).to.equal('FILE_UNREADABLE')
      expect(error.message).to.include('it is a file')
      expect(error.hint).to.include('docker.io/hosts.toml')
    })
  })

  describe('with k0s', () => {
    const node = () => ({
      folder: join(folder, 'k0s'),
      main: join(folder, 'k0s/containerd.toml'),
      imports: [join(folder, 'k0s/containerd.d/*.toml')],
    })

    it("are those that its containerd's configuration leads to", () => {
      write('k0s/containerd.toml', `version = 3\nimports = ["${folder}/k0s/containerd.d/*.toml"]\n`)
      write('k0s/containerd.d/registry.toml', `[plugins."io.containerd.cri.v1.images".registry]\nconfig_path = "${folder}/certs.d"\n`)
      write('certs.d/a/hosts.toml', 'server = "https://s"\n')
      expect(names(hostsFromNode('/', node())!('a'))).to.deep.equal(['s'])
    })

    it('are known from its drop-ins before it has started', () => {
      write('k0s/containerd.d/registry.toml', '[plugins."io.containerd.grpc.v1.cri".registry.mirrors."a"]\nendpoint = ["https://m"]\n')
      expect(names(hostsFromNode('/', node())!('a'))).to.deep.equal(['m', 'a'])
    })

    it('are each registry itself where nothing is configured', () => {
      mkdirSync(join(folder, 'k0s'))
      expect(names(hostsFromNode('/', node())!('a'))).to.deep.equal(['a'])
    })

    it('are none where there is no k0s', () => {
      expect(hostsFromNode('/', node())).to.equal(undefined)
    })
  })
})
