import { expect } from 'chai'
import { readConfigFiles } from '../../src/containerd/config-files.ts'
import { nodeRegistries } from '../../src/containerd/registries.ts'
import type { RegistryHost } from '../../src/containerd/registry-host.ts'
import { makeCertificate } from '../support/certificate.ts'
import { nodeTree } from './node-tree.ts'

const main = '/etc/k0s/containerd.toml'
const plugin = { 1: 'plugins."io.containerd.grpc.v1.cri"', 2: 'plugins."io.containerd.cri.v1.images"' } as const
const version = { 1: 'version = 2\n', 2: 'version = 3\n' } as const

/** `toml` with `$` for the plugin of that containerd. */
const read = (major: 1 | 2, toml: string, registry = 'docker.io', files: Readonly<Record<string, string>> = {}) => {
  const tree = nodeTree({ ...files, [main]: `${version[major]}${toml.replaceAll('$', plugin[major])}` })
  return nodeRegistries(readConfigFiles(main, [], tree), tree)(registry)
}
const hostsOf = (...parameters: Parameters<typeof read>): readonly RegistryHost[] => {
  const result = read(...parameters)
  if (!result.ok) throw new Error(result.message)
  return result.hosts
}
const urls = (hosts: readonly RegistryHost[]) => hosts.map(({ scheme, host, path }) => `${scheme}://${host}${path}`)
const kinds = (...parameters: Parameters<typeof read>) => read(...parameters).problems.map(({ kind }) => kind)

describe('registry.mirrors', () => {
  const mirrors = (registry: string, ...endpoints: readonly string[]) =>
    `[$.registry.mirrors."${registry}"]\nendpoint = ${JSON.stringify(endpoints)}\n`

  for (const major of [1, 2] as const) {
    it(`are asked in their order, and then the registry itself (containerd ${major})`, () => {
      expect(urls(hostsOf(major, mirrors('docker.io', 'https://b', 'http://a:5000')))).to.deep.equal([
        'https://b/v2',
        'http://a:5000/v2',
        'https://registry-1.docker.io/v2',
      ])
    })
  }

  it('of * are for registries that have none of their own', () => {
    const toml = `${mirrors('*', 'https://any')}${mirrors('a', 'https://own')}${mirrors('b')}`
    expect(urls(hostsOf(2, toml, 'c'))).to.deep.equal(['https://any/v2', 'https://c/v2'])
    expect(urls(hostsOf(2, toml, 'a'))).to.deep.equal(['https://own/v2', 'https://a/v2'])
    expect(urls(hostsOf(2, toml, 'b'))).to.deep.equal(['https://b/v2'])
  })

  it('may hold the registry itself, which is then not asked again', () => {
    expect(urls(hostsOf(2, mirrors('a:5000', 'http://a:5000/x', 'https://b'), 'a:5000'))).to.deep.equal(['http://a:5000/x', 'https://b/v2'])
    expect(urls(hostsOf(2, mirrors('docker.io', 'https://registry-1.docker.io')))).to.have.length(2)
  })

  it('without a scheme are asked in HTTPS, on this machine in HTTP', () => {
    expect(urls(hostsOf(2, mirrors('a', 'm', 'localhost:5000/x', '127.0.0.1'), 'a')).slice(0, 3)).to.deep.equal([
      'https://m/v2',
      'http://localhost:5000/x',
      'http://127.0.0.1/v2',
    ])
  })

  it('keep their path as it is, which is a problem where it lacks /v2', () => {
    const toml = mirrors('a', 'https://m/proxy', 'https://m/v2/proxy')
    expect(urls(hostsOf(2, toml, 'a')).slice(0, 2)).to.deep.equal(['https://m/proxy', 'https://m/v2/proxy'])
    const result = read(2, toml, 'a')
    expect(result.problems.map(({ kind }) => kind)).to.deep.equal(['tablesOld', 'pathWithoutApi'])
    expect(result.problems[1]!.message).to.include('m/proxy/v2')
  })

  it('may pull and resolve, with containerd 2 also list referrers', () => {
    expect(hostsOf(1, mirrors('a', 'https://m'), 'a')[0]!.capabilities).to.deep.equal(['pull', 'resolve'])
    expect(hostsOf(2, mirrors('a', 'https://m'), 'a')[0]!.capabilities).to.deep.equal(['pull', 'resolve', 'referrers'])
  })

  it('that are no URLs make the registry unreachable', () => {
    expect(read(2, mirrors('a', 'https://m%zz'), 'a')).to.include({ ok: false, refused: true })
    expect(read(2, mirrors('a', 'https://m%zz'), 'b').ok).to.equal(true)
  })

  it('do not go together with config_path: containerd then runs nothing', () => {
    for (const major of [1, 2] as const) {
      const result = read(major, `[$.registry]\nconfig_path = "/x"\n${mirrors('a', 'https://m')}`, 'b')
      expect(result).to.include({ ok: false, refused: true })
      expect(!result.ok && result.message)
        .to.include(main)
        .and.include('both set')
    }
  })

  it('are a problem of their own, as they are to go', () => {
    const [one] = read(1, mirrors('a', 'https://m'), 'a').problems
    expect(one).to.include({ kind: 'tablesOld', file: main })
    expect(one!.message).to.include('k0s 1.36')
    expect(read(2, mirrors('a', 'https://m'), 'a').problems[0]!.message).to.include('containerd 2.7')
    expect(kinds(2, mirrors('a', 'https://m'), 'b')).to.deep.equal([])
  })
})

describe('registry.configs', () => {
  const { cert, key } = makeCertificate()
  const files = { '/t/ca.pem': cert, '/t/c.pem': cert, '/t/k.pem': key, '/t/junk.pem': 'junk' }
  const tls = (host: string, settings: string) => `[$.registry.configs."${host}".tls]\n${settings}\n`

  it('give a host of containerd 1 its TLS settings, whether it is a mirror or the registry', () => {
    const toml = tls('10.0.0.5:5000', 'insecure_skip_verify = true')
    expect(hostsOf(1, toml, '10.0.0.5:5000')[0]!.skipVerify).to.equal(true)
    expect(read(1, toml, '10.0.0.5:5000').source).to.deep.equal({ kind: 'mirrors', files: [main] })
    expect(read(1, toml, 'a').source).to.deep.equal({ kind: 'none' })
  })

  it('name a CA and a client certificate', () => {
    const [host] = hostsOf(1, tls('a', 'ca_file = "/t/ca.pem"\ncert_file = "/t/c.pem"\nkey_file = "/t/k.pem"'), 'a', files)
    expect(host!.ca.map(({ file }) => file)).to.deep.equal(['/t/ca.pem'])
    expect(host!.client.map(pair => [pair.cert.file, pair.key.file])).to.deep.equal([['/t/c.pem', '/t/k.pem']])
  })

  it('may name a CA without a certificate, unlike hosts.toml', () => {
    expect(hostsOf(1, tls('a', 'ca_file = "/t/junk.pem"'), 'a', files)[0]!.ca).to.deep.equal([])
  })

  for (const [what, settings] of [
    ['a CA that does not exist', 'ca_file = "/t/none"'],
    ['a certificate without a key', 'cert_file = "/t/c.pem"'],
    ['a key without a certificate', 'key_file = "/t/k.pem"'],
    ['a key that is none', 'cert_file = "/t/c.pem"\nkey_file = "/t/junk.pem"'],
  ] as const) {
    it(`make the registry unreachable with ${what}`, () => {
      expect(read(1, tls('a', settings), 'a', files)).to.include({ ok: false, refused: true })
      expect(read(1, tls('a', settings), 'b', files).ok).to.equal(true)
    })
  }

  it('with tls do not go together with config_path in containerd 1', () => {
    expect(read(1, `[$.registry]\nconfig_path = "/x"\n${tls('a', '')}`)).to.include({ ok: false, refused: true })
  })

  it('lose their TLS settings with containerd 2, which is a problem', () => {
    const toml = tls('a', 'insecure_skip_verify = true')
    expect(hostsOf(2, toml, 'a')[0]!.skipVerify).to.equal(false)
    expect(kinds(2, toml, 'a')).to.deep.equal(['tlsUnread'])
    expect(kinds(2, toml, 'b')).to.deep.equal([])
  })

  for (const major of [1, 2] as const) {
    it(`hold the node's own login for a host (containerd ${major})`, () => {
      const toml = '[$.registry.configs."m".auth]\nusername = "u"\npassword = "p"\n[$.registry.mirrors."a"]\nendpoint = ["https://m"]\n'
      expect(hostsOf(major, toml, 'a').map(({ login }) => login)).to.deep.equal([{ username: 'u', password: 'p' }, undefined])
    })
  }

  it('hold the login also where config_path is set', () => {
    const toml = '[$.registry]\nconfig_path = "/x"\n[$.registry.configs."registry-1.docker.io".auth]\nusername = "u"\npassword = "p"\n'
    expect(hostsOf(2, toml)[0]!.login).to.deep.equal({ username: 'u', password: 'p' })
  })

  it('take over what auths holds, by host where that is a URL', () => {
    const toml = '[$.registry.auths."https://registry-1.docker.io/v1/"]\nusername = "u"\npassword = "p"\n'
    expect(hostsOf(2, toml)[0]!.login).to.deep.equal({ username: 'u', password: 'p' })
    expect(hostsOf(2, '[$.registry.auths."a:5000"]\nusername = "u"\n', 'a:5000')[0]!.login).to.equal(undefined)
  })
})

describe('registry.config_path', () => {
  const folder = '/etc/k0s/certs'
  const files = { [`${folder}/docker.io/hosts.toml`]: '[host."https://m"]\n' }
  const path = (list: string) => `[$.registry]\nconfig_path = "${list}"\n`

  it('names the folder with the hosts.toml files', () => {
    expect(urls(hostsOf(2, path(folder), 'docker.io', files))).to.deep.equal(['https://m/v2', 'https://registry-1.docker.io/v2'])
    const { source, problems } = read(2, path(folder), 'docker.io', files)
    expect(source).to.deep.equal({ kind: 'hostsToml', file: `${folder}/docker.io/hosts.toml` })
    expect(problems).to.deep.equal([])
  })

  it('is a list for containerd 1', () => {
    expect(urls(hostsOf(1, path(`/none:${folder}`), 'docker.io', files))).to.have.length(2)
  })

  it('is no list for containerd 2, which is a problem where a folder in it knows the registry', () => {
    const result = read(2, path(`/none:${folder}`), 'docker.io', files)
    expect(result.ok && urls(result.hosts)).to.deep.equal(['https://registry-1.docker.io/v2'])
    expect(result.problems.map(({ kind }) => kind)).to.deep.equal(['foldersUnread'])
    expect(result.problems[0]!.message).to.include(`${folder}/docker.io/hosts.toml`).and.include('a single folder')
    expect(kinds(2, path(`/none:${folder}`), 'a', files)).to.deep.equal([])
  })

  for (const setting of [
    'use_local_image_pull = true',
    'discard_unpacked_layers = true',
    'disable_snapshot_annotations = false',
    'image_pull_with_sync_fs = true',
    'max_concurrent_downloads = 5',
  ]) {
    it(`is a list for containerd 2 with ${setting}, which keeps it from the transfer service`, () => {
      expect(urls(hostsOf(2, `[$]\n${setting}\n${path(`/none:${folder}`)}`, 'docker.io', files))).to.have.length(2)
    })
  }

  it('is, with containerd 2, by itself a list of two folders, of which none is read', () => {
    const standard = { '/etc/containerd/certs.d/docker.io/hosts.toml': '[host."https://m"]\n' }
    expect(urls(hostsOf(2, '', 'docker.io', standard))).to.have.length(1)
    expect(kinds(2, '', 'docker.io', standard)).to.deep.equal(['foldersUnread'])
    expect(urls(hostsOf(2, '[$]\nuse_local_image_pull = true\n', 'docker.io', standard))).to.have.length(2)
    expect(urls(hostsOf(1, '', 'docker.io', standard))).to.have.length(1)
  })

  it('may be empty, which is the same as none', () => {
    expect(urls(hostsOf(1, `${path('')}[$.registry.mirrors."docker.io"]\nendpoint = ["https://x"]\n`))).to.have.length(2)
  })
})

describe("containerd's configuration", () => {
  it('adds its headers to those of each host', () => {
    const files = { '/x/a/hosts.toml': '[host."https://m"]\n[host."https://m".header]\nx = "2"\n' }
    const [mirror, own] = hostsOf(2, '[$.registry]\nconfig_path = "/x"\n[$.registry.headers]\nx = ["1"]\ny = ["z"]\n', 'a', files)
    expect(mirror!.header).to.deep.equal({ x: ['1', '2'], y: ['z'] })
    expect(own!.header).to.deep.equal({ x: ['1'], y: ['z'] })
  })

  it('is merged from several files, table by table', () => {
    const drop = '/etc/k0s/containerd.d/a.toml'
    const toml = `imports = ["containerd.d/*.toml"]\n[$.registry.mirrors."a"]\nendpoint = ["https://one"]\n[$.registry.mirrors."b"]\nendpoint = ["https://two"]\n`
    const files = { [drop]: `[${plugin[2]}.registry.mirrors."a"]\nendpoint = ["https://three"]\n` }
    expect(urls(hostsOf(2, toml, 'a', files))).to.deep.equal(['https://three/v2', 'https://a/v2'])
    expect(urls(hostsOf(2, toml, 'b', files))).to.deep.equal(['https://two/v2', 'https://b/v2'])
    expect(read(2, toml, 'a', files).source).to.deep.equal({ kind: 'mirrors', files: [main, drop] })
  })

  it('of containerd 2 takes over the table of the older plugin, until version 4', () => {
    const older = `[${plugin[1]}.registry.mirrors."a"]\nendpoint = ["https://m"]\n`
    const tree = (head: string) => nodeTree({ [main]: `${head}${older}[${plugin[2]}]\n` })
    const hosts = (head: string) => nodeRegistries(readConfigFiles(main, [], tree(head)), tree(head))('a')
    expect(hosts('version = 2\n').source.kind).to.equal('mirrors')
    expect(hosts('version = 4\n').source.kind).to.equal('none')
  })

  for (const [what, toml] of [
    ['a config_path that is no string', '[$.registry]\nconfig_path = 3\n'],
    ['endpoints that are no list', '[$.registry.mirrors."a"]\nendpoint = "https://m"\n'],
    ['a mirror that is no table', '[$.registry.mirrors]\na = 1\n'],
    ['a registry that is no table', '[$]\nregistry = 1\n'],
    ['headers that are no lists', '[$.registry.headers]\nx = "1"\n'],
    ['a switch of another type', '[$]\nuse_local_image_pull = "yes"\n'],
    ['an auth that is no URL', '[$.registry.auths."https://a b"]\n'],
  ] as const) {
    it(`is refused with ${what}, and every registry with it`, () => {
      const result = read(2, toml, 'any')
      expect(result).to.include({ ok: false, refused: true })
      expect(!result.ok && result.message).to.include('runs no container')
    })
  }

  it('that is not TOML is refused', () => {
    expect(read(2, 'x = \n')).to.include({ ok: false, refused: true, file: main })
  })

  it('that may not be read leaves what a node asks unknown', () => {
    const tree = nodeTree({})
    const result = nodeRegistries({ ok: false, fault: { file: main, why: 'may not be read', refused: false } }, tree)('a')
    expect(result).to.include({ ok: false, refused: false })
    expect(!result.ok && result.hint).to.include('--hosts-dir')
  })

  it('gives no password in a problem or a message', () => {
    const toml = '[$.registry.mirrors."a"]\nendpoint = ["https://u:s3cret@m/x"]\n[$.registry.configs."m".auth]\npassword = "s3cret"\n'
    const { hosts: _, ...rest } = read(2, toml, 'a') as { hosts?: unknown }
    expect(JSON.stringify(rest)).to.not.include('s3cret')
  })

  it('of a machine without any asks each registry itself', () => {
    const tree = nodeTree({})
    expect(nodeRegistries(readConfigFiles(main, [], tree), tree)('a')).to.deep.include({ ok: true, source: { kind: 'none' }, problems: [] })
  })
})
