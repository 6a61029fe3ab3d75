import { expect } from 'chai'
import { registryHosts } from '../../src/containerd/hosts.ts'
import type { RegistryHost } from '../../src/containerd/registry-host.ts'
import { makeCertificate } from '../support/certificate.ts'
import { nodeTree, root } from './node-tree.ts'

const read = (registry: string, files: Readonly<Record<string, string>>, roots: readonly string[] = [root]) =>
  registryHosts(registry, roots, nodeTree(files))

const hostsOf = (registry: string, files: Readonly<Record<string, string>>, roots?: readonly string[]): readonly RegistryHost[] => {
  const result = read(registry, files, roots)
  if (!result.ok) throw new Error(result.message)
  return result.hosts
}
const urls = (hosts: readonly RegistryHost[]) => hosts.map(({ scheme, host, path }) => `${scheme}://${host}${path}`)
const all = ['pull', 'resolve', 'push', 'referrers']

describe('a registry that no file speaks of', () => {
  for (const [registry, url, more] of [
    ['registry.example.com', 'https://registry.example.com/v2', {}],
    ['registry.example.com:80', 'https://registry.example.com:80/v2', {}],
    ['docker.io', 'https://registry-1.docker.io/v2', {}],
    ['localhost', 'https://localhost/v2', { skipVerify: true }],
    ['127.0.0.1:443', 'https://127.0.0.1:443/v2', { skipVerify: true }],
    ['localhost:5000', 'https://localhost:5000/v2', { skipVerify: true, httpFallback: true }],
    ['localhost:80', 'http://localhost:80/v2', {}],
  ] as const) {
    it(`is asked at ${url}${'httpFallback' in more ? ', then in plain HTTP' : ''}`, () => {
      const result = read(registry, {})
      expect(result.source).to.deep.equal({ kind: 'none' })
      const [host, ...others] = hostsOf(registry, {})
      expect(others).to.deep.equal([])
      expect(urls([host!])).to.deep.equal([url])
      expect(host).to.deep.include({ skipVerify: false, httpFallback: false, capabilities: all, header: {}, ca: [], client: [], ...more })
    })
  }

  it('connects within 30 seconds', () => {
    expect(hostsOf('docker.io', {})[0]!.dialTimeoutMs).to.equal(30_000)
  })
})

describe('the folder of a registry', () => {
  const named = (name: string) => `server = "https://${name}"\n`

  it('is the one with its port in underscores, then the one with a colon, then _default', () => {
    const files = { 'a_5000_/hosts.toml': named('one'), 'a:5000/hosts.toml': named('two'), '_default/hosts.toml': named('three') }
    expect(urls(hostsOf('a:5000', files))).to.deep.equal(['https://one/v2'])
    expect(urls(hostsOf('a:5000', { 'a:5000/hosts.toml': named('two'), '_default/hosts.toml': named('three') }))).to.deep.equal([
      'https://two/v2',
    ])
    expect(urls(hostsOf('b', files))).to.deep.equal(['https://three/v2'])
  })

  it('is not that of the same host without the port', () => {
    expect(urls(hostsOf('a:5000', { 'a/hosts.toml': named('one') }))).to.deep.equal(['https://a:5000/v2'])
  })

  it('is looked for in each root in turn, so that _default of the first goes before the second', () => {
    const files = { '/one/_default/hosts.toml': named('one'), '/two/a/hosts.toml': named('two') }
    expect(urls(hostsOf('a', files, ['/one', '/two']))).to.deep.equal(['https://one/v2'])
    expect(urls(hostsOf('a', files, ['/none', '/two', '/one']))).to.deep.equal(['https://two/v2'])
  })

  it('decides even where it is empty', () => {
    expect(urls(hostsOf('a', { 'a/': '', '_default/hosts.toml': named('one') }))).to.deep.equal(['https://a/v2'])
  })

  it('is refused where it is a file', () => {
    expect(read('a', { a: '' })).to.include({ ok: false, refused: true, file: `${root}/a` })
  })

  it('is named as the source', () => {
    expect(read('a', { 'a/hosts.toml': named('one') }).source).to.deep.equal({ kind: 'hostsToml', file: `${root}/a/hosts.toml` })
  })
})

describe('hosts.toml', () => {
  const inToml = (toml: string, registry = 'docker.io', more: Readonly<Record<string, string>> = {}) =>
    read(registry, {
      [`${registry}/hosts.toml`]: toml,
      ...Object.fromEntries(Object.entries(more).map(([name, text]) => [`${registry}/${name}`, text])),
    })
  const tomlHosts = (...parameters: Parameters<typeof inToml>) => {
    const result = inToml(...parameters)
    if (!result.ok) throw new Error(result.message)
    return result.hosts
  }
  const problems = (toml: string) => inToml(toml).problems.map(({ kind }) => kind)

  it('names hosts in the order of the file, and the server last', () => {
    const toml = 'server = "https://s"\n[host."https://b"]\n[host."https://a"]\n'
    expect(urls(tomlHosts(toml))).to.deep.equal(['https://b/v2', 'https://a/v2', 'https://s/v2'])
  })

  it('without a server, ends with the registry itself', () => {
    expect(urls(tomlHosts('[host."https://m"]\n'))).to.deep.equal(['https://m/v2', 'https://registry-1.docker.io/v2'])
  })

  it('asks a host once more when its header comes after another host', () => {
    const toml = '[host."https://a"]\n[host."https://b"]\n[host."https://a".header]\nx = "1"\n'
    expect(urls(tomlHosts(toml)).slice(0, -1)).to.deep.equal(['https://a/v2', 'https://b/v2', 'https://a/v2'])
    expect(tomlHosts(toml)[0]!.header).to.deep.equal({ x: ['1'] })
  })

  it('knows a host by a table below it alone', () => {
    expect(tomlHosts('[host."https://a".header]\nx = ["1", "2"]\n')[0]).to.deep.include({ host: 'a', header: { x: ['1', '2'] } })
  })

  for (const [how, toml] of [
    ['an inline table', 'host = { "https://a" = {} }\n'],
    ['a dotted key', 'host."https://a".skip_verify = true\n'],
    ['a key below [host]', '[host]\n"https://a" = {}\n'],
    ['a table of another case', '[Host."https://a"]\n'],
  ] as const) {
    it(`does not ask a host written as ${how}, and says so`, () => {
      const result = inToml(toml)
      expect(result.ok && urls(result.hosts)).to.deep.equal(['https://registry-1.docker.io/v2'])
      expect(result.problems.map(({ kind }) => kind)).to.deep.equal(['hostUnread'])
      expect(result.problems[0]!.message).to.include('"https://a"').and.include(`${root}/docker.io/hosts.toml`)
    })
  }

  it('keeps the path of a host with override_path, and of no other', () => {
    const toml = 'server = "https://s/x"\n[host."https://a/api"]\noverride_path = true\n[host."https://b/api"]\n'
    expect(urls(tomlHosts(toml))).to.deep.equal(['https://a/api', 'https://b/api/v2', 'https://s/x/v2'])
  })

  it('reads capabilities whatever their case, and gives them in one order', () => {
    expect(tomlHosts('[host."https://a"]\ncapabilities = ["Resolve", "PULL", "pull"]\n')[0]!.capabilities).to.deep.equal([
      'pull',
      'resolve',
    ])
  })

  it('gives a host without capabilities all of them', () => {
    expect(tomlHosts('[host."https://a"]\ncapabilities = []\n')[0]!.capabilities).to.deep.equal(all)
  })

  it('does not let the top of the file restrict the registry itself, only a server that it names', () => {
    expect(tomlHosts('capabilities = ["pull"]\n')[0]!.capabilities).to.deep.equal(all)
    expect(tomlHosts('server = "https://s"\ncapabilities = ["pull"]\n')[0]!.capabilities).to.deep.equal(['pull'])
  })

  it('takes the TLS settings, headers and timeout at the top for the registry itself', () => {
    const { cert } = makeCertificate()
    const [host] = tomlHosts('ca = "ca.pem"\nskip_verify = true\ndial_timeout = "1500ms"\n[header]\nx = "1"\n', 'a', { 'ca.pem': cert })
    expect(host).to.deep.include({ host: 'a', skipVerify: true, dialTimeoutMs: 1500, header: { x: ['1'] } })
    expect(host!.ca).to.deep.equal([{ file: `${root}/a/ca.pem`, pem: cert }])
  })

  for (const setting of ['skip_verify = false', 'ca = []', 'ca = "ca.pem"', 'client = "both.pem"']) {
    it(`tries HTTPS first on a host written http:// with ${setting}`, () => {
      const { cert, key } = makeCertificate()
      const [host] = tomlHosts(`[host."http://a:5000"]\n${setting}\n`, 'docker.io', { 'ca.pem': cert, 'both.pem': key + cert })
      expect(host).to.include({ scheme: 'https', httpFallback: true })
    })
  }

  for (const toml of ['[host."http://a:80"]\nskip_verify = true\n', '[host."http://a:5000"]\nclient = []\ndial_timeout = "5s"\n']) {
    it(`keeps to plain HTTP with ${JSON.stringify(toml)}`, () => {
      expect(tomlHosts(toml)[0]).to.include({ scheme: 'http', httpFallback: false })
    })
  }

  it('lets localhost go unverified whatever the file says', () => {
    expect(tomlHosts('skip_verify = false\n', 'localhost:5000')[0]!.skipVerify).to.equal(true)
  })

  for (const [what, toml] of [
    ['not TOML', '[host\n'],
    ['an unknown capability', '[host."https://a"]\ncapabilities = ["fetch"]\n'],
    ['a capability that is no list', 'capabilities = "pull"\n'],
    ['a server that is no string', 'server = 3\n'],
    ['a server that is no URL', 'server = "https://a b"\n'],
    ['a host that is no URL', '[host."https://a:x"]\n'],
    ['a host that is no table', '[host]\na = 1\n'],
    ['hosts in an array', '[[host]]\n'],
    ['a ca of a wrong type', 'ca = 3\n'],
    ['a ca that holds a number', 'ca = ["a", 1]\n'],
    ['a client of a wrong type', 'client = true\n'],
    ['a client pair of three', 'client = [["a", "b", "c"]]\n'],
    ['a client pair of one', 'client = [["a"]]\n'],
    ['a skip_verify in quotes', 'skip_verify = "true"\n'],
    ['an override_path that is no boolean', 'override_path = 1\n'],
    ['a header that is a number', '[header]\nx = 3\n'],
    ['a header list that holds a number', '[header]\nx = ["a", 3]\n'],
    ['a header that is no table', 'header = "x"\n'],
    ['a timeout without a unit', 'dial_timeout = "5"\n'],
    ['a timeout that is a number', 'dial_timeout = 5\n'],
    ['a wrong type in a host that is not asked', 'host."https://b".skip_verify = 1\n'],
  ] as const) {
    it(`is put aside as a whole for ${what}, which is a problem that names the file`, () => {
      const result = inToml(`${toml}`, 'a')
      expect(result.ok && urls(result.hosts)).to.deep.equal(['https://a/v2'])
      expect(result.problems.map(({ kind }) => kind)).to.deep.equal(['fileInvalid'])
      expect(result.problems[0]!.message).to.include(`${root}/a/hosts.toml`).and.include('asks a itself')
    })
  }

  it('does not mind an unknown capability in a host that is not asked', () => {
    expect(problems('host."https://b".capabilities = ["fetch"]\n')).to.deep.equal(['hostUnread'])
  })

  it('is put aside with the line and column of a syntax error', () => {
    expect(inToml('server = "https://a"\nca = \n').problems[0]).to.include({ line: 2, column: 6 })
  })

  it('is put aside without a word of what it holds', () => {
    const text = JSON.stringify(inToml('[header]\nAuthorization = "Basic c2VjcmV0" x\n'))
    expect(text).to.include('fileInvalid').and.not.include('c2VjcmV0')
    expect(JSON.stringify(inToml('server = "https://u:c2VjcmV0@a b"\n'))).to.not.include('c2VjcmV0')
  })

  it('is passed over when it is empty, but not when it holds a blank line', () => {
    const { cert } = makeCertificate()
    expect(inToml('', 'a', { 'x.crt': cert }).source.kind).to.equal('certificates')
    expect(inToml('\n', 'a', { 'x.crt': cert }).source.kind).to.equal('hostsToml')
  })

  it('is refused where it is a folder', () => {
    expect(read('a', { 'a/hosts.toml/x': '' })).to.include({ ok: false, refused: true, file: `${root}/a/hosts.toml` })
  })

  it('may hold keys that containerd does not know, which is a problem', () => {
    const result = inToml('foo = 1\n[host."https://a"]\nskipverify = true\n[host."https://b"]\nCapabilities = ["pull"]\n')
    expect(result.problems.map(({ kind }) => kind)).to.deep.equal(['keyUnknown'])
    expect(result.problems[0]!.message).to.include('passes over foo, host."https://a".skipverify in')
  })

  it('names only the first few of many such keys', () => {
    const many = Array.from({ length: 1000 }, (_, index) => `k${index} = 1\n`).join('')
    expect(inToml(many).problems[0]!.message).to.include('k4 and 995 more').and.have.length.below(300)
  })

  it('may hold a host without a name, at which each pull first fails', () => {
    expect(problems('[host."//a"]\n')).to.deep.equal(['hostNameless'])
    expect(problems('server = "//a"\n')).to.deep.equal([])
  })
})
