import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import type { AddressKind } from '../../src/world/addresses.ts'
import { checkRealm } from '../../src/world/realm.ts'
import { isSameSite, registrableDomain } from '../../src/world/same-site.ts'

interface Case {
  readonly registry?: string
  readonly realm: string
  readonly credentialed?: boolean
  readonly allow?: readonly string[]
  /** What DNS said of the registry's name. */
  readonly kind?: AddressKind
}

const answer = ({ registry = 'https://registry.example.com', realm, credentialed = true, allow = [], kind = 'public' }: Case): string => {
  try {
    return checkRealm(realm, { registry: new URL(registry), credentialed, allowRealms: allow, kindOf: () => kind }).href
  } catch (error) {
    if (!(error instanceof PreflightError)) throw error
    return `${error.code}: ${error.message} ${error.hint}`
  }
}

describe('the realm of a token server', () => {
  const accepted: readonly (readonly [why: string, one: Case])[] = [
    ['on the registry itself', { realm: 'https://registry.example.com/token' }],
    ['on another port of its name', { realm: 'https://registry.example.com:8443/token' }],
    ['on its domain', { realm: 'https://auth.example.com/token' }],
    ['above it', { realm: 'https://example.com/jwt/auth' }],
    ['that the user allowed', { realm: 'https://sso.vendor.test/token', allow: ['sso.vendor.test'] }],
    ['that the user allowed with its port', { realm: 'https://sso.vendor.test:8443/token', allow: ['sso.vendor.test:8443'] }],
    ['that was seen with a big registry', { registry: 'https://acme.azurecr.io', realm: 'https://login.microsoftonline.com/x' }],
    ['elsewhere, where no login goes along', { realm: 'https://sso.vendor.test/token', credentialed: false }],
    ['in plain HTTP, as the registry', { registry: 'http://registry.example.com', realm: 'http://registry.example.com/token' }],
    ['on the same address and port', { registry: 'http://127.0.0.1:5000', realm: 'http://127.0.0.1:5000/token', kind: 'loopback' }],
    [
      'on a private address, without a login, of a private registry',
      { realm: 'https://10.0.0.5/token', kind: 'private', credentialed: false },
    ],
  ]
  for (const [why, one] of accepted)
    it(`is accepted ${why}`, () => {
      expect(answer(one)).to.equal(one.realm)
    })

  const refused: readonly (readonly [why: string, one: Case, says: RegExp])[] = [
    ['on a stranger’s domain', { realm: 'https://evil.test/token' }, /another host.*--allow-realm evil\.test/],
    ['on a domain that only ends alike', { realm: 'https://evilexample.com/token' }, /another host/],
    ['that is allowed on another port', { realm: 'https://sso.vendor.test:8443/token', allow: ['sso.vendor.test:443'] }, /another host/],
    ['below a suffix that strangers share', { registry: 'https://a.github.io', realm: 'https://b.github.io/token' }, /another host/],
    ['below a country’s suffix', { registry: 'https://a.co.uk', realm: 'https://b.co.uk/token' }, /another host/],
    [
      'on another port of an address',
      { registry: 'http://127.0.0.1:5000', realm: 'http://127.0.0.1:5001/t', kind: 'loopback' },
      /another host/,
    ],
    [
      'on another port of localhost',
      { registry: 'http://localhost:5000', realm: 'http://localhost:5001/t', kind: 'loopback' },
      /another host/,
    ],
    ['with a login in it', { realm: 'https://a:PLANTED@registry.example.com/token' }, /holds a login/],
    ['in plain HTTP', { realm: 'http://registry.example.com/token' }, /plain HTTP/],
    ['on this machine', { realm: 'https://127.0.0.1/token', credentialed: false }, /this machine itself/],
    ['on this machine by name', { realm: 'https://localhost/token', credentialed: false }, /this machine itself/],
    ['at the metadata service', { realm: 'https://169.254.169.254/latest', credentialed: false }, /metadata/],
    ['at a private address', { realm: 'https://192.168.0.1/', credentialed: false }, /private address/],
  ]
  for (const [why, one, says] of refused)
    it(`is refused ${why}`, () => {
      expect(answer(one))
        .to.match(/^REGISTRY_REALM: /)
        .and.to.match(says)
        .and.to.not.contain('PLANTED')
    })

  for (const realm of ['', 'token', 'ftp://registry.example.com/', 'javascript:1'])
    it(`is a broken protocol when it is "${realm}"`, () => {
      expect(answer({ realm })).to.match(/^REGISTRY_PROTOCOL: .*not a URL/)
    })
})

describe('registrable domains', () => {
  for (const [host, domain] of [
    ['registry.example.com', 'example.com'],
    ['example.com', 'example.com'],
    ['registry-1.docker.io', 'docker.io'],
    ['a.b.co.uk', 'b.co.uk'],
    ['co.uk', undefined],
    ['a.github.io', 'a.github.io'],
    ['github.io', undefined],
    ['x.dkr.ecr.eu-west-1.amazonaws.com', 'eu-west-1.amazonaws.com'],
    ['localhost', undefined],
    ['10.0.0.1', undefined],
    ['[::1]', undefined],
    ['registry.example.com.', 'example.com'],
  ] as const)
    it(`of ${host}: ${domain ?? 'none'}`, () => {
      expect(registrableDomain(host)).to.equal(domain)
    })

  it('are one for the registries and token servers of Docker Hub and GitLab', () => {
    expect(isSameSite('registry-1.docker.io', 'auth.docker.io')).to.equal(true)
    expect(isSameSite('registry.gitlab.com', 'gitlab.com')).to.equal(true)
  })
})
