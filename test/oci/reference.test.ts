import { expect } from 'chai'
import fc from 'fast-check'
import { PreflightError } from '../../src/errors.ts'
import { familiarReference, fullReference, nameOf, parseReference, pulledAs, tagOf } from '../../src/oci/reference.ts'

const hex = 'a'.repeat(64)

describe('image reference', () => {
  const normalized: readonly (readonly [text: string, full: string])[] = [
    ['busybox', 'docker.io/library/busybox:latest'],
    ['busybox:1', 'docker.io/library/busybox:1'],
    ['acme/plugin:v1', 'docker.io/acme/plugin:v1'],
    ['docker.io/busybox', 'docker.io/library/busybox:latest'],
    ['index.docker.io/acme/plugin', 'docker.io/acme/plugin:latest'],
    ['localhost/plugin:v1', 'localhost/plugin:v1'],
    ['localhost:5000/plugin', 'localhost:5000/plugin:latest'],
    ['registry.example.com/a/b/c:v1', 'registry.example.com/a/b/c:v1'],
    ['Registry/plugin:v1', 'Registry/plugin:v1'],
    ['[::1]:5000/plugin:v1', '[::1]:5000/plugin:v1'],
    [`ghcr.io/acme/plugin@sha256:${hex}`, `ghcr.io/acme/plugin@sha256:${hex}`],
    [`ghcr.io/acme/plugin:v1@sha256:${hex}`, `ghcr.io/acme/plugin:v1@sha256:${hex}`],
    // without a slash nothing is a registry
    ['localhost:5000', 'docker.io/library/localhost:5000'],
  ]
  for (const [text, full] of normalized) {
    it(`normalizes ${text.slice(0, 40)} to ${full.slice(0, 60)}`, () => {
      expect(fullReference(parseReference(text))).to.equal(full)
    })
  }

  it('asks docker.io at registry-1.docker.io, and every other registry at its own name', () => {
    expect(parseReference('acme/plugin').host).to.equal('registry-1.docker.io')
    expect(parseReference('ghcr.io/acme/plugin').host).to.equal('ghcr.io')
    expect(parseReference('127.0.0.1:5000/acme/plugin').host).to.equal('127.0.0.1:5000')
  })

  it('asks for the digest when there are tag and digest, as containerd does', () => {
    expect(pulledAs(parseReference(`acme/plugin:v1@sha256:${hex}`))).to.equal(`sha256:${hex}`)
    expect(pulledAs(parseReference('acme/plugin:v1'))).to.equal('v1')
    expect(pulledAs(parseReference('acme/plugin'))).to.equal('latest')
  })

  it('fills in latest only where neither tag nor digest was written, and tells that it was not', () => {
    expect(parseReference('acme/plugin').tag).to.equal(undefined)
    expect(tagOf(parseReference('acme/plugin'))).to.equal('latest')
    expect(tagOf(parseReference(`acme/plugin@sha256:${hex}`))).to.equal(undefined)
  })

  it('contacts a host that distribution/reference takes for a part of the path', () => {
    const image = parseReference('under_score.example.com/acme/plugin:v1')
    expect(image).to.include({ domain: '', path: 'under_score.example.com/acme/plugin' })
    expect(image).to.include({ host: 'under_score.example.com', repository: 'acme/plugin' })
    expect(nameOf(image)).to.equal('under_score.example.com/acme/plugin')
  })

  const wrong: readonly (readonly [text: string, what: string])[] = [
    ['', 'it is empty'],
    [' acme/plugin', 'white space at its start or end'],
    ['acme/plu gin', 'white space in it'],
    ['https://registry.example.com/acme/plugin:v1', 'leave "https://" out'],
    ['docker://acme/plugin', 'leave "docker://" out'],
    ['acme/plugin:{{repl Version}}', 'white space in it'],
    ['acme/plugin:{{repl}}', 'a template that was not filled in'],
    ['acme/plugin:v1+build', 'may hold only letters'],
    ['acme/plügin', 'the character "ü" is not allowed'],
    ['acme/Plugin:v1', 'must be lower case ("Plugin")'],
    ['acme/plugin:', 'the tag after ":" is missing'],
    [`acme/plugin:${'a'.repeat(129)}`, 'the tag has 129 characters'],
    [':v1', 'the name is missing'],
    ['acme//plugin', 'a part of the path between two "/" is empty'],
    ['acme/plugin/', 'a part of the path between two "/" is empty'],
    ['acme/-plugin', 'the part "-plugin" of the name is not allowed'],
    ['acme/plugin:v1:v2', 'more than one ":"'],
    ['registry.example.com:port/plugin', '"registry.example.com:port" is not a host name'],
    [hex, 'a bare 64 digit hexadecimal id'],
    [`registry.example.com/${'a'.repeat(256)}`, 'has 256 characters; at most 255'],
    ['acme/plugin@', 'the digest after "@" is missing'],
    ['acme/plugin@sha256', 'has no algorithm'],
    ['acme/plugin@sha256:abc', 'has 3 digits; it must have 64'],
    [`acme/plugin@sha256:${'A'.repeat(64)}`, 'must be lower case'],
    [`acme/plugin@sha256:${'z'.repeat(64)}`, 'not hexadecimal digits'],
    [`acme/plugin@sha512:${'a'.repeat(128)}`, 'the digest algorithm "sha512" is not supported'],
    [`acme/plugin@sha256:${hex}@sha256:${hex}`, 'more than one "@"'],
  ]
  for (const [text, what] of wrong) {
    it(`says of ${JSON.stringify(text.slice(0, 50))}: ${what}`, () => {
      expect(() => parseReference(text))
        .to.throw(PreflightError, what)
        .with.property('code', 'REFERENCE_INVALID')
    })
  }

  it('shows control characters of a bad reference escaped, and no more of it than fits a line', () => {
    expect(() => parseReference(`a\u001b[31m${'x'.repeat(5000)}`)).to.throw(PreflightError, /^"a\\u001b\[31mx+…" is not/)
  })

  it('takes every reference that it wrote itself, unchanged', () => {
    const label = fc.stringMatching(/^[a-z0-9]{1,8}$/)
    const path = fc
      .array(fc.stringMatching(/^[a-z0-9]{1,6}(?:[._-][a-z0-9]{1,6}){0,2}$/), { minLength: 1, maxLength: 4 })
      .map(parts => parts.join('/'))
    const host = fc.oneof(
      fc.array(label, { minLength: 2, maxLength: 4 }).map(labels => labels.join('.')),
      label.map(name => `${name}:5000`),
      fc.constant('docker.io'),
    )
    const tag = fc.option(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,12}$/), { nil: undefined })
    fc.assert(
      fc.property(host, path, tag, fc.boolean(), (domain, name, version, pinned) => {
        const image = parseReference(`${domain}/${name}${version === undefined ? '' : `:${version}`}${pinned ? `@sha256:${hex}` : ''}`)
        expect(parseReference(fullReference(image))).to.include({ host: image.host, repository: image.repository })
      }),
    )
  })

  it('leaves docker.io/library/ out of the familiar form, and docker.io out of others', () => {
    expect(familiarReference(parseReference('docker.io/library/busybox:1'))).to.equal('busybox:1')
    expect(familiarReference(parseReference('docker.io/acme/plugin'))).to.equal('acme/plugin')
    expect(familiarReference(parseReference('docker.io/library/a/b'))).to.equal('library/a/b')
    expect(familiarReference(parseReference('ghcr.io/library/busybox'))).to.equal('ghcr.io/library/busybox')
  })

  it('answers a hostile text of a megabyte at once', function () {
    this.timeout(5000)
    for (const text of [
      'a-'.repeat(500_000),
      '-'.repeat(1_000_000),
      `a${'.'.repeat(1_000_000)}`,
      '/'.repeat(1_000_000),
      `a:${'b'.repeat(1_000_000)}`,
      `a@${'b:'.repeat(500_000)}`,
    ]) {
      expect(() => parseReference(text)).to.throw(PreflightError)
      expect(() => parseReference(`x.y/${text}`)).to.throw(PreflightError)
    }
  })
})
