import { expect } from 'chai'
import { nodeLogin } from '../../src/containerd/node-login.ts'

const login = { username: '', password: '', auth: '', identityToken: '' }
const encode = (text: string) => Buffer.from(text).toString('base64')

describe('the login of an auth table', () => {
  for (const [what, table, expected] of [
    ['its user name and password', { ...login, username: 'u', password: 'p', auth: encode('x:y') }, { username: 'u', password: 'p' }],
    ['its identity token', { ...login, identityToken: 't', auth: encode('x:y') }, { username: '', password: 't' }],
    ['what auth holds, up to the first colon', { ...login, auth: encode('u:p:q') }, { username: 'u', password: 'p:q' }],
    ['what auth holds without the zeros around it', { ...login, auth: encode('u:\0p\0') }, { username: 'u', password: 'p' }],
    ['none where auth has no colon', { ...login, auth: encode('u') }, undefined],
    ['none where auth is not base64', { ...login, auth: 'dTpw!' }, undefined],
    ['none where it is empty', login, undefined],
    ['none where there is no table', undefined, undefined],
  ] as const) {
    it(`is ${what}`, () => {
      expect(nodeLogin(table)).to.deep.equal(expected)
    })
  }
})
