import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import type { AddressKind } from '../../src/world/addresses.ts'
import { redirectTarget } from '../../src/world/redirects.ts'

const from = new URL('https://registry.example.com/v2/acme/plugin/blobs/x?y=SECRET')
const target = (location: string | undefined, kind: AddressKind = 'public', start = from): string => {
  try {
    return redirectTarget(location, { registry: start, from: start, what: 'a blob', kindOf: () => kind }).href
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    return `${error.code}: ${error.message}`
  }
}

describe('a redirect of a registry', () => {
  for (const [location, href] of [
    ['https://cdn.example.net/x?sig=1', 'https://cdn.example.net/x?sig=1'],
    ['/other', 'https://registry.example.com/other'],
    ['?z', 'https://registry.example.com/v2/acme/plugin/blobs/x?z'],
    ['//cdn.example.net/x', 'https://cdn.example.net/x'],
  ] as const)
    it(`to ${location} leads to ${href}`, () => {
      expect(target(location)).to.equal(href)
    })

  for (const [location, says, kind] of [
    [undefined, /nowhere/],
    ['http://[', /no address/],
    ['gopher://x/', /cannot be followed/],
    ['http://registry.example.com/', /leave TLS for plain HTTP/],
    ['https://a:SECRET@cdn.example.net/', /holds a login/],
    ['https://169.254.169.254/?SECRET', /metadata/, 'loopback'],
    ['https://127.0.0.1/', /this machine itself/],
    ['https://127.0.0.1/', /this machine itself/, 'private'],
    ['https://10.0.0.1/', /a private address, and the registry is not/],
  ] as const)
    it(`to ${location} of a ${kind ?? 'public'} registry is not followed`, () => {
      expect(target(location, kind))
        .to.match(/^REGISTRY_REDIRECT: registry\.example\.com redirects a blob to /)
        .and.to.match(says)
      expect(target(location, kind)).to.not.contain('SECRET')
    })

  it('to where the registry itself lies is followed', () => {
    expect(target('https://10.0.0.1/', 'private')).to.equal('https://10.0.0.1/')
    expect(target('https://127.0.0.1/', 'loopback')).to.equal('https://127.0.0.1/')
    expect(target('http://cdn.example.net/', 'public', new URL('http://registry.example.com/'))).to.equal('http://cdn.example.net/')
  })
})
