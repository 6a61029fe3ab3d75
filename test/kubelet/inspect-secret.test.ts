import { expect } from 'chai'
import { covers, inspectSecret } from '../../src/kubelet/inspect-secret.ts'
import type { PullSecret } from '../../src/kubelet/secret.ts'

const image = 'registry.example.com/acme/plugin'
const secret = (more: Partial<PullSecret>): PullSecret => ({
  name: 'regcred',
  type: 'kubernetes.io/dockerconfigjson',
  data: {},
  from: 's.yaml:1',
  problems: [],
  ...more,
})
const withAuths = (document: object) => secret({ data: { '.dockerconfigjson': JSON.stringify(document) } })
const problemOf = (more: Partial<PullSecret>) => inspectSecret(secret(more), image).problem

describe('a Secret inspected for an image', () => {
  it('tells each entry, whether kubelet uses it, and why not', () => {
    const auths = {
      'registry.example.com': { username: 'bob', password: 'p' },
      'registry.example.com:443': { username: 'eve' },
      'quay.io': {},
    }
    expect(inspectSecret(withAuths({ auths }), image).entries).to.deep.equal([
      { entry: 'registry.example.com', username: 'bob', matches: true, ignored: [] },
      {
        entry: 'registry.example.com:443',
        username: 'eve',
        matches: false,
        nearMiss: 'it has port 443, the image no port; kubelet compares ports as text, also 443',
        ignored: [],
      },
      { entry: 'quay.io', username: '', matches: false, ignored: [] },
    ])
  })

  it('tells registries that stand beside "auths"', () => {
    expect(inspectSecret(withAuths({ 'registry.example.com': { auth: 'x' } }), image).entries).to.deep.equal([
      { entry: 'registry.example.com', username: '', matches: false, nearMiss: 'it stands beside "auths", not in it', ignored: [] },
    ])
  })

  it('holds no password', () => {
    const auths = { 'registry.example.com': { username: 'bob', password: 'hunter2', identitytoken: 'hunter2', registrytoken: 'hunter2' } }
    expect(JSON.stringify(inspectSecret(withAuths({ auths, credsStore: 'x' }), image))).to.not.contain('hunter2')
  })

  it('is of a type that kubelet does not read', () => {
    expect(problemOf({ type: 'Opaque', data: { '.dockerconfigjson': '{}' } })).to.deep.equal({
      code: 'TYPE',
      message:
        'it is of type Opaque; kubelet reads logins only from type kubernetes.io/dockerconfigjson (and the old kubernetes.io/dockercfg)',
    })
  })

  it('lacks the key of its type', () => {
    expect(problemOf({ data: { 'config.json': '{}' } })).to.deep.equal({
      code: 'KEY',
      message: 'a Secret of type kubernetes.io/dockerconfigjson needs the key ".dockerconfigjson", and it has the keys "config.json"',
    })
    expect(problemOf({ type: 'kubernetes.io/dockercfg' })?.message).to.contain('needs the key ".dockercfg", and it has no keys')
    expect(problemOf({ data: { '.dockerconfigjson': '' } })?.message).to.equal('its key ".dockerconfigjson" is empty')
  })

  it('is broken', () => {
    expect(problemOf({ data: { '.dockerconfigjson': 'hunter2' } })).to.deep.equal({
      code: 'BROKEN',
      message: 'the docker config under ".dockerconfigjson" is broken: at character 1: a value belongs here',
    })
    expect(problemOf({ problems: [{ message: '"x" in "data" is not base64' }] })).to.deep.equal({
      code: 'BROKEN',
      message: '"x" in "data" is not base64',
    })
  })

  it('lists of very many entries those that tell something, and counts the others', () => {
    const many = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`r${i}.example.org`, {}]))
    const inspection = inspectSecret(
      withAuths({ auths: { ...many, 'registry.example.com': { username: 'bob' }, 'registry.example.com:443': {} } }),
      image,
    )
    expect(inspection.entries.map(({ entry }) => entry)).to.deep.equal(['registry.example.com', 'registry.example.com:443'])
    expect(inspection.omitted).to.equal(20_000)
  })

  it('covers an image only with a login', () => {
    expect(covers(withAuths({ auths: { 'registry.example.com': { username: 'bob' } } }), image)).to.equal(true)
    expect(covers(withAuths({ auths: { 'registry.example.com': { identitytoken: 't' } } }), image)).to.equal(false)
    expect(covers(withAuths({ auths: { 'quay.io': { username: 'bob' } } }), image)).to.equal(false)
  })
})
