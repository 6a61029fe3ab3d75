import { expect } from 'chai'
import { PreflightError } from '../../src/errors.ts'
import { parseDockerConfig, placesFor } from '../../src/kubelet/docker-config.ts'
import { parseReference } from '../../src/oci/reference.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const parse = (value: unknown) => parseDockerConfig(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)), 'config.json')
const entries = (value: unknown, image: string) => placesFor(parse(value), parseReference(image)).map(({ entry }) => entry)
const bob = { auth: base64('bob:pw') }

describe("the user's docker config", () => {
  it('gives logins by auth, by username and by identity token', () => {
    expect(
      parse({
        auths: {
          a: { auth: base64('bob:p:w\0\0') },
          b: { username: 'eve', password: 'x' },
          c: { auth: base64('<token>:'), identitytoken: 't' },
        },
      }).logins,
    ).to.deep.equal([
      { entry: 'a', username: 'bob', password: 'p:w' },
      { entry: 'b', username: 'eve', password: 'x' },
      { entry: 'c', username: '<token>', password: '', identityToken: 't' },
    ])
  })

  it('passes over the empty entries that docker keeps beside a helper', () => {
    expect(parse({ auths: { a: {}, b: null } }).logins).to.deep.equal([])
  })

  it('asks the helper of the registry first, then the store, then its own logins', () => {
    const config = { auths: { 'r.io': bob }, credHelpers: { 'r.io': 'one', 'other.io': 'two' }, credsStore: 'desktop' }
    expect(placesFor(parse(config), parseReference('r.io/acme/p'))).to.deep.equal([
      { helper: 'one', server: 'r.io', entry: 'credHelpers r.io' },
      { helper: 'desktop', server: 'r.io', entry: 'credsStore desktop' },
      { username: 'bob', password: 'pw', entry: 'r.io' },
    ])
  })

  it('asks helpers for Docker Hub under the name that docker login uses', () => {
    const config = { credHelpers: { 'docker.io': 'one' }, credsStore: 'desktop' }
    expect(placesFor(parse(config), parseReference('acme/p')).map(place => ('server' in place ? place.server : ''))).to.deep.equal([
      'https://index.docker.io/v1/',
      'https://index.docker.io/v1/',
    ])
  })

  it('takes the longest path that fits, as podman does', () => {
    const auths = { 'r.io': bob, 'r.io/acme': bob, 'r.io/acme/p': bob, 'r.io/ac': bob, 'r.io/acme/pp': bob, 'other.io': bob }
    expect(entries({ auths }, 'r.io/acme/p')).to.deep.equal(['r.io/acme/p', 'r.io/acme', 'r.io'])
  })

  for (const entry of [
    'https://index.docker.io/v1/',
    'index.docker.io',
    'docker.io',
    'https://registry-1.docker.io/v2/',
    'docker.io/acme',
  ]) {
    it(`finds Docker Hub's login under ${entry}`, () => expect(entries({ auths: { [entry]: bob } }, 'acme/p')).to.deep.equal([entry]))
  }

  for (const entry of ['r.io:5000', 'https://r.io:5000', 'http://r.io:5000/v1/', 'r.io:5000/']) {
    it(`finds the login of r.io:5000 under ${entry}`, () =>
      expect(entries({ auths: { [entry]: bob } }, 'r.io:5000/p')).to.deep.equal([entry]))
  }

  it('does not take a login of another port or host', () => {
    expect(entries({ auths: { 'r.io:443': bob, 'ar.io': bob, 'r.io.evil.com': bob } }, 'r.io/p')).to.deep.equal([])
  })

  for (const [what, value, message] of [
    ['what is not JSON', 'hunter2', 'at character 1'],
    ['a list', '[]', 'it is not a JSON object'],
    [
      'a helper with a slash in its name',
      { credsStore: '../../bin/sh' },
      'the credential helper of "credsStore" has a name with other characters',
    ],
    ['a helper with a space in its name', { credHelpers: { 'r.io': 'a b' } }, 'the credential helper of "r.io"'],
    ['a helper that is a number', { credHelpers: { 'r.io': 1 } }, 'the credential helper of "r.io"'],
    ['auth that is not base64', { auths: { 'r.io': { auth: 'hunter2!' } } }, '"auth" of "r.io" is not base64 of username:password'],
    ['auth without colon', { auths: { 'r.io': { auth: base64('hunter2') } } }, '"auth" of "r.io" is not base64 of username:password'],
  ] as const) {
    it(`refuses ${what}, without showing it`, () => {
      expect(() => parse(value))
        .to.throw(PreflightError, message)
        .with.property('code', 'DOCKER_CONFIG_INVALID')
      expect(() => parse(value))
        .to.throw()
        .with.property('message')
        .that.does.not.contain('hunter2')
    })
  }
})
