import { expect } from 'chai'
import { readAuths } from '../../src/kubelet/docker-auths.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const entry = (value: object) => {
  const auths = readAuths(JSON.stringify({ auths: { 'r.io': value } }), 'dockerconfigjson')
  return 'fault' in auths ? auths.fault : auths.entries[0]
}

describe('docker config in a pull secret, as kubelet reads it', () => {
  it('takes username and password', () => {
    expect(entry({ username: 'bob', password: 'pw' })).to.deep.include({ username: 'bob', password: 'pw' })
  })

  it('lets auth overrule them, and the password hold colons', () => {
    expect(entry({ username: 'eve', password: 'x', auth: base64('bob:p:w') })).to.deep.include({ username: 'bob', password: 'p:w' })
  })

  it('takes auth padded, unpadded and with a line break', () => {
    for (const auth of ['Ym9iOnB3ZA==', 'Ym9iOnB3ZA', 'Ym9iOnB3ZA==\n'])
      expect(entry({ auth }), auth).to.deep.include({ username: 'bob', password: 'pwd' })
  })

  it('says which fields of an entry it ignores', () => {
    expect(entry({ auth: base64('<token>:'), identitytoken: 't', registrytoken: 'r' })).to.deep.include({
      ignored: ['identitytoken', 'registrytoken'],
    })
    expect(entry({ username: 'bob', identitytoken: '' })).to.deep.include({ ignored: [] })
  })

  it('says that it ignores credential helpers', () => {
    expect(readAuths('{"credsStore": "desktop", "credHelpers": {"a": "b"}}', 'dockerconfigjson')).to.deep.include({
      ignored: ['credHelpers', 'credsStore'],
    })
  })

  it('tells registries that stand beside "auths"', () => {
    expect(readAuths('{"auths": {}, "r.io": {"auth": "x"}, "proxies": {"default": {}}}', 'dockerconfigjson')).to.deep.include({
      misplaced: ['r.io'],
      entries: [],
    })
  })

  it('merges maps that come twice, in any case, and lets the later entry win', () => {
    const text = '{"auths": {"a": {"username": "1"}, "b": {"username": "2"}}, "AUTHS": {"a": {"username": "3"}}}'
    const auths = readAuths(text, 'dockerconfigjson')
    expect('entries' in auths && auths.entries.map(({ key, username }) => [key, username])).to.deep.equal([
      ['a', '3'],
      ['b', '2'],
    ])
  })

  it('takes null for nothing', () => {
    expect(readAuths('null', 'dockercfg')).to.deep.include({ entries: [] })
    expect(readAuths('{"auths": null}', 'dockerconfigjson')).to.deep.include({ entries: [] })
    expect(readAuths('{"auths": {"r.io": null}}', 'dockerconfigjson')).to.have.nested.property('entries[0].username', '')
  })

  for (const [what, text, fault] of [
    ['broken JSON', '{"auths": ', 'it ends too early'],
    ['a list', '[]', 'it is not a JSON object'],
    ['auths that is a list', '{"auths": []}', '"auths" is not an object'],
    ['an entry that is a text', '{"auths": {"r.io": "x"}}', 'the entry of "r.io" is not an object'],
    ['a username that is a number', '{"auths": {"r.io": {"username": 5}}}', '"username" of "r.io" is not a text'],
    ['an email that is a list', '{"auths": {"r.io": {"email": []}}}', '"email" of "r.io" is not a text'],
    ['auth that is not base64', '{"auths": {"r.io": {"auth": "hunter2!"}}}', '"auth" of "r.io" is not base64'],
    ['auth in the URL-safe alphabet', '{"auths": {"r.io": {"auth": "Ym9iOn5-fj8"}}}', '"auth" of "r.io" is not base64'],
    ['auth without colon', `{"auths": {"r.io": {"auth": "${base64('hunter2')}"}}}`, 'no ":" between username and password'],
    ['headers that are numbers', '{"HttpHeaders": {"a": 1}}', '"HttpHeaders" is not an object of texts'],
  ] as const) {
    it(`is an error for kubelet with ${what}, told without its values`, () => {
      const auths = readAuths(text, 'dockerconfigjson')
      expect(auths).to.have.property('fault').that.contains(fault).and.does.not.contain('hunter2')
    })
  }
})
