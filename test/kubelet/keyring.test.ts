import { expect } from 'chai'
import { isDefaultRegistry, type KeyringSecret, keyMatches, keyOf, lookUp } from '../../src/kubelet/keyring.ts'

const login = (name: string) => ({ auth: Buffer.from(`${name}:pw`).toString('base64') })
const secret = (auths: object): KeyringSecret => ({
  type: 'kubernetes.io/dockerconfigjson',
  data: { '.dockerconfigjson': JSON.stringify({ auths }) },
})
const users = (image: string, ...secrets: readonly KeyringSecret[]) => {
  const keyring = lookUp(image, secrets)
  return 'fault' in keyring ? keyring.fault : keyring.credentials.map(({ username }) => username)
}

describe("kubelet's key of an entry", () => {
  for (const [entry, key] of [
    ['registry.example.com', 'registry.example.com'],
    ['https://registry.example.com/', 'registry.example.com'],
    ['http://registry.example.com/v2/', 'registry.example.com'],
    ['https://index.docker.io/v1/', 'index.docker.io'],
    ['https://index.docker.io/v1', 'index.docker.io/v1'],
    ['registry.example.com/v2/acme', 'registry.example.com/acme'],
    ['user@registry.example.com:443', 'registry.example.com:443'],
    ['registry.example.com/acme?x#y', 'registry.example.com/acme'],
    ['registry.example.com:port', undefined],
    ['regis try.example.com', undefined],
  ] as const) {
    it(`is ${key} for ${entry}`, () => {
      expect(keyOf(entry)).to.equal(key)
    })
  }
})

describe('an entry matches an image', () => {
  const image = 'registry.example.com/acme/plugin'
  for (const [key, target, matches] of [
    ['registry.example.com', image, true],
    ['registry.example.com/acme', image, true],
    // a plain prefix, not a part of a path (kubernetes issue 102472)
    ['registry.example.com/ac', image, true],
    ['registry.example.com/acme/plugin/', image, false],
    ['registry.example.com:443', image, false],
    ['registry.example.com:443', 'registry.example.com:443/acme/plugin', true],
    ['*.example.com', image, true],
    ['*.com', image, false],
    ['*.*.com', image, true],
    ['*.*.example.com', image, false],
    ['reg*.example.com', image, true],
    ['*', 'localhost/plugin', true],
    ['REGISTRY.example.com', image, false],
    ['[::1]:5000', '[::1]:5000/plugin', true],
    ['[::1]', '[::1]/plugin', false],
  ] as const) {
    it(`${matches ? 'when' : 'not when'} it is ${key} and the image ${target}`, () => {
      expect(keyMatches(key, target)).to.equal(matches)
    })
  }
})

describe("kubelet's keyring for one image", () => {
  it('tries entries in reverse order of their keys, longer paths before shorter and names before globs', () => {
    const auths = { '*.example.com': login('glob'), 'registry.example.com': login('host'), 'registry.example.com/acme': login('path') }
    expect(users('registry.example.com/acme/plugin', secret(auths))).to.deep.equal(['path', 'host', 'glob'])
  })

  it('tries secrets in the order of the pod where keys are the same', () => {
    const one = (name: string) => secret({ 'registry.example.com': login(name) })
    expect(users('registry.example.com/p', one('first'), one('second'))).to.deep.equal(['first', 'second'])
  })

  it('takes index.docker.io for Docker Hub only when nothing else fits', () => {
    const hub = { 'https://index.docker.io/v1/': login('hub') }
    expect(users('docker.io/library/busybox', secret(hub))).to.deep.equal(['hub'])
    expect(users('docker.io/library/busybox', secret({ ...hub, 'docker.io': login('docker') }))).to.deep.equal(['docker'])
    expect(users('quay.io/acme/p', secret(hub))).to.deep.equal([])
  })

  it('passes over an entry that it cannot read, and secrets of other types', () => {
    const readable = secret({ 'registry example': login('bad'), 'registry.example.com': login('good') })
    const opaque = { ...secret({ 'registry.example.com': login('opaque') }), type: 'Opaque' }
    expect(users('registry.example.com/p', opaque, readable)).to.deep.equal(['good'])
  })

  it('uses none when one secret is broken, and says which', () => {
    const broken = { type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': '{"auths": {' } }
    expect(lookUp('registry.example.com/p', [secret({ 'registry.example.com': login('good') }), broken])).to.deep.equal({
      secret: 1,
      fault: 'it ends too early: a key in quotes belongs here',
    })
  })

  it('tells secret and entry of each login', () => {
    const keyring = lookUp('registry.example.com/p', [secret({}), secret({ 'https://registry.example.com': login('bob') })])
    expect(keyring).to.deep.equal({ credentials: [{ username: 'bob', password: 'pw', secret: 1, entry: 'https://registry.example.com' }] })
  })

  it('reads the old kind, without "auths"', () => {
    const old = { type: 'kubernetes.io/dockercfg', data: { '.dockercfg': JSON.stringify({ 'registry.example.com': login('old') }) } }
    expect(users('registry.example.com/p', old)).to.deep.equal(['old'])
  })

  it('takes a name without dot or port for Docker Hub', () => {
    for (const name of ['busybox', 'acme/plugin', 'docker.io/acme/plugin', 'localhost/plugin'])
      expect(isDefaultRegistry(name), name).to.equal(true)
    for (const name of ['quay.io/acme/plugin', 'localhost:5000/plugin', '', '/x']) expect(isDefaultRegistry(name), name).to.equal(false)
  })
})
